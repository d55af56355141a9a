/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_dns.c - DNS messages, ours and hostile ones */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/attr.h"
#include "gateway/dns.h"

/* A literal and its length, the final NUL left out. */
#define LIT(s) (const uint8_t *)(s), sizeof(s) - 1
/* id, RD; questions, answers, authorities, additional */
#define HEAD(q, an, ns, ar)                                                    \
	"\x12\x34\x01\x00\x00" q "\x00" an "\x00" ns "\x00" ar
#define HEAD1 HEAD("\x01", "\x00", "\x00", "\x00")
#define HEAD1_OPT HEAD("\x01", "\x00", "\x00", "\x01")
#define QNAME                                                                  \
	"\x03WwW\x07"                                                          \
	"Example\x03"                                                          \
	"com\x00"
#define A_IN "\x00\x01\x00\x01"
#define QUESTION QNAME A_IN
/* root, OPT, size, extended rcode, version, flags, length */
#define OPT(size, version, do) "\x00\x00\x29" size "\x00" version do "\x00\x00"

struct row {
	const char *what;
	const uint8_t *bytes;
	size_t len;
	enum dns_verdict verdict;
	enum dns_rcode rcode;
};

#define ROW(what, bytes, verdict, rcode)                                       \
	{                                                                      \
		what, LIT(bytes), verdict, rcode                               \
	}

#define LABEL63                                                                \
	"\x3f"                                                                 \
	"123456789012345678901234567890123456789012345678901234567890123"

static const struct row rows[] = {
	ROW("nothing", "", DNS_DROP, 0),
	ROW("half a header", "\x12\x34\x01\x00\x00\x01", DNS_DROP, 0),
	/* a server that is answered would answer: two could go on for ever */
	ROW("a response", "\x12\x34\x81\x80\0\x01\0\0\0\0\0\0" QUESTION,
	    DNS_DROP, 0),
	ROW("a response, as if in error", "\x12\x34\x80\x01\0\0\0\0\0\0\0\0",
	    DNS_DROP, 0),
	ROW("a query", HEAD1 QUESTION, DNS_QUERY, DNS_NOERROR),
	ROW("the root", HEAD1 "\x00" A_IN, DNS_QUERY, DNS_NOERROR),
	ROW("STATUS", "\x12\x34\x10\x00\0\x01\0\0\0\0\0\0" QUESTION, DNS_ERROR,
	    DNS_NOTIMP),
	ROW("NOTIFY", "\x12\x34\x20\x00\0\x01\0\0\0\0\0\0" QUESTION, DNS_ERROR,
	    DNS_NOTIMP),
	ROW("UPDATE", "\x12\x34\x28\x00\0\x01\0\0\0\0\0\0" QUESTION, DNS_ERROR,
	    DNS_NOTIMP),
	ROW("no question", HEAD("\x00", "\x00", "\x00", "\x00"), DNS_ERROR,
	    DNS_FORMERR),
	ROW("two questions",
	    HEAD("\x02", "\x00", "\x00", "\x00") QUESTION QUESTION, DNS_ERROR,
	    DNS_FORMERR),
	ROW("an answer", HEAD("\x01", "\x01", "\x00", "\x00") QUESTION,
	    DNS_ERROR, DNS_FORMERR),
	ROW("an authority", HEAD("\x01", "\x00", "\x01", "\x00") QUESTION,
	    DNS_ERROR, DNS_FORMERR),
	ROW("two OPTs",
	    HEAD("\x01", "\x00", "\x00", "\x02") QUESTION OPT(
		    "\x04\xd0", "\0", "\0\0") OPT("\x04\xd0", "\0", "\0\0"),
	    DNS_ERROR, DNS_FORMERR),
	ROW("question without an end", HEAD1 "\x03www", DNS_ERROR, DNS_FORMERR),
	ROW("label without its bytes", HEAD1 "\x20www\x00" A_IN, DNS_ERROR,
	    DNS_FORMERR),
	ROW("no type", HEAD1 QNAME, DNS_ERROR, DNS_FORMERR),
	ROW("half a class", HEAD1 QNAME "\x00\x01\x00", DNS_ERROR, DNS_FORMERR),
	ROW("a pointer to itself", HEAD1 "\xc0\x0c" A_IN, DNS_ERROR,
	    DNS_FORMERR),
	ROW("a pointer after a label", HEAD1 "\x03www\xc0\x0c" A_IN, DNS_ERROR,
	    DNS_FORMERR),
	ROW("a label of type 01", HEAD1 "\x40www\x00" A_IN, DNS_ERROR,
	    DNS_FORMERR),
	ROW("a label of type 10", HEAD1 "\x80www\x00" A_IN, DNS_ERROR,
	    DNS_FORMERR),
	ROW("the longest name",
	    HEAD1 LABEL63 LABEL63 LABEL63
	    "\x3d"
	    "1234567890123456789012345678901234567890123456789012345678901"
	    "\x00" A_IN,
	    DNS_QUERY, DNS_NOERROR),
	ROW("a byte longer",
	    HEAD1 LABEL63 LABEL63 LABEL63
	    "\x3e"
	    "12345678901234567890123456789012345678901234567890123456789012"
	    "\x00" A_IN,
	    DNS_ERROR, DNS_FORMERR),
	ROW("far longer", HEAD1 LABEL63 LABEL63 LABEL63 LABEL63 "\x00" A_IN,
	    DNS_ERROR, DNS_FORMERR),
	ROW("a byte behind the end", HEAD1 QUESTION "x", DNS_ERROR,
	    DNS_FORMERR),
	ROW("OPT that was not announced",
	    HEAD1 QUESTION OPT("\x04\xd0", "\0", "\0\0"), DNS_ERROR,
	    DNS_FORMERR),
	ROW("OPT that is missing", HEAD1_OPT QUESTION, DNS_ERROR, DNS_FORMERR),
	ROW("OPT", HEAD1_OPT QUESTION OPT("\x04\xd0", "\0", "\0\0"), DNS_QUERY,
	    DNS_NOERROR),
	ROW("OPT of another version",
	    HEAD1_OPT QUESTION OPT("\x04\xd0", "\x01", "\0\0"), DNS_ERROR,
	    DNS_BADVERS),
	ROW("OPT with an owner",
	    HEAD1_OPT QUESTION "\x01x\x00\x00\x29\x04\xd0\0\0\0\0\0\0",
	    DNS_ERROR, DNS_FORMERR),
	ROW("OPT whose owner is a pointer",
	    HEAD1_OPT QUESTION "\xc0\x0c\x00\x29\x04\xd0\0\0\0\0\0\0",
	    DNS_ERROR, DNS_FORMERR),
	ROW("OPT in the question", HEAD1 QNAME "\x00\x29\x00\x01", DNS_ERROR,
	    DNS_FORMERR),
	ROW("TSIG instead of OPT",
	    HEAD1_OPT QUESTION "\x00\x00\xfa\x00\xff\0\0\0\0\0\0", DNS_ERROR,
	    DNS_FORMERR),
	ROW("an option: a cookie",
	    HEAD1_OPT QUESTION "\0\0\x29\x04\xd0\0\0\0\0\0\x0c"
			       "\0\x0a\0\x08"
			       "12345678",
	    DNS_QUERY, DNS_NOERROR),
	ROW("an option longer than the record",
	    HEAD1_OPT QUESTION "\0\0\x29\x04\xd0\0\0\0\0\0\x0c"
			       "\0\x0a\0\x09"
			       "12345678",
	    DNS_ERROR, DNS_FORMERR),
	ROW("half an option",
	    HEAD1_OPT QUESTION "\0\0\x29\x04\xd0\0\0\0\0\0\x02\0\x0a",
	    DNS_ERROR, DNS_FORMERR),
	ROW("a record longer than the message",
	    HEAD1_OPT QUESTION "\0\0\x29\x04\xd0\0\0\0\0\xff\xff", DNS_ERROR,
	    DNS_FORMERR),
};

static void test_dns_verdicts(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct row *r = &rows[i];
		uint8_t out[DNS_OUT_MAX];
		struct dns_answer a = { .rcode = r->rcode };
		struct dns_query q;
		size_t len;

		if (dns_parse(r->bytes, r->len, &q) != r->verdict ||
		    (r->verdict != DNS_DROP && q.rcode != r->rcode))
			fail_msg("%s: rcode %d", r->what, (int)q.rcode);
		if (r->verdict == DNS_DROP)
			continue;
		/* whatever is wrong with it, the client knows its answer */
		len = dns_encode(&q, &a, DNS_UDP_MIN, out);
		assert_true(len >= 12 && len <= DNS_UDP_MIN);
		assert_memory_equal(out, "\x12\x34", 2);
		assert_true(out[2] & 0x80);
		assert_int_equal(out[3] & 15, r->rcode & 15);
	}
}

static void test_dns_too_long_is_refused(void **state)
{
	uint8_t in[DNS_IN_MAX + 1] = HEAD1_OPT QUESTION "\0\0\x29\x04\xd0\0\0"
							"\0\0";
	size_t head = sizeof(HEAD1_OPT QUESTION) - 1 + 9;
	size_t left = sizeof(in) - head - 2;
	struct dns_query q;

	(void)state;
	/* one option that fills it */
	in[head] = (uint8_t)(left >> 8);
	in[head + 1] = (uint8_t)left;
	in[head + 3] = 12;
	in[head + 4] = (uint8_t)((left - 4) >> 8);
	in[head + 5] = (uint8_t)(left - 4);
	assert_int_equal(dns_parse(in, sizeof(in), &q), DNS_ERROR);
	assert_int_equal(q.rcode, DNS_FORMERR);
	in[head + 1]--;
	in[head + 5]--;
	assert_int_equal(dns_parse(in, sizeof(in) - 1, &q), DNS_QUERY);
}

static void test_dns_what_is_read(void **state)
{
	struct dns_query q;

	(void)state;
	assert_int_equal(dns_parse(LIT(HEAD1_OPT QUESTION OPT("\x10\x00", "\0",
							      "\x80\0")),
				   &q),
			 DNS_QUERY);
	assert_int_equal(q.id, 0x1234);
	assert_int_equal(q.type, DNS_A);
	assert_int_equal(q.class, DNS_IN);
	assert_true(q.plain && q.edns && q.dnssec_ok);
	assert_int_equal(q.udp_size, 4096);
	assert_string_equal(q.name, "WwW.Example.com");
	assert_int_equal(q.name_len, 15);
	assert_int_equal(dns_udp_max(&q), 1232);
	q.udp_size = 100;
	assert_int_equal(dns_udp_max(&q), 512);
	q.udp_size = 600;
	assert_int_equal(dns_udp_max(&q), 600);
	q.edns = false;
	assert_int_equal(dns_udp_max(&q), 512);
	/* labels with dots and NULs are no text */
	assert_int_equal(dns_parse(LIT(HEAD1 "\x03"
					     "a.b\x03"
					     "com\x00" A_IN),
				   &q),
			 DNS_QUERY);
	assert_false(q.plain);
	assert_int_equal(dns_parse(LIT(HEAD1 "\x03"
					     "a\0b\x03"
					     "com\x00" A_IN),
				   &q),
			 DNS_QUERY);
	assert_false(q.plain);
	assert_int_equal(q.name_len, 7);
}

#define ANSWER_HEAD(flags, an, ar)                                             \
	"\x12\x34" flags "\x00\x01\x00" an "\x00\x00\x00" ar

static void encodes(const uint8_t *query, size_t query_len,
		    const struct dns_answer *a, size_t max, const uint8_t *want,
		    size_t want_len)
{
	uint8_t out[DNS_OUT_MAX];
	struct dns_query q;

	assert_int_not_equal(dns_parse(query, query_len, &q), DNS_DROP);
	assert_int_equal(dns_encode(&q, a, max, out), want_len);
	assert_memory_equal(out, want, want_len);
}

static void test_dns_answers(void **state)
{
	struct dns_answer a = { .type = DNS_A,
				.ttl_s = 60,
				.addr = { 10, 192, 1, 2 } };

	(void)state;
	/* the question as it came, upper case too */
	encodes(LIT(HEAD1 QUESTION), &a, 512,
		LIT(ANSWER_HEAD("\x81\x80", "\x01", "\x00") QUESTION
		    "\xc0\x0c" A_IN "\0\0\0\x3c\0\x04"
		    "\x0a\xc0\x01\x02"));
	encodes(LIT(HEAD1_OPT QUESTION OPT("\x10\x00", "\0", "\x80\0")), &a,
		512,
		LIT(ANSWER_HEAD("\x81\x80", "\x01", "\x01") QUESTION
		    "\xc0\x0c" A_IN "\0\0\0\x3c\0\x04"
		    "\x0a\xc0\x01\x02" OPT("\x04\xd0", "\0", "\x80\0")));
	/* no RD, but CD */
	encodes(LIT("\x12\x34\x00\x10\0\x01\0\0\0\0\0\0" QUESTION), &a, 512,
		LIT(ANSWER_HEAD("\x80\x90", "\x01", "\x00") QUESTION
		    "\xc0\x0c" A_IN "\0\0\0\x3c\0\x04"
		    "\x0a\xc0\x01\x02"));
	a = (struct dns_answer){ .rcode = DNS_NXDOMAIN };
	encodes(LIT(HEAD1 QUESTION), &a, 512,
		LIT(ANSWER_HEAD("\x81\x83", "\x00", "\x00") QUESTION));
	a = (struct dns_answer){ .rcode = DNS_BADVERS };
	encodes(LIT(HEAD1_OPT QUESTION OPT("\x10\x00", "\x01", "\0\0")), &a,
		512,
		LIT(ANSWER_HEAD("\x81\x80", "\x00", "\x01") QUESTION
		    "\0\0\x29\x04\xd0\x01\0\0\0\0\0"));
	/* nothing to repeat */
	a = (struct dns_answer){ .rcode = DNS_FORMERR };
	encodes(LIT(HEAD1 "\xc0\x0c" A_IN), &a, 512,
		LIT("\x12\x34\x81\x81\0\0\0\0\0\0\0\0"));
	a = (struct dns_answer){ .type = DNS_PTR,
				 .ttl_s = 1,
				 .name = "a.example" };
	encodes(LIT(HEAD1 "\x01x\x00\x00\x0c\x00\x01"), &a, 512,
		LIT(ANSWER_HEAD("\x81\x80", "\x01",
				"\x00") "\x01x\x00\x00\x0c\x00\x01"
					"\xc0\x0c\x00\x0c\x00\x01\0\0\0\x01"
					"\0\x0b\x01"
					"a\x07"
					"example\x00"));
}

/* The longest question with the longest name as its answer. */
static void test_dns_truncation(void **state)
{
	static const char query[] = HEAD1_OPT LABEL63 LABEL63 LABEL63
		"\x3d"
		"1234567890123456789012345678901234567890123456789012345678901"
		"\x00\x00\x0c\x00\x01" OPT("\x04\xd0", "\0", "\0\0");
	char name[DESTINATION_NAME_MAX + 1];
	struct dns_answer a = { .type = DNS_PTR, .name = name };
	uint8_t out[DNS_OUT_MAX];
	struct dns_query q;

	(void)state;
	assert_int_equal(dns_parse(LIT(query), &q), DNS_QUERY);
	memcpy(name, q.name, sizeof(name));
	assert_int_equal(dns_encode(&q, &a, DNS_OUT_MAX, out),
			 12 + 259 + 12 + 255 + 11);
	assert_false(out[2] & 2);
	assert_int_equal(dns_encode(&q, &a, 512, out), 12 + 259 + 11);
	assert_true(out[2] & 2);
	assert_int_equal(out[7], 0);
	/* OPT is left */
	assert_int_equal(out[11], 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dns_verdicts),
		cmocka_unit_test(test_dns_too_long_is_refused),
		cmocka_unit_test(test_dns_what_is_read),
		cmocka_unit_test(test_dns_answers),
		cmocka_unit_test(test_dns_truncation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
