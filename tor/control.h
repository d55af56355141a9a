/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tor/control.h - what tor's control port sends: bytes in, lines out */
#ifndef TOR_CONTROL_H
#define TOR_CONTROL_H

#include <stdbool.h>
#include <stddef.h>

/*
 * A line longer than this ends the conversation. The longest that tor sends
 * is net/listeners/socks: all SocksPorts on one line.
 */
#define TOR_CONTROL_LINE_MAX 65536

/* control-spec s2.3; DATA lines are the body that a '+' line announced. */
enum tor_line_kind {
	TOR_LINE_UNSET = 0,
	TOR_LINE_END,    /* "250 text": last of a reply */
	TOR_LINE_MID,    /* "250-text": more follow */
	TOR_LINE_PLUS,   /* "250+text": DATA lines follow, then more */
	TOR_LINE_DATA,   /* one line of the body, its dot unstuffed */
	TOR_LINE_FINISH, /* the "." that ends the body */
};

struct tor_line {
	enum tor_line_kind kind;
	int code;         /* 100 to 699; that of the '+' line in its body */
	const char *text; /* NUL-terminated; valid until the next read */
};

/* Made by tor_control_init(). */
struct tor_control {
	char buf[TOR_CONTROL_LINE_MAX];
	size_t start, end; /* the bytes not yet taken */
	int body;          /* code of the '+' line we are in, else 0 */
	int broken;        /* -errno of what ended it */
};

/**
 * tor_control_init() - a conversation that has not begun
 */
void tor_control_init(struct tor_control *c);

/**
 * tor_control_room() - where to put bytes that were read
 * @room: set to how many bytes fit, at least 1 once tor_control_next() has
 *        returned 0
 *
 * Lines taken before are no longer valid afterwards.
 */
char *tor_control_room(struct tor_control *c, size_t *room);

/**
 * tor_control_filled() - @n bytes were put there
 */
void tor_control_filled(struct tor_control *c, size_t n);

/**
 * tor_control_next() - take one line
 * @line: set on 1
 *
 * Return: 1, 0 (more bytes are needed), -EPROTO (not what a control port
 * sends) or -EMSGSIZE (a line is too long); after a failure always that.
 */
int tor_control_next(struct tor_control *c, struct tor_line *line);

/**
 * tor_control_keyword() - the value of KEY=VALUE in a line's text
 * @text: words separated by spaces, a VALUE may be a quoted string
 * @key: compared as it is; never found within a quoted string
 * @value: set to the value, unquoted, NUL-terminated
 * @len: size of @value in bytes
 *
 * Return: 1, 0 (not there), -EPROTO (bad quoting before or at it, or a NUL
 * byte in it) or -ENOBUFS (longer than @value).
 */
int tor_control_keyword(const char *text, const char *key, char *value,
			size_t len);

/**
 * tor_control_quoted_next() - one of several quoted strings in a row
 * @rest: where to read; moved past the string and the spaces behind it
 *
 * "a" "b", as net/listeners answers. Return: as tor_control_keyword();
 * 0 at the end of the text.
 */
int tor_control_quoted_next(const char **rest, char *value, size_t len);

/**
 * tor_control_quote() - text as a QuotedString (control-spec s2.1.1)
 * @quoted: set, with both quotes, NUL-terminated; what is not printable
 *          ASCII becomes three octal digits
 *
 * A torrc takes the same. Return: 0 or -ENAMETOOLONG.
 */
int tor_control_quote(const char *text, char *quoted, size_t len);

/**
 * tor_control_printable() - make text safe to print: one line, no escapes
 * @text: what is not printable ASCII becomes '?'
 */
void tor_control_printable(char *text);

#endif
