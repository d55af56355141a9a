/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tor/reply.h - whole replies and events, put together of lines; pure */
#ifndef TOR_REPLY_H
#define TOR_REPLY_H

#include <stddef.h>

#include "tor/control.h"

/* One that grows beyond is not taken: circuit-status of a busy tor has some
 * hundred kilobytes. */
#define TOR_REPLY_BYTES_MAX (4U << 20)

/* Zero-initialised is empty. */
struct tor_reply {
	int code;    /* of its last line: what became of the command */
	char *lines; /* of each: a byte for its kind, its text, NUL */
	size_t len, room;
};

/**
 * tor_reply_add() - take one more line, copied
 *
 * Return: 1 it was the last one of the reply, 0 more follow, -EMSGSIZE
 * (beyond TOR_REPLY_BYTES_MAX) or -ENOMEM.
 */
int tor_reply_add(struct tor_reply *r, const struct tor_line *line);

/**
 * tor_reply_next() - read line by line what was added
 * @at: 0 at first
 * @line: set on 1; its text is the reply's
 *
 * Return: 1, or 0 at the end.
 */
int tor_reply_next(const struct tor_reply *r, size_t *at,
		   struct tor_line *line);

/**
 * tor_reply_clear() - make it empty and let go of its memory
 */
void tor_reply_clear(struct tor_reply *r);

#endif
