/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gateway/conn.c - one connection of the application, from accept to close */
/*
 * DOC: Theory of Operation
 *
 * Stages of a connection:
 *
 *   CLIENT    read until socks_feed() has a whole request; replies go out as
 *             they come. Bounded by the handshake timeout. A transparent
 *             client says nothing: where it wanted to go is asked of the
 *             kernel, and this stage is over at once. Internal destinations
 *             are refused, then those that the profile's rules do not let
 *             through (gateway/policy.h).
 *   DIAL      the supervisor was asked for a socket to the SocksPort, unless
 *             there was a spare one (gateway/spare.c). What the client sends
 *             meanwhile waits in its socket.
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
 *   - A visitor of an onion service begins in RELAY, with both sockets from
 *     the supervisor: what an application listens on is its own, so nothing is
 *     asked, and no bytes but the two ends' own are written.
 *   - A question of our own DNS for tor goes the same way, without a client,
 *     from DIAL to tor's answer; however it ends, lookup_done() is told.
 *   - A transparent client can be told of a failure in one way: a reset. It
 *     gets one whenever there is no stream behind its connection.
 *   - The name behind a virtual address is held as long as the client.
 *   - struct handshake exists from accept until its last byte is written.
 *   - Descriptors are watched edge-triggered, once, for both directions: a
 *     stage that is entered must try at once, for the edge may be over.
 *   - A relay whose source had nothing is not run until that was reported: an
 *     event of one end does not cost a system call for the other.
 *   - A relay that could go on after RELAY_TURNS is put at the end of
 *     gw->ready, and descriptors are polled before it runs again: thousand
 *     streams share alike, and none can starve the handshakes.
 *
 * Limits: max_connections at once, beyond them nothing is accepted (the
 * kernel's backlog holds, then refuses). Memory of an idle connection:
 * sizeof(struct conn), under 1 KiB, and its sockets. In the handshake 4 KiB
 * more. With a reader that does not read: one pipe (16 pages at most unless
 * the pages are compound, 64 for PIPES_LARGE_MAX of them) for that direction;
 * nothing is allocated by the amount of data.
 *
 * What an attacker controls: every byte up to the end of the request, when
 * bytes come and when connections end, on the client's side; and on the
 * other side, through a server at the far end, the bytes after tor's
 * answer, which are never looked at. Neither can name an address to dial:
 * GWMSG_DIAL carries none.
 */
#include "gateway/conn.h"

#include <errno.h>
#include <stdlib.h>

#include "base/fd.h"
#include "gateway/lookup.h"
#include "gateway/stage.h"

static void count_bytes(struct conn *c, uint64_t up, uint64_t down)
{
	c->gw->stats.bytes_up += c->up.bytes - up;
	c->gw->stats.bytes_down += c->down.bytes - down;
}

static enum relay_step relay_up(struct conn *c)
{
	/* optimistic data that tor did not take at once goes first */
	if (c->hs) {
		int rc = handshake_flush(c);

		if (rc < 0)
			return rc == -EAGAIN ? RELAY_WAIT : RELAY_BROKEN;
		free(c->hs);
		c->hs = NULL;
	}
	return relay_run(&c->up, &c->gw->pipes, c->client, c->upstream);
}

void conn_relay(struct conn *c)
{
	uint64_t was_up = c->up.bytes, was_down = c->down.bytes;
	enum relay_step up = relay_up(c), down;

	down = relay_run(&c->down, &c->gw->pipes, c->upstream, c->client);
	count_bytes(c, was_up, was_down);
	if (up == RELAY_NO_PIPE || down == RELAY_NO_PIPE)
		c->gw->stats.refused_limit++;
	if (up >= RELAY_BROKEN || down >= RELAY_BROKEN ||
	    (c->up.eof && !c->down.done && conn_is_gone(c->client)))
		conn_abort(c);
	else if (up == RELAY_DONE && down == RELAY_DONE)
		conn_free(c);
	else if (down == RELAY_DONE && conn_is_gone(c->upstream))
		conn_linger(c);
	else if (up == RELAY_AGAIN || down == RELAY_AGAIN)
		conn_queue_join(c, &c->gw->ready);
}

void conn_run_ready(struct gateway *gw)
{
	struct conn *last = TAILQ_LAST(&gw->ready, conn_queue);
	struct conn *c;

	/* those that come back are behind @last: the next time */
	while (last && (c = TAILQ_FIRST(&gw->ready))) {
		bool is_last = c == last;

		conn_queue_leave(c);
		conn_relay(c);
		if (is_last)
			break;
	}
}

void conn_on_upstream(evutil_socket_t fd, short what, void *arg)
{
	struct conn *c = arg;

	(void)fd;
	(void)what;
	if (c->stage == CONN_RELAY) {
		relay_reported(&c->down);
		conn_relay(c);
	} else if (c->stage == CONN_UPSTREAM) {
		int rc = handshake_flush(c);

		if (rc < 0 && rc != -EAGAIN)
			handshake_fail(c, SOCKS_FAILURE);
		else
			handshake_answered(c);
	}
}

static void on_client(evutil_socket_t fd, short what, void *arg)
{
	struct conn *c = arg;

	(void)what;
	switch (c->stage) {
	case CONN_CLIENT:
		handshake_read(c);
		break;
	case CONN_DIAL:
	case CONN_UPSTREAM:
		/* one that only ended its half still wants an answer */
		if (conn_is_gone(fd))
			conn_free(c);
		break;
	case CONN_RELAY:
		relay_reported(&c->up);
		conn_relay(c);
		break;
	case CONN_LINGER:
		conn_drain(c);
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
		handshake_fail(c, SOCKS_FAILURE);
}

/* A slot, or NULL at a limit; @client may be -1. */
static struct conn *take(struct gateway *gw, enum conn_stage stage, int client)
{
	struct conn *c = conn_take(gw);

	if (!c) {
		gw->stats.refused_limit++;
		return NULL;
	}
	c->gw = gw;
	c->stage = stage;
	c->client = client;
	c->upstream = -1;
	c->inbound = false;
	c->hs = NULL;
	relay_init(&c->up, false);
	relay_init(&c->down, true);
	gw->stats.open++;
	event_assign(&c->timer, gw->base, -1, 0, on_timeout, c);
	if (client >= 0)
		event_assign(&c->ev_client, gw->base, client,
			     EV_READ | EV_WRITE | EV_ET | EV_PERSIST, on_client,
			     c);
	return c;
}

/* In stage CLIENT, or NULL at a limit; @fd is taken over in any case. */
static struct conn *begin(struct listener *l, int fd)
{
	struct handshake *hs = malloc(sizeof(*hs));
	struct conn *c = hs ? take(l->gw, CONN_CLIENT, fd) : NULL;

	if (!c) {
		l->gw->stats.refused_limit += !hs;
		free(hs);
		fd_close(fd);
		return NULL;
	}
	handshake_init(hs, l);
	c->hs = hs;
	return c;
}

void conn_accept(struct listener *l, int fd)
{
	struct conn *c = begin(l, fd);

	if (!c)
		return;
	l->gw->stats.accepted++;
	if (event_add(&c->ev_client, NULL) < 0) {
		l->gw->stats.refused_limit++;
		conn_abort(c);
		return;
	}
	conn_set_timer(c, GATEWAY_HANDSHAKE);
	if (c->stage == CONN_CLIENT)
		handshake_begin(c);
}

void conn_lookup(struct listener *l, enum socks_command command,
		 const struct destination *d, struct lookup *lookup)
{
	struct conn *c = begin(l, -1);

	if (!c) {
		lookup_done(lookup, NULL);
		return;
	}
	c->lookup = lookup;
	c->hs->socks.command = command;
	c->hs->socks.destination = *d;
	handshake_dial(c);
}

void conn_inbound(struct gateway *gw, int tor, int app)
{
	bool many = gw->inbound >= (gw->max_connections + 1) / 2;
	struct conn *c = many ? NULL : take(gw, CONN_RELAY, app);

	if (!c) {
		gw->stats.refused_limit += many;
		fd_close(tor);
		fd_close(app);
		return;
	}
	gw->inbound++;
	c->inbound = true;
	c->upstream = tor;
	event_assign(&c->ev_upstream, gw->base, tor,
		     EV_READ | EV_WRITE | EV_ET | EV_PERSIST, conn_on_upstream,
		     c);
	if (event_add(&c->ev_client, NULL) < 0 ||
	    event_add(&c->ev_upstream, NULL) < 0) {
		gw->stats.refused_limit++;
		conn_abort(c);
		return;
	}
	conn_relay(c);
}
