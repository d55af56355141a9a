/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/onions.c - the onion services of one sandbox */
#include "launcher/onions.h"

#include <bsd/err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/alloc.h"
#include "launcher/ports.h"
#include "tor/deadline.h"
#include "tor/instance.h"
#include "tor/onion.h"
#include "tor/talk.h"

#define TIMEOUT_MS 1000
/* while nothing but a launch waits, for a tor that is slow */
#define LAUNCH_TIMEOUT_MS 10000
#define RETRY_MS 1000
/* after a tor that hangs, which holds the supervisor up for TIMEOUT_MS */
#define HUNG_MS 10000
#define PACE_MS 1000
/* Visitors taken before the rest of the supervisor has its turn. */
#define ACCEPTS_AT_ONCE 8
#define READY_AT_ONCE 16

/* What an epoll event is about: one of these, or a service and its port. */
#define TAG_TALK 0xffffffffU
#define TAG_TIMER 0xfffffffeU
#define TAG_PORT_BITS 8

_Static_assert(GWMSG_ONION_PORTS_MAX <= 1U << TAG_PORT_BITS, "a port's tag");

void onions_init(struct onions *o, const struct plan *plan)
{
	o->plan = plan;
	o->epoll = o->timer = -1;
	inbound_init(&o->inbound);
}

static int watch(const struct onions *o, int fd, uint32_t tag)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.u32 = tag };

	return epoll_ctl(o->epoll, EPOLL_CTL_ADD, fd, &ev) < 0 ? -errno : 0;
}

/* Before the first service. */
static int begin(struct onions *o, struct fault *f)
{
	int rc;

	if (o->all)
		return 0;
	o->epoll = epoll_create1(EPOLL_CLOEXEC);
	o->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (o->epoll < 0 || o->timer < 0)
		return fault_set(f, errno, "watch onion services");
	rc = watch(o, o->timer, TAG_TIMER);
	if (rc < 0)
		return fault_set(f, rc, "watch onion services");
	o->all = xcalloc(ONIONS_MAX, sizeof(*o->all));
	return 0;
}

static void close_ports(struct onion *s)
{
	for (uint32_t i = 0; i < s->wanted.nports; i++)
		onionport_close(&s->ports[i]);
	s->up = false;
}

static struct onion *find(struct onions *o, const char *service)
{
	for (size_t i = 0; o->all && i < ONIONS_MAX; i++)
		if (o->all[i].used && strcmp(o->all[i].service, service) == 0)
			return &o->all[i];
	return NULL;
}

/* A line of tor's between its answers. */
static void on_event(void *arg, const struct tor_line *line)
{
	struct onions *o = arg;
	struct gwmsg_event e;
	const struct onion *s;

	if (!tor_onion_event(line->text, &e))
		return;
	s = find(o, e.service);
	/* the profile's is nothing that a client has asked for */
	if (s && !s->of_profile && o->nevents < ONIONS_EVENTS_MAX)
		o->events[o->nevents++] = e;
}

static void try_later(const struct onions *o, int ms)
{
	const struct itimerspec in = { .it_value.tv_sec = ms / 1000 };

	timerfd_settime(o->timer, 0, &in, NULL);
}

/* Everything that was made on it has ended with it. */
static void disconnect(struct onions *o)
{
	if (o->talk) {
		tor_talk_close(o->talk);
		free(o->talk);
	}
	o->talk = NULL;
	for (size_t i = 0; o->all && i < ONIONS_MAX; i++)
		if (o->all[i].used)
			close_ports(&o->all[i]);
}

static bool is_any_used(const struct onions *o)
{
	for (size_t i = 0; o->all && i < ONIONS_MAX; i++)
		if (o->all[i].used)
			return true;
	return false;
}

/* @why: -errno */
static void lose(struct onions *o, int why)
{
	bool hangs = why == -ETIMEDOUT;

	disconnect(o);
	o->hung_ms = hangs ? tor_deadline_in(HUNG_MS) : 0;
	if (is_any_used(o))
		try_later(o, hangs ? HUNG_MS : RETRY_MS);
}

static int connect_tor(struct onions *o, int timeout_ms, struct fault *f)
{
	struct tor_talk *t;
	int rc;

	if (o->talk)
		return 0;
	t = o->talk = xcalloc(1, sizeof(*t));
	tor_talk_init(t);
	t->event = on_event;
	t->arg = o;
	rc = tor_instance_open(o->upstream, timeout_ms, t, f);
	if (rc == -ENOENT) {
		fault_set(f, 0, "onion services need isolate's own tor");
		fault_hint(f, "use it: --tor embedded");
	}
	if (rc == 0)
		rc = tor_onion_watch(t, f);
	if (rc == 0 && watch(o, t->fd, TAG_TALK) < 0)
		rc = fault_set(f, ENOMEM, "watch tor");
	if (rc < 0)
		lose(o, rc);
	return rc;
}

static int open_ports(struct onions *o, struct onion *s, struct fault *f)
{
	uint32_t tag = (uint32_t)(s - o->all) << TAG_PORT_BITS;

	for (uint32_t i = 0; i < s->wanted.nports; i++) {
		int rc = onionport_open(&s->ports[i], o->upstream, f);

		if (rc < 0)
			return rc;
		if (watch(o, s->ports[i].fd, tag | i) < 0)
			return fault_set(f, ENOMEM, "watch a socket");
	}
	return 0;
}

static void keep(struct onion *s, struct tor_onion *made)
{
	memcpy(s->service, made->service, sizeof(s->service));
	if (made->has_key) {
		memcpy(s->wanted.key, made->key, sizeof(s->wanted.key));
		s->wanted.has_key = 1;
	}
	explicit_bzero(made, sizeof(*made));
	s->up = true;
	s->taken = 0;
}

/* Sockets first: whoever is told of the service can connect. */
static int serve(struct onions *o, struct onion *s, int timeout_ms,
		 struct fault *f)
{
	const char *paths[GWMSG_ONION_PORTS_MAX];
	struct tor_onion made = { .has_key = false };
	int rc = connect_tor(o, timeout_ms, f);

	if (rc == 0)
		rc = open_ports(o, s, f);
	for (uint32_t i = 0; i < s->wanted.nports; i++)
		paths[i] = s->ports[i].path;
	if (rc == 0) {
		tor_talk_limit(o->talk, timeout_ms);
		rc = tor_onion_add(o->talk, &s->wanted, paths, &made, f);
		/* refused is answered; all else leaves an answer to come */
		if (rc < 0 && rc != -EREMOTEIO && rc != -EEXIST &&
		    rc != -EINVAL)
			lose(o, rc);
	}
	if (rc < 0)
		close_ports(s);
	else
		keep(s, &made);
	return rc;
}

/* Tor would go on for as long as it has a connection. */
static void drop(struct onions *o, struct onion *s)
{
	if (s->up && o->talk) {
		int rc;

		tor_talk_limit(o->talk, TIMEOUT_MS);
		rc = tor_onion_del(o->talk, s->service, NULL);
		if (rc < 0)
			lose(o, rc);
	}
	close_ports(s);
	explicit_bzero(s, sizeof(*s));
	if (!is_any_used(o))
		disconnect(o);
}

/* A bucket: what has run ahead of the clock by too much has to wait. */
static bool may_add(struct onions *o)
{
	int64_t now = tor_deadline_in(0);

	if (o->paced_ms < now)
		o->paced_ms = now;
	if (o->paced_ms - now > (int64_t)PACE_MS * (ONIONS_BURST - 1))
		return false;
	o->paced_ms += PACE_MS;
	return true;
}

static int check(const struct onions *o, const struct gwmsg_onion *wanted,
		 struct fault *f)
{
	for (uint32_t i = 0; i < wanted->nports; i++)
		if (wanted->ports[i].where == GWMSG_TARGET_LOOPBACK &&
		    ports_are_gateways(o->plan, wanted->ports[i].target))
			return fault_set(f, EACCES,
					 "publish port %u, the gateway's own",
					 wanted->ports[i].target);
	return 0;
}

const struct onion *onions_add(struct onions *o,
			       const struct gwmsg_onion *wanted,
			       const uint32_t *ask_id, struct fault *f)
{
	struct onion *s = NULL;
	int rc = check(o, wanted, f);

	if (rc == 0 && tor_deadline_left(o->hung_ms) > 0)
		rc = fault_set(f, ETIMEDOUT, "add an onion service");
	if (rc == 0)
		rc = begin(o, f);
	for (size_t i = 0; rc == 0 && !s && i < ONIONS_MAX; i++)
		if (!o->all[i].used)
			s = &o->all[i];
	if (rc == 0 && (!s || !may_add(o)))
		rc = fault_set(f, EBUSY, "add an onion service");
	if (rc < 0 || !s)
		return NULL;
	*s = (struct onion){ .of_profile = !ask_id,
			     .owner = ask_id ? *ask_id : 0,
			     .wanted = *wanted };
	for (size_t i = 0; i < GWMSG_ONION_PORTS_MAX; i++)
		s->ports[i].fd = -1;
	rc = serve(o, s, ask_id ? TIMEOUT_MS : LAUNCH_TIMEOUT_MS, f);
	if (rc == 0) {
		s->used = true;
		return s;
	}
	explicit_bzero(s, sizeof(*s));
	if (!is_any_used(o))
		disconnect(o);
	return NULL;
}

static int add_for(struct onions *o, const struct gwmsg *ask,
		   struct gwmsg_answer *a)
{
	const struct gwmsg_onion *wanted = &ask->ask.onion;
	struct fault f = { 0 };
	const struct onion *s = onions_add(o, wanted, &ask->id, &f);

	if (!s)
		return f.err > 0 ? f.err : ENOENT;
	memcpy(a->service, s->service, sizeof(a->service));
	/* what shall be discarded leaves this process no more */
	a->has_key =
		!wanted->has_key && !(wanted->flags & GWMSG_ONION_DISCARD_KEY);
	if (a->has_key)
		memcpy(a->key, s->wanted.key, sizeof(a->key));
	return 0;
}

static int del_for(struct onions *o, const struct gwmsg *ask)
{
	struct onion *s = find(o, ask->ask.service);

	if (!s || s->of_profile || s->owner != ask->id)
		return ENOENT;
	drop(o, s);
	return 0;
}

bool onions_ask(struct onions *o, const struct gwmsg *ask, struct gwmsg *answer)
{
	*answer = (struct gwmsg){ .type = GWMSG_ANSWER,
				  .id = ask->id,
				  .answer = { .kind = ask->ask.kind } };
	if (ask->ask.kind == GWMSG_ASK_ADD_ONION) {
		answer->err = add_for(o, ask, &answer->answer);
		return true;
	}
	if (ask->ask.kind == GWMSG_ASK_DEL_ONION) {
		answer->err = del_for(o, ask);
		return true;
	}
	for (size_t i = 0; o->all && i < ONIONS_MAX; i++)
		if (o->all[i].used && !o->all[i].of_profile &&
		    o->all[i].owner == ask->id)
			drop(o, &o->all[i]);
	return false;
}

void onions_end_clients(struct onions *o)
{
	for (size_t i = 0; o->all && i < ONIONS_MAX; i++)
		if (o->all[i].used && !o->all[i].of_profile)
			drop(o, &o->all[i]);
	o->nevents = 0;
}

struct pollfd onions_poll_fd(const struct onions *o)
{
	return (struct pollfd){ .fd = o->epoll, .events = POLLIN };
}

/* Who cannot be brought to the application, or not now, is sent away. */
static void bring(struct onions *o, const struct gwmsg_onion_port *port,
		  int visitor, int control)
{
	const struct gwmsg m = { .type = GWMSG_INBOUND };
	int app = inbound_connect(&o->inbound, (enum gwmsg_target)port->where,
				  port->target);
	const int fds[] = { visitor, app };

	if (app >= 0)
		gwmsg_send(control, &m, fds, ARRAY_SIZE(fds));
	fd_close(app);
}

static void take_visitors(struct onions *o, const struct onion *s,
			  uint32_t port, int control)
{
	for (int i = 0; i < ACCEPTS_AT_ONCE; i++) {
		autoclose int fd = onionport_accept(&s->ports[port]);

		if (fd == -EAGAIN)
			return;
		if (fd >= 0)
			bring(o, &s->wanted.ports[port], fd, control);
	}
}

/* What has come from tor unasked; only events do. */
static void hear_tor(struct onions *o)
{
	struct tor_line line;
	int rc;

	tor_talk_limit(o->talk, 0);
	while ((rc = tor_talk_next(o->talk, &line)) == 0)
		if (line.code >= 600)
			on_event(o, &line);
	if (rc != -ETIMEDOUT)
		lose(o, rc);
}

/* Said once, and not of the first time: that may be our own one, from a
 * connection that tor has not ended yet. */
static bool serve_again(struct onions *o, struct onion *s)
{
	int rc = serve(o, s, TIMEOUT_MS, NULL);

	if (rc == -EEXIST && s->taken < 2 && ++s->taken == 2)
		warnx("onion service %s.onion: another launch serves it; "
		      "tried again until that ends",
		      s->service);
	return rc == 0;
}

static void try_again(struct onions *o)
{
	bool missing = false;
	uint64_t ticks;

	if (read(o->timer, &ticks, sizeof(ticks)) < 0)
		return;
	for (size_t i = 0; i < ONIONS_MAX; i++) {
		if (!o->all[i].used || o->all[i].up)
			continue;
		missing |= !serve_again(o, &o->all[i]);
		/* lost again: each of the others would wait as long */
		if (!o->talk)
			return;
	}
	if (missing)
		try_later(o, RETRY_MS);
}

static void handle(struct onions *o, uint32_t tag, int control)
{
	uint32_t service = tag >> TAG_PORT_BITS;
	uint32_t port = tag & ((1U << TAG_PORT_BITS) - 1);

	if (tag == TAG_TIMER)
		try_again(o);
	else if (tag == TAG_TALK && o->talk)
		hear_tor(o);
	else if (service < ONIONS_MAX && o->all[service].up &&
		 port < o->all[service].wanted.nports)
		take_visitors(o, &o->all[service], port, control);
}

void onions_run(struct onions *o, int control)
{
	struct epoll_event ready[READY_AT_ONCE];
	int n = o->all ? epoll_wait(o->epoll, ready, READY_AT_ONCE, 0) : 0;

	for (int i = 0; i < n; i++)
		handle(o, ready[i].data.u32, control);
	onions_tell(o, control);
}

int onions_tell(struct onions *o, int control)
{
	size_t n = 0;
	int rc = 0;

	while (rc == 0 && n < o->nevents) {
		const struct gwmsg m = { .type = GWMSG_EVENT,
					 .event = o->events[n] };

		rc = gwmsg_send(control, &m, NULL, 0);
		n += rc == 0;
	}
	o->nevents -= n;
	memmove(o->events, o->events + n, o->nevents * sizeof(o->events[0]));
	return rc;
}

void onions_close(struct onions *o)
{
	disconnect(o);
	if (o->all)
		explicit_bzero(o->all, ONIONS_MAX * sizeof(*o->all));
	free(o->all);
	o->all = NULL;
	fd_replace(&o->epoll, -1);
	fd_replace(&o->timer, -1);
	inbound_close(&o->inbound);
}
