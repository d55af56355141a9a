/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_ldcache.c - whose libraries a cache names */
#include "launcher/ldcache.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/attr.h"

#define MAGIC "glibc-ld.so.cache1.1"

/* A cache of @n entries full of @fill, and strings. Of the exact size, so
 * that a read past its end is seen; the caller frees it. */
static char *make(uint32_t n, int fill, const char *strings, size_t slen,
		  size_t *len)
{
	uint32_t numbers[7] = { n, (uint32_t)slen };
	char *c;

	*len = 48 + 24 * (size_t)n + slen;
	c = malloc(*len);
	assert_non_null(c);
	memcpy(c, MAGIC, 20);
	memcpy(c + 20, numbers, sizeof(numbers));
	memset(c + 48, fill, 24 * (size_t)n);
	memcpy(c + 48 + 24 * (size_t)n, strings, slen);
	return c;
}

static bool judge(uint32_t n, int fill, const char *strings, size_t slen)
{
	size_t len;
	char *c = make(n, fill, strings, slen, &len);
	bool ok = ldcache_is_of_system(c, len);

	free(c);
	return ok;
}

#define STRINGS(s) s, sizeof(s)

static void test_ldcache_takes_the_system_s(void **state)
{
	(void)state;
	assert_true(judge(1, 1, STRINGS("libz.so.1\0/lib/x/libz.so.1")));
	assert_true(judge(2, 1, STRINGS("/lib64/a\0/usr/local/lib/b\0c")));
	/* entries are numbers, whatever bytes they are made of */
	assert_true(judge(3, '/', STRINGS("/usr/lib/a")));
	assert_true(judge(0, 0, STRINGS("/usr/lib/a")));
}

static void test_ldcache_refuses_others(void **state)
{
	(void)state;
	assert_false(judge(1, 1, STRINGS("/opt/secret/lib/a")));
	assert_false(judge(1, 1, STRINGS("/usr/lib/a\0/home/alice/lib/b")));
	assert_false(judge(1, 1, STRINGS("/usrlocal/lib/a")));
	assert_false(judge(1, 1, STRINGS("/")));
}

static void test_ldcache_refuses_what_it_is_not(void **state)
{
	static const uint32_t huge[] = { UINT32_MAX, 1000, 11 };
	size_t len;
	char *c = make(2, 1, STRINGS("/usr/lib/a"), &len);

	(void)state;
	assert_true(ldcache_is_of_system(c, len));
	for (size_t n = 0; n < len; n++) {
		char *cut = malloc(n ? n : 1);

		memcpy(cut, c, n);
		assert_false(ldcache_is_of_system(cut, n));
		free(cut);
	}
	/* a string without an end */
	c[len - 1] = 'x';
	assert_false(ldcache_is_of_system(c, len));
	c[len - 1] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(huge); i++) {
		memcpy(c + 20, &huge[i], sizeof(huge[i]));
		assert_false(ldcache_is_of_system(c, len));
	}
	free(c);
	c = make(2, 1, STRINGS("/usr/lib/a"), &len);
	memcpy(c, "ld.so-1.7.0", 12);
	assert_false(ldcache_is_of_system(c, len));
	free(c);
	assert_false(judge(1, 1, "", 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ldcache_takes_the_system_s),
		cmocka_unit_test(test_ldcache_refuses_others),
		cmocka_unit_test(test_ldcache_refuses_what_it_is_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
