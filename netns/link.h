/* SPDX-License-Identifier: GPL-3.0-or-later */
/* netns/link.h - veth pairs, addresses and routes (rtnetlink) */
#ifndef NETNS_LINK_H
#define NETNS_LINK_H

#include <stdbool.h>

#include "base/fault.h"

/* One end of the veth pair; addresses are dotted IPv4. */
struct netns_end {
	const char *device;
	const char *address; /* /32 */
	const char *mac;
};

/**
 * netns_harden() - what a new network namespace must not inherit
 * @loopback: lo is brought up in it: IPv6 must be off there as well
 * @f: says which setting could not be made
 *
 * IPv6 off for every device that is still to come. For the caller's netns,
 * through /proc/sys/net of the caller's mount namespace.
 *
 * Return: 0 (also where the kernel has no IPv6 at all) or -errno.
 */
int netns_harden(bool loopback, struct fault *f);

/**
 * netns_rtnl_open() - a NETLINK_ROUTE socket of the caller's netns
 *
 * It stays the socket of that netns wherever it is passed to.
 *
 * Return: O_CLOEXEC descriptor, the caller's, or -errno.
 */
int netns_rtnl_open(void);

/**
 * netns_stop_forwarding() - no packet goes from one device to another
 * @rtnl: socket of the caller's netns; borrowed
 *
 * A new netns inherits the IPv4 settings of the first one. Asks the kernel
 * (RTM_GETNETCONF), and writes /proc/sys/net/ipv4/ip_forward where it is on
 * or the kernel does not answer.
 *
 * Return: 0 or -errno.
 */
int netns_stop_forwarding(int rtnl, struct fault *f);

/**
 * netns_lo_up() - bring the loopback interface up
 * @rtnl: socket of the netns meant; borrowed
 */
int netns_lo_up(int rtnl, struct fault *f);

/**
 * netns_veth_create() - a veth pair between two network namespaces
 * @rtnl: socket of the netns of @here; borrowed
 * @here, @there: the two ends; NOARP, no multicast
 * @there_nsfd: network namespace of @there; borrowed
 *
 * netns_harden() must have been called in both.
 *
 * Return: 0 or -errno. Nothing is left on failure.
 */
int netns_veth_create(int rtnl, const struct netns_end *here,
		      const struct netns_end *there, int there_nsfd,
		      struct fault *f);

/**
 * netns_end_configure() - address of one end and the one route to the other
 * @rtnl: socket of the netns of @self; borrowed
 *
 * @self comes up and gets its /32, a host route to @peer and @peer's permanent
 * neighbour entry: nothing is resolved, nothing else is reachable.
 *
 * Return: 0 or -errno.
 */
int netns_end_configure(int rtnl, const struct netns_end *self,
			const struct netns_end *peer, struct fault *f);

/**
 * netns_default_route() - everything goes to @peer
 * @rtnl: socket of the netns of @self; borrowed
 *
 * After netns_end_configure(). What only a network with other hosts in it
 * could answer, multicast and broadcast, is unreachable: nobody would refuse
 * it.
 *
 * Return: 0 or -errno.
 */
int netns_default_route(int rtnl, const struct netns_end *self,
			const struct netns_end *peer, struct fault *f);

#endif
