/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_fd.c - descriptors: ownership, whole messages, hand-over */
#include "base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static int is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

static void test_fd_close_keeps_errno(void **state)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC), with;

	(void)state;
	errno = EXDEV;
	fd_close(-1);
	fd_close(fd);
	assert_int_equal(errno, EXDEV);
	assert_false(is_open(fd));
	fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	with = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	fd_replace(&fd, with);
	assert_int_equal(fd, with);
	assert_int_equal(fd_steal(&fd), with);
	assert_int_equal(fd, -1);
	fd_close(with);
}

static void test_fd_text_has_a_limit(void **state)
{
	char *text = NULL;
	size_t len;
	int p[2];

	(void)state;
	assert_int_equal(pipe2(p, O_CLOEXEC), 0);
	assert_int_equal(fd_write_full(p[1], "hello", 5), 0);
	fd_close(p[1]);
	assert_int_equal(fd_read_text(p[0], 5, &text, &len), 0);
	assert_int_equal(len, 5);
	assert_string_equal(text, "hello");
	free(text);
	fd_close(p[0]);

	text = NULL;
	assert_int_equal(pipe2(p, O_CLOEXEC), 0);
	assert_int_equal(fd_write_full(p[1], "hello", 5), 0);
	fd_close(p[1]);
	assert_int_equal(fd_read_text(p[0], 4, &text, NULL), -EFBIG);
	assert_null(text);
	fd_close(p[0]);
}

static void test_fd_messages_carry_descriptors(void **state)
{
	int s[2], got[2] = { -1, -1 }, send[2];
	char buf[8];
	size_t n = 9;

	(void)state;
	assert_int_equal(
		socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, s), 0);
	send[0] = s[0];
	send[1] = s[1];
	assert_int_equal(fd_send_msg(s[0], "ab", 2, send, 2), 0);
	assert_int_equal(fd_recv_msg(s[1], buf, sizeof(buf), got, 2, &n), 2);
	assert_int_equal(n, 2);
	assert_true(fcntl(got[0], F_GETFD) & FD_CLOEXEC);
	assert_true(fcntl(got[1], F_GETFD) & FD_CLOEXEC);
	fd_close(got[0]);
	fd_close(got[1]);
	fd_close(s[0]);
	fd_close(s[1]);
}

/* The lowest free number shows whether a refused message left one open. */
static void test_fd_refused_messages_leave_nothing_open(void **state)
{
	int s[2], got[1] = { -1 }, send[2], before, after;
	char buf[2];
	size_t n;

	(void)state;
	assert_int_equal(
		socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, s), 0);
	send[0] = s[0];
	send[1] = s[1];
	before = fcntl(0, F_DUPFD_CLOEXEC, 3);
	fd_close(before);
	assert_int_equal(fd_send_msg(s[0], "a", 1, send, 2), 0);
	assert_int_equal(fd_recv_msg(s[1], buf, sizeof(buf), got, 1, &n),
			 -EMSGSIZE);
	assert_int_equal(fd_send_msg(s[0], "abc", 3, send, 1), 0);
	assert_int_equal(fd_recv_msg(s[1], buf, sizeof(buf), got, 1, &n),
			 -EMSGSIZE);
	after = fcntl(0, F_DUPFD_CLOEXEC, 3);
	fd_close(after);
	assert_int_equal(after, before);
	assert_int_equal(fd_send_msg(s[0], "a", 1, send, FD_PASS_MAX + 1),
			 -EINVAL);
	fd_close(s[0]);
	assert_int_equal(fd_recv_msg(s[1], buf, sizeof(buf), got, 1, &n), 0);
	assert_int_equal(fd_send_msg(s[1], "a", 1, NULL, 0), -EPIPE);
	fd_close(s[1]);
}

static void test_fd_fill_std_fills_what_is_closed(void **state)
{
	int p[2], status;
	struct stat st;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe2(p, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		dup2(p[1], 1);
		close_range(2, ~0U, 0);
		close(0);
		if (fd_fill_std() < 0)
			_exit(1);
		for (int fd = 0; fd < 3; fd++)
			if (fstat(fd, &st) < 0 ||
			    S_ISFIFO(st.st_mode) != (fd == 1))
				_exit(2);
		_exit(is_open(3) ? 3 : 0);
	}
	fd_close(p[0]);
	fd_close(p[1]);
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fd_close_keeps_errno),
		cmocka_unit_test(test_fd_text_has_a_limit),
		cmocka_unit_test(test_fd_messages_carry_descriptors),
		cmocka_unit_test(test_fd_refused_messages_leave_nothing_open),
		cmocka_unit_test(test_fd_fill_std_fills_what_is_closed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
