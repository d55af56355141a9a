/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gateway/spare.h - sockets to the SocksPort, connected ahead of need */
#ifndef GATEWAY_SPARE_H
#define GATEWAY_SPARE_H

#include <event2/event_struct.h>
#include <stdbool.h>

struct gateway;

/* More do not pay: many at once have to wait for each other anyway. */
#define SPARES_MAX 2
/* In GWMSG_DIAL, instead of a connection's: none has this slot. */
#define SPARE_ID 0xffffU

/* Nothing was written to any of them: whose it will be is open. */
struct spares {
	int fds[SPARES_MAX]; /* the oldest first */
	unsigned int n;
	unsigned int asked; /* GWMSG_DIALs without their answer */
	bool resting;       /* one was not to be had: none is asked for */
	struct event timer; /* of the oldest, and of the rest */
};

/**
 * spare_init() - none there
 *
 * Before the first connection; gw->base is there.
 */
void spare_init(struct gateway *gw);

/**
 * spare_take() - a socket that is still connected
 *
 * Return: the caller's, non-blocking; -1 where there is none.
 */
int spare_take(struct gateway *gw);

/**
 * spare_put() - the supervisor answered a GWMSG_DIAL with SPARE_ID
 * @fd: non-blocking, taken over in any case; -1 where there is none
 */
void spare_put(struct gateway *gw, int fd);

/**
 * spare_refill() - ask the supervisor for those that are missing
 *
 * For when a stream is open: tor is there, and the next one may follow.
 */
void spare_refill(struct gateway *gw);

#endif
