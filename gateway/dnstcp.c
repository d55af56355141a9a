/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gateway/dnstcp.c - DNS over TCP connections (RFC 7766) */
/*
 * DOC: Theory of Operation
 *
 * A message has its length before it, two bytes. Queries are answered as soon
 * as possible, in any order (s6.2.1.1); the next one is taken only while there
 * is room for its answer beside those that are due. So a client that does not
 * read its answers stops being read, and nothing grows.
 *
 * Reading is watched by level, and only while there is room: one read, then
 * all that it completed, then other descriptors have their turn.
 */
#include "gateway/dnstcp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/fd.h"
#include "gateway/listener.h"
#include "gateway/lookup.h"

#define FRAME 2U
#define ANSWER_MAX (FRAME + DNS_OUT_MAX)
#define ANSWERS_DUE 8U
#define RESUME_MS 100

struct dnstcp {
	TAILQ_ENTRY(dnstcp) link;
	struct resolver *r;
	struct listener *l;
	struct event readable;
	struct event writable;
	struct event timer;
	int fd;
	bool busy;      /* in run(): answers are only stored */
	bool ended;     /* nothing more to read */
	uint32_t asked; /* queries whose answers tor has to find */
	size_t in_len;
	size_t out_start; /* of what was not written yet, up to @out_len */
	size_t out_len;
	uint8_t in[FRAME + DNS_IN_MAX];
	uint8_t out[ANSWERS_DUE * ANSWER_MAX];
};

static void pause_all(struct resolver *r)
{
	r->paused = true;
	for (uint32_t i = 0; i < r->nlisteners; i++) {
		if (r->listeners[i].kind == GWMSG_LISTEN_DNS_TCP)
			event_del(&r->listeners[i].ev);
	}
}

static void resume_later(struct resolver *r)
{
	struct timeval wait = { .tv_usec = RESUME_MS * 1000 };

	r->gw->stats.refused_limit++;
	pause_all(r);
	event_add(&r->resume, &wait);
}

static void resume_all(struct resolver *r)
{
	r->paused = false;
	for (uint32_t i = 0; i < r->nlisteners; i++) {
		if (r->listeners[i].kind == GWMSG_LISTEN_DNS_TCP &&
		    event_add(&r->listeners[i].ev, NULL) < 0) {
			resume_later(r);
			return;
		}
	}
}

static void on_resume(evutil_socket_t fd, short what, void *arg)
{
	struct resolver *r = arg;

	(void)fd;
	(void)what;
	if (r->nclients < DNSTCP_MAX)
		resume_all(r);
}

void dnstcp_init(struct resolver *r)
{
	TAILQ_INIT(&r->clients);
	event_assign(&r->resume, r->gw->base, -1, 0, on_resume, r);
}

static void client_free(struct dnstcp *t)
{
	struct resolver *r = t->r;

	if (t->asked > 0)
		lookup_forget(r, t);
	event_del(&t->readable);
	event_del(&t->writable);
	event_del(&t->timer);
	fd_close(t->fd);
	TAILQ_REMOVE(&r->clients, t, link);
	free(t);
	r->nclients--;
	if (r->paused && !event_pending(&r->resume, EV_TIMEOUT, NULL))
		resume_all(r);
}

/* Room for one more answer beside those stored and those tor has to find. */
static bool has_room(const struct dnstcp *t)
{
	return t->out_len + (t->asked + 1) * ANSWER_MAX <= sizeof(t->out);
}

static size_t frame_size(const struct dnstcp *t)
{
	return FRAME + (size_t)(t->in[0] << 8 | t->in[1]);
}

static bool has_frame(const struct dnstcp *t)
{
	return t->in_len >= FRAME && t->in_len >= frame_size(t);
}

/* All queries that are whole and have room; false for what is none. */
static bool answer_frames(struct dnstcp *t)
{
	struct asker who = { .l = t->l, .tcp = t };

	while (has_frame(t) && has_room(t)) {
		size_t size = frame_size(t);
		int rc =
			resolver_query(t->r, &who, t->in + FRAME, size - FRAME);

		if (rc < 0)
			return false;
		t->asked += (uint32_t)rc;
		t->in_len -= size;
		memmove(t->in, t->in + size, t->in_len);
		/* the clock runs again from each whole query */
		if (event_add(&t->timer,
			      t->r->gw->timeouts[GATEWAY_HANDSHAKE]) < 0)
			return false;
	}
	return t->in_len < FRAME || frame_size(t) <= sizeof(t->in);
}

static bool flush(struct dnstcp *t)
{
	while (t->out_start < t->out_len) {
		ssize_t n = send(t->fd, t->out + t->out_start,
				 t->out_len - t->out_start, MSG_NOSIGNAL);

		if (n < 0)
			return errno == EAGAIN;
		t->out_start += (size_t)n;
	}
	t->out_start = t->out_len = 0;
	return true;
}

static bool is_finished(const struct dnstcp *t)
{
	return t->ended && t->asked == 0 && t->out_len == 0 && !has_frame(t);
}

static bool watch(struct dnstcp *t)
{
	if (t->ended || !has_room(t))
		event_del(&t->readable);
	else if (event_add(&t->readable, NULL) < 0)
		return false;
	return t->out_len == 0 || event_add(&t->writable, NULL) == 0;
}

/* Answer what can be answered, then wait for the next thing; may free it. */
static void run(struct dnstcp *t)
{
	bool ok;

	t->busy = true;
	do
		ok = answer_frames(t) && flush(t);
	while (ok && has_frame(t) && has_room(t));
	t->busy = false;
	if (!ok || is_finished(t) || !watch(t))
		client_free(t);
}

static void on_writable(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	run(arg);
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct dnstcp *t = arg;
	ssize_t n;

	(void)what;
	/* run() left less than a frame in it, or there is no room for another
	 * answer and this event is not watched */
	n = recv(fd, t->in + t->in_len, sizeof(t->in) - t->in_len, 0);
	if (n < 0 && errno == EAGAIN)
		return;
	if (n < 0) {
		client_free(t);
		return;
	}
	t->in_len += (size_t)n;
	t->ended = n == 0;
	run(t);
}

static void on_timeout(evutil_socket_t fd, short what, void *arg)
{
	struct dnstcp *t = arg;

	(void)fd;
	(void)what;
	/* tor's answers have a time limit of their own, and it is as long */
	if (t->asked == 0 ||
	    event_add(&t->timer, t->r->gw->timeouts[GATEWAY_HANDSHAKE]) < 0)
		client_free(t);
}

void dnstcp_send(struct dnstcp *t, const uint8_t *bytes, size_t len)
{
	uint8_t *to = t->out + t->out_len;

	to[0] = (uint8_t)(len >> 8);
	to[1] = (uint8_t)len;
	memcpy(to + FRAME, bytes, len);
	t->out_len += FRAME + len;
	if (t->busy)
		return;
	/* one that tor was asked for */
	t->asked--;
	run(t);
}

static void client_new(struct listener *l, int fd)
{
	struct resolver *r = l->gw->resolver;
	struct dnstcp *t = calloc(1, sizeof(*t));

	if (!t) {
		fd_close(fd);
		r->gw->stats.refused_limit++;
		return;
	}
	t->r = r;
	t->l = l;
	t->fd = fd;
	event_assign(&t->readable, r->gw->base, fd, EV_READ | EV_PERSIST,
		     on_readable, t);
	event_assign(&t->writable, r->gw->base, fd, EV_WRITE, on_writable, t);
	event_assign(&t->timer, r->gw->base, -1, 0, on_timeout, t);
	TAILQ_INSERT_TAIL(&r->clients, t, link);
	r->nclients++;
	if (event_add(&t->readable, NULL) < 0 ||
	    event_add(&t->timer, r->gw->timeouts[GATEWAY_HANDSHAKE]) < 0) {
		r->gw->stats.refused_limit++;
		client_free(t);
	}
}

void dnstcp_on_accept(evutil_socket_t fd, short what, void *arg)
{
	struct listener *l = arg;
	struct resolver *r = l->gw->resolver;

	(void)what;
	while (r->nclients < DNSTCP_MAX) {
		int client =
			accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (client >= 0) {
			client_new(l, client);
			continue;
		}
		if (errno == EAGAIN)
			return;
		if (!listener_error_passes(errno)) {
			resume_later(r);
			return;
		}
	}
	pause_all(r);
}
