/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/fuzz/fuzz_policy.c - rules as a profile and as the gateway gets them */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/rule.h"
#include "gateway/policy.h"
#include "profiles/pattern.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void require(int what)
{
	if (!what)
		abort();
}

/* Any bytes as rules on the wire, and a destination made of them. */
static void from_wire(const uint8_t *data, size_t len)
{
	static const uint8_t deny_all[] = { RULE_ANY | RULE_DENY, 0, 0, 0 };
	struct policy p = { 0 };
	struct destination d;
	uint16_t port;

	policy_add(&p, data, len);
	require(p.allow.len + p.deny.len <= len);
	destination_from_name((const char *)data, len < 40 ? len : 40, &d);
	port = len > 1 ? (uint16_t)(data[0] << 8 | data[1]) : 0;
	/* whoever may connect may look up */
	if (policy_allows(&p, &d, port))
		require(policy_allows(&p, &d, 0));
	require(policy_add(&p, deny_all, sizeof(deny_all)) == 0);
	require(!policy_allows(&p, &d, port));
	policy_free(&p);
}

/* Text that is taken becomes a rule that the gateway takes. */
static void from_text(const uint8_t *data, size_t len)
{
	uint8_t bytes[RULE_BYTES_MAX], again[RULE_BYTES_MAX];
	char *text = malloc(len + 1);
	struct rule r, back;
	struct fault f = { 0 };
	size_t size;

	require(text != NULL);
	memcpy(text, data, len);
	text[len] = '\0';
	if (pattern_parse(text, &r, &f) == 0) {
		size = rule_encode(&r, bytes, sizeof(bytes));
		require(size > 0 && rule_decode(bytes, size, &back) == size);
		require(rule_encode(&back, again, sizeof(again)) == size &&
			memcmp(bytes, again, size) == 0);
		require(rule_decode(bytes, size - 1, &back) == 0);
	} else {
		require(f.what[0] != '\0');
	}
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	from_wire(data, len);
	from_text(data, len);
	return 0;
}
