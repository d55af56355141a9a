/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tor/bringup.h - what each start of our own tor begins with */
#ifndef TOR_BRINGUP_H
#define TOR_BRINGUP_H

#include "base/fault.h"

struct tor_home; /* tor/home.h */

/* Room for any argument vector of tor_bringup_argv(), with its NULL. */
#define TOR_BRINGUP_ARGS 8

/**
 * tor_bringup_prepare() - an empty socket directory, and the torrc
 * @h: locked; no tor runs on it
 *
 * The torrc is made anew of the drop-ins as they are now, and of the record
 * of SocksPorts. The cookie of a tor that has ended is removed: the new one
 * has not started before it has written its own.
 *
 * Return: 1 (there are drop-ins: tor has to verify them), 0, or -errno.
 */
int tor_bringup_prepare(struct tor_home *h, struct fault *f);

/**
 * tor_bringup_argv() - tor's command line
 * @verify: --verify-config, in place of running
 * @argv: strings are borrowed from @h
 */
void tor_bringup_argv(const struct tor_home *h, int verify,
		      const char *argv[TOR_BRINGUP_ARGS]);

#endif
