/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/redirected.h - connections that a live gateway's port gets */
#ifndef TESTS_UNIT_REDIRECTED_H
#define TESTS_UNIT_REDIRECTED_H

#include "tests/unit/gwlive.h"

/**
 * redirected_load() - what nftables does in a gateway's netns, here for what
 * we send ourselves: all but the loopback's own
 *
 * Another gateway's is replaced.
 *
 * Return: 0; else nft(8) or the kernel cannot, and has said so.
 */
int redirected_load(const struct gwlive *g);

/**
 * redirected_connect() - a socket with a receive timeout
 * @type: SOCK_STREAM or SOCK_DGRAM
 *
 * Redirected, so connect(2) must work whatever the address.
 */
int redirected_connect(int type, const char *addr, uint16_t port);

/** redirected_expect_reset() - and not a byte before; @s is closed */
void redirected_expect_reset(int s);

#endif
