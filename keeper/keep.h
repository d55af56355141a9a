/* SPDX-License-Identifier: GPL-3.0-or-later */
/* keeper/keep.h - start tor, and start it again when it crashes */
#ifndef KEEPER_KEEP_H
#define KEEPER_KEEP_H

#include <stdbool.h>
#include <stdint.h>

struct tor_config; /* tor/config.h */

/* Zero-initialised is: no crash so far. */
struct keep_backoff {
	unsigned int crashes; /* since it has last run for long */
};

/**
 * keep_backoff_next() - how long to wait after a crash
 * @ran_ms: how long tor had run; long enough, and it begins anew
 *
 * Return: milliseconds, doubled each time up to half a minute, or -1: it is
 * of no use. Pure.
 */
int keep_backoff_next(struct keep_backoff *b, int64_t ran_ms);

/**
 * keep_run() - keep tor running until it ends by itself or we are told to
 * @verify: before the first start; its torrc and sockets are prepared
 * @told: where the first start's result goes, one byte: 0 or an exit status;
 *        taken over. Its cause goes to stderr.
 *
 * The caller holds the lock of the data directory for the first start; for
 * each other one it is taken.
 *
 * Return: exit status.
 */
int keep_run(const struct tor_config *c, bool verify, int told);

#endif
