/* SPDX-License-Identifier: GPL-3.0-or-later */
/* netns/path.h - which way a packet would take (rtnetlink) */
#ifndef NETNS_PATH_H
#define NETNS_PATH_H

#include <netinet/in.h>

#include "base/fault.h"

/**
 * netns_path_find() - the next hop to an address, in the caller's netns
 * @dst: the address
 * @via: set to the next hop, 0 where @dst is taken to be on the link
 *
 * The kernel's own look-up, with all its tables and rules; nothing is sent.
 *
 * Return: 0; -ENETUNREACH or another -errno of the route; -EPROTO for an
 * answer that is none.
 */
int netns_path_find(struct in_addr dst, struct in_addr *via, struct fault *f);

#endif
