/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gateway/policy.h - which destinations the profile's rules let through */
#ifndef GATEWAY_POLICY_H
#define GATEWAY_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/destination.h"

/* Rules of base/rule.h as they came, each checked once. */
struct policy_list {
	uint8_t *rules;
	size_t len;
};

/* Zero-initialised lets everything through. */
struct policy {
	struct policy_list deny, allow;
};

/**
 * policy_add() - take the rules of one GWMSG_POLICY
 * @rules: @len bytes, which may be anything
 *
 * Return: 0, -EINVAL where they are not whole, valid rules, or -ENOMEM; in
 * either case @p is valid, and may have taken the rules before the bad one.
 */
int policy_add(struct policy *p, const uint8_t *rules, size_t len);

/**
 * policy_allows() - may the application go there
 * @d: canonical, and let through by gateway/destination.h before
 * @port: host order; 0: only a name is to be resolved, or an address. That
 *        is refused where a rule denies the host on every port, and where
 *        no rule allows it on any
 *
 * A rule that denies wins. Without a rule that allows everything is allowed.
 * Names are compared with names, and addresses with addresses: nothing is
 * looked up. A rule that denies an IPv4 address denies it inside an IPv6 one
 * too (destination_embedded_v4()); one that allows it does not. Pure; time
 * grows with the rules.
 */
bool policy_allows(const struct policy *p, const struct destination *d,
		   uint16_t port);

/**
 * policy_free() - let go of the rules
 */
void policy_free(struct policy *p);

#endif
