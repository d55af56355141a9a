/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_options.c - the command line of isolate */
#include "launcher/options.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ARGS_MAX 16

static char *argv_copy[ARGS_MAX];

/* Parses the words of @line after the program's name. */
static int parse(const char *line, struct options *o, struct fault *f)
{
	static char words[256];
	char *rest = words, *word;
	int argc = 0;

	*o = (struct options){ 0 };
	*f = (struct fault){ 0 };
	snprintf(words, sizeof(words), "isolate %s", line);
	while ((word = strsep(&rest, " ")) && argc < ARGS_MAX - 1)
		argv_copy[argc++] = word;
	argv_copy[argc] = NULL;
	return options_parse(argc, argv_copy, o, f);
}

static void test_options_stop_at_the_command(void **state)
{
	struct options o;
	struct fault f;

	(void)state;
	assert_int_equal(parse("-i work -p irc irssi -p x --help", &o, &f), 0);
	assert_string_equal(o.identity, "work");
	assert_string_equal(o.profile, "irc");
	assert_false(o.help);
	assert_int_equal(o.ncommand, 4);
	assert_string_equal(o.command[0], "irssi");
	assert_string_equal(o.command[3], "--help");
	assert_null(o.command[4]);
	options_free(&o);
	assert_int_equal(parse("-v -- --odd -i", &o, &f), 0);
	assert_true(o.verbose);
	assert_string_equal(o.command[0], "--odd");
	assert_null(o.identity);
	options_free(&o);
	assert_int_equal(parse("--dry-run", &o, &f), 0);
	assert_true(o.dry_run);
	assert_int_equal(o.ncommand, 0);
	options_free(&o);
}

static void test_options_become_keys(void **state)
{
	static const char *const sets[] = { "network=none", "amnesic=yes",
					    "bind=/a:/b",   "ro-bind=/c",
					    "env=A=b",      "tor=auto",
					    "w-xor-x=yes" };
	static const char *const origins[] = { "--network", "--amnesic",
					       "--bind",    "--ro-bind",
					       "--env",     "--tor",
					       "--set" };
	struct options o;
	struct fault f;

	(void)state;
	assert_int_equal(parse("--network none --amnesic --bind /a:/b "
			       "--ro-bind=/c --env A=b --tor auto "
			       "--set w-xor-x=yes true",
			       &o, &f),
			 0);
	assert_int_equal(o.sets.n, ARRAY_SIZE(sets));
	assert_int_equal(o.origins.n, ARRAY_SIZE(origins));
	for (size_t i = 0; i < ARRAY_SIZE(sets); i++) {
		assert_string_equal(o.sets.v[i], sets[i]);
		assert_string_equal(o.origins.v[i], origins[i]);
	}
	options_free(&o);
}

static void test_options_refuse_what_is_none(void **state)
{
	static const struct {
		const char *line, *what;
	} rows[] = {
		{ "--no-such true", "--no-such: no such option" },
		{ "--dry-run=x true", "no such option" },
		{ "-i", "-i: needs an argument" },
		{ "--bind", "--bind: needs an argument" },
		{ "-Z true", "no such option" },
		{ "-vZ true", "no such option" },
	};
	struct options o;
	struct fault f;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(parse(rows[i].line, &o, &f), -EINVAL);
		if (!strstr(f.what, rows[i].what))
			fail_msg("%s: %s", rows[i].line, f.what);
		assert_true(f.hint[0]);
		options_free(&o);
	}
}

static void test_options_without_any(void **state)
{
	static char name[] = "isolate";
	char *argv[] = { name, NULL };
	char *none[] = { NULL };
	struct options o = { 0 };
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(options_parse(1, argv, &o, &f), 0);
	assert_int_equal(o.ncommand, 0);
	options_free(&o);
	/* execve(2) with an empty argv (CVE-2021-4034) */
	o = (struct options){ 0 };
	if (options_parse(0, none, &o, &f) == 0)
		assert_true(o.ncommand <= 0);
	options_free(&o);
}

static void test_options_help_names_each(void **state)
{
	static const char *const names[] = { "--identity NAME", "--bind SRC",
					     "-p, --profile",   "--amnesic",
					     "w-xor-x",         "isolate-by" };
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	(void)state;
	assert_non_null(out);
	options_print_help(out);
	fclose(out);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		assert_non_null(strstr(text, names[i]));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_options_stop_at_the_command),
		cmocka_unit_test(test_options_become_keys),
		cmocka_unit_test(test_options_refuse_what_is_none),
		cmocka_unit_test(test_options_without_any),
		cmocka_unit_test(test_options_help_names_each),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
