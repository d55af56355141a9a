/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/refused.h - which destinations the gateway refused, for the user */
#ifndef LAUNCHER_REFUSED_H
#define LAUNCHER_REFUSED_H

#include <stdbool.h>
#include <stddef.h>

#include "base/fault.h"
#include "base/gwmsg.h"
#include "base/strv.h"
#include "launcher/plan.h"

/* Of one launch: a gateway that was taken over can say no more either. Fewer
 * than it may tell, so that the user hears that there are more. */
#define REFUSED_MAX 200
/* "HOST:PORT", each byte of the host as \xNN at worst. */
#define REFUSED_TEXT_BYTES (4 * GWMSG_HOST_BYTES + 16)

struct refused {
	const struct plan *plan;
	bool verbose; /* say it on stderr */
	int log;      /* -1: none */
	bool full;    /* and that was said */
	struct strv told;
};

/**
 * refused_init() - nobody wants to know
 */
void refused_init(struct refused *r, const struct plan *plan);

/**
 * refused_open_log() - where the plan says so, in the identity's directory
 *
 * Return: 0 or -errno.
 */
int refused_open_log(struct refused *r, int data_dirfd, struct fault *f);

/**
 * refused_is_wanted() - is there anybody to tell
 */
bool refused_is_wanted(const struct refused *r);

/**
 * refused_text() - "HOST:PORT", or "HOST" for a lookup, fit for a terminal
 * @text: room for REFUSED_TEXT_BYTES; what no host has is shown as \xNN
 */
void refused_text(const struct gwmsg_refused *m, char *text);

/**
 * refused_take() - tell it, once for each destination of the launch
 * @m: checked by gwmsg_recv(), and hostile otherwise
 */
void refused_take(struct refused *r, const struct gwmsg_refused *m);

/**
 * refused_close() - the launch is over
 */
void refused_close(struct refused *r);

#endif
