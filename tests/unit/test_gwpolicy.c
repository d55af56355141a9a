/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_gwpolicy.c - which destinations the rules let through */
#include "gateway/policy.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/attr.h"
#include "base/rule.h"
#include "profiles/pattern.h"

#define ONION "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.onion"

/* Items between spaces; ! in front of one that denies. */
static void make(struct policy *p, const char *rules)
{
	char copy[512], *rest = copy, *item;

	*p = (struct policy){ 0 };
	assert_true(strlen(rules) < sizeof(copy));
	memcpy(copy, rules, strlen(rules) + 1);
	while ((item = strsep(&rest, " "))) {
		uint8_t bytes[RULE_BYTES_MAX];
		struct fault f = { 0 };
		struct rule r;
		size_t size;

		if (!*item)
			continue;
		if (pattern_parse(item + (*item == '!'), &r, &f) < 0)
			fail_msg("%s: %s", item, f.what);
		r.deny = *item == '!';
		size = rule_encode(&r, bytes, sizeof(bytes));
		assert_int_equal(policy_add(p, bytes, size), 0);
	}
}

static const struct {
	const char *rules;
	const char *host; /* as an application may spell it */
	uint16_t port;    /* 0: only resolved */
	bool allowed;
} rows[] = {
	/* without a rule, everything */
	{ "", "example.org", 80, true },
	{ "", "192.0.2.1", 80, true },
	{ "", "example.org", 0, true },
	/* names, in every spelling */
	{ "example.org", "example.org", 80, true },
	{ "example.org", "EXAMPLE.org.", 80, true },
	{ "example.org", "www.example.org", 80, false },
	{ "example.org", "example.org.evil.net", 80, false },
	{ "example.org", "badexample.org", 80, false },
	{ "example.org", "xample.org", 80, false },
	{ "*.example.org", "www.example.org", 80, true },
	{ "*.example.org", "a.b.example.org", 80, true },
	{ "*.example.org", "example.org", 80, false },
	{ "*.example.org", "badexample.org", 80, false },
	{ "*.onion", ONION, 1234, true },
	{ "*.onion", "www." ONION, 1234, true },
	{ "*.onion", "onion.example.org", 1234, false },
	/* addresses, in every spelling */
	{ "192.0.2.0/24", "192.0.2.255", 80, true },
	{ "192.0.2.0/24", "192.0.3.0", 80, false },
	{ "192.0.2.0/24", "3221225985", 80, true },
	{ "192.0.2.0/24", "0xc0.0.0x2.1", 80, true },
	{ "192.0.2.0/24", "::ffff:192.0.2.1", 80, true },
	{ "192.0.2.0/24", "[::ffff:c000:0201]", 80, true },
	{ "192.0.2.128/25", "192.0.2.127", 80, false },
	{ "192.0.2.128/25", "192.0.2.128", 80, true },
	{ "192.0.2.7", "192.0.2.6", 80, false },
	{ "0.0.0.0/0", "192.0.2.7", 80, true },
	{ "0.0.0.0/0", "2001:db8::1", 80, false },
	{ "0.0.0.0/0", "example.org", 80, false },
	{ "[2001:db8::]/33", "2001:db8:7fff::1", 80, true },
	{ "[2001:db8::]/33", "2001:db8:8000::1", 80, false },
	{ "[2001:db8::]/32", "192.0.2.1", 80, false },
	{ "[::]/0", "2001:db8::1", 80, true },
	/* what a translator or tunnel leads to is denied with it... */
	{ "!192.0.2.0/24", "64:ff9b::192.0.2.1", 80, false },
	{ "!192.0.2.0/24", "64:ff9b::c000:201", 0, false },
	{ "!192.0.2.0/24", "64:ff9b::192.0.3.1", 80, true },
	{ "!192.0.2.0/24", "2002:c000:201::1", 80, false },
	{ "!192.0.2.0/24", "2002:c000:301::1", 80, true },
	{ "!192.0.2.0/24", "2001:db8::200:5efe:192.0.2.1", 80, false },
	{ "!192.0.2.0/24", "2002:808:808::5efe:192.0.2.1", 80, false },
	{ "!192.0.2.0/24", "2002:c000:201::5efe:8.8.8.8", 80, false },
	{ "!192.0.2.0/24", "::ffff:192.0.2.1", 80, false },
	{ "!192.0.2.1:25", "64:ff9b::192.0.2.1", 80, true },
	{ "!0.0.0.0/0", "64:ff9b::8.8.8.8", 80, false },
	{ "!0.0.0.0/0", "2001:db8::192.0.2.1", 80, true },
	/* ...and not allowed with it */
	{ "192.0.2.0/24", "64:ff9b::192.0.2.1", 80, false },
	{ "[64:ff9b::]/96 !192.0.2.1", "64:ff9b::c000:201", 80, false },
	{ "[64:ff9b::]/96 !192.0.2.1", "64:ff9b::c000:202", 80, true },
	/* a name is no address, whatever it leads to */
	{ "192.0.2.0/24", "example.org", 80, false },
	{ "example.org", "192.0.2.1", 80, false },
	/* ports */
	{ "*:6667", "example.org", 6667, true },
	{ "*:6667", "192.0.2.1", 6667, true },
	{ "*:6667", "example.org", 6668, false },
	{ "*:6660-6669,6697", "example.org", 6660, true },
	{ "*:6660-6669,6697", "example.org", 6669, true },
	{ "*:6660-6669,6697", "example.org", 6697, true },
	{ "*:6660-6669,6697", "example.org", 6659, false },
	{ "*:6660-6669,6697", "example.org", 6670, false },
	{ "*:65535", "example.org", 65535, true },
	{ "*:256", "example.org", 1, false },
	/* several, any of them */
	{ "*:6667 *.onion", ONION, 80, true },
	{ "*:6667 *.onion", "example.org", 80, false },
	/* deny wins, wherever it stands */
	{ "!example.org", "example.org", 80, false },
	{ "!example.org", "example.net", 80, true },
	{ "example.org !example.org", "example.org", 80, false },
	{ "!*.org example.org", "example.org", 80, false },
	{ "* !192.0.2.0/24", "192.0.2.1", 80, false },
	{ "!*:25", "example.org", 25, false },
	{ "!*:25", "example.org", 80, true },
	{ "!*", "example.org", 80, false },
	/* looked up only: any port will do; denied only if all are */
	{ "*:6667", "example.org", 0, true },
	{ "example.org:80", "example.org", 0, true },
	{ "example.org:80", "example.net", 0, false },
	{ "!example.org:25", "example.org", 0, true },
	{ "!example.org", "example.org", 0, false },
};

static void test_policy_allows(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct destination d = { 0 };
		struct policy p;

		make(&p, rows[i].rules);
		assert_int_equal(destination_from_name(rows[i].host,
						       strlen(rows[i].host),
						       &d),
				 DESTINATION_OK);
		if (policy_allows(&p, &d, rows[i].port) != rows[i].allowed)
			fail_msg("%s: %s:%u", rows[i].rules, rows[i].host,
				 rows[i].port);
		policy_free(&p);
	}
}

static void test_policy_add_refuses(void **state)
{
	/* "*", then half of a rule */
	static const uint8_t bytes[] = {
		RULE_ANY, 0, 0, 0, RULE_NAME, 5, 0, 0, 'a', '.', 'o', 'r'
	};
	struct destination d = { .kind = DESTINATION_V4 };
	struct policy p = { 0 };

	(void)state;
	assert_int_equal(policy_add(&p, bytes, sizeof(bytes)), -EINVAL);
	assert_int_equal(policy_add(&p, bytes, 3), -EINVAL);
	assert_int_equal(policy_add(&p, (const uint8_t *)"", 1), -EINVAL);
	/* what is left can be asked and freed */
	assert_true(policy_allows(&p, &d, 80));
	policy_free(&p);
	assert_int_equal(policy_add(&p, bytes, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_policy_allows),
		cmocka_unit_test(test_policy_add_refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
