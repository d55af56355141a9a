/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gateway/siphash.h - a keyed hash for tables of hostile keys */
#ifndef GATEWAY_SIPHASH_H
#define GATEWAY_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

struct siphash_key {
	uint64_t k[2];
};

/**
 * siphash() - SipHash-2-4 (Aumasson, Bernstein 2012)
 *
 * Return: a value nobody can predict, or bring about, without the key.
 */
uint64_t siphash(const struct siphash_key *key, const void *bytes, size_t len);

#endif
