/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gateway/lookup.c - DNS questions that tor is asked */
#include "gateway/lookup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/conn.h"

struct waiter {
	TAILQ_ENTRY(waiter) link;
	struct asker who;
	struct dns_query query;
};

TAILQ_HEAD(waiter_queue, waiter);

struct lookup {
	TAILQ_ENTRY(lookup) link; /* in asked, then in done */
	struct resolver *r;
	uint32_t isolate; /* enum gwmsg_isolate bits */
	enum socks_command command;
	struct destination d;
	struct waiter_queue waiters;
	struct socks_reply reply; /* once it is done */
};

static void waiter_free(struct lookup *l, struct waiter *w)
{
	TAILQ_REMOVE(&l->waiters, w, link);
	l->r->nwaiters--;
	free(w);
}

/* Tor's answer in the words of DNS. */
static void convert(const struct lookup *l, struct destination *name,
		    struct dns_answer *a)
{
	const struct socks_reply *r = &l->reply;

	a->ttl_s = RESOLVER_TTL_S;
	/* tor says the same of a name that is not there and of a timeout: to
	 * call either NXDOMAIN would be wrong for the other */
	if (r->code != SOCKS_OK) {
		a->rcode = DNS_SERVFAIL;
	} else if (l->command == SOCKS_RESOLVE_PTR) {
		if (r->atyp == SOCKS_ATYP_NAME &&
		    destination_from_name((const char *)r->addr, r->len,
					  name) == DESTINATION_OK &&
		    name->kind == DESTINATION_NAME) {
			a->type = DNS_PTR;
			a->name = name->name;
		} else {
			a->rcode = DNS_SERVFAIL;
		}
	} else if (r->atyp == SOCKS_ATYP_V4) {
		a->type = DNS_A;
		memcpy(a->addr, r->addr, sizeof(a->addr));
	} else if (r->atyp != SOCKS_ATYP_V6) {
		a->rcode = DNS_SERVFAIL;
	}
	/* else it has an IPv6 address only, and none of type A: empty */
}

static void deliver(struct lookup *l)
{
	struct dns_answer a = { .rcode = DNS_NOERROR };
	struct destination name;
	struct waiter *w;

	convert(l, &name, &a);
	/* an answer can end its connection, and that other waiters' */
	while ((w = TAILQ_FIRST(&l->waiters))) {
		struct asker who = w->who;
		struct dns_query q = w->query;

		waiter_free(l, w);
		resolver_answer(l->r, &who, &q, &a);
	}
}

static void on_deliver(evutil_socket_t fd, short what, void *arg)
{
	struct resolver *r = arg;
	struct lookup *l;

	(void)fd;
	(void)what;
	while ((l = TAILQ_FIRST(&r->done))) {
		deliver(l);
		TAILQ_REMOVE(&r->done, l, link);
		free(l);
	}
}

void lookup_init(struct resolver *r)
{
	TAILQ_INIT(&r->asked);
	TAILQ_INIT(&r->done);
	event_assign(&r->deliver, r->gw->base, -1, 0, on_deliver, r);
}

void lookup_done(struct lookup *l, const struct socks_reply *reply)
{
	struct resolver *r = l->r;

	if (reply)
		l->reply = *reply;
	else
		l->reply.code = SOCKS_FAILURE;
	TAILQ_REMOVE(&r->asked, l, link);
	r->nlookups--;
	TAILQ_INSERT_TAIL(&r->done, l, link);
	event_active(&r->deliver, EV_TIMEOUT, 0);
}

static bool is_same_destination(const struct destination *a,
				const struct destination *b)
{
	return a->kind == b->kind && strcmp(a->name, b->name) == 0 &&
	       memcmp(a->addr, b->addr, sizeof(a->addr)) == 0;
}

/* Circuits differ by listener: so do the questions. */
static struct lookup *find(struct resolver *r, const struct listener *via,
			   enum socks_command command,
			   const struct destination *d)
{
	struct lookup *l = TAILQ_FIRST(&r->asked);

	for (; l; l = TAILQ_NEXT(l, link)) {
		if (l->isolate == via->isolate && l->command == command &&
		    is_same_destination(&l->d, d))
			return l;
	}
	return NULL;
}

/* Is @who the same client with the same query, once more? */
static bool is_repeated(const struct waiter *w, const struct asker *who,
			const struct dns_query *q)
{
	return !who->tcp && !w->who.tcp && w->who.l == who->l &&
	       w->who.from.sin_addr.s_addr == who->from.sin_addr.s_addr &&
	       w->who.from.sin_port == who->from.sin_port &&
	       w->query.id == q->id &&
	       w->query.question_len == q->question_len &&
	       memcmp(w->query.question, q->question, q->question_len) == 0;
}

static int join(struct lookup *l, const struct asker *who,
		const struct dns_query *q)
{
	struct waiter *w = TAILQ_FIRST(&l->waiters);

	for (; w; w = TAILQ_NEXT(w, link)) {
		if (is_repeated(w, who, q))
			return 0;
	}
	if (l->r->nwaiters == LOOKUP_WAITERS_MAX)
		return -ENOBUFS;
	w = malloc(sizeof(*w));
	if (!w)
		return -ENOMEM;
	w->who = *who;
	w->query = *q;
	TAILQ_INSERT_TAIL(&l->waiters, w, link);
	l->r->nwaiters++;
	return 0;
}

int lookup_start(struct resolver *r, const struct asker *who,
		 const struct dns_query *q, enum socks_command command,
		 const struct destination *d)
{
	struct lookup *l = find(r, who->l, command, d);
	int rc;

	if (l)
		return join(l, who, q);
	if (r->nlookups == LOOKUPS_MAX)
		return -ENOBUFS;
	l = calloc(1, sizeof(*l));
	if (!l)
		return -ENOMEM;
	l->r = r;
	l->isolate = who->l->isolate;
	l->command = command;
	l->d = *d;
	TAILQ_INIT(&l->waiters);
	rc = join(l, who, q);
	if (rc < 0) {
		free(l);
		return rc;
	}
	TAILQ_INSERT_TAIL(&r->asked, l, link);
	r->nlookups++;
	conn_lookup(who->l, command, d, l);
	return 0;
}

static void forget(struct lookup_queue *q, const struct dnstcp *tcp)
{
	struct waiter *w, *next;
	struct lookup *l;

	TAILQ_FOREACH (l, q, link) {
		for (w = TAILQ_FIRST(&l->waiters); w; w = next) {
			next = TAILQ_NEXT(w, link);
			if (w->who.tcp == tcp)
				waiter_free(l, w);
		}
	}
}

void lookup_forget(struct resolver *r, const struct dnstcp *tcp)
{
	forget(&r->asked, tcp);
	forget(&r->done, tcp);
}
