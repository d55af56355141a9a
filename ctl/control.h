/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ctl/control.h - where to log in to a tor */
#ifndef CTL_CONTROL_H
#define CTL_CONTROL_H

#include "base/fault.h"
#include "tor/config.h"

struct tor_client_config; /* tor/client.h */

/**
 * control_own() - isolate's own tor, if it runs
 * @c: its path and cookie are set on success
 * @socket_dir: set on success; where its SocksPorts are
 *
 * Return: 0, -ENOENT (it does not run; says nothing), or -errno.
 */
int control_own(struct tor_client_config *c,
		char socket_dir[TOR_SOCKET_DIR_MAX], struct fault *f);

/**
 * control_find() - the tor with a SocksPort
 * @upstream: the SocksPort, as a supervisor tells it
 * @c: its path, and its cookie where the tor is isolate's own, are set
 *
 * Return: 0, -EOPNOTSUPP (no control port of it is known; says nothing),
 * -ENOENT (it is isolate's own, and does not run; says nothing) or -errno.
 */
int control_find(const char *upstream, struct tor_client_config *c,
		 struct fault *f);

#endif
