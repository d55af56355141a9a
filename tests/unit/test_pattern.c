/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_pattern.c - destinations in text, and as rules on the wire */
#include "profiles/pattern.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/attr.h"
#include "profiles/ports.h"

#define LABEL63                                                                \
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static const struct {
	const char *text;
	enum rule_kind kind;
	const char *name;
	uint8_t addr[16];
	uint8_t bits;
	const char *ports; /* "first-last ..." */
} good[] = {
	{ "example.org", RULE_NAME, "example.org", { 0 }, 0, "" },
	{ "Example.ORG.", RULE_NAME, "example.org", { 0 }, 0, "" },
	{ "a_b.x-y.example", RULE_NAME, "a_b.x-y.example", { 0 }, 0, "" },
	{ "*.example.org:443", RULE_BELOW, "example.org", { 0 }, 0, "443-443" },
	{ "*.onion", RULE_BELOW, "onion", { 0 }, 0, "" },
	/* a label is no number for looking like the beginning of one */
	{ "0x7f.org", RULE_NAME, "0x7f.org", { 0 }, 0, "" },
	{ "a.0x7g", RULE_NAME, "a.0x7g", { 0 }, 0, "" },
	{ LABEL63 ".org", RULE_NAME, LABEL63 ".org", { 0 }, 0, "" },
	{ "192.0.2.7", RULE_V4, "", { 192, 0, 2, 7 }, 32, "" },
	{ "192.0.2.0/24:1-65535", RULE_V4, "", { 192, 0, 2 }, 24, "1-65535" },
	{ "0.0.0.0/0", RULE_V4, "", { 0 }, 0, "" },
	{ "[2001:db8::]/32:80,443-445",
	  RULE_V6,
	  "",
	  { 0x20, 0x01, 0x0d, 0xb8 },
	  32,
	  "80-80 443-445" },
	{ "[2001:db8::1]",
	  RULE_V6,
	  "",
	  { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 },
	  128,
	  "" },
	{ "[::]/0", RULE_V6, "", { 0 }, 0, "" },
	{ "*", RULE_ANY, "", { 0 }, 0, "" },
	{ "*:6667", RULE_ANY, "", { 0 }, 0, "6667-6667" },
	{ "*:1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16",
	  RULE_ANY,
	  "",
	  { 0 },
	  0,
	  "1-1 2-2 3-3 4-4 5-5 6-6 7-7 8-8 9-9 10-10 11-11 12-12 13-13 14-14 "
	  "15-15 16-16" },
};

static void check_ports(const struct rule *r, const char *want)
{
	char got[256] = "";

	for (size_t i = 0; i < r->nports; i++)
		snprintf(got + strlen(got), sizeof(got) - strlen(got),
			 "%s%u-%u", i ? " " : "", r->ports[i].first,
			 r->ports[i].last);
	assert_string_equal(got, want);
}

static void test_pattern_parse_good(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		struct fault f = { 0 };
		struct rule r;

		if (pattern_parse(good[i].text, &r, &f) < 0)
			fail_msg("%s: %s", good[i].text, f.what);
		assert_int_equal(r.kind, good[i].kind);
		assert_string_equal(r.name, good[i].name);
		assert_memory_equal(r.addr, good[i].addr, 16);
		assert_int_equal(r.bits, good[i].bits);
		assert_false(r.deny);
		check_ports(&r, good[i].ports);
	}
}

static const char *const bad[] = {
	"",
	":80",
	".",
	"..",
	"*.",
	"**",
	"*.*",
	"a.*.org",
	"*example.org",
	"example..org",
	".example.org",
	"localhost",
	"org",
	"exa mple.org",
	"ex\xc3\xa4mple.org",
	"example.org/24",
	"example.org:",
	"example.org:0",
	"example.org:080",
	"example.org:65536",
	"example.org:99999999999999999999",
	"example.org:x",
	"example.org:80,",
	"example.org:,80",
	"example.org:80-",
	"example.org:-80",
	"example.org:90-80",
	"example.org:80-81-82",
	"example.org:80 ",
	"example.org:+80",
	"*:1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17",
	"127.1",
	"2130706433",
	"0x7f.0.0.1.",
	"192.0.2",
	"0X7f.1",
	"0177.0.0.1",
	"1.2.3.0x4",
	"1.2.3.0X4",
	"1.2.3.0xfF.",
	"1.2.3.0x",
	"0x7f000001",
	"0x7f.0x1",
	"example.0x7f",
	"*.0x7f",
	"*.127",
	"example.127",
	"192.0.2.256",
	"192.0.2.0.0",
	"192.0.2.1/24",
	"192.0.2.0/33",
	"192.0.2.0/",
	"192.0.2.0/024",
	"192.0.2.0/-1",
	"192.0.2.0/24/24",
	"*/8",
	"2001:db8::1",
	"2001:db8::/32",
	"[2001:db8::1",
	"[2001:db8::/32]",
	"[2001:db8::1]/32",
	"[2001:db8::1]/129",
	"[2001:db8::1]x",
	"[2001:db8::1]80",
	"[]",
	"[fe80::1%eth0]",
	"[::ffff:192.0.2.1]",
	"[::ffff:192.0.2.0]/120",
	"[192.0.2.1]",
	"https://example.org",
	"user@example.org",
};

static void test_pattern_parse_bad(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct fault f = { 0 };
		struct rule r = { .bits = 77 };

		if (pattern_parse(bad[i], &r, &f) == 0)
			fail_msg("taken: %s", bad[i]);
		assert_true(f.what[0]);
		/* unchanged */
		assert_int_equal(r.bits, 77);
	}
}

static void test_pattern_parse_long_names(void **state)
{
	char text[400] = "";
	struct fault f = { 0 };
	struct rule r;

	(void)state;
	for (int i = 0; i < 126; i++)
		memcpy(text + 2 * i, "a.", 2);
	text[252] = 'b';
	assert_int_equal(strlen(text), RULE_NAME_MAX);
	assert_int_equal(pattern_parse(text, &r, &f), 0);
	assert_string_equal(r.name, text);
	memcpy(text + 253, ".cd", 4);
	assert_int_equal(pattern_parse(text, &r, &f), -EINVAL);
	/* a label of 64 */
	snprintf(text, sizeof(text), "%sa.org", LABEL63);
	assert_int_equal(pattern_parse(text, &r, &f), -EINVAL);
	memset(text, 'a', sizeof(text) - 1);
	assert_int_equal(pattern_parse(text, &r, &f), -EINVAL);
}

static void test_pattern_survives_the_wire(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		uint8_t bytes[RULE_BYTES_MAX];
		struct rule r, back;
		struct fault f;
		size_t size;

		assert_int_equal(pattern_parse(good[i].text, &r, &f), 0);
		r.deny = i & 1;
		size = rule_encode(&r, bytes, sizeof(bytes));
		assert_true(size >= RULE_HEAD_BYTES);
		assert_int_equal(rule_encode(&r, bytes, size - 1), 0);
		assert_int_equal(rule_decode(bytes, size, &back), size);
		assert_memory_equal(&back, &r, sizeof(r));
		/* none of its beginnings is a rule */
		while (size-- > 0)
			assert_int_equal(rule_decode(bytes, size, &back), 0);
	}
}

#define LIT(s) (const uint8_t *)(s), sizeof(s) - 1

static void test_rule_decode_refuses(void **state)
{
	static const struct {
		const uint8_t *bytes;
		size_t len;
	} rows[] = {
		/* no kind, kinds that there are not */
		{ LIT("\0\0\0\0") },
		{ LIT("\x80\0\0\0") },
		{ LIT("\x06\0\0\0") },
		{ LIT("\x7f\0\0\0") },
		/* a target where there is none */
		{ LIT("\x01\x01\0\0x") },
		{ LIT("\x01\0\x01\0") },
		/* names: empty, a prefix, not canonical, a NUL */
		{ LIT("\x02\0\0\0") },
		{ LIT("\x02\x05\x01\0a.org") },
		{ LIT("\x02\x05\0\0A.org") },
		{ LIT("\x02\x05\0\0a.or.") },
		{ LIT("\x02\x05\0\0.a.or") },
		{ LIT("\x03\x05\0\0a..or") },
		{ LIT("\x03\x05\0\0a\0org") },
		{ LIT("\x03\x05\0\0a/org") },
		/* addresses: length, prefix, bits behind it */
		{ LIT("\x04\x03\x08\0\x0a\0\0") },
		{ LIT("\x04\x05\x08\0\x0a\0\0\0\0") },
		{ LIT("\x04\x04\x21\0\x0a\0\0\0") },
		{ LIT("\x04\x04\x08\0\x0a\0\0\x01") },
		{ LIT("\x04\x04\x1f\0\x0a\0\0\x01") },
		{ LIT("\x05\x04\x08\0\x0a\0\0\0") },
		/* ports: 0, backwards, too many, too few bytes */
		{ LIT("\x01\0\0\x01\0\0\0\x50") },
		{ LIT("\x01\0\0\x01\0\x51\0\x50") },
		{ LIT("\x01\0\0\x02\0\x50\0\x50\0\x51\0") },
		{ LIT("\x01\0\0\xff\0\x50\0\x50") },
	};
	uint8_t many[RULE_HEAD_BYTES + 17 * RULE_PORTS_BYTES];
	struct rule r;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rule_decode(rows[i].bytes, rows[i].len, &r) != 0)
			fail_msg("row %zu", i);
	memset(many, 1, sizeof(many));
	many[0] = RULE_ANY;
	many[1] = many[2] = 0;
	many[3] = 17;
	assert_int_equal(rule_decode(many, sizeof(many), &r), 0);
	many[3] = 16;
	assert_int_equal(rule_decode(many, sizeof(many), &r),
			 sizeof(many) - RULE_PORTS_BYTES);
}

static void test_ports_parse(void **state)
{
	struct port_range r[3];
	struct fault f;

	(void)state;
	assert_int_equal(ports_parse(" 9050\t9100-9118 ", " \t", r, 3, &f), 2);
	assert_int_equal(r[0].first, 9050);
	assert_int_equal(r[0].last, 9050);
	assert_int_equal(r[1].first, 9100);
	assert_int_equal(r[1].last, 9118);
	assert_int_equal(ports_parse("", " \t", r, 3, &f), 0);
	assert_int_equal(ports_parse("  ", " \t", r, 3, &f), 0);
	assert_int_equal(ports_parse("1 2 3", " \t", r, 3, &f), 3);
	assert_int_equal(ports_parse("1 2 3 4", " \t", r, 3, &f), -E2BIG);
	assert_int_equal(ports_parse("1,2", " \t", r, 3, &f), -EINVAL);
	assert_int_equal(ports_parse("1 - 2", " \t", r, 3, &f), -EINVAL);
	assert_int_equal(ports_parse("4294967297", " \t", r, 3, &f), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pattern_parse_good),
		cmocka_unit_test(test_pattern_parse_bad),
		cmocka_unit_test(test_pattern_parse_long_names),
		cmocka_unit_test(test_pattern_survives_the_wire),
		cmocka_unit_test(test_rule_decode_refuses),
		cmocka_unit_test(test_ports_parse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
