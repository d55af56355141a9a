/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_gwnonce.c - nonces and a gateway that is slow to read */
#include "launcher/gwlink.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "base/fd.h"

static struct plan_listener listeners[] = {
	{ PLAN_SIDE_GATEWAY, 9050, GWMSG_LISTEN_SOCKS, 0, 0 },
};
static const struct plan plan = {
	.network = true,
	.control = GWMSG_LEVEL_MINIMAL,
	.listeners = listeners,
	.nlisteners = ARRAY_SIZE(listeners),
};

/* The last nonce that it hears of, by message or answer, is the newest. */
static void test_gwnonce_never_goes_back(void **state)
{
	const struct gwmsg newnym = { .type = GWMSG_ASK,
				      .ask.kind = GWMSG_ASK_NEWNYM };
	int s[2], fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char last[GWMSG_NONCE_LEN + 1] = "";
	struct gwlink g;
	struct gwmsg m;

	(void)state;
	assert_int_equal(
		socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, s), 0);
	fd_set_nonblock(s[0], 1);
	fd_set_nonblock(s[1], 1);
	gwlink_init(&g);
	g.plan = &plan;
	g.control = s[0];
	g.ready = true;
	assert_int_equal(gwlink_take_listeners(&g, &fd), 0);
	for (int i = 0; i < 5000 && !g.waiting; i++) {
		gwmsg_send(s[1], &newnym, NULL, 0);
		assert_int_equal(gwlink_run(&g), 0);
	}
	/* an answer is held; isolatectl newnym comes */
	assert_true(g.waiting);
	assert_int_equal(gwlink_new_nonce(&g), -EAGAIN);
	for (int turns = 0; turns < 3; turns++) {
		while (gwmsg_recv(s[1], &m, NULL, 0, NULL) == 0)
			memcpy(last,
			       m.type == GWMSG_NONCE ? m.nonce : m.answer.nonce,
			       sizeof(last));
		assert_int_equal(gwlink_run(&g), 0);
	}
	assert_false(g.waiting);
	assert_string_equal(last, g.nonce);
	gwlink_close(&g);
	fd_close(s[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_gwnonce_never_goes_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
