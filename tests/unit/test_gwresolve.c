/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_gwresolve.c - DNS of a real gateway that asks tor */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/attr.h"
#include "gateway/lookup.h"
#include "tests/unit/dnsclient.h"

#define TOR_V4 TOR_IN "\x05\x00\x00\x01\x08\x08\x04\x04\0\0"
#define ONION "2gzyxa5ihm7nsggfxnu52rck2vv4rvmdlkiu3zzui5du4xyclen53wid.onion"
#define SERVFAIL 2

static struct gwlive g;

static void start(uint32_t timeout_ms)
{
	memset(&g, 0, sizeof(g));
	gwlive_prepare(&g);
	g.config.config.dns = GWMSG_DNS_RESOLVE;
	g.config.config.handshake_timeout_ms = timeout_ms;
	g.config.config.listeners[GWLIVE_DNS_TCP].isolate =
		GWMSG_BY_DESTINATION;
	gwlive_spawn(&g, 0);
	assert_int_equal(gwlive_configure(&g, &(struct gwmsg){ 0 }),
			 GWMSG_READY);
}

static int setup(void **state)
{
	(void)state;
	start(10000);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	return gwlive_teardown(&g);
}

/* One question, and what tor answers to it; @r is what tor was asked. */
static struct dnsclient_answer ask(const char *name, uint16_t type,
				   const void *says, size_t len,
				   struct gwlive_request *r)
{
	struct dnsclient_answer a;
	int s = dnsclient_udp(&g), tor;

	dnsclient_send(s, 77, name, type);
	tor = gwlive_dial(&g);
	gwlive_tor_reads(tor, r);
	if (len > 0)
		gwlive_send(tor, says, len);
	close(tor);
	a = dnsclient_receive(s);
	assert_int_equal(a.id, 77);
	close(s);
	return a;
}

static void test_gwresolve_address(void **state)
{
	struct gwlive_request r;
	struct dnsclient_answer a;

	(void)state;
	a = ask("WWW.example.com", DNSCLIENT_A, LIT(TOR_V4), &r);
	assert_int_equal(r.command, 0xf0);
	assert_string_equal(r.host, "www.example.com");
	assert_string_equal(r.user, "<torS0X>0");
	assert_int_equal(strlen(r.pass), GWMSG_LABEL_LEN + 64);
	assert_int_equal(a.rcode, 0);
	assert_string_equal(a.text, "8.8.4.4");
	assert_in_range(a.ttl_s, 1, 60);
	/* no slot is left behind */
	assert_int_equal(gwlive_stats(&g).open, 0);
}

/* The key of a SOCKS RESOLVE on a port of the same isolation. */
static void test_gwresolve_isolation(void **state)
{
	struct gwlive_request dns, socks, other;
	int c, tor;

	(void)state;
	ask("a.example.com", DNSCLIENT_A, LIT(TOR_V4), &dns);
	c = gwlive_client(&g, 0);
	gwlive_send(c, LIT("\x05\x01\x00\x05\xf0\x00\x03\x0d"
			   "a.example.com\x00\x00"));
	tor = gwlive_dial(&g);
	gwlive_tor_reads(tor, &socks);
	assert_string_equal(dns.pass, socks.pass);
	close(c);
	close(tor);
	/* by destination, here */
	c = gwlive_client(&g, GWLIVE_DNS_TCP);
	dnsclient_send_tcp(c, 1, "a.example.com", DNSCLIENT_A);
	tor = gwlive_dial(&g);
	gwlive_tor_reads(tor, &socks);
	close(tor);
	dnsclient_send_tcp(c, 2, "b.example.com", DNSCLIENT_A);
	tor = gwlive_dial(&g);
	gwlive_tor_reads(tor, &other);
	close(tor);
	assert_string_not_equal(socks.pass, dns.pass);
	assert_string_not_equal(socks.pass, other.pass);
	close(c);
}

static void test_gwresolve_reverse(void **state)
{
	struct gwlive_request r;
	struct dnsclient_answer a;

	(void)state;
	a = ask("8.4.2.1.in-addr.arpa", DNSCLIENT_PTR,
		LIT(TOR_IN "\x05\x00\x00\x03\x0b"
			   "Dns.Example\0\0"),
		&r);
	assert_int_equal(r.command, 0xf1);
	assert_int_equal(r.atyp, 1);
	assert_memory_equal(r.host, "\x01\x02\x04\x08", 4);
	assert_string_equal(a.text, "dns.example");
	a = ask("8.8.8.8.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.6.8.4.0.6.8.4.1.0."
		"0.2.ip6.arpa",
		DNSCLIENT_PTR,
		LIT(TOR_IN "\x05\x00\x00\x03\x0b"
			   "dns.example\0\0"),
		&r);
	assert_int_equal(r.atyp, 4);
	assert_string_equal(a.text, "dns.example");
}

/* What tor says, and what a client is told of it. */
static const struct {
	const char *what;
	uint16_t type;
	const char *says;
	size_t len;
	int rcode;
} answers[] = {
#define ROW(what, type, says, rcode)                                           \
	{                                                                      \
		what, type, LIT(says), rcode                                   \
	}
	/* DNS rebinding: a name of the world for an address in here */
	ROW("192.168.1.1", DNSCLIENT_A,
	    TOR_IN "\x05\x00\x00\x01\xc0\xa8\x01\x01\0\0", SERVFAIL),
	ROW("127.0.0.1", DNSCLIENT_A,
	    TOR_IN "\x05\x00\x00\x01\x7f\x00\x00\x01\0\0", SERVFAIL),
	ROW("the gateway", DNSCLIENT_A,
	    TOR_IN "\x05\x00\x00\x01\x0a\x98\x98\x0a\0\0", SERVFAIL),
	ROW("a virtual address", DNSCLIENT_A,
	    TOR_IN "\x05\x00\x00\x01\x0a\xc0\x01\x01\0\0", SERVFAIL),
	ROW("0.0.0.0", DNSCLIENT_A, TOR_IN "\x05\x00\x00\x01\0\0\0\0\0\0",
	    SERVFAIL),
	ROW("::1", DNSCLIENT_A,
	    TOR_IN "\x05\x00\x00\x04\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\0\0",
	    SERVFAIL),
	/* only an IPv6 address: none of type A */
	ROW("IPv6", DNSCLIENT_A,
	    TOR_IN "\x05\x00\x00\x04\x20\x01\x48\x60\0\0\0\0\0\0\0\0\0\0\0\x01"
		   "\0\0",
	    0),
	ROW("a name for A", DNSCLIENT_A,
	    TOR_IN "\x05\x00\x00\x03\x05"
		   "a.com\0\0",
	    SERVFAIL),
	ROW("failure", DNSCLIENT_A, TOR_IN "\x05\x04\x00\x00\0\0\0\0\0\0",
	    SERVFAIL),
	ROW("extended failure", DNSCLIENT_A,
	    TOR_IN "\x05\xf0\x00\x01\0\0\0\0\0\0", SERVFAIL),
	ROW("login refused", DNSCLIENT_A, "\x05\x02\x01\x01", SERVFAIL),
	ROW("not tor", DNSCLIENT_A, "HTTP/1.0 400 Bad Request", SERVFAIL),
	ROW("silence", DNSCLIENT_A, "", SERVFAIL),
	ROW("half an answer", DNSCLIENT_A, TOR_IN "\x05\x00\x00\x01\x08",
	    SERVFAIL),
	ROW("an internal name", DNSCLIENT_PTR,
	    TOR_IN "\x05\x00\x00\x03\x0c"
		   "router.local\0\0",
	    SERVFAIL),
	ROW("no name", DNSCLIENT_PTR,
	    TOR_IN "\x05\x00\x00\x03\x05"
		   "a\0b.c\0\0",
	    SERVFAIL),
	ROW("an empty name", DNSCLIENT_PTR, TOR_IN "\x05\x00\x00\x03\x00\0\0",
	    SERVFAIL),
	ROW("an address as a name", DNSCLIENT_PTR,
	    TOR_IN "\x05\x00\x00\x03\x07"
		   "8.8.8.8\0\0",
	    SERVFAIL),
	ROW("an address for PTR", DNSCLIENT_PTR, TOR_V4, SERVFAIL),
#undef ROW
};

static void test_gwresolve_answers(void **state)
{
	uint64_t failures = gwlive_stats(&g).dns_failures;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(answers); i++) {
		struct gwlive_request r;
		struct dnsclient_answer a = ask(
			answers[i].type == DNSCLIENT_A ? "a.example.com"
						       : "8.8.8.8.in-addr.arpa",
			answers[i].type, answers[i].says, answers[i].len, &r);

		if (a.rcode != answers[i].rcode || a.answers != 0)
			fail_msg("%s: rcode %d, %s", answers[i].what, a.rcode,
				 a.text);
		failures += answers[i].rcode == SERVFAIL;
	}
	assert_int_equal(gwlive_stats(&g).dns_failures, failures);
	assert_int_equal(gwlive_stats(&g).open, 0);
}

/* These never leave the gateway: the next message is no dial. */
static void test_gwresolve_not_asked(void **state)
{
	static const char *const names[] = { "nas", "a.local", "a.exit",
					     "1.2.3.4", "a.invalid" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		assert_int_equal(dnsclient_ask(&g, names[i], DNSCLIENT_A).rcode,
				 3);
	assert_int_equal(
		dnsclient_ask(&g, "1.1.168.192.in-addr.arpa", DNSCLIENT_PTR)
			.rcode,
		3);
	assert_int_equal(
		dnsclient_ask(&g, "www.example.com", DNSCLIENT_AAAA).answers,
		0);
	assert_int_equal(
		strncmp(dnsclient_ask(&g, ONION, DNSCLIENT_A).text, "10.", 3),
		0);
	assert_int_equal(gwlive_stats(&g).open, 0);
}

static void test_gwresolve_dial_failure(void **state)
{
	int s = dnsclient_udp(&g);
	struct gwmsg m;

	(void)state;
	dnsclient_send(s, 5, "a.example.com", DNSCLIENT_A);
	gwlive_recv(&g, &m);
	gwlive_refuse_dial(&g, &m);
	assert_int_equal(dnsclient_receive(s).rcode, SERVFAIL);
	close(s);
}

/* One question of many clients is one lookup; a client's repetition, none. */
static void test_gwresolve_joins(void **state)
{
	int a = dnsclient_udp(&g), b = dnsclient_udp(&g), tor;
	struct gwlive_request r;

	(void)state;
	dnsclient_send(a, 1, "a.example.com", DNSCLIENT_A);
	dnsclient_send(a, 1, "a.example.com", DNSCLIENT_A);
	dnsclient_send(b, 2, "A.example.com", DNSCLIENT_A);
	tor = gwlive_dial(&g);
	gwlive_tor_reads(tor, &r);
	/* behind the datagrams: all are in */
	assert_int_equal(dnsclient_ask(&g, "nas", DNSCLIENT_A).rcode, 3);
	gwlive_send(tor, LIT(TOR_V4));
	assert_string_equal(dnsclient_receive(a).text, "8.8.4.4");
	assert_string_equal(dnsclient_receive(b).text, "8.8.4.4");
	assert_int_equal(recv(a, &(char){ 0 }, 1, MSG_DONTWAIT), -1);
	assert_int_equal(gwlive_stats(&g).open, 0);
	close(a);
	close(b);
	close(tor);
}

static void test_gwresolve_limit(void **state)
{
	int s = dnsclient_udp(&g), tor[LOOKUPS_MAX];
	struct gwlive_request r;
	char name[32];

	(void)state;
	for (uint16_t i = 0; i < LOOKUPS_MAX; i++) {
		snprintf(name, sizeof(name), "n%u.example", i);
		dnsclient_send(s, i, name, DNSCLIENT_A);
		tor[i] = gwlive_dial(&g);
	}
	dnsclient_send(s, 1000, "more.example", DNSCLIENT_A);
	assert_int_equal(dnsclient_receive(s).rcode, SERVFAIL);
	/* in another order than they were asked */
	for (int i = LOOKUPS_MAX - 1; i >= 0; i--) {
		struct dnsclient_answer a;

		gwlive_tor_reads(tor[i], &r);
		gwlive_send(tor[i], LIT(TOR_V4));
		a = dnsclient_receive(s);
		assert_int_equal(a.id, i);
		assert_int_equal(a.answers, 1);
		close(tor[i]);
	}
	assert_int_equal(gwlive_stats(&g).open, 0);
	close(s);
}

static void test_gwresolve_waiters_limit(void **state)
{
	int s = dnsclient_udp(&g), tor;
	struct gwlive_request r;

	(void)state;
	for (uint16_t i = 0; i < LOOKUP_WAITERS_MAX + 1; i++) {
		dnsclient_send(s, i, "a.example.com", DNSCLIENT_A);
		/* one at a time, or the socket's buffer loses some */
		if (i % 32 == 31)
			dnsclient_ask(&g, "nas", DNSCLIENT_A);
	}
	assert_int_equal(dnsclient_receive(s).rcode, SERVFAIL);
	tor = gwlive_dial(&g);
	gwlive_tor_reads(tor, &r);
	gwlive_send(tor, LIT(TOR_V4));
	for (uint16_t i = 0; i < LOOKUP_WAITERS_MAX; i++)
		assert_int_equal(dnsclient_receive(s).id, i);
	close(tor);
	close(s);
}

/* TCP: several at once, answered as they come; a client that leaves. */
static void test_gwresolve_tcp(void **state)
{
	int c = gwlive_client(&g, GWLIVE_DNS_TCP), tor[3], gone;
	struct gwlive_request r;

	(void)state;
	for (uint16_t i = 0; i < 3; i++) {
		char name[32];

		snprintf(name, sizeof(name), "n%u.example", i);
		dnsclient_send_tcp(c, i, name, DNSCLIENT_A);
		tor[i] = gwlive_dial(&g);
		gwlive_tor_reads(tor[i], &r);
	}
	/* the client has said all it will */
	shutdown(c, SHUT_WR);
	gwlive_send(tor[2], LIT(TOR_V4));
	assert_int_equal(dnsclient_receive_tcp(c).id, 2);
	gwlive_send(tor[0], LIT(TOR_V4));
	assert_int_equal(dnsclient_receive_tcp(c).id, 0);
	close(tor[1]);
	assert_int_equal(dnsclient_receive_tcp(c).rcode, SERVFAIL);
	assert_int_equal(gwlive_is_eof(c), 1);
	close(c);
	gone = gwlive_client(&g, GWLIVE_DNS_TCP);
	dnsclient_send_tcp(gone, 9, "a.example.com", DNSCLIENT_A);
	close(tor[0]);
	tor[0] = gwlive_dial(&g);
	gwlive_tor_reads(tor[0], &r);
	/* a reset: it wants no answer any more */
	setsockopt(gone, SOL_SOCKET, SO_LINGER,
		   &(struct linger){ .l_onoff = 1 }, sizeof(struct linger));
	close(gone);
	assert_int_equal(dnsclient_ask(&g, "nas", DNSCLIENT_A).rcode, 3);
	gwlive_send(tor[0], LIT(TOR_V4));
	assert_int_equal(dnsclient_ask(&g, "nas", DNSCLIENT_A).rcode, 3);
	close(tor[0]);
	close(tor[2]);
}

/* More than there is room for: the rest waits, in its socket. */
static void test_gwresolve_tcp_room(void **state)
{
	int c = gwlive_client(&g, GWLIVE_DNS_TCP), tor, first;
	struct gwlive_request r;

	(void)state;
	for (uint16_t i = 0; i < 30; i++) {
		char name[32];

		snprintf(name, sizeof(name), "n%u.example", i);
		dnsclient_send_tcp(c, i, name, DNSCLIENT_A);
	}
	first = gwlive_dial(&g);
	for (int i = 0; i < 29; i++) {
		tor = gwlive_dial(&g);
		gwlive_tor_reads(tor, &r);
		gwlive_send(tor, LIT(TOR_V4));
		assert_int_equal(dnsclient_receive_tcp(c).answers, 1);
		close(tor);
	}
	close(c);
	close(first);
}

static void test_gwresolve_timeout(void **state)
{
	uint64_t timeouts;
	int s, tor;

	(void)state;
	gwlive_stop(&g);
	start(300);
	timeouts = gwlive_stats(&g).timeouts;
	s = dnsclient_udp(&g);
	dnsclient_send(s, 4, "a.example.com", DNSCLIENT_A);
	tor = gwlive_dial(&g);
	assert_int_equal(dnsclient_receive(s).rcode, SERVFAIL);
	assert_int_equal(gwlive_stats(&g).timeouts, timeouts + 1);
	assert_int_equal(gwlive_stats(&g).open, 0);
	close(s);
	close(tor);
}

/* All places taken: DNS is refused its own, and gets one afterwards. */
static void test_gwresolve_no_place(void **state)
{
	struct gwlive_request r;
	int c;

	(void)state;
	gwlive_stop(&g);
	memset(&g, 0, sizeof(g));
	gwlive_prepare(&g);
	g.config.config.dns = GWMSG_DNS_RESOLVE;
	g.config.config.max_connections = 1;
	gwlive_spawn(&g, 0);
	assert_int_equal(gwlive_configure(&g, &(struct gwmsg){ 0 }),
			 GWMSG_READY);
	c = gwlive_client(&g, 0);
	gwlive_send(c, "\x05", 1);
	while (gwlive_stats(&g).open == 0)
		usleep(1000);
	assert_int_equal(dnsclient_ask(&g, "a.example", DNSCLIENT_A).rcode,
			 SERVFAIL);
	close(c);
	while (gwlive_stats(&g).open > 0)
		usleep(1000);
	assert_string_equal(ask("a.example", DNSCLIENT_A, LIT(TOR_V4), &r).text,
			    "8.8.4.4");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_gwresolve_address),
		cmocka_unit_test(test_gwresolve_isolation),
		cmocka_unit_test(test_gwresolve_reverse),
		cmocka_unit_test(test_gwresolve_answers),
		cmocka_unit_test(test_gwresolve_not_asked),
		cmocka_unit_test(test_gwresolve_dial_failure),
		cmocka_unit_test(test_gwresolve_joins),
		cmocka_unit_test(test_gwresolve_limit),
		cmocka_unit_test(test_gwresolve_waiters_limit),
		cmocka_unit_test(test_gwresolve_tcp),
		cmocka_unit_test(test_gwresolve_tcp_room),
		cmocka_unit_test(test_gwresolve_timeout),
		cmocka_unit_test(test_gwresolve_no_place),
	};

	signal(SIGPIPE, SIG_IGN);
	gwlive_enter();
	return cmocka_run_group_tests(tests, setup, teardown);
}
