/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_zone.c - which kind of answer which question gets */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/attr.h"
#include "gateway/zone.h"

#define TXT 16
#define AAAA 28
#define IXFR 251
#define ONION "2gzyxa5ihm7nsggfxnu52rck2vv4rvmdlkiu3zzui5du4xyclen53wid"

struct row {
	const char *name;
	uint16_t type;
	enum zone_verdict names;   /* with dns = names */
	enum zone_verdict resolve; /* with dns = resolve */
	const char *about;         /* name in the destination */
};

static const struct row rows[] = {
	{ "www.example.com", DNS_A, ZONE_ASSIGN, ZONE_RESOLVE,
	  "www.example.com" },
	{ "WWW.example.COM", DNS_A, ZONE_ASSIGN, ZONE_RESOLVE,
	  "www.example.com" },
	{ "www.example.com", DNS_ANY, ZONE_ASSIGN, ZONE_RESOLVE, NULL },
	{ "www.test", DNS_A, ZONE_ASSIGN, ZONE_RESOLVE, NULL },
	{ "www.example.com", AAAA, ZONE_KNOWN, ZONE_KNOWN, NULL },
	{ "www.example.com", TXT, ZONE_KNOWN, ZONE_KNOWN, NULL },
	{ "www.example.com", DNS_PTR, ZONE_KNOWN, ZONE_KNOWN, NULL },
	{ "www.example.com", 65280, ZONE_KNOWN, ZONE_KNOWN, NULL },
	{ "www.example.com", IXFR, ZONE_NOTIMP, ZONE_NOTIMP, NULL },
	{ "www.example.com", 252, ZONE_NOTIMP, ZONE_NOTIMP, NULL },
	{ "www.example.com", 128, ZONE_NOTIMP, ZONE_NOTIMP, NULL },
	{ "_sip._tcp.example.com", 33, ZONE_KNOWN, ZONE_KNOWN, NULL },
	{ "", DNS_A, ZONE_EMPTY, ZONE_EMPTY, NULL },
	{ "", 2, ZONE_EMPTY, ZONE_EMPTY, NULL },
	/* RFC 7686 */
	{ ONION ".onion", DNS_A, ZONE_ASSIGN, ZONE_ASSIGN, ONION ".onion" },
	{ "www." ONION ".ONION", DNS_A, ZONE_ASSIGN, ZONE_ASSIGN, NULL },
	{ ONION ".onion", AAAA, ZONE_KNOWN, ZONE_KNOWN, NULL },
	{ "facebookcorewwwi.onion", DNS_A, ZONE_NXDOMAIN, ZONE_NXDOMAIN, NULL },
	{ "onion", DNS_A, ZONE_NXDOMAIN, ZONE_NXDOMAIN, NULL },
	/* only this machine or its network could answer */
	{ "router.local", DNS_A, ZONE_NXDOMAIN, ZONE_NXDOMAIN, NULL },
	{ "router.local", AAAA, ZONE_NXDOMAIN, ZONE_NXDOMAIN, NULL },
	{ "LOCAL", DNS_A, ZONE_NXDOMAIN, ZONE_NXDOMAIN, NULL },
	{ "printer.home.arpa", DNS_A, ZONE_NXDOMAIN, ZONE_NXDOMAIN, NULL },
	{ "metadata.google.internal", DNS_A, ZONE_NXDOMAIN, ZONE_NXDOMAIN,
	  NULL },
	{ "host.localdomain", DNS_A, ZONE_NXDOMAIN, ZONE_NXDOMAIN, NULL },
	{ "nas", DNS_A, ZONE_NXDOMAIN, ZONE_NXDOMAIN, NULL },
	{ "wpad", DNS_A, ZONE_NXDOMAIN, ZONE_NXDOMAIN, NULL },
	/* tor's own */
	{ "www.example.com.relay.exit", DNS_A, ZONE_NXDOMAIN, ZONE_NXDOMAIN,
	  NULL },
	{ "x.noconnect", DNS_A, ZONE_NXDOMAIN, ZONE_NXDOMAIN, NULL },
	/* RFC 6761, 9476 */
	{ "localhost", DNS_A, ZONE_LOOPBACK, ZONE_LOOPBACK, NULL },
	{ "LocalHost", DNS_A, ZONE_LOOPBACK, ZONE_LOOPBACK, NULL },
	{ "a.localhost", DNS_A, ZONE_LOOPBACK, ZONE_LOOPBACK, NULL },
	{ "localhost", AAAA, ZONE_EMPTY, ZONE_EMPTY, NULL },
	{ "notlocalhost", DNS_A, ZONE_NXDOMAIN, ZONE_NXDOMAIN, NULL },
	{ "a.invalid", DNS_A, ZONE_NXDOMAIN, ZONE_NXDOMAIN, NULL },
	{ "a.gns.alt", DNS_A, ZONE_NXDOMAIN, ZONE_NXDOMAIN, NULL },
	{ "a.example", DNS_A, ZONE_ASSIGN, ZONE_RESOLVE, NULL },
	/* addresses are no names */
	{ "192.0.2.1", DNS_A, ZONE_NXDOMAIN, ZONE_NXDOMAIN, NULL },
	{ "127.0.0.1", DNS_A, ZONE_NXDOMAIN, ZONE_NXDOMAIN, NULL },
	{ "0x7f.1", DNS_A, ZONE_NXDOMAIN, ZONE_NXDOMAIN, NULL },
	{ "2130706433", DNS_A, ZONE_NXDOMAIN, ZONE_NXDOMAIN, NULL },
	{ "::1", DNS_A, ZONE_NXDOMAIN, ZONE_NXDOMAIN, NULL },
	{ "[2001:db8::1]", DNS_A, ZONE_NXDOMAIN, ZONE_NXDOMAIN, NULL },
	{ "2001:db8::1", DNS_A, ZONE_NXDOMAIN, ZONE_NXDOMAIN, NULL },
	{ "a b.example.com", DNS_A, ZONE_NXDOMAIN, ZONE_NXDOMAIN, NULL },
	{ "\xc3\xa4.example.com", DNS_A, ZONE_NXDOMAIN, ZONE_NXDOMAIN, NULL },
	{ "a/../b.com", DNS_A, ZONE_NXDOMAIN, ZONE_NXDOMAIN, NULL },
	/* reverse */
	{ "1.2.192.10.in-addr.arpa", DNS_PTR, ZONE_NAME_OF, ZONE_NAME_OF, "" },
	{ "1.2.255.10.IN-ADDR.arpa", DNS_PTR, ZONE_NAME_OF, ZONE_NAME_OF,
	  NULL },
	{ "1.2.192.10.in-addr.arpa", DNS_A, ZONE_EMPTY, ZONE_EMPTY, NULL },
	{ "1.2.191.10.in-addr.arpa", DNS_PTR, ZONE_NXDOMAIN, ZONE_NXDOMAIN,
	  NULL },
	{ "10.152.152.10.in-addr.arpa", DNS_PTR, ZONE_NXDOMAIN, ZONE_NXDOMAIN,
	  NULL },
	{ "1.0.0.127.in-addr.arpa", DNS_PTR, ZONE_NXDOMAIN, ZONE_NXDOMAIN,
	  NULL },
	{ "1.1.168.192.in-addr.arpa", DNS_PTR, ZONE_NXDOMAIN, ZONE_NXDOMAIN,
	  NULL },
	{ "8.8.8.8.in-addr.arpa", DNS_PTR, ZONE_NXDOMAIN, ZONE_RESOLVE_PTR,
	  "" },
	{ "8.8.8.8.in-addr.arpa", DNS_A, ZONE_NXDOMAIN, ZONE_EMPTY, NULL },
	{ "8.8.8.in-addr.arpa", DNS_PTR, ZONE_NXDOMAIN, ZONE_NXDOMAIN, NULL },
	{ "8.8.8.8.8.in-addr.arpa", DNS_PTR, ZONE_NXDOMAIN, ZONE_NXDOMAIN,
	  NULL },
	{ "8.8.8.256.in-addr.arpa", DNS_PTR, ZONE_NXDOMAIN, ZONE_NXDOMAIN,
	  NULL },
	{ "8.8.8.08.in-addr.arpa", DNS_PTR, ZONE_NXDOMAIN, ZONE_NXDOMAIN,
	  NULL },
	{ "8.8.8.x8.in-addr.arpa", DNS_PTR, ZONE_NXDOMAIN, ZONE_NXDOMAIN,
	  NULL },
	{ "in-addr.arpa", DNS_PTR, ZONE_NXDOMAIN, ZONE_NXDOMAIN, NULL },
	/* 2001:4860:4860::8888, ::1, fe80::1, ::ffff:10.0.0.1 */
	{ "8.8.8.8.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.6.8.4.0.6.8.4.1.0.0.2."
	  "ip6.arpa",
	  DNS_PTR, ZONE_NXDOMAIN, ZONE_RESOLVE_PTR, "" },
	{ "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0."
	  "ip6.arpa",
	  DNS_PTR, ZONE_NXDOMAIN, ZONE_NXDOMAIN, NULL },
	{ "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.e.f."
	  "ip6.arpa",
	  DNS_PTR, ZONE_NXDOMAIN, ZONE_NXDOMAIN, NULL },
	{ "1.0.0.0.0.0.a.0.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0."
	  "ip6.arpa",
	  DNS_PTR, ZONE_NXDOMAIN, ZONE_NXDOMAIN, NULL },
	{ "8.8.8.8.ip6.arpa", DNS_PTR, ZONE_NXDOMAIN, ZONE_NXDOMAIN, NULL },
	{ "g.8.8.8.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.6.8.4.0.6.8.4.1.0.0.2."
	  "ip6.arpa",
	  DNS_PTR, ZONE_NXDOMAIN, ZONE_NXDOMAIN, NULL },
};

static struct dns_query query(const char *name, uint16_t type)
{
	struct dns_query q = { .type = type, .class = DNS_IN, .plain = true };

	q.name_len = (uint16_t)strlen(name);
	memcpy(q.name, name, q.name_len + 1U);
	return q;
}

static void test_zone_verdicts(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct row *r = &rows[i];
		struct dns_query q = query(r->name, r->type);
		struct destination d;
		enum zone_verdict names, resolve;

		resolve = zone_judge(&q, true, &d);
		names = zone_judge(&q, false, &d);
		if (names != r->names || resolve != r->resolve)
			fail_msg("%s, type %u: %d and %d", r->name, r->type,
				 (int)names, (int)resolve);
		assert_int_equal(d.port, 0);
		if (r->about)
			assert_string_equal(d.name, r->about);
	}
}

static void test_zone_reverse_address(void **state)
{
	struct dns_query q = query("4.3.200.10.in-addr.arpa", DNS_PTR);
	struct destination d;

	(void)state;
	assert_int_equal(zone_judge(&q, false, &d), ZONE_NAME_OF);
	assert_memory_equal(d.addr, "\x0a\xc8\x03\x04", 4);
	q = query("8.8.8.8.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.6.8.4.0.6.8.4.1."
		  "0.0.2.ip6.arpa",
		  DNS_PTR);
	assert_int_equal(zone_judge(&q, true, &d), ZONE_RESOLVE_PTR);
	assert_int_equal(d.kind, DESTINATION_V6);
	assert_memory_equal(
		d.addr, "\x20\x01\x48\x60\x48\x60\0\0\0\0\0\0\0\0\x88\x88", 16);
}

static void test_zone_other_classes(void **state)
{
	struct dns_query q = query("version.bind", TXT);
	struct destination d;

	(void)state;
	q.class = 3;
	assert_int_equal(zone_judge(&q, true, &d), ZONE_REFUSED);
	q.class = 255;
	assert_int_equal(zone_judge(&q, true, &d), ZONE_REFUSED);
	q.class = 0;
	assert_int_equal(zone_judge(&q, true, &d), ZONE_REFUSED);
}

/* One label "a.com" is another name than two. */
static void test_zone_not_plain(void **state)
{
	struct dns_query q = query("www.a.com", DNS_A);
	struct destination d;

	(void)state;
	q.plain = false;
	assert_int_equal(zone_judge(&q, true, &d), ZONE_NXDOMAIN);
	assert_int_equal(zone_judge(&q, false, &d), ZONE_NXDOMAIN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_zone_verdicts),
		cmocka_unit_test(test_zone_reverse_address),
		cmocka_unit_test(test_zone_other_classes),
		cmocka_unit_test(test_zone_not_plain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
