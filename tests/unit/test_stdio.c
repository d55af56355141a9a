/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_stdio.c - descriptors 0-2: never the caller's own file */
#include "launcher/stdio.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fd.h"

/* The caller's descriptors, and ours, which cmocka prints to. */
struct caller {
	int saved[3];
	struct stdio s;
	struct sandbox sb;
	struct fault f;
	int rc;
};

/* Looks at @fds as 0-2; -1 is closed. Nothing may be asserted meanwhile. */
static void prepare(struct caller *c, int in, int out, int err)
{
	const int fds[] = { in, out, err };

	*c = (struct caller){ 0 };
	stdio_init(&c->s);
	fflush(stdout);
	for (int i = 0; i < 3; i++)
		c->saved[i] = fcntl(i, F_DUPFD_CLOEXEC, 100);
	for (int i = 0; i < 3; i++)
		if (fds[i] >= 0)
			dup2(fds[i], i);
		else
			close(i);
	c->rc = stdio_prepare(&c->s, &c->sb, &c->f);
}

static void restore(struct caller *c)
{
	for (int i = 0; i < 3; i++) {
		dup2(c->saved[i], i);
		fd_replace(&c->saved[i], -1);
	}
}

static void finish(struct caller *c)
{
	stdio_close_child(&c->s);
	stdio_finish(&c->s);
	restore(c);
}

static int null_fd(void)
{
	return open("/dev/null", O_RDWR | O_CLOEXEC);
}

/* What one descriptor becomes. */
static enum sandbox_std becomes(int fd, int which)
{
	int null = null_fd();
	struct caller c;

	prepare(&c, which == 0 ? fd : null, which == 1 ? fd : null,
		which == 2 ? fd : null);
	finish(&c);
	fd_close(null);
	assert_int_equal(c.rc, 0);
	return c.sb.stdio[which].kind;
}

static void test_stdio_gives_null_or_a_pipe(void **state)
{
	int null = null_fd(), p[2], s[2], file = memfd_create("t", MFD_CLOEXEC);
	int zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);

	(void)state;
	assert_int_equal(pipe2(p, O_CLOEXEC), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, s),
			 0);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(becomes(null, i), SANDBOX_STD_NULL);
		assert_int_equal(becomes(-1, i), SANDBOX_STD_NULL);
		assert_int_equal(becomes(p[i == 0 ? 0 : 1], i),
				 SANDBOX_STD_PIPE);
		assert_int_equal(becomes(file, i), SANDBOX_STD_PIPE);
		assert_int_equal(becomes(s[0], i), SANDBOX_STD_PIPE);
	}
	assert_int_equal(becomes(zero, 0), SANDBOX_STD_PIPE);
	fd_close(null);
	fd_close(zero);
	fd_close(file);
	for (int i = 0; i < 2; i++) {
		fd_close(p[i]);
		fd_close(s[i]);
	}
}

static void test_stdio_never_hands_on_a_file(void **state)
{
	int file = memfd_create("t", MFD_CLOEXEC);
	struct stat st[3] = { 0 };
	struct caller c;

	(void)state;
	prepare(&c, file, file, file);
	for (int i = 0; i < 3; i++)
		fstat(c.sb.stdio[i].fd, &st[i]);
	finish(&c);
	for (int i = 0; i < 3; i++)
		assert_true(S_ISFIFO(st[i].st_mode));
	/* the order of stdout and stderr is kept: one pipe */
	assert_true(st[1].st_ino == st[2].st_ino);
	assert_true(st[0].st_ino != st[1].st_ino);
	fd_close(file);
}

static void test_stdio_refuses_ways_out(void **state)
{
	static const struct {
		const char *path;
		int flags;
	} rows[] = {
		{ "/", O_RDONLY | O_DIRECTORY },
		{ "/dev/null", O_PATH },
		{ "/etc/hostname", O_PATH },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		for (int which = 0; which < 3; which++) {
			int fd = open(rows[i].path, rows[i].flags | O_CLOEXEC);
			int null = null_fd();
			struct caller c;

			prepare(&c, which == 0 ? fd : null,
				which == 1 ? fd : null, which == 2 ? fd : null);
			finish(&c);
			fd_close(fd);
			fd_close(null);
			assert_int_equal(c.rc, -EPERM);
			assert_true(c.f.hint[0]);
			assert_non_null(strstr(c.f.what, which == 0 ? "stdin"
							 : which == 1
								 ? "stdout"
								 : "stderr"));
		}
}

static void test_stdio_waits_for_a_slow_socket(void **state)
{
	enum {
		TOTAL = 2000000
	};
	int null = null_fd(), s[2], flags, sent = 0, got = 0;
	char block[5000], odd[777];
	struct caller c;
	ssize_t n;

	(void)state;
	memset(block, 'x', sizeof(block));
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, s),
			 0);
	prepare(&c, null, s[0], null);
	fd_set_nonblock(c.s.child[1], 1);
	/* nobody reads: the pump takes what it can hold, and never blocks */
	alarm(20);
	for (int i = 0; i < 1000; i++) {
		n = write(c.s.child[1], block, sizeof(block));
		sent += n > 0 ? (int)n : 0;
		stdio_pump_run(&c.s.pumps[1]);
	}
	/* then it asks for room only: no busy loop */
	n = stdio_poll_fd(&c.s.pumps[1]).fd == c.s.pumps[1].to &&
	    stdio_poll_fd(&c.s.pumps[1]).events == POLLOUT;
	while (got < TOTAL) {
		ssize_t r = recv(s[1], odd, sizeof(odd), MSG_DONTWAIT);

		got += r > 0 ? (int)r : 0;
		if (sent < TOTAL) {
			r = write(c.s.child[1], block, sizeof(block));
			sent += r > 0 ? (int)r : 0;
		} else if (got == sent) {
			break;
		}
		stdio_pump_run(&c.s.pumps[1]);
	}
	flags = fcntl(s[0], F_GETFL);
	finish(&c);
	alarm(0);
	assert_true(n);
	assert_true(got >= TOTAL);
	/* not changed for those who share the open file */
	assert_false(flags & O_NONBLOCK);
	fd_close(null);
	fd_close(s[0]);
	fd_close(s[1]);
}

static void test_stdio_keeps_what_a_nonblocking_socket_refuses(void **state)
{
	int null = null_fd(), s[2], size = 4096, got = 0;
	char block[30000], buf[1000];
	struct caller c;
	pid_t pid;

	(void)state;
	memset(block, 'y', sizeof(block));
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, s),
			 0);
	setsockopt(s[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	fd_set_nonblock(s[0], 1);
	prepare(&c, null, s[0], null);
	(void)!write(c.s.child[1], block, sizeof(block));
	stdio_pump_run(&c.s.pumps[1]);
	pid = fork();
	if (pid == 0) {
		/* the reader comes late, when all is being finished */
		usleep(100000);
		while (got < (int)sizeof(block)) {
			ssize_t n = read(s[1], buf, sizeof(buf));

			if (n <= 0)
				_exit(1);
			got += (int)n;
		}
		_exit(0);
	}
	alarm(20);
	finish(&c);
	alarm(0);
	assert_int_equal(waitpid(pid, &got, 0), pid);
	assert_int_equal(got, 0);
	fd_close(null);
	fd_close(s[0]);
	fd_close(s[1]);
}

static void test_stdio_finish_ends_with_a_writer_left(void **state)
{
	int file = memfd_create("t", MFD_CLOEXEC), null = null_fd(), stray;
	struct caller c;
	char buf[8] = "";

	(void)state;
	prepare(&c, null, file, null);
	/* as if the application had passed it on through a shared home */
	stray = fcntl(c.s.child[1], F_DUPFD_CLOEXEC, 3);
	(void)!write(stray, "last", 4);
	alarm(20);
	finish(&c);
	alarm(0);
	assert_int_equal(pread(file, buf, sizeof(buf), 0), 4);
	assert_string_equal(buf, "last");
	fd_close(stray);
	fd_close(file);
	fd_close(null);
}

static void test_stdio_finish_can_be_interrupted(void **state)
{
	int null = null_fd(), s[2];
	char block[60000] = "";
	sigset_t set, old;
	struct caller c;
	bool ended;

	(void)state;
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, &old);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, s),
			 0);
	prepare(&c, null, s[0], null);
	fd_set_nonblock(c.s.child[1], 1);
	for (int i = 0; i < 100; i++) {
		(void)!write(c.s.child[1], block, sizeof(block));
		stdio_pump_run(&c.s.pumps[1]);
	}
	/* nobody will ever read it */
	raise(SIGTERM);
	alarm(20);
	finish(&c);
	alarm(0);
	ended = c.s.pumps[1].from < 0 && !c.s.pumps[1].buf;
	signal(SIGTERM, SIG_IGN); /* drops the pending one */
	signal(SIGTERM, SIG_DFL);
	sigprocmask(SIG_SETMASK, &old, NULL);
	assert_true(ended);
	fd_close(null);
	fd_close(s[0]);
	fd_close(s[1]);
}

static void test_stdio_gives_back_what_was_not_read(void **state)
{
	int file = memfd_create("t", MFD_CLOEXEC), null = null_fd();
	char buf[16] = "";
	struct caller c;
	off_t left;

	(void)state;
	for (int i = 0; i < 5000; i++)
		assert_int_equal(write(file, "0123456789abcdef", 16), 16);
	lseek(file, 32, SEEK_SET);
	prepare(&c, file, null, null);
	/* more than the pipe holds */
	for (int i = 0; i < 40; i++)
		stdio_pump_run(&c.s.pumps[0]);
	(void)!read(c.s.child[0], buf, 8);
	finish(&c);
	left = lseek(file, 0, SEEK_CUR);
	assert_int_equal(left, 40);
	assert_int_equal(memcmp(buf, "01234567", 8), 0);
	fd_close(file);
	fd_close(null);
}

/* Writes @total bytes to @to, reads three of the application's end and ends:
 * what is left at @from. */
static ssize_t left_of(int from, int to, size_t total, char *first)
{
	int null = null_fd();
	char block[10000], rest[20000];
	struct caller c;
	ssize_t n = 0, got;

	for (size_t i = 0; i < sizeof(block); i++)
		block[i] = (char)('a' + i % 26);
	(void)!write(to, block, total);
	prepare(&c, from, null, null);
	for (int i = 0; i < 20; i++)
		stdio_pump_run(&c.s.pumps[0]);
	got = read(c.s.child[0], first, 3);
	/* it asks for room, which there is not: no busy loop */
	for (int i = 0; i < 20; i++)
		stdio_pump_run(&c.s.pumps[0]);
	finish(&c);
	fd_set_nonblock(from, 1);
	if (got == 3)
		n = read(from, rest, sizeof(rest));
	fd_set_nonblock(from, 0);
	first[3] = n > 0 ? rest[0] : '\0';
	fd_close(null);
	return n;
}

static void test_stdio_leaves_the_rest_to_others(void **state)
{
	char first[4];
	int p[2], s[2];

	(void)state;
	assert_int_equal(pipe2(p, O_CLOEXEC), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, s),
			 0);
	alarm(20);
	assert_int_equal(left_of(p[0], p[1], 10000, first), 9997);
	assert_int_equal(memcmp(first, "abcd", 4), 0);
	assert_int_equal(left_of(p[0], p[1], 5, first), 2);
	assert_int_equal(left_of(s[0], s[1], 10000, first), 9997);
	assert_int_equal(memcmp(first, "abcd", 4), 0);
	assert_int_equal(left_of(s[0], s[1], 5, first), 2);
	alarm(0);
	for (int i = 0; i < 2; i++) {
		fd_close(p[i]);
		fd_close(s[i]);
	}
}

static void test_stdio_lends_all_of_it(void **state)
{
	enum {
		TOTAL = 300000
	};
	int null = null_fd(), p[2], got = 0, bad = 0, sent = 0;
	unsigned char block[7000], buf[999];
	struct caller c;

	(void)state;
	assert_int_equal(pipe2(p, O_CLOEXEC | O_NONBLOCK), 0);
	prepare(&c, p[0], null, null);
	fd_set_nonblock(c.s.child[0], 1);
	alarm(20);
	while (got < TOTAL) {
		size_t want = sent + (int)sizeof(block) > TOTAL
				      ? (size_t)(TOTAL - sent)
				      : sizeof(block);
		ssize_t n;

		for (size_t i = 0; i < want; i++)
			block[i] = (unsigned char)((sent + (int)i) % 251);
		n = want ? write(p[1], block, want) : 0;
		sent += n > 0 ? (int)n : 0;
		stdio_pump_run(&c.s.pumps[0]);
		n = read(c.s.child[0], buf, sizeof(buf));
		for (ssize_t i = 0; i < n; i++)
			bad += buf[i] != (got + i) % 251;
		got += n > 0 ? (int)n : 0;
	}
	/* the end arrives too */
	fd_close(p[1]);
	for (int i = 0; i < 3; i++)
		stdio_pump_run(&c.s.pumps[0]);
	sent = c.s.pumps[0].from < 0;
	finish(&c);
	alarm(0);
	assert_int_equal(bad, 0);
	assert_true(sent);
	fd_close(null);
	fd_close(p[0]);
}

static void test_stdio_pump_ends_when_nobody_takes_it(void **state)
{
	int null = null_fd(), s[2];
	struct caller c;
	bool ended;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, s),
			 0);
	prepare(&c, null, s[0], null);
	fd_close(s[1]);
	(void)!write(c.s.child[1], "x", 1);
	/* no SIGPIPE, and the application gets its own */
	stdio_pump_run(&c.s.pumps[1]);
	ended = c.s.pumps[1].from < 0 && stdio_poll_fd(&c.s.pumps[1]).fd < 0;
	finish(&c);
	assert_true(ended);
	fd_close(null);
	fd_close(s[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stdio_gives_null_or_a_pipe),
		cmocka_unit_test(test_stdio_never_hands_on_a_file),
		cmocka_unit_test(test_stdio_refuses_ways_out),
		cmocka_unit_test(test_stdio_waits_for_a_slow_socket),
		cmocka_unit_test(
			test_stdio_keeps_what_a_nonblocking_socket_refuses),
		cmocka_unit_test(test_stdio_finish_ends_with_a_writer_left),
		cmocka_unit_test(test_stdio_finish_can_be_interrupted),
		cmocka_unit_test(test_stdio_gives_back_what_was_not_read),
		cmocka_unit_test(test_stdio_leaves_the_rest_to_others),
		cmocka_unit_test(test_stdio_lends_all_of_it),
		cmocka_unit_test(test_stdio_pump_ends_when_nobody_takes_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
