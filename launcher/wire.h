/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/wire.h - the two network namespaces of a launch, and the wire */
#ifndef LAUNCHER_WIRE_H
#define LAUNCHER_WIRE_H

#include "base/fault.h"
#include "launcher/plan.h"

#define WIRE_LISTENERS_MAX GWMSG_LISTENERS_MAX

/* What the outer process makes, for the others to hold; -1: not there. */
struct wire {
	const struct plan *plan;
	int app_ns, gateway_ns;            /* A and G */
	int app_rtnl, gateway_rtnl;        /* NETLINK_ROUTE sockets in them */
	int gateway_nfnl;                  /* to nf_tables in G */
	int listeners[WIRE_LISTENERS_MAX]; /* in the order of the plan's */
};

/**
 * wire_init() - nothing there
 */
void wire_init(struct wire *w, const struct plan *plan);

/*
 * Steps, in this order (enter.c). The caller is in the netns it has just
 * made: in G first, where there is a network, then in A.
 */

/** wire_make_gateway_netns() - G, with its listeners; its lo stays down */
int wire_make_gateway_netns(struct wire *w, struct fault *f);

/** wire_make_app_netns() - A, empty */
int wire_make_app_netns(struct wire *w, struct fault *f);

/** wire_start_loopback() - A's lo, and the listeners on it */
int wire_start_loopback(struct wire *w, struct fault *f);

/**
 * wire_load_redirect() - what G does with what arrives (transparent only)
 *
 * Before there is a wire that something could arrive by. In whatever netns
 * the caller is.
 */
int wire_load_redirect(struct wire *w, struct fault *f);

/** wire_connect() - the veth pair: the last thing that either gets */
int wire_connect(struct wire *w, struct fault *f);

#endif
