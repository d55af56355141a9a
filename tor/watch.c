/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tor/watch.c - follow the circuits and streams of some tors (libevent) */
#include "tor/watch.h"

#include <bsd/string.h>
#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tor/client.h"
#include "tor/country.h"

struct target {
	struct tor_watch *watch;
	size_t index;
	struct tor_client *client;
	struct tor_circmap map;
	bool listing; /* circuit-status is due */
	bool loaded;
	bool has_conflux;
};

struct tor_watch {
	struct event_base *base;
	struct event *tick, *input; /* NULL where there is none */
	struct tor_watch_hooks hooks;
	void *arg; /* of hooks */
	int tick_ms;
	struct target **targets;
	size_t ntargets;
	struct tor_countries *countries;
	int rc;
	struct fault fault;
};

void tor_watch_stop(struct tor_watch *w, int rc)
{
	w->rc = rc;
	event_base_loopbreak(w->base);
}

static void fail(struct tor_watch *w, int rc, const char *what)
{
	tor_watch_stop(w, fault_set(&w->fault, rc, "%s", what));
}

/* Whoever is served, its way is told. */
static void want_countries(struct target *t)
{
	const struct tor_circuit *c;
	struct tor_circset set;

	for (c = TAILQ_FIRST(&t->map.circuits); c; c = TAILQ_NEXT(c, link))
		if (!c->gone && tor_circmap_set(&t->map, c, &set) &&
		    tor_circmap_serves(&t->map, &set))
			tor_countries_want(t->watch->countries, t->client,
					   c->path);
}

static void look_loaded(struct target *t)
{
	if (t->loaded || t->listing ||
	    tor_countries_due(t->watch->countries, t->client))
		return;
	t->loaded = true;
	t->watch->hooks.loaded(t->watch->arg, t->index);
	tor_circmap_tidy(&t->map);
}

static void on_country(void *arg, struct tor_client *client)
{
	struct tor_watch *w = arg;

	for (size_t i = 0; i < w->ntargets; i++)
		if (w->targets[i]->client == client)
			look_loaded(w->targets[i]);
}

static bool is_good(struct target *t, int err, const struct tor_reply *reply,
		    const char *what)
{
	/* on_lost() says so */
	if (err < 0)
		return false;
	if (reply->code == 250)
		return true;
	fault_set(&t->watch->fault, EREMOTEIO, "%s: tor says %d", what,
		  reply->code);
	tor_watch_stop(t->watch, -EREMOTEIO);
	return false;
}

/* "auto" is on; a tor that does not know it has none */
static void on_conflux(void *arg, int err, const struct tor_reply *reply)
{
	static const char off[] = "ConfluxEnabled=0";
	struct target *t = arg;
	struct tor_line line;
	size_t at = 0;

	if (err < 0)
		return;
	t->has_conflux =
		reply->code == 250 && !(tor_reply_next(reply, &at, &line) &&
					strcmp(line.text, off) == 0);
	t->listing = false;
	look_loaded(t);
}

static void on_streams(void *arg, int err, const struct tor_reply *reply)
{
	struct target *t = arg;

	if (!is_good(t, err, reply, "list streams"))
		return;
	if (tor_circmap_streams(&t->map, reply) < 0) {
		fail(t->watch, -ENOMEM, "list streams");
		return;
	}
	want_countries(t);
	if (tor_client_ask(t->client, "GETCONF ConfluxEnabled", on_conflux, t) <
	    0)
		fail(t->watch, -ENOMEM, "ask for Conflux");
}

static void on_circuits(void *arg, int err, const struct tor_reply *reply)
{
	struct target *t = arg;
	struct tor_watch *w = t->watch;

	t->listing = false;
	if (!is_good(t, err, reply, "list circuits"))
		return;
	if (tor_circmap_status(&t->map, reply) < 0) {
		fail(w, -ENOMEM, "list circuits");
		return;
	}
	if (t->loaded) {
		want_countries(t);
		w->hooks.changed(w->arg, t->index);
		tor_circmap_tidy(&t->map);
		return;
	}
	t->listing = true;
	if (tor_client_ask(t->client, "GETINFO stream-status", on_streams, t) <
	    0)
		fail(w, -ENOMEM, "list streams");
}

static void list_circuits(struct target *t)
{
	/* one that does not answer is not asked again, but lost in the end */
	if (t->listing || tor_client_ask(t->client, "GETINFO circuit-status",
					 on_circuits, t) < 0)
		return;
	t->listing = true;
}

static void on_ready(void *arg)
{
	list_circuits(arg);
}

static void on_lost(void *arg, const struct fault *f, int retry_ms)
{
	struct target *t = arg;

	/* the next one's circuits have the same numbers */
	tor_circmap_clear(&t->map);
	t->loaded = t->listing = false;
	t->watch->hooks.lost(t->watch->arg, t->index, f, retry_ms);
}

static void on_event(void *arg, const struct tor_reply *event)
{
	struct target *t = arg;
	struct tor_line line;
	size_t at = 0;

	while (tor_reply_next(event, &at, &line))
		if (tor_circmap_event(&t->map, line.text) < 0) {
			fail(t->watch, -ENOMEM, "hear of circuits");
			return;
		}
	if (!t->loaded)
		return;
	t->watch->hooks.changed(t->watch->arg, t->index);
	tor_circmap_tidy(&t->map);
}

static void on_tick(evutil_socket_t fd, short what, void *arg)
{
	struct tor_watch *w = arg;

	(void)fd;
	(void)what;
	for (size_t i = 0; i < w->ntargets; i++)
		if (w->targets[i]->loaded)
			list_circuits(w->targets[i]);
	w->hooks.tick(w->arg);
}

static void on_input(evutil_socket_t fd, short what, void *arg)
{
	struct tor_watch *w = arg;

	(void)fd;
	(void)what;
	w->hooks.input(w->arg);
}

static int add_events(struct tor_watch *w, int input)
{
	const struct timeval each = { .tv_sec = w->tick_ms / 1000,
				      .tv_usec = w->tick_ms % 1000 * 1000 };

	if (w->tick_ms > 0) {
		w->tick = event_new(w->base, -1, EV_PERSIST, on_tick, w);
		if (!w->tick || event_add(w->tick, &each) < 0)
			return -ENOMEM;
	}
	if (input >= 0) {
		w->input = event_new(w->base, input, EV_READ | EV_PERSIST,
				     on_input, w);
		if (!w->input || event_add(w->input, NULL) < 0)
			return -ENOMEM;
	}
	return 0;
}

struct tor_watch *tor_watch_new(int tick_ms, int input,
				const struct tor_watch_hooks *hooks, void *arg)
{
	struct tor_watch *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	w->hooks = *hooks;
	w->arg = arg;
	w->tick_ms = tick_ms;
	w->base = event_base_new();
	w->countries = tor_countries_new(on_country, w);
	if (!w->base || !w->countries || add_events(w, input) < 0) {
		tor_watch_free(w);
		return NULL;
	}
	return w;
}

int tor_watch_add(struct tor_watch *w, const struct tor_client_config *control,
		  const char *socket_dir)
{
	static const struct tor_client_hooks hooks = { .ready = on_ready,
						       .lost = on_lost,
						       .event = on_event };
	struct tor_client_config config = *control;
	struct target *t = calloc(1, sizeof(*t));
	struct target **more = reallocarray(w->targets, w->ntargets + 1,
					    sizeof(struct target *));

	if (more)
		w->targets = more;
	if (!t || !more) {
		free(t);
		return -ENOMEM;
	}
	strlcpy(config.events,
		w->tick_ms > 0 ? "CIRC CIRC_MINOR STREAM CIRC_BW STREAM_BW"
			       : "",
		sizeof(config.events));
	t->watch = w;
	t->index = w->ntargets;
	tor_circmap_init(&t->map, socket_dir);
	t->client = tor_client_new(w->base, &config, &hooks, t);
	if (!t->client) {
		free(t);
		return -ENOMEM;
	}
	w->targets[w->ntargets++] = t;
	return 0;
}

int tor_watch_run(struct tor_watch *w, struct fault *f)
{
	w->rc = -EIO;
	event_base_dispatch(w->base);
	if (w->rc < 0 && w->fault.what[0])
		*f = w->fault;
	return w->rc;
}

const struct tor_circmap *tor_watch_map(const struct tor_watch *w, size_t i)
{
	return &w->targets[i]->map;
}

bool tor_watch_has_conflux(const struct tor_watch *w, size_t i)
{
	return w->targets[i]->has_conflux;
}

const char *tor_watch_country(const struct tor_watch *w, const char *relay)
{
	return tor_country(w->countries, relay);
}

void tor_watch_free(struct tor_watch *w)
{
	if (!w)
		return;
	for (size_t i = 0; i < w->ntargets; i++) {
		tor_client_free(w->targets[i]->client);
		tor_circmap_clear(&w->targets[i]->map);
		free(w->targets[i]);
	}
	free(w->targets);
	tor_countries_free(w->countries);
	if (w->tick)
		event_free(w->tick);
	if (w->input)
		event_free(w->input);
	if (w->base)
		event_base_free(w->base);
	free(w);
}
