/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_sync.c - the meetings of a launch */
#include "launcher/sync.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fd.h"

static int pair_up(void **state)
{
	static int s[2];

	*state = s;
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, s);
}

static int pair_down(void **state)
{
	int *s = *state;

	fd_replace(&s[0], -1);
	fd_replace(&s[1], -1);
	return 0;
}

/* The lowest free number shows whether something stayed open. */
static int lowest_free(void)
{
	int fd = fcntl(0, F_DUPFD_CLOEXEC, 3);

	fd_close(fd);
	return fd;
}

static void test_sync_carries_value_and_descriptors(void **state)
{
	int *s = *state, fds[2] = { -1, -1 }, value = 0;
	struct fault f = { 0 };

	assert_int_equal(sync_send(s[0], SYNC_WIRED, -7, s, 2), 0);
	assert_int_equal(sync_expect(s[1], SYNC_WIRED, &value, fds, 2, &f), 0);
	assert_int_equal(value, -7);
	assert_true(fcntl(fds[0], F_GETFD) & FD_CLOEXEC);
	fd_close(fds[0]);
	fd_close(fds[1]);
}

static void test_sync_refuses_the_wrong_number(void **state)
{
	int *s = *state, fds[SYNC_FDS_MAX], before = lowest_free();
	struct fault f = { 0 };

	sync_send(s[0], SYNC_MOUNTS, 0, s, 2);
	assert_int_equal(sync_expect(s[1], SYNC_MOUNTS, NULL, fds, 1, &f),
			 -EPROTO);
	sync_send(s[0], SYNC_MOUNTS, 0, NULL, 0);
	assert_int_equal(sync_expect(s[1], SYNC_MOUNTS, NULL, fds, 1, &f),
			 -EPROTO);
	assert_int_equal(lowest_free(), before);
}

static void test_sync_refuses_the_wrong_type(void **state)
{
	int *s = *state, fds[SYNC_FDS_MAX], before = lowest_free();
	struct fault f = { 0 };
	struct sync_msg msg = { .type = 12345 };

	sync_send(s[0], SYNC_PTY, 0, s, 1);
	assert_int_equal(sync_expect(s[1], SYNC_MOUNTS, NULL, fds, 1, &f),
			 -EPROTO);
	fd_send_msg(s[0], &msg, sizeof(msg), NULL, 0);
	assert_int_equal(sync_expect(s[1], SYNC_GO, NULL, NULL, 0, &f),
			 -EPROTO);
	/* half a message is none */
	fd_send_msg(s[0], &msg, 4, s, 1);
	assert_int_equal(sync_expect(s[1], SYNC_GO, NULL, NULL, 0, &f),
			 -EPROTO);
	assert_int_equal(lowest_free(), before);
}

static void test_sync_hands_a_fault_on(void **state)
{
	struct fault sent = { .stage = "proc" }, f = { 0 };
	int *s = *state;

	fault_set(&sent, EACCES, "mount %s", "x");
	fault_hint(&sent, "do y");
	sync_send_fault(s[0], &sent);
	assert_int_equal(sync_expect(s[1], SYNC_MOUNTS, NULL, NULL, 0, &f),
			 -EACCES);
	assert_string_equal(f.stage, "proc");
	assert_string_equal(f.what, "mount x");
	assert_string_equal(f.hint, "do y");
	/* one whose text says it all still is an error */
	sent.err = 0;
	sync_send_fault(s[0], &sent);
	assert_int_equal(sync_expect(s[1], SYNC_GO, NULL, NULL, 0, &f),
			 -EINVAL);
}

static void test_sync_sees_the_end(void **state)
{
	struct fault f = { 0 };
	int *s = *state;

	fd_replace(&s[0], -1);
	assert_int_equal(sync_expect(s[1], SYNC_GO, NULL, NULL, 0, &f), -EPIPE);
	assert_int_equal(sync_send(s[1], SYNC_GO, 0, NULL, 0), -EPIPE);
	/* nobody to tell: no signal, no error */
	sync_send_fault(s[1], &f);
}

static void test_sync_hears_the_last_words(void **state)
{
	struct fault sent = { .stage = "grants" }, f = { 0 };
	int *s = *state;

	/* what it leaves unread is reported as a reset, and first (unix(7)) */
	sync_send(s[1], SYNC_GO, 0, NULL, 0);
	fault_set(&sent, ENOENT, "share x");
	sync_send_fault(s[0], &sent);
	fd_replace(&s[0], -1);
	assert_int_equal(sync_expect(s[1], SYNC_PTY, NULL, NULL, 0, &f),
			 -ENOENT);
	assert_string_equal(f.what, "share x");
}

#define pair_test(t) cmocka_unit_test_setup_teardown(t, pair_up, pair_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		pair_test(test_sync_carries_value_and_descriptors),
		pair_test(test_sync_refuses_the_wrong_number),
		pair_test(test_sync_refuses_the_wrong_type),
		pair_test(test_sync_hands_a_fault_on),
		pair_test(test_sync_sees_the_end),
		pair_test(test_sync_hears_the_last_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
