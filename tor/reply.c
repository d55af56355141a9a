/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tor/reply.c - whole replies and events, put together of lines; pure */
#include "tor/reply.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int make_room(struct tor_reply *r, size_t more)
{
	size_t room = r->room ? r->room : 256;
	char *lines;

	if (more > TOR_REPLY_BYTES_MAX || r->len > TOR_REPLY_BYTES_MAX - more)
		return -EMSGSIZE;
	while (room < r->len + more)
		room *= 2;
	if (room == r->room)
		return 0;
	lines = realloc(r->lines, room);
	if (!lines)
		return -ENOMEM;
	r->lines = lines;
	r->room = room;
	return 0;
}

int tor_reply_add(struct tor_reply *r, const struct tor_line *line)
{
	size_t size = strlen(line->text) + 1;
	int rc = make_room(r, size + 1);

	if (rc < 0)
		return rc;
	r->lines[r->len++] = (char)line->kind;
	memcpy(r->lines + r->len, line->text, size);
	r->len += size;
	r->code = line->code;
	return line->kind == TOR_LINE_END;
}

int tor_reply_next(const struct tor_reply *r, size_t *at, struct tor_line *line)
{
	if (*at >= r->len)
		return 0;
	line->kind = (enum tor_line_kind)r->lines[*at];
	line->code = r->code;
	line->text = r->lines + *at + 1;
	*at += strlen(line->text) + 2;
	return 1;
}

void tor_reply_clear(struct tor_reply *r)
{
	free(r->lines);
	*r = (struct tor_reply){ .lines = NULL };
}
