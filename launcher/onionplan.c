/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/onionplan.c - the onion service that a profile asks for (pure) */
#include "launcher/onionplan.h"

#include <errno.h>

#include "launcher/plan.h"
#include "launcher/ports.h"
#include "profiles/ports.h"

static int refuse(const struct profile *profile, size_t i, const char *why,
		  struct fault *f)
{
	fault_set(f, 0, "%s: onion = %s: %s",
		  profile_origin(profile, PROFILE_KEY_onion, i),
		  profile->onion.v[i], why);
	return -EINVAL;
}

static int add_port(struct plan *p, const struct profile *profile, size_t i,
		    struct fault *f)
{
	struct gwmsg_onion *o = &p->onion;
	struct gwmsg_onion_port port = { .where = GWMSG_TARGET_LOOPBACK };
	int rc = ports_parse_pair(profile->onion.v[i], &port.onion,
				  &port.target, f);

	if (rc < 0)
		return rc;
	for (uint32_t k = 0; k < o->nports; k++)
		if (o->ports[k].onion == port.onion)
			return refuse(profile, i, "that port is taken", f);
	if (ports_are_gateways(p, port.target))
		return refuse(profile, i,
			      "the gateway listens there, in the sandbox", f);
	if (o->nports == GWMSG_ONION_PORTS_MAX)
		return refuse(profile, i, "more than 8 ports", f);
	o->ports[o->nports++] = port;
	return 0;
}

int onionplan_make(struct plan *p, const struct profile *profile,
		   struct fault *f)
{
	for (size_t i = 0; i < profile->onion.n; i++) {
		int rc = p->network
				 ? add_port(p, profile, i, f)
				 : refuse(profile, i, "it needs a network", f);

		if (rc < 0)
			return rc;
	}
	/* no trace is left of an amnesic launch, whatever else is said */
	p->onion_keep = p->onion.nports > 0 && !p->amnesic &&
			profile->onion_key == PROFILE_ONION_KEY_KEEP;
	p->inward =
		p->onion.nports > 0 || p->control == GWMSG_LEVEL_ONION_SERVICE;
	return 0;
}

void onionplan_print(const struct plan *p, FILE *out)
{
	for (uint32_t i = 0; i < p->onion.nports; i++)
		fprintf(out, "onion: port %u leads to 127.0.0.1:%u\n",
			p->onion.ports[i].onion, p->onion.ports[i].target);
	if (p->onion.nports > 0)
		fprintf(out, "onion key: %s\n",
			p->onion_keep ? "kept with the identity"
				      : "discarded at the end");
}
