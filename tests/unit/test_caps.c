/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_caps.c - given up for good, and looked at */
#include "base/caps.h"

#include <errno.h>
#include <linux/capability.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/ns.h"

static bool is_left(const char *what)
{
	struct fault f = { 0 };

	return caps_check_none(&f) == -EPERM && strstr(f.what, what);
}

static const char *drop(void *arg)
{
	struct fault f = { 0 };

	(void)arg;
	/* a user namespace gives all of them */
	NS_CHECK(is_left("capabilities are left"));
	NS_CHECK(caps_drop_all(&f) == 0);
	NS_CHECK(caps_check_none(&f) == 0);
	/* nor do they come back */
	NS_CHECK(prctl(PR_CAPBSET_READ, CAP_CHOWN, 0, 0, 0) == 0);
	NS_CHECK(caps_drop_all(&f) == -EPERM);
	return NULL;
}

static const char *bounding_only(void *arg)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {
		{ 0 }
	};

	(void)arg;
	NS_CHECK(syscall(SYS_capset, &head, none) == 0);
	/* the set that exec may give back */
	NS_CHECK(is_left("capability 0 is left"));
	return NULL;
}

static const char *ambient_only(void *arg)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct one[_LINUX_CAPABILITY_U32S_3] = {
		{ .permitted = 1, .inheritable = 1 },
	};

	(void)arg;
	NS_CHECK(syscall(SYS_capset, &head, one) == 0);
	NS_CHECK(is_left("capabilities are left"));
	return NULL;
}

static void test_caps_drop_all(void **state)
{
	(void)state;
	ns_run_in(0, drop, NULL);
}

static void test_caps_check_sees_each_set(void **state)
{
	(void)state;
	ns_run_in(0, bounding_only, NULL);
	ns_run_in(0, ambient_only, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_caps_drop_all),
		cmocka_unit_test(test_caps_check_sees_each_set),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
