/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tor/listeners.h - where our own tor listens, as it says itself */
#ifndef TOR_LISTENERS_H
#define TOR_LISTENERS_H

#include "base/fault.h"
#include "tor/ports.h"

struct tor_home; /* tor/home.h */
struct tor_talk; /* tor/talk.h */

/**
 * tor_listeners_name() - the socket's name in our directory
 * @text: "unix:DIR/NAME", as tor and people write it
 *
 * Return: NAME in @text, or NULL: it is elsewhere.
 */
const char *tor_listeners_name(const char *text, const char *dir);

/**
 * tor_listeners_check() - are there only the sockets that we asked for
 * @t: logged in
 *
 * Whatever the torrc says: this is what tor has open, of every kind it knows.
 *
 * Return: 0, -EPERM (@f names one that should not be), or -errno.
 */
int tor_listeners_check(const struct tor_home *h, struct tor_talk *t,
			struct fault *f);

/**
 * tor_listeners_read() - which identities have a SocksPort that is open
 * @ports: they are added to it
 *
 * Return: 0 or -errno.
 */
int tor_listeners_read(const struct tor_home *h, struct tor_talk *t,
		       struct tor_ports *ports, struct fault *f);

#endif
