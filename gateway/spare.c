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
 * A spare is as good as a fresh one: tor learns whose a connection is from
 * the login, which is written by who takes it. What it may be instead, is
 * stale: tor ended, or has something to say before it was asked anything. That
 * shows as something to read, and such a one is closed and not used. A
 * listener that has changed its owner since does not matter: the supervisor
 * looked when this socket was connected (tor/owner.h).
 *
 * None is kept for longer than an application may take for its handshake: a
 * sandbox that is quiet holds nothing of tor's.
 */
#include "gateway/spare.h"

#include <poll.h>

#include "base/fd.h"
#include "gateway/control.h"
#include "gateway/gateway.h"

static void on_unused_long(evutil_socket_t fd, short what, void *arg)
{
	struct spares *s = arg;

	(void)fd;
	(void)what;
	while (s->n > 0)
		fd_close(s->fds[--s->n]);
}

void spare_init(struct gateway *gw)
{
	event_assign(&gw->spares.unused_long, gw->base, -1, 0, on_unused_long,
		     &gw->spares);
}

int spare_take(struct gateway *gw)
{
	struct spares *s = &gw->spares;

	while (s->n > 0) {
		struct pollfd p = { .fd = s->fds[--s->n], .events = POLLIN };

		if (poll(&p, 1, 0) == 0)
			return p.fd;
		fd_close(p.fd);
	}
	return -1;
}

void spare_put(struct gateway *gw, int fd)
{
	struct spares *s = &gw->spares;

	s->asked -= s->asked > 0;
	if (fd < 0)
		return;
	/* without its timer it could stay forever */
	if (s->n == SPARES_MAX ||
	    event_add(&s->unused_long, gw->timeouts[GATEWAY_HANDSHAKE]) < 0) {
		fd_close(fd);
		return;
	}
	s->fds[s->n++] = fd;
}

void spare_refill(struct gateway *gw)
{
	struct spares *s = &gw->spares;

	/* where there is no room to ask, the next stream does */
	while (s->n + s->asked < SPARES_MAX && control_dial(gw, SPARE_ID) == 0)
		s->asked++;
}
