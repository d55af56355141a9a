/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_seccomp_tree.c - every number gets the action of its row */
#include "seccomp/tree.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/attr.h"

#define ROOM 4096

/* What the kernel does with these three instructions. */
static uint32_t run(const struct sock_filter *insns, size_t len, uint32_t nr)
{
	for (size_t pc = 0; pc < len; pc++) {
		const struct sock_filter *i = &insns[pc];

		if (i->code == (BPF_RET | BPF_K))
			return i->k;
		if (i->code == (BPF_JMP | BPF_JA))
			pc += i->k;
		else if (i->code == (BPF_JMP | BPF_JGE | BPF_K))
			pc += nr >= i->k ? i->jt : i->jf;
		else
			fail_msg("instruction %zu: %#x", pc, i->code);
	}
	fail_msg("%u: past the end", nr);
	return 0;
}

static uint32_t wanted(const struct seccomp_tree *t, uint32_t nr)
{
	if (nr < SECCOMP_TREE_NUMBERS)
		return t->actions[nr];
	if (t->beyond && nr >= t->beyond && nr != UINT32_MAX)
		return t->beyond_action;
	return t->others;
}

/* Returns how many instructions it took. */
static size_t check(const struct seccomp_tree *t)
{
	static const uint32_t high[] = { SECCOMP_TREE_NUMBERS,
					 SECCOMP_TREE_NUMBERS + 1,
					 0x3fffffff,
					 0x40000000,
					 0x40000001,
					 0x7fffffff,
					 0x80000000,
					 0xfffffffe,
					 0xffffffff };
	struct sock_filter insns[ROOM];
	size_t len = 0;

	assert_int_equal(seccomp_tree_emit(t, insns, ROOM, &len), 0);
	for (uint32_t nr = 0; nr < SECCOMP_TREE_NUMBERS; nr++)
		if (run(insns, len, nr) != wanted(t, nr))
			fail_msg("number %u", nr);
	for (size_t i = 0; i < ARRAY_SIZE(high); i++)
		if (run(insns, len, high[i]) != wanted(t, high[i]))
			fail_msg("number %#x", high[i]);
	/* what does not fit is said, and not written */
	for (size_t room = 0; room < len; room += 7) {
		size_t n = 0;

		assert_int_equal(seccomp_tree_emit(t, insns, room, &n), -E2BIG);
		assert_int_equal(n, 0);
	}
	return len;
}

static void test_tree_of_one_action(void **state)
{
	struct seccomp_tree t;

	(void)state;
	seccomp_tree_init(&t, 7);
	assert_int_equal(check(&t), 1);
	t.beyond = 0x40000000;
	t.beyond_action = 9;
	check(&t);
}

static void test_tree_of_single_numbers(void **state)
{
	struct seccomp_tree t;

	(void)state;
	for (uint32_t nr = 0; nr < SECCOMP_TREE_NUMBERS; nr++) {
		seccomp_tree_init(&t, 1);
		t.actions[nr] = 2;
		t.beyond = 0x40000000;
		t.beyond_action = 3;
		if (nr % 37 == 0 || nr + 2 > SECCOMP_TREE_NUMBERS)
			check(&t);
	}
}

/* Where each number is a range the halves are longer than a short jump. */
static void test_tree_with_long_jumps(void **state)
{
	struct seccomp_tree t;

	(void)state;
	seccomp_tree_init(&t, 1);
	for (uint32_t nr = 0; nr < SECCOMP_TREE_NUMBERS; nr++)
		t.actions[nr] = nr % 2 ? 5 : 6;
	assert_true(check(&t) > 2 * SECCOMP_TREE_NUMBERS - 2);
}

static void test_tree_of_anything(void **state)
{
	struct seccomp_tree t;

	(void)state;
	srand(1);
	for (int round = 0; round < 40; round++) {
		int often = 1 + rand() % 40;

		seccomp_tree_init(&t, (uint32_t)(rand() % 3));
		for (uint32_t nr = 0; nr < SECCOMP_TREE_NUMBERS; nr++)
			if (rand() % often == 0)
				t.actions[nr] = (uint32_t)(rand() % 4);
		t.beyond = round % 2 ? 0x40000000 : 0;
		t.beyond_action = 8;
		check(&t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tree_of_one_action),
		cmocka_unit_test(test_tree_of_single_numbers),
		cmocka_unit_test(test_tree_with_long_jumps),
		cmocka_unit_test(test_tree_of_anything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
