/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gateway/conn.h - one connection of the application, from accept to close */
#ifndef GATEWAY_CONN_H
#define GATEWAY_CONN_H

#include <stdint.h>

#include "gateway/socks.h"

struct gateway;
struct listener;
struct lookup;

/**
 * conn_pool_init() - room for max_connections; memory is touched when used
 *
 * Return: 0 or -ENOMEM.
 */
int conn_pool_init(struct gateway *gw);

/**
 * conn_accept() - begin the handshake with an accepted client
 * @fd: non-blocking TCP socket, taken over in any case
 */
void conn_accept(struct listener *l, int fd);

/**
 * conn_lookup() - ask tor, for nobody's connection
 * @l: its isolation holds
 * @command: SOCKS_RESOLVE or SOCKS_RESOLVE_PTR
 * @d: canonical, not internal
 * @lookup: lookup_done() is called with it once, during this call even
 *
 * It takes a connection's place while it lasts.
 */
void conn_lookup(struct listener *l, enum socks_command command,
		 const struct destination *d, struct lookup *lookup);

/**
 * conn_dialed() - the supervisor answered control_dial()
 * @id: may name a connection that is gone
 * @fd: connected socket, taken over in any case; -1 where there is none
 */
void conn_dialed(struct gateway *gw, uint32_t id, int fd);

/**
 * conn_inbound() - somebody has connected to an onion service
 * @tor: where they are
 * @app: where the application is, or will be; both non-blocking, taken over in
 *       any case
 *
 * Half of all connections can be such: visitors do not take the way out.
 */
void conn_inbound(struct gateway *gw, int tor, int app);

/**
 * conn_dials() - send the dials that had to wait
 */
void conn_dials(struct gateway *gw);

/**
 * conn_run_ready() - give each connection with more to relay one turn
 */
void conn_run_ready(struct gateway *gw);

#endif
