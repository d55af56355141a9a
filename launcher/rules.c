/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/rules.c - the profile's destinations, as the gateway gets them */
#include "launcher/rules.h"

#include <errno.h>

#include "base/alloc.h"
#include "base/rule.h"
#include "launcher/plan.h"
#include "profiles/pattern.h"

_Static_assert(RULE_BYTES_MAX <= GWMSG_POLICY_BYTES, "every rule fits");

/* Behind the last one, or in a message of its own. */
static int add_rule(struct plan *p, const struct rule *r)
{
	struct gwmsg_policy *m =
		p->npolicies > 0 ? &p->policies[p->npolicies - 1] : NULL;
	size_t size =
		m ? rule_encode(r, m->rules + m->len, sizeof(m->rules) - m->len)
		  : 0;

	if (size == 0) {
		if (p->npolicies == GWMSG_POLICIES_MAX)
			return -E2BIG;
		p->policies = xreallocarray(p->policies, p->npolicies + 1,
					    sizeof(*p->policies));
		m = &p->policies[p->npolicies++];
		*m = (struct gwmsg_policy){ 0 };
		size = rule_encode(r, m->rules, sizeof(m->rules));
	}
	m->len += (uint32_t)size;
	return 0;
}

static int add_list(struct plan *p, const struct profile *profile,
		    enum profile_key_index key, const struct strv *list,
		    bool deny, struct fault *f)
{
	for (size_t i = 0; i < list->n; i++) {
		struct rule r;
		int rc = pattern_parse(list->v[i], &r, f);

		if (rc < 0)
			return rc;
		r.deny = deny;
		if (add_rule(p, &r) == 0)
			continue;
		fault_set(f, 0, "%s: %s: too many destinations",
			  profile_origin(profile, key, i), list->v[i]);
		fault_hint(f, "a pattern or a prefix can stand for several");
		return -EINVAL;
	}
	return 0;
}

int rules_make(struct plan *p, const struct profile *profile, struct fault *f)
{
	int rc;

	strv_copy(&p->deny, &profile->deny_destinations);
	strv_copy(&p->allow, &profile->allow_destinations);
	rc = add_list(p, profile, PROFILE_KEY_deny_destinations, &p->deny, true,
		      f);
	if (rc == 0)
		rc = add_list(p, profile, PROFILE_KEY_allow_destinations,
			      &p->allow, false, f);
	return rc;
}

void rules_print(const struct plan *p, FILE *out)
{
	for (size_t i = 0; i < p->deny.n; i++)
		fprintf(out, "deny destination: %s\n", p->deny.v[i]);
	for (size_t i = 0; i < p->allow.n; i++)
		fprintf(out, "allow destination: %s\n", p->allow.v[i]);
	if (p->allow.n == 0)
		fputs("allow destination: all that are not internal\n", out);
	fprintf(out, "log: %s\n", p->log_refused ? "destinations" : "none");
}
