/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gateway/slot.c - how a connection's slot is taken, and all ways to end it */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/fd.h"
#include "gateway/conn.h"
#include "gateway/listener.h"
#include "gateway/lookup.h"
#include "gateway/names.h"
#include "gateway/stage.h"

/* Reads of LINGER before the client is given up. */
#define LINGER_READS 16

int conn_pool_init(struct gateway *gw)
{
	TAILQ_INIT(&gw->unused);
	TAILQ_INIT(&gw->dials);
	TAILQ_INIT(&gw->ready);
	spare_init(gw);
	gw->conns = calloc(gw->max_connections, sizeof(*gw->conns));
	return gw->conns ? 0 : -ENOMEM;
}

void conn_queue_leave(struct conn *c)
{
	if (c->queue)
		TAILQ_REMOVE(c->queue, c, link);
	c->queue = NULL;
}

void conn_queue_join(struct conn *c, struct conn_queue *q)
{
	if (c->queue == q)
		return;
	conn_queue_leave(c);
	TAILQ_INSERT_TAIL(q, c, link);
	c->queue = q;
}

struct conn *conn_take(struct gateway *gw)
{
	struct conn *c = TAILQ_FIRST(&gw->unused);

	if (c)
		conn_queue_leave(c);
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

static void client_close(struct conn *c)
{
	if (c->client < 0)
		return;
	event_del(&c->ev_client);
	fd_replace(&c->client, -1);
	if (c->holds)
		names_release(c->gw->names, c->held);
	c->holds = false;
}

void conn_free(struct conn *c)
{
	struct gateway *gw = c->gw;
	struct lookup *lookup = c->lookup;

	c->lookup = NULL;
	conn_queue_leave(c);
	event_del(&c->timer);
	client_close(c);
	upstream_close(c);
	relay_free(&c->up, &gw->pipes);
	relay_free(&c->down, &gw->pipes);
	free(c->hs);
	c->hs = NULL;
	c->stage = CONN_UNUSED;
	c->generation++;
	gw->stats.open--;
	if (gw->stats.open == 0)
		pipes_rest(&gw->pipes);
	gw->inbound -= c->inbound;
	TAILQ_INSERT_HEAD(&gw->unused, c, link);
	c->queue = &gw->unused;
	if (lookup)
		lookup_done(lookup, NULL);
	listener_resume(gw);
}

/* An end that breaks off is broken off at the client as well. */
void conn_abort(struct conn *c)
{
	struct linger reset = { .l_onoff = 1, .l_linger = 0 };

	if (c->client >= 0)
		setsockopt(c->client, SOL_SOCKET, SO_LINGER, &reset,
			   sizeof(reset));
	conn_free(c);
}

void conn_set_timer(struct conn *c, enum gateway_timeout which)
{
	/* without its timer a connection could stay forever */
	if (event_add(&c->timer, c->gw->timeouts[which]) < 0) {
		c->gw->stats.refused_limit++;
		conn_abort(c);
	}
}

void conn_drain(struct conn *c)
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

void conn_linger(struct conn *c)
{
	upstream_close(c);
	relay_free(&c->up, &c->gw->pipes);
	relay_free(&c->down, &c->gw->pipes);
	free(c->hs);
	c->hs = NULL;
	conn_queue_leave(c);
	shutdown(c->client, SHUT_WR);
	c->stage = CONN_LINGER;
	conn_set_timer(c, GATEWAY_LINGER);
	if (c->stage == CONN_LINGER)
		conn_drain(c);
}

/* True when the peer of @fd has left for good, not only ended its half. */
bool conn_is_gone(int fd)
{
	struct pollfd p = { .fd = fd };

	return poll(&p, 1, 0) > 0 && (p.revents & (POLLERR | POLLHUP));
}
