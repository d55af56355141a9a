/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gateway/report.c - tell the supervisor which destinations were refused */
#include "gateway/report.h"

#include <arpa/inet.h>
#include <sha2.h>
#include <string.h>

#include "gateway/control.h"
#include "gateway/gateway.h"

_Static_assert(DESTINATION_NAME_MAX < GWMSG_HOST_BYTES, "every name fits");

/* With the launch's secret: nobody can choose two that collide. */
static uint64_t digest(const char *nonce, const struct gwmsg_refused *r)
{
	uint8_t bytes[SHA256_DIGEST_LENGTH];
	uint64_t first;
	SHA2_CTX ctx;

	SHA256Init(&ctx);
	SHA256Update(&ctx, (const uint8_t *)nonce, strlen(nonce));
	SHA256Update(&ctx, (const uint8_t *)r, sizeof(*r));
	SHA256Final(bytes, &ctx);
	memcpy(&first, bytes, sizeof(first));
	return first;
}

static bool was_told(const struct report *r, uint64_t which)
{
	for (uint32_t i = 0; i < r->n; i++)
		if (r->told[i] == which)
			return true;
	return false;
}

static bool host_text(const struct destination *d, char *text)
{
	switch (d->kind) {
	case DESTINATION_NAME:
		memcpy(text, d->name, strlen(d->name) + 1);
		return d->name[0] != '\0';
	case DESTINATION_V4:
		return inet_ntop(AF_INET, d->addr, text, GWMSG_HOST_BYTES);
	case DESTINATION_V6:
		return inet_ntop(AF_INET6, d->addr, text, GWMSG_HOST_BYTES);
	case DESTINATION_UNSET:
	default:
		return false;
	}
}

void report_refused(struct gateway *gw, const struct destination *d,
		    uint16_t port, enum gwmsg_reason reason)
{
	struct gwmsg m = { .type = GWMSG_REFUSED,
			   .refused = { .reason = (uint16_t)reason,
					.port = port } };
	struct report *r = &gw->report;
	uint64_t which;

	if (!r->on || r->n == REPORTS_MAX || !host_text(d, m.refused.host))
		return;
	which = digest(gw->nonce, &m.refused);
	if (!was_told(r, which) && control_refused(gw, &m) == 0)
		r->told[r->n++] = which;
}

bool report_allows(struct gateway *gw, const struct destination *d,
		   uint16_t port)
{
	if (policy_allows(&gw->policy, d, port))
		return true;
	gw->stats.refused_policy++;
	report_refused(gw, d, port, GWMSG_REASON_POLICY);
	return false;
}
