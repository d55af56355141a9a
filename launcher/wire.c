/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/wire.c - the two network namespaces of a launch, and the wire */
#include "launcher/wire.h"

#include <errno.h>
#include <sched.h>

#include "launcher/facade.h"
#include "launcher/sync.h"
#include "netns/link.h"
#include "netns/listen.h"

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

int wire_listen(const struct plan *plan, enum plan_side side, int *fds,
		size_t *n, struct fault *f)
{
	const char *address =
		side == PLAN_SIDE_GATEWAY ? FACADE_GATEWAY : "127.0.0.1";

	*n = 0;
	for (size_t i = 0; i < plan->nlisteners; i++) {
		int fd;

		if (plan->listeners[i].side != side)
			continue;
		if (*n == SYNC_FDS_MAX)
			return fault_set(f, E2BIG, "open the listeners");
		fd = netns_listen_tcp(address, plan->listeners[i].port, f);
		if (fd < 0)
			return fd;
		fds[(*n)++] = fd;
	}
	return 0;
}

int wire_make_alone(struct fault *f)
{
	if (unshare(CLONE_NEWNET) < 0)
		return fault_set(f, errno, "make a network namespace");
	return 0;
}

int wire_start_loopback(struct fault *f)
{
	autoclose int rtnl = netns_rtnl_open();

	if (rtnl < 0)
		return fault_set(f, rtnl, "open a netlink socket");
	return netns_lo_up(rtnl, f);
}

int wire_connect(int gateway_ns, int gateway_rtnl, struct fault *f)
{
	autoclose int rtnl = netns_rtnl_open();
	int rc;

	if (rtnl < 0)
		return fault_set(f, rtnl, "open a netlink socket");
	rc = netns_veth_create(rtnl, &self_end, &gateway_end, gateway_ns, f);
	if (rc == 0)
		rc = netns_end_configure(rtnl, &self_end, &gateway_end, f);
	if (rc == 0)
		rc = netns_end_configure(gateway_rtnl, &gateway_end, &self_end,
					 f);
	return rc;
}
