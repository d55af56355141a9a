/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gateway/gateway.h - the state of one isolate-gateway */
#ifndef GATEWAY_GATEWAY_H
#define GATEWAY_GATEWAY_H

#include <event2/event.h>
#include <event2/event_struct.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/gwmsg.h"
#include "gateway/pipes.h"
#include "gateway/policy.h"
#include "gateway/report.h"
#include "gateway/spare.h"

struct conn;
struct ctlport;
struct gateway;
struct names;
struct resolver;

TAILQ_HEAD(conn_queue, conn);

struct listener {
	struct gateway *gw;
	struct event ev;
	int fd;
	enum gwmsg_listener_kind kind;
	uint32_t isolate; /* enum gwmsg_isolate bits */
	uint32_t flags;   /* enum gwmsg_listener_flag bits */
	bool paused;      /* no room: not watched until listener_resume() */
};

/* Common timeouts of libevent: any number of them costs nothing to set. */
enum gateway_timeout {
	/* of the application's part of the handshake; from GWMSG_CONFIG */
	GATEWAY_HANDSHAKE = 0,
	/* of tor's answer to a RESOLVE for DNS: clients are gone by then */
	GATEWAY_LOOKUP,
	/* of tor's answer; tor itself gives up after 120 s (SocksTimeout) */
	GATEWAY_UPSTREAM,
	/* for the application to read our last word */
	GATEWAY_LINGER,
	/* of a socket to tor that nobody needs */
	GATEWAY_SPARE,
	GATEWAY_TIMEOUTS,
};

struct gateway {
	struct event_base *base;
	struct gwmsg_stats stats;
	char nonce[GWMSG_NONCE_LEN + 1];
	bool allow_internal;
	struct policy policy;
	struct report report;
	uint32_t max_connections;
	const struct timeval *timeouts[GATEWAY_TIMEOUTS];
	uint64_t serial; /* of the last connection; the first is random */

	struct conn *conns;       /* max_connections slots */
	uint32_t inbound;         /* of those that are open */
	uint32_t nconns;          /* slots ever used; the rest is untouched */
	struct conn_queue unused; /* below nconns, the last freed first */
	struct conn_queue dials;  /* their GWMSG_DIAL could not be sent yet */
	struct conn_queue ready;  /* have more to relay, in turn */
	struct pipes pipes;
	struct spares spares;
	struct names *names;       /* NULL: nothing is transparent here */
	struct resolver *resolver; /* NULL: no DNS */
	struct ctlport *ctlport;   /* NULL: no control port */

	bool stats_due;        /* GWMSG_STATS_ARE could not be sent yet */
	struct event control;  /* descriptor GWMSG_FD, readable */
	struct event writable; /* descriptor GWMSG_FD, while something waits */
	struct event trim;     /* give back what the start needed */
	struct event resume;   /* accept again after EMFILE and the like */
	bool paused;           /* some listener is */
	uint32_t nlisteners;
	struct listener listeners[GWMSG_LISTENERS_MAX];
};

#endif
