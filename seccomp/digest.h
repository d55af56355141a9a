/* SPDX-License-Identifier: GPL-3.0-or-later */
/* seccomp/digest.h - a 128-bit digest (SipHash-2-4) for cache keys */
#ifndef SECCOMP_DIGEST_H
#define SECCOMP_DIGEST_H

#include <stddef.h>
#include <stdint.h>

/*
 * It tells damage and different content apart. It does not authenticate:
 * who may write a cache file is decided by its owner and mode.
 */
#define SECCOMP_DIGEST_LEN 16 /* bytes */

struct seccomp_digest {
	uint64_t v[4];
	uint64_t total; /* bytes so far */
	uint8_t tail[8];
};

/**
 * seccomp_digest_init() - start
 */
void seccomp_digest_init(struct seccomp_digest *d);

/**
 * seccomp_digest_add() - add @len bytes
 */
void seccomp_digest_add(struct seccomp_digest *d, const void *buf, size_t len);

/**
 * seccomp_digest_u64() - add one number
 */
void seccomp_digest_u64(struct seccomp_digest *d, uint64_t n);

/**
 * seccomp_digest_str() - add a string with its NUL, so that "ab","c" and
 * "a","bc" differ
 */
void seccomp_digest_str(struct seccomp_digest *d, const char *s);

/**
 * seccomp_digest_end() - finish; @d is used up
 */
void seccomp_digest_end(struct seccomp_digest *d,
			uint8_t out[SECCOMP_DIGEST_LEN]);

#endif
