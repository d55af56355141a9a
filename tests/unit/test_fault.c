/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_fault.c - what failed, in one line */
#include "base/fault.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void test_fault_returns_negative_errno(void **state)
{
	struct fault f = { .stage = "mounts" };

	(void)state;
	assert_int_equal(fault_set(&f, ENOENT, "open %s", "x"), -ENOENT);
	assert_int_equal(fault_set(&f, -ENOENT, "open %s", "x"), -ENOENT);
	assert_int_equal(f.err, ENOENT);
	assert_int_equal(fault_set(&f, 0, "all said"), -EINVAL);
	assert_int_equal(fault_set(NULL, EPERM, "nowhere to put it"), -EPERM);
	assert_string_equal(f.stage, "mounts");
}

static void test_fault_is_one_line(void **state)
{
	struct fault f = { .stage = "netns" };
	char line[600];

	(void)state;
	fault_set(&f, EPERM, "make %s", "veth");
	fault_format(&f, line, sizeof(line));
	assert_string_equal(line, "netns: make veth: Operation not permitted");
	fault_hint(&f, "ask %s", "root");
	fault_format(&f, line, sizeof(line));
	assert_string_equal(
		line, "netns: make veth: Operation not permitted; ask root");
	f.stage[0] = '\0';
	fault_set(&f, 0, "just this");
	fault_format(&f, line, sizeof(line));
	assert_string_equal(line, "just this");
	fault_set(&f, 4000, "odd");
	fault_format(&f, line, sizeof(line));
	assert_string_equal(line, "odd: error 4000");
}

static void test_fault_shows_no_control_characters(void **state)
{
	struct fault f = { .stage = "" };
	char line[600];

	(void)state;
	fault_set(&f, 0, "a\nb\x1b[2Jc\x7f\xc2\x9b\xc3\xa4");
	fault_hint(&f, "\td");
	fault_format(&f, line, sizeof(line));
	assert_string_equal(line, "a?b?[2Jc???\xc3\xa4; ?d");
}

static void test_fault_cuts_long_text(void **state)
{
	struct fault f = { .stage = "" };
	char big[1000], line[16];

	(void)state;
	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	fault_set(&f, EIO, "%s", big);
	assert_int_equal(strlen(f.what), sizeof(f.what) - 1);
	fault_format(&f, line, sizeof(line));
	assert_int_equal(strlen(line), sizeof(line) - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fault_returns_negative_errno),
		cmocka_unit_test(test_fault_is_one_line),
		cmocka_unit_test(test_fault_shows_no_control_characters),
		cmocka_unit_test(test_fault_cuts_long_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
