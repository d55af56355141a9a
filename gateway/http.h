/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gateway/http.h - the server side of HTTP CONNECT, without a socket */
#ifndef GATEWAY_HTTP_H
#define GATEWAY_HTTP_H

#include "gateway/socks.h"

/* A longer head is refused: one of CONNECT has little to say. */
#define HTTP_IN_MAX 2048

/**
 * http_feed() - as socks_feed(), for a request by HTTP CONNECT
 * @s: command, destination and auth are set as if it had been SOCKS
 *
 * Lines may end in a bare newline, and a request without a version ends with
 * its first line (irssi sends both). As on tor's HTTPTunnelPort,
 * Proxy-Authorization and X-Tor-Stream-Isolation are credentials that
 * anybody may make up. If @len is HTTP_IN_MAX, the result is never MORE.
 */
enum socks_step http_feed(struct socks *s, const uint8_t *in, size_t len,
			  size_t *used, uint8_t *out, size_t *out_len);

/**
 * http_reply_encode() - as socks_reply_encode(), in HTTP's words
 */
size_t http_reply_encode(const struct socks *s, const struct socks_reply *r,
			 uint8_t *out);

#endif
