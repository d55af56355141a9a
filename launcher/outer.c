/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/outer.c - the first process in U0: makes G, becomes the gateway */
#include "launcher/outer.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/gwmsg.h"
#include "launcher/enter.h"
#include "launcher/sync.h"
#include "launcher/wire.h"
#include "netns/link.h"

/* The offset that makes a clock read @want_s now, as timens_offsets takes it */
static void offset_line(char *buf, size_t len, const char *name, clockid_t id,
			long want_s)
{
	struct timespec now;

	clock_gettime(id, &now);
	snprintf(buf, len, "%s %lld 0\n", name,
		 (long long)want_s - (long long)now.tv_sec);
}

/* time_namespaces(7): only before the first process is in it. */
static int make_time_namespace(long uptime_s, struct fault *f)
{
	char text[128];
	size_t n;
	int rc;

	if (unshare(CLONE_NEWTIME) < 0)
		return fault_set(f, errno, "make a time namespace");
	offset_line(text, sizeof(text), "monotonic", CLOCK_MONOTONIC, uptime_s);
	n = strlen(text);
	offset_line(text + n, sizeof(text) - n, "boottime", CLOCK_BOOTTIME,
		    uptime_s);
	rc = fd_write_file(AT_FDCWD, "/proc/self/timens_offsets", 0, text);
	return rc < 0 ? fault_set(f, rc, "set the clocks' offsets") : 0;
}

static int clone_setup(struct outer *o, struct sandbox *sb, struct fault *f)
{
	struct clone_args args = {
		/* a sibling: pid 1's end is the supervisor's to see */
		.flags = CLONE_NEWPID | CLONE_PARENT,
	};
	long pid = syscall(SYS_clone3, &args, sizeof(args));

	if (pid < 0)
		return fault_set(f, errno, "make a pid namespace");
	if (pid == 0) {
		/* each side keeps its own ends only, to see the others' end */
		fd_replace(&o->sync, -1);
		fd_replace(&o->setup, -1);
		fd_replace(&o->gateway, -1);
		enter_run(sb);
	}
	fd_replace(&sb->sync, -1);
	fd_replace(&sb->outer, -1);
	fd_replace(&sb->exec_pipe, -1);
	return (int)pid;
}

/* G: IPv6 and forwarding off, no lo up, nobody else in it. */
static int make_gateway_netns(struct outer *o, int *nsfd, struct fault *f)
{
	int fds[2] = { -1, -1 }, rc;

	if (unshare(CLONE_NEWNET) < 0)
		return fault_set(f, errno,
				 "make the gateway's network namespace");
	rc = netns_harden(f);
	if (rc < 0)
		return rc;
	fds[0] = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (fds[0] < 0)
		return fault_set(f, errno, "open the network namespace");
	fds[1] = netns_rtnl_open();
	rc = fds[1] < 0 ? fds[1] : sync_send(o->setup, SYNC_G, 0, fds, 2);
	fd_close(fds[1]);
	if (rc < 0) {
		fd_close(fds[0]);
		return fault_set(f, rc, "hand over the network namespace");
	}
	*nsfd = fds[0];
	return 0;
}

/* U0, G and G's listeners go to the supervisor: it may have to restart the
 * gateway in there (sync 3). */
static int hand_over(struct outer *o, const struct plan *plan, pid_t setup,
		     int nsfd, struct fault *f)
{
	int fds[SYNC_FDS_MAX + 2];
	size_t n = 0, fixed = plan->network ? 2 : 1;
	int rc = 0;

	fds[0] = open("/proc/self/ns/user", O_RDONLY | O_CLOEXEC);
	fds[1] = nsfd;
	if (fds[0] < 0)
		return fault_set(f, errno, "open the user namespace");
	if (plan->network)
		rc = wire_listen(plan, PLAN_SIDE_GATEWAY, fds + 2, &n, f);
	if (rc == 0) {
		rc = sync_send(o->sync, SYNC_LISTENERS, setup, fds, n + fixed);
		if (rc < 0)
			fault_set(f, rc, "hand over the listeners");
	}
	for (size_t i = 0; i < n + fixed; i++)
		fd_close(fds[i]);
	return rc;
}

int outer_exec_gateway(int exe, int control)
{
	static char name[] = "isolate-gateway";
	char *argv[] = { name, NULL }, *envp[] = { NULL };
	sigset_t none;
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	/* the mapped uid: with it exec gives all capabilities in U0 back */
	if (null < 0 || setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0)
		return -errno;
	exe = fcntl(exe, F_DUPFD_CLOEXEC, GWMSG_FD + 1);
	if (exe < 0 || dup2(control, GWMSG_FD) < 0 || dup2(null, 0) < 0 ||
	    dup2(null, 1) < 0 || dup2(null, 2) < 0)
		return -errno;
	/* dup2() of a number to itself leaves close-on-exec set */
	if (fcntl(GWMSG_FD, F_SETFD, 0) < 0)
		return -errno;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	/* by descriptor: its directory may be closed to the mapped uid */
	syscall(SYS_execveat, exe, "", argv, envp, AT_EMPTY_PATH);
	return -errno;
}

static int run(struct outer *o, struct sandbox *sb, struct fault *f)
{
	int setup, nsfd = -1, rc;

	rc = make_time_namespace(sb->uptime_s, f);
	if (rc < 0)
		return rc;
	setup = clone_setup(o, sb, f);
	if (setup < 0)
		return setup;
	if (sb->plan->network)
		rc = make_gateway_netns(o, &nsfd, f);
	if (rc == 0)
		rc = hand_over(o, sb->plan, setup, nsfd, f);
	/* not before: who is gone cannot be mapped */
	if (rc == 0)
		rc = sync_expect(o->sync, SYNC_MAPPED, NULL, NULL, 0, f);
	if (rc < 0 || !sb->plan->network)
		return rc;
	rc = outer_exec_gateway(o->gateway_exe, o->gateway);
	return fault_set(f, rc, "run isolate-gateway");
}

_Noreturn void outer_run(struct outer *o, struct sandbox *sb)
{
	struct fault f = { .stage = "outer" };

	if (run(o, sb, &f) < 0) {
		sync_send_fault(o->sync, &f);
		_exit(125);
	}
	_exit(0);
}
