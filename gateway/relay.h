/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gateway/relay.h - one direction of a connection, by splice(2) */
#ifndef GATEWAY_RELAY_H
#define GATEWAY_RELAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/pipes.h"

/* Bytes asked of one splice(2); a pipe holds less than this at once. */
#define RELAY_CHUNK (1U << 20)
/* Fills and drains before another connection gets its turn. */
#define RELAY_TURNS 4

/* A pipe is held only while bytes are in it. */
struct relay {
	bool may_enlarge; /* its pipe, when much comes at once */
	struct pipe pipe;
	size_t in_pipe; /* bytes read from @src, not yet written to @dst */
	bool dry;       /* @src had nothing, and has not reported since */
	bool eof;       /* @src has ended */
	bool done;      /* ended, all written, and @dst told (SHUT_WR) */
	uint64_t bytes; /* written to @dst, ever */
};

enum relay_step {
	RELAY_WAIT = 0, /* nothing to do until a descriptor reports again */
	RELAY_AGAIN,    /* more to do at once, after the others' turn */
	RELAY_DONE,     /* end of file was passed on */
	RELAY_BROKEN,   /* one end is gone */
	RELAY_NO_PIPE,  /* out of descriptors or memory */
};

/**
 * relay_init() - nothing moved yet
 * @may_enlarge: pays towards TCP (a third more, measured); a unix socket takes
 *               less than that at once, and both ends then wait in turn
 */
void relay_init(struct relay *r, bool may_enlarge);

/**
 * relay_reported() - @src was reported, as readable or as anything
 *
 * Until then one that was found without data is not asked again.
 */
static inline void relay_reported(struct relay *r)
{
	r->dry = false;
}

/**
 * relay_run() - move what can be moved without waiting
 * @src: non-blocking socket
 * @dst: non-blocking socket; it gets SHUT_WR after the last byte
 */
enum relay_step relay_run(struct relay *r, struct pipes *pipes, int src,
			  int dst);

/**
 * relay_free() - give the pipe back
 */
void relay_free(struct relay *r, struct pipes *pipes);

#endif
