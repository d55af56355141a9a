/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_env.c - nothing of the host's environment but what is kept */
#include "launcher/env.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "launcher/plan.h"

#define W(name, text) static char name[] = text

W(home, "HOME=/home/alice");
W(user, "USER=alice");
W(ssh, "SSH_CONNECTION=198.51.100.7 1 203.0.113.9 22");
W(bus, "DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/1001/bus");
W(display, "DISPLAY=:0");
W(preload, "LD_PRELOAD=/tmp/evil.so");
W(library, "LD_LIBRARY_PATH=/tmp");
W(lang, "LANG=de_DE.UTF-8");
W(editor, "EDITOR=vi");
W(odd, "EDITORIAL=x");
W(noequals, "EDITOR");

static char *const host_environ[] = { home,     user,    ssh,    bus,
				      display,  preload, lang,   library,
				      noequals, odd,     editor, NULL };

static const char *value(const struct strv *env, const char *name)
{
	const char *found = NULL;
	size_t n = strlen(name);

	for (size_t i = 0; i < env->n; i++) {
		if (strncmp(env->v[i], name, n) != 0 || env->v[i][n] != '=')
			continue;
		/* each name once: which one counts is the reader's choice */
		assert_null(found);
		found = env->v[i] + n + 1;
	}
	return found;
}

static void make(struct strv *env, const struct profile *profile,
		 const char *term)
{
	const struct plan_host host = {
		.home = "/home/alice",
		.term = term,
		.environ = host_environ,
	};

	*env = (struct strv){ 0 };
	env_make(env, profile, &host);
	/* execve(2)'s form */
	assert_null(env->v[env->n]);
}

static void test_env_has_nothing_of_the_host(void **state)
{
	struct profile *p = profile_new("test");
	struct strv env;

	(void)state;
	make(&env, p, "xterm");
	for (size_t i = 0; i < env.n; i++) {
		assert_null(strstr(env.v[i], "alice"));
		assert_null(strstr(env.v[i], "198.51"));
		assert_null(strstr(env.v[i], "evil"));
		assert_null(strstr(env.v[i], "/run/user/1001"));
		assert_null(strstr(env.v[i], "de_DE"));
	}
	assert_string_equal(value(&env, "HOME"), "/home/user");
	assert_string_equal(value(&env, "USER"), "user");
	assert_string_equal(value(&env, "LANG"), "C.UTF-8");
	assert_string_equal(value(&env, "TZ"), "UTC");
	assert_string_equal(value(&env, "TERM"), "xterm");
	assert_null(value(&env, "EDITOR"));
	assert_null(value(&env, "DISPLAY"));
	strv_free(&env);
	profile_free(p);
}

/* The environment of a profile with that network. */
static void make_for(struct strv *env, const char *network)
{
	struct profile *p = profile_new("test");
	struct fault f = { 0 };

	assert_int_equal(profile_set(p, network, "t", &f), 0);
	make(env, p, NULL);
	profile_free(p);
}

static void test_env_names_the_gateway_where_needed(void **state)
{
	static const char *const proxies[] = {
		"ALL_PROXY",   "all_proxy", "HTTPS_PROXY",
		"https_proxy", "NO_PROXY",  "no_proxy",
	};
	struct strv socks, transparent, none;

	(void)state;
	make_for(&socks, "network=socks");
	make_for(&transparent, "network=transparent");
	make_for(&none, "network=none");
	for (size_t i = 0; i < ARRAY_SIZE(proxies); i++) {
		assert_non_null(value(&socks, proxies[i]));
		assert_null(value(&transparent, proxies[i]));
		assert_null(value(&none, proxies[i]));
	}
	/* names are resolved at the exit, never here */
	assert_string_equal(value(&socks, "ALL_PROXY"),
			    "socks5h://10.152.152.10:9050");
	/* a Tor Browser must start no tor of its own, behind ours */
	assert_string_equal(value(&socks, "TOR_SKIP_LAUNCH"), "1");
	assert_string_equal(value(&transparent, "TOR_SKIP_LAUNCH"), "1");
	assert_string_equal(value(&transparent, "TOR_SOCKS_HOST"),
			    "10.152.152.10");
	assert_null(value(&none, "TOR_SOCKS_HOST"));
	strv_free(&socks);
	strv_free(&transparent);
	strv_free(&none);
}

static void test_env_terminal_is_a_name_or_nothing(void **state)
{
	static const char *const hostile[] = {
		"",
		"../../home/alice/.terminfo/x",
		"/tmp/terminfo",
		"xterm;id",
		"xterm\033]0;x\a",
		"xterm ",
		"xt\xe9rm",
		"xterm-of-alice-on-her-machine-at-home",
	};
	struct profile *p = profile_new("test");
	struct strv env;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(hostile); i++) {
		make(&env, p, hostile[i]);
		assert_null(value(&env, "TERM"));
		strv_free(&env);
	}
	make(&env, p, NULL);
	assert_null(value(&env, "TERM"));
	strv_free(&env);
	make(&env, p, "screen.xterm-256color");
	assert_string_equal(value(&env, "TERM"), "screen.xterm-256color");
	strv_free(&env);
	profile_free(p);
}

static void test_env_keeps_and_sets_what_the_profile_says(void **state)
{
	struct profile *p = profile_new("test");
	struct fault f = { 0 };
	struct strv env;

	(void)state;
	assert_int_equal(profile_set(p, "env-keep=EDITOR PAGER", "t", &f), 0);
	assert_int_equal(profile_set(p, "env=LANG=en_US.UTF-8", "t", &f), 0);
	assert_int_equal(profile_set(p, "env=A=b=c", "t", &f), 0);
	make(&env, p, NULL);
	assert_string_equal(value(&env, "EDITOR"), "vi");
	assert_null(value(&env, "EDITORIAL"));
	assert_null(value(&env, "PAGER"));
	assert_string_equal(value(&env, "LANG"), "en_US.UTF-8");
	assert_string_equal(value(&env, "A"), "b=c");
	strv_free(&env);
	profile_free(p);
}

static void test_env_tells_of_open_ports_only(void **state)
{
	static const struct {
		const char *set;
		bool socks, http;
	} rows[] = {
		{ "socks-ports=9000-9100", true, false },
		{ "socks-ports=9190", false, true },
		{ "socks-ports=none", false, false },
		{ "socks-ports=all", true, true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct profile *p = profile_new("test");
		struct fault f = { 0 };
		struct strv env;

		assert_int_equal(profile_set(p, rows[i].set, "t", &f), 0);
		make(&env, p, NULL);
		assert_int_equal(value(&env, "ALL_PROXY") != NULL,
				 rows[i].socks);
		assert_int_equal(value(&env, "TOR_SOCKS_PORT") != NULL,
				 rows[i].socks);
		assert_int_equal(value(&env, "https_proxy") != NULL,
				 rows[i].http);
		assert_non_null(value(&env, "TOR_SKIP_LAUNCH"));
		strv_free(&env);
		/* of no proxy where none is needed */
		assert_int_equal(profile_set(p, "network=transparent", "t", &f),
				 0);
		make(&env, p, NULL);
		assert_null(value(&env, "ALL_PROXY"));
		assert_null(value(&env, "https_proxy"));
		assert_int_equal(value(&env, "TOR_SOCKS_PORT") != NULL,
				 rows[i].socks);
		strv_free(&env);
		profile_free(p);
	}
}

static void test_env_never_loads_code(void **state)
{
	static const char *const sets[] = {
		"env-keep=LD_PRELOAD",
		"env-keep=LD_LIBRARY_PATH",
		"env-keep=LD_AUDIT",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sets); i++) {
		struct profile *p = profile_new("test");
		struct fault f = { 0 };

		assert_int_not_equal(profile_set(p, sets[i], "t", &f), 0);
		assert_non_null(strstr(f.what, "never passed on"));
		profile_free(p);
	}
}

static void test_env_tells_of_the_control_port(void **state)
{
	struct profile *p = profile_new("test");
	struct fault f = { 0 };
	struct strv env;

	(void)state;
	make(&env, p, NULL);
	assert_null(value(&env, "TOR_CONTROL_PORT"));
	assert_null(value(&env, "TOR_CONTROL_HOST"));
	strv_free(&env);
	assert_int_equal(profile_set(p, "control=browser", "--set", &f), 0);
	make(&env, p, NULL);
	assert_string_equal(value(&env, "TOR_CONTROL_PORT"), "9051");
	assert_string_equal(value(&env, "TOR_CONTROL_HOST"), "10.152.152.10");
	assert_string_equal(value(&env, "TOR_CONTROL_PASSWD"), "\"password\"");
	strv_free(&env);
	assert_int_equal(profile_set(p, "network=none", "--set", &f), 0);
	make(&env, p, NULL);
	assert_null(value(&env, "TOR_CONTROL_PORT"));
	strv_free(&env);
	profile_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_env_has_nothing_of_the_host),
		cmocka_unit_test(test_env_names_the_gateway_where_needed),
		cmocka_unit_test(test_env_terminal_is_a_name_or_nothing),
		cmocka_unit_test(test_env_keeps_and_sets_what_the_profile_says),
		cmocka_unit_test(test_env_tells_of_open_ports_only),
		cmocka_unit_test(test_env_tells_of_the_control_port),
		cmocka_unit_test(test_env_never_loads_code),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
