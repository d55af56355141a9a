/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gateway/ctlport.c - connections to the filtered control port */
/*
 * DOC: Theory of Operation
 *
 * What is said is ctlsession.c's; here are the sockets, the clock, and the
 * questions to the supervisor, one at a time for each connection. Reading is
 * watched by level, and only while the session wants bytes.
 *
 * A connection's place is its number in the GWMSG_ASKs. Before it is free
 * again the supervisor has been sent GWMSG_ASK_END, where it was ever asked
 * for an onion service: the messages keep their order, so a service that is
 * still being added then ends too.
 */
#include "gateway/ctlport.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/fd.h"
#include "gateway/control.h"
#include "gateway/ctlsession.h"
#include "gateway/gateway.h"
#include "gateway/listener.h"

/* 127.0.0.1, the gateway's own address, and a path in the sandbox. */
#define LISTENERS_MAX 3U
#define ACCEPTS_AT_ONCE 32
#define RESUME_MS 100
#define PLACE_BITS 8

_Static_assert(CTLPORT_MAX <= 1U << PLACE_BITS, "a place fits into an id");

struct client {
	struct ctlport *port;
	uint32_t id;
	int fd;
	bool unsent;    /* @ask could not be sent yet */
	bool has_asked; /* for an onion service: its end must be told */
	bool draining;  /* all is said; what still comes is thrown away */
	bool timed;     /* the clock runs */
	struct gwmsg ask;
	struct event readable;
	struct event writable;
	struct event timer;
	struct ctlsession session;
};

struct place {
	struct client *client;
	bool ending; /* GWMSG_ASK_END could not be sent yet */
	uint32_t generation;
};

struct ctlport {
	struct gateway *gw;
	enum gwmsg_level level;
	struct ctl_facts facts;
	struct event resume;
	struct event second;    /* while somebody wants BW */
	uint64_t read, written; /* told so far */
	uint32_t nlisteners;
	struct listener listeners[LISTENERS_MAX];
	struct place places[CTLPORT_MAX];
};

static void run(struct client *c);

static uint32_t make_id(const struct ctlport *p, uint32_t place)
{
	return p->places[place].generation << PLACE_BITS | place;
}

static struct place *place_of(struct ctlport *p, uint32_t id)
{
	return &p->places[id & ((1U << PLACE_BITS) - 1)];
}

static void tell_end(struct ctlport *p, uint32_t place)
{
	struct gwmsg m = { .type = GWMSG_ASK,
			   .id = make_id(p, place),
			   .ask = { .kind = GWMSG_ASK_END } };

	p->places[place].ending = control_ask(p->gw, &m) < 0;
	if (!p->places[place].ending)
		p->places[place].generation++;
}

static void client_free(struct client *c)
{
	struct ctlport *p = c->port;
	struct place *at = place_of(p, c->id);
	bool has_asked = c->has_asked;

	event_del(&c->readable);
	event_del(&c->writable);
	event_del(&c->timer);
	fd_close(c->fd);
	free(c);
	at->client = NULL;
	if (has_asked)
		tell_end(p, (uint32_t)(at - p->places));
	else
		at->generation++;
}

static bool flush(struct client *c)
{
	struct ctlsession *s = &c->session;

	while (s->out_len > 0) {
		ssize_t n = send(c->fd, s->out, s->out_len, MSG_NOSIGNAL);

		if (n < 0)
			return errno == EAGAIN;
		ctlsession_written(s, (size_t)n);
	}
	return true;
}

static void send_ask(struct client *c)
{
	if (c->ask.ask.kind == GWMSG_ASK_ADD_ONION)
		c->has_asked = true;
	c->unsent = control_ask(c->port->gw, &c->ask) < 0;
}

/*
 * From the first byte of a line until its answer was taken; begun again by
 * nothing in between, so that a byte now and then holds no place.
 */
static bool run_clock(struct client *c, bool needed)
{
	const struct gateway *gw = c->port->gw;

	if (needed == c->timed)
		return true;
	c->timed = needed;
	if (needed)
		return event_add(&c->timer, gw->timeouts[GATEWAY_HANDSHAKE]) ==
		       0;
	event_del(&c->timer);
	return true;
}

static bool watch(struct client *c)
{
	size_t room;

	ctlsession_room(&c->session, &room);
	if (room == 0)
		event_del(&c->readable);
	else if (event_add(&c->readable, NULL) < 0)
		return false;
	if (c->session.out_len > 0 && event_add(&c->writable, NULL) < 0)
		return false;
	return run_clock(c, !ctlsession_is_idle(&c->session));
}

/* Closing with unread bytes would reset it and could destroy the last word. */
static bool drain(struct client *c)
{
	if (c->session.eof)
		return false;
	shutdown(c->fd, SHUT_WR);
	c->draining = true;
	c->timed = true;
	return event_add(&c->readable, NULL) == 0 &&
	       event_add(&c->timer, c->port->gw->timeouts[GATEWAY_LINGER]) == 0;
}

/* One round of lines, answers and questions; false where it is the end. */
static bool step(struct client *c)
{
	struct gwmsg_ask ask;

	if (ctlsession_run(&c->session, &ask)) {
		c->ask = (struct gwmsg){ .type = GWMSG_ASK, .id = c->id };
		c->ask.ask = ask;
		send_ask(c);
	}
	return flush(c);
}

static bool wants_bandwidth(const struct client *c)
{
	return c && !c->draining && c->session.events & CTL_EVENT_BW;
}

/* The clock ticks from the first who wants to hear it to the last. */
static void watch_bandwidth(struct client *c)
{
	const struct timeval second = { .tv_sec = 1 };
	struct ctlport *p = c->port;

	if (!wants_bandwidth(c) || event_pending(&p->second, EV_TIMEOUT, NULL))
		return;
	p->read = p->gw->stats.bytes_down;
	p->written = p->gw->stats.bytes_up;
	event_add(&p->second, &second);
}

/* All that can be done now, then wait; may free it. */
static void run(struct client *c)
{
	struct ctlsession *s = &c->session;
	size_t before;
	bool ok;

	do {
		before = s->in_len;
		ok = step(c);
	} while (ok && !s->waiting && s->in_len < before);
	watch_bandwidth(c);
	if (ok)
		ok = ctlsession_is_over(s) ? drain(c) : watch(c);
	if (!ok)
		client_free(c);
}

static void on_writable(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	run(arg);
}

static void throw_away(struct client *c)
{
	uint8_t waste[4096];
	ssize_t n = recv(c->fd, waste, sizeof(waste), 0);

	if (n == 0 || (n < 0 && errno != EAGAIN))
		client_free(c);
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct client *c = arg;
	uint8_t *to;
	size_t room;
	ssize_t n;

	(void)what;
	if (c->draining) {
		throw_away(c);
		return;
	}
	to = ctlsession_room(&c->session, &room);
	n = recv(fd, to, room, 0);
	if (n < 0 && errno == EAGAIN)
		return;
	if (n < 0) {
		client_free(c);
		return;
	}
	c->session.in_len += (size_t)n;
	c->session.eof = n == 0;
	run(c);
}

static void on_timeout(evutil_socket_t fd, short what, void *arg)
{
	struct client *c = arg;

	(void)fd;
	(void)what;
	if (!c->draining)
		c->port->gw->stats.timeouts++;
	client_free(c);
}

static struct place *find_place(struct ctlport *p)
{
	for (uint32_t i = 0; i < CTLPORT_MAX; i++)
		if (!p->places[i].client && !p->places[i].ending)
			return &p->places[i];
	return NULL;
}

static void client_new(struct ctlport *p, int fd)
{
	struct event_base *base = p->gw->base;
	struct place *at = find_place(p);
	struct client *c = at ? calloc(1, sizeof(*c)) : NULL;

	if (!c) {
		fd_close(fd);
		p->gw->stats.refused_limit++;
		return;
	}
	at->client = c;
	c->port = p;
	c->id = make_id(p, (uint32_t)(at - p->places));
	c->fd = fd;
	event_assign(&c->readable, base, fd, EV_READ | EV_PERSIST, on_readable,
		     c);
	event_assign(&c->writable, base, fd, EV_WRITE, on_writable, c);
	event_assign(&c->timer, base, -1, 0, on_timeout, c);
	ctlsession_init(&c->session, p->level, &p->facts);
	if (!watch(c)) {
		p->gw->stats.refused_limit++;
		client_free(c);
	}
}

static void pause_all(struct ctlport *p)
{
	struct timeval wait = { .tv_usec = RESUME_MS * 1000 };

	p->gw->stats.refused_limit++;
	for (uint32_t i = 0; i < p->nlisteners; i++)
		event_del(&p->listeners[i].ev);
	event_add(&p->resume, &wait);
}

static int resume_all(struct ctlport *p)
{
	for (uint32_t i = 0; i < p->nlisteners; i++)
		if (event_add(&p->listeners[i].ev, NULL) < 0)
			return -ENOMEM;
	return 0;
}

static void on_resume(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	if (resume_all(arg) < 0)
		pause_all(arg);
}

static void on_accept(evutil_socket_t fd, short what, void *arg)
{
	struct listener *l = arg;
	struct ctlport *p = l->gw->ctlport;

	(void)what;
	for (int i = 0; i < ACCEPTS_AT_ONCE; i++) {
		int client =
			accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (client >= 0) {
			client_new(p, client);
			continue;
		}
		if (errno == EAGAIN)
			return;
		if (!listener_error_passes(errno)) {
			pause_all(p);
			return;
		}
	}
}

static void on_second(evutil_socket_t fd, short what, void *arg)
{
	struct ctlport *p = arg;
	uint64_t read = p->gw->stats.bytes_down - p->read;
	uint64_t written = p->gw->stats.bytes_up - p->written;

	(void)fd;
	(void)what;
	p->read += read;
	p->written += written;
	for (uint32_t i = 0; i < CTLPORT_MAX; i++) {
		struct client *c = p->places[i].client;

		if (!wants_bandwidth(c))
			continue;
		ctlsession_bandwidth(&c->session, read, written);
		run(c);
	}
}

int ctlport_init(struct gateway *gw, const struct gwmsg_config *cfg,
		 struct fault *f)
{
	struct ctlport *p;

	if (cfg->control == GWMSG_LEVEL_UNSET)
		return 0;
	if (cfg->control >= GWMSG_LEVELS)
		return fault_set(f, 0, "the control port is of no level");
	p = calloc(1, sizeof(*p));
	if (!p)
		return fault_set(f, ENOMEM, "allocate the control port");
	p->gw = gw;
	p->level = (enum gwmsg_level)cfg->control;
	p->facts.stats = &gw->stats;
	for (size_t i = 0; i < GWMSG_CONTROL_SOCKS_MAX; i++)
		p->facts.socks[i] = (uint16_t)cfg->control_socks[i];
	gw->ctlport = p;
	return 0;
}

int ctlport_add(struct gateway *gw, int fd, const struct gwmsg_listener *l,
		struct fault *f)
{
	struct ctlport *p = gw->ctlport;
	struct listener *to;
	int rc;

	if (!p || p->nlisteners == LISTENERS_MAX)
		return fault_set(f, 0, "a control port too many");
	rc = listener_prepare_control(fd, f);
	if (rc < 0)
		return rc;
	to = &p->listeners[p->nlisteners++];
	to->gw = gw;
	to->fd = fd;
	to->kind = (enum gwmsg_listener_kind)l->kind;
	event_assign(&to->ev, gw->base, fd, EV_READ | EV_PERSIST, on_accept,
		     to);
	return 0;
}

int ctlport_start(struct gateway *gw)
{
	struct ctlport *p = gw->ctlport;

	if (!p)
		return 0;
	event_assign(&p->resume, gw->base, -1, 0, on_resume, p);
	event_assign(&p->second, gw->base, -1, 0, on_second, p);
	return resume_all(p);
}

/* The others are told; their answers have to be taken in order. */
static void tell_newnym(struct ctlport *p)
{
	for (uint32_t i = 0; i < CTLPORT_MAX; i++) {
		struct client *c = p->places[i].client;

		if (!c || c->draining)
			continue;
		ctlsession_newnym(&c->session);
		run(c);
	}
}

int ctlport_answer(struct gateway *gw, const struct gwmsg *m)
{
	struct ctlport *p = gw->ctlport;
	struct client *c;

	if (!p || (m->id & ((1U << PLACE_BITS) - 1)) >= CTLPORT_MAX)
		return -EPROTO;
	c = place_of(p, m->id)->client;
	/* it left meanwhile, and so will what was made for it */
	if (!c || c->id != m->id)
		return 0;
	if (!c->session.waiting || c->unsent ||
	    m->answer.kind != c->ask.ask.kind)
		return -EPROTO;
	ctlsession_answer(&c->session, m->err, &m->answer);
	if (m->answer.kind == GWMSG_ASK_NEWNYM && m->err == 0)
		tell_newnym(p);
	else
		run(c);
	return 0;
}

void ctlport_event(struct gateway *gw, const struct gwmsg_event *e)
{
	struct ctlport *p = gw->ctlport;

	for (uint32_t i = 0; p && i < CTLPORT_MAX; i++) {
		struct client *c = p->places[i].client;

		if (!c || c->draining)
			continue;
		ctlsession_onion(&c->session, e);
		run(c);
	}
}

void ctlport_asks(struct gateway *gw)
{
	struct ctlport *p = gw->ctlport;

	for (uint32_t i = 0; p && i < CTLPORT_MAX; i++) {
		struct client *c = p->places[i].client;

		if (p->places[i].ending)
			tell_end(p, i);
		else if (c && c->unsent)
			send_ask(c);
	}
}
