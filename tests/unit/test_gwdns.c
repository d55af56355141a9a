/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_gwdns.c - DNS of a real gateway that asks nobody */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/fd.h"
#include "gateway/dnstcp.h"
#include "tests/unit/dnsclient.h"

#define ONION "2gzyxa5ihm7nsggfxnu52rck2vv4rvmdlkiu3zzui5du4xyclen53wid.onion"

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

/* "10.200.1.2" into "2.1.200.10.in-addr.arpa" */
static const char *reverse(const char *addr)
{
	static char text[64];
	uint8_t b[4];

	assert_int_equal(inet_pton(AF_INET, addr, b), 1);
	snprintf(text, sizeof(text), "%u.%u.%u.%u.in-addr.arpa", b[3], b[2],
		 b[1], b[0]);
	return text;
}

static void test_gwdns_name_and_back(void **state)
{
	struct dnsclient_answer a, again, back;

	(void)state;
	a = dnsclient_ask(&g, "www.Example.com", DNSCLIENT_A);
	assert_int_equal(a.rcode, 0);
	assert_int_equal(a.answers, 1);
	assert_in_range(a.ttl_s, 1, 60);
	assert_int_equal(strncmp(a.text, "10.", 3), 0);
	again = dnsclient_ask(&g, "WWW.example.COM", DNSCLIENT_A);
	assert_string_equal(again.text, a.text);
	back = dnsclient_ask(&g, reverse(a.text), DNSCLIENT_PTR);
	assert_string_equal(back.text, "www.example.com");
	again = dnsclient_ask(&g, ONION, DNSCLIENT_A);
	assert_string_not_equal(again.text, a.text);
	back = dnsclient_ask(&g, reverse(again.text), DNSCLIENT_PTR);
	assert_string_equal(back.text, ONION);
	/* the next message is this answer: tor was not asked */
	assert_int_equal(gwlive_stats(&g).open, 0);
}

static void test_gwdns_refused_names(void **state)
{
	static const char *const names[] = {
		"nas",
		"printer.local",
		"a.b.exit",
		"192.168.1.1",
		"a.invalid",
		"router.home.arpa",
		"8.8.8.8.in-addr.arpa",
		/* of the range, and nobody's */
		"1.1.192.10.in-addr.arpa",
		"short.onion",
	};
	struct dnsclient_answer a;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		a = dnsclient_ask(&g, names[i], DNSCLIENT_PTR);
		if (a.rcode != 3 || a.answers != 0)
			fail_msg("%s: %d", names[i], a.rcode);
	}
	a = dnsclient_ask(&g, "localhost", DNSCLIENT_A);
	assert_string_equal(a.text, "127.0.0.1");
	assert_int_equal(gwlive_stats(&g).open, 0);
}

/* What dig(1) is told: arguments, and a piece of its output. */
static const struct {
	const char *args;
	const char *says;
} digs[] = {
	{ "www.example.com", "status: NOERROR" },
	{ "www.example.com", "ANSWER: 1" },
	{ "www.example.com", "flags: qr rd ra;" },
	{ "www.example.com", "EDNS: version: 0" },
	{ "www.example.com +noedns", "ANSWER: 1, AUTHORITY: 0, ADDITIONAL: 0" },
	{ "www.example.com +dnssec +cd", "flags: do; udp: 1232" },
	{ "www.example.com +padding=128 +nsid", "ANSWER: 1" },
	{ "www.example.com AAAA", "status: NOERROR" },
	{ "www.example.com AAAA", "ANSWER: 0" },
	{ "www.example.com HTTPS", "ANSWER: 0" },
	{ "www.example.com ANY", "ANSWER: 1" },
	{ "wWw.eXample.com", "\nwWw.eXample.com." },
	{ "www.example.com +edns=1 +noednsneg", "status: BADVERS" },
	{ "www.example.com +opcode=status", "status: NOTIMP" },
	{ "www.example.com +opcode=update", "status: NOTIMP" },
	{ "www.example.com +header-only", "status: FORMERR" },
	{ "www.example.com TSIG", "status: NOTIMP" },
	{ "version.bind CH TXT", "status: REFUSED" },
	{ ". NS", "status: NOERROR" },
	{ "printer.local", "status: NXDOMAIN" },
	{ "-x 192.168.1.1", "status: NXDOMAIN" },
	{ "-x ::1", "status: NXDOMAIN" },
};

static void test_gwdns_dig(void **state)
{
	static const int listeners[] = { GWLIVE_DNS_UDP, GWLIVE_DNS_TCP };

	(void)state;
	if (!strstr(dnsclient_dig(&g, GWLIVE_DNS_UDP, "-v"), "DiG"))
		skip();
	for (size_t i = 0; i < ARRAY_SIZE(digs); i++)
		for (size_t l = 0; l < ARRAY_SIZE(listeners); l++) {
			const char *got =
				dnsclient_dig(&g, listeners[l], digs[i].args);

			if (!strstr(got, digs[i].says))
				fail_msg("dig %s: no \"%s\": %s", digs[i].args,
					 digs[i].says, got);
		}
	/* several queries on one connection */
	assert_non_null(strstr(dnsclient_dig(&g, GWLIVE_DNS_TCP,
					     "+keepopen +short a.example "
					     "b.local c.example localhost"),
			       "127.0.0.1"));
	/* a zone is not handed out */
	assert_non_null(
		strstr(dnsclient_dig(&g, GWLIVE_DNS_TCP, "example.com AXFR"),
		       "Transfer failed"));
}

static void test_gwdns_hostile_datagrams(void **state)
{
	uint64_t refused = gwlive_stats(&g).dns_refused;
	static const char response[] = "\x12\x34\x81\x80\0\x01\0\0\0\0\0\0"
				       "\x01"
				       "a\x03"
				       "com\0\0\x01\0\x01";
	static const char pointer[] = "\x12\x34\x01\0\0\x01\0\0\0\0\0\0"
				      "\xc0\x0c\0\x01\0\x01";
	struct dnsclient_answer a;
	int s = dnsclient_udp(&g);
	uint8_t long_one[4000] = { 0 };

	(void)state;
	send(s, "", 0, 0);
	send(s, "x", 1, 0);
	send(s, response, sizeof(response) - 1, 0);
	memset(long_one, 0xff, sizeof(long_one));
	send(s, long_one, sizeof(long_one), 0);
	/* zeros behind a good query, far beyond what is read */
	memset(long_one, 0, sizeof(long_one));
	dnsclient_encode(7, "a.com", DNSCLIENT_A, long_one);
	send(s, long_one, sizeof(long_one), 0);
	send(s, pointer, sizeof(pointer) - 1, 0);
	dnsclient_send(s, 9, "a.com", DNSCLIENT_A);
	/* no answer to what was no query, and service goes on */
	a = dnsclient_receive(s);
	assert_int_equal(a.id, 7);
	assert_int_equal(a.rcode, 1);
	a = dnsclient_receive(s);
	assert_int_equal(a.id, 0x1234);
	assert_int_equal(a.rcode, 1);
	a = dnsclient_receive(s);
	assert_int_equal(a.id, 9);
	assert_int_equal(a.answers, 1);
	assert_int_equal(gwlive_stats(&g).dns_refused, refused + 6);
	close(s);
}

static void test_gwdns_many_datagrams(void **state)
{
	uint64_t before = gwlive_stats(&g).dns_queries;
	int s = dnsclient_udp(&g);

	(void)state;
	for (uint16_t i = 0; i < 1000; i++) {
		char name[32];

		snprintf(name, sizeof(name), "n%u.example", i);
		dnsclient_send(s, i, name, DNSCLIENT_A);
		assert_int_equal(dnsclient_receive(s).id, i);
	}
	assert_int_equal(gwlive_stats(&g).dns_queries, before + 1000);
	close(s);
}

static void test_gwdns_tcp_pieces(void **state)
{
	uint8_t out[514];
	size_t len = dnsclient_encode(5, "a.example", DNSCLIENT_A, out + 2);
	int c = gwlive_client(&g, GWLIVE_DNS_TCP), on = 1;

	(void)state;
	setsockopt(c, 6, 1, &on, sizeof(on));
	out[0] = 0;
	out[1] = (uint8_t)len;
	for (size_t i = 0; i < len + 2; i++)
		gwlive_send(c, out + i, 1);
	assert_int_equal(dnsclient_receive_tcp(c).id, 5);
	/* the client's half ends: what is due still comes */
	dnsclient_send_tcp(c, 6, "b.example", DNSCLIENT_A);
	shutdown(c, SHUT_WR);
	assert_int_equal(dnsclient_receive_tcp(c).id, 6);
	assert_int_equal(gwlive_is_eof(c), 1);
	close(c);
}

static void closes_on(const void *bytes, size_t len)
{
	int c = gwlive_client(&g, GWLIVE_DNS_TCP);

	gwlive_send(c, bytes, len);
	assert_int_not_equal(gwlive_is_eof(c), 0);
	close(c);
}

static void test_gwdns_tcp_hostile(void **state)
{
	int c = gwlive_client(&g, GWLIVE_DNS_TCP);

	(void)state;
	closes_on("\0\0", 2);
	closes_on("\0\x01x", 3);
	closes_on("\xff\xff", 2);
	closes_on("\x04\xd1", 2);
	closes_on("\0\x0c\x12\x34\x80\0\0\0\0\0\0\0\0\0", 14);
	closes_on("GET / HTTP/1.0\r\n\r\n", 18);
	/* malformed, but a query: told so, and the connection stays */
	gwlive_send(c, "\0\x0c\0\x07\x01\0\0\0\0\0\0\0\0\0", 14);
	assert_int_equal(dnsclient_receive_tcp(c).rcode, 1);
	dnsclient_send_tcp(c, 8, "a.example", DNSCLIENT_A);
	assert_int_equal(dnsclient_receive_tcp(c).id, 8);
	close(c);
}

/* Who does not read is not read, and loses nothing. */
static void test_gwdns_tcp_slow_reader(void **state)
{
	static uint8_t stream[65536];
	uint8_t one[514];
	size_t len = dnsclient_encode(1, "a.example", DNSCLIENT_A, one + 2);
	size_t sent = 0, got = 0, queries, size, fill = 0;
	int c = gwlive_client(&g, GWLIVE_DNS_TCP);
	ssize_t n;

	(void)state;
	one[0] = 0;
	one[1] = (uint8_t)len;
	size = len + 2;
	do {
		memcpy(stream + fill, one, size);
		fill += size;
	} while (fill + size <= sizeof(stream));
	fd_set_nonblock(c, 1);
	/* until nothing moves any more */
	for (int quiet = 0; quiet < 20 && sent < 64 << 20;) {
		size_t at = sent % fill;

		n = send(c, stream + at, fill - at, MSG_NOSIGNAL);
		if (n > 0) {
			sent += (size_t)n;
			quiet = 0;
		} else {
			usleep(10000);
			quiet++;
		}
	}
	assert_true(sent > size && sent < 64 << 20);
	/* and meanwhile others are served */
	assert_int_equal(dnsclient_ask(&g, "b.example", DNSCLIENT_A).answers,
			 1);
	fd_set_nonblock(c, 0);
	shutdown(c, SHUT_WR);
	queries = sent / size;
	/* each answer is the query and a record */
	while ((n = recv(c, stream, sizeof(stream), 0)) > 0)
		got += (size_t)n;
	assert_int_equal(n, 0);
	assert_int_equal(got, queries * (size + 16));
	close(c);
}

static void test_gwdns_tcp_limit(void **state)
{
	int c[DNSTCP_MAX], more;

	(void)state;
	for (size_t i = 0; i < DNSTCP_MAX; i++) {
		c[i] = gwlive_client(&g, GWLIVE_DNS_TCP);
		dnsclient_send_tcp(c[i], 3, "a.example", DNSCLIENT_A);
		dnsclient_receive_tcp(c[i]);
	}
	more = gwlive_client(&g, GWLIVE_DNS_TCP);
	dnsclient_send_tcp(more, 4, "a.example", DNSCLIENT_A);
	usleep(200000);
	assert_int_equal(recv(more, &(char){ 0 }, 1, MSG_DONTWAIT), -1);
	assert_int_equal(errno, EAGAIN);
	close(c[7]);
	assert_int_equal(dnsclient_receive_tcp(more).id, 4);
	for (size_t i = 0; i < DNSTCP_MAX; i++)
		if (i != 7)
			close(c[i]);
	close(more);
}

/* A gateway of its own: idle connections are closed. */
static void test_gwdns_tcp_idle(void **state)
{
	int c, part;

	(void)state;
	gwlive_stop(&g);
	memset(&g, 0, sizeof(g));
	gwlive_prepare(&g);
	g.config.config.handshake_timeout_ms = 300;
	gwlive_spawn(&g, 0);
	assert_int_equal(gwlive_configure(&g, &(struct gwmsg){ 0 }),
			 GWMSG_READY);
	c = gwlive_client(&g, GWLIVE_DNS_TCP);
	part = gwlive_client(&g, GWLIVE_DNS_TCP);
	dnsclient_send_tcp(c, 3, "a.example", DNSCLIENT_A);
	dnsclient_receive_tcp(c);
	gwlive_send(part, "\0\x20\0", 3);
	assert_int_equal(gwlive_is_eof(c), 1);
	assert_int_not_equal(gwlive_is_eof(part), 0);
	close(c);
	close(part);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_gwdns_name_and_back),
		cmocka_unit_test(test_gwdns_refused_names),
		cmocka_unit_test(test_gwdns_dig),
		cmocka_unit_test(test_gwdns_hostile_datagrams),
		cmocka_unit_test(test_gwdns_many_datagrams),
		cmocka_unit_test(test_gwdns_tcp_pieces),
		cmocka_unit_test(test_gwdns_tcp_hostile),
		cmocka_unit_test(test_gwdns_tcp_slow_reader),
		cmocka_unit_test(test_gwdns_tcp_limit),
		cmocka_unit_test(test_gwdns_tcp_idle),
	};

	signal(SIGPIPE, SIG_IGN);
	gwlive_enter();
	return cmocka_run_group_tests(tests, setup, teardown);
}
