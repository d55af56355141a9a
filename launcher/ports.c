/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/ports.c - Whonix's SocksPorts, and which of them are opened */
#include "launcher/ports.h"

#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "launcher/facade.h"
#include "launcher/plan.h"
#include "netns/redirect.h"
#include "profiles/ports.h"

#define RANGES_MAX 64
#define BOTH (GWMSG_BY_DESTINATION | GWMSG_BY_PORT)

struct row {
	uint16_t first, last;
	enum gwmsg_listener_kind kind;
	uint32_t isolate; /* enum gwmsg_isolate bits */
	uint32_t flags;   /* enum gwmsg_listener_flag bits */
};

/*
 * As a Whonix-Gateway has them. Every port belongs to the sandbox's own
 * identity: which one is taken chooses the isolation within it, and no more.
 */
static const struct row rows[] = {
	/* what expects tor's default */
	{ 9050, 9050, GWMSG_LISTEN_SOCKS, 0, 0 },
	/* legacy Tor Browser */
	{ 9100, 9100, GWMSG_LISTEN_SOCKS, 0, 0 },
	/* IRC, mail, instant messengers */
	{ 9101, 9103, GWMSG_LISTEN_SOCKS, BOTH, 0 },
	/* apt */
	{ 9104, 9104, GWMSG_LISTEN_SOCKS, 0, 0 },
	/* gpg, ssh, git, time synchronisation, wget, system check */
	{ 9105, 9110, GWMSG_LISTEN_SOCKS, BOTH, 0 },
	/* bitcoin */
	{ 9111, 9111, GWMSG_LISTEN_SOCKS, 0, 0 },
	/* news, Tor Browser's download */
	{ 9114, 9115, GWMSG_LISTEN_SOCKS, BOTH, 0 },
	/* curl, RSS */
	{ 9117, 9118, GWMSG_LISTEN_SOCKS, BOTH, 0 },
	/* KDE, GNOME, aptitude, yum */
	{ 9122, 9125, GWMSG_LISTEN_SOCKS, 0, 0 },
	/* Tor Browser. It "prefers IPv6" in Whonix: here no address is ever
	 * looked up for a client, the exit has the choice */
	{ 9150, 9150, GWMSG_LISTEN_SOCKS, 0, GWMSG_EXTENDED_ERRORS },
	/* the user's own, four times: plain, by address, by port, by both */
	{ 9152, 9159, GWMSG_LISTEN_SOCKS, 0, 0 },
	{ 9160, 9169, GWMSG_LISTEN_SOCKS, GWMSG_BY_DESTINATION, 0 },
	{ 9170, 9179, GWMSG_LISTEN_SOCKS, GWMSG_BY_PORT, 0 },
	{ 9180, 9189, GWMSG_LISTEN_SOCKS, BOTH, 0 },
	{ 9190, 9199, GWMSG_LISTEN_HTTP, 0, 0 },
	{ 9200, 9209, GWMSG_LISTEN_HTTP, GWMSG_BY_DESTINATION, 0 },
	{ 9210, 9219, GWMSG_LISTEN_HTTP, GWMSG_BY_PORT, 0 },
	{ 9220, 9229, GWMSG_LISTEN_HTTP, BOTH, 0 },
};

/* Programs look for a tor, or a Tor Browser's tor, there; opened where the
 * gateway's port of the same number is. */
static const uint16_t loopback_ports[] = { 9050, 9150 };

/* What G redirects to, where it does (netns/redirect.h); no profile closes
 * them, and no application reaches them by their number. */
static const struct row redirected[] = {
	{ REDIRECT_TCP_PORT, REDIRECT_TCP_PORT, GWMSG_LISTEN_TRANSPARENT, 0,
	  0 },
	{ REDIRECT_DNS_PORT, REDIRECT_DNS_PORT, GWMSG_LISTEN_DNS_UDP, 0, 0 },
	{ REDIRECT_DNS_PORT, REDIRECT_DNS_PORT, GWMSG_LISTEN_DNS_TCP, 0, 0 },
};

/* A Tor's own number, on both sides; not one of socks-ports. */
static const struct row control_port = { FACADE_CONTROL_PORT,
					 FACADE_CONTROL_PORT,
					 GWMSG_LISTEN_CONTROL, 0, 0 };

struct selection {
	struct port_range ranges[RANGES_MAX];
	size_t n;
};

static int select_ports(const char *text, struct selection *s, struct fault *f)
{
	int n;

	s->n = 0;
	if (strcmp(text, "none") == 0)
		return 0;
	if (strcmp(text, "all") == 0) {
		s->ranges[s->n++] = (struct port_range){ 1, UINT16_MAX };
		return 0;
	}
	n = ports_parse(text, " \t", s->ranges, RANGES_MAX, f);
	s->n = n < 0 ? 0 : (size_t)n;
	return n < 0 ? n : 0;
}

static bool is_selected(const struct selection *s, uint16_t port)
{
	for (size_t i = 0; i < s->n; i++)
		if (port >= s->ranges[i].first && port <= s->ranges[i].last)
			return true;
	return false;
}

bool ports_is_open(const char *text, uint16_t port)
{
	struct selection s;

	return select_ports(text, &s, NULL) == 0 && is_selected(&s, port);
}

static const struct row *row_of(uint16_t port)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (port >= rows[i].first && port <= rows[i].last)
			return &rows[i];
	return NULL;
}

/* Each number and range must mean at least one port: a mistyped one would
 * be missed by the application only. */
static int check(const struct selection *s, const char *origin, struct fault *f)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct port_range *r = &s->ranges[i];
		uint32_t port = r->first;

		while (port <= r->last && !row_of((uint16_t)port))
			port++;
		if (port <= r->last)
			continue;
		fault_set(f, 0, "%s: socks-ports: %u is no port of the gateway",
			  origin, r->first);
		fault_hint(f, "isolate-profile(5) lists them");
		return -EINVAL;
	}
	return 0;
}

static void add(struct plan *p, enum plan_side side, uint16_t port,
		const struct row *row)
{
	p->listeners = xreallocarray(p->listeners, p->nlisteners + 1,
				     sizeof(*p->listeners));
	p->listeners[p->nlisteners++] = (struct plan_listener){
		.side = side,
		.port = port,
		.kind = row->kind,
		.isolate = row->isolate,
		.flags = row->flags,
	};
}

static void add_control(struct plan *p)
{
	size_t n = 0;

	add(p, PLAN_SIDE_GATEWAY, control_port.first, &control_port);
	add(p, PLAN_SIDE_LOOPBACK, control_port.first, &control_port);
	for (size_t i = 0; i < p->nlisteners; i++)
		if (p->listeners[i].side == PLAN_SIDE_LOOPBACK &&
		    p->listeners[i].kind == GWMSG_LISTEN_SOCKS &&
		    n < ARRAY_SIZE(p->control_socks))
			p->control_socks[n++] = p->listeners[i].port;
}

int ports_make(struct plan *p, const struct profile *profile, struct fault *f)
{
	const char *origin =
		profile_origin(profile, PROFILE_KEY_socks_ports, 0);
	struct selection s;
	int rc = select_ports(profile->socks_ports, &s, f);

	if (rc == 0)
		rc = check(&s, origin, f);
	if (rc < 0)
		return rc;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		for (uint32_t port = rows[i].first; port <= rows[i].last;
		     port++)
			if (is_selected(&s, (uint16_t)port))
				add(p, PLAN_SIDE_GATEWAY, (uint16_t)port,
				    &rows[i]);
	for (size_t i = 0; i < ARRAY_SIZE(loopback_ports); i++) {
		const struct row *row = row_of(loopback_ports[i]);

		if (row && is_selected(&s, loopback_ports[i]))
			add(p, PLAN_SIDE_LOOPBACK, loopback_ports[i], row);
	}
	for (size_t i = 0; p->transparent && i < ARRAY_SIZE(redirected); i++)
		add(p, PLAN_SIDE_GATEWAY, redirected[i].first, &redirected[i]);
	if (p->control)
		add_control(p);
	return 0;
}

bool ports_are_gateways(const struct plan *p, uint16_t port)
{
	for (size_t i = 0; i < p->nlisteners; i++)
		if (p->listeners[i].side == PLAN_SIDE_LOOPBACK &&
		    p->listeners[i].port == port)
			return true;
	return false;
}

static bool is_alike(const struct plan_listener *a,
		     const struct plan_listener *b)
{
	return a->side == b->side && a->kind == b->kind &&
	       a->isolate == b->isolate && a->flags == b->flags;
}

static void print_kind(const struct plan_listener *l, FILE *out)
{
	static const char *const names[] = {
		[GWMSG_LISTEN_UNSET] = "",
		[GWMSG_LISTEN_SOCKS] = "socks",
		[GWMSG_LISTEN_HTTP] = "http",
		[GWMSG_LISTEN_TRANSPARENT] = "transparent",
		[GWMSG_LISTEN_DNS_UDP] = "dns (udp)",
		[GWMSG_LISTEN_DNS_TCP] = "dns (tcp)",
		[GWMSG_LISTEN_CONTROL] = "control",
	};

	fprintf(out, " %s", names[l->kind]);
	if (l->isolate)
		fprintf(out, ", by%s%s",
			l->isolate & GWMSG_BY_DESTINATION ? " destination" : "",
			l->isolate & GWMSG_BY_PORT ? " port" : "");
	if (l->flags & GWMSG_EXTENDED_ERRORS)
		fputs(", extended errors", out);
	fputc('\n', out);
}

void ports_print(const struct plan *p, FILE *out)
{
	for (size_t i = 0; i < p->nlisteners; i++) {
		const struct plan_listener *l = &p->listeners[i];
		size_t last = i;

		while (last + 1 < p->nlisteners &&
		       is_alike(l, &p->listeners[last + 1]) &&
		       p->listeners[last + 1].port ==
			       p->listeners[last].port + 1)
			last++;
		fprintf(out, "listener: %s:%u",
			l->side == PLAN_SIDE_GATEWAY ? FACADE_GATEWAY
						     : "127.0.0.1",
			l->port);
		if (last > i)
			fprintf(out, "-%u", p->listeners[last].port);
		print_kind(l, out);
		i = last;
	}
	if (p->control)
		fputs("listener: /" FACADE_CONTROL_PATH " control\n", out);
}
