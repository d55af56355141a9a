/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tor/state.h - how our own tor is, for a sandbox that asks */
#ifndef TOR_STATE_H
#define TOR_STATE_H

#include "base/gwmsg.h"

struct tor_upstream;

/**
 * tor_state_read() - bootstrap, circuits, consensus
 * @up: the SocksPort in use; that of our own instance, or there is no answer
 * @timeout_ms: for the whole conversation; blocks as long
 * @state: set on success, to what gwmsg_check() accepts
 *
 * Return: 0; -ENOENT (it is not our instance's, or that does not run); or
 * -errno.
 */
int tor_state_read(const struct tor_upstream *up, int timeout_ms,
		   struct gwmsg_state *state);

#endif
