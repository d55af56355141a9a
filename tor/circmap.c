/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tor/circmap.c - circuits and streams of a tor, and who uses them; pure */
#include "tor/circmap.h"

#include <bsd/string.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tor/circmap_priv.h"

void tor_circmap_init(struct tor_circmap *m, const char *socket_dir)
{
	TAILQ_INIT(&m->circuits);
	TAILQ_INIT(&m->streams);
	strlcpy(m->socket_dir, socket_dir, sizeof(m->socket_dir));
}

static void drop_circuit(struct tor_circmap *m, struct tor_circuit *c)
{
	TAILQ_REMOVE(&m->circuits, c, link);
	free(c->path);
	free(c->users);
	free(c);
}

static void drop_stream(struct tor_circmap *m, struct tor_stream *s)
{
	TAILQ_REMOVE(&m->streams, s, link);
	free(s->target);
	free(s);
}

void tor_circmap_clear(struct tor_circmap *m)
{
	while (!TAILQ_EMPTY(&m->circuits))
		drop_circuit(m, TAILQ_FIRST(&m->circuits));
	while (!TAILQ_EMPTY(&m->streams))
		drop_stream(m, TAILQ_FIRST(&m->streams));
}

struct tor_circuit *circmap_find_circuit(const struct tor_circmap *m,
					 uint64_t id)
{
	struct tor_circuit *c;

	for (c = TAILQ_FIRST(&m->circuits); c; c = TAILQ_NEXT(c, link))
		if (c->id == id && !c->gone)
			return c;
	return NULL;
}

struct tor_stream *circmap_find_stream(const struct tor_circmap *m, uint64_t id)
{
	struct tor_stream *s;

	for (s = TAILQ_FIRST(&m->streams); s; s = TAILQ_NEXT(s, link))
		if (s->id == id && !s->gone)
			return s;
	return NULL;
}

struct tor_circuit *circmap_want_circuit(struct tor_circmap *m, uint64_t id)
{
	struct tor_circuit *c = circmap_find_circuit(m, id);

	if (c)
		return c;
	c = calloc(1, sizeof(*c));
	if (!c)
		return NULL;
	c->id = id;
	c->path = strdup("");
	if (!c->path) {
		free(c);
		return NULL;
	}
	TAILQ_INSERT_TAIL(&m->circuits, c, link);
	return c;
}

struct tor_stream *circmap_want_stream(struct tor_circmap *m, uint64_t id)
{
	struct tor_stream *s = circmap_find_stream(m, id);

	if (s)
		return s;
	s = calloc(1, sizeof(*s));
	if (!s)
		return NULL;
	s->id = id;
	s->target = strdup("");
	if (!s->target) {
		free(s);
		return NULL;
	}
	TAILQ_INSERT_TAIL(&m->streams, s, link);
	return s;
}

int circmap_replace(char **text, const char *by, size_t len)
{
	char *copy = strndup(by, len);

	if (!copy)
		return -ENOMEM;
	free(*text);
	*text = copy;
	return 0;
}

int circmap_add_user(struct tor_circuit *c, const struct tor_user *u)
{
	struct tor_user *more;

	for (size_t i = 0; i < c->nusers; i++) {
		struct tor_user *had = &c->users[i];

		if (strcmp(had->username, u->username) != 0 ||
		    strcmp(had->password, u->password) != 0)
			continue;
		if (!had->port[0])
			strlcpy(had->port, u->port, sizeof(had->port));
		if (!u->port[0] || strcmp(had->port, u->port) == 0)
			return 0;
	}
	if (c->nusers == TOR_CIRCMAP_USERS_MAX)
		return 0;
	more = realloc(c->users, (c->nusers + 1) * sizeof(*more));
	if (!more)
		return -ENOMEM;
	more[c->nusers++] = *u;
	c->users = more;
	c->changed = true;
	return 0;
}

/* What is left of the set goes on with what this leg knew. */
int circmap_close(struct tor_circmap *m, struct tor_circuit *c)
{
	struct tor_circuit *other;
	struct tor_stream *s;
	int rc = 0;

	c->gone = c->changed = true;
	for (other = TAILQ_FIRST(&m->circuits); other;
	     other = TAILQ_NEXT(other, link))
		if (!other->gone && c->conflux[0] &&
		    strcmp(other->conflux, c->conflux) == 0)
			break;
	if (!other)
		return 0;
	for (size_t i = 0; rc == 0 && i < c->nusers; i++)
		rc = circmap_add_user(other, &c->users[i]);
	other->read += c->read;
	other->written += c->written;
	other->has_bytes |= c->has_bytes;
	other->changed = true;
	for (s = TAILQ_FIRST(&m->streams); s; s = TAILQ_NEXT(s, link))
		if (s->circuit == c->id && !s->gone)
			s->circuit = other->id;
	return rc;
}

void tor_circmap_tidy(struct tor_circmap *m)
{
	struct tor_circuit *c, *next_circuit;
	struct tor_stream *s, *next_stream;

	for (c = TAILQ_FIRST(&m->circuits); c; c = next_circuit) {
		next_circuit = TAILQ_NEXT(c, link);
		c->changed = false;
		if (c->gone)
			drop_circuit(m, c);
	}
	for (s = TAILQ_FIRST(&m->streams); s; s = next_stream) {
		next_stream = TAILQ_NEXT(s, link);
		if (s->gone)
			drop_stream(m, s);
	}
}

static void add_leg(struct tor_circset *set, const struct tor_circuit *c)
{
	size_t at = set->nlegs;

	if (at == TOR_CIRCMAP_LEGS_MAX)
		return;
	for (; at > 0 && set->legs[at - 1]->id > c->id; at--)
		set->legs[at] = set->legs[at - 1];
	set->legs[at] = c;
	set->nlegs++;
}

bool tor_circmap_set(const struct tor_circmap *m, const struct tor_circuit *c,
		     struct tor_circset *set)
{
	const struct tor_circuit *other;

	*set = (struct tor_circset){ .legs = { c }, .nlegs = 1 };
	if (!c->conflux[0])
		return true;
	for (other = TAILQ_FIRST(&m->circuits); other;
	     other = TAILQ_NEXT(other, link)) {
		if (other == c || strcmp(other->conflux, c->conflux) != 0)
			continue;
		/* one that has gone left all to those that have not */
		if (c->gone && !other->gone)
			return false;
		if (other->gone == c->gone)
			add_leg(set, other);
	}
	return true;
}

bool tor_circmap_serves(const struct tor_circmap *m,
			const struct tor_circset *set)
{
	const struct tor_stream *s;

	for (size_t i = 0; i < set->nlegs; i++)
		if (set->legs[i]->nusers > 0)
			return true;
	for (s = TAILQ_FIRST(&m->streams); s; s = TAILQ_NEXT(s, link))
		if (!s->gone && tor_circset_has(set, s->circuit))
			return true;
	return false;
}

bool tor_circset_has(const struct tor_circset *set, uint64_t circuit)
{
	for (size_t i = 0; i < set->nlegs; i++)
		if (set->legs[i]->id == circuit)
			return true;
	return false;
}

bool tor_circmap_hop(const char **path, char relay[41],
		     char nickname[TOR_CIRCMAP_WORD_MAX])
{
	const char *p = *path;
	size_t len;

	if (*p == ',')
		p++;
	if (*p != '$' || strspn(p + 1, "0123456789ABCDEF") != 40)
		return false;
	strlcpy(relay, p + 1, 41);
	p += 41;
	nickname[0] = '\0';
	if (*p == '~' || *p == '=') {
		len = strcspn(++p, ",");
		strlcpy(nickname, p,
			len < TOR_CIRCMAP_WORD_MAX ? len + 1
						   : TOR_CIRCMAP_WORD_MAX);
		p += len;
	}
	*path = p;
	return true;
}
