/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/outer.c - the first process in U0: makes the network, serves it */
#include "launcher/outer.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
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
			const struct timespec *want)
{
	struct timespec now;
	long long s, ns;

	clock_gettime(id, &now);
	s = (long long)want->tv_sec - (long long)now.tv_sec;
	ns = want->tv_nsec - now.tv_nsec;
	if (ns < 0) {
		ns += 1000000000;
		s--;
	}
	snprintf(buf, len, "%s %lld %lld\n", name, s, ns);
}

/* time_namespaces(7): only before the first process is in it. */
int outer_make_time_namespace(struct outer *o, struct fault *f)
{
	char text[128];
	size_t n;
	int rc;

	if (unshare(CLONE_NEWTIME) < 0)
		return fault_set(f, errno, "make a time namespace");
	offset_line(text, sizeof(text), "monotonic", CLOCK_MONOTONIC,
		    &o->sb->uptime);
	n = strlen(text);
	offset_line(text + n, sizeof(text) - n, "boottime", CLOCK_BOOTTIME,
		    &o->sb->uptime);
	rc = fd_write_file(AT_FDCWD, "/proc/self/timens_offsets", 0, text);
	return rc < 0 ? fault_set(f, rc, "set the clocks' offsets") : 0;
}

/* A sibling of the caller: its end is the supervisor's to see. */
static long clone_sibling(uint64_t flags)
{
	struct clone_args args = { .flags = flags | CLONE_PARENT };

	return syscall(SYS_clone3, &args, sizeof(args));
}

int outer_clone_setup(struct outer *o, struct fault *f)
{
	long pid = clone_sibling(CLONE_NEWPID);

	if (pid < 0)
		return fault_set(f, errno, "make a pid namespace");
	if (pid == 0) {
		/* each side keeps its own ends only, to see the others' end */
		fd_replace(&o->sync, -1);
		fd_replace(&o->setup, -1);
		fd_replace(&o->gateway, -1);
		enter_run(o->sb);
	}
	spread_child(&o->sb->spread, (pid_t)pid);
	fd_replace(&o->sb->sync, -1);
	fd_replace(&o->sb->outer, -1);
	fd_replace(&o->sb->exec_pipe, -1);
	/* if we fail before we have handed over more: who must be killed */
	return sync_send(o->sync, SYNC_SETUP, (int)pid, NULL, 0) < 0
		       ? fault_set(f, EPIPE, "name the setup process")
		       : 0;
}

int outer_make_app_netns(struct outer *o, struct fault *f)
{
	return wire_make_app_netns(&o->wire, f);
}

int outer_harden(struct outer *o, struct fault *f)
{
	(void)o;
	return netns_harden(true, f);
}

int outer_start_loopback(struct outer *o, struct fault *f)
{
	return wire_start_loopback(&o->wire, f);
}

int outer_send_netns(struct outer *o, struct fault *f)
{
	int rc = sync_send(o->setup, SYNC_NETNS, 0, &o->wire.app_ns, 1);

	return rc < 0 ? fault_set(f, rc, "hand over a network namespace") : 0;
}

int outer_make_gateway_netns(struct outer *o, struct fault *f)
{
	return o->sb->plan->network ? wire_make_gateway_netns(&o->wire, f) : 0;
}

int outer_load_redirect(struct outer *o, struct fault *f)
{
	return wire_load_redirect(&o->wire, f);
}

int outer_connect(struct outer *o, struct fault *f)
{
	return o->sb->plan->network ? wire_connect(&o->wire, f) : 0;
}

/* The supervisor may have to restart the gateway, in U0 and G and on the same
 * listeners. */
int outer_hand_over(struct outer *o, struct fault *f)
{
	const struct plan *plan = o->sb->plan;
	int fds[WIRE_LISTENERS_MAX + 3], rc;
	size_t n = 0;

	fds[n] = open("/proc/self/ns/user", O_RDONLY | O_CLOEXEC);
	if (fds[n++] < 0)
		return fault_set(f, errno, "open the user namespace");
	if (plan->network)
		fds[n++] = o->wire.gateway_ns;
	for (size_t i = 0; i < plan->nlisteners; i++)
		fds[n++] = o->wire.listeners[i];
	if (plan->inward)
		fds[n++] = o->wire.app_ns;
	rc = sync_send(o->sync, SYNC_WIRED, 0, fds, n);
	fd_close(fds[0]);
	return rc < 0 ? fault_set(f, rc, "hand over the listeners") : 0;
}

int outer_become_gateway(struct outer *o, struct fault *f)
{
	/* not before: what is not mapped gains nothing at exec */
	int rc = sync_expect(o->sync, SYNC_MAPPED, NULL, NULL, 0, f);

	if (rc < 0 || !o->sb->plan->network)
		return rc;
	if (setns(o->wire.gateway_ns, CLONE_NEWNET) < 0)
		return fault_set(f, errno, "enter the gateway's netns");
	rc = outer_exec_gateway(o->gateway_exe, o->gateway);
	return fault_set(f, rc, "run isolate-gateway");
}

int outer_exec_gateway(int exe, int control)
{
	static char name[] = "isolate-gateway";
	char *argv[] = { name, NULL }, *envp[] = { NULL };
	sigset_t none;
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	/*
	 * A session of its own: signals of the user's terminal are for the
	 * application. The mapped uid: with it exec gives all capabilities in
	 * U0 back.
	 */
	if (null < 0 || setsid() < 0 || setresgid(0, 0, 0) < 0 ||
	    setresuid(0, 0, 0) < 0)
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
	/* until it says so itself, confined */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
		return -errno;
	/* by descriptor: its directory may be closed to the mapped uid */
	syscall(SYS_execveat, exe, "", argv, envp, AT_EMPTY_PATH);
	return -errno;
}

_Noreturn void outer_run(struct outer *o)
{
	struct fault f = { 0 };
	int rc;

	/* even stopped, nothing outlives the supervisor */
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	rc = enter_run_steps(ENTER_OUTER, o, &f);
	if (rc < 0)
		sync_send_fault(o->sync, &f);
	_exit(rc < 0 ? 125 : 0);
}
