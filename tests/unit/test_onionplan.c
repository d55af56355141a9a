/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_onionplan.c - the onion service that a profile asks for */
#include "launcher/onionplan.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "launcher/plan.h"

static char word[] = "true";
static char *const command[] = { word, NULL };
static const struct plan_host host = { .home = "/home/alice" };

#define SETS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static int try_make(struct plan *p, const char *const *sets, struct fault *f)
{
	struct profile *profile = profile_new("test");
	int rc = 0;

	for (; rc == 0 && *sets; sets++)
		rc = profile_set(profile, *sets, "--set", f);
	*p = (struct plan){ 0 };
	if (rc == 0)
		rc = plan_make(p, profile, command, &host, f);
	profile_free(profile);
	return rc;
}

/* The caller's to free. */
static void make(struct plan *p, const char *const *sets)
{
	struct fault f = { 0 };

	if (try_make(p, sets, &f) < 0)
		fail_msg("%s; %s", f.what, f.hint);
}

static void test_onionplan_makes(void **state)
{
	struct plan p;

	(void)state;
	make(&p, SETS("network=socks"));
	assert_false(p.inward);
	assert_null(p.onion_env);
	plan_free(&p);
	make(&p, SETS("control=onion-service"));
	assert_true(p.inward);
	assert_int_equal(p.onion.nports, 0);
	plan_free(&p);
	/* the name's place is the environment's, whatever the profile says */
	make(&p, SETS("onion=80:8080", "onion=443", "env=ISOLATE_ONION=x"));
	assert_true(p.inward && p.onion_keep);
	assert_int_equal(p.onion.nports, 2);
	assert_int_equal(p.onion.ports[0].onion, 80);
	assert_int_equal(p.onion.ports[0].target, 8080);
	assert_int_equal(p.onion.ports[1].target, 443);
	assert_int_equal(p.onion.ports[1].where, GWMSG_TARGET_LOOPBACK);
	assert_non_null(p.onion_env);
	assert_string_equal(p.onion_env + GWMSG_ONION_ID_LEN, ".onion");
	assert_memory_equal(p.onion_env - 14, "ISOLATE_ONION=", 14);
	plan_free(&p);
	make(&p, SETS("onion=80", "onion-key=discard"));
	assert_false(p.onion_keep);
	plan_free(&p);
	make(&p, SETS("onion=80", "amnesic=yes", "onion-key=keep"));
	assert_false(p.onion_keep);
	plan_free(&p);
}

static void test_onionplan_refuses(void **state)
{
	static const struct {
		const char *set, *with, *what;
	} bad[] = {
		{ "onion=80", "network=none",
		  "--set: onion = 80: it needs a network" },
		{ "onion=80 443 80:81", "network=socks",
		  "--set: onion = 80:81: that port is taken" },
		{ "onion=80:9050", "network=socks",
		  "--set: onion = 80:9050: the gateway listens there, in the "
		  "sandbox" },
		{ "onion=80:9051", "control=minimal",
		  "--set: onion = 80:9051: the gateway listens there, in the "
		  "sandbox" },
		{ "onion=1 2 3 4 5 6 7 8 9", "network=socks",
		  "--set: onion = 9: more than 8 ports" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct fault f = { 0 };
		struct plan p;

		assert_int_equal(
			try_make(&p, SETS(bad[i].set, bad[i].with), &f),
			-EINVAL);
		assert_string_equal(f.what, bad[i].what);
		plan_free(&p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_onionplan_makes),
		cmocka_unit_test(test_onionplan_refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
