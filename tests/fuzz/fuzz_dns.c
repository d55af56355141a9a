/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/fuzz/fuzz_dns.c - any bytes as a DNS query, and what is made of them */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/zone.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void require(bool what)
{
	if (!what)
		abort();
}

/* What is assigned, asked of tor or compared with rules has passed, and passes
 * again, unchanged. */
static void canonical(enum zone_verdict v, const struct destination *d)
{
	struct destination again;

	if (v == ZONE_ASSIGN || v == ZONE_RESOLVE || v == ZONE_KNOWN) {
		require(d->kind == DESTINATION_NAME && d->port == 0);
		require(destination_from_name(d->name, strlen(d->name),
					      &again) == DESTINATION_OK);
		require(strcmp(again.name, d->name) == 0);
	} else if (v == ZONE_RESOLVE_PTR) {
		require(d->kind == DESTINATION_V4 || d->kind == DESTINATION_V6);
		require((d->kind == DESTINATION_V4
				 ? destination_from_v4(d->addr, &again)
				 : destination_from_v6(d->addr, &again)) ==
			DESTINATION_OK);
	} else if (v == ZONE_NAME_OF) {
		require(d->kind == DESTINATION_V4);
	}
}

static void answer(const uint8_t *data, const struct dns_query *q,
		   const struct dns_answer *a)
{
	uint8_t out[DNS_OUT_MAX], cut[DNS_OUT_MAX];
	size_t max = dns_udp_max(q);
	size_t len = dns_encode(q, a, max, out);
	size_t whole = dns_encode(q, a, DNS_OUT_MAX, cut);

	require(max >= DNS_UDP_MIN && max <= DNS_IN_MAX);
	require(len <= max && len >= 12 && whole <= DNS_OUT_MAX);
	require(memcmp(out, data, 2) == 0 && out[2] & 0x80);
	/* truncated or whole */
	require(out[2] & 2 ? whole > max : len == whole);
	/* the question is the client's, byte for byte */
	require(out[5] == (q->question_len > 0));
	require(memcmp(out + 12, data + 12, q->question_len) == 0);
	/* it is a response: another server would not answer it */
	require(dns_parse(out, len, &(struct dns_query){ 0 }) == DNS_DROP);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct dns_answer empty = { .rcode = DNS_NXDOMAIN };
	struct dns_answer addr = { .type = DNS_A, .ttl_s = 60 };
	struct dns_answer name = { .type = DNS_PTR, .ttl_s = 60 };
	struct destination d;
	struct dns_query q;
	enum dns_verdict v = dns_parse(data, len, &q);

	if (v == DNS_DROP)
		return 0;
	if (v == DNS_ERROR) {
		require(q.rcode != DNS_NOERROR);
		empty.rcode = q.rcode;
		answer(data, &q, &empty);
		return 0;
	}
	require(q.rcode == DNS_NOERROR && len <= DNS_IN_MAX);
	require(q.name_len <= DESTINATION_NAME_MAX &&
		q.name[q.name_len] == '\0');
	require(!q.plain || strlen(q.name) == q.name_len);
	for (int resolve = 0; resolve <= 1; resolve++) {
		enum zone_verdict z = zone_judge(&q, resolve, &d);

		require(resolve ||
			(z != ZONE_RESOLVE && z != ZONE_RESOLVE_PTR));
		canonical(z, &d);
	}
	answer(data, &q, &empty);
	answer(data, &q, &addr);
	if (destination_from_name(q.name, q.name_len, &d) == DESTINATION_OK &&
	    d.kind == DESTINATION_NAME) {
		name.name = d.name;
		answer(data, &q, &name);
	}
	return 0;
}
