/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tor/cookie.c - SAFECOOKIE: both ends prove that they know the cookie */
#include "tor/cookie.h"

#include <errno.h>
#include <sha2.h>
#include <stdio.h>
#include <string.h>

static const char server_key[] =
	"Tor safe cookie authentication server-to-controller hash";
static const char client_key[] =
	"Tor safe cookie authentication controller-to-server hash";

void tor_cookie_hmac(const void *key, size_t keylen, const void *msg,
		     size_t msglen, uint8_t mac[TOR_COOKIE_LEN])
{
	uint8_t inner[SHA256_BLOCK_LENGTH] = { 0 };
	uint8_t outer[SHA256_BLOCK_LENGTH];
	SHA2_CTX ctx;

	if (keylen > sizeof(inner)) {
		SHA256Init(&ctx);
		SHA256Update(&ctx, key, keylen);
		SHA256Final(inner, &ctx);
	} else {
		memcpy(inner, key, keylen);
	}
	for (size_t i = 0; i < sizeof(inner); i++) {
		outer[i] = inner[i] ^ 0x5c;
		inner[i] ^= 0x36;
	}
	SHA256Init(&ctx);
	SHA256Update(&ctx, inner, sizeof(inner));
	SHA256Update(&ctx, msg, msglen);
	SHA256Final(mac, &ctx);
	SHA256Init(&ctx);
	SHA256Update(&ctx, outer, sizeof(outer));
	SHA256Update(&ctx, mac, TOR_COOKIE_LEN);
	SHA256Final(mac, &ctx);
}

bool tor_cookie_proves_server(const struct tor_cookie *c,
			      const uint8_t hash[TOR_COOKIE_LEN])
{
	uint8_t want[TOR_COOKIE_LEN];
	uint8_t differ = 0;

	tor_cookie_hmac(server_key, strlen(server_key), c, sizeof(*c), want);
	for (size_t i = 0; i < sizeof(want); i++)
		differ |= want[i] ^ hash[i];
	return differ == 0;
}

void tor_cookie_answer(const struct tor_cookie *c, uint8_t hash[TOR_COOKIE_LEN])
{
	tor_cookie_hmac(client_key, strlen(client_key), c, sizeof(*c), hash);
}

void tor_cookie_hex(const uint8_t bytes[TOR_COOKIE_LEN],
		    char text[2 * TOR_COOKIE_LEN + 1])
{
	for (size_t i = 0; i < TOR_COOKIE_LEN; i++)
		snprintf(text + 2 * i, 3, "%02X", bytes[i]);
}

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

int tor_cookie_unhex(const char *text, uint8_t bytes[TOR_COOKIE_LEN])
{
	if (strlen(text) != 2 * TOR_COOKIE_LEN)
		return -EPROTO;
	for (size_t i = 0; i < TOR_COOKIE_LEN; i++) {
		int high = digit_of(text[2 * i]);
		int low = digit_of(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return -EPROTO;
		bytes[i] = (uint8_t)(high << 4 | low);
	}
	return 0;
}
