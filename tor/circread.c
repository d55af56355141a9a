/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tor/circread.c - what tor tells of circuits and streams, line by line; pure
 */
#include "tor/circmap.h"

#include <bsd/string.h>
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tor/circmap_priv.h"
#include "tor/control.h"
#include "tor/reply.h"

/* An id has at most so many digits: it fits 64 bits. */
#define DIGITS_MAX 19

/* The next word; what is too long is cut. False: there is none. */
static bool word(const char **line, char *to, size_t size)
{
	size_t len = strcspn(*line, " ");

	if (len == 0)
		return false;
	strlcpy(to, *line, len < size ? len + 1 : size);
	*line += len;
	*line += **line == ' ';
	return true;
}

static bool number(const char **line, uint64_t *n)
{
	char digits[DIGITS_MAX + 2];
	const char *rest = *line;

	if (!word(&rest, digits, sizeof(digits)) ||
	    strlen(digits) > DIGITS_MAX ||
	    strspn(digits, "0123456789") != strlen(digits))
		return false;
	*n = strtoull(digits, NULL, 10);
	*line = rest;
	return true;
}

static bool number_of(const char *line, const char *key, uint64_t *n)
{
	char value[DIGITS_MAX + 2];
	const char *at = value;

	return tor_control_keyword(line, key, value, sizeof(value)) == 1 &&
	       number(&at, n);
}

static bool read_user(const char *line, struct tor_user *u)
{
	*u = (struct tor_user){ .username = "" };
	if (tor_control_keyword(line, "SOCKS_USERNAME", u->username,
				sizeof(u->username)) < 0 ||
	    tor_control_keyword(line, "SOCKS_PASSWORD", u->password,
				sizeof(u->password)) < 0)
		return false;
	return u->username[0] || u->password[0];
}

/* 2026-11-20T17:59:48.123456, UTC */
static int64_t read_time(const char *text)
{
	struct tm tm = { .tm_year = 0 };
	const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
	int64_t us = 0, unit = 100000;

	if (!rest)
		return 0;
	if (*rest == '.')
		while (isdigit((unsigned char)*++rest)) {
			us += (*rest - '0') * unit;
			unit /= 10;
		}
	return (int64_t)timegm(&tm) * 1000000 + us;
}

/* What both kinds of lines have behind id and state. */
static int describe(struct tor_circuit *c, const char *rest)
{
	char value[TOR_CIRCMAP_WORD_MAX];

	if (*rest == '$' &&
	    circmap_replace(&c->path, rest, strcspn(rest, " ")) < 0)
		return -ENOMEM;
	if (tor_control_keyword(rest, "PURPOSE", value, sizeof(value)) == 1)
		strlcpy(c->purpose, value, sizeof(c->purpose));
	if (tor_control_keyword(rest, "CONFLUX_ID", value, sizeof(value)) == 1)
		strlcpy(c->conflux, value, sizeof(c->conflux));
	if (tor_control_keyword(rest, "TIME_CREATED", value, sizeof(value)) ==
	    1)
		c->created_us = read_time(value);
	return 0;
}

static int take_circuit(struct tor_circmap *m, const char *line, bool minor)
{
	char state[TOR_CIRCMAP_WORD_MAX];
	struct tor_circuit *c;
	uint64_t id;
	bool ends;

	if (!number(&line, &id) || !word(&line, state, sizeof(state)))
		return 0;
	ends = !minor &&
	       (strcmp(state, "CLOSED") == 0 || strcmp(state, "FAILED") == 0);
	c = circmap_find_circuit(m, id);
	if (ends)
		return c ? circmap_close(m, c) : 0;
	if (!c)
		c = circmap_want_circuit(m, id);
	if (!c)
		return -ENOMEM;
	if (!minor)
		strlcpy(c->state, state, sizeof(c->state));
	c->changed = true;
	return describe(c, line);
}

/* Streams are attached, or were: then tor cannot take them away again. */
static bool are_final(const struct tor_circuit *c, const char *line)
{
	char state[TOR_CIRCMAP_WORD_MAX];

	if (strcmp(c->state, "BUILT") != 0)
		return false;
	if (strcmp(c->purpose, "HS_CLIENT_REND") == 0)
		return tor_control_keyword(line, "HS_STATE", state,
					   sizeof(state)) == 1 &&
		       strcmp(state, "HSCR_JOINED") == 0;
	return strcmp(c->purpose, "GENERAL") == 0 ||
	       strcmp(c->purpose, "CONFLUX_LINKED") == 0;
}

static int take_status(struct tor_circmap *m, const char *line)
{
	char state[TOR_CIRCMAP_WORD_MAX];
	struct tor_circuit *c;
	struct tor_user u;
	uint64_t id;

	if (!number(&line, &id) || !word(&line, state, sizeof(state)))
		return 0;
	c = circmap_want_circuit(m, id);
	if (!c)
		return -ENOMEM;
	c->listed = true;
	strlcpy(c->state, state, sizeof(c->state));
	if (describe(c, line) < 0)
		return -ENOMEM;
	if (are_final(c, line) && read_user(line, &u))
		return circmap_add_user(c, &u);
	return 0;
}

/* Of a value with one line that is on the first one. */
static const char *value_of(const struct tor_line *line, const char *key)
{
	size_t len = strlen(key);

	if (line->kind == TOR_LINE_DATA)
		return line->text;
	if (line->kind == TOR_LINE_MID && strncmp(line->text, key, len) == 0 &&
	    line->text[len] == '=')
		return line->text + len + 1;
	return "";
}

int tor_circmap_status(struct tor_circmap *m, const struct tor_reply *r)
{
	struct tor_circuit *c;
	struct tor_line line;
	size_t at = 0;
	int rc = 0;

	for (c = TAILQ_FIRST(&m->circuits); c; c = TAILQ_NEXT(c, link))
		c->listed = false;
	while (rc == 0 && tor_reply_next(r, &at, &line))
		rc = take_status(m, value_of(&line, "circuit-status"));
	for (c = TAILQ_FIRST(&m->circuits); c; c = TAILQ_NEXT(c, link))
		if (rc == 0 && !c->listed && !c->gone)
			rc = circmap_close(m, c);
	return rc;
}

/* The name that was asked for, not the address that it became. */
static int take_target(struct tor_stream *s, const char *target)
{
	return s->target[0]
		       ? 0
		       : circmap_replace(&s->target, target, strlen(target));
}

static void read_stream(const struct tor_circmap *m, struct tor_stream *s,
			const char *rest)
{
	char value[PATH_MAX], *end;
	const char *port;
	struct tor_user u;

	if (read_user(rest, &u)) {
		strlcpy(u.port, s->user.port, sizeof(u.port));
		s->user = u;
		s->is_client = true;
	}
	if (tor_control_keyword(rest, "CLIENT_PROTOCOL", value,
				sizeof(value)) == 1)
		s->is_client = strcmp(value, "UNKNOWN") != 0;
	/* only of a new one; a socket's path, ":0" */
	if (!m->socket_dir[0] ||
	    tor_control_keyword(rest, "SOURCE_ADDR", value, sizeof(value)) != 1)
		return;
	end = strrchr(value, ':');
	if (end)
		*end = '\0';
	port = value[0] == '/' ? tor_port_of(value, m->socket_dir) : NULL;
	if (port)
		strlcpy(s->user.port, port, sizeof(s->user.port));
}

static bool has_ended(const char *status)
{
	return strcmp(status, "CLOSED") == 0 || strcmp(status, "FAILED") == 0;
}

static int attach(struct tor_circmap *m, struct tor_stream *s, uint64_t id)
{
	struct tor_circuit *old = circmap_find_circuit(m, s->circuit);
	bool is_news = id != s->circuit || has_ended(s->status) ||
		       strcmp(s->status, "SUCCEEDED") == 0;
	struct tor_circuit *c = NULL;

	if (old && is_news)
		old->changed = true;
	s->circuit = id;
	/* the last word about one that is gone makes no new one */
	if (id != 0)
		c = has_ended(s->status) ? circmap_find_circuit(m, id)
					 : circmap_want_circuit(m, id);
	if (!c)
		return id == 0 || has_ended(s->status) ? 0 : -ENOMEM;
	c->changed |= is_news;
	return s->is_client ? circmap_add_user(c, &s->user) : 0;
}

static int take_stream(struct tor_circmap *m, const char *line)
{
	char status[TOR_CIRCMAP_WORD_MAX], target[512];
	uint64_t id, circuit;
	struct tor_stream *s;
	int rc;

	if (!number(&line, &id) || !word(&line, status, sizeof(status)) ||
	    !number(&line, &circuit) || !word(&line, target, sizeof(target)))
		return 0;
	if (has_ended(status) && !circmap_find_stream(m, id))
		return 0;
	s = circmap_want_stream(m, id);
	if (!s)
		return -ENOMEM;
	strlcpy(s->status, status, sizeof(s->status));
	rc = take_target(s, target);
	read_stream(m, s, line);
	if (rc == 0)
		rc = attach(m, s, circuit);
	s->gone = has_ended(status);
	return rc;
}

int tor_circmap_streams(struct tor_circmap *m, const struct tor_reply *r)
{
	struct tor_line line;
	size_t at = 0;
	int rc = 0;

	while (rc == 0 && tor_reply_next(r, &at, &line))
		rc = take_stream(m, value_of(&line, "stream-status"));
	return rc;
}

static int take_circuit_bytes(struct tor_circmap *m, const char *line)
{
	uint64_t id = 0, in = 0, out = 0;
	struct tor_circuit *c;

	if (!number_of(line, "ID", &id) || !number_of(line, "READ", &in) ||
	    !number_of(line, "WRITTEN", &out))
		return 0;
	c = circmap_find_circuit(m, id);
	if (!c)
		return 0;
	c->read += in;
	c->written += out;
	c->has_bytes = true;
	return 0;
}

/* id, written by the application, read by it */
static int take_stream_bytes(struct tor_circmap *m, const char *line)
{
	uint64_t id, up, down;
	struct tor_stream *s;

	if (!number(&line, &id) || !number(&line, &up) || !number(&line, &down))
		return 0;
	s = circmap_find_stream(m, id);
	if (!s)
		return 0;
	s->up += up;
	s->down += down;
	s->has_bytes = true;
	return 0;
}

static int take_circ(struct tor_circmap *m, const char *line)
{
	return take_circuit(m, line, false);
}

static int take_circ_minor(struct tor_circmap *m, const char *line)
{
	return take_circuit(m, line, true);
}

int tor_circmap_event(struct tor_circmap *m, const char *line)
{
	static const struct {
		const char *name;
		int (*take)(struct tor_circmap *m, const char *line);
	} events[] = {
		{ "CIRC", take_circ },
		{ "CIRC_MINOR", take_circ_minor },
		{ "STREAM", take_stream },
		{ "CIRC_BW", take_circuit_bytes },
		{ "STREAM_BW", take_stream_bytes },
	};
	char name[TOR_CIRCMAP_WORD_MAX];

	if (!word(&line, name, sizeof(name)))
		return 0;
	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++)
		if (strcmp(name, events[i].name) == 0)
			return events[i].take(m, line);
	return 0;
}
