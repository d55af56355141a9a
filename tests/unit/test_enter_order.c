/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_enter_order.c - the order that the guarantee depends on */
#include "launcher/enter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "launcher/canary.h"

/* Place of a step among those of all sides; fails where there is none. */
static int at(const char *name)
{
	for (int i = 0; enter_steps[i].name; i++)
		if (strcmp(enter_steps[i].name, name) == 0)
			return i;
	fail_msg("there is no step %s", name);
	return -1;
}

/* The last one of that name: the canary has several. */
static int last_at(const char *name)
{
	int last = at(name);

	for (int i = last; enter_steps[i].name; i++)
		if (strcmp(enter_steps[i].name, name) == 0)
			last = i;
	return last;
}

static int count(void)
{
	int n = 0;

	while (enter_steps[n].name)
		n++;
	return n;
}

static void test_enter_ends_with_canary_filter_exec(void **state)
{
	int n = count();

	(void)state;
	assert_string_equal(enter_steps[n - 1].name, "exec");
	/* the filter is checked by the one call it leaves for that */
	assert_ptr_equal(enter_steps[n - 2].run, canary_check_filter);
	assert_string_equal(enter_steps[n - 3].name, "seccomp");
	assert_ptr_equal(enter_steps[n - 4].run, canary_check);
	assert_string_equal(enter_steps[n - 5].name, "descriptors");
	for (int i = n - 5; i < n; i++)
		assert_int_equal(enter_steps[i].side, ENTER_APP);
}

static void test_enter_gives_up_privileges_in_order(void **state)
{
	(void)state;
	/* U1 gives all capabilities once more */
	assert_true(at("inner-userns") < at("capabilities"));
	assert_true(at("capabilities") < at("no-new-privs"));
	assert_true(at("no-new-privs") < last_at("canary"));
	assert_true(at("no-new-privs") < at("seccomp"));
	assert_true(at("limits") < at("inner-userns"));
	/* which hands the pty over */
	assert_true(at("session") < at("limits"));
	assert_true(at("inner-userns") < at("keyring"));
	/* pid 1 is confined, and the gateway serves, before the check */
	assert_true(at("init") < at("descriptors"));
	assert_true(at("init") < last_at("canary"));
	assert_true(at("confine") < at("go"));
	/* the mounts are looked at when all of them are as they stay, and
	 * before the application may run */
	assert_ptr_equal(enter_steps[at("canary")].run, canary_check_mounts);
	assert_int_equal(enter_steps[at("canary")].side, ENTER_INIT);
	assert_true(at("old-root") < at("confine"));
	assert_true(at("confine") < at("canary"));
	assert_true(at("canary") < at("go"));
}

static void test_enter_closes_ipv6_before_devices(void **state)
{
	(void)state;
	assert_true(at("netns") < at("no-ipv6"));
	assert_true(at("no-ipv6") < at("loopback"));
	assert_true(at("no-ipv6") < at("wire"));
	/* rules first, then something that could arrive */
	assert_true(at("gateway-netns") < at("redirect"));
	assert_true(at("redirect") < at("wire"));
	/* nobody waits for them who could go on without */
	assert_true(at("send-netns") < at("redirect"));
	/* no application without the wire's end being known */
	assert_true(at("wire") < at("wired"));
	/* which never comes back */
	assert_true(at("wired") < at("gateway"));
}

static void test_enter_builds_the_root_in_order(void **state)
{
	static const char *const order[] = {
		"namespaces",   "maps",      "root",     "system",
		"dev",          "scratch",   "control",  "proc",
		"userns-limit", "home",      "grants",   "pivot",
		"devices",      "mask-proc", "hostname", "session",
		"enter-netns",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(order); i++) {
		assert_int_equal(enter_steps[at(order[i])].side, ENTER_SETUP);
		if (i > 0)
			assert_true(at(order[i - 1]) < at(order[i]));
	}
}

static void test_enter_sides_come_in_blocks(void **state)
{
	enum enter_side last = ENTER_SIDE_UNSET;

	(void)state;
	/* outer, setup, init, app: by the enum's order */
	for (int i = 0; enter_steps[i].name; i++) {
		assert_true(enter_steps[i].side >= last);
		assert_true(enter_steps[i].side > ENTER_SIDE_UNSET);
		assert_true(enter_steps[i].side <= ENTER_APP);
		last = enter_steps[i].side;
	}
	assert_int_equal(enter_steps[count()].side, ENTER_SIDE_UNSET);
}

static void test_enter_names_are_valid(void **state)
{
	struct fault f;

	(void)state;
	for (int i = 0; enter_steps[i].name; i++) {
		const char *name = enter_steps[i].name;

		assert_non_null(enter_steps[i].run);
		assert_in_range(strlen(name), 2, sizeof(f.stage) - 1);
		assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz"
					      "0123456789-"),
				 strlen(name));
		/* only the canary has several lines: a name tells one step */
		for (int k = 0; k < i; k++)
			assert_true(strcmp(name, "canary") == 0 ||
				    strcmp(name, enter_steps[k].name) != 0);
	}
}

static void test_enter_print_names_every_step(void **state)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	int words = 0;

	(void)state;
	assert_non_null(out);
	enter_print(out);
	fclose(out);
	assert_int_equal(strncmp(text, "steps: ", 7), 0);
	for (const char *p = text; (p = strchr(p, ' ')); p++)
		words++;
	assert_int_equal(words, count());
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_enter_ends_with_canary_filter_exec),
		cmocka_unit_test(test_enter_gives_up_privileges_in_order),
		cmocka_unit_test(test_enter_closes_ipv6_before_devices),
		cmocka_unit_test(test_enter_builds_the_root_in_order),
		cmocka_unit_test(test_enter_sides_come_in_blocks),
		cmocka_unit_test(test_enter_names_are_valid),
		cmocka_unit_test(test_enter_print_names_every_step),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
