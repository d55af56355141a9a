/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gateway/spare.c - sockets to the SocksPort, connected ahead of need */
/*
 * DOC: Theory of Operation
 *
 * A connection that has to ask the supervisor for its socket waits for two
 * processes to wake up and for tor's accept queue: a quarter of the time to
 * its first byte. So each stream that opens has the next ones' sockets asked
 * for, and an application that opens streams one after the other never waits.
 *
 * Tor learns whose a connection is from the login, which is written by who
 * takes it. But tor's clock for a stream (SocksTimeout) runs from the accept,
 * and so do its view of the listener and of a NEWNYM: the oldest spare is at
 * most GATEWAY_SPARE old, whatever is taken meanwhile. So the last one is
 * taken first, and a sandbox that is quiet holds nothing of tor's.
 *
 * A spare may be stale: tor ended, or has something to say before it was asked
 * anything. That shows as something to read, and such a one is closed and not
 * used. A listener that has changed its owner since does not matter: the
 * supervisor looked when this socket was connected (tor/owner.h).
 *
 * Where the supervisor gets none, its time is left to the connections that
 * need one now.
 */
#include "gateway/spare.h"

#include <poll.h>

#include "base/fd.h"
#include "gateway/control.h"
#include "gateway/gateway.h"

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct spares *s = arg;

	(void)fd;
	(void)what;
	s->resting = false;
	while (s->n > 0)
		fd_close(s->fds[--s->n]);
}

void spare_init(struct gateway *gw)
{
	struct spares *s = &gw->spares;

	event_assign(&s->timer, gw->base, -1, 0, on_timer, s);
}

static int take_last(struct spares *s)
{
	int fd = s->fds[--s->n];

	if (s->n == 0 && !s->resting)
		event_del(&s->timer);
	return fd;
}

int spare_take(struct gateway *gw)
{
	struct spares *s = &gw->spares;

	while (s->n > 0) {
		struct pollfd p = { .fd = take_last(s), .events = POLLIN };

		if (poll(&p, 1, 0) == 0)
			return p.fd;
		fd_close(p.fd);
	}
	return -1;
}

void spare_put(struct gateway *gw, int fd)
{
	struct spares *s = &gw->spares;
	bool runs = s->n > 0 || s->resting;

	s->asked -= s->asked > 0;
	/* without its timer it could stay forever */
	if (s->n == SPARES_MAX ||
	    (!runs && event_add(&s->timer, gw->timeouts[GATEWAY_SPARE]) < 0)) {
		fd_close(fd);
		return;
	}
	if (fd >= 0)
		s->fds[s->n++] = fd;
	else
		s->resting = true;
}

void spare_refill(struct gateway *gw)
{
	struct spares *s = &gw->spares;

	if (s->resting)
		return;
	/* where there is no room to ask, the next stream does */
	while (s->n + s->asked < SPARES_MAX && control_dial(gw, SPARE_ID) == 0)
		s->asked++;
}
