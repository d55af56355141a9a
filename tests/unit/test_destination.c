/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_destination.c - every spelling of an internal destination */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <string.h>

#include "base/attr.h"
#include "gateway/destination.h"

#define ONION "pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd"
#define L63 "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz01234567890"

static const char *const internal[] = {
	/* inet_aton(3) in all its forms */
	"127.0.0.1",
	"127.1",
	"127.0.1",
	"127.256",
	"127.65535",
	"2130706433",
	"017700000001",
	"0x7f000001",
	"0X7F.1",
	"0x7f.0.0.1",
	"0177.0.0.1",
	"0177.0x0.0.01",
	"127.0.0.0x1",
	"00000177.1",
	"0x0000000000007f.1",
	"127.0.0.1.",
	"127.1.",
	"0",
	"0.0.0.0",
	"0x0",
	"10.0.0.1",
	"10.1",
	"012.1",
	"0xa.0.0.1",
	"167772161",
	"172.16.0.1",
	"172.31.255.255",
	"192.168.0.1",
	"192.168.257",
	"3232235521",
	"0xc0a80001",
	"100.64.0.1",
	"100.127.255.255",
	"169.254.169.254",
	"2852039166",
	"0xa9fea9fe",
	"192.0.0.8",
	"198.18.0.1",
	"198.19.255.255",
	"224.0.0.1",
	"239.255.255.250",
	"255.255.255.255",
	"4294967295",
	"037777777777",
	"240.0.0.1",
	"10.152.152.10",
	"10.192.0.1",
	/* IPv6 and what hides in it */
	"::1",
	"::",
	"[::1]",
	"[::]",
	"[0:0:0:0:0:0:0:1]",
	"0000:0000:0000:0000:0000:0000:0000:0001",
	"::ffff:127.0.0.1",
	"::FFFF:7F00:1",
	"[::ffff:10.0.0.1]",
	"::ffff:0:127.0.0.1",
	"::127.0.0.1",
	"::8.8.8.8",
	"64:ff9b::127.0.0.1",
	"64:ff9b::a9fe:a9fe",
	"64:ff9b:1::8.8.8.8",
	"2002:7f00:1::",
	"2002:c0a8:1::1",
	"2002:a00:1::1",
	/* one tunnel within another, either end */
	"2002:808:808::5efe:10.0.0.1",
	"2002:a00:1::5efe:8.8.8.8",
	"::5efe:8.8.8.8",
	"64:ff9b:0:1::8.8.8.8",
	"64:ff9b:1:808:8:800::",
	"2001:0:808:808::1",
	"2001:4860:1:2:0:5efe:10.0.0.1",
	"2001:4860:1:2:200:5efe:192.168.0.1",
	"fe80::1",
	"febf::1",
	"fec0::1",
	"fc00::1",
	"fd12:3456:789a::1",
	"ff02::1",
	"ff0e::1",
	"100::1",
	"5f00::1",
	"4000::1",
	/* names */
	"localhost",
	"LOCALHOST",
	"LocalHost.",
	"foo.localhost",
	"a.b.localhost.",
	"localhost.localdomain",
	"x.localdomain",
	"printer.local",
	"printer.LOCAL.",
	"metadata.google.internal",
	"nas.home.arpa",
	"home.arpa",
	"www.example.com.relay.exit",
	"foo.noconnect",
	"router.lan",
	"nas.home",
	"db.corp",
	"wiki.intranet",
	"a.private",
	"router",
	"wpad",
	"com",
	"com.",
	"a_b",
	"-1",
	"pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscrydonion",
};

static const char *const invalid[] = {
	"",
	".",
	"..",
	"localhost..",
	".localhost",
	"a..example.com",
	" localhost",
	"localhost ",
	"127.0.0.1 ",
	" 127.0.0.1",
	"127.0.0.1\t",
	"127.0.0.1\n",
	"example.com\r\n",
	"exa mple.com",
	"example.com/",
	"user@example.com",
	"example.com%00",
	"ex\xc3\xa4mple.com",
	/* full-width digits and the ideographic stop */
	"\xef\xbc\x91\xef\xbc\x92\xef\xbc\x97.0.0.1",
	"127\xe3\x80\x82.0.0.1",
	"\x7f.example.com",
	"*.example.com",
	/* ends in a number, and is none */
	"127.0.0.1.1",
	"1.2.3.4.5",
	"256.1.1.1",
	"1.2.65536",
	"1.16777216",
	"4294967296",
	"0x100000000",
	"040000000000",
	"0xffffffffffffffffffff7f000001",
	"99999999999999999999999999999999999",
	"08.1",
	"09",
	"0x",
	"0x.1",
	"1.0x",
	"127.0.0.1x.1",
	"example.1",
	"example.0x7f",
	"1..1",
	".1",
	"+1",
	"1e3.1",
	/* brackets, ports, zones */
	"[]",
	"[",
	"]",
	"[127.0.0.1]",
	"[localhost]",
	"[::1",
	"::1]",
	"[[::1]]",
	"[::1]:80",
	"[::1%lo]",
	"fe80::1%eth0",
	"127.0.0.1:80",
	"example.com:80",
	":",
	":::",
	"1:2:3:4:5:6:7:8:9",
	"::ffff:127.1",
	"::1.",
	/* too long */
	(L63 "x.example.com"),
	(L63 "." L63 "." L63 "." L63 ".com"),
	/* onions that are none */
	"onion",
	"foo.onion",
	"expyuzz4wqqyqhjn.onion",
	"pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryda.onion",
	"1g6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion",
	"0.pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.foo.onion",
};

struct passing {
	const char *text;
	enum destination_kind kind;
	const char *canonical; /* name, or the address as inet_ntop(3) */
};

static const struct passing passing[] = {
	{ "example.com", DESTINATION_NAME, "example.com" },
	{ "WWW.Example.COM.", DESTINATION_NAME, "www.example.com" },
	{ "_dmarc.example.com", DESTINATION_NAME, "_dmarc.example.com" },
	{ "-x-.tumblr.com", DESTINATION_NAME, "-x-.tumblr.com" },
	{ "xn--bcher-kva.example", DESTINATION_NAME, "xn--bcher-kva.example" },
	{ "1.2.3.4.example.com", DESTINATION_NAME, "1.2.3.4.example.com" },
	{ "notlocalhost.com", DESTINATION_NAME, "notlocalhost.com" },
	{ "localhost.example.com", DESTINATION_NAME, "localhost.example.com" },
	{ "a.xlocal", DESTINATION_NAME, "a.xlocal" },
	{ "myexit.org", DESTINATION_NAME, "myexit.org" },
	{ "www.test", DESTINATION_NAME, "www.test" },
	{ "a.0x7g", DESTINATION_NAME, "a.0x7g" },
	{ L63 ".com", DESTINATION_NAME, L63 ".com" },
	{ ONION ".onion", DESTINATION_NAME, ONION ".onion" },
	{ "www." ONION ".ONION.", DESTINATION_NAME, "www." ONION ".onion" },
	{ "8.8.8.8", DESTINATION_V4, "8.8.8.8" },
	{ "8.8.8.8.", DESTINATION_V4, "8.8.8.8" },
	{ "0x08080808", DESTINATION_V4, "8.8.8.8" },
	{ "134744072", DESTINATION_V4, "8.8.8.8" },
	{ "010.8.2056", DESTINATION_V4, "8.8.8.8" },
	{ "9.255.255.255", DESTINATION_V4, "9.255.255.255" },
	{ "11.0.0.0", DESTINATION_V4, "11.0.0.0" },
	{ "100.63.255.255", DESTINATION_V4, "100.63.255.255" },
	{ "100.128.0.0", DESTINATION_V4, "100.128.0.0" },
	{ "172.15.255.255", DESTINATION_V4, "172.15.255.255" },
	{ "172.32.0.0", DESTINATION_V4, "172.32.0.0" },
	{ "192.0.1.0", DESTINATION_V4, "192.0.1.0" },
	{ "223.255.255.255", DESTINATION_V4, "223.255.255.255" },
	{ "::ffff:8.8.8.8", DESTINATION_V4, "8.8.8.8" },
	{ "[2001:4860:4860::8888]", DESTINATION_V6, "2001:4860:4860::8888" },
	{ "2001:4860:4860::8888", DESTINATION_V6, "2001:4860:4860::8888" },
	{ "64:ff9b::8.8.8.8", DESTINATION_V6, "64:ff9b::808:808" },
	{ "2002:808:808::1", DESTINATION_V6, "2002:808:808::1" },
};

static enum destination_verdict judge(const char *text, struct destination *d)
{
	memset(d, 0xaa, sizeof(*d));
	return destination_from_name(text, strlen(text), d);
}

static void test_destination_internal(void **state)
{
	struct destination d;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(internal); i++)
		if (judge(internal[i], &d) != DESTINATION_INTERNAL)
			fail_msg("\"%s\" is not internal", internal[i]);
}

static void test_destination_invalid(void **state)
{
	struct destination d;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(invalid); i++)
		if (judge(invalid[i], &d) != DESTINATION_INVALID)
			fail_msg("\"%s\" is not invalid", invalid[i]);
}

static void test_destination_passing(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(passing); i++) {
		const struct passing *p = &passing[i];
		char text[INET6_ADDRSTRLEN];
		struct destination d;

		if (judge(p->text, &d) != DESTINATION_OK)
			fail_msg("\"%s\" does not pass", p->text);
		assert_int_equal(d.kind, p->kind);
		if (d.kind == DESTINATION_NAME) {
			assert_string_equal(d.name, p->canonical);
			continue;
		}
		assert_string_equal(d.name, "");
		inet_ntop(d.kind == DESTINATION_V4 ? AF_INET : AF_INET6, d.addr,
			  text, sizeof(text));
		assert_string_equal(text, p->canonical);
	}
}

static void test_destination_nul_is_invalid(void **state)
{
	static const char a[] = "example.com\0.local", b[] = "::1\0";
	struct destination d;

	(void)state;
	assert_int_equal(destination_from_name(a, sizeof(a) - 1, &d),
			 DESTINATION_INVALID);
	assert_int_equal(destination_from_name(b, sizeof(b) - 1, &d),
			 DESTINATION_INVALID);
}

/* No byte but letters, digits, '-', '_' and '.' makes it into a name. */
static void test_destination_every_byte(void **state)
{
	static const char good[] = "abcdefghijklmnopqrstuvwxyz"
				   "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
	struct destination d;

	(void)state;
	for (int c = 0; c < 256; c++) {
		char name[] = "ax.example.com";
		enum destination_verdict want;

		name[1] = (char)c;
		want = c != 0 && strchr(good, c) ? DESTINATION_OK
						 : DESTINATION_INVALID;
		if (c == '.')
			want = DESTINATION_INVALID;
		assert_int_equal(destination_from_name(name, 14, &d), want);
	}
}

static void test_destination_longest(void **state)
{
	char name[256];
	struct destination d;

	(void)state;
	for (size_t i = 0; i < sizeof(name); i++)
		name[i] = i % 50 == 49 ? '.' : 'a';
	assert_int_equal(destination_from_name(name, 253, &d), DESTINATION_OK);
	assert_int_equal(strlen(d.name), 253);
	name[253] = '.';
	assert_int_equal(destination_from_name(name, 254, &d), DESTINATION_OK);
	name[253] = 'a';
	assert_int_equal(destination_from_name(name, 254, &d),
			 DESTINATION_INVALID);
}

/* Agrees with the C library on every address both understand. */
static void test_destination_as_inet_aton(void **state)
{
	static const char *const text[] = { "8.8.8.8",     "8.8.2056",
					    "8.526344",    "134744072",
					    "0x8.010.8.8", "1.2.3",
					    "1.2",         "1.65535" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(text); i++) {
		struct destination d;
		struct in_addr a;

		assert_int_equal(inet_aton(text[i], &a), 1);
		assert_int_equal(judge(text[i], &d), DESTINATION_OK);
		assert_memory_equal(d.addr, &a, 4);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_destination_internal),
		cmocka_unit_test(test_destination_invalid),
		cmocka_unit_test(test_destination_passing),
		cmocka_unit_test(test_destination_nul_is_invalid),
		cmocka_unit_test(test_destination_every_byte),
		cmocka_unit_test(test_destination_longest),
		cmocka_unit_test(test_destination_as_inet_aton),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
