/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gateway/resolver.c - the DNS server of a sandbox */
/*
 * DOC: Theory of Operation
 *
 * A query passes three pure functions: dns_parse(), zone_judge() and, with
 * what that says, dns_encode(). In between a name is given a virtual address
 * (names.c) or, with `dns = resolve`, tor is asked (lookup.c). Nobody else is
 * ever asked, so a lookup cannot leak; with `dns = names` not even tor is, and
 * a name is first heard of when a connection is made to its address. A name
 * that the profile's rules let the application reach on no port is answered as
 * if it were not there.
 *
 * The client's address is where its answer goes, through the one UDP socket.
 * nftables brings queries for any server here; connection tracking puts that
 * server's address into the answer.
 *
 * Limits: names.h, lookup.h, dnstcp.h. A datagram that cannot be sent at once
 * is lost, as datagrams may be; its client asks again.
 */
#include "gateway/resolver.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/attr.h"
#include "gateway/dnstcp.h"
#include "gateway/listener.h"
#include "gateway/lookup.h"
#include "gateway/names.h"
#include "gateway/zone.h"

/* Taken from the socket before other descriptors get their turn. */
#define QUERIES_AT_ONCE 32

static void send_udp(const struct asker *who, const uint8_t *bytes, size_t len)
{
	/* the filter lets no other flags and no other family through */
	sendto(who->l->fd, bytes, len, MSG_NOSIGNAL,
	       (const struct sockaddr *)&who->from, sizeof(who->from));
}

void resolver_answer(struct resolver *r, const struct asker *who,
		     const struct dns_query *q, const struct dns_answer *a)
{
	struct gwmsg_stats *stats = &r->gw->stats;
	uint8_t out[DNS_OUT_MAX];

	stats->dns_queries++;
	if (a->rcode == DNS_SERVFAIL)
		stats->dns_failures++;
	if (who->tcp)
		dnstcp_send(who->tcp, out, dns_encode(q, a, DNS_OUT_MAX, out));
	else
		send_udp(who, out, dns_encode(q, a, dns_udp_max(q), out));
}

/* What zone_judge() says, without more ado. */
static const struct dns_answer simple[] = {
	[ZONE_EMPTY] = { .rcode = DNS_NOERROR },
	[ZONE_NXDOMAIN] = { .rcode = DNS_NXDOMAIN },
	[ZONE_NOTIMP] = { .rcode = DNS_NOTIMP },
	[ZONE_REFUSED] = { .rcode = DNS_REFUSED },
	[ZONE_KNOWN] = { .rcode = DNS_NOERROR },
	[ZONE_LOOPBACK] = { .type = DNS_A,
			    .ttl_s = RESOLVER_TTL_S,
			    .addr = { 127, 0, 0, 1 } },
};

static void assign(struct resolver *r, const struct destination *d,
		   struct dns_answer *a)
{
	a->type = DNS_A;
	a->ttl_s = RESOLVER_TTL_S;
	if (names_assign(r->gw->names, d->name, a->addr) == 0)
		return;
	a->type = DNS_NONE;
	a->rcode = DNS_SERVFAIL;
}

static void name_of(struct resolver *r, const struct destination *d,
		    struct dns_answer *a)
{
	a->name = names_find(r->gw->names, d->addr);
	if (a->name) {
		a->type = DNS_PTR;
		a->ttl_s = RESOLVER_TTL_S;
	} else {
		a->rcode = DNS_NXDOMAIN;
	}
}

/* What the application could then connect to, or learn: a name that it may
 * reach on no port is there for no type, so that clients give up at once. */
static bool is_ruled(enum zone_verdict v)
{
	return v == ZONE_KNOWN || v == ZONE_ASSIGN || v == ZONE_RESOLVE ||
	       v == ZONE_RESOLVE_PTR;
}

static int answer_query(struct resolver *r, const struct asker *who,
			const struct dns_query *q)
{
	struct dns_answer a = { .rcode = DNS_NOERROR };
	struct destination d;
	enum zone_verdict v = zone_judge(q, r->resolve, &d);

	if (is_ruled(v) && !report_allows(r->gw, &d, 0))
		v = ZONE_NXDOMAIN;
	switch (v) {
	case ZONE_ASSIGN:
		assign(r, &d, &a);
		break;
	case ZONE_NAME_OF:
		name_of(r, &d, &a);
		break;
	case ZONE_RESOLVE:
	case ZONE_RESOLVE_PTR:
		if (lookup_start(r, who, q,
				 v == ZONE_RESOLVE ? SOCKS_RESOLVE
						   : SOCKS_RESOLVE_PTR,
				 &d) == 0)
			return 1;
		a.rcode = DNS_SERVFAIL;
		break;
	case ZONE_EMPTY:
	case ZONE_NXDOMAIN:
	case ZONE_NOTIMP:
	case ZONE_REFUSED:
	case ZONE_LOOPBACK:
	case ZONE_KNOWN:
	default:
		a = simple[v];
		break;
	}
	resolver_answer(r, who, q, &a);
	return 0;
}

int resolver_query(struct resolver *r, const struct asker *who,
		   const uint8_t *in, size_t len)
{
	struct dns_answer a = { .rcode = DNS_FORMERR };
	struct dns_query q;

	switch (dns_parse(in, len, &q)) {
	case DNS_QUERY:
		return answer_query(r, who, &q);
	case DNS_ERROR:
		r->gw->stats.dns_refused++;
		a.rcode = q.rcode;
		resolver_answer(r, who, &q, &a);
		return 0;
	case DNS_DROP:
	default:
		r->gw->stats.dns_refused++;
		return -EPROTO;
	}
}

static void on_udp(evutil_socket_t fd, short what, void *arg)
{
	struct listener *l = arg;
	struct asker who = { .l = l };
	/* one byte more: what fills it is too long */
	uint8_t in[DNS_IN_MAX + 1];

	(void)what;
	for (int i = 0; i < QUERIES_AT_ONCE; i++) {
		socklen_t size = sizeof(who.from);
		ssize_t n = recvfrom(fd, in, sizeof(in), 0,
				     (struct sockaddr *)&who.from, &size);

		if (n < 0 && errno == EAGAIN)
			return;
		if (n >= 0 && size == sizeof(who.from))
			resolver_query(l->gw->resolver, &who, in, (size_t)n);
	}
}

static bool is_dns(uint32_t kind)
{
	return kind == GWMSG_LISTEN_DNS_UDP || kind == GWMSG_LISTEN_DNS_TCP;
}

/* Does a listener of this configuration need names, DNS even? */
static void find_needs(const struct gwmsg_config *cfg, bool *names, bool *dns)
{
	for (uint32_t i = 0; i < cfg->nlisteners; i++) {
		uint32_t kind = cfg->listeners[i].kind;

		*dns |= is_dns(kind);
		*names |= is_dns(kind) || kind == GWMSG_LISTEN_TRANSPARENT;
	}
}

int resolver_init(struct gateway *gw, const struct gwmsg_config *cfg,
		  struct fault *f)
{
	bool needs_names = false, needs_dns = false;
	struct resolver *r;

	find_needs(cfg, &needs_names, &needs_dns);
	if (cfg->dns > GWMSG_DNS_RESOLVE ||
	    (needs_dns && cfg->dns == GWMSG_DNS_UNSET))
		return fault_set(f, 0, "what DNS answers is out of range");
	if (needs_names) {
		gw->names = names_new(NAMES_MAX);
		if (!gw->names)
			return fault_set(f, ENOMEM, "allocate names");
	}
	if (!needs_dns)
		return 0;
	r = calloc(1, sizeof(*r));
	if (!r)
		return fault_set(f, ENOMEM, "allocate DNS");
	gw->resolver = r;
	r->gw = gw;
	r->resolve = cfg->dns == GWMSG_DNS_RESOLVE;
	lookup_init(r);
	dnstcp_init(r);
	return 0;
}

int resolver_add(struct gateway *gw, int fd, const struct gwmsg_listener *l,
		 struct fault *f)
{
	bool udp = l->kind == GWMSG_LISTEN_DNS_UDP;
	struct resolver *r = gw->resolver;
	struct listener *to;
	int rc;

	if (r->nlisteners == RESOLVER_LISTENERS_MAX)
		return fault_set(f, 0, "too many listeners for DNS");
	rc = listener_prepare(fd, udp ? SOCK_DGRAM : SOCK_STREAM, f);
	if (rc < 0)
		return rc;
	to = &r->listeners[r->nlisteners++];
	to->gw = gw;
	to->fd = fd;
	to->kind = (enum gwmsg_listener_kind)l->kind;
	to->isolate = l->isolate;
	event_assign(&to->ev, gw->base, fd, EV_READ | EV_PERSIST,
		     udp ? on_udp : dnstcp_on_accept, to);
	return 0;
}

int resolver_start(struct gateway *gw)
{
	struct resolver *r = gw->resolver;

	for (uint32_t i = 0; r && i < r->nlisteners; i++) {
		if (event_add(&r->listeners[i].ev, NULL) < 0)
			return -ENOMEM;
	}
	return 0;
}
