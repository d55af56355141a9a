/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gateway/policy.c - which destinations the profile's rules let through */
#include "gateway/policy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/rule.h"

static int append(struct policy_list *l, const uint8_t *rule, size_t size)
{
	uint8_t *rules = realloc(l->rules, l->len + size);

	if (!rules)
		return -ENOMEM;
	memcpy(rules + l->len, rule, size);
	l->rules = rules;
	l->len += size;
	return 0;
}

int policy_add(struct policy *p, const uint8_t *rules, size_t len)
{
	while (len > 0) {
		struct rule rule;
		size_t size = rule_decode(rules, len, &rule);
		int rc;

		if (size == 0)
			return -EINVAL;
		rc = append(rule.deny ? &p->deny : &p->allow, rules, size);
		if (rc < 0)
			return rc;
		rules += size;
		len -= size;
	}
	return 0;
}

static bool is_below(const char *name, const char *parent, size_t size)
{
	size_t len = strlen(name);

	return len > size + 1 && name[len - size - 1] == '.' &&
	       memcmp(name + len - size, parent, size) == 0;
}

static bool has_prefix(const uint8_t *addr, const uint8_t *prefix,
		       unsigned int bits)
{
	unsigned int rest = bits % 8;
	size_t whole = bits / 8;

	if (memcmp(addr, prefix, whole) != 0)
		return false;
	return rest == 0 || (addr[whole] ^ prefix[whole]) >> (8 - rest) == 0;
}

/* A rule that denies also holds for the ways around it. */
static bool is_v4(const uint8_t *rule, const struct destination *d)
{
	const uint8_t *target = rule + RULE_HEAD_BYTES;
	const uint8_t *inner[DESTINATION_EMBEDDED_MAX];
	size_t n;

	if (d->kind == DESTINATION_V4)
		return has_prefix(d->addr, target, rule[2]);
	if (!(rule[0] & RULE_DENY))
		return false;
	n = destination_embedded_v4(d, inner);
	for (size_t i = 0; i < n; i++) {
		if (has_prefix(inner[i], target, rule[2]))
			return true;
	}
	return false;
}

/* @rule: its first byte; rule_decode() has found it whole. */
static bool is_host(const uint8_t *rule, const struct destination *d)
{
	const uint8_t *target = rule + RULE_HEAD_BYTES;
	size_t size = rule[1];

	switch (rule[0] & ~RULE_DENY) {
	case RULE_ANY:
		return true;
	case RULE_NAME:
		return d->kind == DESTINATION_NAME && strlen(d->name) == size &&
		       memcmp(d->name, target, size) == 0;
	case RULE_BELOW:
		return d->kind == DESTINATION_NAME &&
		       is_below(d->name, (const char *)target, size);
	case RULE_V4:
		return is_v4(rule, d);
	case RULE_V6:
		return d->kind == DESTINATION_V6 &&
		       has_prefix(d->addr, target, rule[2]);
	default:
		return false;
	}
}

/* @partly: what to say of a rule for some ports where there is no port */
static bool is_port(const uint8_t *rule, uint16_t port, bool partly)
{
	const uint8_t *at = rule + RULE_HEAD_BYTES + rule[1];

	if (rule[3] == 0)
		return true;
	if (port == 0)
		return partly;
	for (size_t i = 0; i < rule[3]; i++, at += RULE_PORTS_BYTES) {
		if (port >= (at[0] << 8 | at[1]) &&
		    port <= (at[2] << 8 | at[3]))
			return true;
	}
	return false;
}

static bool has_match(const struct policy_list *l, const struct destination *d,
		      uint16_t port, bool partly)
{
	const uint8_t *rule = l->rules;
	size_t left = l->len;

	while (left > 0) {
		size_t size = RULE_HEAD_BYTES + (size_t)rule[1] +
			      (size_t)RULE_PORTS_BYTES * rule[3];

		if (is_port(rule, port, partly) && is_host(rule, d))
			return true;
		rule += size;
		left -= size;
	}
	return false;
}

bool policy_allows(const struct policy *p, const struct destination *d,
		   uint16_t port)
{
	if (has_match(&p->deny, d, port, false))
		return false;
	return p->allow.len == 0 || has_match(&p->allow, d, port, true);
}

void policy_free(struct policy *p)
{
	free(p->deny.rules);
	free(p->allow.rules);
	*p = (struct policy){ 0 };
}
