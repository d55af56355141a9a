/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_radix.c - base 32 and base 64: RFC 4648 s10, and no more */
#include "base/radix.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/attr.h"

static const struct {
	const char *bytes, *in32, *in64;
} vectors[] = {
	{ "", "", "" },
	{ "f", "my", "Zg==" },
	{ "fo", "mzxq", "Zm8=" },
	{ "foo", "mzxw6", "Zm9v" },
	{ "foob", "mzxw6yq", "Zm9vYg==" },
	{ "fooba", "mzxw6ytb", "Zm9vYmE=" },
	{ "foobar", "mzxw6ytboi", "Zm9vYmFy" },
};

static void test_radix_vectors(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		size_t n = strlen(vectors[i].bytes);
		const uint8_t *bytes = (const uint8_t *)vectors[i].bytes;
		char text[RADIX64_TEXT(6) + RADIX32_TEXT(6)];
		uint8_t back[8] = { 0 };

		radix_encode32(bytes, n, text);
		assert_string_equal(text, vectors[i].in32);
		assert_true(strlen(text) < RADIX32_TEXT(n));
		assert_true(radix_decode32(text, strlen(text), back, n));
		assert_memory_equal(back, bytes, n);
		radix_encode64(bytes, n, text);
		assert_string_equal(text, vectors[i].in64);
		assert_true(strlen(text) < RADIX64_TEXT(n));
		memset(back, 0, sizeof(back));
		assert_true(radix_decode64(text, strlen(text), back, n));
		assert_memory_equal(back, bytes, n);
		/* without padding too */
		assert_true(radix_decode64(text, strcspn(text, "="), back, n));
	}
}

static void test_radix_refuses(void **state)
{
	uint8_t out[8];

	(void)state;
	/* another length, a digit that is none, bits that are left over */
	assert_false(radix_decode32("mzxw", 4, out, 3));
	assert_false(radix_decode32("mzxw6a", 6, out, 3));
	assert_false(radix_decode32("mzxw1", 5, out, 3));
	assert_false(radix_decode32("mzxw7", 5, out, 3));
	assert_true(radix_decode32("MzXw6", 5, out, 3));
	assert_false(radix_decode64("Zm9", 3, out, 3));
	assert_false(radix_decode64("Zm9-", 4, out, 3));
	assert_false(radix_decode64("Zm9\0", 4, out, 3));
	assert_false(radix_decode64("Zh==", 4, out, 1));
	assert_false(radix_decode64("Zg=", 3, out, 1));
	assert_false(radix_decode64("Zg=a", 4, out, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_radix_vectors),
		cmocka_unit_test(test_radix_refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
