/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ctl/circview.c - circuits for people and for programs */
#include "ctl/circview.h"

#include <bsd/string.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "ctl/json.h"
#include "ctl/text.h"

/* Streams of a row in the table; JSON has them all. */
#define STREAMS_SHOWN 8

struct sums {
	bool has_bytes;
	uint64_t up, down;
	int64_t created_us; /* of the oldest leg, 0: not known */
};

static struct sums add_up(const struct tor_circset *set)
{
	struct sums sums = { .up = 0 };

	for (size_t i = 0; i < set->nlegs; i++) {
		const struct tor_circuit *c = set->legs[i];

		sums.has_bytes |= c->has_bytes;
		sums.up += c->written;
		sums.down += c->read;
		if (c->created_us &&
		    (!sums.created_us || c->created_us < sums.created_us))
			sums.created_us = c->created_us;
	}
	return sums;
}

void circview_name(const struct tor_circset *set, char *buf, size_t len)
{
	size_t used = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < set->nlegs && used < len; i++)
		used += (size_t)snprintf(buf + used, len - used, "%s%" PRIu64,
					 i ? "+" : "", set->legs[i]->id);
}

/* The next stream on it, after @s or the first. */
static const struct tor_stream *next_stream(const struct circview *v,
					    const struct tor_stream *s)
{
	s = s ? TAILQ_NEXT(s, link) : TAILQ_FIRST(&v->map->streams);
	while (s && (s->gone || !tor_circset_has(v->set, s->circuit)))
		s = TAILQ_NEXT(s, link);
	return s;
}

/* "guard(de) middle(fr) exit(us)"; the caller's to free(3) */
static char *path_text(const struct circview *v, const char *path)
{
	char relay[41], nickname[TOR_CIRCMAP_WORD_MAX];
	char *text = xcalloc(1, strlen(path) * 2 + 1);

	while (tor_circmap_hop(&path, relay, nickname)) {
		const char *country = v->country(v->arg, relay);

		/* never longer: a hop has 41 bytes and its name in @path */
		sprintf(text + strlen(text), "%s%s%s%s%s", text[0] ? " " : "",
			nickname[0] ? nickname : relay, country[0] ? "(" : "",
			country, country[0] ? ")" : "");
	}
	return text;
}

static void bytes_text(const struct sums *sums, uint64_t n,
		       char buf[TEXT_TIME_LEN])
{
	if (sums->has_bytes)
		text_bytes(n, buf);
	else
		strlcpy(buf, "-", TEXT_TIME_LEN);
}

static const char *or_dash(const char *text)
{
	return text[0] ? text : "-";
}

void circview_table(struct table *t)
{
	static const char *const heads[] = { "CIRCUIT",     "IDENTITY",
					     "APPLICATION", "DESTINATION",
					     "PATH",        "AGE",
					     "UP",          "DOWN" };

	*t = (struct table){ .columns = ARRAY_SIZE(heads) };
	for (size_t i = 0; i < ARRAY_SIZE(heads); i++)
		table_add(t, TABLE_STRONG, heads[i]);
}

/* Begins a row, or goes on with what has more than one line. */
static void add_line(struct table *t, const struct circview *v, bool first,
		     const char *destination, const char *path)
{
	enum table_tone tone = v->who->is_shared ? TABLE_BAD : TABLE_PLAIN;
	char name[128], age[TEXT_TIME_LEN], up[TEXT_TIME_LEN],
		down[TEXT_TIME_LEN];
	struct sums sums = add_up(v->set);

	circview_name(v->set, name, sizeof(name));
	text_duration(sums.created_us ? v->now_us - sums.created_us : -1, age);
	bytes_text(&sums, sums.up, up);
	bytes_text(&sums, sums.down, down);
	table_add(t, tone, first ? name : "");
	table_add(t, tone, first ? or_dash(v->who->identities) : "");
	table_add(t, tone, first ? or_dash(v->who->applications) : "");
	table_add(t, TABLE_PLAIN, destination);
	table_add(t, TABLE_PLAIN, path);
	table_add(t, TABLE_PLAIN, first ? age : "");
	table_add(t, TABLE_PLAIN, first ? up : "");
	table_add(t, TABLE_PLAIN, first ? down : "");
}

void circview_add(struct table *t, const struct circview *v)
{
	const struct tor_stream *s = next_stream(v, NULL), *rest;
	size_t leg = 0, shown = 0;

	do {
		autofree char *path =
			leg < v->set->nlegs
				? path_text(v, v->set->legs[leg]->path)
				: xstrdup("");
		const char *destination = s ? s->target : "";
		char more[40];

		if (s && shown == STREAMS_SHOWN - 1 && next_stream(v, s)) {
			size_t n = 0;

			for (rest = s; rest; rest = next_stream(v, rest))
				n++;
			snprintf(more, sizeof(more), "and %zu more", n);
			destination = more;
			s = NULL;
		} else if (s) {
			s = next_stream(v, s);
		} else if (shown == 0) {
			destination = "-";
		}
		add_line(t, v, leg == 0, destination, path);
		shown++;
		leg++;
	} while (leg < v->set->nlegs || s);
}

/* Where it is not yet connected, "..." */
void circview_line(const struct circview *v, FILE *out)
{
	const struct tor_circuit *first = v->set->legs[0];
	char name[128], when[TEXT_TIME_LEN], up[TEXT_TIME_LEN],
		down[TEXT_TIME_LEN];
	struct sums sums = add_up(v->set);
	const struct tor_stream *s = next_stream(v, NULL);
	autofree char *who = text_printable(or_dash(v->who->identities));
	autofree char *what = text_printable(or_dash(v->who->applications));

	circview_name(v->set, name, sizeof(name));
	text_time_local(v->now_us, when);
	bytes_text(&sums, sums.up, up);
	bytes_text(&sums, sums.down, down);
	fprintf(out, "%s  circuit %s %s  %s  %s  ", when, name,
		first->gone ? "closed" : "open", who, what);
	if (!s)
		fputc('-', out);
	for (; s; s = next_stream(v, s)) {
		autofree char *target = text_printable(s->target);

		fprintf(out, "%s%s%s", target,
			strcmp(s->status, "SUCCEEDED") == 0 ? "" : "...",
			next_stream(v, s) ? "," : "");
	}
	for (size_t i = 0; i < v->set->nlegs; i++) {
		autofree char *path = path_text(v, v->set->legs[i]->path);
		autofree char *printable = text_printable(path);

		fprintf(out, "%s%s", i ? ", " : "  by ", or_dash(printable));
	}
	fprintf(out, "  up %s  down %s\n", up, down);
	fflush(out);
}

static json_t *paths_json(const struct circview *v)
{
	json_t *paths = json_array();

	for (size_t i = 0; i < v->set->nlegs; i++) {
		char relay[41], nickname[TOR_CIRCMAP_WORD_MAX];
		const char *path = v->set->legs[i]->path;
		json_t *hops = json_array();

		while (tor_circmap_hop(&path, relay, nickname)) {
			const char *country = v->country(v->arg, relay);
			json_t *hop = json_object();

			json_set_text(hop, "nickname", nickname);
			json_set_text(hop, "fingerprint", relay);
			json_object_set_new(hop, "country",
					    country[0] ? json_string(country)
						       : json_null());
			json_array_append_new(hops, hop);
		}
		json_array_append_new(paths, hops);
	}
	return paths;
}

static void set_bytes(json_t *o, bool known, uint64_t up, uint64_t down)
{
	json_object_set_new(o, "bytes_up",
			    known ? json_integer((json_int_t)up) : json_null());
	json_object_set_new(o, "bytes_down",
			    known ? json_integer((json_int_t)down)
				  : json_null());
}

static json_t *streams_json(const struct circview *v)
{
	json_t *streams = json_array();

	for (const struct tor_stream *s = next_stream(v, NULL); s;
	     s = next_stream(v, s)) {
		json_t *o = json_object();

		json_set_int(o, "id", (int64_t)s->id);
		json_set_text(o, "status", s->status);
		json_set_text(o, "destination", s->target);
		set_bytes(o, s->has_bytes, s->up, s->down);
		json_array_append_new(streams, o);
	}
	return streams;
}

static void set_text_or_null(json_t *o, const char *key, const char *text)
{
	if (text[0])
		json_set_text(o, key, text);
	else
		json_object_set_new(o, key, json_null());
}

json_t *circview_json(const struct circview *v)
{
	const struct tor_circuit *first = v->set->legs[0];
	struct sums sums = add_up(v->set);
	json_t *o = json_object(), *ids = json_array();

	for (size_t i = 0; i < v->set->nlegs; i++)
		json_array_append_new(
			ids, json_integer((json_int_t)v->set->legs[i]->id));
	json_object_set_new(o, "circuits", ids);
	json_set_text(o, "tor", v->tor);
	set_text_or_null(o, "identity", v->who->identities);
	set_text_or_null(o, "application", v->who->applications);
	json_object_set_new(o, "isolate", json_boolean(v->who->ours));
	json_object_set_new(o, "shared", json_boolean(v->who->is_shared));
	json_object_set_new(o, "open", json_boolean(!first->gone));
	set_text_or_null(o, "state", first->state);
	set_text_or_null(o, "purpose", first->purpose);
	set_text_or_null(o, "conflux", first->conflux);
	json_set_time(o, "created", sums.created_us);
	json_object_set_new(o, "paths", paths_json(v));
	json_object_set_new(o, "streams", streams_json(v));
	set_bytes(o, sums.has_bytes, sums.up, sums.down);
	return o;
}
