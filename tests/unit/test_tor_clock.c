/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_tor_clock.c - what says that the clock is wrong */
#include "tor/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

static void test_clock_parses_tors_times(void **state)
{
	static const char *const bad[] = {
		"",
		"2026-11-27",
		"2026-11-27 09:30",
		"2026-11-27T09:30:00",
		"2026-11-27 09:30:00 ",
		"2026-11-27  9:30:00",
		"2026-13-27 09:30:00",
		"2026-02-30 09:30:00",
		"2026-11-27 24:30:00",
		"+026-11-27 09:30:00",
	};
	time_t when;

	(void)state;
	assert_int_equal(tor_clock_parse("1970-01-02 00:00:01", &when), 0);
	assert_int_equal(when, 86401);
	assert_int_equal(tor_clock_parse("2026-11-27 09:30:00", &when), 0);
	assert_int_equal(when, 1795771800);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		if (tor_clock_parse(bad[i], &when) != -EPROTO)
			fail_msg("taken: %s", bad[i]);
}

static void test_clock_judges_by_the_consensus(void **state)
{
	(void)state;
	assert_int_equal(tor_clock_judge(1500, 1000, 2000, 1100), 0);
	assert_int_equal(tor_clock_judge(1000, 1000, 2000, 1000), 0);
	assert_int_equal(tor_clock_judge(2000, 1000, 2000, 2000), 0);
	/* from the future: certain */
	assert_int_equal(tor_clock_judge(400, 1000, 2000, 0), -600);
	/* an old one: only where it was old when it came */
	assert_int_equal(tor_clock_judge(5700, 1000, 2000, 5600), 3600);
	assert_int_equal(tor_clock_judge(5600, 1000, 2000, 0), 0);
	/* tor was dormant or offline, or the computer slept: it grew old */
	assert_int_equal(tor_clock_judge(5600, 1000, 2000, 1100), 0);
	assert_int_equal(tor_clock_judge(90000, 1000, 2000, 2000), 0);
	/* the clock was set back since */
	assert_int_equal(tor_clock_judge(2300, 1000, 2000, 5600), 300);
	assert_int_equal(tor_clock_judge(1900, 1000, 2000, 5600), 0);
}

static void test_clock_says_what_to_do(void **state)
{
	char text[256];

	(void)state;
	assert_false(tor_clock_is_off(0));
	assert_false(tor_clock_is_off(30));
	assert_false(tor_clock_is_off(-119));
	assert_true(tor_clock_is_off(120));
	assert_true(tor_clock_is_off(-3600));
	tor_clock_say(3600, text, sizeof(text));
	assert_non_null(strstr(text, "60 minutes ahead"));
	tor_clock_say(-90000, text, sizeof(text));
	assert_non_null(strstr(text, "25 hours behind"));
	assert_non_null(strstr(text, "timedatectl"));
	assert_non_null(strstr(text, "chronyc"));
	assert_true(strlen(text) < sizeof(((struct fault *)0)->hint));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clock_parses_tors_times),
		cmocka_unit_test(test_clock_judges_by_the_consensus),
		cmocka_unit_test(test_clock_says_what_to_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
