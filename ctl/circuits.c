/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ctl/circuits.c - isolatectl circuits: who is on which, and only they */
#include "ctl/commands.h"

#include <bsd/err.h>
#include <bsd/string.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "ctl/circview.h"
#include "ctl/command.h"
#include "ctl/json.h"
#include "ctl/owners.h"
#include "ctl/places.h"
#include "ctl/screen.h"
#include "ctl/text.h"
#include "tor/client.h"
#include "tor/watch.h"

/* The exit status of the alarm. */
#define STATUS_SHARED 4
/* Some of the tors that are used could not be looked at. */
#define STATUS_INCOMPLETE 1
#define TICK_MS 1000
#define ASK_AGAIN_US 500000
/* For supervisors to answer: at once, or again and again. */
#define PATIENT_MS 2000
#define QUICK_MS 300
/* For a tor that has come since: looked for at every other tick. */
#define TICKS_PER_LOOK 2

struct circuits {
	const struct call *call;
	struct owners owners;
	struct places places;
	unsigned int ticks;
	struct tor_watch *watch;
	json_t *json; /* an array of rows, or NULL */
	struct screen screen;
	bool has_screen;
	int64_t asked_us; /* when the owners were, last */
	/* those of isolate's that nobody has told of; for one tick */
	const struct tor_circuit **unknown;
	size_t nunknown;
	bool is_incomplete;
	bool is_over;
	struct fault fault; /* why, where that is a failure */
};

static int64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static const char *country_of(void *arg, const char *relay)
{
	struct circuits *c = arg;

	return tor_watch_country(c->watch, relay);
}

/* Of the legs of a set that are meant, @c is the first. */
static bool stands_for(const struct tor_circset *set,
		       const struct tor_circuit *c, bool only_changed)
{
	for (size_t i = 0; i < set->nlegs; i++)
		if (!only_changed || set->legs[i]->changed)
			return set->legs[i] == c;
	return false;
}

/* Calls @fn for each set of tor @i that serves anybody, or did. */
static void each_set(struct circuits *c, size_t i, bool only_changed,
		     void (*fn)(struct circuits *c, const struct circview *v,
				void *arg),
		     void *arg)
{
	const struct tor_circmap *map = tor_watch_map(c->watch, i);
	const struct tor_circuit *one;

	for (one = TAILQ_FIRST(&map->circuits); one;
	     one = TAILQ_NEXT(one, link)) {
		struct ownership who;
		struct tor_circset set;
		struct circview v = { .map = map,
				      .set = &set,
				      .who = &who,
				      .country = country_of,
				      .arg = c,
				      .now_us = now_us(),
				      .tor = c->places.v[i].control.path };

		if ((only_changed && !one->changed) ||
		    !tor_circmap_set(map, one, &set) ||
		    !stands_for(&set, one, only_changed) ||
		    !tor_circmap_serves(map, &set))
			continue;
		owners_judge(&c->owners, &set, &who);
		fn(c, &v, arg);
	}
}

/* What has come already is still told of: it is not heard any more. */
static void end(struct circuits *c, int rc)
{
	c->is_over = true;
	tor_watch_stop(c->watch, rc);
}

/* To judge needs to know all who run: someone may have come meanwhile. */
static int know_owners(struct circuits *c)
{
	int ms = c->call->options[CIRCUITS_WATCH] ? QUICK_MS : PATIENT_MS;
	int rc = owners_update(&c->owners, ms, &c->fault);

	c->asked_us = now_us();
	if (rc < 0)
		end(c, rc);
	return rc;
}

static void raise_alarm(struct circuits *c, const struct circview *v, void *arg)
{
	autofree char *why = NULL;
	char name[128];

	(void)arg;
	if (!v->who->is_shared)
		return;
	if (c->has_screen) {
		screen_close(&c->screen);
		c->has_screen = false;
	}
	why = text_printable(v->who->why);
	circview_name(v->set, name, sizeof(name));
	warnx("ALARM: circuit %s of the tor at %s serves %s", name, v->tor,
	      why);
	end(c, STATUS_SHARED);
}

static void add_row(struct circuits *c, const struct circview *v, void *arg)
{
	if (c->json)
		json_array_append_new(c->json, circview_json(v));
	else
		circview_add(arg, v);
}

static void print_line(struct circuits *c, const struct circview *v, void *arg)
{
	(void)arg;
	if (c->call->options[CIRCUITS_JSON])
		json_print_line(circview_json(v), c->call->out);
	else
		circview_line(v, c->call->out);
}

/* All tors, each below its name where there is more than one. */
static void print_tables(struct circuits *c, FILE *out)
{
	for (size_t i = 0; i < c->places.n; i++) {
		struct table t;

		circview_table(&t);
		if (c->places.n > 1)
			fprintf(out, "%stor at %s\n", i ? "\n" : "",
				c->places.v[i].control.path);
		each_set(c, i, false, add_row, &t);
		if (t.n > t.columns)
			table_print(&t, out);
		else
			fputs(c->places.v[i].is_loaded
				      ? "no circuit is in use\n"
				      : "not reached\n",
			      out);
		table_free(&t);
	}
}

static void draw(struct circuits *c)
{
	autofree char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return;
	print_tables(c, out);
	fclose(out);
	screen_draw(&c->screen, text);
}

static void check(struct circuits *c, size_t i, bool only_changed)
{
	each_set(c, i, only_changed, raise_alarm, NULL);
}

/* Once: all are there. Look at each, then print them. */
static void finish(struct circuits *c)
{
	if (know_owners(c) < 0)
		return;
	end(c, c->is_incomplete || c->places.nunwatched > 0 ? STATUS_INCOMPLETE
							    : 0);
	c->json = c->call->options[CIRCUITS_JSON] ? json_array() : NULL;
	if (c->json) {
		for (size_t i = 0; i < c->places.n; i++)
			each_set(c, i, false, add_row, NULL);
		json_print(c->json, c->call->out);
	} else {
		print_tables(c, c->call->out);
	}
	fflush(c->call->out);
	for (size_t i = 0; i < c->places.n; i++)
		check(c, i, false);
}

static void finish_if_all(struct circuits *c)
{
	for (size_t i = 0; i < c->places.n; i++)
		if (!c->places.v[i].is_loaded && !c->places.v[i].is_lost)
			return;
	finish(c);
}

static void on_loaded(void *arg, size_t i)
{
	struct circuits *c = arg;

	c->places.v[i].is_loaded = true;
	c->places.v[i].is_lost = false;
	if (tor_watch_has_conflux(c->watch, i) && !c->has_screen)
		warnx("the tor at %s has Conflux: streams of two may meet once "
		      "a leg of a set has closed; put ConfluxEnabled 0 into "
		      "its torrc",
		      c->places.v[i].control.path);
	if (!c->call->options[CIRCUITS_WATCH]) {
		finish_if_all(c);
		return;
	}
	if (know_owners(c) < 0)
		return;
	if (!c->has_screen)
		each_set(c, i, false, print_line, NULL);
	else
		draw(c);
	check(c, i, false);
}

/* Does a changed circuit carry a label that nobody has told of? */
static void find_unknown(struct circuits *c, const struct circview *v,
			 void *arg)
{
	bool *unknown = arg;

	(void)c;
	*unknown |= v->who->ours && !v->who->applications[0];
}

static void on_changed(void *arg, size_t i)
{
	struct circuits *c = arg;
	bool unknown = false;

	if (c->is_over)
		return;
	each_set(c, i, true, find_unknown, &unknown);
	/* of an amnesic one nobody will ever tell */
	if (unknown && now_us() - c->asked_us > ASK_AGAIN_US &&
	    know_owners(c) < 0)
		return;
	if (!c->has_screen)
		each_set(c, i, true, print_line, NULL);
	check(c, i, true);
}

static void say_lost(const struct fault *f)
{
	char line[512];
	autofree char *printable = NULL;

	fault_format(f, line, sizeof(line));
	printable = text_printable(line);
	warnx("%s", printable);
}

static void on_lost(void *arg, size_t i, const struct fault *f, int retry_ms)
{
	struct circuits *c = arg;
	bool was_loaded = c->places.v[i].is_loaded;
	bool is_news = !c->places.v[i].is_lost;

	(void)retry_ms;
	c->places.v[i].is_loaded = false;
	c->places.v[i].is_lost = true;
	if (c->is_over)
		return;
	/* if none was ever reached there is nothing to wait for */
	if (!was_loaded && c->places.n == 1 && is_news) {
		c->fault = *f;
		end(c, fault_errno(f));
		return;
	}
	if (is_news && !c->has_screen)
		say_lost(f);
	c->is_incomplete = true;
	if (c->has_screen)
		draw(c);
	else if (!c->call->options[CIRCUITS_WATCH])
		finish_if_all(c);
}

static void note_unknown(struct circuits *c, const struct circview *v,
			 void *arg)
{
	(void)arg;
	if (!v->who->ours || v->who->applications[0])
		return;
	c->unknown = xreallocarray(c->unknown, c->nunknown + 1,
				   sizeof(struct tor_circuit *));
	c->unknown[c->nunknown++] = v->set->legs[0];
}

/* A line said that nobody knows whose it is. */
static void print_known(struct circuits *c, const struct circview *v, void *arg)
{
	for (size_t i = 0; v->who->applications[0] && i < c->nunknown; i++)
		if (c->unknown[i] == v->set->legs[0])
			print_line(c, v, arg);
}

/* Each second: a second launch with a known label must be seen too. */
static int watch_from(struct circuits *c, size_t first)
{
	int rc = 0;

	for (size_t i = first; rc == 0 && i < c->places.n; i++)
		rc = tor_watch_add(c->watch, &c->places.v[i].control,
				   c->places.v[i].socket_dir);
	return rc;
}

/* A launch may have started a tor of its own meanwhile. */
static int watch_new(struct circuits *c)
{
	size_t before = c->places.n;
	int rc;

	if (++c->ticks % TICKS_PER_LOOK != 0)
		return 0;
	/* who cannot be asked now is the next time */
	(void)places_find(&c->places, QUICK_MS, true, NULL);
	rc = watch_from(c, before);
	if (rc < 0) {
		fault_set(&c->fault, rc, "look at circuits");
		end(c, rc);
	}
	return rc;
}

static void on_tick(void *arg)
{
	struct circuits *c = arg;

	c->nunknown = 0;
	for (size_t i = 0; !c->has_screen && i < c->places.n; i++)
		each_set(c, i, false, note_unknown, NULL);
	if (know_owners(c) < 0 || watch_new(c) < 0)
		return;
	for (size_t i = 0; c->nunknown > 0 && i < c->places.n; i++)
		each_set(c, i, false, print_known, NULL);
	if (c->has_screen)
		draw(c);
	for (size_t i = 0; i < c->places.n; i++)
		check(c, i, false);
}

static void on_input(void *arg)
{
	struct circuits *c = arg;
	enum screen_event event = screen_read(&c->screen);

	if (event == SCREEN_REDRAW)
		draw(c);
	if (event == SCREEN_LEAVE)
		end(c, screen_status(&c->screen));
}

static int find_places(struct circuits *c, struct fault *f)
{
	bool again = c->call->options[CIRCUITS_WATCH] != NULL;
	int rc = places_find(&c->places, PATIENT_MS, again, f);

	if (rc == 0 && c->places.n == 0) {
		fault_set(f, 0,
			  "isolate's own tor does not run, and nothing "
			  "uses another whose control port is known");
		rc = -ENOENT;
	}
	return rc;
}

static int look(struct circuits *c, struct fault *f)
{
	static const struct tor_watch_hooks hooks = { .loaded = on_loaded,
						      .changed = on_changed,
						      .lost = on_lost,
						      .tick = on_tick,
						      .input = on_input };
	const char *watch = c->call->options[CIRCUITS_WATCH];
	int rc = 0;

	c->watch = tor_watch_new(watch ? TICK_MS : 0,
				 c->has_screen ? c->screen.fd : -1, &hooks, c);
	if (!c->watch)
		return fault_set(f, ENOMEM, "look at circuits");
	rc = watch_from(c, 0);
	if (rc == 0)
		rc = tor_watch_run(c->watch, &c->fault);
	else
		fault_set(&c->fault, rc, "look at circuits");
	tor_watch_free(c->watch);
	if (rc < 0)
		*f = c->fault;
	return rc;
}

int circuits_run(const struct call *call, struct fault *f)
{
	struct circuits c = { .call = call };
	int rc = find_places(&c, f);

	if (rc == 0 && call->options[CIRCUITS_WATCH] &&
	    !call->options[CIRCUITS_JSON] && screen_may(call->out)) {
		rc = screen_open(&c.screen, call->out, f);
		c.has_screen = rc == 0;
	}
	if (rc == 0)
		rc = look(&c, f);
	if (c.has_screen)
		screen_close(&c.screen);
	places_free(&c.places);
	free(c.unknown);
	owners_free(&c.owners);
	return rc;
}
