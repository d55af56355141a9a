/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_userns.c - why there is no user namespace, in words */
#include "launcher/userns.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/attr.h"

#define KERNEL "/proc/sys/kernel/"

/* The one setting of this machine, and its value. */
static const char *setting_path, *setting_value;

int __wrap_open(const char *path, int flags, ...);

int __wrap_open(const char *path, int flags, ...)
{
	int fd;

	(void)flags;
	if (!setting_path || strcmp(path, setting_path) != 0) {
		errno = ENOENT;
		return -1;
	}
	fd = memfd_create("setting", MFD_CLOEXEC);
	assert_int_equal(write(fd, setting_value, strlen(setting_value)),
			 strlen(setting_value));
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

static const struct row {
	const char *path, *value;
	int err;
	const char *hint; /* part of it, or NULL: none */
} rows[] = {
	{ KERNEL "unprivileged_userns_clone", "0\n", EPERM,
	  "sudo sysctl kernel.unprivileged_userns_clone=1" },
	{ KERNEL "unprivileged_userns_clone", "1\n", EPERM, NULL },
	{ "/proc/sys/user/max_user_namespaces", "0\n", ENOSPC,
	  "sudo sysctl user.max_user_namespaces=" },
	{ "/proc/sys/user/max_net_namespaces", "0\n", ENOSPC,
	  "sudo sysctl user.max_net_namespaces=" },
	{ KERNEL "apparmor_restrict_unprivileged_userns", "1\n", EACCES,
	  "sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0" },
	{ KERNEL "apparmor_restrict_unprivileged_userns", "1\n", EPERM,
	  "AppArmor in isolate(1)" },
	{ KERNEL "apparmor_restrict_unprivileged_userns", "0\n", EPERM, NULL },
	{ NULL, NULL, ENOSPC, "sysctl user" },
	{ NULL, NULL, EPERM, NULL },
};

static void test_userns_explain(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct fault f = { .stage = "" };
		const struct row *r = &rows[i];

		setting_path = r->path;
		setting_value = r->value;
		fault_set(&f, r->err, "make a user namespace");
		userns_explain(&f);
		if (r->hint)
			assert_non_null(strstr(f.hint, r->hint));
		else
			assert_string_equal(f.hint, "");
	}
}

static void test_userns_has_id(void **state)
{
	(void)state;
	/* of whatever namespace this runs in: its own ids are in its maps */
	if (getuid() == getgid())
		assert_true(userns_has_id(getuid()));
	/* no map holds -1 (user_namespaces(7)) */
	assert_false(userns_has_id(UINT32_MAX));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_userns_explain),
		cmocka_unit_test(test_userns_has_id),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
