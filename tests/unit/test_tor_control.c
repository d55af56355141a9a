/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_tor_control.c - the control port's lines, good and hostile */
#include "tor/control.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "tor/auth.h"
#include "tor/reply.h"

static struct tor_control c;
static struct tor_line line;

static void feed(const char *bytes, size_t len)
{
	size_t room;
	char *at = tor_control_room(&c, &room);

	assert_true(len <= room);
	memcpy(at, bytes, len);
	tor_control_filled(&c, len);
}

static void fresh(const char *text)
{
	memset(&c, 0, sizeof(c));
	feed(text, strlen(text));
}

static void assert_line(enum tor_line_kind kind, int code, const char *text)
{
	assert_int_equal(tor_control_next(&c, &line), 1);
	assert_int_equal(line.kind, kind);
	assert_int_equal(line.code, code);
	assert_string_equal(line.text, text);
}

static void test_control_reads_a_reply(void **state)
{
	(void)state;
	fresh("250-version=0.4.9.11\r\n250 OK\r\n650 BW 1 2\r\n25");
	assert_line(TOR_LINE_MID, 250, "version=0.4.9.11");
	assert_line(TOR_LINE_END, 250, "OK");
	assert_line(TOR_LINE_END, 650, "BW 1 2");
	assert_int_equal(tor_control_next(&c, &line), 0);
	feed("0 \r\n", 4);
	assert_line(TOR_LINE_END, 250, "");
	assert_int_equal(tor_control_next(&c, &line), 0);
}

static void test_control_reads_a_body(void **state)
{
	(void)state;
	fresh("250+info/names=\r\n250 not an end\r\n..dot\r\n\r\n.\r\n250 OK\r\n");
	assert_line(TOR_LINE_PLUS, 250, "info/names=");
	assert_line(TOR_LINE_DATA, 250, "250 not an end");
	assert_line(TOR_LINE_DATA, 250, ".dot");
	assert_line(TOR_LINE_DATA, 250, "");
	assert_line(TOR_LINE_FINISH, 250, "");
	assert_line(TOR_LINE_END, 250, "OK");
}

static void test_control_byte_by_byte(void **state)
{
	static const char text[] = "250+a=\r\n.\r\n250 OK\r\n";
	int lines = 0;

	(void)state;
	memset(&c, 0, sizeof(c));
	for (size_t i = 0; i < sizeof(text) - 1; i++) {
		feed(text + i, 1);
		while (tor_control_next(&c, &line) == 1)
			lines++;
	}
	assert_int_equal(lines, 3);
}

static void test_control_refuses_what_is_no_line(void **state)
{
	static const char *const bad[] = {
		"250 OK\n",
		"\r\n",
		"\n",
		"25 OK\r\n",
		"2500 OK\r\n",
		"OK\r\n",
		"050 OK\r\n",
		"750 OK\r\n",
		"250\r\n",
		"250_OK\r\n",
		"250 a\rb\r\n",
		"-50 OK\r\n",
		"HTTP/1.0 400 Bad Request\r\n",
		"250 OK\r\r\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		fresh(bad[i]);
		assert_int_equal(tor_control_next(&c, &line), -EPROTO);
		/* and there is no going on */
		feed("250 OK\r\n", 8);
		assert_int_equal(tor_control_next(&c, &line), -EPROTO);
	}
}

static void test_control_refuses_nul(void **state)
{
	(void)state;
	memset(&c, 0, sizeof(c));
	feed("250 a\0b\r\n", 9);
	assert_int_equal(tor_control_next(&c, &line), -EPROTO);
}

static void test_control_refuses_endless_line(void **state)
{
	size_t room;
	char *at;

	(void)state;
	memset(&c, 0, sizeof(c));
	feed("250 OK\r\n", 8);
	at = tor_control_room(&c, &room);
	memset(at, 'a', room);
	tor_control_filled(&c, room);
	assert_line(TOR_LINE_END, 250, "OK");
	assert_int_equal(tor_control_next(&c, &line), 0);
	at = tor_control_room(&c, &room);
	assert_int_equal(room, 8);
	memset(at, 'a', room);
	tor_control_filled(&c, room);
	assert_int_equal(tor_control_next(&c, &line), -EMSGSIZE);
	assert_int_equal(tor_control_next(&c, &line), -EMSGSIZE);
}

static void test_control_finds_keywords(void **state)
{
	static const struct {
		const char *text, *key;
		int rc;
		const char *value;
	} t[] = {
		{ "A=1 B=2", "B", 1, "2" },
		{ "X A=1", "A", 1, "1" },
		{ "A=", "A", 1, "" },
		{ "A=\"x y\" B=2", "B", 1, "2" },
		{ "A=\"x y\"", "A", 1, "x y" },
		{ "A=\"B=2\"", "B", 0, NULL },
		{ "A=\"\\\" B=2 \\\"\" B=3", "B", 1, "3" },
		{ "\"B=2\" A=1", "B", 0, NULL },
		{ "AA=1", "A", 0, NULL },
		{ "a=1", "A", 0, NULL },
		{ "A=1=2", "A", 1, "1=2" },
		{ "A=\"\\n\\t\\r\\\\\\\"\\101\"", "A", 1, "\n\t\r\\\"A" },
		{ "A=\"\\200\"", "A", 1, "\200" },
		{ "A=\"\\0\"", "A", -EPROTO, NULL },
		{ "A=\"\\000x\"", "A", -EPROTO, NULL },
		{ "A=\"\\777\"", "A", -EPROTO, NULL },
		{ "A=\"x", "A", -EPROTO, NULL },
		{ "A=\"x\\", "A", -EPROTO, NULL },
		{ "A=\"x\"y", "A", -EPROTO, NULL },
		{ "B=\"x A=1", "A", -EPROTO, NULL },
		{ "A=12345678901234567890", "A", -ENOBUFS, NULL },
		{ "A=\"12345678901234567890\"", "A", -ENOBUFS, NULL },
		{ "", "A", 0, NULL },
		{ "   ", "A", 0, NULL },
		{ "=x A=1", "A", 1, "1" },
	};
	char value[16];

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		int rc = tor_control_keyword(t[i].text, t[i].key, value,
					     sizeof(value));

		if (rc != t[i].rc)
			fail_msg("%s: %d", t[i].text, rc);
		if (rc == 1)
			assert_string_equal(value, t[i].value);
	}
}

static void test_control_reads_quoted_lists(void **state)
{
	const char *rest = "\"unix:/a b\" \"127.0.0.1:9050\"";
	char value[32];

	(void)state;
	assert_int_equal(tor_control_quoted_next(&rest, value, 32), 1);
	assert_string_equal(value, "unix:/a b");
	assert_int_equal(tor_control_quoted_next(&rest, value, 32), 1);
	assert_string_equal(value, "127.0.0.1:9050");
	assert_int_equal(tor_control_quoted_next(&rest, value, 32), 0);
	rest = "127.0.0.1:9050";
	assert_int_equal(tor_control_quoted_next(&rest, value, 32), -EPROTO);
	rest = "\"a\"\"b\"";
	assert_int_equal(tor_control_quoted_next(&rest, value, 32), -EPROTO);
}

/* ... and back: any text survives */
static void test_control_quotes(void **state)
{
	char q[64], small[8], back[16];
	const char *rest = q;

	(void)state;
	assert_int_equal(tor_control_quote("/a b", q, sizeof(q)), 0);
	assert_string_equal(q, "\"/a b\"");
	assert_int_equal(tor_control_quote("/\"\\\n#\xc3", q, sizeof(q)), 0);
	assert_string_equal(q, "\"/\\042\\134\\012#\\303\"");
	assert_int_equal(tor_control_quoted_next(&rest, back, sizeof(back)), 1);
	assert_string_equal(back, "/\"\\\n#\xc3");
	assert_int_equal(tor_control_quote("/aaaaaaa", small, sizeof(small)),
			 -ENAMETOOLONG);
}

static void test_reply_is_put_together(void **state)
{
	static const char *const texts[] = { "a=", "b", "", "", "OK" };
	struct tor_reply r = { .lines = NULL };
	size_t at = 0;
	int rc = 0;

	(void)state;
	fresh("250+a=\r\nb\r\n\r\n.\r\n250 OK\r\n");
	while (tor_control_next(&c, &line) == 1) {
		assert_int_equal(rc, 0);
		rc = tor_reply_add(&r, &line);
	}
	assert_int_equal(rc, 1);
	assert_int_equal(r.code, 250);
	for (size_t i = 0; i < 5; i++) {
		assert_int_equal(tor_reply_next(&r, &at, &line), 1);
		assert_string_equal(line.text, texts[i]);
	}
	assert_int_equal(line.kind, TOR_LINE_END);
	assert_int_equal(tor_reply_next(&r, &at, &line), 0);
	tor_reply_clear(&r);
	at = 0;
	assert_int_equal(tor_reply_next(&r, &at, &line), 0);
}

/* not even empty lines are free */
static void test_reply_has_an_end(void **state)
{
	static const struct tor_line empty = { TOR_LINE_MID, 250, "" };
	struct tor_reply r = { .lines = NULL };
	int rc = 0;
	size_t n = 0;

	(void)state;
	while (rc == 0 && n <= TOR_REPLY_BYTES_MAX) {
		rc = tor_reply_add(&r, &empty);
		n++;
	}
	assert_int_equal(rc, -EMSGSIZE);
	assert_true(n > TOR_REPLY_BYTES_MAX / 2);
	tor_reply_clear(&r);
}

static void test_auth_reads_protocolinfo(void **state)
{
	static const struct {
		const char *text;
		int rc;
		enum tor_auth_method method;
		const char *file;
	} t[] = {
		{ "AUTH METHODS=COOKIE,SAFECOOKIE COOKIEFILE=\"/a \\\"b\"", 0,
		  TOR_AUTH_SAFECOOKIE, "/a \"b" },
		{ "AUTH METHODS=COOKIE,HASHEDPASSWORD COOKIEFILE=\"/c\"", 0,
		  TOR_AUTH_COOKIE, "/c" },
		{ "AUTH METHODS=NULL", 0, TOR_AUTH_NULL, "" },
		{ "AUTH METHODS=HASHEDPASSWORD,SAFECOOKIES,NUL", 0,
		  TOR_AUTH_UNSET, "" },
		{ "AUTH METHODS=", 0, TOR_AUTH_UNSET, "" },
		{ "AUTH COOKIEFILE=\"/a\"", -EPROTO, TOR_AUTH_UNSET, "" },
		{ "AUTH METHODS=COOKIE COOKIEFILE=\"/a\\000b\"", -EPROTO,
		  TOR_AUTH_COOKIE, NULL },
		{ "VERSION Tor=\"0.4.9.11\"", 0, TOR_AUTH_UNSET, "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		const struct tor_line l = { TOR_LINE_MID, 250, t[i].text };
		struct tor_auth_info info = { .methods = 0 };

		assert_int_equal(tor_auth_read_info(&info, &l), t[i].rc);
		assert_int_equal(tor_auth_choose(&info), t[i].method);
		if (t[i].file)
			assert_string_equal(info.cookie_file, t[i].file);
	}
}

static void test_control_printable(void **state)
{
	char text[] = "a\033[2Jb\r\n\200c";

	(void)state;
	tor_control_printable(text);
	assert_string_equal(text, "a?[2Jb???c");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_control_reads_a_reply),
		cmocka_unit_test(test_control_reads_a_body),
		cmocka_unit_test(test_control_byte_by_byte),
		cmocka_unit_test(test_control_refuses_what_is_no_line),
		cmocka_unit_test(test_control_refuses_nul),
		cmocka_unit_test(test_control_refuses_endless_line),
		cmocka_unit_test(test_control_finds_keywords),
		cmocka_unit_test(test_control_reads_quoted_lists),
		cmocka_unit_test(test_control_quotes),
		cmocka_unit_test(test_reply_is_put_together),
		cmocka_unit_test(test_reply_has_an_end),
		cmocka_unit_test(test_auth_reads_protocolinfo),
		cmocka_unit_test(test_control_printable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
