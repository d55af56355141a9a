/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_gwonions.c - what a gateway may ask and is told of onion
 * services
 */
#include "launcher/gwlink.h"

#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "base/fd.h"

static struct plan_listener listeners[] = {
	{ PLAN_SIDE_LOOPBACK, 9190, GWMSG_LISTEN_HTTP, 0, 0 },
};
static const struct plan plan = {
	.network = true,
	.listeners = listeners,
	.nlisteners = ARRAY_SIZE(listeners),
};

struct link {
	struct gwlink g;
	int gateway; /* the other end */
};

/* As after a successful start. */
static int setup(void **state)
{
	struct link *l = calloc(1, sizeof(*l));
	int s[2], fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (!l || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, s) < 0)
		return -1;
	gwlink_init(&l->g);
	l->g.plan = &plan;
	l->g.control = s[0];
	l->g.ready = true;
	l->gateway = s[1];
	fd_set_nonblock(l->g.control, 1);
	*state = l;
	return gwlink_take_listeners(&l->g, &fd);
}

static int teardown(void **state)
{
	struct link *l = *state;

	gwlink_close(&l->g);
	fd_close(l->gateway);
	free(l);
	return 0;
}

/* Below that level nobody asks for a service: whoever does is no gateway. */
static void test_gwonions_need_the_level(void **state)
{
	/* what is 127.0.0.1:9190 there is the gateway's own */
	const struct gwmsg_ask add = {
		.kind = GWMSG_ASK_ADD_ONION,
		.onion = { .nports = 1,
			   .ports = { { 80, 9190, GWMSG_TARGET_LOOPBACK } } },
	};
	const struct gwmsg m = { .type = GWMSG_ASK, .ask = add };
	static struct plan controlled;
	static struct onions onions;
	struct link *l = *state;
	struct gwmsg got;

	controlled = plan;
	controlled.control = GWMSG_LEVEL_ONION_SERVICE;
	onions_init(&onions, &controlled);
	l->g.plan = &controlled;
	l->g.onions = &onions;
	assert_int_equal(gwmsg_send(l->gateway, &m, NULL, 0), 0);
	assert_int_equal(gwlink_run(&l->g), 0);
	assert_int_equal(gwmsg_recv(l->gateway, &got, NULL, 0, NULL), 0);
	assert_int_equal(got.type, GWMSG_ANSWER);
	assert_int_equal(got.err, EACCES);
	controlled.control = GWMSG_LEVEL_BROWSER;
	assert_int_equal(gwmsg_send(l->gateway, &m, NULL, 0), 0);
	assert_int_equal(gwlink_run(&l->g), -EPIPE);
	onions_close(&onions);
}

/* An event waits for a gateway that does not read. */
static void test_gwonions_tells_events(void **state)
{
	static struct onions onions;
	struct link *l = *state;
	struct gwmsg m;
	int rc = 0;

	onions_init(&onions, &plan);
	l->g.onions = &onions;
	while (rc == 0)
		rc = gwlink_new_nonce(&l->g);
	l->g.nonce_due = false;
	onions.nevents = 2;
	for (uint32_t i = 0; i < 2; i++) {
		onions.events[i].action = GWMSG_ACTION_UPLOAD + i;
		memset(onions.events[i].service, 'a', GWMSG_ONION_ID_LEN);
	}
	assert_int_equal(gwlink_run(&l->g), 0);
	assert_int_equal(onions.nevents, 2);
	assert_true(gwlink_poll_fd(&l->g).events & POLLOUT);
	fd_set_nonblock(l->gateway, 1);
	while (gwmsg_recv(l->gateway, &m, NULL, 0, NULL) == 0)
		assert_int_equal(m.type, GWMSG_NONCE);
	assert_int_equal(gwlink_run(&l->g), 0);
	assert_int_equal(onions.nevents, 0);
	for (uint32_t i = 0; i < 2; i++) {
		assert_int_equal(gwmsg_recv(l->gateway, &m, NULL, 0, NULL), 0);
		assert_int_equal(m.type, GWMSG_EVENT);
		assert_int_equal(m.event.action, GWMSG_ACTION_UPLOAD + i);
	}
	assert_false(gwlink_poll_fd(&l->g).events & POLLOUT);
}

int main(void)
{
#define link_test(t) cmocka_unit_test_setup_teardown(t, setup, teardown)
	const struct CMUnitTest tests[] = {
		link_test(test_gwonions_need_the_level),
		link_test(test_gwonions_tells_events),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
