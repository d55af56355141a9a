/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gateway/conn.c - one connection of the application, from accept to close */
/*
 * DOC: Theory of Operation
 *
 * Stages of a connection:
 *
 *   CLIENT    read until socks_feed() has a whole request; replies go out as
 *             they come. Bounded by the handshake timeout.
 *   DIAL      the supervisor was asked for a socket to the SocksPort. What
 *             the client sends meanwhile waits in its socket.
 *   UPSTREAM  method, login, request and the client's optimistic data were
 *             written in one go; tor's answer is awaited.
 *   RELAY     two struct relay, one each way; each ends by itself, so that a
 *             half-closed connection works as long as its ends like.
 *   LINGER    the last word (a refusal, an answer to RESOLVE, or the end of
 *             the stream) is on its way; what the client still sends is
 *             thrown away, for closing with unread bytes would reset the
 *             connection and could destroy that word.
 *
 * Invariants:
 *
 *   - A connection holds an upstream socket in UPSTREAM and RELAY only, and
 *     that socket carries one stream of this connection's own isolation key.
 *   - struct handshake exists from accept until its last byte is written.
 *   - Descriptors are watched edge-triggered, once, for both directions: a
 *     stage that is entered must try at once, for the edge may be over.
 *   - A relay that could go on after RELAY_TURNS is put at the end of
 *     gw->ready, and descriptors are polled before it runs again: thousand
 *     streams share alike, and none can starve the handshakes.
 *
 * Limits: max_connections at once, beyond them nothing is accepted (the
 * kernel's backlog holds, then refuses). Memory of an idle connection:
 * sizeof(struct conn), under 1 KiB, and its sockets. In the handshake 4 KiB
 * more. With a reader that does not read: one pipe (16 pages at most unless
 * the pages are compound) for that direction; nothing is allocated by the
 * amount of data.
 *
 * What an attacker controls: every byte up to the end of the request, when
 * bytes come and when connections end, on the client's side; and on the
 * other side, through a server at the far end, the bytes after tor's
 * answer, which are never looked at. Neither can name an address to dial:
 * GWMSG_DIAL carries none.
 */
#include "gateway/conn.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/fd.h"
#include "gateway/control.h"
#include "gateway/gateway.h"
#include "gateway/listener.h"
#include "gateway/relay.h"
#include "gateway/socks.h"
#include "gateway/upstream.h"

/* Of the client's handshake, then of its optimistic data. */
#define CLIENT_MAX 2048
/* What a server may say right behind tor's answer, in the same read. */
#define EARLY_MAX 512
/* Reads of LINGER before the client is given up. */
#define LINGER_READS 16

_Static_assert(CLIENT_MAX >= SOCKS_IN_MAX, "a whole message fits");

enum conn_stage {
	CONN_UNUSED = 0,
	CONN_CLIENT,
	CONN_DIAL,
	CONN_UPSTREAM,
	CONN_RELAY,
	CONN_LINGER,
};

struct handshake {
	struct socks socks;
	uint32_t isolate; /* enum gwmsg_isolate bits of the listener */
	uint64_t serial;
	/*
	 * Client's bytes between @start and @end. The request to tor is
	 * later put right before them, so that both go in one write.
	 */
	size_t start;
	size_t end;
	uint8_t buf[UPSTREAM_OUT_MAX + CLIENT_MAX];
	size_t reply_len;
	uint8_t reply[UPSTREAM_IN_MAX + EARLY_MAX];
};

struct conn {
	struct gateway *gw;
	enum conn_stage stage;
	uint16_t generation; /* which use of this slot, part of the id */
	int client;
	int upstream;
	struct event ev_client;
	struct event ev_upstream;
	struct event timer;
	struct handshake *hs;
	struct relay up;
	struct relay down;
	struct conn_queue *queue; /* the one it is in, or NULL */
	TAILQ_ENTRY(conn) link;
};

int conn_pool_init(struct gateway *gw)
{
	TAILQ_INIT(&gw->unused);
	TAILQ_INIT(&gw->dials);
	TAILQ_INIT(&gw->ready);
	gw->conns = calloc(gw->max_connections, sizeof(*gw->conns));
	return gw->conns ? 0 : -ENOMEM;
}

static void queue_leave(struct conn *c)
{
	if (c->queue)
		TAILQ_REMOVE(c->queue, c, link);
	c->queue = NULL;
}

static void queue_join(struct conn *c, struct conn_queue *q)
{
	if (c->queue == q)
		return;
	queue_leave(c);
	TAILQ_INSERT_TAIL(q, c, link);
	c->queue = q;
}

static uint32_t conn_id(const struct conn *c)
{
	return (uint32_t)c->generation << 16 | (uint32_t)(c - c->gw->conns);
}

static struct conn *conn_take(struct gateway *gw)
{
	struct conn *c = TAILQ_FIRST(&gw->unused);

	if (c)
		queue_leave(c);
	else if (gw->nconns < gw->max_connections)
		c = &gw->conns[gw->nconns++];
	return c;
}

static void upstream_close(struct conn *c)
{
	if (c->upstream < 0)
		return;
	event_del(&c->ev_upstream);
	fd_replace(&c->upstream, -1);
}

static void conn_free(struct conn *c)
{
	struct gateway *gw = c->gw;

	queue_leave(c);
	event_del(&c->timer);
	event_del(&c->ev_client);
	fd_replace(&c->client, -1);
	upstream_close(c);
	relay_free(&c->up, &gw->pipes);
	relay_free(&c->down, &gw->pipes);
	free(c->hs);
	c->hs = NULL;
	c->stage = CONN_UNUSED;
	c->generation++;
	gw->stats.open--;
	TAILQ_INSERT_HEAD(&gw->unused, c, link);
	c->queue = &gw->unused;
	listener_resume(gw);
}

/* An end that breaks off is broken off at the client as well. */
static void conn_abort(struct conn *c)
{
	struct linger reset = { .l_onoff = 1, .l_linger = 0 };

	setsockopt(c->client, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	conn_free(c);
}

static void set_timer(struct conn *c, enum gateway_timeout which)
{
	/* without its timer a connection could stay forever */
	if (event_add(&c->timer, c->gw->timeouts[which]) < 0) {
		c->gw->stats.refused_limit++;
		conn_abort(c);
	}
}

static void drain_client(struct conn *c)
{
	uint8_t waste[4096];

	for (int i = 0; i < LINGER_READS; i++) {
		ssize_t n = recv(c->client, waste, sizeof(waste), 0);

		if (n < 0 && errno == EAGAIN)
			return;
		if (n <= 0)
			break;
	}
	conn_free(c);
}

static void conn_linger(struct conn *c)
{
	upstream_close(c);
	relay_free(&c->up, &c->gw->pipes);
	relay_free(&c->down, &c->gw->pipes);
	free(c->hs);
	c->hs = NULL;
	queue_leave(c);
	shutdown(c->client, SHUT_WR);
	c->stage = CONN_LINGER;
	set_timer(c, GATEWAY_LINGER);
	if (c->stage == CONN_LINGER)
		drain_client(c);
}

/* True when the peer of @fd has left for good, not only ended its half. */
static bool is_gone(int fd)
{
	struct pollfd p = { .fd = fd };

	return poll(&p, 1, 0) > 0 && (p.revents & (POLLERR | POLLHUP));
}

/* Short replies into a buffer that was empty: all or nothing. */
static bool send_client(struct conn *c, const void *bytes, size_t len)
{
	return len == 0 ||
	       send(c->client, bytes, len, MSG_NOSIGNAL) == (ssize_t)len;
}

static void conn_fail(struct conn *c, uint8_t code)
{
	struct socks_reply r = { .code = code };
	uint8_t out[SOCKS_OUT_MAX];

	if (send_client(c, out, socks_reply_encode(&c->hs->socks, &r, out)))
		conn_linger(c);
	else
		conn_abort(c);
}

static void count_bytes(struct conn *c, uint64_t up, uint64_t down)
{
	c->gw->stats.bytes_up += c->up.bytes - up;
	c->gw->stats.bytes_down += c->down.bytes - down;
}

/* -EAGAIN where not all could be written. */
static int flush_upstream(struct conn *c)
{
	struct handshake *hs = c->hs;

	while (hs->start < hs->end) {
		ssize_t n = send(c->upstream, hs->buf + hs->start,
				 hs->end - hs->start, MSG_NOSIGNAL);

		if (n < 0)
			return -errno;
		hs->start += (size_t)n;
	}
	return 0;
}

static enum relay_step relay_up(struct conn *c)
{
	/* optimistic data that tor did not take at once goes first */
	if (c->hs) {
		int rc = flush_upstream(c);

		if (rc < 0)
			return rc == -EAGAIN ? RELAY_WAIT : RELAY_BROKEN;
		free(c->hs);
		c->hs = NULL;
	}
	return relay_run(&c->up, &c->gw->pipes, c->client, c->upstream);
}

static void conn_relay(struct conn *c)
{
	uint64_t was_up = c->up.bytes, was_down = c->down.bytes;
	enum relay_step up = relay_up(c), down;

	down = relay_run(&c->down, &c->gw->pipes, c->upstream, c->client);
	count_bytes(c, was_up, was_down);
	if (up == RELAY_NO_PIPE || down == RELAY_NO_PIPE)
		c->gw->stats.refused_limit++;
	if (up >= RELAY_BROKEN || down >= RELAY_BROKEN)
		conn_abort(c);
	else if (up == RELAY_DONE && down == RELAY_DONE)
		conn_free(c);
	else if (down == RELAY_DONE && is_gone(c->upstream))
		conn_linger(c);
	else if (c->up.eof && is_gone(c->client))
		conn_abort(c);
	else if (up == RELAY_AGAIN || down == RELAY_AGAIN)
		queue_join(c, &c->gw->ready);
}

void conn_run_ready(struct gateway *gw)
{
	struct conn *last = TAILQ_LAST(&gw->ready, conn_queue);
	struct conn *c;

	/* those that come back are behind @last: the next time */
	while (last && (c = TAILQ_FIRST(&gw->ready))) {
		bool is_last = c == last;

		queue_leave(c);
		conn_relay(c);
		if (is_last)
			break;
	}
}

/* An internal address that a name resolves to is refused as well: a name
 * must not become the application's way to learn or reach one. */
static void check_answer(struct conn *c, struct socks_reply *r)
{
	struct destination d;
	enum destination_verdict v = DESTINATION_OK;

	if (r->code != SOCKS_OK || c->hs->socks.command == SOCKS_CONNECT)
		return;
	if (r->atyp == SOCKS_ATYP_V4)
		v = destination_from_v4(r->addr, &d);
	else if (r->atyp == SOCKS_ATYP_V6)
		v = destination_from_v6(r->addr, &d);
	else
		v = destination_from_name((const char *)r->addr, r->len, &d);
	if (v == DESTINATION_INVALID ||
	    (v == DESTINATION_INTERNAL && !c->gw->allow_internal)) {
		c->gw->stats.refused_internal++;
		r->code = SOCKS_HOST_UNREACHABLE;
	}
}

static void conn_answer(struct conn *c, struct socks_reply *r, size_t used)
{
	uint8_t out[SOCKS_OUT_MAX + UPSTREAM_IN_MAX + EARLY_MAX];
	struct handshake *hs = c->hs;
	size_t len, early;

	check_answer(c, r);
	len = socks_reply_encode(&hs->socks, r, out);
	if (r->code != SOCKS_OK || hs->socks.command != SOCKS_CONNECT) {
		if (send_client(c, out, len))
			conn_linger(c);
		else
			conn_abort(c);
		return;
	}
	early = hs->reply_len - used;
	memcpy(out + len, hs->reply + used, early);
	if (!send_client(c, out, len + early)) {
		conn_abort(c);
		return;
	}
	c->gw->stats.bytes_down += early;
	event_del(&c->timer);
	c->stage = CONN_RELAY;
	conn_relay(c);
}

static void read_upstream(struct conn *c)
{
	struct handshake *hs = c->hs;
	enum upstream_step step;
	struct socks_reply r;
	size_t used = 0;

	do {
		ssize_t n = recv(c->upstream, hs->reply + hs->reply_len,
				 sizeof(hs->reply) - hs->reply_len, 0);

		if (n < 0 && errno == EAGAIN)
			return;
		if (n <= 0) {
			conn_fail(c, SOCKS_FAILURE);
			return;
		}
		hs->reply_len += (size_t)n;
		step = upstream_parse(hs->reply, hs->reply_len, &used, &r);
	} while (step == UPSTREAM_MORE);
	if (step == UPSTREAM_BAD)
		conn_fail(c, SOCKS_FAILURE);
	else
		conn_answer(c, &r, used);
}

static void on_upstream(evutil_socket_t fd, short what, void *arg)
{
	struct conn *c = arg;

	(void)fd;
	(void)what;
	if (c->stage == CONN_RELAY) {
		conn_relay(c);
	} else if (c->stage == CONN_UPSTREAM) {
		int rc = flush_upstream(c);

		if (rc < 0 && rc != -EAGAIN)
			conn_fail(c, SOCKS_FAILURE);
		else
			read_upstream(c);
	}
}

static void send_request(struct conn *c)
{
	struct handshake *hs = c->hs;
	const struct destination *d = &hs->socks.destination;
	struct upstream_key key = { .nonce = c->gw->nonce,
				    .isolate = hs->isolate,
				    .connection = hs->serial,
				    .destination = d,
				    .auth = &hs->socks.auth };
	char password[UPSTREAM_PASSWORD_LEN];
	uint8_t head[UPSTREAM_OUT_MAX];
	size_t len;

	c->gw->stats.bytes_up += hs->end - hs->start;
	upstream_password(&key, password);
	len = upstream_encode(hs->socks.command, d, password, head);
	/* what the client sent is never before UPSTREAM_OUT_MAX */
	hs->start -= len;
	memcpy(hs->buf + hs->start, head, len);
	on_upstream(c->upstream, EV_WRITE, c);
}

static struct conn *find(struct gateway *gw, uint32_t id)
{
	uint32_t slot = id & 0xffff;
	struct conn *c;

	if (slot >= gw->nconns)
		return NULL;
	c = &gw->conns[slot];
	return c->stage == CONN_DIAL && conn_id(c) == id ? c : NULL;
}

void conn_dialed(struct gateway *gw, uint32_t id, int fd)
{
	struct conn *c = find(gw, id);

	if (fd < 0)
		gw->stats.dial_failures++;
	if (!c) {
		fd_close(fd);
		return;
	}
	if (fd < 0) {
		conn_fail(c, SOCKS_FAILURE);
		return;
	}
	c->upstream = fd;
	c->stage = CONN_UPSTREAM;
	event_assign(&c->ev_upstream, gw->base, fd,
		     EV_READ | EV_WRITE | EV_ET | EV_PERSIST, on_upstream, c);
	if (fd_set_nonblock(fd, 1) < 0 ||
	    event_add(&c->ev_upstream, NULL) < 0) {
		gw->stats.refused_limit++;
		conn_fail(c, SOCKS_FAILURE);
		return;
	}
	send_request(c);
}

static void start_dial(struct conn *c)
{
	c->stage = CONN_DIAL;
	set_timer(c, GATEWAY_UPSTREAM);
	if (c->stage == CONN_DIAL && control_dial(c->gw, conn_id(c)) < 0)
		queue_join(c, &c->gw->dials);
}

void conn_dials(struct gateway *gw)
{
	struct conn *c;

	while ((c = TAILQ_FIRST(&gw->dials)) &&
	       control_dial(gw, conn_id(c)) == 0)
		queue_leave(c);
}

/* True while more bytes of the client's are wanted. */
static bool feed_client(struct conn *c)
{
	struct handshake *hs = c->hs;
	uint8_t out[SOCKS_OUT_MAX];
	size_t used, out_len;
	enum socks_step step =
		socks_feed(&hs->socks, hs->buf + hs->start, hs->end - hs->start,
			   &used, out, &out_len);

	hs->start += used;
	if (!send_client(c, out, out_len)) {
		conn_abort(c);
		return false;
	}
	switch (step) {
	case SOCKS_MORE:
		return true;
	case SOCKS_REQUEST:
		start_dial(c);
		return false;
	case SOCKS_REFUSE_DESTINATION:
		c->gw->stats.refused_internal++;
		break;
	case SOCKS_REFUSE:
	default:
		c->gw->stats.refused_protocol++;
		break;
	}
	conn_linger(c);
	return false;
}

static void read_client(struct conn *c)
{
	struct handshake *hs = c->hs;

	do {
		ssize_t n;

		/*
		 * Used bytes are given back as room. One message is at most
		 * SOCKS_IN_MAX long and is used or refused when it is whole,
		 * so there always is some.
		 */
		memmove(hs->buf + UPSTREAM_OUT_MAX, hs->buf + hs->start,
			hs->end - hs->start);
		hs->end -= hs->start - UPSTREAM_OUT_MAX;
		hs->start = UPSTREAM_OUT_MAX;
		n = recv(c->client, hs->buf + hs->end,
			 sizeof(hs->buf) - hs->end, 0);
		if (n < 0 && errno == EAGAIN)
			return;
		if (n <= 0) {
			conn_free(c);
			return;
		}
		hs->end += (size_t)n;
	} while (feed_client(c));
}

static void on_client(evutil_socket_t fd, short what, void *arg)
{
	struct conn *c = arg;

	(void)what;
	switch (c->stage) {
	case CONN_CLIENT:
		read_client(c);
		break;
	case CONN_DIAL:
	case CONN_UPSTREAM:
		/* one that only ended its half still wants an answer */
		if (is_gone(fd))
			conn_free(c);
		break;
	case CONN_RELAY:
		conn_relay(c);
		break;
	case CONN_LINGER:
		drain_client(c);
		break;
	case CONN_UNUSED:
	default:
		break;
	}
}

static void on_timeout(evutil_socket_t fd, short what, void *arg)
{
	struct conn *c = arg;

	(void)fd;
	(void)what;
	if (c->stage == CONN_LINGER) {
		conn_free(c);
		return;
	}
	c->gw->stats.timeouts++;
	if (c->stage == CONN_CLIENT)
		conn_free(c);
	else
		conn_fail(c, SOCKS_FAILURE);
}

void conn_accept(struct listener *l, int fd)
{
	struct gateway *gw = l->gw;
	struct handshake *hs = malloc(sizeof(*hs));
	struct conn *c = hs ? conn_take(gw) : NULL;

	if (!c) {
		free(hs);
		fd_close(fd);
		gw->stats.refused_limit++;
		return;
	}
	socks_init(&hs->socks, gw->allow_internal);
	hs->isolate = l->isolate;
	hs->serial = ++gw->serial;
	hs->start = hs->end = UPSTREAM_OUT_MAX;
	hs->reply_len = 0;
	c->gw = gw;
	c->stage = CONN_CLIENT;
	c->client = fd;
	c->upstream = -1;
	c->hs = hs;
	relay_init(&c->up);
	relay_init(&c->down);
	gw->stats.accepted++;
	gw->stats.open++;
	event_assign(&c->timer, gw->base, -1, 0, on_timeout, c);
	event_assign(&c->ev_client, gw->base, fd,
		     EV_READ | EV_WRITE | EV_ET | EV_PERSIST, on_client, c);
	if (event_add(&c->ev_client, NULL) < 0) {
		gw->stats.refused_limit++;
		conn_abort(c);
		return;
	}
	set_timer(c, GATEWAY_HANDSHAKE);
	if (c->stage == CONN_CLIENT)
		read_client(c);
}
