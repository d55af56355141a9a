/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gateway/pipes.h - empty pipes for splice(2), used again and again */
#ifndef GATEWAY_PIPES_H
#define GATEWAY_PIPES_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes that a pipe holds as it is made: 16 slots of a page (pipe(7)). */
#define PIPE_PLAIN (16U << 12)
/* And what one of a busy stream holds: with larger ones the bytes have left
 * the processor's cache before they are read again. */
#define PIPE_LARGE (4 * PIPE_PLAIN)
/* The kernel counts the slots of all pipes of a user (pipe-user-pages-soft),
 * used or not; those of other programs should not run short. */
#define PIPES_LARGE_MAX 4
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
	unsigned int nlarge; /* kept or taken */
};

/**
 * pipes_take() - an empty, non-blocking pipe, the caller's
 *
 * Return: 0 or -errno.
 */
int pipes_take(struct pipes *ps, struct pipe *p);

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
 *     serves the next stream.
 */
void pipes_enlarge(struct pipes *ps, struct pipe *p);

#endif
