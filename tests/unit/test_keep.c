/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_keep.c - how long isolate-tor waits after a crash of tor */
#include "keeper/keep.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void test_keep_waits_longer_each_time(void **state)
{
	struct keep_backoff b = { .crashes = 0 };
	int ms, before = 0, sum = 0, n = 0;

	(void)state;
	while ((ms = keep_backoff_next(&b, 0)) >= 0) {
		assert_true(ms >= before);
		assert_in_range(ms, 100, 30000);
		before = ms;
		sum += ms;
		n++;
	}
	assert_int_equal(before, 30000);
	/* it is a limit, and not one that a short outage reaches */
	assert_int_equal(n, 16);
	assert_in_range(sum, 120000, 600000);
	assert_int_equal(keep_backoff_next(&b, 59999), -1);
}

static void test_keep_forgets_after_a_good_run(void **state)
{
	struct keep_backoff b = { .crashes = 0 };

	(void)state;
	assert_int_equal(keep_backoff_next(&b, 0), 100);
	assert_int_equal(keep_backoff_next(&b, 59999), 200);
	assert_int_equal(keep_backoff_next(&b, 60000), 100);
	while (keep_backoff_next(&b, 0) >= 0)
		continue;
	assert_int_equal(keep_backoff_next(&b, 86400000), 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keep_waits_longer_each_time),
		cmocka_unit_test(test_keep_forgets_after_a_good_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
