/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_tor_spawn.c - tor's process: apart from us, and found again
 */
#include "tor/spawn.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <bsd/string.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tor/holder.h"

static void test_holder_parses_locks(void **state)
{
	(void)state;
	assert_int_equal(tor_holder_parse_lock("1: FLOCK  ADVISORY  WRITE 77 "
					       "fe:00:9952920 0 EOF",
					       9952920),
			 77);
	assert_int_equal(tor_holder_parse_lock("1: POSIX  ADVISORY  WRITE 77 "
					       "00:1f:99 0 EOF",
					       99),
			 77);
	assert_int_equal(tor_holder_parse_lock("1: -> FLOCK  ADVISORY  WRITE "
					       "77 fe:00:99 0 EOF",
					       99),
			 0);
	assert_int_equal(tor_holder_parse_lock("1: FLOCK  ADVISORY  READ 77 "
					       "fe:00:99 0 EOF",
					       99),
			 0);
	assert_int_equal(tor_holder_parse_lock("1: OFDLCK ADVISORY  WRITE -1 "
					       "fe:00:99 0 EOF",
					       99),
			 0);
	assert_int_equal(tor_holder_parse_lock("1: FLOCK  ADVISORY  WRITE 1 "
					       "fe:00:99 0 EOF",
					       99),
			 0);
	assert_int_equal(tor_holder_parse_lock("", 99), 0);
}

/* a process that holds the lock, with a command line as tor's or not */
static pid_t hold_lock(const char *dir, const char *torrc)
{
	char lock[PATH_MAX + 8], script[] = "trap '' TERM; echo; read x";
	char shell[] = "/bin/sh", c[] = "-c", f[] = "-f", rc[PATH_MAX];
	char *argv[] = { shell, c, script, shell, f, rc, NULL };
	int ready[2], hold[2], fd;
	pid_t pid;
	char byte;

	strlcpy(rc, torrc, sizeof(rc));
	snprintf(lock, sizeof(lock), "%s/lock", dir);
	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	assert_int_equal(pipe2(hold, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
		/* the lock has to live on in what is executed */
		fcntl(fd, F_SETFD, 0);
		dup2(hold[0], 0);
		dup2(ready[1], 1);
		flock(fd, LOCK_EX);
		execv(shell, argv);
		_exit(1);
	}
	close(ready[1]);
	close(hold[0]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	return pid; /* hold[1] stays open: it waits until it is killed */
}

static int foreign; /* our id then differs from that of all processes */

uid_t __real_geteuid(void);
uid_t __wrap_geteuid(void);
uid_t __wrap_geteuid(void)
{
	return __real_geteuid() + (foreign ? 1 : 0);
}

static void test_holder_is_ended_only_if_ours(void **state)
{
	char dir[] = "/tmp/isolate-holder-XXXXXX";
	autoclose int dirfd = -1;
	autoclose int pidfd = -1;
	char torrc[PATH_MAX + 8];
	struct fault f = { .err = 0 };
	pid_t pid, found;

	(void)state;
	assert_non_null(mkdtemp(dir));
	dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(dirfd >= 0);
	pid = hold_lock(dir, "/somebody/elses/torrc");
	snprintf(torrc, sizeof(torrc), "%s/torrc", dir);
	assert_int_equal(tor_holder_find(dirfd, TOR_HOLDER_LOCK, torrc, &pidfd,
					 &found, &f),
			 0);
	assert_int_equal(kill(pid, 0), 0);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);

	pid = hold_lock(dir, torrc);
	/* another user can lock a file with the same inode number */
	foreign = 1;
	assert_int_equal(tor_holder_find(dirfd, TOR_HOLDER_LOCK, torrc, &pidfd,
					 &found, &f),
			 0);
	foreign = 0;
	/* it ignores SIGTERM */
	assert_int_equal(tor_holder_find(dirfd, TOR_HOLDER_LOCK, torrc, &pidfd,
					 &found, &f),
			 1);
	assert_int_equal(found, pid);
	assert_int_equal(tor_holder_end(pidfd, 50, &f), 0);
	waitpid(pid, NULL, 0);
	assert_int_equal(tor_holder_end(pidfd, 50, &f), 0);
	fd_replace(&pidfd, -1);
	assert_int_equal(tor_holder_find(dirfd, TOR_HOLDER_LOCK, torrc, &pidfd,
					 &found, &f),
			 0);
	assert_int_equal(unlinkat(dirfd, "lock", 0), 0);
	assert_int_equal(rmdir(dir), 0);
}

static void test_spawn_is_apart(void **state)
{
	char sh[] = "/bin/sh", c[] = "-c",
	     script[] = "echo \"$(pwd) $(umask) $(env | sort | tr '\\n' ' ')"
			"$(ls /proc/self/fd | wc -l) $(cut -d' ' -f6 "
			"/proc/$$/stat) $$ $(ulimit -c) "
			"$(grep -c 'NoNewPrivs:.1' /proc/self/status)\"";
	char *argv[] = { sh, c, script, NULL };
	char says[400], *rest;
	const char *session;
	struct fault f = { .err = 0 };

	(void)state;
	setenv("LEAK", "1", 1);
	signal(SIGTERM, SIG_IGN);
	assert_int_equal(tor_spawn_run(argv, 0, "/some home", 2000, says,
				       sizeof(says), &f),
			 0);
	signal(SIGTERM, SIG_DFL);
	rest = strstr(says, " PWD=/ ");
	assert_non_null(rest);
	*rest = '\0';
	assert_string_equal(says, "/ 0077 HOME=/some home LC_ALL=C "
				  "PATH=/usr/local/bin:/usr/bin:/bin");
	rest += strlen(" PWD=/ ");
	if (strncmp(rest, "_=", 2) == 0)
		rest = strchr(rest, ' ') + 1;
	/* descriptors 0 to 2 and ls's own */
	assert_string_equal(strsep(&rest, " "), "4");
	session = strsep(&rest, " ");
	assert_string_equal(session, strsep(&rest, " "));
	assert_string_equal(rest, "0 1");
}

static void test_spawn_last_words(void **state)
{
	char a[] = "x\n1 [warn] w1\n2 [warn] w2\n3 [notice] n\n";
	char b[] = "1 [err] first\n2 [warn] w\n3 [err] Reading config failed\n";
	char c[] = "just this\033\n\n", d[] = "";
	char says[32];

	(void)state;
	tor_spawn_last_words(a, says, sizeof(says));
	assert_string_equal(says, "w2");
	tor_spawn_last_words(b, says, sizeof(says));
	assert_string_equal(says, "first");
	tor_spawn_last_words(c, says, sizeof(says));
	assert_string_equal(says, "just this?");
	tor_spawn_last_words(d, says, sizeof(says));
	assert_string_equal(says, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_holder_parses_locks),
		cmocka_unit_test(test_holder_is_ended_only_if_ours),
		cmocka_unit_test(test_spawn_is_apart),
		cmocka_unit_test(test_spawn_last_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
