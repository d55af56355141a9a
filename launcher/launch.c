/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/launch.c - the parent's side of a launch */
/*
 * DOC: Theory of Operation
 *
 * supervisor (us, the user, host)
 *   |-- outer    clone(CLONE_NEWUSER): U0; makes G, A and the wire; becomes
 *   |            isolate-gateway, in G
 *   `-- setup    ours too (CLONE_PARENT), with CLONE_NEWPID: makes the mounts;
 *         |      stays as pid 1
 *         `-- the application, in U1
 *
 * They work at once, and meanwhile we look the identity up and write the
 * ledger.
 * The meetings are in sync.h. Whatever fails on any side ends all: the
 * side that failed says why on its socket, and we kill the rest. If we are
 * killed, both notice at once: the gateway by its socket and PDEATHSIG, pid 1
 * by its socket, and with pid 1 the kernel kills everything in the sandbox.
 *
 * We hold the listeners, U0 and G, so that a gateway that dies can be
 * replaced; nothing else that runs could make another way out of the sandbox.
 * Where it may have onion services we hold A too, and with it the way in.
 */
#include "launcher/launch.h"

#include <bsd/err.h>
#include <errno.h>
#include <grp.h>
#include <linux/sched.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "identity/store.h"
#include "launcher/onionserve.h"
#include "launcher/sync.h"
#include "launcher/userns.h"

/* How long a side that must end has for it. */
#define LAST_WORD_MS 1000

/* From argv[0] to the end of the environment: one block (execve(2)). */
static void find_arguments(struct sandbox *sb, char **argv)
{
	char *end = argv[0];

	for (char **v = argv; *v; v++)
		if (*v == end)
			end += strlen(*v) + 1;
	sb->host_args_len = (size_t)(end - argv[0]);
	for (char **v = environ; *v; v++)
		if (*v == end)
			end += strlen(*v) + 1;
	sb->host_argv = argv;
	sb->host_argv_len = (size_t)(end - argv[0]);
}

static int clone_outer(struct launch *l, struct fault *f)
{
	struct clone_args args = { .flags = CLONE_NEWUSER,
				   .exit_signal = SIGCHLD };
	uid_t uid = geteuid();
	gid_t gid = getegid();
	long pid;
	int rc;

	if (uid == 0 && userns_has_id(HOME_ROOT_RUN_ID)) {
		/* not root's rights, nor root's groups */
		uid = gid = HOME_ROOT_RUN_ID;
		if (setgroups(0, NULL) < 0)
			return fault_set(f, errno, "leave root's groups");
	}
	pid = syscall(SYS_clone3, &args, sizeof(args));
	if (pid == 0) {
		/* who holds both ends of a socket never sees it close */
		fd_replace(&l->setup_sync, -1);
		fd_replace(&l->outer_sync, -1);
		fd_replace(&l->gateway.control, -1);
		fd_replace(&l->exec_pipe, -1);
		outer_run(&l->outer);
	}
	if (pid < 0) {
		rc = fault_set(f, errno, "make a user namespace");
		userns_explain(f);
		return rc;
	}
	l->outer_pid = (pid_t)pid;
	spread_child(&l->sb.spread, l->outer_pid);
	rc = userns_write_maps((pid_t)pid, uid, gid, f);
	if (rc < 0)
		userns_explain(f);
	return rc;
}

/* The children's ends of everything: only they may hold them now. */
static void close_child_ends(struct launch *l)
{
	fd_replace(&l->sb.sync, -1);
	fd_replace(&l->sb.outer, -1);
	fd_replace(&l->sb.exec_pipe, -1);
	fd_replace(&l->outer.sync, -1);
	fd_replace(&l->outer.setup, -1);
	fd_replace(&l->outer.gateway, -1);
	stdio_close_child(&l->stdio);
}

static int receive_outer(struct launch *l, struct fault *f)
{
	size_t n = l->plan->network ? l->plan->nlisteners + 2 : 1;
	size_t last = n;
	int fds[SYNC_FDS_MAX] = { 0 }, rc;

	if (l->plan->inward)
		n++;
	if (n > SYNC_FDS_MAX)
		return fault_set(f, E2BIG, "take the listeners");
	rc = sync_expect(l->outer_sync, SYNC_SETUP, &l->setup, NULL, 0, f);
	if (rc == 0)
		rc = sync_expect(l->outer_sync, SYNC_WIRED, NULL, fds, n, f);
	if (rc < 0)
		return rc;
	l->gateway.userns = fds[0];
	if (!l->plan->network) {
		fd_replace(&l->gateway.control, -1);
		return 0;
	}
	l->gateway.pid = l->outer_pid;
	l->outer_pid = 0;
	l->gateway.netns = fds[1];
	l->onions.inbound.userns = fds[0];
	if (l->plan->inward)
		l->onions.inbound.netns = fds[last];
	return gwlink_take_listeners(&l->gateway, fds + 2);
}

static int receive_setup(struct launch *l, struct fault *f)
{
	return sync_expect(l->setup_sync, SYNC_MOUNTS, NULL, &l->mntns, 1, f);
}

/* It has to be there before the gateway is configured. */
static int receive_control(struct launch *l, struct fault *f)
{
	int fd, rc;

	if (!l->plan->control)
		return 0;
	rc = sync_expect(l->setup_sync, SYNC_CONTROL, NULL, &fd, 1, f);
	if (rc < 0)
		return rc;
	rc = gwlink_add_control(&l->gateway, fd);
	return rc < 0 ? fault_set(f, rc, "take the control port") : 0;
}

/* The ledger, while the children work: a launch that cannot be recorded is
 * none. Bound is an application only once it runs. */
static int record_start(struct launch *l, struct fault *f)
{
	const struct store_launch launch = {
		.identity = l->plan->identity,
		.profile = l->plan->profile,
		.application = l->plan->application,
		.pid = getpid(),
	};

	if (!l->store)
		return 0;
	return store_begin_launch(l->store, &launch, &l->launch_id, f);
}

/* Sync 5: end of file on the pipe, and no fault anywhere. */
static int wait_exec(struct launch *l, struct fault *f)
{
	struct fault from_app = { 0 };
	ssize_t n = fd_read_full(l->exec_pipe, &from_app, sizeof(from_app));
	struct pollfd setup = { .fd = l->setup_sync, .events = POLLIN };

	if (n < 0)
		return fault_set(f, (int)n, "wait for the application");
	if (n == (ssize_t)sizeof(from_app)) {
		*f = from_app;
		return fault_errno(f);
	}
	/* the setup process may have failed before there was an application:
	 * its word is on the socket before its end of the pipe closes */
	if (poll(&setup, 1, 0) > 0) {
		struct sync_msg m;
		ssize_t got;

		/* the reset comes before the last words: see fd_recv_msg() */
		do
			got = recv(l->setup_sync, &m, sizeof(m), MSG_PEEK);
		while (got < 0 && errno == ECONNRESET);
		if (got == (ssize_t)sizeof(m) && m.type == SYNC_FAULT) {
			*f = m.fault;
			return fault_errno(f);
		}
		if (got <= 0)
			return fault_set(f, 0,
					 "pid 1 of the sandbox was "
					 "killed");
	}
	return 0;
}

static int receive_pty(struct launch *l, struct fault *f)
{
	int master, rc;

	if (!l->sb.pty)
		return 0;
	rc = sync_expect(l->setup_sync, SYNC_PTY, NULL, &master, 1, f);
	if (rc < 0)
		return rc;
	terminal_attach(&l->terminal, master);
	return 0;
}

int launch_begin(struct launch *l, char **argv, struct fault *f)
{
	int rc;

	find_arguments(&l->sb, argv);
	spread_init(&l->sb.spread);
	rc = clone_outer(l, f);
	close_child_ends(l);
	if (rc < 0)
		return rc;
	/* sync 1 */
	sync_send(l->setup_sync, SYNC_MAPPED, 0, NULL, 0);
	sync_send(l->outer_sync, SYNC_MAPPED, 0, NULL, 0);
	return 0;
}

/* The identity's home, for the setup process to mount. */
static int send_home(struct launch *l, struct fault *f)
{
	int rc = 0;

	l->home.kind = SYNC_HOME_MEMORY;
	if (!l->plan->amnesic)
		rc = home_prepare(&l->home, l->data_dirfd, l->plan, f);
	if (rc == 0)
		/* who is gone has said why, and is heard below */
		sync_send(l->setup_sync, SYNC_HOME, (int)l->home.kind,
			  l->home.fds, l->home.nfds);
	return rc;
}

/* Before the application runs: it is told the name. */
static int publish(struct launch *l, struct fault *f)
{
	char name[GWMSG_ONION_ID_LEN + 1];
	int rc;

	if (l->plan->onion.nports == 0)
		return 0;
	rc = onionserve(&l->onions, l->data_dirfd, name, f);
	if (rc < 0)
		return rc;
	memcpy(l->sb.onion, name, GWMSG_ONION_ID_LEN);
	if (l->verbose)
		warnx("onion service: %s.onion", name);
	return 0;
}

static int complete(struct launch *l, struct fault *f)
{
	int rc;

	/* sync 3 */
	rc = send_home(l, f);
	if (rc == 0)
		rc = receive_outer(l, f);
	if (rc == 0)
		rc = receive_setup(l, f);
	if (rc == 0)
		rc = receive_control(l, f);
	l->refused.verbose = l->verbose;
	if (rc == 0 && l->plan->network)
		rc = refused_open_log(&l->refused, l->data_dirfd, f);
	if (rc == 0 && l->plan->network)
		rc = gwlink_configure(&l->gateway, f);
	if (rc == 0)
		rc = record_start(l, f);
	if (rc == 0 && l->plan->network)
		rc = gwlink_wait_ready(&l->gateway, f);
	if (rc == 0)
		rc = receive_pty(l, f);
	if (rc == 0)
		rc = publish(l, f);
	if (rc < 0)
		return rc;
	/* sync 4 */
	sync_send(l->setup_sync, SYNC_GO, 0, NULL, 0);
	rc = wait_exec(l, f);
	if (rc == 0)
		rc = home_register(&l->home, l->setup, l->gateway.userns,
				   l->mntns, f);
	return rc;
}

/* The first fault that one side told us of and that is more than "the other
 * side is gone"; false at the end of what it said. */
static bool hear_cause(int sock, struct fault *f)
{
	struct pollfd p = { .fd = sock, .events = POLLIN };

	/* it sees our end close, gives up and closes its own */
	shutdown(sock, SHUT_WR);
	while (sock >= 0 && poll(&p, 1, LAST_WORD_MS) > 0) {
		int fds[SYNC_FDS_MAX];
		struct sync_msg m;
		size_t n = 0;
		ssize_t got =
			fd_recv_msg(sock, &m, sizeof(m), fds, SYNC_FDS_MAX, &n);

		while (n > 0)
			fd_close(fds[--n]);
		if (got <= 0)
			return false;
		if (got == (ssize_t)sizeof(m) && m.type == SYNC_FAULT &&
		    m.fault.err != EPIPE && m.fault.err != ECONNRESET) {
			*f = m.fault;
			return true;
		}
	}
	return false;
}

int launch_complete(struct launch *l, struct fault *f)
{
	int rc = complete(l, f);

	/* who fails closes its sockets, and others trip over that: find the
	 * first one */
	if ((rc == -EPIPE || rc == -ECONNRESET) &&
	    (hear_cause(l->outer_sync, f) || hear_cause(l->setup_sync, f)))
		rc = fault_errno(f);

	/* AppArmor lets a user namespace be made, and its privileges be void:
	 * any step but the last ones may be what it fails at */
	if (rc < 0 && !f->hint[0] && strcmp(f->stage, "canary") != 0 &&
	    strcmp(f->stage, "exec") != 0 &&
	    (f->err == EPERM || f->err == EACCES || f->err == ENOSPC))
		userns_explain(f);
	return rc;
}

static void record_end(struct launch *l)
{
	struct fault f = { 0 };
	const char *how = "failed";
	int status = 0;

	if (!l->store || !l->launch_id)
		return;
	if (l->ended && WIFEXITED(l->wait_status)) {
		how = "exit";
		status = WEXITSTATUS(l->wait_status);
	} else if (l->ended) {
		how = "signal";
		status = WTERMSIG(l->wait_status);
	}
	if (store_end_launch(l->store, l->launch_id, how, status, &f) < 0)
		warnx("the ledger lacks how this ended: %s", f.what);
	l->launch_id = 0;
}

/* Ends everything that may still run. */
static void kill_all(struct launch *l)
{
	/*
	 * After SYNC_ENDED the sandbox is empty. Pid 1 waits for our socket to
	 * close and unmounts then, which takes as long as the disk needs: that
	 * must be left to it, so our hold on the mounts goes first.
	 */
	fd_replace(&l->mntns, -1);
	if (l->setup > 0 && !l->ended)
		kill(l->setup, SIGKILL);
	if (l->gateway.pid > 0)
		kill(l->gateway.pid, SIGKILL);
	if (l->outer_pid > 0)
		kill(l->outer_pid, SIGKILL);
	/* those whose number we never learned end when these close */
	fd_replace(&l->setup_sync, -1);
	fd_replace(&l->outer_sync, -1);
	gwlink_close(&l->gateway);
}

void launch_stop(struct launch *l)
{
	ctlsock_close(&l->ctlsock);
	onions_close(&l->onions);
	/* without SYNC_ENDED something may still write, or hold a pipe */
	if (!l->ended) {
		const pid_t ours[] = { l->setup, l->gateway.pid, l->outer_pid };

		kill_all(l);
		/* these only: our caller may have left us children of its own
		 */
		for (size_t i = 0; i < ARRAY_SIZE(ours); i++)
			while (ours[i] > 0 && waitpid(ours[i], NULL, 0) < 0 &&
			       errno == EINTR)
				;
	}
	stdio_finish(&l->stdio);
	terminal_drain(&l->terminal);
	terminal_restore(&l->terminal);
	record_end(l);
	home_unregister(&l->home);
	kill_all(l);
	l->setup = l->gateway.pid = 0;
	home_close(&l->home);
	refused_close(&l->refused);
	fd_replace(&l->exec_pipe, -1);
	fd_replace(&l->sb.connect_fd, -1);
	fd_replace(&l->sb.skeleton, -1);
	fd_replace(&l->terminal.tty, -1);
	fd_replace(&l->terminal.master, -1);
	seccomp_program_free(&l->sb.filter);
}
