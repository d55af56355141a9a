/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/process.c - what a process inherits: session, limits, descriptors */
#include "launcher/process.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "launcher/sync.h"

int process_start_session(struct sandbox *sb, struct fault *f)
{
	autoclose int master = -1;
	int unlock = 0, rc;

	/* leaves the user's controlling terminal */
	if (setsid() < 0)
		return fault_set(f, errno, "start a session");
	if (!sb->pty)
		return 0;
	master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (master < 0 || ioctl(master, TIOCSPTLCK, &unlock) < 0)
		return fault_set(f, errno, "open a pty");
	/* by the master, not by name: nobody can be in the way */
	sb->pty_slave =
		ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (sb->pty_slave < 0 || ioctl(sb->pty_slave, TIOCSCTTY, 0) < 0)
		return fault_set(f, errno, "open the pty's other end");
	rc = sync_send(sb->sync, SYNC_PTY, 0, &master, 1);
	return rc < 0 ? fault_set(f, rc, "hand over the pty") : 0;
}

int process_take_terminal(struct sandbox *sb, struct fault *f)
{
	static const int numbers[] = { STDIN_FILENO, STDOUT_FILENO,
				       STDERR_FILENO };
	autoclose int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	sigset_t ttou;

	if (null < 0)
		return fault_set(f, errno, "open /dev/null");
	/* a group of its own below pid 1's session: Ctrl-Z can stop it */
	if (setpgid(0, 0) < 0)
		return fault_set(f, errno, "start a process group");
	/* who takes it is not its owner yet, and would be stopped for that */
	sigemptyset(&ttou);
	sigaddset(&ttou, SIGTTOU);
	sigprocmask(SIG_BLOCK, &ttou, NULL);
	if (sb->pty && sb->foreground && tcsetpgrp(sb->pty_slave, getpid()) < 0)
		return fault_set(f, errno, "take the terminal");
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		int fd = sb->stdio[i].kind == SANDBOX_STD_PTY ? sb->pty_slave
			 : sb->stdio[i].kind == SANDBOX_STD_PIPE
				 ? sb->stdio[i].fd
				 : null;

		if (dup2(fd, numbers[i]) < 0)
			return fault_set(f, errno, "set descriptor %d",
					 numbers[i]);
	}
	return 0;
}

void process_raise_files(void)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) == 0 && r.rlim_cur < r.rlim_max) {
		r.rlim_cur = r.rlim_max;
		setrlimit(RLIMIT_NOFILE, &r);
	}
}

int process_limit(struct sandbox *sb, struct fault *f)
{
	const struct plan *p = sb->plan;

	for (size_t i = 0; i < p->nlimits; i++) {
		struct rlimit now,
			set = { p->limits[i].value, p->limits[i].value };

		if (getrlimit(p->limits[i].resource, &now) < 0)
			return fault_set(f, errno, "read the limit %s",
					 p->limits[i].name);
		/* RLIM_INFINITY is the largest value, and the plan's too */
		if (set.rlim_max > now.rlim_max)
			set.rlim_cur = set.rlim_max = now.rlim_max;
		/* what it has in flight (unix(7), ETOOMANYREFS) counts for all
		 * of the user's, and those with a higher limit go on */
		if (p->limits[i].resource == RLIMIT_NOFILE &&
		    set.rlim_max > now.rlim_max - now.rlim_max / 4)
			set.rlim_cur = set.rlim_max =
				now.rlim_max - now.rlim_max / 4;
		/* as everywhere: programs may raise their stack */
		if (p->limits[i].resource == RLIMIT_STACK)
			set.rlim_max = now.rlim_max;
		if (setrlimit(p->limits[i].resource, &set) < 0)
			return fault_set(f, errno, "set the limit %s",
					 p->limits[i].name);
	}
	/* a user who was niced stays so: raising needs privilege */
	(void)setpriority(PRIO_PROCESS, 0, 0);
	spread_restore(&sb->spread);
	return 0;
}

int process_leave_keyring(struct sandbox *sb, struct fault *f)
{
	(void)sb;
	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0 &&
	    errno != ENOSYS)
		return fault_set(f, errno, "leave the session keyring");
	return 0;
}

int process_reset_signals(struct sandbox *sb, struct fault *f)
{
	sigset_t none;

	(void)sb;
	for (int n = 1; n < NSIG; n++)
		signal(n, SIG_DFL); /* fails for those that are fixed */
	sigemptyset(&none);
	if (sigprocmask(SIG_SETMASK, &none, NULL) < 0)
		return fault_set(f, errno, "unblock the signals");
	return 0;
}

int process_close_descriptors(struct sandbox *sb, struct fault *f)
{
	/* what stays is 0-2 and, until exec, the pipe that reports it */
	if (sb->exec_pipe != 3) {
		if (dup3(sb->exec_pipe, 3, O_CLOEXEC) < 0)
			return fault_set(f, errno, "keep the exec pipe");
		sb->exec_pipe = 3;
	}
	if (close_range(4, ~0U, 0) < 0)
		return fault_set(f, errno, "close the descriptors");
	return 0;
}
