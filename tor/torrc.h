/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tor/torrc.h - the configuration of our own tor */
#ifndef TOR_TORRC_H
#define TOR_TORRC_H

#include <stddef.h>

#include "base/fault.h"

struct tor_ports; /* tor/ports.h */

/* Names in the data and socket directories. */
#define TOR_TORRC_NAME "torrc"
#define TOR_COOKIE_NAME "control_auth_cookie"
#define TOR_LOG_NAME "notices.log"
#define TOR_SOCKS_NAME "socks"
#define TOR_PORT_PREFIX "socks." /* and the name of an identity */
#define TOR_CONTROL_NAME "control"
/* of a supervisor, which tor connects to for its onion services */
#define TOR_ONION_PREFIX "onion."

/**
 * tor_torrc_compose() - the whole torrc
 * @data_dir: absolute
 * @socket_dir: absolute
 * @ports: identities that have a SocksPort of their own
 * @dropins: lines of the user's, checked; ours come after them, and of an
 *           option with one value tor takes the last
 * @text: set to malloc'd text, caller frees
 *
 * Return: 0 or -errno.
 */
int tor_torrc_compose(const char *data_dir, const char *socket_dir,
		      const struct tor_ports *ports, const char *dropins,
		      char **text);

#endif
