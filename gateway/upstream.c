/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gateway/upstream.c - SOCKS5 towards tor, without a socket */
#include "gateway/upstream.h"

#include <sha2.h>
#include <string.h>

#include "base/gwmsg.h"

_Static_assert(UPSTREAM_PASSWORD_LEN ==
		       GWMSG_LABEL_LEN + 2 * SHA256_DIGEST_LENGTH,
	       "two digits a byte");

/* Every part with a tag and its length: no two keys give the same bytes. */
static void hash_part(SHA2_CTX *ctx, uint8_t tag, const void *bytes, size_t len)
{
	uint8_t head[3] = { tag, (uint8_t)(len >> 8), (uint8_t)len };

	SHA256Update(ctx, head, sizeof(head));
	SHA256Update(ctx, bytes, len);
}

static void hash_number(SHA2_CTX *ctx, uint8_t tag, uint64_t n)
{
	uint8_t bytes[8];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(n >> (56 - 8 * i));
	hash_part(ctx, tag, bytes, sizeof(bytes));
}

static size_t address_size(const struct destination *d)
{
	return d->kind == DESTINATION_V6 ? 16 : 4;
}

static void hash_destination(SHA2_CTX *ctx, const struct destination *d)
{
	hash_number(ctx, 'k', (uint64_t)d->kind);
	if (d->kind == DESTINATION_NAME)
		hash_part(ctx, 'd', d->name, strlen(d->name));
	else
		hash_part(ctx, 'd', d->addr, address_size(d));
}

void upstream_password(const struct upstream_key *key,
		       char password[UPSTREAM_PASSWORD_LEN])
{
	static const char digits[] = "0123456789abcdef";
	uint8_t digest[SHA256_DIGEST_LENGTH];
	SHA2_CTX ctx;

	SHA256Init(&ctx);
	hash_part(&ctx, 'n', key->nonce, strlen(key->nonce));
	if (key->isolate & GWMSG_BY_DESTINATION)
		hash_destination(&ctx, key->destination);
	if (key->isolate & GWMSG_BY_PORT)
		hash_number(&ctx, 'p', key->destination->port);
	if (key->isolate & GWMSG_BY_CONNECTION)
		hash_number(&ctx, 'c', key->connection);
	if (key->auth->version != 0) {
		hash_number(&ctx, 'v', key->auth->version);
		hash_part(&ctx, 'u', key->auth->user, key->auth->user_len);
		hash_part(&ctx, 'w', key->auth->pass, key->auth->pass_len);
	}
	SHA256Final(digest, &ctx);
	memcpy(password, key->nonce, GWMSG_LABEL_LEN);
	password += GWMSG_LABEL_LEN;
	for (size_t i = 0; i < sizeof(digest); i++) {
		password[2 * i] = digits[digest[i] >> 4];
		password[2 * i + 1] = digits[digest[i] & 15];
	}
}

static uint8_t *put(uint8_t *at, const void *bytes, size_t len)
{
	memcpy(at, bytes, len);
	return at + len;
}

size_t upstream_encode(enum socks_command command, const struct destination *d,
		       const char password[UPSTREAM_PASSWORD_LEN], uint8_t *out)
{
	uint8_t *at = out;

	/* method 2 and nothing else: without a login there is no isolation */
	at = put(at, "\x05\x01\x02\x01", 4);
	*at++ = sizeof(UPSTREAM_USER) - 1;
	at = put(at, UPSTREAM_USER, sizeof(UPSTREAM_USER) - 1);
	*at++ = UPSTREAM_PASSWORD_LEN;
	at = put(at, password, UPSTREAM_PASSWORD_LEN);
	*at++ = 5;
	*at++ = (uint8_t)command;
	*at++ = 0;
	if (d->kind == DESTINATION_NAME) {
		size_t len = strlen(d->name);

		*at++ = SOCKS_ATYP_NAME;
		*at++ = (uint8_t)len;
		at = put(at, d->name, len);
	} else {
		*at++ = d->kind == DESTINATION_V6 ? SOCKS_ATYP_V6
						  : SOCKS_ATYP_V4;
		at = put(at, d->addr, address_size(d));
	}
	*at++ = (uint8_t)(d->port >> 8);
	*at++ = (uint8_t)d->port;
	return (size_t)(at - out);
}

/* RFC 1928 s6: 5 REP RSV ATYP ADDR PORT. @len counts from @in. */
static enum upstream_step parse_reply(const uint8_t *in, size_t len,
				      size_t *size, struct socks_reply *r)
{
	size_t at = 4, alen;

	if (len < at)
		return UPSTREAM_MORE;
	if (in[0] != 5)
		return UPSTREAM_BAD;
	switch (in[3]) {
	case SOCKS_ATYP_NONE:
		/* tor's failed RESOLVE: four bytes and a port all the same */
		if (in[1] == SOCKS_OK)
			return UPSTREAM_BAD;
		alen = 4;
		break;
	case SOCKS_ATYP_V4:
		alen = 4;
		break;
	case SOCKS_ATYP_V6:
		alen = 16;
		break;
	case SOCKS_ATYP_NAME:
		if (len < 5)
			return UPSTREAM_MORE;
		alen = in[4];
		at = 5;
		break;
	default:
		return UPSTREAM_BAD;
	}
	if (len < at + alen + 2)
		return UPSTREAM_MORE;
	memset(r, 0, sizeof(*r));
	r->code = in[1];
	r->atyp = in[3];
	r->len = (uint8_t)alen;
	memcpy(r->addr, in + at, alen);
	*size = at + alen + 2;
	return UPSTREAM_REPLY;
}

/*
 * Tor answers method and login apart, 05 02 and 01 00, but keeps only the
 * later answer when it reads both questions at once (seen with 0.4.9), as it
 * may, since we send all in one write. 01 00 alone says as much: RFC 1929 is
 * spoken only after method 2 was taken.
 */
static enum upstream_step parse_greeting(const uint8_t *in, size_t len,
					 size_t *size)
{
	static const uint8_t greeting[] = { 5, 2, 1, 0 };
	size_t skip = len > 0 && in[0] == 1 ? 2 : 0;

	*size = sizeof(greeting) - skip;
	if (memcmp(in, greeting + skip, len < *size ? len : *size) != 0)
		return UPSTREAM_BAD;
	return len <= *size ? UPSTREAM_MORE : UPSTREAM_REPLY;
}

enum upstream_step upstream_parse(const uint8_t *in, size_t len, size_t *used,
				  struct socks_reply *r)
{
	size_t head, size = 0;
	enum upstream_step step = parse_greeting(in, len, &head);

	if (step != UPSTREAM_REPLY)
		return step;
	step = parse_reply(in + head, len - head, &size, r);
	if (step == UPSTREAM_REPLY)
		*used = head + size;
	return step;
}
