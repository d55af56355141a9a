/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_gwdenied.c - rules for redirected connections and DNS */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
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

#define TOR_V4 TOR_IN "\x05\x00\x00\x01\x08\x08\x04\x04\0\0"
#define TOR_NAME                                                               \
	TOR_IN "\x05\x00\x00\x03\x0d"                                          \
	       "a.example.com\0\0"
#define TXT 16
#define NXDOMAIN 3

static struct gwlive g;

/* Some ports below example.com, and 8.8.4.0/24; but b.example.com not, and
 * mail nowhere. */
static const struct rule rules[] = {
	{ .kind = RULE_NAME, .deny = true, .name = "b.example.com" },
	{ .kind = RULE_ANY,
	  .deny = true,
	  .nports = 1,
	  .ports = { { 25, 25 } } },
	{ .kind = RULE_BELOW,
	  .name = "example.com",
	  .nports = 2,
	  .ports = { { 25, 25 }, { 80, 89 } } },
	{ .kind = RULE_V4,
	  .addr = { 8, 8, 4, 0 },
	  .bits = 24,
	  .nports = 1,
	  .ports = { { 443, 443 } } },
};

static void start(enum gwmsg_dns dns)
{
	struct gwmsg m = { .type = GWMSG_POLICY }, answer;

	for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
		gwlive_add_rule(&m, &rules[i]);
	memset(&g, 0, sizeof(g));
	gwlive_prepare(&g);
	g.config.config.report_refused = 1;
	g.config.config.dns = dns;
	if (gwlive_start_with(&g, &m, 1, &answer) != GWMSG_READY)
		fail_msg("%s", answer.fault.what);
	if (redirected_load(&g) != 0) {
		gwlive_stop(&g);
		exit(77);
	}
}

static int start_names(void **state)
{
	(void)state;
	start(GWMSG_DNS_NAMES);
	return 0;
}

static int start_resolve(void **state)
{
	(void)state;
	start(GWMSG_DNS_RESOLVE);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	return gwlive_teardown(&g);
}

/* Answered with @rcode, without a record and without anything dialled. */
static void empty(const char *name, uint16_t type, int rcode)
{
	struct dnsclient_answer a = dnsclient_ask(&g, name, type);

	assert_int_equal(a.rcode, rcode);
	assert_int_equal(a.answers, 0);
}

static void goes(const char *addr, uint16_t port, const char *host)
{
	int c = redirected_connect(SOCK_STREAM, addr, port), tor;
	struct gwlive_request r;

	tor = gwlive_dial(&g);
	gwlive_tor_reads(tor, &r);
	assert_int_equal(r.port, port);
	if (host)
		assert_string_equal(r.host, host);
	close(tor);
	redirected_expect_reset(c);
}

static void stops(const char *addr, uint16_t port, const char *host,
		  enum gwmsg_reason reason)
{
	redirected_expect_reset(redirected_connect(SOCK_STREAM, addr, port));
	gwlive_reported(&g, host, port, reason);
}

/* Nothing is on its way, and no slot is left behind. */
static void settled(uint64_t refused_policy, uint64_t refused_internal)
{
	/* the next message is the answer: nothing was dialled */
	struct gwmsg_stats stats = gwlive_stats(&g);

	assert_int_equal(stats.refused_policy, refused_policy);
	assert_int_equal(stats.refused_internal, refused_internal);
	assert_int_equal(stats.open, 0);
}

static void test_gwdenied_connections(void **state)
{
	struct dnsclient_answer a =
		dnsclient_ask(&g, "a.example.com", DNSCLIENT_A);

	(void)state;
	assert_int_equal(a.answers, 1);
	goes(a.text, 80, "a.example.com");
	goes("8.8.4.4", 443, NULL);
	stops(a.text, 90, "a.example.com", GWMSG_REASON_POLICY);
	/* allowed, but deny wins */
	stops(a.text, 25, "a.example.com", GWMSG_REASON_POLICY);
	stops("8.8.4.4", 80, "8.8.4.4", GWMSG_REASON_POLICY);
	stops("8.8.8.8", 443, "8.8.8.8", GWMSG_REASON_POLICY);
	/* neither a rule's to open, nor to close */
	stops("10.0.0.1", 443, "10.0.0.1", GWMSG_REASON_INTERNAL);
	stops("10.192.3.4", 80, "10.192.3.4", GWMSG_REASON_INTERNAL);
	settled(4, 2);
	/* once each */
	redirected_expect_reset(redirected_connect(SOCK_STREAM, a.text, 90));
	redirected_expect_reset(
		redirected_connect(SOCK_STREAM, "10.0.0.1", 443));
	settled(5, 3);
}

/* What is said before the reset goes nowhere, and holds up nothing. */
static void test_gwdenied_early_bytes(void **state)
{
	int c = redirected_connect(SOCK_STREAM, "8.8.8.8", 443);
	ssize_t n = send(c, "GET", 3, MSG_NOSIGNAL);

	(void)state;
	/* the reset can be here already */
	assert_true(n == 3 || (n == -1 && errno == ECONNRESET) ||
		    (n == -1 && errno == EPIPE));
	if (n == 3)
		redirected_expect_reset(c);
	else
		close(c);
	gwlive_reported(&g, "8.8.8.8", 443, GWMSG_REASON_POLICY);
	settled(1, 0);
}

static void test_gwdenied_names(void **state)
{
	static const uint16_t types[] = { DNSCLIENT_A, DNSCLIENT_AAAA, TXT };
	struct dnsclient_answer a;
	int t = gwlive_client(&g, GWLIVE_DNS_TCP);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		empty("b.example.com", types[i], NXDOMAIN);
		empty("B.Example.COM", types[i], NXDOMAIN);
		empty("www.test", types[i], NXDOMAIN);
		/* itself is not below itself */
		empty("example.com", types[i], NXDOMAIN);
	}
	dnsclient_send_tcp(t, 7, "b.example.com", DNSCLIENT_A);
	a = dnsclient_receive_tcp(t);
	assert_int_equal(a.rcode, NXDOMAIN);
	assert_int_equal(a.answers, 0);
	close(t);
	gwlive_reported(&g, "b.example.com", 0, GWMSG_REASON_POLICY);
	gwlive_reported(&g, "www.test", 0, GWMSG_REASON_POLICY);
	gwlive_reported(&g, "example.com", 0, GWMSG_REASON_POLICY);
	settled(13, 0);
}

/* Rules are about what can be connected to: the rest is as without them. */
static void test_gwdenied_others_are_answered(void **state)
{
	struct dnsclient_answer a =
		dnsclient_ask(&g, "a.example.com", DNSCLIENT_A);
	char reverse[64];
	uint8_t b[4];

	(void)state;
	assert_int_equal(a.answers, 1);
	empty("a.example.com", DNSCLIENT_AAAA, 0);
	empty("a.example.com", TXT, 0);
	assert_int_equal(inet_pton(AF_INET, a.text, b), 1);
	snprintf(reverse, sizeof(reverse), "%u.%u.%u.%u.in-addr.arpa", b[3],
		 b[2], b[1], b[0]);
	assert_string_equal(dnsclient_ask(&g, reverse, DNSCLIENT_PTR).text,
			    "a.example.com");
	assert_string_equal(dnsclient_ask(&g, "localhost", DNSCLIENT_A).text,
			    "127.0.0.1");
	empty("localhost", DNSCLIENT_AAAA, 0);
	empty("", DNSCLIENT_A, 0);
	empty("host.local", DNSCLIENT_A, NXDOMAIN);
	settled(0, 0);
}

static void resolves(const char *name, uint16_t type, const void *says,
		     size_t len, const char *text)
{
	int s = dnsclient_udp(&g), tor;
	struct gwlive_request r;

	dnsclient_send(s, 1, name, type);
	tor = gwlive_dial(&g);
	gwlive_tor_reads(tor, &r);
	assert_int_equal(r.command, type == DNSCLIENT_PTR ? 0xf1 : 0xf0);
	gwlive_send(tor, says, len);
	close(tor);
	assert_string_equal(dnsclient_receive(s).text, text);
	close(s);
}

static void test_gwdenied_resolve(void **state)
{
	(void)state;
	resolves("a.example.com", DNSCLIENT_A, LIT(TOR_V4), "8.8.4.4");
	resolves("4.4.8.8.in-addr.arpa", DNSCLIENT_PTR, LIT(TOR_NAME),
		 "a.example.com");
	/* tor is not asked */
	empty("b.example.com", DNSCLIENT_A, NXDOMAIN);
	gwlive_reported(&g, "b.example.com", 0, GWMSG_REASON_POLICY);
	empty("www.test", DNSCLIENT_AAAA, NXDOMAIN);
	gwlive_reported(&g, "www.test", 0, GWMSG_REASON_POLICY);
	empty("8.8.8.8.in-addr.arpa", DNSCLIENT_PTR, NXDOMAIN);
	gwlive_reported(&g, "8.8.8.8", 0, GWMSG_REASON_POLICY);
	settled(3, 0);
	/* the address has rules of its own */
	goes("8.8.4.4", 443, NULL);
	stops("8.8.4.4", 80, "8.8.4.4", GWMSG_REASON_POLICY);
}

int main(void)
{
#define NAMES(f) cmocka_unit_test_setup_teardown(f, start_names, stop)
#define RESOLVE(f) cmocka_unit_test_setup_teardown(f, start_resolve, stop)
	const struct CMUnitTest tests[] = {
		NAMES(test_gwdenied_connections),
		NAMES(test_gwdenied_early_bytes),
		NAMES(test_gwdenied_names),
		NAMES(test_gwdenied_others_are_answered),
		RESOLVE(test_gwdenied_resolve),
	};

	signal(SIGPIPE, SIG_IGN);
	gwlive_enter();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
