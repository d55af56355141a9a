/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gateway/lookup.h - DNS questions that tor is asked */
#ifndef GATEWAY_LOOKUP_H
#define GATEWAY_LOOKUP_H

#include "gateway/resolver.h"

struct lookup;

/* Asked of tor at once, and clients that wait for them; beyond: SERVFAIL. */
#define LOOKUPS_MAX 64U
#define LOOKUP_WAITERS_MAX 256U

/**
 * lookup_init() - nothing is asked
 */
void lookup_init(struct resolver *r);

/**
 * lookup_start() - ask tor, or join those who wait for the same answer
 * @command: SOCKS_RESOLVE or SOCKS_RESOLVE_PTR
 * @d: canonical, not internal
 *
 * resolver_answer() is called with @who and @q later, from the event loop.
 * A client that has asked the same already is answered once.
 *
 * Return: 0, or -ENOBUFS or -ENOMEM: it is not asked.
 */
int lookup_start(struct resolver *r, const struct asker *who,
		 const struct dns_query *q, enum socks_command command,
		 const struct destination *d);

/**
 * lookup_done() - tor's answer is there, or will not come
 * @reply: it has passed the check for internal answers; NULL: none
 *
 * Nobody is told before the event loop has its turn, so any part of a
 * connection may call it.
 */
void lookup_done(struct lookup *l, const struct socks_reply *reply);

/**
 * lookup_forget() - nobody on this connection waits any more
 */
void lookup_forget(struct resolver *r, const struct dnstcp *tcp);

#endif
