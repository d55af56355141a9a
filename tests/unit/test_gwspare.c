/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_gwspare.c - the real gateway: sockets to tor made ahead */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "gateway/spare.h"
#include "tests/unit/gwlive.h"

/* After that they are let go: SPARE_TIMEOUT_S of gateway/control.c. */
#define SPARE_S 5

static struct gwlive g;

static int setup(void **state)
{
	(void)state;
	return gwlive_setup(&g);
}

static int teardown(void **state)
{
	(void)state;
	return gwlive_teardown(&g);
}

/* The next message asks for a spare, or for a connection's own socket. */
static struct gwmsg asked(bool for_spare)
{
	struct gwmsg m;

	assert_int_equal(gwmsg_recv(g.ctl, &m, NULL, 0, NULL), 0);
	assert_int_equal(m.type, GWMSG_DIAL);
	assert_int_equal(m.id == SPARE_ID, for_spare);
	return m;
}

static bool nothing_asked(void)
{
	struct gwmsg m;
	int rc;

	usleep(50000);
	fd_set_nonblock(g.ctl, 1);
	rc = gwmsg_recv(g.ctl, &m, NULL, 0, NULL);
	fd_set_nonblock(g.ctl, 0);
	return rc == -EAGAIN;
}

static int ask5(int listener)
{
	int c = gwlive_client(&g, listener);

	gwlive_send(c, LIT(OPEN5 NAME5("\x01")));
	return c;
}

/* Tor's end of a stream of @c; the password is left in @pass. */
static void answer5(int c, int tor, char pass[256])
{
	struct gwlive_request r;

	gwlive_tor_reads(tor, &r);
	gwlive_send(tor, LIT(TOR_OK));
	gwlive_expect(c, LIT("\x05\x00" OK5));
	if (pass)
		memcpy(pass, r.pass, sizeof(r.pass));
}

/* A stream that has a socket of its own asked for; tor's end. */
static int own5(int c, char pass[256])
{
	struct gwmsg m = asked(false);
	int tor = gwlive_answer_dial(&g, &m);

	answer5(c, tor, pass);
	return tor;
}

/* A first stream is open, and the two spares it made the gateway ask for. */
static void with_spares(int *c, int *tor, int spare[SPARES_MAX], char pass[256])
{
	struct gwmsg m;

	*c = ask5(3);
	*tor = own5(*c, pass);
	for (int i = 0; i < SPARES_MAX; i++) {
		m = asked(true);
		spare[i] = gwlive_answer_dial(&g, &m);
	}
	assert_true(nothing_asked());
}

static void test_gwspare_is_used(void **state)
{
	int c, tor, spare[SPARES_MAX], c2, c3;
	char pass[3][256];

	(void)state;
	with_spares(&c, &tor, spare, pass[0]);
	/* the last one first; no message between */
	c2 = ask5(3);
	answer5(c2, spare[1], pass[1]);
	c3 = ask5(3);
	answer5(c3, spare[0], pass[2]);
	/* whose they are is said by who takes them */
	assert_string_not_equal(pass[0], pass[1]);
	assert_string_not_equal(pass[1], pass[2]);
	gwlive_send(c2, LIT("two"));
	gwlive_expect(spare[1], LIT("two"));
	gwlive_send(spare[0], LIT("three"));
	gwlive_expect(c3, LIT("three"));
	/* as many as were taken are asked for */
	asked(true);
	asked(true);
	assert_true(nothing_asked());
	assert_int_equal(gwlive_stats(&g).dial_failures, 0);
	gwlive_close_both(c, tor);
	gwlive_close_both(c2, spare[1]);
	gwlive_close_both(c3, spare[0]);
}

/* Tor has gone meanwhile, or speaks unasked: neither is used. */
static void test_gwspare_stale(void **state)
{
	int c, tor, spare[SPARES_MAX], c2, tor2;

	(void)state;
	with_spares(&c, &tor, spare, NULL);
	close(spare[1]);
	gwlive_send(spare[0], LIT(TOR_OK));
	c2 = ask5(0);
	tor2 = own5(c2, NULL);
	assert_int_not_equal(gwlive_is_eof(spare[0]), 0);
	close(spare[0]);
	gwlive_close_both(c, tor);
	gwlive_close_both(c2, tor2);
}

/* How long, ms, until the gateway closes it; 10 s at most. */
static long closed_after(int spare)
{
	struct timespec from, to;

	clock_gettime(CLOCK_MONOTONIC, &from);
	assert_int_equal(gwlive_is_eof(spare), 1);
	clock_gettime(CLOCK_MONOTONIC, &to);
	close(spare);
	return (to.tv_sec - from.tv_sec) * 1000 +
	       (to.tv_nsec - from.tv_nsec) / 1000000;
}

/* However many are taken and asked for meanwhile, the oldest does not stay. */
static void test_gwspare_is_let_go(void **state)
{
	int c, tor, spare[SPARES_MAX], c2, newer;
	struct gwmsg m;

	(void)state;
	with_spares(&c, &tor, spare, NULL);
	usleep(SPARE_S * 1000000 / 2);
	c2 = ask5(0);
	answer5(c2, spare[1], NULL);
	m = asked(true);
	newer = gwlive_answer_dial(&g, &m);
	assert_in_range(closed_after(spare[0]), SPARE_S * 1000 / 4,
			SPARE_S * 1000 * 3 / 4);
	assert_in_range(closed_after(newer), 0, 200);
	/* the streams stay, and no others are asked for */
	assert_true(nothing_asked());
	gwlive_send(c, LIT("still"));
	gwlive_expect(tor, LIT("still"));
	gwlive_close_both(c, tor);
	gwlive_close_both(c2, spare[1]);
}

/* A new identity is that of streams on spares that are older, too. */
static void test_gwspare_nonce(void **state)
{
	struct gwmsg m = { .type = GWMSG_NONCE };
	int c, tor, spare[SPARES_MAX], c2;
	char before[256], after[256];

	(void)state;
	with_spares(&c, &tor, spare, before);
	memcpy(m.nonce, GWLIVE_NONCE, sizeof(GWLIVE_NONCE));
	m.nonce[0] = 'f';
	assert_int_equal(gwmsg_send(g.ctl, &m, NULL, 0), 0);
	c2 = ask5(3);
	answer5(c2, spare[1], after);
	assert_memory_equal(before, GWLIVE_NONCE, GWMSG_LABEL_LEN);
	assert_memory_equal(after, m.nonce, GWMSG_LABEL_LEN);
	gwlive_close_both(c, tor);
	gwlive_close_both(c2, spare[1]);
	close(spare[0]);
}

/* What an HTTP client asks for, and a RESOLVE, goes on them as well, and so
 * does what a client sends before tor has answered. */
static void test_gwspare_of_all_kinds(void **state)
{
	int c, tor, spare[SPARES_MAX], c2;
	struct gwlive_request r;

	(void)state;
	with_spares(&c, &tor, spare, NULL);
	c2 = gwlive_client(&g, GWLIVE_HTTP);
	gwlive_send(c2, LIT("CONNECT a.example.com:80 HTTP/1.0\r\n\r\nearly"));
	gwlive_tor_reads(spare[1], &r);
	assert_string_equal(r.host, "a.example.com");
	gwlive_expect(spare[1], LIT("early"));
	gwlive_send(spare[1], LIT(TOR_OK));
	gwlive_expect(c2, LIT("HTTP/1.0 200"));
	gwlive_close_both(c2, spare[1]);
	c2 = gwlive_client(&g, 0);
	gwlive_send(c2, LIT(OPEN5 NAME5("\xf0")));
	gwlive_tor_reads(spare[0], &r);
	assert_int_equal(r.command, 0xf0);
	gwlive_close_both(c2, spare[0]);
	gwlive_close_both(c, tor);
}

/* A supervisor that cannot make one: the next stream has its own. */
static void test_gwspare_refused(void **state)
{
	struct gwmsg m;
	int c = ask5(0), tor;

	(void)state;
	tor = own5(c, NULL);
	for (int i = 0; i < SPARES_MAX; i++) {
		m = asked(true);
		gwlive_refuse_dial(&g, &m);
	}
	assert_true(nothing_asked());
	assert_int_equal(gwlive_stats(&g).dial_failures, 0);
	gwlive_close_both(c, tor);
	/* it is left alone for a while, and then asked again */
	for (int i = 0; i < 2; i++) {
		c = ask5(0);
		tor = own5(c, NULL);
		gwlive_close_both(c, tor);
		if (i == 0) {
			assert_true(nothing_asked());
			usleep(SPARE_S * 1000000);
		}
	}
	asked(true);
}

/* Only a stream that opens asks for them: none where tor refuses. */
static void test_gwspare_not_for_failures(void **state)
{
	struct gwlive_request r;
	struct gwmsg m;
	int c = ask5(0), tor;

	(void)state;
	m = asked(false);
	tor = gwlive_answer_dial(&g, &m);
	gwlive_tor_reads(tor, &r);
	gwlive_send(tor, LIT(TOR_IN "\x05\x04\x00\x01\0\0\0\0\0\0"));
	gwlive_expect(c, LIT("\x05\x00\x05\x04"));
	assert_true(nothing_asked());
	gwlive_close_both(c, tor);
}

#define FRESH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FRESH(test_gwspare_is_used),
		FRESH(test_gwspare_stale),
		FRESH(test_gwspare_is_let_go),
		FRESH(test_gwspare_nonce),
		FRESH(test_gwspare_of_all_kinds),
		FRESH(test_gwspare_refused),
		FRESH(test_gwspare_not_for_failures),
	};

	signal(SIGPIPE, SIG_IGN);
	gwlive_enter();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
