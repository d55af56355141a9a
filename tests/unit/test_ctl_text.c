/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_ctl_text.c - hostile words, times, aligned columns */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <locale.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/attr.h"
#include "ctl/table.h"
#include "ctl/text.h"

static void test_ctl_text_printable(void **state)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
		{ "/usr/bin/irssi", "/usr/bin/irssi" },
		{ "", "" },
		{ "a b", "a b" },
		{ "\x1b[31mred", "\\x1b[31mred" },
		{ "a\nb\tc\r\x7f", "a\\x0ab\\x09c\\x0d\\x7f" },
		{ "\x1b]0;title\x07", "\\x1b]0;title\\x07" },
		{ "back\\slash", "back\\\\slash" },
		{ "\xff\xfe", "\\xff\\xfe" },
		/* U+009B, a CSI of one character */
		{ "\xc2\x9b", "\\xc2\\x9b" },
		/* U+202E turns the direction */
		{ "a\xe2\x80\xae"
		  "b",
		  "a\\xe2\\x80\\xaeb" },
		/* cut short */
		{ "a\xe2\x80", "a\\xe2\\x80" },
		{ "\xc3\xa4", "\xc3\xa4" },
	};

	(void)state;
	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		skip();
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		autofree char *got = text_printable(rows[i].in);

		assert_string_equal(got, rows[i].out);
	}
	setlocale(LC_CTYPE, "C");
}

static void test_ctl_text_utf8(void **state)
{
	static const struct {
		const char *in;
		bool ok;
	} rows[] = {
		{ "a", true },
		{ "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", true },
		{ "\xc0\x80", false },         /* overlong */
		{ "\xe0\x80\xaf", false },     /* overlong */
		{ "\xed\xa0\x80", false },     /* surrogate */
		{ "\xf4\x90\x80\x80", false }, /* above U+10FFFF */
		{ "\xf0\x9f\x98", false },     /* cut short */
		{ "\x80", false },
		{ "a\xff", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		autofree char *got = text_utf8(rows[i].in);

		if (rows[i].ok)
			assert_string_equal(got, rows[i].in);
		else
			assert_non_null(strstr(got, "\xef\xbf\xbd"));
	}
}

static void test_ctl_text_times(void **state)
{
	static const struct {
		int64_t us;
		const char *out;
	} rows[] = {
		{ -1, "-" },
		{ 0, "0s" },
		{ 59999999, "59s" },
		{ 60000000, "1m00s" },
		{ 3599000000, "59m59s" },
		{ 18420000000, "5h07m" },
		{ 273600000000, "3d04h" },
	};
	char buf[TEXT_TIME_LEN];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		text_duration(rows[i].us, buf);
		assert_string_equal(buf, rows[i].out);
	}
	setenv("TZ", "EST5", 1);
	tzset();
	text_time_local(1000000000LL * 1000000, buf);
	assert_string_equal(buf, "2001-09-08 20:46:40");
	text_time_utc(1000000000LL * 1000000 + 7, buf);
	assert_string_equal(buf, "2001-09-09T01:46:40.000007Z");
	text_time_local(0, buf);
	assert_string_equal(buf, "-");
	/* a ledger can hold any number */
	text_time_local(INT64_MAX, buf);
	text_time_utc(INT64_MAX, buf);
	text_time_local(INT64_MIN, buf);
	text_time_utc(INT64_MIN, buf);
	text_duration(INT64_MAX, buf);
	setenv("TZ", "UTC0", 1);
	tzset();
}

static void test_ctl_text_table(void **state)
{
	struct table t = { .columns = 2 };
	autofree char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	(void)state;
	table_add(&t, TABLE_STRONG, "A");
	table_add(&t, TABLE_STRONG, "B");
	table_add(&t, TABLE_BAD, "long\n");
	table_add(&t, TABLE_PLAIN, "x");
	table_print(&t, out);
	fclose(out);
	table_free(&t);
	/* no colour: this is no terminal */
	assert_string_equal(text, "A         B\nlong\\x0a  x\n");
}

static void test_text_bytes(void **state)
{
	static const struct {
		uint64_t n;
		const char *text;
	} t[] = {
		{ 0, "0" },
		{ 1023, "1023" },
		{ 1024, "1.0K" },
		{ 1536, "1.5K" },
		{ 10188, "9.9K" },
		{ 10189, "10K" },
		{ 1048063, "1023K" },
		{ 1048064, "1.0M" },
		{ 3ULL << 30, "3.0G" },
		{ UINT64_MAX, "16E" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		char buf[TEXT_TIME_LEN];

		text_bytes(t[i].n, buf);
		assert_string_equal(buf, t[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text_bytes),
		cmocka_unit_test(test_ctl_text_printable),
		cmocka_unit_test(test_ctl_text_utf8),
		cmocka_unit_test(test_ctl_text_times),
		cmocka_unit_test(test_ctl_text_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
