/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tor/bootstrap.h - how far tor's bootstrap is, and what holds it up */
#ifndef TOR_BOOTSTRAP_H
#define TOR_BOOTSTRAP_H

#include <stdbool.h>

#include "base/fault.h"

/* Zero-initialised is a bootstrap that has not begun. All text printable. */
struct tor_bootstrap {
	int percent;       /* 0 to 100 */
	char tag[32];      /* of the phase: "conn_dir" */
	char summary[128]; /* of the phase, for a person */
	char warning[128]; /* what tor says is wrong, "" while nothing is */
	char reason[32];   /* of the warning: "NOROUTE" */
	char clock[64];    /* whose clock ours differs from, "" where none */
	long skew_s;       /* by how much, positive: ours is ahead */
};

/**
 * tor_bootstrap_update() - take in one event or GETINFO answer
 * @b: updated; left alone on failure
 * @text: "STATUS_CLIENT NOTICE BOOTSTRAP PROGRESS=...",
 *        "STATUS_GENERAL WARN CLOCK_SKEW ..." or "WARN Managed proxy ...",
 *        without the code, or the value of status/bootstrap-phase, without
 * STATUS_CLIENT
 *
 * Return: 1 (something for a person has changed), 0 (nothing has, or it is
 * about something else) or -EPROTO (not what tor sends).
 */
int tor_bootstrap_update(struct tor_bootstrap *b, const char *text);

/**
 * tor_bootstrap_fault() - say where it stopped, why, and what to do
 * @how: what ended the wait: "stopped", "tor ended"
 *
 * Return: always -ETIMEDOUT.
 */
int tor_bootstrap_fault(const struct tor_bootstrap *b, const char *how,
			struct fault *f);

#endif
