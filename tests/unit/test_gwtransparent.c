/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_gwtransparent.c - redirected connections, for real */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/fd.h"
#include "tests/unit/dnsclient.h"
#include "tests/unit/redirected.h"

#define ONION "2gzyxa5ihm7nsggfxnu52rck2vv4rvmdlkiu3zzui5du4xyclen53wid.onion"

static struct gwlive g;

static int setup(void **state)
{
	(void)state;
	gwlive_start(&g);
	if (redirected_load(&g) != 0) {
		gwlive_stop(&g);
		exit(77);
	}
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	return gwlive_teardown(&g);
}

static struct dnsclient_answer resolve(const char *name)
{
	return dnsclient_ask(&g, name, DNSCLIENT_A);
}

static void connects_by_name(const char *name)
{
	struct gwlive_request r;
	int c = redirected_connect(SOCK_STREAM, resolve(name).text, 8443), tor;

	tor = gwlive_dial(&g);
	gwlive_tor_reads(tor, &r);
	assert_string_equal(r.user, "<torS0X>0");
	assert_int_equal(strlen(r.pass), GWMSG_LABEL_LEN + 64);
	assert_int_equal(r.command, 1);
	assert_int_equal(r.atyp, 3);
	assert_string_equal(r.host, name);
	assert_int_equal(r.port, 8443);
	/* what the client says meanwhile waits for tor's answer */
	gwlive_send(c, LIT("early"));
	assert_int_equal(recv(tor, &(char){ 0 }, 1, MSG_DONTWAIT), -1);
	gwlive_send(tor, LIT(TOR_OK "hello"));
	/* not a byte of SOCKS */
	gwlive_expect(c, LIT("hello"));
	gwlive_expect(tor, LIT("early"));
	gwlive_send(c, LIT("ping"));
	gwlive_expect(tor, LIT("ping"));
	shutdown(c, SHUT_WR);
	assert_int_equal(gwlive_is_eof(tor), 1);
	gwlive_send(tor, LIT("bye"));
	close(tor);
	gwlive_expect(c, LIT("bye"));
	assert_int_equal(gwlive_is_eof(c), 1);
	close(c);
}

static void test_gwtransparent_by_name(void **state)
{
	(void)state;
	connects_by_name("www.example.com");
	connects_by_name("www.test");
	connects_by_name(ONION);
}

static void test_gwtransparent_by_address(void **state)
{
	int c = redirected_connect(SOCK_STREAM, "8.8.4.4", 443), tor;
	struct gwlive_request r;

	(void)state;
	tor = gwlive_dial(&g);
	gwlive_tor_reads(tor, &r);
	assert_int_equal(r.atyp, 1);
	assert_memory_equal(r.host, "\x08\x08\x04\x04", 4);
	assert_int_equal(r.port, 443);
	gwlive_send(tor, LIT(TOR_OK));
	/* the server's first word, and the client's at the same time */
	gwlive_send(tor, LIT("220 hi"));
	gwlive_send(c, LIT("EHLO"));
	gwlive_expect(c, LIT("220 hi"));
	gwlive_expect(tor, LIT("EHLO"));
	close(c);
	close(tor);
}

/* The key is that of a SOCKS connection to the same place. */
static void test_gwtransparent_isolation(void **state)
{
	struct gwlive_request a, b;
	int c = redirected_connect(SOCK_STREAM, resolve("a.example.com").text,
				   80);
	int tor = gwlive_dial(&g);

	(void)state;
	gwlive_tor_reads(tor, &a);
	close(c);
	close(tor);
	c = gwlive_client(&g, 0);
	gwlive_send(c, LIT("\x05\x01\x00\x05\x01\x00\x03\x0d"
			   "a.example.com\x00\x50"));
	tor = gwlive_dial(&g);
	gwlive_tor_reads(tor, &b);
	assert_string_equal(a.pass, b.pass);
	close(c);
	close(tor);
}

static void test_gwtransparent_internal_is_reset(void **state)
{
	static const char *const addrs[] = {
		"10.0.0.1",
		"192.168.1.1",
		"172.16.0.1",
		"100.64.0.1",
		"169.254.169.254",
		"10.152.152.10",
		/* virtual, and nobody's */
		"10.192.3.4",
		"10.255.255.254",
	};
	uint64_t before = gwlive_stats(&g).refused_internal;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(addrs); i++)
		redirected_expect_reset(
			redirected_connect(SOCK_STREAM, addrs[i], 80));
	/* the next message is this answer: none was dialled */
	assert_int_equal(gwlive_stats(&g).refused_internal,
			 before + ARRAY_SIZE(addrs));
	assert_int_equal(gwlive_stats(&g).open, 0);
}

/* Not redirected: there is no destination but the gateway itself. */
static void test_gwtransparent_direct_is_reset(void **state)
{
	(void)state;
	redirected_expect_reset(gwlive_client(&g, GWLIVE_TRANSPARENT));
	assert_int_equal(gwlive_stats(&g).open, 0);
}

/* What tor says that is no success: each a reset, and not a byte. */
static void test_gwtransparent_tor_refuses(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
	} rows[] = {
		{ LIT(TOR_IN "\x05\x05\x00\x01\0\0\0\0\0\0") },
		{ LIT(TOR_IN "\x05\x01\x00\x01\0\0\0\0\0\0") },
		{ LIT(TOR_IN "\x05\xf2\x00\x01\0\0\0\0\0\0") },
		/* refused, with bytes behind it */
		{ LIT(TOR_IN "\x05\x04\x00\x01\0\0\0\0\0\0 hello") },
		{ LIT("\x05\x02\x01\x01") },
		{ LIT("\x05\xff") },
		{ LIT("HTTP/1.0 200 OK\r\n\r\n") },
		{ LIT("") },
		{ LIT(TOR_IN "\x05\x00\x00") },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int c = redirected_connect(SOCK_STREAM, "8.8.4.4", 80), tor;
		struct gwlive_request r;

		gwlive_send(c, LIT("GET / HTTP/1.0\r\n\r\n"));
		tor = gwlive_dial(&g);
		gwlive_tor_reads(tor, &r);
		if (rows[i].len > 0)
			gwlive_send(tor, rows[i].bytes, rows[i].len);
		shutdown(tor, SHUT_WR);
		redirected_expect_reset(c);
		/* nor has the server, if it is one, seen the client's */
		assert_int_equal(gwlive_is_eof(tor), 1);
		close(tor);
	}
}

static void test_gwtransparent_dial_failure_is_reset(void **state)
{
	int c = redirected_connect(SOCK_STREAM, "8.8.4.4", 80);
	struct gwmsg m;

	(void)state;
	gwlive_recv(&g, &m);
	gwlive_refuse_dial(&g, &m);
	redirected_expect_reset(c);
}

/* A server that breaks off breaks off at the client. */
static void test_gwtransparent_reset_is_passed_on(void **state)
{
	int c = redirected_connect(SOCK_STREAM, "8.8.4.4", 80), tor;
	struct gwlive_request r;

	(void)state;
	gwlive_send(c, LIT("x"));
	tor = gwlive_dial(&g);
	gwlive_tor_reads(tor, &r);
	gwlive_send(tor, LIT(TOR_OK));
	/* unread bytes: a unix stream tells the other end ECONNRESET */
	while (recv(tor, &(char){ 0 }, 1, MSG_PEEK) != 1)
		;
	close(tor);
	redirected_expect_reset(c);
}

/* A name lives as long as a connection to it, whatever else is asked. */
static void test_gwtransparent_name_is_held(void **state)
{
	struct dnsclient_answer a = resolve("held.example");
	int c = redirected_connect(SOCK_STREAM, a.text, 80);
	int tor = gwlive_dial(&g), s = dnsclient_udp(&g), again;
	struct gwlive_request r;

	(void)state;
	gwlive_tor_reads(tor, &r);
	gwlive_send(tor, LIT(TOR_OK "x"));
	gwlive_expect(c, LIT("x"));
	for (unsigned int i = 0; i < 20000; i++) {
		char name[32];

		snprintf(name, sizeof(name), "n%u.example", i);
		dnsclient_send(s, (uint16_t)i, name, DNSCLIENT_A);
		assert_int_equal(dnsclient_receive(s).answers, 1);
	}
	assert_string_equal(resolve("held.example").text, a.text);
	again = redirected_connect(SOCK_STREAM, a.text, 81);
	close(tor);
	tor = gwlive_dial(&g);
	gwlive_tor_reads(tor, &r);
	assert_string_equal(r.host, "held.example");
	close(again);
	close(tor);
	close(c);
	while (gwlive_stats(&g).open > 0)
		usleep(1000);
	/* let go: forgotten like any other, and a reset then */
	for (unsigned int i = 0; i < 20000; i++) {
		char name[32];

		snprintf(name, sizeof(name), "m%u.example", i);
		dnsclient_send(s, (uint16_t)i, name, DNSCLIENT_A);
		assert_int_equal(dnsclient_receive(s).answers, 1);
	}
	redirected_expect_reset(redirected_connect(SOCK_STREAM, a.text, 80));
	close(s);
}

/* A server that the program chose itself: the gateway answers for it. */
static void test_gwtransparent_any_dns_server(void **state)
{
	int s = redirected_connect(SOCK_DGRAM, "8.8.8.8", 53);
	int t = redirected_connect(SOCK_STREAM, "9.9.9.9", 53);

	(void)state;
	/* connected: an answer from another address would not be received */
	dnsclient_send(s, 3, "www.example.com", DNSCLIENT_A);
	assert_int_equal(dnsclient_receive(s).answers, 1);
	dnsclient_send_tcp(t, 4, "www.example.com", DNSCLIENT_A);
	assert_int_equal(dnsclient_receive_tcp(t).answers, 1);
	close(s);
	close(t);
	/* internal ones as well: nothing of theirs is reached */
	s = redirected_connect(SOCK_DGRAM, "192.168.1.1", 53);
	dnsclient_send(s, 5, "www.example.com", DNSCLIENT_A);
	assert_int_equal(dnsclient_receive(s).answers, 1);
	close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_gwtransparent_by_name),
		cmocka_unit_test(test_gwtransparent_by_address),
		cmocka_unit_test(test_gwtransparent_isolation),
		cmocka_unit_test(test_gwtransparent_internal_is_reset),
		cmocka_unit_test(test_gwtransparent_direct_is_reset),
		cmocka_unit_test(test_gwtransparent_tor_refuses),
		cmocka_unit_test(test_gwtransparent_dial_failure_is_reset),
		cmocka_unit_test(test_gwtransparent_reset_is_passed_on),
		cmocka_unit_test(test_gwtransparent_name_is_held),
		cmocka_unit_test(test_gwtransparent_any_dns_server),
	};

	signal(SIGPIPE, SIG_IGN);
	gwlive_enter();
	return cmocka_run_group_tests(tests, setup, teardown);
}
