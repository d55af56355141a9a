/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tor/owner.h - whose listener a local TCP port is */
#ifndef TOR_OWNER_H
#define TOR_OWNER_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* One line of /proc/net/tcp that is a listener. */
struct tor_listener {
	struct in_addr addr; /* network order */
	uint16_t port;       /* host order */
	uid_t uid;
};

/**
 * tor_owner_parse() - one line of /proc/net/tcp
 * @l: set on true
 *
 * Return: is it a listener. Pure.
 */
bool tor_owner_parse(const char *line, struct tor_listener *l);

/**
 * tor_owner_is_trusted() - may our traffic go to what listens there
 * @sin: address that was connected
 *
 * True where every listener that could answer it belongs to root, to the
 * caller or to an account that tor is packaged with. While no tor runs,
 * any local user can listen on its port.
 */
bool tor_owner_is_trusted(const struct sockaddr_in *sin);

#endif
