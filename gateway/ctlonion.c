/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gateway/ctlonion.c - the arguments of ADD_ONION (pure) */
#include "gateway/ctlonion.h"

#include "base/radix.h"

#define FLAG_SEEN (1U << 0)
#define FLAG_DISCARD (1U << 1)
#define FLAG_CLIENTS (1U << 2)

struct host {
	const char *name;
	enum gwmsg_target where;
};

/* Nothing but this sandbox, and by no other spelling. */
static const struct host hosts[] = {
	{ "127.0.0.1", GWMSG_TARGET_LOOPBACK },
	{ "localhost", GWMSG_TARGET_LOOPBACK },
	{ "10.152.152.11", GWMSG_TARGET_SELF },
};

static bool parse_key(struct ctl_text t, struct gwmsg_onion *o)
{
	struct ctl_text blob;

	if (ctl_text_is(t, "NEW:ED25519-V3") || ctl_text_is(t, "NEW:BEST"))
		return true;
	if (!ctl_text_after(t, "ED25519-V3:", &blob))
		return false;
	o->has_key = 1;
	return radix_decode64(blob.p, blob.len, o->key, sizeof(o->key));
}

static bool parse_host(struct ctl_text t, uint32_t *where)
{
	for (size_t i = 0; i < ARRAY_SIZE(hosts); i++)
		if (ctl_text_is(t, hosts[i].name))
			*where = hosts[i].where;
	return *where != GWMSG_TARGET_UNSET;
}

/* VIRTPORT[,[HOST:]PORT] */
static bool parse_port(struct ctl_text t, struct gwmsg_onion *o)
{
	struct gwmsg_onion_port *p = &o->ports[o->nports];
	struct ctl_text onion, host;

	if (o->nports == GWMSG_ONION_PORTS_MAX ||
	    !ctl_text_item(&t, ',', &onion) || !ctl_text_port(onion, &p->onion))
		return false;
	o->nports++;
	p->target = p->onion;
	p->where = GWMSG_TARGET_UNSET;
	if (t.len > 0 && !ctl_text_port(t, &p->target) &&
	    (!ctl_text_item(&t, ':', &host) || !parse_host(host, &p->where) ||
	     !ctl_text_port(t, &p->target)))
		return false;
	if (p->where == GWMSG_TARGET_UNSET)
		p->where = GWMSG_TARGET_LOOPBACK;
	return true;
}

static bool parse_flags(struct ctl_text t, uint32_t *seen)
{
	if (*seen & FLAG_SEEN || t.len == 0)
		return false;
	*seen |= FLAG_SEEN;
	while (t.len > 0) {
		struct ctl_text flag;
		uint32_t bit;

		if (!ctl_text_item(&t, ',', &flag))
			return false;
		if (ctl_text_is(flag, "DiscardPK"))
			bit = FLAG_DISCARD;
		else if (ctl_text_is(flag, "V3Auth"))
			bit = FLAG_CLIENTS;
		else
			return false;
		if (*seen & bit)
			return false;
		*seen |= bit;
	}
	return true;
}

static bool parse_client(struct ctl_text t, struct gwmsg_onion *o)
{
	if (o->nclients == GWMSG_ONION_CLIENTS_MAX)
		return false;
	return radix_decode32(t.p, t.len, o->clients[o->nclients++],
			      GWMSG_ONION_CLIENT_BYTES);
}

static bool parse_argument(struct ctl_text t, uint32_t *seen,
			   struct gwmsg_onion *o)
{
	struct ctl_text value;

	if (ctl_text_after(t, "Port=", &value))
		return parse_port(value, o);
	if (ctl_text_after(t, "Flags=", &value))
		return parse_flags(value, seen);
	return ctl_text_after(t, "ClientAuthV3=", &value) &&
	       parse_client(value, o);
}

bool ctl_onion_parse(struct ctl_text args, struct gwmsg_onion *o)
{
	struct ctl_text word;
	uint32_t seen = 0;

	if (!ctl_text_word(&args, &word) || !parse_key(word, o))
		return false;
	while (args.len > 0)
		if (!ctl_text_word(&args, &word) ||
		    !parse_argument(word, &seen, o))
			return false;
	if (seen & FLAG_DISCARD)
		o->flags |= GWMSG_ONION_DISCARD_KEY;
	/* the flag alone would promise what is not so */
	return o->nports > 0 && !(seen & FLAG_CLIENTS) == (o->nclients == 0);
}
