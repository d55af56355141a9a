/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_plan.c - profile and command line in, plan out */
#include "launcher/plan.h"

#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/alloc.h"

static char command_word[] = "/usr/bin/irssi", arg_word[] = "-c";
static char *const command[] = { command_word, arg_word, NULL };

static const struct plan_host host = {
	.home = "/home/alice",
	.term = "xterm-256color",
};

static struct profile *profile_with(const char *const *sets)
{
	struct profile *p = profile_new("test");
	struct fault f = { 0 };

	for (; sets && *sets; sets++)
		if (profile_set(p, *sets, "--set", &f) < 0)
			fail_msg("%s: %s", *sets, f.what);
	return p;
}

#define SETS(...) ((const char *const[]){ __VA_ARGS__, NULL })

/* Makes a plan of the defaults and @sets; the caller's to free. */
static void make(struct plan *p, const char *const *sets)
{
	struct profile *profile = profile_with(sets);
	struct fault f = { 0 };

	*p = (struct plan){ 0 };
	if (plan_make(p, profile, command, &host, &f) < 0)
		fail_msg("%s; %s", f.what, f.hint);
	profile_free(profile);
}

/* What is said of a plan that is refused; valid until the next. */
static const char *refused(const char *set)
{
	static struct fault f;
	struct profile *profile = profile_with(SETS(set));
	struct plan p = { 0 };

	f = (struct fault){ 0 };
	assert_int_equal(plan_make(&p, profile, command, &host, &f), -EINVAL);
	plan_free(&p);
	profile_free(profile);
	return f.what;
}

static char *print(const struct plan *p)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	plan_print(p, out);
	fclose(out);
	return text;
}

/* The profiles beside the program, as `make` put them there. */
static void shipped(struct profile_dirs *dirs)
{
	char self[PATH_MAX - 20];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	assert_true(n > 0);
	self[n] = '\0';
	*strrchr(self, '/') = '\0';
	*strrchr(self, '/') = '\0';
	snprintf(dirs->shipped, sizeof(dirs->shipped), "%s/profiles", self);
	dirs->dirs[0] = dirs->shipped;
	dirs->n = 1;
}

/* UPDATE=1 writes the files anew: look at the difference then. */
static void is_golden(const char *name)
{
	struct profile_dirs dirs = { 0 };
	struct identity_choice identity = { .binds = true };
	struct profile *profile = NULL;
	struct fault f = { 0 };
	struct plan p = { 0 };
	char path[128], want[16384] = "", *got;
	FILE *file;

	shipped(&dirs);
	snprintf(path, sizeof(path), "tests/data/plan-%s.txt", name);
	if (profile_load(&dirs, name, &profile, &f) < 0 ||
	    plan_make(&p, profile, command, &host, &f) < 0)
		fail_msg("%s; %s", f.what, f.hint);
	snprintf(identity.name, sizeof(identity.name), "%s", name);
	plan_set_identity(&p, &identity);
	got = print(&p);
	file = fopen(path, getenv("UPDATE") ? "w+" : "r");
	if (!file)
		fail_msg("%s: run this in the top directory", path);
	if (getenv("UPDATE")) {
		fputs(got, file);
		rewind(file);
	}
	assert_true(fread(want, 1, sizeof(want) - 1, file) > 0);
	fclose(file);
	assert_string_equal(got, want);
	free(got);
	plan_free(&p);
	profile_free(profile);
}

/* A key for DNS is told only where there is one. */
static void test_plan_tells_dns(void **state)
{
	static const struct {
		const char *network, *dns, *says;
	} rows[] = {
		{ "network=socks", "dns=resolve", NULL },
		{ "network=transparent", "dns=resolve", "\ndns: resolve\n" },
		{ "network=transparent", "dns=names", "\ndns: names\n" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct plan p;
		char *text;

		make(&p, SETS(rows[i].network, rows[i].dns));
		text = print(&p);
		if (rows[i].says)
			assert_non_null(strstr(text, rows[i].says));
		else
			assert_null(strstr(text, "dns:"));
		free(text);
		plan_free(&p);
	}
}

static void test_plan_of_default(void **state)
{
	(void)state;
	is_golden("default");
}

static void test_plan_of_irc(void **state)
{
	(void)state;
	is_golden("irc");
}

static void test_plan_application_is_the_base_name(void **state)
{
	(void)state;
	assert_string_equal(plan_application("/usr/bin/irssi"), "irssi");
	assert_string_equal(plan_application("irssi"), "irssi");
	assert_string_equal(plan_application("./a/b"), "b");
	/* never empty: it is a key of the ledger */
	assert_string_equal(plan_application("/usr/bin/"), "/usr/bin/");
}

static void test_plan_grants_are_mapped(void **state)
{
	static const struct {
		const char *set, *src, *dst;
		bool writable;
	} rows[] = {
		{ "ro-bind=/srv/data", "/srv/data", "/srv/data", false },
		{ "bind=/srv/data:/mnt/x", "/srv/data", "/mnt/x", true },
		/* never by the name of the user's home */
		{ "bind=/home/alice/doc", "/home/alice/doc", "/home/user/doc",
		  true },
		{ "bind=~/doc", "/home/alice/doc", "/home/user/doc", true },
		{ "bind=~/doc:~/d", "/home/alice/doc", "/home/user/d", true },
		{ "ro-bind=/srv/d:~/.cfg", "/srv/d", "/home/user/.cfg", false },
		/* only the home, not what begins like it */
		{ "ro-bind=/home/alice2/doc", "/home/alice2/doc",
		  "/home/alice2/doc", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct plan p;

		make(&p, SETS(rows[i].set));
		assert_int_equal(p.ngrants, 1);
		assert_string_equal(p.grants[0].src, rows[i].src);
		assert_string_equal(p.grants[0].dst, rows[i].dst);
		assert_int_equal(p.grants[0].writable, rows[i].writable);
		plan_free(&p);
	}
}

static void test_plan_refuses_reserved_destinations(void **state)
{
	static const char *const dsts[] = {
		"/usr",   "/usr/local/bin", "/etc/x",  "/proc/x",
		"/sys/x", "/dev/x",         "/bin/sh", "/sbin/x",
		"/lib/x", "/lib64/x",       "/home",   "/home/user",
		"/tmp",   "/run",           "/var",    "/lib",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(dsts); i++) {
		char set[64];
		struct profile *profile = profile_new("test");
		struct fault f = { 0 };
		struct plan p = { 0 };

		snprintf(set, sizeof(set), "bind=/srv/x:%s", dsts[i]);
		/* some are refused by the profile's parser already */
		if (profile_set(profile, set, "--bind", &f) == 0)
			assert_int_equal(
				plan_make(&p, profile, command, &host, &f),
				-EINVAL);
		assert_non_null(strstr(f.what, dsts[i]));
		assert_int_equal(strncmp(f.what, "--bind", 6), 0);
		plan_free(&p);
		profile_free(profile);
	}
	/* the home by another spelling of its default destination */
	assert_non_null(strstr(refused("bind=/home/alice"), "/home/user"));
}

static void test_plan_refuses_paths_that_are_not_plain(void **state)
{
	/* as an include or a later version might let them through */
	static const char *const items[] = {
		"/srv/../etc",        "/srv/./x", "/srv//x", "relative",
		"~alice/x",           "/",        "",        "/srv/x:../y",
		"/srv/x:/mnt/../etc",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(items); i++) {
		struct profile *profile = profile_new("test");
		struct fault f = { 0 };
		struct plan p = { 0 };

		strv_add(&profile->bind, items[i]);
		strv_add(&profile->origins[PROFILE_KEY_bind], "x.profile:3");
		if (plan_make(&p, profile, command, &host, &f) != -EINVAL)
			fail_msg("%s", items[i]);
		assert_int_equal(strncmp(f.what, "x.profile:3: ", 13), 0);
		plan_free(&p);
		profile_free(profile);
	}
}

static void test_plan_names_who_said_unknown_names(void **state)
{
	static const char *const sets[] = { "seccomp-allow=nonsense",
					    "seccomp-deny=nonsense" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sets); i++) {
		const char *said = refused(sets[i]);

		assert_int_equal(strncmp(said, "--set: ", 7), 0);
		assert_non_null(strstr(said, "nonsense"));
	}
}

static void test_plan_filter_follows_the_profile(void **state)
{
	uint64_t ptrace = UINT64_C(1) << seccomp_group_find("ptrace");
	uint64_t userns = UINT64_C(1) << seccomp_group_find("userns");
	struct plan p;

	(void)state;
	make(&p, NULL);
	assert_false(p.filter.groups & (ptrace | userns));
	assert_false(p.filter.wx || p.userns || p.ptrace);
	plan_free(&p);
	make(&p, SETS("ptrace=yes", "userns=yes", "w-xor-x=yes"));
	assert_int_equal(p.filter.groups & (ptrace | userns), ptrace | userns);
	assert_true(p.filter.wx && p.userns && p.ptrace);
	plan_free(&p);
	/* deny wins, over the keys of their own too */
	make(&p, SETS("ptrace=yes", "seccomp-allow=userns",
		      "seccomp-deny=ptrace userns"));
	assert_false(p.filter.groups & (ptrace | userns));
	plan_free(&p);
}

static const struct plan_limit *limit(const struct plan *p, int resource)
{
	for (size_t i = 0; i < p->nlimits; i++)
		if (p->limits[i].resource == resource)
			return &p->limits[i];
	fail_msg("no limit %d", resource);
	return NULL;
}

static void test_plan_limits(void **state)
{
	struct plan p;

	(void)state;
	make(&p, SETS("max-files=77", "max-processes=0"));
	/* 1: no handler of the host gets the memory (core(5)) */
	assert_int_equal(limit(&p, RLIMIT_CORE)->value, 1);
	assert_int_equal(limit(&p, RLIMIT_NOFILE)->value, 77);
	assert_true(limit(&p, RLIMIT_NPROC)->value == UINT64_MAX);
	assert_true(p.nlimits <= PLAN_LIMITS_MAX);
	plan_free(&p);
	make(&p, SETS("max-processes=9"));
	assert_int_equal(limit(&p, RLIMIT_NPROC)->value, 9);
	plan_free(&p);
}

/* Deny first, in as many messages as it takes; too many are refused. */
static void test_plan_encodes_destinations(void **state)
{
	struct profile *profile = profile_new("test");
	struct fault f = { 0 };
	struct plan p = { 0 };
	int rc = 0, n = 0;

	(void)state;
	make(&p, NULL);
	assert_int_equal(p.npolicies, 0);
	plan_free(&p);
	make(&p, SETS("allow-destinations=A.org:80", "deny-destinations=*:25"));
	assert_int_equal(p.npolicies, 1);
	assert_int_equal(p.policies[0].len, 4 + 4 + 4 + 5 + 4);
	assert_memory_equal(p.policies[0].rules,
			    "\x81\0\0\x01\0\x19\0\x19"
			    "\x02\x05\0\x01"
			    "a.org\0\x50\0\x50",
			    21);
	plan_free(&p);
	/* 34 bytes each */
	while (rc == 0 && n < 2000) {
		char set[64];

		snprintf(set, sizeof(set),
			 "deny-destinations=name-number-%04d.example.org", n++);
		assert_int_equal(profile_set(profile, set, "--set", &f), 0);
		p = (struct plan){ 0 };
		rc = n % 100 ? 0 : plan_make(&p, profile, command, &host, &f);
		if (n == 900) {
			assert_int_equal(rc, 0);
			assert_true(p.npolicies > 1);
		}
		plan_free(&p);
	}
	assert_int_equal(rc, -EINVAL);
	assert_non_null(strstr(f.what, "too many destinations"));
	assert_int_equal(strncmp(f.what, "--set: name-number-", 19), 0);
	profile_free(profile);
}

static void test_plan_logs_where_it_leaves_a_trace_anyway(void **state)
{
	struct plan p;

	(void)state;
	make(&p, SETS("log=none"));
	assert_false(p.log_refused);
	plan_free(&p);
	make(&p, SETS("log=destinations"));
	assert_true(p.log_refused);
	plan_free(&p);
	make(&p, SETS("log=destinations", "amnesic=yes"));
	assert_false(p.log_refused);
	plan_free(&p);
}

static void test_plan_without_a_network(void **state)
{
	struct plan p;
	char *text;

	(void)state;
	make(&p, SETS("network=none"));
	assert_false(p.network);
	assert_int_equal(p.nlisteners, 0);
	text = print(&p);
	assert_non_null(strstr(text, "\nnetwork: none\n"));
	assert_null(strstr(text, "10.152.152"));
	assert_null(strstr(text, "PROXY"));
	free(text);
	plan_free(&p);
}

static const struct plan_listener *listener(const struct plan *p, uint16_t port,
					    enum gwmsg_listener_kind kind)
{
	for (size_t i = 0; i < p->nlisteners; i++)
		if (p->listeners[i].port == port &&
		    p->listeners[i].kind == kind)
			return &p->listeners[i];
	return NULL;
}

static void test_plan_transparent_adds_its_listeners(void **state)
{
	static const struct {
		uint16_t port;
		enum gwmsg_listener_kind kind;
	} rows[] = {
		{ 9040, GWMSG_LISTEN_TRANSPARENT },
		{ 5300, GWMSG_LISTEN_DNS_UDP },
		{ 5300, GWMSG_LISTEN_DNS_TCP },
	};
	struct plan with, without;
	char *text;

	(void)state;
	make(&with, SETS("network=transparent"));
	make(&without, SETS("network=socks"));
	assert_true(with.network && with.transparent);
	assert_true(without.network && !without.transparent);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct plan_listener *l =
			listener(&with, rows[i].port, rows[i].kind);

		assert_non_null(l);
		assert_int_equal(l->side, PLAN_SIDE_GATEWAY);
		assert_null(listener(&without, rows[i].port, rows[i].kind));
	}
	/* what is set to a SOCKS port works in every mode */
	assert_non_null(listener(&with, 9050, GWMSG_LISTEN_SOCKS));
	assert_non_null(listener(&without, 9050, GWMSG_LISTEN_SOCKS));
	text = print(&with);
	assert_non_null(strstr(text, "\nnetwork: transparent\n"));
	assert_non_null(strstr(text, "\nredirect: port 53 to 5300, other TCP "
				     "to 9040; the rest is refused\n"));
	assert_non_null(strstr(text, "listener: 10.152.152.10:5300 dns (udp)"));
	assert_null(strstr(text, "ALL_PROXY"));
	free(text);
	text = print(&without);
	assert_null(strstr(text, "redirect"));
	assert_null(strstr(text, "9040"));
	free(text);
	plan_free(&with);
	plan_free(&without);
}

static void test_plan_amnesic_binds_nothing(void **state)
{
	const struct identity_choice choice = { .name = "a", .binds = true };
	struct plan p;
	char *text;

	(void)state;
	make(&p, SETS("amnesic=yes"));
	plan_set_identity(&p, &choice);
	assert_true(p.amnesic);
	assert_false(p.binds);
	text = print(&p);
	assert_non_null(strstr(text, "mount: /home/user tmpfs"));
	free(text);
	plan_free(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plan_of_default),
		cmocka_unit_test(test_plan_tells_dns),
		cmocka_unit_test(test_plan_of_irc),
		cmocka_unit_test(test_plan_application_is_the_base_name),
		cmocka_unit_test(test_plan_grants_are_mapped),
		cmocka_unit_test(test_plan_refuses_reserved_destinations),
		cmocka_unit_test(test_plan_refuses_paths_that_are_not_plain),
		cmocka_unit_test(test_plan_names_who_said_unknown_names),
		cmocka_unit_test(test_plan_filter_follows_the_profile),
		cmocka_unit_test(test_plan_limits),
		cmocka_unit_test(test_plan_encodes_destinations),
		cmocka_unit_test(test_plan_logs_where_it_leaves_a_trace_anyway),
		cmocka_unit_test(test_plan_without_a_network),
		cmocka_unit_test(test_plan_transparent_adds_its_listeners),
		cmocka_unit_test(test_plan_amnesic_binds_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
