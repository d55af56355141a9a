/* SPDX-License-Identifier: GPL-3.0-or-later */
/* seccomp/digest.c - a 128-bit digest (SipHash-2-4) for cache keys */
#include "seccomp/digest.h"

#include <string.h>

static uint64_t rotl(uint64_t x, int b)
{
	return (x << b) | (x >> (64 - b));
}

static void sip_rounds(uint64_t v[4], int n)
{
	while (n--) {
		v[0] += v[1];
		v[1] = rotl(v[1], 13) ^ v[0];
		v[0] = rotl(v[0], 32);
		v[2] += v[3];
		v[3] = rotl(v[3], 16) ^ v[2];
		v[0] += v[3];
		v[3] = rotl(v[3], 21) ^ v[0];
		v[2] += v[1];
		v[1] = rotl(v[1], 17) ^ v[2];
		v[2] = rotl(v[2], 32);
	}
}

static void sip_word(uint64_t v[4], const uint8_t p[8])
{
	uint64_t m;

	/* host order: a cache is of one machine's architecture */
	memcpy(&m, p, sizeof(m));
	v[3] ^= m;
	sip_rounds(v, 2);
	v[0] ^= m;
}

void seccomp_digest_init(struct seccomp_digest *d)
{
	/* SipHash's constants under the all-zero key, 128-bit variant */
	*d = (struct seccomp_digest){
		.v = { 0x736f6d6570736575, 0x646f72616e646f6d ^ 0xee,
		       0x6c7967656e657261, 0x7465646279746573 },
	};
}

void seccomp_digest_add(struct seccomp_digest *d, const void *buf, size_t len)
{
	const uint8_t *p = buf;
	size_t have = d->total % sizeof(d->tail);

	d->total += len;
	if (have) {
		size_t n = sizeof(d->tail) - have;

		if (n > len)
			n = len;
		memcpy(d->tail + have, p, n);
		p += n;
		len -= n;
		if (have + n < sizeof(d->tail))
			return;
		sip_word(d->v, d->tail);
	}
	for (; len >= sizeof(d->tail); p += 8, len -= 8)
		sip_word(d->v, p);
	if (len)
		memcpy(d->tail, p, len);
}

void seccomp_digest_u64(struct seccomp_digest *d, uint64_t n)
{
	seccomp_digest_add(d, &n, sizeof(n));
}

void seccomp_digest_str(struct seccomp_digest *d, const char *s)
{
	seccomp_digest_add(d, s, strlen(s) + 1);
}

static uint64_t fold(const uint64_t v[4])
{
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

void seccomp_digest_end(struct seccomp_digest *d,
			uint8_t out[SECCOMP_DIGEST_LEN])
{
	size_t have = d->total % sizeof(d->tail);
	uint8_t last[8] = { 0 };
	uint64_t half;

	memcpy(last, d->tail, have);
	last[7] = (uint8_t)d->total;
	sip_word(d->v, last);
	d->v[2] ^= 0xee;
	sip_rounds(d->v, 4);
	half = fold(d->v);
	memcpy(out, &half, sizeof(half));
	d->v[1] ^= 0xdd;
	sip_rounds(d->v, 4);
	half = fold(d->v);
	memcpy(out + sizeof(half), &half, sizeof(half));
}
