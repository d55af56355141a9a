/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_tor_cookie.c - HMAC-SHA256 vectors and SAFECOOKIE */
#include "tor/cookie.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

static void assert_mac(const void *key, size_t keylen, const char *msg,
		       const char *want)
{
	uint8_t mac[TOR_COOKIE_LEN];
	char text[2 * TOR_COOKIE_LEN + 1];

	tor_cookie_hmac(key, keylen, msg, strlen(msg), mac);
	tor_cookie_hex(mac, text);
	assert_string_equal(text, want);
}

/* RFC 4231 s4.2, s4.3, s4.7 */
static void test_cookie_hmac_vectors(void **state)
{
	uint8_t key[131];

	(void)state;
	memset(key, 0x0b, sizeof(key));
	assert_mac(key, 20, "Hi There",
		   "B0344C61D8DB38535CA8AFCEAF0BF12B"
		   "881DC200C9833DA726E9376C2E32CFF7");
	assert_mac("Jefe", 4, "what do ya want for nothing?",
		   "5BDCC146BF60754E6A042426089575C7"
		   "5A003F089D2739839DEC58B964EC3843");
	memset(key, 0xaa, sizeof(key));
	assert_mac(key, sizeof(key),
		   "Test Using Larger Than Block-Size Key - Hash Key First",
		   "60E431591EE0B67F0D8A26AACBF5B77F"
		   "8E0BC6213728C5140546040F0EE37F54");
}

/* control-spec s3.24: cookie, client nonce, server nonce in this order */
static void test_cookie_server_must_know_it(void **state)
{
	struct tor_cookie c;
	uint8_t hash[TOR_COOKIE_LEN], msg[3 * TOR_COOKIE_LEN];
	static const char key[] =
		"Tor safe cookie authentication server-to-controller hash";

	(void)state;
	memset(c.cookie, 1, TOR_COOKIE_LEN);
	memset(c.client_nonce, 2, TOR_COOKIE_LEN);
	memset(c.server_nonce, 3, TOR_COOKIE_LEN);
	memset(msg, 1, 32);
	memset(msg + 32, 2, 32);
	memset(msg + 64, 3, 32);
	tor_cookie_hmac(key, strlen(key), msg, sizeof(msg), hash);
	assert_true(tor_cookie_proves_server(&c, hash));
	hash[31] ^= 1;
	assert_false(tor_cookie_proves_server(&c, hash));
	hash[31] ^= 1;
	c.cookie[0] ^= 1;
	assert_false(tor_cookie_proves_server(&c, hash));
	/* its own proof sent back is no answer, and ours is another one */
	c.cookie[0] ^= 1;
	tor_cookie_answer(&c, msg);
	assert_memory_not_equal(msg, hash, TOR_COOKIE_LEN);
	assert_false(tor_cookie_proves_server(&c, msg));
}

static void test_cookie_hex_both_ways(void **state)
{
	uint8_t bytes[TOR_COOKIE_LEN], back[TOR_COOKIE_LEN];
	char text[2 * TOR_COOKIE_LEN + 2];

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 37);
	tor_cookie_hex(bytes, text);
	assert_int_equal(tor_cookie_unhex(text, back), 0);
	assert_memory_equal(bytes, back, sizeof(bytes));
	text[5] = 'g';
	assert_int_equal(tor_cookie_unhex(text, back), -EPROTO);
	text[5] = '0';
	text[63] = '\0';
	assert_int_equal(tor_cookie_unhex(text, back), -EPROTO);
	memcpy(text + 63, "00", 3);
	assert_int_equal(tor_cookie_unhex(text, back), -EPROTO);
	assert_int_equal(tor_cookie_unhex("", back), -EPROTO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cookie_hmac_vectors),
		cmocka_unit_test(test_cookie_server_must_know_it),
		cmocka_unit_test(test_cookie_hex_both_ways),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
