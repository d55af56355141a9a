/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_gwlive.c - the handshake with the real gateway */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "tests/unit/gwlive.h"

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

static void test_gwlive_connect_by_name(void **state)
{
	int c = gwlive_client(&g, 0), tor;
	struct gwlive_request r;

	(void)state;
	gwlive_send(c, LIT(OPEN5));
	gwlive_expect(c, "\x05\x00", 2);
	gwlive_send(c, LIT(NAME5("\x01")));
	tor = gwlive_dial(&g);
	gwlive_tor_reads(tor, &r);
	assert_string_equal(r.user, "<torS0X>0");
	assert_int_equal(strlen(r.pass), GWMSG_LABEL_LEN + 64);
	assert_int_equal(strspn(r.pass, "0123456789abcdef"), strlen(r.pass));
	assert_int_equal(r.command, 1);
	assert_int_equal(r.atyp, 3);
	assert_string_equal(r.host, "a.example.com");
	assert_int_equal(r.port, 80);
	/* server speaks first, in tor's own segment */
	gwlive_send(tor, LIT(TOR_OK "hello"));
	gwlive_expect(c, LIT(OK5 "hello"));
	gwlive_send(c, LIT("ping"));
	gwlive_expect(tor, LIT("ping"));
	gwlive_send(tor, LIT("pong"));
	gwlive_expect(c, LIT("pong"));
	gwlive_close_both(c, tor);
}

static void test_gwlive_optimistic_data(void **state)
{
	int c = gwlive_client(&g, 0), tor;
	struct gwlive_request r;

	(void)state;
	gwlive_send(c, LIT("\x05\x02\x00\x02"
			   "\x01\x01u\x01p" NAME5("\x01") "GET /"));
	gwlive_expect(c, LIT("\x05\x02\x01\x00"));
	tor = gwlive_dial(&g);
	gwlive_tor_reads(tor, &r);
	/* before tor said a word */
	gwlive_expect(tor, LIT("GET /"));
	gwlive_send(c, LIT(" HTTP"));
	gwlive_send(tor, LIT(TOR_OK));
	gwlive_expect(c, LIT(OK5));
	gwlive_expect(tor, LIT(" HTTP"));
	gwlive_close_both(c, tor);
}

static void password(int listener, const char *bytes, size_t len,
		     char pass[256])
{
	int c = gwlive_client(&g, listener), tor;
	struct gwlive_request r;

	gwlive_send(c, bytes, len);
	tor = gwlive_dial(&g);
	gwlive_tor_reads(tor, &r);
	memcpy(pass, r.pass, sizeof(r.pass));
	gwlive_close_both(c, tor);
}

#define LOGIN5(u)                                                              \
	"\x05\x01\x02"                                                         \
	"\x01\x01" u "\x01p"

static void test_gwlive_isolation(void **state)
{
	struct gwmsg m = { .type = GWMSG_NONCE };
	char a[256], b[256];

	(void)state;
	password(0, LIT(OPEN5 NAME5("\x01")), a);
	password(0, LIT(OPEN5 NAME5("\xf0")), b);
	assert_string_equal(a, b);
	password(0, LIT(LOGIN5("x") NAME5("\x01")), b);
	assert_string_not_equal(a, b);
	password(0, LIT(LOGIN5("y") NAME5("\x01")), a);
	assert_string_not_equal(a, b);
	password(1, LIT(OPEN5 NAME5("\x01")), a);
	password(1, LIT(OPEN5 NAME5("\x01")), b);
	assert_string_equal(a, b);
	password(3, LIT(OPEN5 NAME5("\x01")), a);
	password(3, LIT(OPEN5 NAME5("\x01")), b);
	assert_string_not_equal(a, b);
	password(0, LIT(OPEN5 NAME5("\x01")), a);
	memset(m.nonce, 'a', GWMSG_NONCE_LEN);
	assert_int_equal(gwmsg_send(g.ctl, &m, NULL, 0), 0);
	/* in order: the answer says that the nonce was taken */
	gwlive_stats(&g);
	password(0, LIT(OPEN5 NAME5("\x01")), b);
	assert_string_not_equal(a, b);
}

/* After a crash, with the nonce of before: no circuit of then is used again
 * where each connection has its own, and those of a host still are. */
static void test_gwlive_restart(void **state)
{
	char first[3][256], other[3][256];

	(void)state;
	for (int i = 0; i < 3; i++) {
		teardown(NULL);
		setup(NULL);
		password(3, LIT(OPEN5 NAME5("\x01")), first[i]);
		password(1, LIT(OPEN5 NAME5("\x01")), other[i]);
		for (int before = 0; before < i; before++) {
			assert_string_not_equal(first[i], first[before]);
			assert_string_equal(other[i], other[before]);
		}
	}
}

static void test_gwlive_internal_refused(void **state)
{
	uint64_t before = gwlive_stats(&g).refused_internal;
	int c = gwlive_client(&g, 0);

	(void)state;
	gwlive_send(c, LIT(OPEN5 "\x05\x01\x00\x01\x7f\x00\x00\x01\x23\x5a"));
	gwlive_expect(c, LIT("\x05\x00\x05\x02\x00\x01\0\0\0\0\0\0"));
	assert_int_equal(gwlive_is_eof(c), 1);
	close(c);
	c = gwlive_client(&g, 0);
	gwlive_send(c, LIT(OPEN5 "\x05\xf1\x00\x01\x0a\x00\x00\x01\x00\x00"));
	gwlive_expect(c, LIT("\x05\x00\x05\x02\x00\x01\0\0\0\0\0\0"));
	close(c);
	c = gwlive_client(&g, 0);
	gwlive_send(c, LIT("\x04\x01\x00\x50\0\0\0\x01\0localhost\0"));
	gwlive_expect(c, LIT("\0\x5b\0\0\0\0\0\0"));
	close(c);
	/* the next message is the answer: none of them was dialled */
	assert_int_equal(gwlive_stats(&g).refused_internal, before + 3);
}

static void test_gwlive_answer_internal_refused(void **state)
{
	int c = gwlive_client(&g, 0), tor;
	struct gwlive_request r;

	(void)state;
	gwlive_send(c, LIT(OPEN5 NAME5("\xf0")));
	tor = gwlive_dial(&g);
	gwlive_tor_reads(tor, &r);
	assert_int_equal(r.command, 0xf0);
	gwlive_send(tor, LIT(TOR_IN "\x05\x00\x00\x01\xc0\xa8\x01\x01\0\0"));
	gwlive_expect(c, LIT("\x05\x00\x05\x04\x00\x01\0\0\0\0\0\0"));
	gwlive_close_both(c, tor);
}

/* What tor answers, and what a SOCKS5 client gets of it. */
struct answer {
	const char *command;
	const char *tor;
	size_t tor_len;
	const char *client;
	size_t client_len;
};

#define ROW(cmd, tor, client)                                                  \
	{                                                                      \
		NAME5(cmd), LIT(TOR_IN tor), LIT(client)                       \
	}

static const struct answer answers[] = {
	ROW("\xf0", "\x05\x00\x00\x01\x08\x08\x08\x08\0\0",
	    "\x05\x00\x00\x01\x08\x08\x08\x08\0\0"),
	/* a failed RESOLVE has ATYP 0 */
	ROW("\xf0", "\x05\x04\x00\x00\0\0\0\0\0\0", FAIL5("\x04")),
	ROW("\x01", "\x05\x01\x00\x01\0\0\0\0\0\0", FAIL5("\x01")),
	ROW("\x01", "\x05\x05\x00\x01\0\0\0\0\0\0", FAIL5("\x05")),
	/* extended codes: to ports that ask for them only */
	ROW("\x01", "\x05\xf2\x00\x01\0\0\0\0\0\0", FAIL5("\x01")),
	ROW("\x01", "\x05\xf6\x00\x01\0\0\0\0\0\0", FAIL5("\x01")),
	/* an answer of the wrong kind */
	ROW("\xf0",
	    "\x05\x00\x00\x03\x05"
	    "a.com\0\0",
	    FAIL5("\x04")),
	ROW("\x01", "\x04\x00\x00\x01\0\0\0\0\0\0", FAIL5("\x01")),
	ROW("\x01", "\x05\x00\x00\x07\0\0\0\0\0\0", FAIL5("\x01")),
};

static void test_gwlive_answers(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(answers); i++) {
		const struct answer *a = &answers[i];
		int c = gwlive_client(&g, 0), tor;
		struct gwlive_request r;

		gwlive_send(c, LIT(OPEN5));
		gwlive_send(c, a->command, sizeof(NAME5("\x01")) - 1);
		tor = gwlive_dial(&g);
		gwlive_tor_reads(tor, &r);
		gwlive_send(tor, a->tor, a->tor_len);
		gwlive_expect(c, LIT("\x05\x00"));
		gwlive_expect(c, a->client, a->client_len);
		assert_int_equal(gwlive_is_eof(c), 1);
		gwlive_close_both(c, tor);
	}
}

static void test_gwlive_tor_refuses_login(void **state)
{
	int c = gwlive_client(&g, 0), tor;
	struct gwlive_request r;

	(void)state;
	gwlive_send(c, LIT(OPEN5 NAME5("\x01")));
	tor = gwlive_dial(&g);
	gwlive_tor_reads(tor, &r);
	gwlive_send(tor, LIT("\x05\x02\x01\x01"));
	gwlive_expect(c, LIT("\x05\x00" FAIL5("\x01")));
	gwlive_close_both(c, tor);
}

static void test_gwlive_socks4a(void **state)
{
	int c = gwlive_client(&g, 0), tor;
	struct gwlive_request r;

	(void)state;
	gwlive_send(c, LIT("\x04\x01\x00\x50\0\0\0\x01me\0a.example.com\0"));
	tor = gwlive_dial(&g);
	gwlive_tor_reads(tor, &r);
	assert_string_equal(r.host, "a.example.com");
	gwlive_send(tor, LIT(TOR_OK));
	gwlive_expect(c, LIT("\0\x5a\0\0\0\0\0\0"));
	gwlive_send(c, LIT("x"));
	gwlive_expect(tor, LIT("x"));
	gwlive_close_both(c, tor);
}

static void test_gwlive_http_is_told(void **state)
{
	static const char text[] = "HTTP/1.0 501 Tor is not an HTTP Proxy";
	int c = gwlive_client(&g, 0);

	(void)state;
	gwlive_send(c, LIT("GET http://a.example.com/ HTTP/1.0\r\n\r\n"));
	gwlive_expect(c, LIT(text));
	close(c);
}

static void test_gwlive_http_connect(void **state)
{
	static const char ok[] = "HTTP/1.0 200 Connection established\r\n\r\n";
	int c = gwlive_client(&g, GWLIVE_HTTP), tor;
	struct gwlive_request r;

	(void)state;
	gwlive_send(c,
		    LIT("CONNECT a.example.com:6667 HTTP/1.0\r\n\r\nNICK x"));
	tor = gwlive_dial(&g);
	gwlive_tor_reads(tor, &r);
	assert_string_equal(r.user, "<torS0X>0");
	assert_int_equal(r.command, 1);
	assert_string_equal(r.host, "a.example.com");
	assert_int_equal(r.port, 6667);
	gwlive_expect(tor, LIT("NICK x"));
	gwlive_send(tor, LIT(TOR_OK "hello"));
	gwlive_expect(c, LIT(ok));
	gwlive_expect(c, LIT("hello"));
	gwlive_close_both(c, tor);
	c = gwlive_client(&g, GWLIVE_HTTP);
	gwlive_send(c, LIT("CONNECT 127.1:9051 HTTP/1.0\r\n\r\n"));
	gwlive_expect(c, LIT("HTTP/1.0 403 Forbidden\r\n\r\n"));
	assert_int_equal(gwlive_is_eof(c), 1);
	close(c);
}

static void test_gwlive_dial_failure(void **state)
{
	uint64_t before = gwlive_stats(&g).dial_failures;
	int c = gwlive_client(&g, 0);
	struct gwmsg m;

	(void)state;
	gwlive_send(c, LIT(OPEN5 NAME5("\x01")));
	gwlive_recv(&g, &m);
	m.type = GWMSG_DIALED;
	m.err = ECONNREFUSED;
	assert_int_equal(gwmsg_send(g.ctl, &m, NULL, 0), 0);
	gwlive_expect(c, LIT("\x05\x00" FAIL5("\x01")));
	assert_int_equal(gwlive_is_eof(c), 1);
	close(c);
	/* an answer to nobody is dropped, and its socket closed */
	m.err = 0;
	m.id = 0xffffffff;
	assert_int_equal(gwmsg_send(g.ctl, &m, &g.ctl, 1), 0);
	assert_int_equal(gwlive_stats(&g).dial_failures, before + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_gwlive_connect_by_name),
		cmocka_unit_test(test_gwlive_optimistic_data),
		cmocka_unit_test(test_gwlive_isolation),
		cmocka_unit_test(test_gwlive_restart),
		cmocka_unit_test(test_gwlive_internal_refused),
		cmocka_unit_test(test_gwlive_answer_internal_refused),
		cmocka_unit_test(test_gwlive_answers),
		cmocka_unit_test(test_gwlive_tor_refuses_login),
		cmocka_unit_test(test_gwlive_socks4a),
		cmocka_unit_test(test_gwlive_http_is_told),
		cmocka_unit_test(test_gwlive_http_connect),
		cmocka_unit_test(test_gwlive_dial_failure),
	};

	signal(SIGPIPE, SIG_IGN);
	gwlive_enter();
	return cmocka_run_group_tests(tests, setup, teardown);
}
