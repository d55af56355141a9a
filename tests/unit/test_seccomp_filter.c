/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_seccomp_filter.c - the program says what the tables say */
#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/attr.h"
#include "seccomp/compile.h"

/* all there are today, and room for those to come */
#define NR_MAX 600

#define KILL SECCOMP_RET_KILL_PROCESS
#define ALLOW SECCOMP_RET_ALLOW

static const struct seccomp_spec specs[] = {
	{ 0, 0, false },
	{ UINT64_C(0x00000000000fffff), 7, false },
	{ (UINT64_C(1) << SECCOMP_NGROUPS) - 1, 15, false },
	{ (UINT64_C(1) << SECCOMP_NGROUPS) - 1, 15, true },
	{ UINT64_C(1) << SECCOMP_GROUP_PROCESS, 0, true },
	{ UINT64_C(1) << SECCOMP_GROUP_NETWORK_CLIENT |
		  UINT64_C(1) << SECCOMP_GROUP_TERMINAL,
	  1u << SECCOMP_FAMILY_NETLINK, false },
};

/* A small generator: every run is the same run. */
static uint64_t state64;

static uint64_t draw(void)
{
	state64 ^= state64 << 13;
	state64 ^= state64 >> 7;
	state64 ^= state64 << 17;
	return state64;
}

static bool jumps(uint16_t code, uint32_t a, uint32_t k)
{
	switch (BPF_OP(code)) {
	case BPF_JEQ:
		return a == k;
	case BPF_JGT:
		return a > k;
	case BPF_JGE:
		return a >= k;
	case BPF_JSET:
		return a & k;
	default:
		fail_msg("instruction %#x", code);
		return false;
	}
}

/* What the kernel would do: the few instructions that libseccomp emits. */
static uint32_t evaluate(const struct seccomp_program *prog,
			 const struct seccomp_data *data)
{
	uint32_t a = 0;

	for (size_t pc = 0; pc < prog->len; pc++) {
		const struct sock_filter *i = &prog->insns[pc];

		switch (i->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			assert_true(i->k + sizeof(a) <= sizeof(*data));
			memcpy(&a, (const char *)data + i->k, sizeof(a));
			break;
		case BPF_ALU | BPF_AND | BPF_K:
			a &= i->k;
			break;
		case BPF_JMP | BPF_JA:
			pc += i->k;
			break;
		case BPF_RET | BPF_K:
			return i->k;
		default:
			pc += jumps(i->code, a, i->k) ? i->jt : i->jf;
		}
	}
	fail_msg("fell off the end");
	return KILL;
}

/* What the tables say, without any libseccomp filter. */
static bool matches(const struct seccomp_rule *r,
		    const struct seccomp_data *data)
{
	for (int i = 0; i < SECCOMP_NCMP; i++) {
		uint32_t low = (uint32_t)data->args[r->cmp[i].arg];

		if ((low & r->cmp[i].mask) != r->cmp[i].value)
			return false;
	}
	return true;
}

static uint32_t refusal(int err)
{
	return SECCOMP_RET_ERRNO | (uint32_t)err;
}

static uint32_t model_check(const struct seccomp_spec *spec,
			    const struct seccomp_check *c,
			    const struct seccomp_data *data)
{
	for (size_t i = 0; i < c->nrules; i++) {
		const struct seccomp_rule *r = &c->rules[i];

		if (seccomp_spec_in_force(spec, r->when, r->of) &&
		    matches(r, data))
			return r->err ? refusal(r->err) : ALLOW;
	}
	return refusal(c->err);
}

static bool is_listed(const struct seccomp_spec *spec, const char *name)
{
	for (int i = 0; i < SECCOMP_NGROUPS; i++)
		for (const char *const *s = seccomp_groups[i].syscalls; *s; s++)
			if ((spec->groups >> i & 1) && !strcmp(*s, name))
				return true;
	return false;
}

static uint32_t model(const struct seccomp_spec *spec, const char *name,
		      const struct seccomp_data *data)
{
	if (!is_listed(spec, name)) {
		for (size_t i = 0; i < seccomp_nclosed; i++)
			if (!strcmp(seccomp_closed[i].syscall, name))
				return refusal(seccomp_closed[i].err);
		return refusal(ENOSYS);
	}
	for (size_t i = 0; i < seccomp_nchecks; i++) {
		const struct seccomp_check *c = &seccomp_checks[i];

		if (!strcmp(c->syscall, name) &&
		    seccomp_spec_in_force(spec, c->when, c->of))
			return model_check(spec, c, data);
	}
	return ALLOW;
}

static const struct seccomp_check *check_of(const char *name)
{
	for (size_t i = 0; i < seccomp_nchecks; i++)
		if (!strcmp(seccomp_checks[i].syscall, name))
			return &seccomp_checks[i];
	return NULL;
}

/* Arguments near what rules compare with, and anything above 32 bits. */
static void draw_args(const char *name, struct seccomp_data *data)
{
	const struct seccomp_check *c = check_of(name);

	for (int i = 0; i < 6; i++)
		data->args[i] = draw() & 1 ? draw() & 0xffff : draw();
	if (c && c->nrules) {
		const struct seccomp_rule *r = &c->rules[draw() % c->nrules];

		for (int i = 0; i < SECCOMP_NCMP; i++) {
			const struct seccomp_cmp *cmp = &r->cmp[i];
			__u64 *arg = &data->args[cmp->arg];

			if (cmp->mask && draw() % 8)
				*arg = cmp->value | (*arg & ~cmp->mask);
			if (cmp->mask && draw() % 8 == 0)
				*arg ^= UINT64_C(1) << draw() % 32;
		}
	}
	for (int i = 0; i < 6; i++)
		if (draw() & 1)
			data->args[i] = (uint32_t)data->args[i];
}

static void compare(const struct seccomp_spec *spec,
		    const struct seccomp_program *prog, int nr)
{
	char *name =
		seccomp_syscall_resolve_num_arch(seccomp_arch_native(), nr);
	const char *known = name ? name : "";
	struct seccomp_data data = {
		.nr = nr,
		.arch = seccomp_arch_native(),
	};
	int rounds = check_of(known) ? 3000 : 20;

	for (int i = 0; i < rounds; i++) {
		uint32_t want, got;

		draw_args(known, &data);
		want = model(spec, known, &data);
		got = evaluate(prog, &data);
		if (got != want)
			fail_msg("%s (%d): %#x, the tables say %#x; "
				 "arguments %#llx %#llx %#llx",
				 known, nr, got, want,
				 (unsigned long long)data.args[0],
				 (unsigned long long)data.args[1],
				 (unsigned long long)data.args[2]);
	}
	free(name);
}

static void test_seccomp_program_says_what_the_tables_say(void **state)
{
	(void)state;
	state64 = 88172645463325252u;
	for (size_t i = 0; i < ARRAY_SIZE(specs); i++) {
		struct seccomp_program prog;

		assert_int_equal(seccomp_compile(&specs[i], &prog, NULL), 0);
		for (int nr = 0; nr < NR_MAX; nr++)
			compare(&specs[i], &prog, nr);
		seccomp_program_free(&prog);
	}
}

static void test_seccomp_other_architectures_are_killed(void **state)
{
	static const uint32_t others[] = {
		AUDIT_ARCH_I386,
		AUDIT_ARCH_ARM,
		AUDIT_ARCH_S390X,
		AUDIT_ARCH_MIPS64,
		0,
		UINT32_MAX,
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(specs); i++) {
		struct seccomp_program prog;

		assert_int_equal(seccomp_compile(&specs[i], &prog, NULL), 0);
		for (size_t a = 0; a < ARRAY_SIZE(others); a++)
			for (int nr = -1; nr < NR_MAX; nr++) {
				struct seccomp_data data = {
					.nr = nr,
					.arch = others[a],
				};

				assert_int_equal(evaluate(&prog, &data), KILL);
			}
		seccomp_program_free(&prog);
	}
}

#ifdef __x86_64__
static void test_seccomp_x32_is_killed(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(specs); i++) {
		struct seccomp_program prog;

		assert_int_equal(seccomp_compile(&specs[i], &prog, NULL), 0);
		for (uint32_t nr = 0; nr < NR_MAX; nr++) {
			struct seccomp_data data = {
				.nr = (int)(0x40000000u | nr),
				.arch = AUDIT_ARCH_X86_64,
			};

			assert_int_equal(evaluate(&prog, &data), KILL);
			/* and with the sign bit on top */
			data.nr = (int)(0xc0000000u | nr);
			assert_int_equal(evaluate(&prog, &data), KILL);
		}
		seccomp_program_free(&prog);
	}
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_seccomp_program_says_what_the_tables_say),
		cmocka_unit_test(test_seccomp_other_architectures_are_killed),
#ifdef __x86_64__
		cmocka_unit_test(test_seccomp_x32_is_killed),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
