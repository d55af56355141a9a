/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_tor_bridge.c - bridge lines, good and hostile */
#include "tor/bridge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define FPR "0123456789ABCDEF0123456789ABCDEF01234567"
#define CERT                                                                   \
	"cert=AAAAAAAAAABBBBBBBBBBCCCCCCCCCCDDDDDDDDDDEEEEEEEEEE"              \
	"ffffffffff01234567+/"
#define OBFS4 "obfs4 192.0.2.1:443 " FPR " " CERT " iat-mode=0"

static void parsed_is(const char *line, const char *want)
{
	char again[TOR_BRIDGE_LINE_MAX];
	struct fault f = { .err = 0 };
	struct tor_bridge b;

	if (tor_bridge_parse(line, &b, &f) < 0)
		fail_msg("%s: %s", line, f.what);
	tor_bridge_format(&b, again);
	assert_string_equal(again, want);
}

static void test_bridge_takes_what_distributors_give(void **state)
{
	(void)state;
	parsed_is(OBFS4, OBFS4);
	parsed_is("Bridge " OBFS4, OBFS4);
	parsed_is("  bridge\t" OBFS4 "  ", OBFS4);
	parsed_is("192.0.2.1:9001 " FPR, "192.0.2.1:9001 " FPR);
	parsed_is("127.0.0.1:9001 0123456789abcdef0123456789abcdef01234567",
		  "127.0.0.1:9001 " FPR);
	parsed_is("[2001:DB8:0::1]:443 " FPR, "[2001:db8::1]:443 " FPR);
	parsed_is("webtunnel [2001:db8::2]:443 " FPR
		  " url=https://example.com/Path ver=0.0.1",
		  "webtunnel [2001:db8::2]:443 " FPR
		  " url=https://example.com/Path ver=0.0.1");
	parsed_is("snowflake 192.0.2.3:80 " FPR " fingerprint=" FPR
		  " url=https://s.example/ fronts=a.example,b.example"
		  " ice=stun:stun.example:19302 utls-imitate=hello",
		  "snowflake 192.0.2.3:80 " FPR " fingerprint=" FPR
		  " url=https://s.example/ fronts=a.example,b.example"
		  " ice=stun:stun.example:19302 utls-imitate=hello");
}

static void test_bridge_refuses(void **state)
{
	static const struct {
		const char *line, *why;
	} bad[] = {
		{ "", "nothing" },
		{ "Bridge", "nothing" },
		{ OBFS4 "\nSocksPort 9050", "line break" },
		{ OBFS4 "\rSocksPort 9050", "line break" },
		{ OBFS4 "\n", "line break" },
		{ OBFS4 "\x0bSocksPort 9050", "printable" },
		{ OBFS4 "\xc2\x85SocksPort 9050", "printable" },
		{ OBFS4 "\x1b[2J", "printable" },
		{ OBFS4 "\x7f", "printable" },
		{ OBFS4 " \\", "backslash" },
		{ OBFS4 " # x", "'#'" },
		{ "\"" OBFS4 "\"", "quote" },
		{ "'" OBFS4 "'", "quote" },
		{ "meek 192.0.2.1:443 " FPR " url=https://a/", "transport" },
		{ "OBFS4 192.0.2.1:443 " FPR " " CERT " iat-mode=0",
		  "transport" },
		{ "obfs4 bridge.example:443 " FPR, "ADDRESS:PORT" },
		{ "bridge.example:443 " FPR, "ADDRESS:PORT" },
		{ "obfs4", "missing" },
		{ ":443 " FPR, "ADDRESS:PORT" },
		{ "192.0.2.1 " FPR, "transport" },
		{ "192.0.2.1: " FPR, "port" },
		{ "192.0.2.1:0 " FPR, "port" },
		{ "192.0.2.1:65536 " FPR, "port" },
		{ "192.0.2.1:+443 " FPR, "port" },
		{ "192.0.2.1:443x " FPR, "port" },
		{ "192.0.2.01:443 " FPR, "ADDRESS:PORT" },
		{ "0.0.0.0:443 " FPR, "ADDRESS:PORT" },
		{ "224.0.0.1:443 " FPR, "ADDRESS:PORT" },
		{ "255.255.255.255:443 " FPR, "ADDRESS:PORT" },
		{ "[::]:443 " FPR, "ADDRESS:PORT" },
		{ "[ff02::1]:443 " FPR, "ADDRESS:PORT" },
		{ "2001:db8::1:443 " FPR, "ADDRESS:PORT" },
		{ "[2001:db8::1:443 " FPR, "ADDRESS:PORT" },
		{ "[:443 " FPR, "ADDRESS:PORT" },
		{ "[]:443 " FPR, "ADDRESS:PORT" },
		{ "[fe80::1%eth0]:443 " FPR, "ADDRESS:PORT" },
		{ "192.0.2.1:443", "fingerprint is missing" },
		{ "192.0.2.1:443 " FPR "0", "40" },
		{ "192.0.2.1:443 $" FPR, "40" },
		{ "192.0.2.1:443 G123456789ABCDEF0123456789ABCDEF01234567",
		  "40" },
		{ "obfs4 192.0.2.1:443 " CERT " iat-mode=0", "40" },
		{ "192.0.2.1:443 " FPR " " CERT, "no such argument" },
		{ "obfs4 192.0.2.1:443 " FPR, "missing: \"cert\"" },
		{ "obfs4 192.0.2.1:443 " FPR " " CERT, "\"iat-mode\"" },
		{ "obfs4 192.0.2.1:443 " FPR " " CERT " iat-mode=3", "bad" },
		{ "obfs4 192.0.2.1:443 " FPR " " CERT " iat-mode=", "bad" },
		{ "obfs4 192.0.2.1:443 " FPR " " CERT "= iat-mode=0", "bad" },
		{ "obfs4 192.0.2.1:443 " FPR " cert=x iat-mode=0", "bad" },
		{ OBFS4 " iat-mode=1", "twice" },
		{ OBFS4 " SocksPort 9050", "no such argument" },
		{ OBFS4 " =x", "no such argument" },
		{ "webtunnel 192.0.2.1:443 " FPR, "\"url\"" },
		{ "webtunnel 192.0.2.1:443 " FPR " url=http://a/", "bad" },
		{ "webtunnel 192.0.2.1:443 " FPR " url=https:///", "bad" },
		{ "a b c d e f g h i j k l m n o p q r s t u v w x y", "many" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct fault f = { .err = 0 };
		struct tor_bridge b;

		if (tor_bridge_parse(bad[i].line, &b, &f) != -EINVAL)
			fail_msg("taken: %s", bad[i].line);
		if (!strstr(f.what, bad[i].why))
			fail_msg("%s: %s, not %s", bad[i].line, f.what,
				 bad[i].why);
	}
}

static void test_bridge_refuses_long_lines(void **state)
{
	char line[2 * TOR_BRIDGE_LINE_MAX];
	struct tor_bridge b;
	size_t n;

	(void)state;
	n = (size_t)snprintf(line, sizeof(line),
			     "webtunnel 192.0.2.1:443 " FPR " url=https://");
	/* tor could not hand this one on */
	memset(line + n, 'a', 600);
	line[n + 600] = '\0';
	assert_int_equal(tor_bridge_parse(line, &b, NULL), -EINVAL);
	line[n + 490] = '\0';
	assert_int_equal(tor_bridge_parse(line, &b, NULL), 0);
	memset(line + n, 'a', TOR_BRIDGE_LINE_MAX);
	line[n + TOR_BRIDGE_LINE_MAX] = '\0';
	assert_int_equal(tor_bridge_parse(line, &b, NULL), -EINVAL);
}

static void test_bridge_knows_the_same(void **state)
{
	struct tor_bridge a, b;

	(void)state;
	assert_int_equal(tor_bridge_parse(OBFS4, &a, NULL), 0);
	assert_int_equal(tor_bridge_parse("obfs4 192.0.2.1:443 " FPR " " CERT
					  " iat-mode=2",
					  &b, NULL),
			 0);
	assert_true(tor_bridge_is_same(&a, &b));
	assert_int_equal(tor_bridge_parse("192.0.2.1:443 " FPR, &b, NULL), 0);
	assert_false(tor_bridge_is_same(&a, &b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bridge_takes_what_distributors_give),
		cmocka_unit_test(test_bridge_refuses),
		cmocka_unit_test(test_bridge_refuses_long_lines),
		cmocka_unit_test(test_bridge_knows_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
