/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_ctl_circuits.c - whose circuits they are, and the alarm */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <bsd/string.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "ctl/circview.h"
#include "ctl/memory.h"
#include "ctl/owners.h"
#include "ctl/sandboxes.h"
#include "ctl/screen.h"
#include "tor/circmap.h"

#define FP "ABCDEF0123456789ABCDEF0123456789ABCDEF01"
#define A "aaaaaaaaaaaaaaaaaaaaaaaa"
#define B "bbbbbbbbbbbbbbbbbbbbbbbb"
#define C "cccccccccccccccccccccccc"
#define DIGEST                                                                 \
	"00112233445566778899aabbccddeeff"                                     \
	"00112233445566778899aabbccddeeff"
#define SOCKS(launch, number)                                                  \
	" SOCKS_USERNAME=\"<torS0X>0\" SOCKS_PASSWORD=\"" launch number DIGEST \
	"\" CLIENT_PROTOCOL=SOCKS5"
#define OTHER(name)                                                            \
	" SOCKS_USERNAME=\"" name "\" SOCKS_PASSWORD=\"p\" "                   \
	"CLIENT_PROTOCOL=SOCKS5"

static struct sandbox_found found[] = {
	{ 10, { .launch = A, .identity = "alpha", .application = "irssi" } },
	{ 11, { .launch = B, .identity = "beta", .application = "curl\033" } },
	{ 12, { .launch = C, .identity = "alpha", .application = "curl" } },
	{ 13, { .launch = "", .identity = "none", .application = "true" } },
};
static struct owners owners;
static struct tor_circmap map;

static int setup(void **state)
{
	const struct sandboxes s = { .v = found, .n = 4 };

	(void)state;
	owners = (struct owners){ .n = 0 };
	owners_add(&owners, &s);
	tor_circmap_init(&map, "/d");
	assert_int_equal(tor_circmap_event(&map,
					   "CIRC 5 BUILT $" FP "~guard,$" FP
					   " PURPOSE=GENERAL "
					   "TIME_CREATED=2026-11-20T17:"
					   "59:48.000000"),
			 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	tor_circmap_clear(&map);
	owners_free(&owners);
	return 0;
}

static void stream(const char *line)
{
	assert_int_equal(tor_circmap_event(&map, line), 0);
}

static struct ownership judge(void)
{
	struct tor_circset set;
	struct ownership who;

	assert_true(tor_circmap_set(&map, TAILQ_FIRST(&map.circuits), &set));
	owners_judge(&owners, &set, &who);
	return who;
}

static void test_owners_are_known_once(void **state)
{
	const struct sandboxes s = { .v = found, .n = 4 };

	(void)state;
	assert_int_equal(owners.n, 3);
	owners_add(&owners, &s);
	assert_int_equal(owners.n, 3);
}

static void test_owners_of_one(void **state)
{
	struct ownership who = judge();

	(void)state;
	assert_false(who.ours);
	assert_string_equal(who.identities, "");
	stream("STREAM 1 SUCCEEDED 5 a.test:80" SOCKS(A, "00000001"));
	stream("STREAM 2 SUCCEEDED 5 a.test:80" SOCKS(A, "00000001"));
	who = judge();
	assert_true(who.ours);
	assert_false(who.is_shared);
	assert_string_equal(who.identities, "alpha");
	assert_string_equal(who.applications, "irssi");
}

/* One that has ended: tor's SocksPort says whose it was. */
static void test_owners_by_port(void **state)
{
	struct ownership who;

	(void)state;
	stream("STREAM 1 NEW 0 a.test:80 SOURCE_ADDR=/d/socks.gone:0" SOCKS(
		"dddddddddddddddddddddddd", "00000001"));
	stream("STREAM 1 SENTCONNECT 5 a.test:80" SOCKS(
		"dddddddddddddddddddddddd", "00000001"));
	who = judge();
	assert_string_equal(who.identities, "gone");
	assert_string_equal(who.applications, "");
	assert_false(who.is_shared);
}

static void test_owners_alarm(void **state)
{
	static const struct {
		const char *first, *second;
		const char *why; /* NULL: no alarm */
	} t[] = {
		{ SOCKS(A, "00000001"), SOCKS(B, "00000001"),
		  "the identities alpha, beta" },
		{ SOCKS(A, "00000001"), SOCKS(C, "00000001"),
		  "two who isolate keeps apart, of alpha: irssi, curl" },
		{ SOCKS(A, "00000001"), SOCKS(A, "00000002"),
		  "two who isolate keeps apart, of alpha: irssi" },
		{ SOCKS(A, "00000001"), OTHER("x"),
		  "alpha and somebody who is not of isolate" },
		{ SOCKS(A, "00000001"), " CLIENT_PROTOCOL=SOCKS5",
		  "alpha and somebody who is not of isolate" },
		{ SOCKS("dddddddddddddddddddddddd", "00000001"),
		  SOCKS("eeeeeeeeeeeeeeeeeeeeeeee", "00000001"),
		  "two who isolate keeps apart, of what ended: -" },
		{ SOCKS(A, "00000001"), SOCKS(A, "00000001"), NULL },
		/* tor's own */
		{ SOCKS(A, "00000001"), " CLIENT_PROTOCOL=UNKNOWN", NULL },
		/* what other programs do is their affair */
		{ OTHER("x"), OTHER("y"), NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		struct ownership who;
		char line[512];

		snprintf(line, sizeof(line), "STREAM 1 SUCCEEDED 5 a.test:80%s",
			 t[i].first);
		stream(line);
		snprintf(line, sizeof(line), "STREAM 2 SUCCEEDED 5 b.test:80%s",
			 t[i].second);
		stream(line);
		who = judge();
		if (who.is_shared != (t[i].why != NULL))
			fail_msg("%zu: %s", i, who.why);
		assert_string_equal(who.why, t[i].why ? t[i].why : "");
		teardown(state);
		setup(state);
	}
}

/* Two launches of two identities with one label: tor cannot tell them apart. */
static void test_owners_alarm_at_one_credential(void **state)
{
	struct sandbox_found twin = found[1];
	const struct sandboxes s = { .v = &twin, .n = 1 };
	struct ownership who;

	(void)state;
	stream("STREAM 1 SUCCEEDED 5 a.test:80" SOCKS(A, "00000001"));
	assert_false(judge().is_shared);
	strlcpy(twin.answer.launch, A, sizeof(twin.answer.launch));
	owners_add(&owners, &s);
	who = judge();
	assert_true(who.is_shared);
	assert_string_equal(who.why, "the identities alpha, beta");
}

/* The legs of a set are one circuit. */
static void test_owners_alarm_over_a_set(void **state)
{
	(void)state;
	stream("CIRC_MINOR 5 PURPOSE_CHANGED $" FP " CONFLUX_ID=F0");
	stream("CIRC 6 BUILT $" FP " CONFLUX_ID=F0");
	stream("STREAM 1 SUCCEEDED 5 a.test:80" SOCKS(A, "00000001"));
	assert_false(judge().is_shared);
	stream("STREAM 2 SUCCEEDED 6 a.test:80" SOCKS(B, "00000001"));
	assert_true(judge().is_shared);
}

static const char *country(void *arg, const char *relay)
{
	(void)arg;
	assert_string_equal(relay, FP);
	return "de";
}

/* A destination is hostile, and so is what an application is called. */
static void test_circview_prints(void **state)
{
	autofree char *text = NULL, *line = NULL;
	struct tor_circset set;
	struct ownership who;
	struct circview v = { .map = &map,
			      .set = &set,
			      .who = &who,
			      .country = country,
			      .now_us = 1795197588000000 + 65000000,
			      .tor = "/t" };
	struct table t;
	size_t len;
	json_t *o;
	FILE *out;

	(void)state;
	stream("STREAM 1 SUCCEEDED 5 a\033[2J.test:80" SOCKS(B, "00000001"));
	stream("STREAM 2 SENTCONNECT 5 b.test:80" SOCKS(B, "00000001"));
	stream("CIRC_BW ID=5 READ=2048 WRITTEN=7");
	tor_circmap_set(&map, TAILQ_FIRST(&map.circuits), &set);
	owners_judge(&owners, &set, &who);
	out = open_memstream(&text, &len);
	circview_table(&t);
	circview_add(&t, &v);
	table_print(&t, out);
	table_free(&t);
	fclose(out);
	assert_int_equal(strncmp(text, "CIRCUIT  IDENTITY  ", 19), 0);
	assert_non_null(strstr(text, "\n5        beta      curl\\x1b     "
				     "a\\x1b[2J.test:80  guard(de) " FP
				     "(de)  1m05s  7   2.0K\n"));
	assert_non_null(strstr(text, "   b.test:80 "));
	assert_null(strchr(text, '\033'));
	out = open_memstream(&line, &len);
	circview_line(&v, out);
	fclose(out);
	assert_non_null(strstr(line, "  circuit 5 open  beta  curl\\x1b  "
				     "a\\x1b[2J.test:80,b.test:80...  by "
				     "guard(de) "));
	assert_null(strchr(line, '\033'));
	o = circview_json(&v);
	assert_string_equal(json_string_value(json_object_get(o, "identity")),
			    "beta");
	assert_int_equal(json_integer_value(json_object_get(o, "bytes_down")),
			 2048);
	assert_int_equal(json_array_size(json_object_get(o, "streams")), 2);
	json_decref(o);
}

static void test_screen_cuts(void **state)
{
	(void)state;
	assert_int_equal(screen_cut("abc", 80), 3);
	assert_int_equal(screen_cut("abc\ndef", 80), 3);
	assert_int_equal(screen_cut("abcdef", 3), 3);
	assert_int_equal(screen_cut("", 3), 0);
	assert_int_equal(screen_cut("\nabc", 3), 0);
	assert_int_equal(screen_cut("abc", 0), 0);
}

static void test_memory_parses_stat(void **state)
{
	pid_t pid = 0, parent = 0;

	(void)state;
	assert_int_equal(
		memory_parse_stat("12 (a ) R 7 x) S 34 1 2\n", &pid, &parent),
		0);
	assert_int_equal(pid, 12);
	assert_int_equal(parent, 34);
	assert_int_equal(memory_parse_stat("1 (init) S 0 1", &pid, &parent), 0);
	assert_true(memory_parse_stat("", &pid, &parent) < 0);
	assert_true(memory_parse_stat("12 (a", &pid, &parent) < 0);
	assert_true(memory_parse_stat("12 (a) S", &pid, &parent) < 0);
	assert_true(memory_parse_stat("-2 (a) S 1", &pid, &parent) < 0);
}

#define WITH_MAP(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_MAP(test_owners_are_known_once),
		WITH_MAP(test_owners_of_one),
		WITH_MAP(test_owners_by_port),
		WITH_MAP(test_owners_alarm),
		WITH_MAP(test_owners_alarm_at_one_credential),
		WITH_MAP(test_owners_alarm_over_a_set),
		WITH_MAP(test_circview_prints),
		cmocka_unit_test(test_screen_cuts),
		cmocka_unit_test(test_memory_parses_stat),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
