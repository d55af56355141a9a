/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_names.c - virtual addresses: unique, bounded, late reused */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/names.h"
#include "gateway/siphash.h"

#define HOSTS (1U << 22)

struct addr {
	uint8_t b[4];
};

static struct addr assign(struct names *ns, const char *name)
{
	struct addr a = { { 0 } };

	assert_int_equal(names_assign(ns, name, a.b), 0);
	assert_true(names_is_virtual(a.b));
	return a;
}

static struct addr assign_n(struct names *ns, unsigned int n)
{
	char name[32];

	snprintf(name, sizeof(name), "n%u.example", n);
	return assign(ns, name);
}

static uint32_t host_of(struct addr a)
{
	return (uint32_t)(a.b[1] - 192) << 16 | (uint32_t)a.b[2] << 8 | a.b[3];
}

static void test_names_both_ways(void **state)
{
	struct names *ns = names_new(16);
	struct addr a = assign(ns, "a.example"), b = assign(ns, "b.example");
	struct addr again = assign(ns, "a.example");

	(void)state;
	assert_memory_equal(&a, &again, sizeof(a));
	assert_memory_not_equal(&a, &b, sizeof(a));
	assert_string_equal(names_find(ns, a.b), "a.example");
	assert_string_equal(names_find(ns, b.b), "b.example");
	names_free(ns);
	names_free(NULL);
}

static void test_names_never_assigned(void **state)
{
	static const uint8_t others[][4] = {
		{ 10, 192, 0, 0 },    { 10, 255, 255, 255 }, { 10, 191, 1, 1 },
		{ 10, 152, 152, 10 }, { 127, 0, 0, 1 },      { 0, 0, 0, 0 },
	};
	struct names *ns = names_new(16);
	struct addr a = assign(ns, "a.example");

	(void)state;
	for (size_t i = 0; i < sizeof(others) / 4; i++) {
		assert_null(names_find(ns, others[i]));
		assert_int_equal(names_hold(ns, others[i]), -ENOENT);
	}
	/* the same host in another network */
	a.b[0] = 11;
	assert_null(names_find(ns, a.b));
	a.b[0] = 10;
	a.b[1] -= 64;
	assert_null(names_find(ns, a.b));
	names_free(ns);
}

static void test_names_forgets_the_oldest(void **state)
{
	struct names *ns = names_new(3);
	struct addr a = assign(ns, "a.example"), b = assign(ns, "b.example"),
		    c = assign(ns, "c.example"), d;

	(void)state;
	/* both are uses: b is the oldest now */
	assign(ns, "a.example");
	names_find(ns, c.b);
	d = assign(ns, "d.example");
	assert_null(names_find(ns, b.b));
	assert_non_null(names_find(ns, a.b));
	assert_non_null(names_find(ns, c.b));
	assert_string_equal(names_find(ns, d.b), "d.example");
	/* what is asked again is new */
	assert_memory_not_equal(&b, &(struct addr){ 0 }, sizeof(b));
	d = assign(ns, "b.example");
	assert_memory_not_equal(&b, &d, sizeof(b));
	names_free(ns);
}

static void test_names_held_stays(void **state)
{
	struct names *ns = names_new(4);
	struct addr a = assign(ns, "a.example");

	(void)state;
	assert_int_equal(names_hold(ns, a.b), 0);
	assert_int_equal(names_hold(ns, a.b), 0);
	for (unsigned int i = 0; i < 100; i++)
		assign_n(ns, i);
	assert_string_equal(names_find(ns, a.b), "a.example");
	names_release(ns, a.b);
	for (unsigned int i = 0; i < 100; i++)
		assign_n(ns, i);
	assert_string_equal(names_find(ns, a.b), "a.example");
	names_release(ns, a.b);
	/* as new as if it were used now */
	assign_n(ns, 200);
	assert_string_equal(names_find(ns, a.b), "a.example");
	for (unsigned int i = 0; i < 4; i++)
		assign_n(ns, i);
	assert_null(names_find(ns, a.b));
	names_free(ns);
}

static void test_names_exhausted(void **state)
{
	struct names *ns = names_new(4);
	struct addr a[4], other;

	(void)state;
	for (unsigned int i = 0; i < 4; i++) {
		a[i] = assign_n(ns, i);
		assert_int_equal(names_hold(ns, a[i].b), 0);
	}
	assert_int_equal(names_assign(ns, "z.example", other.b), -ENOBUFS);
	/* those it has it has */
	other = assign_n(ns, 2);
	assert_memory_equal(&a[2], &other, sizeof(other));
	names_release(ns, a[1].b);
	other = assign(ns, "z.example");
	assert_null(names_find(ns, a[1].b));
	assert_string_equal(names_find(ns, other.b), "z.example");
	names_free(ns);
}

/* All others first: no address comes back before its turn. */
static void test_names_reuse_is_late(void **state)
{
	struct names *ns = names_new(8);
	uint8_t *seen = calloc(1, HOSTS);
	unsigned int n = 0, steps = 0;
	struct addr held = assign(ns, "held.example"), a;

	(void)state;
	assert_non_null(seen);
	seen[host_of(held)] = 1;
	assert_int_equal(names_hold(ns, held.b), 0);
	for (;; n++) {
		a = assign_n(ns, n);
		if (seen[host_of(a)])
			break;
		seen[host_of(a)] = 1;
		assert_true(a.b[3] != 0 && a.b[3] != 255);
		if (n > 0 && n < 1000)
			steps += host_of(a) > HOSTS / 2;
	}
	/* every address but those that end in 0 and 255, and the held one */
	assert_int_equal(n, HOSTS / 256 * 254 - 1);
	assert_string_equal(names_find(ns, held.b), "held.example");
	/* they do not come in order */
	assert_in_range(steps, 400, 600);
	free(seen);
	names_free(ns);
}

/* What one map says tells nothing of another. */
static void test_names_maps_differ(void **state)
{
	struct names *x = names_new(64), *y = names_new(64);
	unsigned int same = 0;

	(void)state;
	for (unsigned int i = 0; i < 64; i++)
		same += host_of(assign_n(x, i)) == host_of(assign_n(y, i));
	assert_true(same < 8);
	names_free(x);
	names_free(y);
}

static void test_names_limits(void **state)
{
	struct names *ns = names_new(NAMES_MAX);
	struct addr first = assign(ns, "first.example"), last;
	char longest[254];

	(void)state;
	assert_null(names_new(0));
	assert_null(names_new((1U << 20) + 1));
	for (unsigned int i = 0; i < NAMES_MAX - 1; i++)
		assign_n(ns, i);
	assert_string_equal(names_find(ns, first.b), "first.example");
	memset(longest, 'a', sizeof(longest) - 1);
	longest[253] = '\0';
	last = assign(ns, longest);
	assert_string_equal(names_find(ns, last.b), longest);
	names_free(ns);
	ns = names_new(1);
	assert_memory_not_equal(&(struct addr[]){ assign_n(ns, 1) },
				&(struct addr[]){ assign_n(ns, 2) },
				sizeof(first));
	names_free(ns);
}

/* The vectors of the paper's appendix, and of its reference code. */
static void test_names_siphash(void **state)
{
	struct siphash_key key = { { 0x0706050403020100, 0x0f0e0d0c0b0a0908 } };
	uint8_t in[15];

	(void)state;
	for (size_t i = 0; i < sizeof(in); i++)
		in[i] = (uint8_t)i;
	assert_true(siphash(&key, in, 15) == 0xa129ca6149be45e5);
	assert_true(siphash(&key, in, 0) == 0x726fdb47dd0e0e31);
	assert_true(siphash(&key, in, 8) == 0x93f5f5799a932462);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names_both_ways),
		cmocka_unit_test(test_names_never_assigned),
		cmocka_unit_test(test_names_forgets_the_oldest),
		cmocka_unit_test(test_names_held_stays),
		cmocka_unit_test(test_names_exhausted),
		cmocka_unit_test(test_names_reuse_is_late),
		cmocka_unit_test(test_names_maps_differ),
		cmocka_unit_test(test_names_limits),
		cmocka_unit_test(test_names_siphash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
