/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/init.c - pid 1 of the sandbox: reaps, forwards, reports */
#include "launcher/init.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/caps.h"
#include "base/trim.h"
#include "launcher/sync.h"

/* Where the descriptors that stay end up; all others are closed. */
enum {
	FD_SYNC = 0,
	FD_SIGNALS,
	FD_TTY,
	FD_READY,
	FD_FIRST_CLOSED
};

/*
 * /proc/1/cmdline is readable for everybody in the sandbox and was the
 * user's command line, with the environment behind it.
 */
static void wipe_arguments(const struct sandbox *sb)
{
	static const char title[] = "init";
	size_t len = sb->host_args_len;

	if (sb->host_argv) {
		memset(sb->host_argv[0], 0, sb->host_argv_len);
		/* a last byte that is not zero makes the kernel show one string
		 * from the start, not as many bytes as there were (proc(5)) */
		if (len > sizeof(title)) {
			memcpy(sb->host_argv[0], title, sizeof(title));
			sb->host_argv[0][len - 1] = 'x';
		}
	}
	prctl(PR_SET_NAME, title, 0, 0, 0);
}

/* Keeps copies of @fds as descriptors 0 and up, and closes all others. */
static int keep_only(int *fds, int n)
{
	/* first above the slots, so that no dup3() closes one still needed */
	for (int i = 0; i < n; i++) {
		fds[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, n);
		if (fds[i] < 0)
			return -errno;
	}
	for (int i = 0; i < n; i++)
		if (dup3(fds[i], i, O_CLOEXEC) < 0)
			return -errno;
	return close_range((unsigned int)n, ~0U, 0) < 0 ? -errno : 0;
}

int init_confine(struct sandbox *sb, struct fault *f)
{
	int keep[FD_FIRST_CLOSED];
	sigset_t mask;
	int rc;

	sigemptyset(&mask);
	sigaddset(&mask, SIGCHLD);
	keep[FD_SIGNALS] = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
	if (keep[FD_SIGNALS] < 0)
		return fault_set(f, errno, "open a signalfd");
	/* it would stop us when we hand the terminal over */
	sigaddset(&mask, SIGTTOU);
	if (sigprocmask(SIG_SETMASK, &mask, NULL) < 0)
		return fault_set(f, errno, "block signals");
	keep[FD_SYNC] = sb->sync;
	/* a slot without a descriptor of its own holds another one again */
	keep[FD_TTY] = sb->pty_slave >= 0 ? sb->pty_slave : sb->sync;
	keep[FD_READY] = sb->init_ready[1];
	rc = keep_only(keep, FD_FIRST_CLOSED);
	if (rc < 0)
		return fault_set(f, rc, "close pid 1's descriptors");
	sb->sync = FD_SYNC;
	rc = caps_drop_all(f);
	if (rc < 0)
		return rc;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return fault_set(f, errno, "confine pid 1");
	wipe_arguments(sb);
	return 0;
}

int init_release(struct sandbox *sb, struct fault *f)
{
	int rc = sync_expect(sb->sync, SYNC_GO, NULL, NULL, 0, f);

	if (rc == 0)
		rc = fd_write_full(FD_READY, "", 1);
	return rc < 0 && !f->err ? fault_set(f, rc, "let the application go on")
				 : rc;
}

/* Reaps everything that died; true once the application has ended. */
static bool reap(pid_t app, int *status)
{
	bool ended = false;
	pid_t pid;
	int st;

	while ((pid = waitpid(-1, &st, WNOHANG | WUNTRACED)) > 0) {
		if (pid != app)
			continue;
		if (WIFSTOPPED(st)) {
			sync_send(FD_SYNC, SYNC_STOPPED, WSTOPSIG(st), NULL, 0);
			continue;
		}
		*status = st;
		ended = true;
	}
	return ended;
}

static void obey(const struct sync_msg *msg, pid_t app)
{
	switch ((enum sync_type)msg->type) {
	case SYNC_SIGNAL:
		if (msg->value > 0 && msg->value < NSIG)
			kill(app, msg->value);
		break;
	case SYNC_SIGNAL_GROUP:
		if (msg->value > 0 && msg->value < NSIG)
			kill(-app, msg->value);
		break;
	case SYNC_BACKGROUND:
		tcsetpgrp(FD_TTY, getpgrp());
		break;
	case SYNC_FOREGROUND:
		tcsetpgrp(FD_TTY, app);
		kill(-app, SIGCONT);
		break;
	case SYNC_CONTINUE:
		kill(-app, SIGCONT);
		break;
	case SYNC_UNSET:
	case SYNC_MAPPED:
	case SYNC_SETUP:
	case SYNC_NETNS:
	case SYNC_WIRED:
	case SYNC_MOUNTS:
	case SYNC_CONTROL:
	case SYNC_HOME:
	case SYNC_PTY:
	case SYNC_GO:
	case SYNC_ENDED:
	case SYNC_STOPPED:
	case SYNC_FAULT:
		break;
	}
}

_Noreturn void init_run(pid_t app)
{
	struct pollfd fds[] = {
		{ .fd = FD_SYNC, .events = POLLIN },
		{ .fd = FD_SIGNALS, .events = POLLIN },
	};
	int status = 0, quiet_ms = TRIM_AFTER_MS, n;
	struct sync_msg last;

	for (;;) {
		struct signalfd_siginfo si;
		struct sync_msg msg;

		/* before the first poll too: it may have ended already */
		if (reap(app, &status))
			break;
		n = poll(fds, ARRAY_SIZE(fds), quiet_ms);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			_exit(125);
		if (n == 0) {
			quiet_ms = -1;
			trim_memory();
		}
		if (fds[1].revents)
			while (read(FD_SIGNALS, &si, sizeof(si)) > 0)
				;
		if (!fds[0].revents)
			continue;
		/* without a supervisor nobody guards the application */
		if (fd_recv_msg(FD_SYNC, &msg, sizeof(msg), NULL, 0, NULL) !=
		    (ssize_t)sizeof(msg))
			_exit(125);
		obey(&msg, app);
	}
	/*
	 * The kernel would kill the rest at our end too, but our end includes
	 * the unmounting, and an overlay syncs its disk then: nobody shall
	 * have to wait for that to know that nothing runs any more. Every
	 * process in here is below a child of ours (pid_namespaces(7)); to
	 * look for them costs a walk over all processes of the system.
	 */
	if (waitpid(-1, NULL, WNOHANG | __WALL) >= 0 || errno != ECHILD)
		kill(-1, SIGKILL);
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
		;
	sync_send(FD_SYNC, SYNC_ENDED, status, NULL, 0);
	/* it lets go of our mounts first: the last one to do so unmounts */
	while (fd_recv_msg(FD_SYNC, &last, sizeof(last), NULL, 0, NULL) > 0)
		;
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}
