/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_gwmsg.c - messages are what their type says, or refused */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/gwmsg.h"

static int sv[2];

static int setup(void **state)
{
	(void)state;
	return socketpair(AF_UNIX,
			  SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, sv);
}

static int teardown(void **state)
{
	(void)state;
	close(sv[0]);
	fd_replace(&sv[1], -1);
	return 0;
}

static int count_open(void)
{
	DIR *d = opendir("/proc/self/fd");
	int n = 0;

	assert_non_null(d);
	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

static void test_gwmsg_dial_is_small(void **state)
{
	(void)state;
	assert_true(gwmsg_size(GWMSG_DIAL) <= 16);
	assert_int_equal(gwmsg_size(GWMSG_UNSET), 0);
	assert_int_equal(gwmsg_size(GWMSG_EVENT + 1), 0);
	assert_int_equal(gwmsg_size(UINT32_MAX), 0);
	for (uint32_t t = GWMSG_CONFIG; t <= GWMSG_EVENT; t++)
		assert_true(gwmsg_size(t) >= gwmsg_size(GWMSG_DIAL) &&
			    gwmsg_size(t) <= sizeof(struct gwmsg));
}

static void test_gwmsg_round_trip(void **state)
{
	struct gwmsg m = { .type = GWMSG_DIALED, .id = 77 }, got;
	size_t nfds = 0;
	int fd = -1;

	(void)state;
	assert_int_equal(gwmsg_send(sv[0], &m, &sv[0], 1), 0);
	assert_int_equal(gwmsg_recv(sv[1], &got, &fd, 1, &nfds), 0);
	assert_int_equal(got.id, 77);
	assert_int_equal(nfds, 1);
	assert_true(fd >= 0);
	close(fd);
	m = (struct gwmsg){ .type = GWMSG_STATS_ARE, .stats.open = 5 };
	assert_int_equal(gwmsg_send(sv[0], &m, NULL, 0), 0);
	assert_int_equal(gwmsg_recv(sv[1], &got, NULL, 0, NULL), 0);
	assert_int_equal(got.stats.open, 5);
	assert_int_equal(gwmsg_recv(sv[1], &got, NULL, 0, NULL), -EAGAIN);
	close(sv[0]);
	assert_int_equal(gwmsg_recv(sv[1], &got, NULL, 0, NULL), -EPIPE);
	assert_int_equal(gwmsg_send(sv[1], &m, NULL, 0), -EPIPE);
	sv[0] = fd_steal(&sv[1]);
}

/* It leaves without reading: its last words arrive all the same. */
static void test_gwmsg_last_words(void **state)
{
	struct gwmsg m = { .type = GWMSG_STATS }, got;

	(void)state;
	assert_int_equal(gwmsg_send(sv[0], &m, NULL, 0), 0);
	m.type = GWMSG_FAULT;
	assert_int_equal(gwmsg_send(sv[1], &m, NULL, 0), 0);
	fd_replace(&sv[1], -1);
	assert_int_equal(gwmsg_send(sv[0], &m, NULL, 0), -EPIPE);
	assert_int_equal(gwmsg_recv(sv[0], &got, NULL, 0, NULL), 0);
	assert_int_equal(got.type, GWMSG_FAULT);
	assert_int_equal(gwmsg_recv(sv[0], &got, NULL, 0, NULL), -EPIPE);
}

static void test_gwmsg_send_refuses(void **state)
{
	struct gwmsg m = { .type = GWMSG_DIALED };

	(void)state;
	/* success without a socket, failure with one, a type there is not */
	assert_int_equal(gwmsg_send(sv[0], &m, NULL, 0), -EINVAL);
	m.err = EMFILE;
	assert_int_equal(gwmsg_send(sv[0], &m, &sv[0], 1), -EINVAL);
	m = (struct gwmsg){ .type = GWMSG_REFUSED + 1 };
	assert_int_equal(gwmsg_send(sv[0], &m, NULL, 0), -EINVAL);
}

/* Whatever comes, it is refused and no descriptor stays open. */
static void refused(const struct gwmsg *m, size_t len, size_t nfds)
{
	int before = count_open(), fds[2] = { sv[0], sv[0] }, in[2];
	struct gwmsg got;
	size_t n = 0;

	assert_int_equal(fd_send_msg(sv[0], m, len, fds, nfds), 0);
	assert_int_equal(gwmsg_recv(sv[1], &got, in, 1, &n), -EPROTO);
	assert_int_equal(count_open(), before);
}

static void test_gwmsg_recv_refuses(void **state)
{
	struct gwmsg m = { .type = GWMSG_DIALED };
	char huge[sizeof(struct gwmsg) + 1] = { GWMSG_STATS };
	size_t size = gwmsg_size(GWMSG_DIALED);

	(void)state;
	refused(&m, size, 0);
	refused(&m, size, 2);
	refused(&m, size - 1, 1);
	refused(&m, size + 1, 1);
	refused(&m, 1, 1);
	m.err = EMFILE;
	refused(&m, size, 1);
	m.err = -1;
	refused(&m, size, 1);
	m.err = 0;
	m.reserved = 1;
	refused(&m, size, 1);
	m = (struct gwmsg){ .type = GWMSG_DIAL };
	refused(&m, size, 1);
	m.type = GWMSG_UNSET;
	refused(&m, size, 0);
	m.type = UINT32_MAX;
	refused(&m, size, 0);
	m.type = GWMSG_NONCE;
	memset(m.nonce, 'a', sizeof(m.nonce));
	refused(&m, gwmsg_size(GWMSG_NONCE), 0);
	m = (struct gwmsg){ .type = GWMSG_FAULT };
	memset(m.fault.what, 'a', sizeof(m.fault.what));
	refused(&m, gwmsg_size(GWMSG_FAULT), 0);
	m = (struct gwmsg){ .type = GWMSG_CONFIG };
	m.config.nlisteners = UINT32_MAX;
	refused(&m, gwmsg_size(GWMSG_CONFIG), 0);
	m.config.nlisteners = 2;
	refused(&m, gwmsg_size(GWMSG_CONFIG), 1);
	m.config.nlisteners = 0;
	m.config.npolicies = GWMSG_POLICIES_MAX + 1;
	refused(&m, gwmsg_size(GWMSG_CONFIG), 0);
	m = (struct gwmsg){ .type = GWMSG_POLICY };
	refused(&m, gwmsg_size(GWMSG_POLICY), 0);
	m.policy.len = GWMSG_POLICY_BYTES + 1;
	refused(&m, gwmsg_size(GWMSG_POLICY), 0);
	m.policy.len = UINT32_MAX;
	refused(&m, gwmsg_size(GWMSG_POLICY), 0);
	/* no reason, none that there is, no host, one without an end */
	m = (struct gwmsg){ .type = GWMSG_REFUSED, .refused.host = "a.org" };
	refused(&m, gwmsg_size(GWMSG_REFUSED), 0);
	m.refused.reason = GWMSG_REASONS;
	refused(&m, gwmsg_size(GWMSG_REFUSED), 0);
	m.refused.reason = GWMSG_REASON_POLICY;
	m.refused.host[0] = '\0';
	refused(&m, gwmsg_size(GWMSG_REFUSED), 0);
	memset(m.refused.host, 'a', sizeof(m.refused.host));
	refused(&m, gwmsg_size(GWMSG_REFUSED), 0);
	refused((struct gwmsg *)(void *)huge, sizeof(huge), 0);
}

static int check_ask(const struct gwmsg *m)
{
	return gwmsg_check(m, gwmsg_size(m->type), 0);
}

static void test_gwmsg_asks_are_checked(void **state)
{
	struct gwmsg m = { .type = GWMSG_ASK };
	const struct gwmsg_onion good = {
		.nports = 1, .ports = { { 80, 80, GWMSG_TARGET_SELF } }
	};

	(void)state;
	assert_int_equal(check_ask(&m), -EPROTO);
	m.ask.kind = GWMSG_ASKS;
	assert_int_equal(check_ask(&m), -EPROTO);
	m.ask.kind = GWMSG_ASK_STATE;
	assert_int_equal(check_ask(&m), 0);
	m.ask.kind = GWMSG_ASK_ADD_ONION;
	assert_int_equal(check_ask(&m), -EPROTO);
	m.ask.onion = good;
	assert_int_equal(check_ask(&m), 0);
	m.ask.onion.nports = GWMSG_ONION_PORTS_MAX + 1;
	assert_int_equal(check_ask(&m), -EPROTO);
	m.ask.onion = good;
	m.ask.onion.ports[0].target = 0;
	assert_int_equal(check_ask(&m), -EPROTO);
	m.ask.onion = good;
	m.ask.onion.ports[0].where = GWMSG_TARGETS;
	assert_int_equal(check_ask(&m), -EPROTO);
	m.ask.onion = good;
	m.ask.onion.nclients = GWMSG_ONION_CLIENTS_MAX + 1;
	assert_int_equal(check_ask(&m), -EPROTO);
	m.ask.onion = good;
	m.ask.onion.flags = 2;
	assert_int_equal(check_ask(&m), -EPROTO);
	m.ask = (struct gwmsg_ask){ .kind = GWMSG_ASK_DEL_ONION };
	assert_int_equal(check_ask(&m), -EPROTO);
	memset(m.ask.service, 'a', GWMSG_ONION_ID_LEN);
	assert_int_equal(check_ask(&m), 0);
	m.ask.service[3] = '\n';
	assert_int_equal(check_ask(&m), -EPROTO);
	memset(m.ask.service, 'a', sizeof(m.ask.service));
	assert_int_equal(check_ask(&m), -EPROTO);
}

static void test_gwmsg_events_are_checked(void **state)
{
	struct gwmsg m = { .type = GWMSG_EVENT };

	(void)state;
	memset(m.event.service, 'a', GWMSG_ONION_ID_LEN);
	assert_int_equal(check_ask(&m), -EPROTO);
	m.event.action = GWMSG_ACTION_UPLOADED;
	assert_int_equal(check_ask(&m), 0);
	m.event.action = GWMSG_ACTIONS;
	assert_int_equal(check_ask(&m), -EPROTO);
	m.event.action = GWMSG_ACTION_UPLOADED;
	m.event.service[3] = '\n';
	assert_int_equal(check_ask(&m), -EPROTO);
	/* a visitor is two sockets, no more and no fewer */
	m = (struct gwmsg){ .type = GWMSG_INBOUND };
	assert_int_equal(gwmsg_check(&m, gwmsg_size(m.type), 1), -EPROTO);
	assert_int_equal(gwmsg_check(&m, gwmsg_size(m.type), 2), 0);
	assert_int_equal(gwmsg_check(&m, gwmsg_size(m.type), 3), -EPROTO);
}

static void test_gwmsg_answers_are_checked(void **state)
{
	struct gwmsg m = { .type = GWMSG_ANSWER };
	struct gwmsg_state *s = &m.answer.state;

	(void)state;
	assert_int_equal(check_ask(&m), -EPROTO);
	/* nobody is answered an end */
	m.answer.kind = GWMSG_ASK_END;
	assert_int_equal(check_ask(&m), -EPROTO);
	m.answer.kind = GWMSG_ASK_STATE;
	assert_int_equal(check_ask(&m), 0);
	s->percent = 101;
	assert_int_equal(check_ask(&m), -EPROTO);
	*s = (struct gwmsg_state){ .live = 2 };
	assert_int_equal(check_ask(&m), -EPROTO);
	*s = (struct gwmsg_state){ .valid_after = "2026-01-02 03:04:05" };
	assert_int_equal(check_ask(&m), 0);
	s->valid_after[10] = '\n';
	assert_int_equal(check_ask(&m), -EPROTO);
	*s = (struct gwmsg_state){ .fresh_until = "2026-01-02 03:04:0" };
	assert_int_equal(check_ask(&m), -EPROTO);
	*s = (struct gwmsg_state){ .fresh_until = "" };
	memset(s->valid_until, '1', sizeof(s->valid_until));
	assert_int_equal(check_ask(&m), -EPROTO);
	m.answer = (struct gwmsg_answer){ .kind = GWMSG_ASK_ADD_ONION };
	assert_int_equal(check_ask(&m), -EPROTO);
	m.err = ENOENT;
	assert_int_equal(check_ask(&m), 0);
	m.err = 0;
	memset(m.answer.service, 'a', GWMSG_ONION_ID_LEN);
	assert_int_equal(check_ask(&m), 0);
	m.answer = (struct gwmsg_answer){ .kind = GWMSG_ASK_NEWNYM };
	memset(m.answer.nonce, 'a', sizeof(m.answer.nonce));
	assert_int_equal(check_ask(&m), -EPROTO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_gwmsg_dial_is_small),
		cmocka_unit_test_setup_teardown(test_gwmsg_round_trip, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_gwmsg_last_words, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_gwmsg_send_refuses, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_gwmsg_recv_refuses, setup,
						teardown),
		cmocka_unit_test(test_gwmsg_asks_are_checked),
		cmocka_unit_test(test_gwmsg_answers_are_checked),
		cmocka_unit_test(test_gwmsg_events_are_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
