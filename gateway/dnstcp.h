/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gateway/dnstcp.h - DNS over TCP connections (RFC 7766) */
#ifndef GATEWAY_DNSTCP_H
#define GATEWAY_DNSTCP_H

#include "gateway/resolver.h"

/*
 * Connections at once; while there are as many none is accepted. Each takes
 * 6 KiB: one query or several short ones, and the answers that were not taken
 * yet. Who sends no whole query for the handshake timeout is closed.
 */
#define DNSTCP_MAX 64U

/**
 * dnstcp_init() - no connections
 */
void dnstcp_init(struct resolver *r);

/**
 * dnstcp_on_accept() - event callback of a listener
 */
void dnstcp_on_accept(evutil_socket_t fd, short what, void *arg);

/**
 * dnstcp_send() - an answer to a query of this connection
 * @t: room for it was kept since the query was taken; may be gone afterwards
 */
void dnstcp_send(struct dnstcp *t, const uint8_t *bytes, size_t len);

#endif
