/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_tor_onion.c - what is said to tor of services, and heard */
#include "tor/onion.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"

#define ID "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static void test_onion_command(void **state)
{
	static const char *const paths[] = { "/run/a", "/run/b" };
	struct gwmsg_onion o = {
		.flags = GWMSG_ONION_DISCARD_KEY,
		.nports = 2,
		.ports = { { 80, 8080, GWMSG_TARGET_LOOPBACK },
			   { 443, 1, GWMSG_TARGET_SELF } },
	};
	char *text;

	(void)state;
	/* never Detach; and the key is told, to make it again with */
	assert_int_equal(tor_onion_command(&o, paths, &text), 0);
	assert_string_equal(text, "ADD_ONION NEW:ED25519-V3 Port=80,unix:/run/a"
				  " Port=443,unix:/run/b");
	free(text);
	o.has_key = 1;
	o.nclients = 1;
	o.nports = 1;
	assert_int_equal(tor_onion_command(&o, paths, &text), 0);
	assert_string_equal(
		text,
		"ADD_ONION ED25519-V3:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA== Flags=V3Auth "
		"Port=80,unix:/run/a ClientAuthV3="
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
	free(text);
}

/* What would become other words, or another line. */
static void test_onion_paths(void **state)
{
	static const char *const bad[] = {
		"",           "run/a",      "/run/a b",  "/run/a\tb",
		"/run/a\r\n", "/run/\"a\"", "/run/\x80", "/run/\x7f",
	};
	struct gwmsg_onion o = { .nports = 1,
				 .ports = { { 80, 80, GWMSG_TARGET_SELF } } };
	char path[109], *text;
	const char *at = path;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(tor_onion_command(&o, &bad[i], &text),
				 -EINVAL);
	memset(path, '/', sizeof(path));
	path[108] = '\0';
	assert_int_equal(tor_onion_command(&o, &at, &text), -EINVAL);
	path[107] = '\0';
	assert_int_equal(tor_onion_command(&o, &at, &text), 0);
	free(text);
}

static void test_onion_events(void **state)
{
	static const struct {
		const char *text;
		enum gwmsg_action action;
	} lines[] = {
		{ "HS_DESC UPLOAD " ID " UNKNOWN $AB~x d HSDIR_INDEX=0",
		  GWMSG_ACTION_UPLOAD },
		{ "HS_DESC UPLOADED " ID " UNKNOWN $AB~x",
		  GWMSG_ACTION_UPLOADED },
		{ "HS_DESC FAILED " ID " UNKNOWN $AB~x REASON=UPLOAD_REJECTED",
		  GWMSG_ACTION_FAILED },
		/* who visits, and not who is visited */
		{ "HS_DESC REQUESTED " ID " NO_AUTH $AB~x d", 0 },
		{ "HS_DESC RECEIVED " ID " NO_AUTH $AB~x d", 0 },
		{ "HS_DESC FAILED " ID " NO_AUTH $AB~x REASON=NOT_FOUND", 0 },
		{ "HS_DESC FAILED " ID " NO_AUTH $AB~x", 0 },
		{ "HS_DESC CREATED " ID " UNKNOWN UNKNOWN d REPLICA=0", 0 },
		{ "HS_DESC UPLOADED a UNKNOWN $AB~x", 0 },
		{ "HS_DESC UPLOADED " ID "a UNKNOWN $AB~x", 0 },
		{ "HS_DESC UPLOADED A" ID, 0 },
		{ "HS_DESC UPLOADED ", 0 },
		{ "HS_DESC_CONTENT " ID, 0 },
		{ "STREAM 1 NEW 0 " ID ".onion:80", 0 },
		{ "", 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		struct gwmsg m = { .type = GWMSG_EVENT };

		if (tor_onion_event(lines[i].text, &m.event) !=
		    (lines[i].action != 0))
			fail_msg("%s", lines[i].text);
		if (!lines[i].action)
			continue;
		assert_int_equal(m.event.action, lines[i].action);
		assert_string_equal(m.event.service, ID);
		assert_int_equal(gwmsg_check(&m, gwmsg_size(m.type), 0), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_onion_command),
		cmocka_unit_test(test_onion_paths),
		cmocka_unit_test(test_onion_events),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
