/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_gwrules.c - rules, reports and isolation of a real gateway */
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
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/rule.h"
#include "tests/unit/gwlive.h"

/* Two requests, and what they have in common. */
#define TO(name, port) OPEN5 "\x05\x01\x00\x03\x0d" name port
#define A_80 TO("a.example.com", "\x00\x50")
#define A_81 TO("a.example.com", "\x00\x51")
#define B_80 TO("b.example.com", "\x00\x50")
#define B_81 TO("b.example.com", "\x00\x51")

static struct gwlive g;

/* 22, any *.onion, and names below example.com; but b.example.com not. */
static void start_ruled(void)
{
	const struct rule rules[] = {
		{ .kind = RULE_NAME, .deny = true, .name = "b.example.com" },
		{ .kind = RULE_BELOW, .name = "example.com" },
		{ .kind = RULE_BELOW, .name = "onion" },
		{ .kind = RULE_ANY, .nports = 1, .ports = { { 22, 22 } } },
	};
	struct gwmsg m[2] = { { .type = GWMSG_POLICY },
			      { .type = GWMSG_POLICY } };
	struct gwmsg answer;

	/* split over two: order and number do not matter */
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
		gwlive_add_rule(&m[i / 2], &rules[i]);
	memset(&g, 0, sizeof(g));
	gwlive_prepare(&g);
	g.config.config.report_refused = 1;
	g.config.config.listeners[1].flags = GWMSG_EXTENDED_ERRORS;
	if (gwlive_start_with(&g, m, 2, &answer) != GWMSG_READY)
		fail_msg("%s", answer.fault.what);
}

static void allowed(int listener, const char *bytes, size_t len)
{
	int c = gwlive_client(&g, listener), tor;
	struct gwlive_request r;

	gwlive_send(c, bytes, len);
	tor = gwlive_dial(&g);
	gwlive_tor_reads(tor, &r);
	close(c);
	close(tor);
}

static void refused(int listener, const char *bytes, size_t len,
		    const char *reply, size_t reply_len)
{
	int c = gwlive_client(&g, listener);

	gwlive_send(c, bytes, len);
	gwlive_expect(c, reply, reply_len);
	assert_int_equal(gwlive_is_eof(c), 1);
	close(c);
}

#define NO5 LIT("\x05\x00" FAIL5("\x02"))

static void test_gwrules_refuses_and_reports(void **state)
{
	static const char onion[] =
		OPEN5 "\x05\x01\x00\x03\x3e"
		      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		      ".onion\x1f\x40";
	struct gwmsg_stats stats;

	(void)state;
	start_ruled();
	allowed(0, LIT(A_80));
	allowed(0, LIT(onion));
	/* everything on port 22, but deny wins */
	allowed(0, LIT(OPEN5 "\x05\x01\x00\x01\x08\x08\x08\x08\x00\x16"));
	refused(0, LIT(TO("b.example.com", "\x00\x16")), NO5);
	gwlive_reported(&g, "b.example.com", 22, GWMSG_REASON_POLICY);
	refused(0, LIT(OPEN5 "\x05\x01\x00\x01\x08\x08\x08\x08\x00\x50"), NO5);
	gwlive_reported(&g, "8.8.8.8", 80, GWMSG_REASON_POLICY);
	refused(0,
		LIT(OPEN5 "\x05\x01\x00\x04\x26\x06\x47\x00\0\0\0\0"
			  "\0\0\0\0\0\0\0\x01\x01\xbb"),
		NO5);
	gwlive_reported(&g, "2606:4700::1", 443, GWMSG_REASON_POLICY);
	/* in every protocol and spelling */
	refused(0, LIT("\x04\x01\x00\x50\0\0\0\x01\0B.Example.COM.\0"),
		LIT("\0\x5b\0\0\0\0\0\0"));
	gwlive_reported(&g, "b.example.com", 80, GWMSG_REASON_POLICY);
	refused(GWLIVE_HTTP, LIT("CONNECT b.example.com:81 HTTP/1.0\r\n\r\n"),
		LIT("HTTP/1.0 403 Forbidden\r\n\r\n"));
	gwlive_reported(&g, "b.example.com", 81, GWMSG_REASON_POLICY);
	/* nor does it come to know the address */
	refused(0,
		LIT(OPEN5 "\x05\xf0\x00\x03\x0d"
			  "b.example.com\0\0"),
		NO5);
	gwlive_reported(&g, "b.example.com", 0, GWMSG_REASON_POLICY);
	/* internal: by no rule to be opened, on port 22 neither */
	refused(0, LIT(OPEN5 "\x05\x01\x00\x01\x7f\x00\x00\x01\x00\x16"), NO5);
	gwlive_reported(&g, "127.0.0.1", 22, GWMSG_REASON_INTERNAL);
	/* once each: the next message is the answer, nothing was dialled */
	refused(0, LIT(TO("b.example.com", "\x00\x16")), NO5);
	refused(0, LIT(OPEN5 "\x05\x01\x00\x01\x7f\x00\x00\x01\x00\x16"), NO5);
	stats = gwlive_stats(&g);
	assert_int_equal(stats.refused_policy, 7);
	assert_int_equal(stats.refused_internal, 2);
	gwlive_stop(&g);
}

/* An application that asks for thousands is told of a few hundred times. */
static void test_gwrules_reports_are_bounded(void **state)
{
	char text[64];
	int told = 0;
	struct gwmsg m;

	(void)state;
	start_ruled();
	for (int i = 0; i < 600; i++) {
		int c = gwlive_client(&g, GWLIVE_HTTP);
		int n = snprintf(text, sizeof(text), "CONNECT x%d.org:80\n", i);

		gwlive_send(c, text, (size_t)n);
		gwlive_expect(c, LIT("HTTP/1.0 403 Forbidden\r\n\r\n"));
		close(c);
		/* not all would fit into the socket */
		while (recv(g.ctl, &m, sizeof(m), MSG_DONTWAIT) > 0)
			told += m.type == GWMSG_REFUSED;
	}
	assert_int_equal(gwlive_stats(&g).refused_policy, 600);
	assert_int_equal(told, 256);
	gwlive_stop(&g);
}

/* tor's own codes where the port asks for them, else those of RFC 1928 */
static void test_gwrules_extended_errors(void **state)
{
	static const struct {
		uint8_t tor, plain, extended;
	} rows[] = {
		{ 0xf0, 1, 0xf0 }, { 0xf7, 1, 0xf7 }, { 0xf8, 1, 1 },
		{ 0xef, 1, 1 },    { 0x09, 1, 1 },    { 0x05, 5, 5 },
		{ 0x04, 4, 4 },    { 0xff, 1, 1 },
	};

	(void)state;
	start_ruled();
	for (size_t i = 0; i < 2 * ARRAY_SIZE(rows); i++) {
		uint8_t reply[] = TOR_IN FAIL5("\x00");
		uint8_t want[] = "\x05\x00" FAIL5("\x00");
		int c = gwlive_client(&g, i & 1), tor;
		struct gwlive_request r;

		reply[5] = rows[i / 2].tor;
		want[3] = i & 1 ? rows[i / 2].extended : rows[i / 2].plain;
		gwlive_send(c, LIT(A_80));
		tor = gwlive_dial(&g);
		gwlive_tor_reads(tor, &r);
		gwlive_send(tor, reply, sizeof(reply) - 1);
		gwlive_expect(c, want, sizeof(want) - 1);
		close(c);
		close(tor);
	}
	gwlive_stop(&g);
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
	close(c);
	close(tor);
}

static int same(int listener, const char *one, size_t one_len, const char *two,
		size_t two_len)
{
	char a[256], b[256];

	password(listener, one, one_len, a);
	password(listener, two, two_len, b);
	return strcmp(a, b) == 0;
}

/* Whatever the port or the profile isolates by, and nothing else. */
static void test_gwrules_isolation_matrix(void **state)
{
	static const uint32_t of_port[] = { 0, GWMSG_BY_DESTINATION,
					    GWMSG_BY_PORT,
					    GWMSG_BY_CONNECTION };
	struct gwmsg answer;

	(void)state;
	for (uint32_t profile = 0; profile < 8; profile++) {
		memset(&g, 0, sizeof(g));
		gwlive_prepare(&g);
		g.config.config.isolate = profile;
		assert_int_equal(gwlive_start_with(&g, NULL, 0, &answer),
				 GWMSG_READY);
		for (int l = 0; l < 4; l++) {
			uint32_t bits = profile | of_port[l];
			int conn = !(bits & GWMSG_BY_CONNECTION);
			int dest = !(bits & GWMSG_BY_DESTINATION);
			int port = !(bits & GWMSG_BY_PORT);

			assert_int_equal(same(l, LIT(A_80), LIT(A_80)), conn);
			assert_int_equal(same(l, LIT(A_80), LIT(B_80)),
					 conn && dest);
			assert_int_equal(same(l, LIT(A_80), LIT(A_81)),
					 conn && port);
			assert_int_equal(same(l, LIT(A_80), LIT(B_81)),
					 conn && dest && port);
		}
		gwlive_stop(&g);
	}
}

#define LOGIN "\x05\x01\x02\x01\x01u\x01p"
#define LOGIN_A                                                                \
	LOGIN "\x05\x01\x00\x03\x0d"                                           \
	      "a.example.com\x00\x50"
#define CONNECT(fields) "CONNECT a.example.com:80 HTTP/1.1\r\n" fields "\r\n"
#define BASIC(x) "Proxy-Authorization: Basic " x "\r\n"

/* What the client says of itself separates, in a space of its own. */
static void test_gwrules_credentials(void **state)
{
	const int http = GWLIVE_HTTP;
	char first[2][256], second[2][256];
	struct gwmsg answer;

	(void)state;
	memset(&g, 0, sizeof(g));
	gwlive_prepare(&g);
	assert_int_equal(gwlive_start_with(&g, NULL, 0, &answer), GWMSG_READY);
	assert_true(same(http, LIT(CONNECT("")), LIT(CONNECT("Host: x\r\n"))));
	assert_true(same(http, LIT(CONNECT(BASIC("dTpw"))),
			 LIT(CONNECT("Host: x\r\n" BASIC("dTpw")))));
	assert_false(same(http, LIT(CONNECT("")), LIT(CONNECT(BASIC("dTpw")))));
	assert_false(same(http, LIT(CONNECT(BASIC("dTpw"))),
			  LIT(CONNECT(BASIC("dTpx")))));
	assert_false(same(http, LIT(CONNECT(BASIC("dTpw"))),
			  LIT(CONNECT("X-Tor-Stream-Isolation: dTpw\r\n"))));
	password(0, LIT(LOGIN_A), first[0]);
	password(http, LIT(CONNECT(BASIC("dTpw"))), first[1]);
	/* "u:p" by another protocol is another client */
	assert_string_not_equal(first[0], first[1]);
	gwlive_stop(&g);

	/* the same login in another launch */
	memset(&g, 0, sizeof(g));
	gwlive_prepare(&g);
	memset(g.config.config.nonce, 'b', GWMSG_NONCE_LEN);
	assert_int_equal(gwlive_start_with(&g, NULL, 0, &answer), GWMSG_READY);
	password(0, LIT(LOGIN_A), second[0]);
	password(http, LIT(CONNECT(BASIC("dTpw"))), second[1]);
	for (int i = 0; i < 2; i++)
		assert_string_not_equal(first[i], second[i]);
	gwlive_stop(&g);
}

/* A start that must fail, with these words. */
static void no_start(const struct gwmsg *policies, uint32_t n, const char *why)
{
	struct gwmsg answer;
	int status;

	assert_int_equal(gwlive_start_with(&g, policies, n, &answer),
			 GWMSG_FAULT);
	assert_non_null(strstr(answer.fault.what, why));
	status = gwlive_wait(&g);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 1);
}

static void fresh(void)
{
	memset(&g, 0, sizeof(g));
	gwlive_prepare(&g);
}

static void test_gwrules_bad_start(void **state)
{
	struct gwmsg m = { .type = GWMSG_POLICY, .policy = { .len = 5 } };

	(void)state;
	fresh();
	no_start(&m, 1, "receive the destinations");
	fresh();
	m.policy.len = sizeof(m.policy.rules);
	memset(m.policy.rules, 0xff, sizeof(m.policy.rules));
	no_start(&m, 1, "receive the destinations");
	/* another message in its place */
	fresh();
	m = (struct gwmsg){ .type = GWMSG_STATS };
	no_start(&m, 1, "receive the destinations");
	fresh();
	g.config.config.report_refused = 2;
	no_start(NULL, 0, "out of range");
	fresh();
	g.config.config.listeners[2].flags = 2;
	no_start(NULL, 0, "listener 2");
}

/* Rules are for the start: later ones end the service. */
static void test_gwrules_none_later(void **state)
{
	struct gwmsg m = { .type = GWMSG_POLICY, .policy = { .len = 4 } };
	int status;

	(void)state;
	start_ruled();
	m.policy.rules[0] = RULE_ANY;
	assert_int_equal(gwmsg_send(g.ctl, &m, NULL, 0), 0);
	status = gwlive_wait(&g);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_gwrules_refuses_and_reports),
		cmocka_unit_test(test_gwrules_reports_are_bounded),
		cmocka_unit_test(test_gwrules_extended_errors),
		cmocka_unit_test(test_gwrules_isolation_matrix),
		cmocka_unit_test(test_gwrules_credentials),
		cmocka_unit_test(test_gwrules_bad_start),
		cmocka_unit_test(test_gwrules_none_later),
	};

	signal(SIGPIPE, SIG_IGN);
	gwlive_enter();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
