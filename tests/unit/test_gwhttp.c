/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_gwhttp.c - HTTP CONNECT as a client may send it */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/attr.h"
#include "gateway/http.h"

#define LIT(s) (const uint8_t *)(s), sizeof(s) - 1

struct dialogue {
	const uint8_t *in;
	size_t in_len;
	enum socks_step step;
	const char *out; /* begins with; NULL: nothing is said */
	size_t rest;
};

#define GOOD(s, rest)                                                          \
	{                                                                      \
		LIT(s), SOCKS_REQUEST, NULL, rest                              \
	}
#define MORE(s)                                                                \
	{                                                                      \
		LIT(s), SOCKS_MORE, NULL, sizeof(s) - 1                        \
	}
#define BAD(s, status)                                                         \
	{                                                                      \
		LIT(s), SOCKS_REFUSE, "HTTP/1.0 " status, 0                    \
	}
#define DENIED(s)                                                              \
	{                                                                      \
		LIT(s), SOCKS_REFUSE_DESTINATION, "HTTP/1.0 403", 0            \
	}

static const struct dialogue dialogues[] = {
	GOOD("CONNECT a.com:443 HTTP/1.1\r\nHost: a.com:443\r\n\r\n", 0),
	GOOD("CONNECT a.com:443 HTTP/1.0\r\n\r\nTLS", 3),
	GOOD("CONNECT a.com:443 HTTP/1.0\n\nTLS", 3),
	/* irssi: no version, and it does not wait */
	GOOD("CONNECT a.com:6667\r\nNICK x\r\n", 8),
	GOOD("CONNECT a.com:6667 HTTP/1.0\n\n\r\nNICK x\r\n", 10),
	GOOD("CONNECT [2001:4860:4860::8888]:443 HTTP/1.1\r\n\r\n", 0),
	GOOD("CONNECT 8.8.8.8:65535 HTTP/1.1\r\n\r\n", 0),
	GOOD("CONNECT a.com:1 HTTP/1.1\r\nX: y\r\n folded\r\nno colon\r\n\r\n",
	     0),
	MORE(""),
	MORE("C"),
	MORE("CONNECT a.com:443 HTTP/1.1"),
	MORE("CONNECT a.com:443 HTTP/1.1\r\n"),
	MORE("CONNECT a.com:443 HTTP/1.1\r\n\r"),
	MORE("CONNECT a.com:443 HTTP/1.1\r\nHost: a.com"),
	BAD("GET http://a.com/ HTTP/1.1\r\n", "405"),
	BAD("connect a.com:443 HTTP/1.1\r\n", "405"),
	BAD("\r\n", "405"),
	BAD("CONNECT\r\n", "405"),
	BAD("CONNECT \r\n", "400"),
	BAD("CONNECT a.com HTTP/1.1\r\n", "400"),
	BAD("CONNECT a.com: HTTP/1.1\r\n", "400"),
	BAD("CONNECT a.com:0 HTTP/1.1\r\n", "400"),
	BAD("CONNECT a.com:65536 HTTP/1.1\r\n", "400"),
	BAD("CONNECT a.com:000080 HTTP/1.1\r\n", "400"),
	BAD("CONNECT a.com:+80 HTTP/1.1\r\n", "400"),
	BAD("CONNECT a.com:80x HTTP/1.1\r\n", "400"),
	BAD("CONNECT a.com:80  HTTP/1.1\r\n", "400"),
	BAD("CONNECT a.com:80 HTTP/2.0\r\n", "400"),
	BAD("CONNECT a.com:80 HTTP/1.10\r\n", "400"),
	BAD("CONNECT a.com:80 \r\n", "400"),
	BAD("CONNECT http://a.com:80 HTTP/1.1\r\n", "400"),
	BAD("CONNECT ::1:80 HTTP/1.1\r\n", "400"),
	BAD("CONNECT a.com:80 HTTP/1.1\r\nX: \x01\r\n", "400"),
	BAD("CONNECT a\0.com:80 HTTP/1.1\r\n", "400"),
	/* SOCKS, TLS: refused at the first byte that is no text */
	BAD("\x05\x01\x00", "400"),
	BAD("\x16\x03\x01", "400"),
	DENIED("CONNECT :80 HTTP/1.1\r\n\r\n"),
	DENIED("CONNECT localhost:80 HTTP/1.1\r\n\r\n"),
	DENIED("CONNECT 127.1:80 HTTP/1.1\r\n\r\n"),
	DENIED("CONNECT 0x7f000001:80\r\n"),
	DENIED("CONNECT [::1]:80 HTTP/1.1\r\n\r\n"),
	DENIED("CONNECT [::ffff:10.0.0.1]:80 HTTP/1.1\r\n\r\n"),
	DENIED("CONNECT user@a.com:80 HTTP/1.1\r\n\r\n"),
	DENIED("CONNECT [a.com]:80 HTTP/1.1\r\n\r\n"),
	DENIED("CONNECT a.com\t:80 HTTP/1.1\r\n\r\n"),
};

static void check(size_t i, enum socks_step step, const uint8_t *out,
		  size_t out_len, size_t rest)
{
	const struct dialogue *d = &dialogues[i];

	if (step != d->step ||
	    (step != SOCKS_REFUSE && step != SOCKS_REFUSE_DESTINATION &&
	     rest != d->rest))
		fail_msg("row %zu: step %d, %zu left", i, step, rest);
	if (!d->out)
		assert_int_equal(out_len, 0);
	else if (out_len < strlen(d->out) ||
		 memcmp(out, d->out, strlen(d->out)) != 0)
		fail_msg("row %zu: %.*s", i, (int)out_len, (const char *)out);
}

static void test_http_dialogues_at_once(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(dialogues); i++) {
		const struct dialogue *d = &dialogues[i];
		uint8_t out[SOCKS_OUT_MAX];
		size_t used, out_len;
		enum socks_step step;
		struct socks s;

		socks_init(&s, false);
		step = http_feed(&s, d->in, d->in_len, &used, out, &out_len);
		check(i, step, out, out_len, d->in_len - used);
	}
}

static void test_http_dialogues_byte_by_byte(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(dialogues); i++) {
		const struct dialogue *d = &dialogues[i];
		uint8_t out[SOCKS_OUT_MAX];
		size_t used = 0, out_len = 0, n = 0;
		enum socks_step step = SOCKS_MORE;
		struct socks s;

		socks_init(&s, false);
		while (step == SOCKS_MORE && n < d->in_len)
			step = http_feed(&s, d->in, ++n, &used, out, &out_len);
		check(i, step, out, out_len, d->in_len - used);
	}
}

static void test_http_fields(void **state)
{
	static const char in[] = "CONNECT A.Com.:443 HTTP/1.1\r\n"
				 "proxy-authorization:  Basic bWU6\r\n"
				 "Proxy-Authorization-Not: x\r\n"
				 "X-Tor-Stream-Isolation: tab 7\r\n\r\n";
	uint8_t out[SOCKS_OUT_MAX];
	size_t used, out_len;
	struct socks s;

	(void)state;
	socks_init(&s, false);
	assert_int_equal(http_feed(&s, LIT(in), &used, out, &out_len),
			 SOCKS_REQUEST);
	assert_int_equal(s.command, SOCKS_CONNECT);
	assert_string_equal(s.destination.name, "a.com");
	assert_int_equal(s.destination.port, 443);
	assert_int_equal(s.auth.version, 'H');
	assert_int_equal(s.auth.pass_len, 10);
	assert_memory_equal(s.auth.pass, "Basic bWU6", 10);
	assert_int_equal(s.auth.user_len, 5);
	assert_memory_equal(s.auth.user, "tab 7", 5);
	assert_int_equal(http_feed(&s, LIT(in), &used, out, &out_len),
			 SOCKS_REFUSE);
}

static void test_http_head_is_bounded(void **state)
{
	static const char start[] = "CONNECT a.com:80 HTTP/1.1\r\nX: ";
	uint8_t in[HTTP_IN_MAX], out[SOCKS_OUT_MAX];
	size_t used, out_len;
	struct socks s;

	(void)state;
	memset(in, 'a', sizeof(in));
	socks_init(&s, false);
	assert_int_equal(
		http_feed(&s, in, sizeof(in) - 1, &used, out, &out_len),
		SOCKS_MORE);
	assert_int_equal(http_feed(&s, in, sizeof(in), &used, out, &out_len),
			 SOCKS_REFUSE);
	memcpy(in, start, sizeof(start) - 1);
	socks_init(&s, false);
	assert_int_equal(http_feed(&s, in, sizeof(in), &used, out, &out_len),
			 SOCKS_REFUSE);
	/* credentials that are longer than those of SOCKS */
	memcpy(in + sizeof(start) - 4, "Proxy-Authorization: ", 21);
	in[600] = '\n';
	socks_init(&s, false);
	assert_int_equal(http_feed(&s, in, 700, &used, out, &out_len),
			 SOCKS_REFUSE);
}

static void test_http_reply_every_code(void **state)
{
	struct socks s = { .command = SOCKS_CONNECT };

	(void)state;
	for (int code = 0; code < 256; code++) {
		struct socks_reply r = { .code = (uint8_t)code };
		uint8_t out[SOCKS_OUT_MAX];
		size_t n = http_reply_encode(&s, &r, out);

		assert_true(n > 16 && n < sizeof(out));
		assert_memory_equal(out, "HTTP/1.0 ", 9);
		assert_memory_equal(out + n - 4, "\r\n\r\n", 4);
		assert_true((code == 0) == (out[9] == '2'));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_http_dialogues_at_once),
		cmocka_unit_test(test_http_dialogues_byte_by_byte),
		cmocka_unit_test(test_http_fields),
		cmocka_unit_test(test_http_head_is_bounded),
		cmocka_unit_test(test_http_reply_every_code),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
