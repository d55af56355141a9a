/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_seccomp_policy.c - the tables, and names to bits */
#include <errno.h>
#include <seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/attr.h"
#include "seccomp/policy.h"

/* In the tables, and newer than the oldest libseccomp we build with. */
static const char *const newer[] = {
	"fchmodat2",    "mseal",         "map_shadow_stack", "futex_wake",
	"futex_wait",   "futex_requeue", "statmount",        "listmount",
	"file_getattr", "file_setattr",  "open_tree_attr",   "uselib",
};

static bool is_newer(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(newer); i++)
		if (strcmp(newer[i], name) == 0)
			return true;
	return false;
}

static int groups_listing(const char *name)
{
	int n = 0;

	for (int i = 0; i < SECCOMP_NGROUPS; i++)
		for (const char *const *s = seccomp_groups[i].syscalls; *s; s++)
			n += strcmp(*s, name) == 0;
	return n;
}

static void test_seccomp_names_are_real_and_listed_once(void **state)
{
	(void)state;
	for (int i = 0; i < SECCOMP_NGROUPS; i++) {
		const struct seccomp_group *g = &seccomp_groups[i];

		assert_true(*g->name && *g->description);
		for (const char *const *s = g->syscalls; *s; s++) {
			if (seccomp_syscall_resolve_name(*s) ==
				    __NR_SCMP_ERROR &&
			    !is_newer(*s))
				fail_msg("%s: no such system call", *s);
			if (groups_listing(*s) != 1)
				fail_msg("%s: in two groups", *s);
		}
	}
	for (size_t i = 0; i < seccomp_nclosed; i++) {
		const char *name = seccomp_closed[i].syscall;

		if (seccomp_syscall_resolve_name(name) == __NR_SCMP_ERROR &&
		    !is_newer(name))
			fail_msg("%s: no such system call", name);
	}
}

static void test_seccomp_no_group_lists_what_is_never_allowed(void **state)
{
	(void)state;
	for (size_t i = 0; i < seccomp_nclosed; i++) {
		const struct seccomp_closed *c = &seccomp_closed[i];

		assert_in_range(c->err, 1, 4095);
		if (groups_listing(c->syscall) != !c->never)
			fail_msg("%s: never means never", c->syscall);
	}
}

/* A name here must be closed for good, whatever the tables become. */
static void test_seccomp_dangerous_ones_are_marked_never(void **state)
{
	static const char *const names[] = {
		"io_uring_setup",
		"io_uring_enter",
		"clone3",
		"bpf",
		"perf_event_open",
		"userfaultfd",
		"keyctl",
		"setns",
		"open_by_handle_at",
		"name_to_handle_at",
		"init_module",
		"kexec_load",
		"clock_settime",
		"adjtimex",
		"syslog",
		"fsopen",
		"open_tree",
		"move_mount",
		"mount_setattr",
		"modify_ldt",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		bool found = false;

		for (size_t j = 0; j < seccomp_nclosed; j++)
			found |= seccomp_closed[j].never &&
				 !strcmp(seccomp_closed[j].syscall, names[i]);
		if (!found)
			fail_msg("%s: not marked never", names[i]);
	}
}

static void check_rule(const struct seccomp_check *c,
		       const struct seccomp_rule *r)
{
	int compared = 0;

	assert_int_not_equal(r->when, SECCOMP_WHEN_UNSET);
	assert_in_range(r->err, 0, 4095);
	for (int i = 0; i < SECCOMP_NCMP; i++) {
		const struct seccomp_cmp *cmp = &r->cmp[i];

		compared += cmp->mask != 0;
		assert_in_range(cmp->arg, 0, 5);
		/* else it could never match */
		if (cmp->value & ~cmp->mask)
			fail_msg("%s: %#x is not in mask %#x", c->syscall,
				 cmp->value, cmp->mask);
	}
	if (!compared)
		fail_msg("%s: a rule that compares nothing", c->syscall);
}

static void test_seccomp_checks_are_well_formed(void **state)
{
	(void)state;
	for (size_t i = 0; i < seccomp_nchecks; i++) {
		const struct seccomp_check *c = &seccomp_checks[i];

		assert_int_not_equal(c->when, SECCOMP_WHEN_UNSET);
		assert_in_range(c->err, 1, 4095);
		if (groups_listing(c->syscall) != 1)
			fail_msg("%s: checked but not listed", c->syscall);
		for (size_t j = 0; j < c->nrules; j++)
			check_rule(c, &c->rules[j]);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(c->syscall,
						seccomp_checks[j].syscall);
	}
}

static void test_seccomp_group_find_knows_every_name(void **state)
{
	(void)state;
	for (int i = 0; i < SECCOMP_NGROUPS; i++)
		assert_int_equal(seccomp_group_find(seccomp_groups[i].name), i);
	assert_int_equal(seccomp_group_find("io-uring"), -1);
	assert_int_equal(seccomp_group_find(""), -1);
	assert_int_equal(seccomp_group_find("Base-IO"), -1);
	assert_int_equal(seccomp_group_find("base-io "), -1);
}

static void test_seccomp_family_find_knows_every_name(void **state)
{
	(void)state;
	for (int i = 0; i < SECCOMP_NFAMILIES; i++)
		assert_int_equal(seccomp_family_find(seccomp_family_name(i)),
				 i);
	assert_int_equal(seccomp_family_find("vsock"), -1);
	assert_int_equal(seccomp_family_find(""), -1);
	assert_null(seccomp_family_name(-1));
	assert_null(seccomp_family_name(SECCOMP_NFAMILIES));
}

static bool has_group(const struct seccomp_spec *spec, const char *name)
{
	return spec->groups >> seccomp_group_find(name) & 1;
}

static void test_seccomp_spec_default_grants_nothing_dangerous(void **state)
{
	struct seccomp_spec spec = { .groups = UINT64_MAX, .wx = true };

	(void)state;
	seccomp_spec_default(&spec);
	assert_true(has_group(&spec, "base-io"));
	assert_true(has_group(&spec, "network-client"));
	assert_false(has_group(&spec, "ptrace"));
	assert_false(has_group(&spec, "userns"));
	assert_false(has_group(&spec, "nested-mount"));
	assert_false(has_group(&spec, "gpu"));
	assert_int_equal(spec.families, 1u << SECCOMP_FAMILY_UNIX |
						1u << SECCOMP_FAMILY_INET |
						1u << SECCOMP_FAMILY_INET6);
	assert_false(spec.wx);
}

static void digest_of(const char *text, size_t split, uint8_t *out)
{
	struct seccomp_digest d;

	seccomp_digest_init(&d);
	seccomp_digest_add(&d, text, split);
	seccomp_digest_add(&d, text + split, strlen(text) - split);
	seccomp_digest_end(&d, out);
}

/* openssl mac -macopt hexkey:00..00 -macopt size:16 -in - SIPHASH */
static void test_seccomp_digest_is_siphash(void **state)
{
	static const uint8_t want[] = {
		0x69, 0x94, 0x1A, 0xD4, 0xA5, 0x90, 0x9A, 0xAC,
		0x64, 0xE9, 0x0F, 0xA8, 0xF6, 0x64, 0x3B, 0x90,
	};
	uint8_t got[SECCOMP_DIGEST_LEN];

	(void)state;
	for (size_t split = 0; split <= 10; split++) {
		digest_of("abcdefghij", split, got);
		assert_memory_equal(got, want, sizeof(want));
	}
}

static void test_seccomp_digest_tells_strings_apart(void **state)
{
	uint8_t a[SECCOMP_DIGEST_LEN], b[SECCOMP_DIGEST_LEN];
	struct seccomp_digest d;

	(void)state;
	seccomp_digest_init(&d);
	seccomp_digest_str(&d, "ab");
	seccomp_digest_str(&d, "c");
	seccomp_digest_end(&d, a);
	seccomp_digest_init(&d);
	seccomp_digest_str(&d, "a");
	seccomp_digest_str(&d, "bc");
	seccomp_digest_end(&d, b);
	assert_memory_not_equal(a, b, sizeof(a));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_seccomp_names_are_real_and_listed_once),
		cmocka_unit_test(
			test_seccomp_no_group_lists_what_is_never_allowed),
		cmocka_unit_test(test_seccomp_dangerous_ones_are_marked_never),
		cmocka_unit_test(test_seccomp_checks_are_well_formed),
		cmocka_unit_test(test_seccomp_group_find_knows_every_name),
		cmocka_unit_test(test_seccomp_family_find_knows_every_name),
		cmocka_unit_test(
			test_seccomp_spec_default_grants_nothing_dangerous),
		cmocka_unit_test(test_seccomp_digest_is_siphash),
		cmocka_unit_test(test_seccomp_digest_tells_strings_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
