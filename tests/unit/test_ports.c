/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_ports.c - which ports are opened, and what they isolate by */
#include "launcher/ports.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/fd.h"
#include "launcher/plan.h"
#include "launcher/sync.h"

#define D GWMSG_BY_DESTINATION
#define P GWMSG_BY_PORT
#define SOCKS GWMSG_LISTEN_SOCKS
#define HTTP GWMSG_LISTEN_HTTP

/* The table of Whonix, once more and by hand. */
static const struct {
	uint16_t port;
	enum gwmsg_listener_kind kind; /* UNSET: there is none */
	uint32_t isolate;
} table[] = {
	{ 9049, 0, 0 },         { 9050, SOCKS, 0 },     { 9051, 0, 0 },
	{ 9099, 0, 0 },         { 9100, SOCKS, 0 },     { 9101, SOCKS, D | P },
	{ 9102, SOCKS, D | P }, { 9103, SOCKS, D | P }, { 9104, SOCKS, 0 },
	{ 9105, SOCKS, D | P }, { 9106, SOCKS, D | P }, { 9107, SOCKS, D | P },
	{ 9108, SOCKS, D | P }, { 9109, SOCKS, D | P }, { 9110, SOCKS, D | P },
	{ 9111, SOCKS, 0 },     { 9112, 0, 0 },         { 9113, 0, 0 },
	{ 9114, SOCKS, D | P }, { 9115, SOCKS, D | P }, { 9116, 0, 0 },
	{ 9117, SOCKS, D | P }, { 9118, SOCKS, D | P }, { 9119, 0, 0 },
	{ 9121, 0, 0 },         { 9122, SOCKS, 0 },     { 9123, SOCKS, 0 },
	{ 9124, SOCKS, 0 },     { 9125, SOCKS, 0 },     { 9126, 0, 0 },
	{ 9149, 0, 0 },         { 9150, SOCKS, 0 },     { 9151, 0, 0 },
	{ 9152, SOCKS, 0 },     { 9159, SOCKS, 0 },     { 9160, SOCKS, D },
	{ 9169, SOCKS, D },     { 9170, SOCKS, P },     { 9179, SOCKS, P },
	{ 9180, SOCKS, D | P }, { 9189, SOCKS, D | P }, { 9190, HTTP, 0 },
	{ 9199, HTTP, 0 },      { 9200, HTTP, D },      { 9209, HTTP, D },
	{ 9210, HTTP, P },      { 9219, HTTP, P },      { 9220, HTTP, D | P },
	{ 9229, HTTP, D | P },  { 9230, 0, 0 },
};

static int make(struct plan *p, const char *text, struct fault *f)
{
	struct profile *profile = profile_new("test");
	char set[128];
	int rc;

	*p = (struct plan){ 0 };
	snprintf(set, sizeof(set), "socks-ports=%s", text);
	rc = profile_set(profile, set, "--set", f);
	if (rc == 0)
		rc = ports_make(p, profile, f);
	profile_free(profile);
	return rc;
}

static const struct plan_listener *find(const struct plan *p,
					enum plan_side side, uint16_t port)
{
	const struct plan_listener *found = NULL;

	for (size_t i = 0; i < p->nlisteners; i++) {
		if (p->listeners[i].side != side ||
		    p->listeners[i].port != port)
			continue;
		/* once */
		assert_null(found);
		found = &p->listeners[i];
	}
	return found;
}

static void test_ports_all(void **state)
{
	struct fault f = { 0 };
	struct plan p;

	(void)state;
	assert_int_equal(make(&p, "all", &f), 0);
	/* 1 + 16 + 4 + 1 + 38 + 40, and two on loopback */
	assert_int_equal(p.nlisteners, 102);
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		const struct plan_listener *l =
			find(&p, PLAN_SIDE_GATEWAY, table[i].port);

		if (!table[i].kind) {
			assert_null(l);
			continue;
		}
		assert_non_null(l);
		assert_int_equal(l->kind, table[i].kind);
		assert_int_equal(l->isolate, table[i].isolate);
		assert_int_equal(l->flags, table[i].port == 9150
						   ? GWMSG_EXTENDED_ERRORS
						   : 0);
	}
	assert_non_null(find(&p, PLAN_SIDE_LOOPBACK, 9050));
	assert_int_equal(find(&p, PLAN_SIDE_LOOPBACK, 9150)->flags,
			 GWMSG_EXTENDED_ERRORS);
	plan_free(&p);
}

/* With room for the transparent ports: one message has to carry them all. */
static void test_ports_fit_into_one_message(void **state)
{
	struct fault f = { 0 };
	struct plan p;

	(void)state;
	assert_int_equal(make(&p, "all 9050", &f), -EINVAL);
	assert_int_equal(make(&p, "all", &f), 0);
	assert_true(p.nlisteners + 30 <= GWMSG_LISTENERS_MAX);
	assert_true(p.nlisteners + 30 <= SYNC_FDS_MAX);
	assert_true(SYNC_FDS_MAX <= FD_PASS_MAX);
	plan_free(&p);
}

/* What G redirects to is there in transparent mode, whatever is selected. */
static void test_ports_redirected(void **state)
{
	static const char *const texts[] = { "none", "9101", "all" };
	static const size_t others[] = { 0, 1, 102 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct profile *profile = profile_new("test");
		struct plan p = { .transparent = true };
		struct fault f = { 0 };
		char set[64];

		snprintf(set, sizeof(set), "socks-ports=%s", texts[i]);
		assert_int_equal(profile_set(profile, set, "--set", &f), 0);
		assert_int_equal(ports_make(&p, profile, &f), 0);
		assert_int_equal(p.nlisteners, others[i] + 3);
		assert_true(p.nlisteners <= GWMSG_LISTENERS_MAX);
		assert_int_equal(p.listeners[others[i]].port, 9040);
		assert_int_equal(p.listeners[others[i]].kind,
				 GWMSG_LISTEN_TRANSPARENT);
		assert_int_equal(p.listeners[others[i] + 1].port, 5300);
		assert_int_equal(p.listeners[others[i] + 1].kind,
				 GWMSG_LISTEN_DNS_UDP);
		assert_int_equal(p.listeners[others[i] + 2].port, 5300);
		assert_int_equal(p.listeners[others[i] + 2].kind,
				 GWMSG_LISTEN_DNS_TCP);
		plan_free(&p);
		profile_free(profile);
	}
}

static void test_ports_selected(void **state)
{
	struct fault f = { 0 };
	struct plan p;

	(void)state;
	assert_int_equal(make(&p, "9101 9150-9152 9150 9110-9114", &f), 0);
	/* 9101, 9110, 9111, 9114, 9150 twice, 9152 */
	assert_int_equal(p.nlisteners, 7);
	assert_non_null(find(&p, PLAN_SIDE_GATEWAY, 9114));
	assert_null(find(&p, PLAN_SIDE_GATEWAY, 9050));
	assert_null(find(&p, PLAN_SIDE_LOOPBACK, 9050));
	assert_non_null(find(&p, PLAN_SIDE_LOOPBACK, 9150));
	plan_free(&p);
	assert_int_equal(make(&p, "none", &f), 0);
	assert_int_equal(p.nlisteners, 0);
	plan_free(&p);
	assert_true(ports_is_open("all", 9190));
	assert_true(ports_is_open("9050 9190-9200", 9191));
	assert_false(ports_is_open("9050 9190-9200", 9201));
	assert_false(ports_is_open("none", 9050));
}

static void test_ports_refused(void **state)
{
	static const char *const texts[] = { "9051",      "9050 9112-9113",
					     "1-9049",    "9300-9400",
					     "9050,9150", "none 9050",
					     "9050 x",    "0" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct fault f = { 0 };
		struct plan p;

		if (make(&p, texts[i], &f) != -EINVAL)
			fail_msg("taken: %s", texts[i]);
		assert_int_equal(strncmp(f.what, "--set: socks-ports: ", 20),
				 0);
		plan_free(&p);
	}
}

static void test_ports_print_ranges(void **state)
{
	struct fault f = { 0 };
	char *text = NULL;
	struct plan p;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	(void)state;
	assert_int_equal(make(&p, "9050 9100-9102 9150 9190-9200", &f), 0);
	ports_print(&p, out);
	fclose(out);
	assert_string_equal(
		text,
		"listener: 10.152.152.10:9050 socks\n"
		"listener: 10.152.152.10:9100 socks\n"
		"listener: 10.152.152.10:9101-9102 socks, by destination port\n"
		"listener: 10.152.152.10:9150 socks, extended errors\n"
		"listener: 10.152.152.10:9190-9199 http\n"
		"listener: 10.152.152.10:9200 http, by destination\n"
		"listener: 127.0.0.1:9050 socks\n"
		"listener: 127.0.0.1:9150 socks, extended errors\n");
	free(text);
	plan_free(&p);
}

static void test_ports_control(void **state)
{
	struct profile *profile = profile_new("test");
	struct plan p = { .control = GWMSG_LEVEL_MINIMAL };
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(ports_make(&p, profile, &f), 0);
	assert_int_equal(find(&p, PLAN_SIDE_GATEWAY, 9051)->kind,
			 GWMSG_LISTEN_CONTROL);
	assert_int_equal(find(&p, PLAN_SIDE_LOOPBACK, 9051)->kind,
			 GWMSG_LISTEN_CONTROL);
	assert_int_equal(p.control_socks[0], 9050);
	assert_int_equal(p.control_socks[1], 9150);
	plan_free(&p);
	/* no level: none; and it is not to be had as a SocksPort */
	assert_int_equal(make(&p, "all", &f), 0);
	assert_null(find(&p, PLAN_SIDE_GATEWAY, 9051));
	assert_null(find(&p, PLAN_SIDE_LOOPBACK, 9051));
	plan_free(&p);
	assert_int_equal(make(&p, "9051", &f), -EINVAL);
	plan_free(&p);
	/* what is not open is not told of */
	p = (struct plan){ .control = GWMSG_LEVEL_MINIMAL };
	assert_int_equal(profile_set(profile, "socks-ports=9150", "x", &f), 0);
	assert_int_equal(ports_make(&p, profile, &f), 0);
	assert_int_equal(p.control_socks[0], 9150);
	assert_int_equal(p.control_socks[1], 0);
	plan_free(&p);
	profile_free(profile);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ports_all),
		cmocka_unit_test(test_ports_fit_into_one_message),
		cmocka_unit_test(test_ports_redirected),
		cmocka_unit_test(test_ports_selected),
		cmocka_unit_test(test_ports_refused),
		cmocka_unit_test(test_ports_print_ranges),
		cmocka_unit_test(test_ports_control),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
