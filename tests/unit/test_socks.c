/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_socks.c - SOCKS 4, 4a and 5 as a client may send them */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/attr.h"
#include "gateway/socks.h"

#define LIT(s) (const uint8_t *)(s), sizeof(s) - 1
#define REPLY5(code) "\x05" code "\x00\x01\0\0\0\0\0\0"

struct dialogue {
	const char *what;
	const uint8_t *in;
	size_t in_len;
	enum socks_step step;
	const uint8_t *out; /* every reply byte up to the end */
	size_t out_len;
	size_t rest; /* bytes of @in that are not the handshake's */
};

static const struct dialogue dialogues[] = {
	{ "5, name",
	  LIT("\x05\x01\x00\x05\x01\x00\x03\x05"
	      "a.com\x00\x50"),
	  SOCKS_REQUEST, LIT("\x05\x00"), 0 },
	{ "5, v4", LIT("\x05\x01\x00\x05\x01\x00\x01\x08\x08\x08\x08\x00\x50"),
	  SOCKS_REQUEST, LIT("\x05\x00"), 0 },
	{ "5, v6",
	  LIT("\x05\x01\x00\x05\x01\x00\x04\x20\x01\x48\x60\x48\x60\0\0\0\0\0\0"
	      "\0\0\x88\x88\x00\x50"),
	  SOCKS_REQUEST, LIT("\x05\x00"), 0 },
	{ "5, login preferred, data behind",
	  LIT("\x05\x03\x00\x01\x02\x01\x02me\x03pwd"
	      "\x05\x01\x00\x03\x05"
	      "a.com\x00\x50"
	      "GET /"),
	  SOCKS_REQUEST, LIT("\x05\x02\x01\x00"), 5 },
	{ "5, empty login",
	  LIT("\x05\x01\x02\x01\x00\x00\x05\x01\x00\x03\x05"
	      "a.com\x00\x50"),
	  SOCKS_REQUEST, LIT("\x05\x02\x01\x00"), 0 },
	{ "5, RESOLVE",
	  LIT("\x05\x01\x00\x05\xf0\x00\x03\x05"
	      "a.com\x00\x00"),
	  SOCKS_REQUEST, LIT("\x05\x00"), 0 },
	{ "5, RESOLVE_PTR",
	  LIT("\x05\x01\x00\x05\xf1\x00\x01\x08\x08\x08\x08\x00\x00"),
	  SOCKS_REQUEST, LIT("\x05\x00"), 0 },
	{ "5, RESOLVE_PTR of a name",
	  LIT("\x05\x01\x00\x05\xf1\x00\x03\x05"
	      "a.com\x00\x00"),
	  SOCKS_REFUSE, LIT("\x05\x00" REPLY5("\x08")), 12 },
	{ "5, RESOLVE_PTR of an internal address",
	  LIT("\x05\x01\x00\x05\xf1\x00\x01\xc0\xa8\x00\x01\x00\x00"),
	  SOCKS_REFUSE_DESTINATION, LIT("\x05\x00" REPLY5("\x02")), 0 },
	{ "5, no methods", LIT("\x05\x00"), SOCKS_REFUSE, LIT("\x05\xff"), 0 },
	{ "5, GSSAPI only", LIT("\x05\x01\x01"), SOCKS_REFUSE, LIT("\x05\xff"),
	  0 },
	{ "5, wrong login version", LIT("\x05\x01\x02\x05\x01"), SOCKS_REFUSE,
	  LIT("\x05\x02\x01\x01"), 2 },
	{ "5, BIND", LIT("\x05\x01\x00\x05\x02\x00\x01"), SOCKS_REFUSE,
	  LIT("\x05\x00" REPLY5("\x07")), 4 },
	{ "5, UDP ASSOCIATE", LIT("\x05\x01\x00\x05\x03\x00\x01"), SOCKS_REFUSE,
	  LIT("\x05\x00" REPLY5("\x07")), 4 },
	{ "5, command 0", LIT("\x05\x01\x00\x05\x00\x00\x01"), SOCKS_REFUSE,
	  LIT("\x05\x00" REPLY5("\x07")), 4 },
	{ "5, command 0xf2", LIT("\x05\x01\x00\x05\xf2\x00\x01"), SOCKS_REFUSE,
	  LIT("\x05\x00" REPLY5("\x07")), 4 },
	{ "5, reserved byte", LIT("\x05\x01\x00\x05\x01\x01\x01"), SOCKS_REFUSE,
	  LIT("\x05\x00" REPLY5("\x01")), 4 },
	{ "5, ATYP 0", LIT("\x05\x01\x00\x05\x01\x00\x00"), SOCKS_REFUSE,
	  LIT("\x05\x00" REPLY5("\x08")), 4 },
	{ "5, ATYP 2", LIT("\x05\x01\x00\x05\x01\x00\x02"), SOCKS_REFUSE,
	  LIT("\x05\x00" REPLY5("\x08")), 4 },
	{ "5, ATYP 255", LIT("\x05\x01\x00\x05\x01\x00\xff"), SOCKS_REFUSE,
	  LIT("\x05\x00" REPLY5("\x08")), 4 },
	{ "5, request of version 4", LIT("\x05\x01\x00\x04\x01"), SOCKS_REFUSE,
	  LIT("\x05\x00" REPLY5("\x01")), 2 },
	{ "5, port 0",
	  LIT("\x05\x01\x00\x05\x01\x00\x03\x05"
	      "a.com\x00\x00"),
	  SOCKS_REFUSE, LIT("\x05\x00" REPLY5("\x01")), 0 },
	{ "5, empty name", LIT("\x05\x01\x00\x05\x01\x00\x03\x00\x00\x50"),
	  SOCKS_REFUSE_DESTINATION, LIT("\x05\x00" REPLY5("\x02")), 0 },
	{ "5, name with NUL",
	  LIT("\x05\x01\x00\x05\x01\x00\x03\x06"
	      "a.com\x00\x00\x50"),
	  SOCKS_REFUSE_DESTINATION, LIT("\x05\x00" REPLY5("\x02")), 0 },
	{ "5, loopback as a number",
	  LIT("\x05\x01\x00\x05\x01\x00\x03\x0a"
	      "2130706433\x00\x50"),
	  SOCKS_REFUSE_DESTINATION, LIT("\x05\x00" REPLY5("\x02")), 0 },
	{ "5, v4-mapped loopback",
	  LIT("\x05\x01\x00\x05\x01\x00\x04\0\0\0\0\0\0\0\0\0\0\xff\xff\x7f\0\0"
	      "\x01\x00\x50"),
	  SOCKS_REFUSE_DESTINATION, LIT("\x05\x00" REPLY5("\x02")), 0 },
	{ "4", LIT("\x04\x01\x00\x50\x08\x08\x08\x08me\0data"), SOCKS_REQUEST,
	  LIT(""), 4 },
	{ "4, internal", LIT("\x04\x01\x00\x50\x0a\x00\x00\x01\0"),
	  SOCKS_REFUSE_DESTINATION, LIT("\x00\x5b\0\0\0\0\0\0"), 0 },
	{ "4, 0.0.0.0", LIT("\x04\x01\x00\x50\0\0\0\0\0"),
	  SOCKS_REFUSE_DESTINATION, LIT("\x00\x5b\0\0\0\0\0\0"), 0 },
	{ "4, BIND", LIT("\x04\x02\x00\x50\x08\x08\x08\x08\0"), SOCKS_REFUSE,
	  LIT("\x00\x5b\0\0\0\0\0\0"), 9 },
	{ "4, RESOLVE_PTR", LIT("\x04\xf1\x00\x50\x08\x08\x08\x08\0"),
	  SOCKS_REFUSE, LIT("\x00\x5b\0\0\0\0\0\0"), 9 },
	{ "4, port 0", LIT("\x04\x01\x00\x00\x08\x08\x08\x08\0"), SOCKS_REFUSE,
	  LIT("\x00\x5b\0\0\0\0\0\0"), 0 },
	{ "4a", LIT("\x04\x01\x00\x50\0\0\0\x01\0a.com\0data"), SOCKS_REQUEST,
	  LIT(""), 4 },
	{ "4a, RESOLVE", LIT("\x04\xf0\x00\x00\0\0\0\xffme\0a.com\0"),
	  SOCKS_REQUEST, LIT(""), 0 },
	{ "4a, internal", LIT("\x04\x01\x00\x50\0\0\0\x01\0x.local\0"),
	  SOCKS_REFUSE_DESTINATION, LIT("\x00\x5b\0\0\0\0\0\0"), 0 },
	{ "4a, empty name", LIT("\x04\x01\x00\x50\0\0\0\x01\0\0"),
	  SOCKS_REFUSE_DESTINATION, LIT("\x00\x5b\0\0\0\0\0\0"), 0 },
	{ "version 0", LIT("\x00"), SOCKS_REFUSE, LIT(""), 1 },
	{ "version 6", LIT("\x06"), SOCKS_REFUSE, LIT(""), 1 },
	{ "TLS", LIT("\x16\x03\x01"), SOCKS_REFUSE, LIT(""), 3 },
};

static void check(const struct dialogue *d, const struct socks *s,
		  enum socks_step step, const uint8_t *out, size_t out_len,
		  size_t rest)
{
	if (step != d->step || out_len != d->out_len || rest != d->rest ||
	    memcmp(out, d->out, out_len) != 0)
		fail_msg("%s: step %d, %zu bytes out, %zu left", d->what, step,
			 out_len, rest);
	if (step == SOCKS_REQUEST)
		assert_int_not_equal(s->destination.kind, DESTINATION_UNSET);
}

static void test_socks_dialogues_at_once(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(dialogues); i++) {
		const struct dialogue *d = &dialogues[i];
		uint8_t out[SOCKS_OUT_MAX];
		size_t used, out_len;
		enum socks_step step;
		struct socks s;

		socks_init(&s, false);
		step = socks_feed(&s, d->in, d->in_len, &used, out, &out_len);
		check(d, &s, step, out, out_len, d->in_len - used);
	}
}

/* Byte by byte, each call with what the last one left. */
static void test_socks_dialogues_byte_by_byte(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(dialogues); i++) {
		const struct dialogue *d = &dialogues[i];
		uint8_t out[SOCKS_OUT_MAX], all[SOCKS_OUT_MAX];
		size_t from = 0, to = 0, used, out_len, all_len = 0;
		enum socks_step step = SOCKS_MORE;
		struct socks s;

		socks_init(&s, false);
		while (step == SOCKS_MORE && to < d->in_len) {
			to++;
			step = socks_feed(&s, d->in + from, to - from, &used,
					  out, &out_len);
			from += used;
			memcpy(all + all_len, out, out_len);
			all_len += out_len;
		}
		check(d, &s, step, all, all_len, d->in_len - from);
	}
}

/* No dialogue is finished by less than all of its bytes. */
static void test_socks_prefix_wants_more(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(dialogues); i++) {
		const struct dialogue *d = &dialogues[i];
		size_t whole = d->in_len - d->rest;

		if (d->step != SOCKS_REQUEST)
			continue;
		for (size_t n = 0; n < whole; n++) {
			uint8_t out[SOCKS_OUT_MAX];
			size_t used, out_len;
			struct socks s;

			socks_init(&s, false);
			assert_int_equal(
				socks_feed(&s, d->in, n, &used, out, &out_len),
				SOCKS_MORE);
		}
	}
}

static void test_socks_fields(void **state)
{
	static const char in[] = "\x05\x01\x02\x01\x02me\x03pwd"
				 "\x05\x01\x00\x03\x06"
				 "A.Com.\x1f\x90";
	uint8_t out[SOCKS_OUT_MAX];
	size_t used, out_len;
	struct socks s;

	(void)state;
	socks_init(&s, false);
	assert_int_equal(socks_feed(&s, LIT(in), &used, out, &out_len),
			 SOCKS_REQUEST);
	assert_int_equal(s.version, 5);
	assert_int_equal(s.command, SOCKS_CONNECT);
	assert_string_equal(s.destination.name, "a.com");
	assert_int_equal(s.destination.port, 8080);
	assert_int_equal(s.auth.version, 5);
	assert_int_equal(s.auth.user_len, 2);
	assert_memory_equal(s.auth.user, "me", 2);
	assert_int_equal(s.auth.pass_len, 3);
	assert_memory_equal(s.auth.pass, "pwd", 3);
	/* whoever goes on after the end gets nothing */
	assert_int_equal(socks_feed(&s, LIT(in), &used, out, &out_len),
			 SOCKS_REFUSE);
	assert_int_equal(used + out_len, 0);
}

static void test_socks_http(void **state)
{
	static const char *const lines[] = {
		"GET / HTTP/1.1", "HEAD /",   "POST /", "CONNECT a.com:80",
		"OPTIONS *",      "DELETE /", "TRACE"
	};
	uint8_t out[SOCKS_OUT_MAX];
	size_t used, out_len;
	struct socks s;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		socks_init(&s, false);
		assert_int_equal(socks_feed(&s, (const uint8_t *)lines[i],
					    strlen(lines[i]), &used, out,
					    &out_len),
				 SOCKS_REFUSE);
		assert_true(out_len > 37);
		assert_memory_equal(
			out, "HTTP/1.0 501 Tor is not an HTTP Proxy", 37);
	}
}

/* Strings without an end are refused, not collected. */
static void test_socks_v4_endless(void **state)
{
	uint8_t in[SOCKS_IN_MAX], out[SOCKS_OUT_MAX];
	size_t used, out_len;
	struct socks s;

	(void)state;
	memset(in, 'a', sizeof(in));
	memcpy(in, "\x04\x01\x00\x50\0\0\0\x01", 8);
	socks_init(&s, false);
	assert_int_equal(socks_feed(&s, in, 8 + 255, &used, out, &out_len),
			 SOCKS_MORE);
	assert_int_equal(socks_feed(&s, in, 8 + 256, &used, out, &out_len),
			 SOCKS_REFUSE);
	in[8 + 255] = '\0';
	socks_init(&s, false);
	assert_int_equal(
		socks_feed(&s, in, SOCKS_IN_MAX - 1, &used, out, &out_len),
		SOCKS_MORE);
	assert_int_equal(socks_feed(&s, in, SOCKS_IN_MAX, &used, out, &out_len),
			 SOCKS_REFUSE);
	assert_memory_equal(out, "\x00\x5b", 2);
	/* 256 bytes of user id, whole: one too many */
	in[8 + 255] = 'a';
	in[8 + 256] = '\0';
	socks_init(&s, false);
	assert_int_equal(socks_feed(&s, in, 8 + 257, &used, out, &out_len),
			 SOCKS_REFUSE);
}

static void test_socks_longest_login(void **state)
{
	uint8_t in[3 + 3 + 510 + 262], out[SOCKS_OUT_MAX];
	size_t used, out_len, at = 0;
	struct socks s;

	(void)state;
	memset(in, 'u', sizeof(in));
	memcpy(in, "\x05\x01\x02\x01\xff", 5);
	in[5 + 255] = 0xff;
	at = 5 + 255 + 1 + 255;
	memcpy(in + at, "\x05\x01\x00\x03\xff", 5);
	for (size_t i = 0; i < 255; i++)
		in[at + 5 + i] = i % 50 == 49 ? '.' : 'a';
	in[at + 5 + 255] = 0;
	in[at + 5 + 256] = 80;
	socks_init(&s, false);
	/* 255 bytes are more than a name may have */
	assert_int_equal(socks_feed(&s, in, at + 5 + 257, &used, out, &out_len),
			 SOCKS_REFUSE_DESTINATION);
	assert_int_equal(used, at + 5 + 257);
	assert_int_equal(s.auth.user_len, 255);
	assert_int_equal(s.auth.pass_len, 255);
}

static void test_socks_allow_internal(void **state)
{
	static const char in[] = "\x05\x01\x00\x05\x01\x00\x01\x7f\0\0\x01\0P";
	static const char bad[] = "\x05\x01\x00\x05\x01\x00\x03\x01 \0P";
	uint8_t out[SOCKS_OUT_MAX];
	size_t used, out_len;
	struct socks s;

	(void)state;
	socks_init(&s, true);
	assert_int_equal(socks_feed(&s, LIT(in), &used, out, &out_len),
			 SOCKS_REQUEST);
	socks_init(&s, true);
	assert_int_equal(socks_feed(&s, LIT(bad), &used, out, &out_len),
			 SOCKS_REFUSE_DESTINATION);
}

static void test_socks_reply_every_code(void **state)
{
	struct socks s5 = { .version = 5, .command = SOCKS_CONNECT };
	struct socks s4 = { .version = 4, .command = SOCKS_CONNECT };

	(void)state;
	for (int code = 0; code < 256; code++) {
		struct socks_reply r = { .code = (uint8_t)code,
					 .atyp = SOCKS_ATYP_V6,
					 .len = 16 };
		uint8_t out[SOCKS_OUT_MAX];

		memset(r.addr, 0x55, sizeof(r.addr));
		/* the address tor bound is not passed on */
		assert_int_equal(socks_reply_encode(&s5, &r, out), 10);
		assert_int_equal(out[1], code);
		assert_memory_equal(out + 2, "\0\x01\0\0\0\0\0\0", 8);
		assert_int_equal(socks_reply_encode(&s4, &r, out), 8);
		assert_int_equal(out[1], code == 0 ? 90 : 91);
		assert_memory_equal(out + 2, "\0\0\0\0\0\0", 6);
	}
}

static void test_socks_reply_resolve(void **state)
{
	struct socks s = { .version = 5, .command = SOCKS_RESOLVE };
	struct socks_reply r = { .atyp = SOCKS_ATYP_V6, .len = 16 };
	uint8_t out[SOCKS_OUT_MAX];

	(void)state;
	memset(r.addr, 0x20, sizeof(r.addr));
	assert_int_equal(socks_reply_encode(&s, &r, out), 22);
	assert_memory_equal(out, "\x05\x00\x00\x04\x20\x20", 6);
	s.version = 4;
	assert_int_equal(socks_reply_encode(&s, &r, out), 8);
	assert_memory_equal(out, "\x00\x5b\0\0\0\0\0\0", 8);
	r.atyp = SOCKS_ATYP_V4;
	r.len = 4;
	assert_int_equal(socks_reply_encode(&s, &r, out), 8);
	assert_memory_equal(out, "\x00\x5a\0\0\x20\x20\x20\x20", 8);
	s.version = 5;
	s.command = SOCKS_RESOLVE_PTR;
	assert_int_equal(socks_reply_encode(&s, &r, out), 10);
	assert_int_equal(out[1], SOCKS_HOST_UNREACHABLE);
	r.atyp = SOCKS_ATYP_NAME;
	r.len = 255;
	assert_int_equal(socks_reply_encode(&s, &r, out), 5 + 255 + 2);
	assert_memory_equal(out, "\x05\x00\x00\x03\xff\x20", 6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_socks_dialogues_at_once),
		cmocka_unit_test(test_socks_dialogues_byte_by_byte),
		cmocka_unit_test(test_socks_prefix_wants_more),
		cmocka_unit_test(test_socks_fields),
		cmocka_unit_test(test_socks_http),
		cmocka_unit_test(test_socks_v4_endless),
		cmocka_unit_test(test_socks_longest_login),
		cmocka_unit_test(test_socks_allow_internal),
		cmocka_unit_test(test_socks_reply_every_code),
		cmocka_unit_test(test_socks_reply_resolve),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
