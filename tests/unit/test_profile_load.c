/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_profile_load.c - precedence, includes, drop-ins, names */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "profiles/find.h"
#include "seccomp/policy.h"
#include "tests/unit/profile_tree.h"

static void test_load_takes_the_highest_precedence(void **state)
{
	struct tree *t = *state;
	struct profile *p;

	tree_put(t, "low/a.profile", "tor = 127.0.0.1:1\nmax-files = 7\n");
	tree_put(t, "mid/a.profile", "tor = 127.0.0.1:2\n");
	p = tree_load(t, "a");
	assert_string_equal(p->tor, "127.0.0.1:2");
	assert_int_equal(p->max_files, 1024);
	profile_free(p);
	tree_put(t, "high/a.profile", "tor = 127.0.0.1:3\n");
	p = tree_load(t, "a");
	assert_string_equal(p->tor, "127.0.0.1:3");
	assert_string_equal(p->name, "a");
	profile_free(p);
}

static void test_load_reads_includes_first(void **state)
{
	struct tree *t = *state;
	struct profile *p;

	tree_put(t, "low/base.profile", "bind = /base\nmax-files = 1\n");
	tree_put(t, "high/mid.profile", "include = base\nbind = /mid\n");
	tree_put(t, "high/top.profile",
		 "include = mid base\nbind = /top\nmax-files = 2\n");
	p = tree_load(t, "top");
	assert_int_equal(p->bind.n, 3); /* base is read once */
	assert_string_equal(p->bind.v[0], "/base");
	assert_string_equal(p->bind.v[1], "/mid");
	assert_string_equal(p->bind.v[2], "/top");
	assert_int_equal(p->max_files, 2);
	profile_free(p);
}

/* A later include of what came before must not undo what is between. */
static void test_load_reads_a_shared_include_once(void **state)
{
	struct tree *t = *state;
	struct profile *p;

	tree_put(t, "low/d.profile", "network = socks\n");
	tree_put(t, "low/b.profile", "include = d\nnetwork = none\n");
	tree_put(t, "low/c.profile", "include = d\n");
	tree_put(t, "low/a.profile", "include = b\ninclude = c\n");
	p = tree_load(t, "a");
	assert_int_equal(p->network, PROFILE_NETWORK_NONE);
	profile_free(p);
}

static void test_load_reads_drop_ins_in_order(void **state)
{
	struct tree *t = *state;
	struct profile *p;

	tree_put(t, "mid/a.profile", "bind = /base\ntor = 127.0.0.1:1\n");
	tree_put(t, "high/a.profile.d/10-z.conf", "bind = /high\n");
	tree_put(t, "low/a.profile.d/20-b.conf", "bind = /low2\n");
	tree_put(t, "low/a.profile.d/10-a.conf",
		 "bind = /low1\ntor = 127.0.0.1:2\n");
	tree_put(t, "low/a.profile.d/.hidden.conf", "no such key\n");
	tree_put(t, "low/a.profile.d/10-a.conf~", "no such key\n");
	tree_put(t, "low/a.profile.d/.conf", "no such key\n");
	p = tree_load(t, "a");
	assert_int_equal(p->bind.n, 4);
	assert_string_equal(p->bind.v[1], "/low1");
	assert_string_equal(p->bind.v[2], "/low2");
	assert_string_equal(p->bind.v[3], "/high");
	assert_string_equal(p->tor, "127.0.0.1:2");
	assert_non_null(strstr(profile_origin(p, PROFILE_KEY_tor, 0),
			       "/low/a.profile.d/10-a.conf:2"));
	profile_free(p);
}

static void test_load_gives_included_profiles_their_drop_ins(void **state)
{
	struct tree *t = *state;
	struct profile *p;

	tree_put(t, "low/b.profile", "max-files = 1\nmax-processes = 1\n");
	tree_put(t, "mid/b.profile.d/x.conf",
		 "max-files = 2\nmax-processes = 2\n");
	tree_put(t, "low/a.profile", "include = b\nmax-processes = 3\n");
	p = tree_load(t, "a");
	assert_int_equal(p->max_files, 2);
	assert_int_equal(p->max_processes, 3);
	profile_free(p);
}

static void test_load_names_near_profiles(void **state)
{
	struct tree *t = *state;
	struct profile *p = NULL;
	struct fault f = { 0 };

	tree_put(t, "low/irssi.profile", "");
	tree_put(t, "low/lonely.profile.d/x.conf", "");
	assert_int_equal(profile_load(&t->dirs, "irsi", &p, &f), -ENOENT);
	assert_string_equal(f.what, "no profile \"irsi\"");
	assert_string_equal(f.hint, "did you mean \"irssi\"?");
	/* drop-ins alone are no profile */
	assert_int_equal(profile_load(&t->dirs, "lonely", &p, &f), -ENOENT);
	assert_string_equal(f.hint, "`isolatectl profile list` lists them");
}

static void test_load_refuses_what_is_not_a_name(void **state)
{
	static const char *const names[] = {
		"",         ".",           "..",
		"../low/a", "/etc/passwd", "a/b",
		".a",       "a.profile",   "-a",
		"_a",       "A",           "a b",
		"a\n",      "\xc3\xa4",    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	};
	struct tree *t = *state;

	tree_put(t, "low/a.profile", "");
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		char want[128];

		snprintf(want, sizeof(want), "\"%s\" is not a profile's name",
			 names[i]);
		assert_string_equal(tree_refused(t, names[i], -EINVAL), want);
		assert_false(profile_exists(&t->dirs, names[i]));
	}
}

static const struct {
	const char *file, *text, *what;
} bad[] = {
	{ "low/a.profile", "include = b",
	  "/low/a.profile:1: no profile \"b\" to include" },
	{ "low/a.profile", "\ninclude = a",
	  "/low/a.profile:2: include cycle: a -> a" },
	{ "low/a.profile", "include = ../a",
	  "/low/a.profile:1: include: \"../a\" is not a profile's name" },
	{ "low/a.profile", "include = /etc/passwd",
	  "/low/a.profile:1: include: \"/etc/passwd\" is not a profile's "
	  "name" },
	{ "low/a.profile", "include =",
	  "/low/a.profile:1: include: no value, wanted names of profiles" },
	{ "low/a.profile", "tor = auto\ninclude = b",
	  "/low/a.profile:2: include must come before other keys" },
	{ "low/a.profile.d/x.conf", "include = b",
	  "/low/a.profile.d/x.conf:1: include is not possible here" },
	{ "low/a.profile.d/x.conf", "\nx = y",
	  "/low/a.profile.d/x.conf:2: unknown key \"x\"" },
};

static void test_load_refuses_with_file_and_line(void **state)
{
	struct tree *t = *state;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		tree_put(t, "low/a.profile", "");
		tree_put(t, bad[i].file, bad[i].text);
		assert_string_equal(tree_refused(t, "a", -EINVAL), bad[i].what);
	}
}

static void test_load_refuses_an_include_cycle(void **state)
{
	struct tree *t = *state;
	struct profile *p = NULL;
	struct fault f = { 0 };

	tree_put(t, "low/a.profile", "include = b\n");
	tree_put(t, "low/b.profile", "include = c\n");
	tree_put(t, "low/c.profile", "include = a\n");
	assert_string_equal(tree_refused(t, "a", -EINVAL),
			    "/low/c.profile:1: include cycle: a -> b -> c -> "
			    "a");
	/* what people try: their a on top of the shipped one */
	tree_put(t, "high/a.profile", "include = a\n");
	assert_int_equal(profile_load(&t->dirs, "a", &p, &f), -EINVAL);
	assert_string_equal(f.hint, "to change a profile, put a file in "
				    "a.profile.d");
}

static void test_load_bounds_includes(void **state)
{
	struct tree *t = *state;
	char file[32], text[32];

	for (int i = 0; i < 12; i++) {
		snprintf(file, sizeof(file), "low/p%d.profile", i);
		snprintf(text, sizeof(text), "include = p%d\n", i + 1);
		tree_put(t, file, i < 11 ? text : "");
	}
	profile_free(tree_load(t, "p3"));
	assert_string_equal(tree_refused(t, "p2", -EINVAL),
			    "/low/p10.profile:1: include is over 8 deep");
	tree_put(t, "low/wide.profile", "");
	for (int i = 0; i < 40; i++) {
		snprintf(file, sizeof(file), "low/w%d.profile", i);
		tree_put(t, file, "");
	}
	tree_put(
		t, "low/wide.profile",
		"include = w0 w1 w2 w3 w4 w5 w6 w7 w8 w9 w10 w11 w12 w13 w14 w15\n"
		"include = w16 w17 w18 w19 w20 w21 w22 w23 w24 w25 w26 w27 w28\n"
		"include = w29 w30 w31 w32\n");
	assert_string_equal(tree_refused(t, "wide", -EINVAL),
			    "/low/wide.profile:3: over 32 profiles included");
}

static void test_list_is_sorted_and_unique(void **state)
{
	struct tree *t = *state;
	struct strv names = { 0 };

	tree_put(t, "low/b.profile", "");
	tree_put(t, "high/b.profile", "");
	tree_put(t, "mid/a.profile", "");
	tree_put(t, "mid/No.profile", "");
	tree_put(t, "mid/x.profile.d/y.conf", "");
	tree_put(t, "mid/.profile", "");
	assert_int_equal(profile_list(&t->dirs, &names, NULL), 0);
	assert_int_equal(names.n, 2);
	assert_string_equal(names.v[0], "a");
	assert_string_equal(names.v[1], "b");
	assert_true(profile_exists(&t->dirs, "a"));
	assert_false(profile_exists(&t->dirs, "x"));
	strv_free(&names);
}

static void test_dirs_follow_the_environment(void **state)
{
	autofree struct profile_dirs *d = xcalloc(1, sizeof(*d));

	(void)state;
	setenv("XDG_CONFIG_HOME", "/x/config", 1);
	assert_int_equal(profile_dirs_init(d, NULL), 0);
	assert_int_equal(d->n, 3);
	assert_string_equal(d->dirs[1], ISOLATE_SYSCONFDIR "/isolate/profiles");
	assert_string_equal(d->dirs[2], "/x/config/isolate/profiles");
	/* relative: the current directory */
	setenv("XDG_CONFIG_HOME", ".", 1);
	setenv("HOME", "/x/home", 1);
	assert_int_equal(profile_dirs_init(d, NULL), 0);
	assert_string_equal(d->dirs[2], "/x/home/.config/isolate/profiles");
	setenv("HOME", "", 1);
	assert_int_equal(profile_dirs_init(d, NULL), 0);
	assert_true(d->n == 2 || d->dirs[2][0] == '/');
}

/* Copies, because a checkout may be group-writable. */
static void copy_shipped(const struct tree *t)
{
	int dirfd = open("profiles/data", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct strv names = { 0 };

	assert_true(dirfd >= 0);
	assert_int_equal(find_list(dirfd, ".profile", &names), 0);
	for (size_t i = 0; i < names.n; i++) {
		autofree char *from = xasprintf("%s.profile", names.v[i]);
		autofree char *to = xasprintf("low/%s", from);
		autoclose int fd = openat(dirfd, from, O_RDONLY | O_CLOEXEC);
		autofree char *text = NULL;

		assert_int_equal(fd_read_text(fd, 65536, &text, NULL), 0);
		tree_put(t, to, text);
	}
	strv_free(&names);
	fd_close(dirfd);
}

static void has_groups(const struct strv *names)
{
	for (size_t i = 0; i < names->n; i++)
		if (seccomp_group_find(names->v[i]) < 0)
			fail_msg("no seccomp group %s", names->v[i]);
}

/* Two folders name them, and may not include each other. */
static void test_socket_families_are_those_of_seccomp(void **state)
{
	const char *const *words = profile_key_values(PROFILE_TYPE_FAMILIES);
	int n = 0;

	(void)state;
	for (; words[n]; n++)
		assert_true(seccomp_family_find(words[n]) >= 0);
	assert_int_equal(n, SECCOMP_NFAMILIES);
}

/* Each profile we ship loads, includes default and opens no path. */
static void test_shipped_profiles_open_nothing_of_the_host(void **state)
{
	struct tree *t = *state;
	struct strv names = { 0 };

	copy_shipped(t);
	assert_int_equal(profile_list(&t->dirs, &names, NULL), 0);
	assert_true(names.n >= 8);
	for (size_t i = 0; i < names.n; i++) {
		struct profile *p = tree_load(t, names.v[i]);

		assert_true(p->description[0]);
		/* no looser than default: its drop-ins would not hold */
		if (p->network != PROFILE_NETWORK_SOCKS) {
			assert_int_equal(p->network,
					 PROFILE_NETWORK_TRANSPARENT);
			assert_non_null(strstr(
				profile_origin(p, PROFILE_KEY_network, 0),
				"/default.profile:"));
		}
		assert_int_equal(p->bind.n + p->ro_bind.n + p->env_keep.n, 0);
		assert_false(p->userns || p->ptrace);
		has_groups(&p->seccomp_allow);
		has_groups(&p->seccomp_deny);
		profile_free(p);
	}
	strv_free(&names);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		tree_test(test_load_takes_the_highest_precedence),
		tree_test(test_load_reads_includes_first),
		tree_test(test_load_reads_a_shared_include_once),
		tree_test(test_load_reads_drop_ins_in_order),
		tree_test(test_load_gives_included_profiles_their_drop_ins),
		tree_test(test_load_names_near_profiles),
		tree_test(test_load_refuses_what_is_not_a_name),
		tree_test(test_load_refuses_with_file_and_line),
		tree_test(test_load_refuses_an_include_cycle),
		tree_test(test_load_bounds_includes),
		tree_test(test_list_is_sorted_and_unique),
		cmocka_unit_test(test_dirs_follow_the_environment),
		cmocka_unit_test(test_socket_families_are_those_of_seccomp),
		tree_test(test_shipped_profiles_open_nothing_of_the_host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
