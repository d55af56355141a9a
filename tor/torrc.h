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
 * tor_torrc_check() - may these lines of the user's go into our torrc
 * @file: for messages
 * @text: of @len bytes
 *
 * Refuses what opens a port, what would take the instance out of our
 * hands (directories, control, daemon), %include, line continuation and
 * control characters. Tor takes any unambiguous beginning of an option's
 * name, so beginnings of refused names are refused too.
 *
 * Return: 0 or -EINVAL with "file:line: why" in @f.
 */
int tor_torrc_check(const char *file, const char *text, size_t len,
		    struct fault *f);

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

/**
 * tor_torrc_read_dropins() - all *.conf of a directory, in order, checked
 * @dir: absolute; that it does not exist is fine
 * @text: set to malloc'd text ("" where there is none), caller frees
 *
 * Copied rather than included: what was checked is what tor reads.
 *
 * Return: 0 or -errno; a file of another user (but root), or that others
 * can write, is refused.
 */
int tor_torrc_read_dropins(const char *dir, char **text, struct fault *f);

#endif
