/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tor/cookie.h - SAFECOOKIE: both ends prove that they know the cookie */
#ifndef TOR_COOKIE_H
#define TOR_COOKIE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TOR_COOKIE_LEN 32

/* control-spec s3.24 */
struct tor_cookie {
	uint8_t cookie[TOR_COOKIE_LEN];
	uint8_t client_nonce[TOR_COOKIE_LEN];
	uint8_t server_nonce[TOR_COOKIE_LEN];
};

/**
 * tor_cookie_proves_server() - does the server know the cookie
 * @hash: SERVERHASH of its answer; compared in constant time
 */
bool tor_cookie_proves_server(const struct tor_cookie *c,
			      const uint8_t hash[TOR_COOKIE_LEN]);

/**
 * tor_cookie_answer() - what proves to the server that we know it
 */
void tor_cookie_answer(const struct tor_cookie *c,
		       uint8_t hash[TOR_COOKIE_LEN]);

/**
 * tor_cookie_hmac() - HMAC-SHA256 (RFC 2104)
 */
void tor_cookie_hmac(const void *key, size_t keylen, const void *msg,
		     size_t msglen, uint8_t mac[TOR_COOKIE_LEN]);

/**
 * tor_cookie_hex() - TOR_COOKIE_LEN bytes as upper-case hexadecimal digits
 */
void tor_cookie_hex(const uint8_t bytes[TOR_COOKIE_LEN],
		    char text[2 * TOR_COOKIE_LEN + 1]);

/**
 * tor_cookie_unhex() - the way back
 *
 * Return: 0, or -EPROTO where @text is not exactly that many digits.
 */
int tor_cookie_unhex(const char *text, uint8_t bytes[TOR_COOKIE_LEN]);

#endif
