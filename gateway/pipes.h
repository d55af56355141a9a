/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gateway/pipes.h - empty pipes for splice(2), used again and again */
#ifndef GATEWAY_PIPES_H
#define GATEWAY_PIPES_H

#include <stdbool.h>
#include <stddef.h>

/* What a pipe of a busy stream holds; one is made with 16 slots of a page each
 * (pipe(7)). With larger ones the bytes have left the processor's cache before
 * they are read again. */
#define PIPE_LARGE (64U << 12)
/* The kernel counts the slots of all pipes of a user (pipe-user-pages-soft),
 * used or not; those of other programs should not run short. */
#define PIPES_LARGE_MAX 2
/* Kept when nobody needs them; more are made and closed as needed. */
#define PIPES_KEPT 32

struct pipe {
	int rd; /* -1: none */
	int wr;
	bool is_large;
};

/* Zero-initialised is empty. */
struct pipes {
	struct pipe kept[PIPES_KEPT];
	unsigned int n;
	struct pipe large[PIPES_LARGE_MAX];
	unsigned int nlarge;
	unsigned int large_open; /* kept or taken */
};

/**
 * pipes_take() - an empty, non-blocking pipe, the caller's
 * @large: if there is one
 *
 * Return: 0 or -errno.
 */
int pipes_take(struct pipes *ps, struct pipe *p, bool large);

/**
 * pipes_give() - give a pipe back, whether it is one or none
 * @p: set to none
 * @left: bytes still in it: such a pipe is closed, never used again, for
 *        its content would come out of another connection
 */
void pipes_give(struct pipes *ps, struct pipe *p, size_t left);

/**
 * pipes_enlarge() - make room for PIPE_LARGE bytes, if the limits allow it
 * @p: taken; what is in it stays. It is given back as any other, and then
 *     serves the next who asks for a large one.
 */
void pipes_enlarge(struct pipes *ps, struct pipe *p);

/**
 * pipes_rest() - nothing is relayed: no large pipe is kept
 */
void pipes_rest(struct pipes *ps);

#endif
