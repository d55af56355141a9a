/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_gwupstream.c - isolation keys, and SOCKS5 towards tor */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/attr.h"
#include "base/gwmsg.h"
#include "gateway/upstream.h"

#define LIT(s) (const uint8_t *)(s), sizeof(s) - 1
#define NONCE                                                                  \
	"0123456789abcdef00000001"                                             \
	"00000000"                                                             \
	"0123456789abcdef0123456789abcdef"

static struct destination dest_a, dest_b;
static struct socks_auth auth;
static struct upstream_key key;

static int setup(void **state)
{
	(void)state;
	memset(&auth, 0, sizeof(auth));
	memset(&dest_a, 0, sizeof(dest_a));
	dest_a.kind = DESTINATION_NAME;
	dest_a.port = 80;
	strcpy(dest_a.name, "a.com");
	dest_b = dest_a;
	strcpy(dest_b.name, "b.com");
	key = (struct upstream_key){ .nonce = NONCE,
				     .connection = 1,
				     .destination = &dest_a,
				     .auth = &auth };
	return 0;
}

static int differs(const struct upstream_key *a, const struct upstream_key *b)
{
	char pa[UPSTREAM_PASSWORD_LEN], pb[UPSTREAM_PASSWORD_LEN];

	upstream_password(a, pa);
	upstream_password(b, pb);
	return memcmp(pa, pb, sizeof(pa)) != 0;
}

static void test_upstream_password_by_nonce(void **state)
{
	char password[UPSTREAM_PASSWORD_LEN];
	struct upstream_key other = key;

	(void)state;
	assert_false(differs(&key, &other));
	other.nonce = "0123456789abcdef00000001"
		      "00000000"
		      "1123456789abcdef0123456789abcdef";
	assert_true(differs(&key, &other));
	/* the label is in clear, and of the secret there is nothing */
	upstream_password(&key, password);
	assert_memory_equal(password, NONCE, GWMSG_LABEL_LEN);
	assert_memory_not_equal(password + GWMSG_LABEL_LEN,
				NONCE + GWMSG_LABEL_LEN, 32);
}

static void test_upstream_password_by_bits(void **state)
{
	struct upstream_key other = key;

	(void)state;
	other.destination = &dest_b;
	other.connection = 2;
	assert_false(differs(&key, &other));
	key.isolate = other.isolate = GWMSG_BY_DESTINATION;
	assert_true(differs(&key, &other));
	other.destination = &dest_a;
	assert_false(differs(&key, &other));
	key.isolate = other.isolate = GWMSG_BY_CONNECTION;
	assert_true(differs(&key, &other));
	key.isolate = other.isolate = GWMSG_BY_PORT;
	assert_false(differs(&key, &other));
	dest_b = dest_a;
	dest_b.port = 81;
	other.destination = &dest_b;
	assert_true(differs(&key, &other));
	key.isolate = 0;
	assert_true(differs(&key, &other));
}

static void test_upstream_password_by_auth(void **state)
{
	struct socks_auth none = { 0 }, ab = { .version = 5 }, a_b;
	struct upstream_key other = key;

	(void)state;
	ab.user_len = 2;
	memcpy(ab.user, "ab", 2);
	key.auth = &none;
	other.auth = &ab;
	assert_true(differs(&key, &other));
	/* "ab" and "" is not "a" and "b" */
	a_b = ab;
	a_b.user_len = 1;
	a_b.pass_len = 1;
	memcpy(a_b.pass, "b", 1);
	key.auth = &a_b;
	assert_true(differs(&key, &other));
	a_b = ab;
	assert_false(differs(&key, &other));
	/* bytes behind the length do not count */
	a_b.user[2] = 'x';
	assert_false(differs(&key, &other));
	a_b.version = 4;
	assert_true(differs(&key, &other));
	/* an empty login is not the same as none */
	a_b = (struct socks_auth){ .version = 5 };
	other.auth = &none;
	assert_true(differs(&key, &other));
}

/* What an application sends can never equal what the bits produce. */
static void test_upstream_password_parts_do_not_mix(void **state)
{
	struct socks_auth forged = { .version = 5, .user_len = 8 };
	struct upstream_key other = key;

	(void)state;
	memcpy(forged.user, "d\0\005a.com", 8);
	other.auth = &forged;
	key.isolate = GWMSG_BY_DESTINATION;
	assert_true(differs(&key, &other));
}

static void test_upstream_encode(void **state)
{
	uint8_t out[UPSTREAM_OUT_MAX];
	char pass[UPSTREAM_PASSWORD_LEN];
	size_t n;

	(void)state;
	memset(pass, 'p', sizeof(pass));
	n = upstream_encode(SOCKS_CONNECT, &dest_a, pass, out);
	assert_int_equal(n, 3 + 2 + 9 + 1 + 96 + 4 + 1 + 5 + 2);
	assert_memory_equal(out, "\x05\x01\x02\x01\x09<torS0X>0\x60pp", 17);
	assert_memory_equal(out + 111,
			    "\x05\x01\x00\x03\x05"
			    "a.com\x00\x50",
			    12);
	dest_a.kind = DESTINATION_V6;
	n = upstream_encode(SOCKS_RESOLVE_PTR, &dest_a, pass, out);
	assert_int_equal(n, 111 + 4 + 16 + 2);
	assert_memory_equal(out + 111, "\x05\xf1\x00\x04", 4);
	dest_a.kind = DESTINATION_V4;
	n = upstream_encode(SOCKS_RESOLVE, &dest_a, pass, out);
	assert_int_equal(n, 111 + 4 + 4 + 2);
	/* the longest one fits */
	dest_a.kind = DESTINATION_NAME;
	memset(dest_a.name, 'a', DESTINATION_NAME_MAX);
	n = upstream_encode(SOCKS_CONNECT, &dest_a, pass, out);
	assert_true(n <= UPSTREAM_OUT_MAX);
}

struct row {
	const uint8_t *in;
	size_t len;
	enum upstream_step step;
	uint8_t code;
	size_t rest;
};

#define IN "\x05\x02\x01\x00"

static const struct row rows[] = {
	{ LIT(IN "\x05\x00\x00\x01\0\0\0\0\0\0"), UPSTREAM_REPLY, 0, 0 },
	{ LIT(IN "\x05\x00\x00\x01\0\0\0\0\0\0"
		 "SSH"),
	  UPSTREAM_REPLY, 0, 3 },
	{ LIT(IN "\x05\x00\x00\x04\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
	  UPSTREAM_REPLY, 0, 0 },
	{ LIT(IN "\x05\x00\x00\x03\x03"
		 "a.b\0\0"),
	  UPSTREAM_REPLY, 0, 0 },
	{ LIT(IN "\x05\x00\x00\x03\x00\0\0"), UPSTREAM_REPLY, 0, 0 },
	{ LIT(IN "\x05\x04\x00\x00\0\0\0\0\0\0"), UPSTREAM_REPLY, 4, 0 },
	{ LIT(IN "\x05\xf4\x00\x01\0\0\0\0\0\0"), UPSTREAM_REPLY, 0xf4, 0 },
	{ LIT(IN "\x05\x00\x00\x00\0\0\0\0\0\0"), UPSTREAM_BAD, 0, 0 },
	{ LIT(IN "\x05\x00\x00\x02"), UPSTREAM_BAD, 0, 0 },
	{ LIT(IN "\x04\x00\x00\x01"), UPSTREAM_BAD, 0, 0 },
	/* tor read method and login at once: the answer to the latter only */
	{ LIT("\x01\x00\x05\x00\x00\x01\0\0\0\0\0\0"
	      "SSH"),
	  UPSTREAM_REPLY, 0, 3 },
	{ LIT("\x01\x00\x05\x04\x00\x00\0\0\0\0\0\0"), UPSTREAM_REPLY, 4, 0 },
	{ LIT("\x01\x01"), UPSTREAM_BAD, 0, 0 },
	{ LIT("\x05\xff"), UPSTREAM_BAD, 0, 0 },
	/* a reply without any answer to the login */
	{ LIT("\x05\x00\x00\x01\0\0\0\0\0\0"), UPSTREAM_BAD, 0, 0 },
	{ LIT("\x05\x02\x05\x00"), UPSTREAM_BAD, 0, 0 },
	/* without a login there would be no isolation */
	{ LIT("\x05\x00"), UPSTREAM_BAD, 0, 0 },
	{ LIT("\x05\x02\x01\x01"), UPSTREAM_BAD, 0, 0 },
	{ LIT("\x04"), UPSTREAM_BAD, 0, 0 },
	{ LIT("HTTP/1.0 501"), UPSTREAM_BAD, 0, 0 },
};

static void test_upstream_parse(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct row *t = &rows[i];
		struct socks_reply r;
		size_t used = 0;

		assert_int_equal(upstream_parse(t->in, t->len, &used, &r),
				 t->step);
		if (t->step != UPSTREAM_REPLY)
			continue;
		assert_int_equal(r.code, t->code);
		assert_int_equal(t->len - used, t->rest);
		for (size_t n = 0; n < t->len - t->rest; n++)
			assert_int_equal(upstream_parse(t->in, n, &used, &r),
					 UPSTREAM_MORE);
	}
}

static void test_upstream_parse_is_bounded(void **state)
{
	uint8_t in[UPSTREAM_IN_MAX] = IN "\x05\x00\x00\x03\xff";
	struct socks_reply r;
	size_t used;

	(void)state;
	assert_int_equal(upstream_parse(in, sizeof(in), &used, &r),
			 UPSTREAM_REPLY);
	assert_int_equal(r.len, 255);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_upstream_password_by_nonce, setup),
		cmocka_unit_test_setup(test_upstream_password_by_bits, setup),
		cmocka_unit_test_setup(test_upstream_password_by_auth, setup),
		cmocka_unit_test_setup(test_upstream_password_parts_do_not_mix,
				       setup),
		cmocka_unit_test_setup(test_upstream_encode, setup),
		cmocka_unit_test_setup(test_upstream_parse, setup),
		cmocka_unit_test_setup(test_upstream_parse_is_bounded, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
