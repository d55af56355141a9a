/* SPDX-License-Identifier: GPL-3.0-or-later */
/* seccomp/tree.c - a decision by system-call number alone, as BPF */
#include "seccomp/tree.h"

#include <errno.h>
#include <stdbool.h>

/* The numbers below, what is above, what is beyond, and 2^32 - 1. */
#define RANGES_MAX (SECCOMP_TREE_NUMBERS + 3)

struct range {
	uint32_t first; /* its end is the next one's first */
	uint32_t action;
};

struct emitter {
	struct range ranges[RANGES_MAX];
	size_t nranges;
	struct sock_filter *insns;
	size_t room, len;
};

void seccomp_tree_init(struct seccomp_tree *t, uint32_t action)
{
	*t = (struct seccomp_tree){ .others = action };
	for (size_t i = 0; i < SECCOMP_TREE_NUMBERS; i++)
		t->actions[i] = action;
}

static void add_range(struct emitter *e, uint32_t first, uint32_t action)
{
	if (e->nranges > 0 && e->ranges[e->nranges - 1].action == action)
		return;
	e->ranges[e->nranges++] = (struct range){ first, action };
}

static void find_ranges(struct emitter *e, const struct seccomp_tree *t)
{
	for (uint32_t nr = 0; nr < SECCOMP_TREE_NUMBERS; nr++)
		add_range(e, nr, t->actions[nr]);
	add_range(e, SECCOMP_TREE_NUMBERS, t->others);
	if (t->beyond >= SECCOMP_TREE_NUMBERS) {
		add_range(e, t->beyond, t->beyond_action);
		add_range(e, UINT32_MAX, t->others);
	}
}

static bool emit(struct emitter *e, struct sock_filter insn)
{
	if (e->len >= e->room)
		return false;
	e->insns[e->len++] = insn;
	return true;
}

/* The ranges from @low, up to and without @high. */
static bool emit_ranges(struct emitter *e, size_t low, size_t high)
{
	size_t middle = low + (high - low) / 2, test = e->len, left;

	if (high - low == 1)
		return emit(e, (struct sock_filter)BPF_STMT(
				       BPF_RET | BPF_K, e->ranges[low].action));
	/* not below @middle: over the left half, which may be longer than the
	 * 8 bits of a test's jump */
	if (!emit(e, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K,
						  e->ranges[middle].first, 0,
						  1)) ||
	    !emit(e, (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA, 0)) ||
	    !emit_ranges(e, low, middle))
		return false;
	left = e->len - (test + 2);
	if (left + 1 <= UINT8_MAX) {
		/* it is not: without the long jump */
		for (size_t i = test + 1; i + 1 < e->len; i++)
			e->insns[i] = e->insns[i + 1];
		e->len--;
		e->insns[test].jt = (uint8_t)left;
		e->insns[test].jf = 0;
	} else {
		e->insns[test + 1].k = (uint32_t)left;
	}
	return emit_ranges(e, middle, high);
}

int seccomp_tree_emit(const struct seccomp_tree *t, struct sock_filter *insns,
		      size_t room, size_t *len)
{
	struct emitter e = { .insns = insns, .room = room };

	find_ranges(&e, t);
	if (!emit_ranges(&e, 0, e.nranges))
		return -E2BIG;
	*len = e.len;
	return 0;
}
