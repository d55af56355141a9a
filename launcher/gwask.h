/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/gwask.h - what the control port of a sandbox needs of the host */
#ifndef LAUNCHER_GWASK_H
#define LAUNCHER_GWASK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/gwmsg.h"

struct tor_upstream;

/* Zero-initialised: nothing is known yet. */
struct gwask {
	int64_t until_ms; /* CLOCK_MONOTONIC: @err and @state hold until then */
	int err;          /* 0 or a positive errno */
	struct gwmsg_state state;
};

/**
 * gwask_answer() - answer a GWMSG_ASK
 * @upstream: the SocksPort in use
 * @nonce: for GWMSG_ASK_NEWNYM, the new one; NULL: none could be made
 * @ask: checked by gwmsg_recv()
 * @answer: set on true, ready to be sent
 *
 * Tor is asked once a second at most, and for a second at most: the
 * application decides how often this is called.
 *
 * Return: false where there is nothing to say; what is about onion services
 * is not said here (launcher/onions.h).
 */
bool gwask_answer(struct gwask *a, const struct tor_upstream *upstream,
		  const char *nonce, const struct gwmsg *ask,
		  struct gwmsg *answer);

#endif
