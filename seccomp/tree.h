/* SPDX-License-Identifier: GPL-3.0-or-later */
/* seccomp/tree.h - a decision by system-call number alone, as BPF */
#ifndef SECCOMP_TREE_H
#define SECCOMP_TREE_H

#include <linux/filter.h>
#include <stddef.h>
#include <stdint.h>

/* Numbers below it have an action each; those of Linux end before 600. */
#define SECCOMP_TREE_NUMBERS 1024

/*
 * A policy lists system calls, and most of them are neighbours: as ranges of
 * numbers with one action they take a quarter of the instructions of a test
 * for each, which the kernel compiles anew for each process that loads them.
 */
struct seccomp_tree {
	/* SECCOMP_RET_... by number */
	uint32_t actions[SECCOMP_TREE_NUMBERS];
	uint32_t others; /* of the numbers above, 2^32 - 1 among them */
	/* numbers from here to 2^32 - 2 have @beyond_action; 0: none have */
	uint32_t beyond;
	uint32_t beyond_action;
};

/**
 * seccomp_tree_init() - the same action for every number
 */
void seccomp_tree_init(struct seccomp_tree *t, uint32_t action);

/**
 * seccomp_tree_emit() - a program that ends with the action of a number
 * @insns: room for @room instructions
 * @len: set to how many there are, on success
 *
 * It begins with the number in the accumulator, and every path through it
 * returns. A binary search. Pure.
 *
 * Return: 0 or -E2BIG.
 */
int seccomp_tree_emit(const struct seccomp_tree *t, struct sock_filter *insns,
		      size_t room, size_t *len);

#endif
