/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/canary_net.h - the canary's look at the network */
#ifndef LAUNCHER_CANARY_NET_H
#define LAUNCHER_CANARY_NET_H

#include "base/fault.h"
#include "launcher/sandbox.h"

/**
 * canary_check_network() - exactly the plan's interfaces, routes and ways out
 *
 * Return: 0, or -errno with what differs in @f.
 */
int canary_check_network(struct sandbox *sb, struct fault *f);

#endif
