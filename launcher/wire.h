/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/wire.h - the two network namespaces of a launch, and the wire */
#ifndef LAUNCHER_WIRE_H
#define LAUNCHER_WIRE_H

#include "base/fault.h"
#include "launcher/plan.h"

/**
 * wire_listen() - open the listeners of one side in the caller's netns
 * @side: which rows of the plan's listeners
 * @fds: room for SYNC_FDS_MAX; set to the sockets, in the plan's order
 * @n: set to their number, on failure too: those are the caller's to close
 *
 * Return: 0 or -errno.
 */
int wire_listen(const struct plan *plan, enum plan_side side, int *fds,
		size_t *n, struct fault *f);

/**
 * wire_connect() - the veth pair, from A; the last thing that A gets
 * @gateway_ns: network namespace G; borrowed
 * @gateway_rtnl: NETLINK_ROUTE socket of G; borrowed
 *
 * Return: 0 or -errno.
 */
int wire_connect(int gateway_ns, int gateway_rtnl, struct fault *f);

/**
 * wire_make_alone() - a network namespace with nothing but a loopback
 *
 * The caller moves into it; its lo is down. A starts so, with a wire to come
 * or without one.
 */
int wire_make_alone(struct fault *f);

/**
 * wire_start_loopback() - lo of the caller's netns, up; netns_harden() first
 */
int wire_start_loopback(struct fault *f);

#endif
