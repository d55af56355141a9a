/* SPDX-License-Identifier: GPL-3.0-or-later */
/* seccomp/compile.c - from a spec to a BPF program (libseccomp) */
#include "seccomp/compile.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/fd.h"
#include "seccomp/tree.h"

/*
 * libseccomp has one default action a filter, but "not in this list" is a
 * different errno for ioctl than for socket. So it compiles one filter per
 * errno, for the checked system calls; they are put behind each other, and
 * the rest, where the number alone decides, is a tree of ours:
 *
 *	this architecture? else kill
 *	load nr
 *	nr is one of the calls of filter 1? else jump over it
 *	    filter 1 (returns)
 *	nr is one of the calls of filter 2? else jump over it
 *	    filter 2 (returns)
 *	...
 *	the tree of the plain system calls (returns)
 */

/* asm/unistd.h's __X32_SYSCALL_BIT, which other architectures lack */
#define X32_SYSCALL_BIT 0x40000000U

/* the longest program the kernel takes */
#define INSNS_MAX BPF_MAXINSNS

struct builder {
	const struct seccomp_spec *spec;
	struct sock_filter insns[INSNS_MAX];
	size_t len;
	struct fault *f;
};

static void release(const scmp_filter_ctx *ctx)
{
	if (*ctx)
		seccomp_release(*ctx);
}

#define autorelease __attribute__((cleanup(release)))

/* A number of this architecture, or -1: unknown here or a pseudo number. */
static int resolve(const char *name)
{
	int nr = seccomp_syscall_resolve_name(name);

	return nr < 0 ? -1 : nr;
}

static bool is_listed(const struct seccomp_spec *spec, const char *name)
{
	for (int i = 0; i < SECCOMP_NGROUPS; i++) {
		const char *const *s = seccomp_groups[i].syscalls;

		if (!(spec->groups >> i & 1))
			continue;
		for (; *s; s++)
			if (strcmp(*s, name) == 0)
				return true;
	}
	return false;
}

static int filter_new(struct builder *b, int err, scmp_filter_ctx *ctx)
{
	int rc;

	*ctx = seccomp_init(SCMP_ACT_ERRNO((uint32_t)err));
	if (!*ctx)
		return fault_set(b->f, ENOMEM, "seccomp_init");
	/* a call of another architecture is a way round: no second chance */
	rc = seccomp_attr_set(*ctx, SCMP_FLTATR_ACT_BADARCH,
			      SCMP_ACT_KILL_PROCESS);
	if (!rc)
		rc = seccomp_attr_set(*ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	return rc ? fault_set(b->f, rc, "seccomp_attr_set") : 0;
}

static int filter_add(struct builder *b, scmp_filter_ctx ctx, uint32_t action,
		      const char *name, const struct scmp_arg_cmp *cmp,
		      unsigned int ncmp)
{
	int rc = seccomp_rule_add_array(ctx, action, resolve(name), ncmp, cmp);

	return rc ? fault_set(b->f, rc, "seccomp rule of %s", name) : 0;
}

static int add_insn(struct builder *b, struct sock_filter insn)
{
	if (b->len >= INSNS_MAX)
		return fault_set(b->f, E2BIG,
				 "seccomp program: over %d "
				 "instructions",
				 INSNS_MAX);
	b->insns[b->len++] = insn;
	return 0;
}

/* Appends the filter's program. */
static int filter_export(struct builder *b, scmp_filter_ctx ctx)
{
	autoclose int fd = memfd_create("seccomp", MFD_CLOEXEC);
	size_t room = sizeof(b->insns) - b->len * sizeof(b->insns[0]);
	struct stat st;
	ssize_t n;
	int rc;

	if (fd < 0)
		return fault_set(b->f, errno, "memfd_create");
	rc = seccomp_export_bpf(ctx, fd);
	if (rc)
		return fault_set(b->f, rc, "seccomp_export_bpf");
	if (fstat(fd, &st) < 0)
		return fault_set(b->f, errno, "fstat of seccomp program");
	if (st.st_size <= 0 || st.st_size % (off_t)sizeof(b->insns[0]))
		return fault_set(b->f, EIO, "seccomp program: odd size");
	if ((size_t)st.st_size > room)
		return fault_set(b->f, E2BIG,
				 "seccomp program: over %d "
				 "instructions",
				 INSNS_MAX);
	if (lseek(fd, 0, SEEK_SET) < 0)
		return fault_set(b->f, errno, "lseek in seccomp program");
	n = fd_read_full(fd, b->insns + b->len, (size_t)st.st_size);
	if (n != st.st_size)
		return fault_set(b->f, n < 0 ? (int)n : EIO,
				 "read seccomp program");
	b->len += (size_t)n / sizeof(b->insns[0]);
	return 0;
}

static int add_rule(struct builder *b, scmp_filter_ctx ctx,
		    const struct seccomp_check *c, const struct seccomp_rule *r)
{
	struct scmp_arg_cmp cmp[SECCOMP_NCMP];
	unsigned int n = 0;

	for (int i = 0; i < SECCOMP_NCMP; i++) {
		if (!r->cmp[i].mask)
			continue;
		/* a mask below 2^32: bits above do not take part */
		cmp[n++] = SCMP_CMP64(r->cmp[i].arg, SCMP_CMP_MASKED_EQ,
				      r->cmp[i].mask, r->cmp[i].value);
	}
	/* without a comparison it would allow everything: a broken table */
	if (!n)
		return fault_set(b->f, EINVAL, "seccomp rule of %s: empty",
				 c->syscall);
	return filter_add(b, ctx,
			  r->err ? SCMP_ACT_ERRNO((uint32_t)r->err)
				 : SCMP_ACT_ALLOW,
			  c->syscall, cmp, n);
}

static bool check_applies(const struct builder *b,
			  const struct seccomp_check *c)
{
	return seccomp_spec_in_force(b->spec, c->when, c->of) &&
	       is_listed(b->spec, c->syscall) && resolve(c->syscall) >= 0;
}

static int add_check(struct builder *b, scmp_filter_ctx ctx,
		     const struct seccomp_check *c)
{
	int rc;

	for (size_t i = 0; i < c->nrules; i++) {
		const struct seccomp_rule *r = &c->rules[i];

		if (!seccomp_spec_in_force(b->spec, r->when, r->of))
			continue;
		rc = add_rule(b, ctx, c, r);
		if (rc)
			return rc;
	}
	return add_insn(b, (struct sock_filter)BPF_JUMP(
				   BPF_JMP | BPF_JEQ | BPF_K,
				   (uint32_t)resolve(c->syscall), 0, 0));
}

/* All checks that answer @err: "is it one of them?" and their filter. */
static int add_checks_of(struct builder *b, int err)
{
	autorelease scmp_filter_ctx ctx = NULL;
	size_t first = b->len, past;
	int rc = filter_new(b, err, &ctx);

	for (size_t i = 0; !rc && i < seccomp_nchecks; i++)
		if (seccomp_checks[i].err == err &&
		    check_applies(b, &seccomp_checks[i]))
			rc = add_check(b, ctx, &seccomp_checks[i]);
	if (rc)
		return rc;
	past = b->len;
	if (past == first)
		return 0;
	rc = add_insn(b, (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA, 0));
	if (rc)
		return rc;
	for (size_t i = first; i < past; i++)
		b->insns[i].jt = (uint8_t)(past - i);
	rc = filter_export(b, ctx);
	if (rc)
		return rc;
	b->insns[past].k = (uint32_t)(b->len - past - 1);
	return 0;
}

static int add_checks(struct builder *b)
{
	const struct sock_filter head[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, arch)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, seccomp_arch_native(), 1,
			 0),
		/* a call of another architecture is a way round: no second
		 * chance */
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
	};
	int rc = 0;

	for (size_t i = 0; !rc && i < ARRAY_SIZE(head); i++)
		rc = add_insn(b, head[i]);
	/* the jumps in add_checks_of() have 8 bits */
	if (!rc && seccomp_nchecks > UINT8_MAX)
		rc = fault_set(b->f, E2BIG, "seccomp checks");
	for (size_t i = 0; !rc && i < seccomp_nchecks; i++) {
		bool seen = false;

		for (size_t j = 0; j < i; j++)
			seen |= seccomp_checks[j].err == seccomp_checks[i].err;
		if (!seen)
			rc = add_checks_of(b, seccomp_checks[i].err);
	}
	return rc;
}

static int tree_set(struct builder *b, struct seccomp_tree *t, const char *name,
		    uint32_t action)
{
	int nr = resolve(name);

	if (nr < 0)
		return 0;
	if (nr >= SECCOMP_TREE_NUMBERS)
		return fault_set(b->f, E2BIG, "seccomp rule of %s", name);
	t->actions[nr] = action;
	return 0;
}

static int add_groups(struct builder *b, struct seccomp_tree *t)
{
	int rc = 0;

	for (int i = 0; i < SECCOMP_NGROUPS; i++) {
		const char *const *s = seccomp_groups[i].syscalls;

		if (!(b->spec->groups >> i & 1))
			continue;
		for (; !rc && *s; s++)
			rc = tree_set(b, t, *s, SECCOMP_RET_ALLOW);
	}
	return rc;
}

static int add_closed(struct builder *b, struct seccomp_tree *t)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < seccomp_nclosed; i++) {
		const struct seccomp_closed *c = &seccomp_closed[i];

		if (!is_listed(b->spec, c->syscall))
			rc = tree_set(b, t, c->syscall,
				      SECCOMP_RET_ERRNO | (uint32_t)c->err);
	}
	return rc;
}

/* All others; a checked call never comes here, whatever the tree has of it. */
static int add_plain(struct builder *b)
{
	struct seccomp_tree t;
	size_t len = 0;
	int rc;

	seccomp_tree_init(&t, SECCOMP_RET_ERRNO | ENOSYS);
	if (seccomp_arch_native() == SCMP_ARCH_X86_64) {
		t.beyond = X32_SYSCALL_BIT;
		t.beyond_action = SECCOMP_RET_KILL_PROCESS;
	}
	rc = add_groups(b, &t);
	if (!rc)
		rc = add_closed(b, &t);
	if (rc)
		return rc;
	rc = seccomp_tree_emit(&t, b->insns + b->len, INSNS_MAX - b->len, &len);
	if (rc)
		return fault_set(b->f, rc,
				 "seccomp program: over %d instructions",
				 INSNS_MAX);
	b->len += len;
	return 0;
}

/*
 * The tables hold argument places and are tested for these; clone's flags
 * are its second argument on s390, where the check would look at a stack.
 */
static const uint32_t architectures[] = {
	SCMP_ARCH_X86_64,
	SCMP_ARCH_AARCH64,
	SCMP_ARCH_RISCV64,
};

static bool is_known_arch(uint32_t arch)
{
	for (size_t i = 0; i < ARRAY_SIZE(architectures); i++)
		if (architectures[i] == arch)
			return true;
	return false;
}

static int spec_check(const struct seccomp_spec *spec, struct fault *f)
{
	if (!is_known_arch(seccomp_arch_native()))
		return fault_set(f, ENOTSUP, "seccomp policy on this machine");
	if (spec->groups >> SECCOMP_NGROUPS)
		return fault_set(f, EINVAL, "seccomp groups %#llx: unknown",
				 (unsigned long long)spec->groups);
	if (spec->families >> SECCOMP_NFAMILIES)
		return fault_set(f, EINVAL, "seccomp families %#x: unknown",
				 spec->families);
	return 0;
}

int seccomp_compile(const struct seccomp_spec *spec,
		    struct seccomp_program *prog, struct fault *f)
{
	autofree struct builder *b = NULL;
	struct sock_filter *insns;
	int rc = spec_check(spec, f);

	if (rc)
		return rc;
	b = calloc(1, sizeof(*b));
	if (!b)
		return fault_set(f, ENOMEM, "seccomp program");
	b->spec = spec;
	b->f = f;
	rc = add_checks(b);
	if (!rc)
		rc = add_plain(b);
	if (rc)
		return rc;
	insns = malloc(b->len * sizeof(*insns));
	if (!insns)
		return fault_set(f, ENOMEM, "seccomp program");
	memcpy(insns, b->insns, b->len * sizeof(*insns));
	*prog = (struct seccomp_program){
		.insns = insns,
		.len = (unsigned short)b->len,
	};
	return 0;
}

void seccomp_compiler_get(struct seccomp_compiler *c)
{
	const struct scmp_version *v = seccomp_version();

	*c = (struct seccomp_compiler){
		.major = v ? v->major : 0,
		.minor = v ? v->minor : 0,
		.micro = v ? v->micro : 0,
		.arch = seccomp_arch_native(),
	};
}

void seccomp_program_free(struct seccomp_program *prog)
{
	free(prog->insns);
	*prog = (struct seccomp_program){ .insns = NULL };
}
