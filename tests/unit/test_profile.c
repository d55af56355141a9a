/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_profile.c - text into a profile: merging, messages */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>

#include "base/attr.h"
#include "profiles/parse.h"
#include "profiles/profile.h"

#define A195                                                                   \
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"     \
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"    \
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

/* 196 bytes */
#define A196_COMMENT "#" A195

#define A196 A195 "a"

static int text(struct profile *p, const char *file, const char *s,
		struct fault *f)
{
	return profile_parse_text(p, file, s, strlen(s), NULL, NULL, f);
}

static void good(struct profile *p, const char *file, const char *s)
{
	struct fault f = { 0 };

	if (text(p, file, s, &f) < 0)
		fail_msg("%s", f.what);
}

static void test_profile_new_is_the_closed_state(void **state)
{
	struct profile *p = profile_new("x");

	(void)state;
	assert_string_equal(p->name, "x");
	assert_string_equal(p->description, "");
	assert_string_equal(p->identity, "");
	assert_string_equal(p->tor, "auto");
	assert_int_equal(p->network, PROFILE_NETWORK_SOCKS);
	assert_int_equal(p->isolate_by, 0);
	assert_int_equal(p->dns, PROFILE_DNS_NAMES);
	assert_false(p->exclusive || p->amnesic || p->w_xor_x || p->ptrace ||
		     p->userns);
	assert_int_equal(p->bind.n + p->ro_bind.n + p->env.n + p->env_keep.n +
				 p->seccomp_allow.n + p->seccomp_deny.n,
			 0);
	assert_int_equal(p->socket_families.n, 3);
	assert_int_equal(p->tmp_size, 512 << 20);
	assert_int_equal(p->home_size, 1 << 30);
	assert_int_equal(p->max_processes, 4096);
	assert_int_equal(p->max_files, 1024);
	assert_int_equal(p->max_connections, 1024);
	assert_string_equal(profile_origin(p, PROFILE_KEY_tor, 0), "default");
	profile_free(p);
	profile_free(NULL);
}

static void test_profile_table_is_whole(void **state)
{
	size_t n;
	const struct profile_key *keys = profile_keys(&n);

	(void)state;
	assert_int_equal(n, PROFILE_NKEYS);
	for (size_t i = 0; i < n; i++) {
		assert_ptr_equal(profile_key_find(keys[i].name), &keys[i]);
		assert_int_not_equal(keys[i].type, PROFILE_TYPE_UNSET);
		assert_int_not_equal(keys[i].merge, PROFILE_MERGE_UNSET);
		assert_in_range(strlen(keys[i].help), 10, 68);
		assert_true(profile_type_text(keys[i].type)[0]);
	}
	assert_null(profile_key_find("include"));
	assert_null(profile_key_find(""));
}

static void test_profile_reads_every_line_form(void **state)
{
	struct profile *p = profile_new("x");

	(void)state;
	good(p, "f",
	     "\xef\xbb\xbf# comment [x] =\n\n;other\n"
	     "  description\t=  a = b: c  \r\n"
	     "bind = /a b\n\tbind=/c:/d#e\n"
	     "env = A=x;y#z\r\n"
	     "max-files=7");
	assert_string_equal(p->description, "a = b: c");
	assert_int_equal(p->bind.n, 2);
	assert_string_equal(p->bind.v[0], "/a b");
	assert_string_equal(p->bind.v[1], "/c:/d#e");
	assert_string_equal(p->env.v[0], "A=x;y#z");
	assert_int_equal(p->max_files, 7);
	assert_string_equal(profile_origin(p, PROFILE_KEY_max_files, 0), "f:8");
	good(p, "empty", "");
	profile_free(p);
}

static void test_profile_merges_by_key(void **state)
{
	struct profile *p = profile_new("x");

	(void)state;
	good(p, "a",
	     "tor = 127.0.0.1:1\nbind = /a\nbind = /b\n"
	     "socket-families = netlink\nisolate-by = port\n"
	     "dns = resolve\n");
	good(p, "b", "tor = 127.0.0.1:2\nbind = /c\nisolate-by = connection\n");
	assert_string_equal(p->tor, "127.0.0.1:2");
	assert_int_equal(p->bind.n, 3);
	assert_string_equal(p->bind.v[2], "/c");
	assert_int_equal(p->socket_families.n, 4);
	assert_int_equal(p->isolate_by, PROFILE_BY_CONNECTION);
	assert_int_equal(p->dns, PROFILE_DNS_RESOLVE);
	assert_string_equal(profile_origin(p, PROFILE_KEY_tor, 0), "b:1");
	assert_string_equal(profile_origin(p, PROFILE_KEY_bind, 1), "a:3");
	assert_string_equal(profile_origin(p, PROFILE_KEY_bind, 2), "b:2");
	assert_string_equal(profile_origin(p, PROFILE_KEY_socket_families, 0),
			    "default");
	assert_string_equal(profile_origin(p, PROFILE_KEY_socket_families, 3),
			    "a:4");
	profile_free(p);
}

static void test_profile_empty_value_empties_a_list(void **state)
{
	struct profile *p = profile_new("x");

	(void)state;
	good(p, "a", "bind = /a\nsocket-families = netlink\n");
	good(p, "b", "bind =\nsocket-families =\nsocket-families = unix\n");
	assert_int_equal(p->bind.n, 0);
	assert_string_equal(profile_origin(p, PROFILE_KEY_bind, 0), "b:1");
	assert_int_equal(p->socket_families.n, 1);
	assert_string_equal(p->socket_families.v[0], "unix");
	assert_string_equal(profile_origin(p, PROFILE_KEY_socket_families, 0),
			    "b:3");
	profile_free(p);
}

static const struct {
	const char *text, *what, *hint;
} bad[] = {
	{ "netwrok = none", "f:1: unknown key \"netwrok\"",
	  "did you mean \"network\"?" },
	{ "incldue = a", "f:1: unknown key \"incldue\"",
	  "did you mean \"include\"?" },
	{ "firejail = no", "f:1: unknown key \"firejail\"",
	  "see isolate-profile(5)" },
	{ "Network = none", "f:1: unknown key \"Network\"",
	  "did you mean \"network\"?" },
	{ "\n# x\nnetwork = tor",
	  "f:3: network: \"tor\" is not transparent, socks or none", "" },
	{ "network =",
	  "f:1: network: no value, wanted transparent, socks or none", "" },
	{ "network = # x", "f:1: comment after a value",
	  "put it on a line of its own" },
	{ "bind = /a ; x", "f:1: comment after a value",
	  "put it on a line of its own" },
	{ "network", "f:1: not a \"key = value\" line", "" },
	{ "network: none", "f:1: not a \"key = value\" line", "" },
	{ "a:b = c", "f:1: not a \"key = value\" line", "" },
	{ "net ;work = none", "f:1: not a \"key = value\" line", "" },
	{ "= none", "f:1: no key before \"=\"", "" },
	{ "network = none\n[profile]\n", "f:2: sections are not used",
	  "keys stand alone" },
	{ "  [x] = y", "f:1: sections are not used", "keys stand alone" },
	{ "network = no\rne", "f:1: control character", "" },
	{ "# \033[2J", "f:1: control character", "" },
	{ "network\v= none", "f:1: control character", "" },
	{ "tor = auto\n\ntor = auto", "f:3: tor is already set in line 1", "" },
	{ "isolate-by = port\nisolate-by = app",
	  "f:2: isolate-by is already set in line 1", "" },
	{ "include = irc", "f:1: include is not possible here", "" },
	{ "env = x", "f:1: env: \"x\" is not NAME=VALUE", "" },
	{ "bind = /proc",
	  "f:1: bind: source \"/proc\" is refused: procfs tells about the "
	  "host",
	  "" },
	{ "description = " A196, "f:1: line of over 196 bytes", "" },
	{ "#" A196, "f:1: line of over 196 bytes", "" },
};

static void test_profile_refuses_with_file_and_line(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct profile *p = profile_new("x");
		struct fault f = { 0 };

		assert_int_equal(text(p, "f", bad[i].text, &f), -EINVAL);
		assert_string_equal(f.what, bad[i].what);
		assert_string_equal(f.hint, bad[i].hint);
		/* no fault wanted: the same answer */
		profile_free(p);
		p = profile_new("x");
		assert_int_equal(text(p, "f", bad[i].text, NULL), -EINVAL);
		profile_free(p);
	}
}

static void test_profile_takes_a_line_of_full_length(void **state)
{
	struct profile *p = profile_new("x");

	(void)state;
	/* blanks around it do not count */
	good(p, "f", " \t" A196_COMMENT "  \r\n");
	profile_free(p);
}

static void test_profile_refuses_nul(void **state)
{
	static const char nul[] = "tor = auto\nnetwork = none\0x\n";
	struct profile *p = profile_new("x");
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(profile_parse_text(p, "f", nul, sizeof(nul) - 1, NULL,
					    NULL, &f),
			 -EINVAL);
	assert_string_equal(f.what, "f:2: NUL byte");
	profile_free(p);
}

static void test_profile_stops_at_the_first_mistake(void **state)
{
	struct profile *p = profile_new("x");
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(text(p, "f", "x = 1\ny = 2\nnetwork = none\n", &f),
			 -EINVAL);
	assert_string_equal(f.what, "f:1: unknown key \"x\"");
	assert_int_equal(p->network, PROFILE_NETWORK_SOCKS);
	profile_free(p);
}

static void test_profile_message_survives_a_long_path(void **state)
{
	struct profile *p = profile_new("x");
	struct fault f = { 0 };

	(void)state;
	memset(&f, 'x', sizeof(f));
	assert_int_equal(text(p, "/" A196 "/irc.profile", "tro = x", &f),
			 -EINVAL);
	assert_memory_equal(f.what, "...a", 4);
	assert_non_null(strstr(f.what, "/irc.profile:1: unknown key \"tro\""));
	profile_free(p);
}

static void test_profile_set_is_an_option(void **state)
{
	struct profile *p = profile_new("x");

	(void)state;
	good(p, "a", "bind = /a\ntor = 127.0.0.1:1\n");
	assert_int_equal(profile_set(p, "network=none", "--network", NULL), 0);
	assert_int_equal(profile_set(p, " network = socks ", "--set", NULL), 0);
	assert_int_equal(profile_set(p, "bind=/b # c:/d", "--bind", NULL), 0);
	assert_int_equal(profile_set(p, "env=A=b=c", "--env", NULL), 0);
	assert_int_equal(p->network, PROFILE_NETWORK_SOCKS);
	assert_int_equal(p->bind.n, 2);
	assert_string_equal(p->bind.v[1], "/b # c:/d");
	assert_string_equal(p->env.v[0], "A=b=c");
	assert_string_equal(profile_origin(p, PROFILE_KEY_network, 0), "--set");
	assert_string_equal(profile_origin(p, PROFILE_KEY_bind, 1), "--bind");
	assert_int_equal(profile_set(p, "bind=", "--set", NULL), 0);
	assert_int_equal(p->bind.n, 0);
	profile_free(p);
}

static const struct {
	const char *set, *what;
} bad_sets[] = {
	{ "network", "--set: \"network\" is not KEY=VALUE" },
	{ "", "--set: \"\" is not KEY=VALUE" },
	{ "=x", "--set: \"=x\" is not KEY=VALUE" },
	{ "netwrok=none", "--set: unknown key \"netwrok\"" },
	{ "network=tor",
	  "--set: network: \"tor\" is not transparent, socks or none" },
	{ "network=",
	  "--set: network: no value, wanted transparent, socks or none" },
	{ "include=irc", "--set: include works in profile files only" },
	{ "description=a\nb",
	  "--set: description: control character in the value" },
	{ "a\nb=c", "--set: control character in the key" },
};

static void test_profile_set_refuses(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad_sets); i++) {
		struct profile *p = profile_new("x");
		struct fault f = { 0 };

		assert_int_equal(profile_set(p, bad_sets[i].set, "--set", &f),
				 -EINVAL);
		assert_string_equal(f.what, bad_sets[i].what);
		profile_free(p);
	}
}

static void explain(const struct profile *p, const char *key, char *buf,
		    size_t len)
{
	FILE *out = fmemopen(buf, len, "w");

	assert_non_null(out);
	assert_int_equal(profile_explain(p, key, out, NULL), 0);
	fclose(out);
}

static void test_profile_explain_names_who_set_it(void **state)
{
	struct profile *p = profile_new("x");
	char buf[8192];
	size_t lines = 0;

	(void)state;
	good(p, "/p/a.profile", "bind = /a\nbind = /b:/c\ntmp-size = 2048K\n");
	explain(p, "bind", buf, sizeof(buf));
	assert_string_equal(
		buf,
		"bind = /a                                 # /p/a.profile:1\n"
		"bind = /b:/c                              # /p/a.profile:2\n");
	explain(p, "tmp-size", buf, sizeof(buf));
	assert_string_equal(
		buf,
		"tmp-size = 2M                             # /p/a.profile:3\n");
	explain(p, "env", buf, sizeof(buf));
	assert_string_equal(
		buf, "env =                                     # default\n");
	explain(p, NULL, buf, sizeof(buf));
	for (const char *s = buf; (s = strchr(s, '\n')); s++)
		lines++;
	/* one more for bind, two for socket-families */
	assert_int_equal(lines, PROFILE_NKEYS + 3);
	profile_free(p);
}

static void test_profile_explain_refuses(void **state)
{
	struct profile *p = profile_new("x");
	FILE *full = fopen("/dev/full", "w");
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(profile_explain(p, "tmpsize", full, &f), -EINVAL);
	assert_string_equal(f.what, "unknown key \"tmpsize\"");
	assert_string_equal(f.hint, "did you mean \"tmp-size\"?");
	assert_int_equal(profile_explain(p, NULL, full, &f), -ENOSPC);
	fclose(full);
	profile_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_profile_new_is_the_closed_state),
		cmocka_unit_test(test_profile_table_is_whole),
		cmocka_unit_test(test_profile_reads_every_line_form),
		cmocka_unit_test(test_profile_merges_by_key),
		cmocka_unit_test(test_profile_empty_value_empties_a_list),
		cmocka_unit_test(test_profile_refuses_with_file_and_line),
		cmocka_unit_test(test_profile_takes_a_line_of_full_length),
		cmocka_unit_test(test_profile_refuses_nul),
		cmocka_unit_test(test_profile_stops_at_the_first_mistake),
		cmocka_unit_test(test_profile_message_survives_a_long_path),
		cmocka_unit_test(test_profile_set_is_an_option),
		cmocka_unit_test(test_profile_set_refuses),
		cmocka_unit_test(test_profile_explain_names_who_set_it),
		cmocka_unit_test(test_profile_explain_refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
