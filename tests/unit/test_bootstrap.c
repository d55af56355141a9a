/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_bootstrap.c - bootstrap events, good and hostile */
#include "tor/bootstrap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define AT_40                                                                  \
	"NOTICE BOOTSTRAP PROGRESS=40 TAG=loading_keys "                       \
	"SUMMARY=\"Loading authority key certs\""
#define STUCK                                                                  \
	"STATUS_CLIENT WARN BOOTSTRAP PROGRESS=5 TAG=conn SUMMARY=\"Connect\"" \
	" WARNING=\"No route to host\" REASON=NOROUTE COUNT=10 "               \
	"RECOMMENDATION=warn HOSTID=\"A\" HOSTADDR=\"192.0.2.1:9001\""

static void test_bootstrap_takes_both_forms(void **state)
{
	struct tor_bootstrap b = { .percent = 0 };

	(void)state;
	assert_int_equal(tor_bootstrap_update(&b, AT_40), 1);
	assert_int_equal(b.percent, 40);
	assert_string_equal(b.tag, "loading_keys");
	assert_string_equal(b.summary, "Loading authority key certs");
	assert_int_equal(tor_bootstrap_update(&b, "STATUS_CLIENT " AT_40), 0);
	assert_int_equal(tor_bootstrap_update(&b, STUCK), 1);
	assert_string_equal(b.warning, "No route to host");
	assert_string_equal(b.reason, "NOROUTE");
	/* going on takes the warning away */
	assert_int_equal(tor_bootstrap_update(&b, AT_40), 1);
	assert_string_equal(b.warning, "");
	assert_string_equal(b.reason, "");
}

static void test_bootstrap_passes_over_others(void **state)
{
	struct tor_bootstrap b = { .percent = 7 };

	(void)state;
	assert_int_equal(tor_bootstrap_update(&b, ""), 0);
	assert_int_equal(tor_bootstrap_update(&b, "STATUS_CLIENT"), 0);
	assert_int_equal(
		tor_bootstrap_update(&b, "STATUS_CLIENT NOTICE ENOUGH_DIR"), 0);
	assert_int_equal(tor_bootstrap_update(&b, "BW 1 2"), 0);
	assert_int_equal(
		tor_bootstrap_update(&b, "STREAM 1 NEW BOOTSTRAP PROGRESS=9"),
		0);
	assert_int_equal(b.percent, 7);
}

static void test_bootstrap_refuses_nonsense(void **state)
{
	static const char *const bad[] = {
		"NOTICE BOOTSTRAP TAG=a SUMMARY=b",
		"NOTICE BOOTSTRAP PROGRESS=101 TAG=a SUMMARY=b",
		"NOTICE BOOTSTRAP PROGRESS=-1 TAG=a SUMMARY=b",
		"NOTICE BOOTSTRAP PROGRESS=1e1 TAG=a SUMMARY=b",
		"NOTICE BOOTSTRAP PROGRESS= TAG=a SUMMARY=b",
		"NOTICE BOOTSTRAP PROGRESS=100",
		"NOTICE BOOTSTRAP PROGRESS=100 TAG=a SUMMARY=\"b",
		"NOTICE BOOTSTRAP PROGRESS=1 TAG=a SUMMARY=b WARNING=\"x",
		"STATUS_GENERAL WARN CLOCK_SKEW SKEW=x",
		"STATUS_GENERAL WARN CLOCK_SKEW SKEW=99999999999999999999",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct tor_bootstrap b = { .percent = 7 }, same = b;

		if (tor_bootstrap_update(&b, bad[i]) != -EPROTO)
			fail_msg("%s", bad[i]);
		assert_memory_equal(&b, &same, sizeof(b));
	}
}

static void test_bootstrap_text_cannot_drive_a_terminal(void **state)
{
	struct tor_bootstrap b = { .percent = 0 };

	(void)state;
	assert_int_equal(
		tor_bootstrap_update(&b, "NOTICE BOOTSTRAP PROGRESS=1 TAG=a "
					 "SUMMARY=\"\\033[2J\\nx\""),
		1);
	assert_string_equal(b.summary, "?[2J?x");
}

static void test_bootstrap_fault_names_phase_and_cause(void **state)
{
	struct tor_bootstrap b = { .percent = 0 };
	struct fault f = { .err = 0 };
	char text[600];

	(void)state;
	tor_bootstrap_update(&b, STUCK);
	assert_int_equal(tor_bootstrap_fault(&b, "no progress", &f),
			 -ETIMEDOUT);
	fault_format(&f, text, sizeof(text));
	assert_non_null(strstr(text, "5 %"));
	assert_non_null(strstr(text, "Connect"));
	assert_non_null(strstr(text, "No route to host"));
	assert_non_null(strstr(text, "connected to the network?"));
}

static void test_bootstrap_fault_names_the_clock(void **state)
{
	struct tor_bootstrap b = { .percent = 0 };
	struct fault f = { .err = 0 };

	(void)state;
	tor_bootstrap_update(&b, AT_40);
	assert_int_equal(tor_bootstrap_update(
				 &b, "STATUS_GENERAL WARN CLOCK_SKEW "
				     "SKEW=-90000 SOURCE=DIRSERV:1.2.3.4:9"),
			 0);
	assert_int_equal(b.skew_s, -90000);
	tor_bootstrap_fault(&b, "no progress", &f);
	assert_non_null(strstr(f.hint, "25 hours behind"));
	tor_bootstrap_update(&b, "STATUS_GENERAL WARN CLOCK_SKEW SKEW=3600");
	tor_bootstrap_fault(&b, "no progress", &f);
	assert_non_null(strstr(f.hint, "60 minutes ahead"));
}

static void test_bootstrap_reads_what_transports_log(void **state)
{
	struct tor_bootstrap b = { .percent = 0 };
	struct fault f = { .err = 0 };

	(void)state;
	assert_int_equal(tor_bootstrap_update(&b, AT_40), 1);
	assert_int_equal(
		tor_bootstrap_update(&b, "WARN Proxy Client: unable to connect "
					 "OR connection (handshaking (proxy)) "
					 "with 192.0.2.1:9 ID=<none> "
					 "(\"general SOCKS server failure\")"),
		1);
	assert_non_null(strstr(b.warning, "general SOCKS server failure"));
	assert_string_equal(b.reason, "PT_CONNECT");
	assert_int_equal(tor_bootstrap_update(
				 &b, "WARN Managed proxy \"/x\" reported: not "
				     "run, because \x1b[2J"),
			 1);
	assert_string_equal(b.warning, "not run, because ?[2J");
	/* the cause is not lost in what follows from it */
	assert_int_equal(tor_bootstrap_update(
				 &b, "WARN Managed proxy \"/x\" having PID 1 "
				     "terminated with status code 125"),
			 0);
	assert_string_equal(b.warning, "not run, because ?[2J");
	tor_bootstrap_fault(&b, "no progress", &f);
	assert_non_null(strstr(f.hint, "program"));
	assert_int_equal(tor_bootstrap_update(&b, "WARN Something else (x)"),
			 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bootstrap_takes_both_forms),
		cmocka_unit_test(test_bootstrap_passes_over_others),
		cmocka_unit_test(test_bootstrap_refuses_nonsense),
		cmocka_unit_test(test_bootstrap_text_cannot_drive_a_terminal),
		cmocka_unit_test(test_bootstrap_fault_names_phase_and_cause),
		cmocka_unit_test(test_bootstrap_fault_names_the_clock),
		cmocka_unit_test(test_bootstrap_reads_what_transports_log),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
