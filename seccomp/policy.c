/* SPDX-License-Identifier: GPL-3.0-or-later */
/* seccomp/policy.c - specs: names to bits, conditions, the tables' digest */
#include "seccomp/policy.h"

#include <string.h>

/*
 * DOC: Theory of Operation
 *
 * The policy is an allow-list, in three tables and nowhere else:
 *
 * seccomp_groups[] names the system calls a profile can turn on. What no
 * enabled group lists gets ENOSYS, which is what an older kernel says, so
 * programs and libc fall back; the calls of kernels to come get it too.
 *
 * seccomp_closed[] gives some of those not enabled another answer, the one
 * that callers expect. It opens nothing.
 *
 * seccomp_checks[] looks at arguments. Each check is itself an allow-list:
 * what no rule matches is refused with the check's errno. It takes effect
 * only for a call that an enabled group lists.
 *
 * Another architecture's calls (int 0x80, x32) kill the process, whatever
 * the tables say. Arguments in memory (clone3, openat2, sockaddr) cannot be
 * seen by a filter: what would depend on them is closed as a whole (clone3)
 * or is the business of another layer (addresses: the topology; paths: the
 * mount namespace).
 *
 * An attacker in the sandbox controls every argument register, all 64 bits.
 */

#define FAMILY_NAME(id, name, on) [SECCOMP_FAMILY_##id] = (name),
static const char *const family_names[SECCOMP_NFAMILIES] = { SECCOMP_FAMILIES(
	FAMILY_NAME) };

#define FAMILY_DEFAULT(id, name, on) | ((on) ? 1u << SECCOMP_FAMILY_##id : 0u)

void seccomp_spec_default(struct seccomp_spec *spec)
{
	*spec = (struct seccomp_spec){
		.families = 0u SECCOMP_FAMILIES(FAMILY_DEFAULT),
	};
	for (int i = 0; i < SECCOMP_NGROUPS; i++)
		if (seccomp_groups[i].default_on)
			spec->groups |= UINT64_C(1) << i;
}

int seccomp_group_find(const char *name)
{
	for (int i = 0; i < SECCOMP_NGROUPS; i++)
		if (strcmp(seccomp_groups[i].name, name) == 0)
			return i;
	return -1;
}

int seccomp_family_find(const char *name)
{
	for (int i = 0; i < SECCOMP_NFAMILIES; i++)
		if (strcmp(family_names[i], name) == 0)
			return i;
	return -1;
}

const char *seccomp_family_name(int family)
{
	if (family < 0 || family >= SECCOMP_NFAMILIES)
		return NULL;
	return family_names[family];
}

bool seccomp_spec_in_force(const struct seccomp_spec *spec,
			   enum seccomp_when when, int of)
{
	switch (when) {
	case SECCOMP_WHEN_ALWAYS:
		return true;
	case SECCOMP_WHEN_GROUP:
		return spec->groups >> of & 1;
	case SECCOMP_WHEN_NOT_GROUP:
		return !(spec->groups >> of & 1);
	case SECCOMP_WHEN_FAMILY:
		return spec->families >> of & 1;
	case SECCOMP_WHEN_WX:
		return spec->wx;
	case SECCOMP_WHEN_UNSET:
		break;
	}
	return false;
}

static void digest_rule(struct seccomp_digest *d, const struct seccomp_rule *r)
{
	seccomp_digest_u64(d, (uint64_t)r->when << 32 | (uint32_t)r->of);
	seccomp_digest_u64(d, (uint32_t)r->err);
	/* no padding in it: 3 times 32 bits */
	seccomp_digest_add(d, r->cmp, sizeof(r->cmp));
}

static void digest_check(struct seccomp_digest *d,
			 const struct seccomp_check *c)
{
	seccomp_digest_str(d, c->syscall);
	seccomp_digest_u64(d, (uint64_t)c->when << 32 | (uint32_t)c->of);
	seccomp_digest_u64(d, (uint64_t)c->nrules << 32 | (uint32_t)c->err);
	for (size_t i = 0; i < c->nrules; i++)
		digest_rule(d, &c->rules[i]);
}

void seccomp_policy_digest(struct seccomp_digest *d)
{
	for (int i = 0; i < SECCOMP_NGROUPS; i++) {
		const char *const *s = seccomp_groups[i].syscalls;

		for (; *s; s++)
			seccomp_digest_str(d, *s);
		seccomp_digest_str(d, "");
	}
	seccomp_digest_u64(d, seccomp_nclosed);
	for (size_t i = 0; i < seccomp_nclosed; i++) {
		seccomp_digest_str(d, seccomp_closed[i].syscall);
		seccomp_digest_u64(d, (uint32_t)seccomp_closed[i].err);
	}
	seccomp_digest_u64(d, seccomp_nchecks);
	for (size_t i = 0; i < seccomp_nchecks; i++)
		digest_check(d, &seccomp_checks[i]);
}
