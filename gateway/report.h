/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gateway/report.h - tell the supervisor which destinations were refused */
#ifndef GATEWAY_REPORT_H
#define GATEWAY_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/gwmsg.h"
#include "gateway/destination.h"

struct gateway;

/* Of one gateway's life; the application cannot make it say more. */
#define REPORTS_MAX 256

struct report {
	bool on;
	uint32_t n;
	uint64_t told[REPORTS_MAX]; /* digests of those that were told */
};

/**
 * report_refused() - send GWMSG_REFUSED, once for each destination
 * @d: canonical; what is none is not told
 * @port: host order, 0: only to be resolved
 *
 * One that cannot be sent now is told when it is refused the next time.
 */
void report_refused(struct gateway *gw, const struct destination *d,
		    uint16_t port, enum gwmsg_reason reason);

/**
 * report_allows() - policy_allows() by the gateway's rules
 *
 * What they refuse is counted and told.
 */
bool report_allows(struct gateway *gw, const struct destination *d,
		   uint16_t port);

#endif
