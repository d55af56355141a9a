/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gateway/pipes.h - empty pipes for splice(2), used again and again */
#ifndef GATEWAY_PIPES_H
#define GATEWAY_PIPES_H

#include <stddef.h>

/* Kept when nobody needs them; more are made and closed as needed. */
#define PIPES_KEPT 32

struct pipe {
	int rd; /* -1: none */
	int wr;
};

/* Zero-initialised is empty. */
struct pipes {
	struct pipe kept[PIPES_KEPT];
	unsigned int n;
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

#endif
