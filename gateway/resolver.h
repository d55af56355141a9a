/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gateway/resolver.h - the DNS server of a sandbox */
#ifndef GATEWAY_RESOLVER_H
#define GATEWAY_RESOLVER_H

#include <netinet/in.h>

#include "base/fault.h"
#include "gateway/dns.h"
#include "gateway/gateway.h"
#include "gateway/socks.h"

/* One each way and some to spare. */
#define RESOLVER_LISTENERS_MAX 4U
/* Of an answer: short, for nothing here is worth keeping (seconds). */
#define RESOLVER_TTL_S 60

struct dnstcp;
struct lookup;

TAILQ_HEAD(dnstcp_queue, dnstcp);
TAILQ_HEAD(lookup_queue, lookup);

struct resolver {
	struct gateway *gw;
	bool resolve; /* GWMSG_DNS_RESOLVE */

	struct lookup_queue asked; /* tor has not answered yet */
	struct lookup_queue done;  /* their clients are to be told */
	uint32_t nlookups;         /* in @asked */
	uint32_t nwaiters;         /* of all lookups */
	struct event deliver;      /* active while something is in @done */

	struct dnstcp_queue clients;
	uint32_t nclients;
	bool paused;         /* no client is accepted */
	struct event resume; /* accept again after EMFILE and the like */

	uint32_t nlisteners;
	struct listener listeners[RESOLVER_LISTENERS_MAX];
};

/* Where an answer goes. */
struct asker {
	struct listener *l;      /* the socket, for UDP; its isolation */
	struct dnstcp *tcp;      /* NULL for UDP */
	struct sockaddr_in from; /* for UDP */
};

/**
 * resolver_init() - what the transparent listeners and DNS have in common
 * @gw: resolver and names are set if @cfg has a listener that needs them
 *
 * Return: 0 or -errno.
 */
int resolver_init(struct gateway *gw, const struct gwmsg_config *cfg,
		  struct fault *f);

/**
 * resolver_add() - take over a listener for DNS
 * @fd: a UDP socket or a listening TCP socket, as its kind says; ownership
 *      passes on success
 *
 * Return: 0 or -errno.
 */
int resolver_add(struct gateway *gw, int fd, const struct gwmsg_listener *l,
		 struct fault *f);

/**
 * resolver_start() - serve from now on; without DNS nothing
 *
 * Return: 0 or -ENOMEM.
 */
int resolver_start(struct gateway *gw);

/**
 * resolver_query() - answer a query, now or when tor has answered
 * @in: @len bytes from the application: any bytes
 *
 * Return: 0; 1: tor is asked, and resolver_answer() will be called with @who;
 * -EPROTO: this is no query, and nothing is answered.
 */
int resolver_query(struct resolver *r, const struct asker *who,
		   const uint8_t *in, size_t len);

/**
 * resolver_answer() - encode an answer and send it
 */
void resolver_answer(struct resolver *r, const struct asker *who,
		     const struct dns_query *q, const struct dns_answer *a);

#endif
