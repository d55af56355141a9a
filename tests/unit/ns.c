/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/ns.c - a part of a test in a process and namespaces of its own */
#include "tests/unit/ns.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fd.h"

#define FORBIDDEN 77

static int enter(int flags)
{
	char uid[32], gid[32];

	snprintf(uid, sizeof(uid), "0 %u 1", geteuid());
	snprintf(gid, sizeof(gid), "0 %u 1", getegid());
	if (unshare(CLONE_NEWUSER | flags) < 0)
		return -errno;
	if (fd_write_file(AT_FDCWD, "/proc/self/setgroups", 0, "deny") < 0 ||
	    fd_write_file(AT_FDCWD, "/proc/self/uid_map", 0, uid) < 0 ||
	    fd_write_file(AT_FDCWD, "/proc/self/gid_map", 0, gid) < 0)
		return -EPERM;
	return 0;
}

static void run(int flags, bool enters, ns_test *test, void *arg)
{
	char said[512] = "";
	int p[2], status;
	pid_t pid;

	assert_int_equal(pipe2(p, O_CLOEXEC), 0);
	fflush(stdout);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		const char *wrong;

		alarm(30);
		if (enters && enter(flags) < 0)
			_exit(FORBIDDEN);
		wrong = test(arg);
		if (wrong)
			(void)!write(p[1], wrong, strlen(wrong));
		_exit(wrong ? 1 : 0);
	}
	fd_close(p[1]);
	fd_read_full(p[0], said, sizeof(said) - 1);
	fd_close(p[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == FORBIDDEN)
		skip();
	if (status != 0)
		fail_msg("status %x: %s", (unsigned int)status, said);
}

void ns_run(ns_test *test, void *arg)
{
	run(0, false, test, arg);
}

void ns_run_in(int flags, ns_test *test, void *arg)
{
	run(flags, true, test, arg);
}
