/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/wire.c - the two network namespaces of a launch, and the wire */
#include "launcher/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>

#include "launcher/facade.h"
#include "netns/link.h"
#include "netns/listen.h"
#include "netns/redirect.h"

static const struct netns_end self_end = {
	.device = FACADE_SELF_DEVICE,
	.address = FACADE_SELF,
	.mac = FACADE_SELF_MAC,
};

static const struct netns_end gateway_end = {
	.device = FACADE_GATEWAY_DEVICE,
	.address = FACADE_GATEWAY,
	.mac = FACADE_GATEWAY_MAC,
};

void wire_init(struct wire *w, const struct plan *plan)
{
	*w = (struct wire){ plan, -1, -1, -1, -1, -1, { 0 } };
	for (size_t i = 0; i < WIRE_LISTENERS_MAX; i++)
		w->listeners[i] = -1;
}

/* A new netns without forwarding; the caller is in it, and gets it and a
 * socket of it. */
static int make_netns(int *ns, int *rtnl, struct fault *f)
{
	if (unshare(CLONE_NEWNET) < 0)
		return fault_set(f, errno, "make a network namespace");
	*ns = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (*ns < 0)
		return fault_set(f, errno, "open the network namespace");
	*rtnl = netns_rtnl_open();
	if (*rtnl < 0)
		return fault_set(f, *rtnl, "open a netlink socket");
	return netns_stop_forwarding(*rtnl, f);
}

static int open_listener(const struct plan_listener *l, const char *address,
			 struct fault *f)
{
	return l->kind == GWMSG_LISTEN_DNS_UDP
		       ? netns_listen_udp(address, l->port, f)
		       : netns_listen_tcp(address, l->port, f);
}

/* The listeners of one side, in the caller's netns. */
static int listen_on(struct wire *w, enum plan_side side, const char *address,
		     struct fault *f)
{
	if (w->plan->nlisteners > WIRE_LISTENERS_MAX)
		return fault_set(f, E2BIG, "open the listeners");
	for (size_t i = 0; i < w->plan->nlisteners; i++) {
		if (w->plan->listeners[i].side != side)
			continue;
		w->listeners[i] =
			open_listener(&w->plan->listeners[i], address, f);
		if (w->listeners[i] < 0)
			return w->listeners[i];
	}
	return 0;
}

int wire_make_app_netns(struct wire *w, struct fault *f)
{
	return make_netns(&w->app_ns, &w->app_rtnl, f);
}

int wire_start_loopback(struct wire *w, struct fault *f)
{
	int rc = netns_lo_up(w->app_rtnl, f);

	return rc < 0 ? rc : listen_on(w, PLAN_SIDE_LOOPBACK, "127.0.0.1", f);
}

int wire_make_gateway_netns(struct wire *w, struct fault *f)
{
	int rc = make_netns(&w->gateway_ns, &w->gateway_rtnl, f);

	if (rc == 0)
		rc = netns_harden(false, f);
	if (rc == 0 && w->plan->transparent) {
		w->gateway_nfnl = redirect_open(f);
		rc = w->gateway_nfnl < 0 ? w->gateway_nfnl : 0;
	}
	return rc < 0 ? rc : listen_on(w, PLAN_SIDE_GATEWAY, FACADE_GATEWAY, f);
}

int wire_load_redirect(struct wire *w, struct fault *f)
{
	return w->plan->transparent ? redirect_load(w->gateway_nfnl, f) : 0;
}

int wire_connect(struct wire *w, struct fault *f)
{
	int rc = netns_veth_create(w->gateway_rtnl, &gateway_end, &self_end,
				   w->app_ns, f);

	if (rc == 0)
		rc = netns_end_configure(w->gateway_rtnl, &gateway_end,
					 &self_end, f);
	if (rc == 0)
		rc = netns_end_configure(w->app_rtnl, &self_end, &gateway_end,
					 f);
	if (rc == 0 && w->plan->transparent)
		rc = netns_default_route(w->app_rtnl, &self_end, &gateway_end,
					 f);
	return rc;
}
