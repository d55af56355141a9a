/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_dirs.c - where the user's own state is */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/dirs.h"
#include "base/fd.h"
#include "tests/unit/temp.h"

static void unset_all(void)
{
	unsetenv("XDG_DATA_HOME");
	unsetenv("XDG_CACHE_HOME");
	unsetenv("XDG_CONFIG_HOME");
	unsetenv("XDG_RUNTIME_DIR");
}

static void test_dirs_names(void **state)
{
	static const struct {
		int (*name)(char *buf, size_t len);
		const char *variable, *value, *expect;
	} rows[] = {
		{ dirs_data, "XDG_DATA_HOME", NULL, "/h/.local/share/isolate" },
		{ dirs_data, "XDG_DATA_HOME", "/d", "/d/isolate" },
		{ dirs_data, "XDG_DATA_HOME", "", "/h/.local/share/isolate" },
		{ dirs_data, "XDG_DATA_HOME", "rel/d",
		  "/h/.local/share/isolate" },
		{ dirs_data, "XDG_DATA_HOME", "../d",
		  "/h/.local/share/isolate" },
		{ dirs_cache, "XDG_CACHE_HOME", NULL, "/h/.cache/isolate" },
		{ dirs_cache, "XDG_CACHE_HOME", "/c", "/c/isolate" },
		{ dirs_config, "XDG_CONFIG_HOME", NULL, "/h/.config/isolate" },
		{ dirs_config, "XDG_CONFIG_HOME", "/e", "/e/isolate" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char buf[PATH_MAX];

		unset_all();
		setenv("HOME", "/h", 1);
		if (rows[i].value)
			setenv(rows[i].variable, rows[i].value, 1);
		assert_int_equal(rows[i].name(buf, sizeof(buf)), 0);
		assert_string_equal(buf, rows[i].expect);
	}
}

static void test_dirs_home_from_passwd(void **state)
{
	struct passwd *pw = getpwuid(geteuid());
	char buf[PATH_MAX], expect[PATH_MAX];

	(void)state;
	unset_all();
	for (int i = 0; i < 2; i++) {
		if (i)
			setenv("HOME", "relative", 1);
		else
			unsetenv("HOME");
		if (!pw) {
			assert_int_equal(dirs_data(buf, sizeof(buf)), -ENOENT);
			continue;
		}
		snprintf(expect, sizeof(expect), "%s/.local/share/isolate",
			 pw->pw_dir);
		assert_int_equal(dirs_data(buf, sizeof(buf)), 0);
		assert_string_equal(buf, expect);
	}
}

static void test_dirs_too_long(void **state)
{
	char buf[8];

	(void)state;
	unset_all();
	setenv("HOME", "/h", 1);
	assert_int_equal(dirs_data(buf, sizeof(buf)), -ENAMETOOLONG);
	setenv("XDG_DATA_HOME", "/0123456789", 1);
	assert_int_equal(dirs_data(buf, sizeof(buf)), -ENAMETOOLONG);
}

/* Each base that is not the caller's alone is passed over. */
static void test_dirs_runtime_base_must_be_ours(void **state)
{
	const char *t = *state;
	char base[PATH_MAX], buf[PATH_MAX], expect[PATH_MAX + 16];

	unset_all();
	snprintf(base, sizeof(base), "%s/run", t);
	snprintf(expect, sizeof(expect), "%s/isolate", base);
	assert_int_equal(mkdir(base, 0700), 0);
	setenv("XDG_RUNTIME_DIR", base, 1);
	assert_int_equal(dirs_runtime(buf, sizeof(buf)), 0);
	assert_string_equal(buf, expect);

	assert_int_equal(chmod(base, 0755), 0);
	assert_int_equal(dirs_runtime(buf, sizeof(buf)), 0);
	assert_string_not_equal(buf, expect);

	setenv("XDG_RUNTIME_DIR", "run", 1);
	assert_int_equal(dirs_runtime(buf, sizeof(buf)), 0);
	assert_true(buf[0] == '/');

	if (geteuid() == 0) {
		assert_int_equal(chmod(base, 0700), 0);
		assert_int_equal(chown(base, 12345, 12345), 0);
		setenv("XDG_RUNTIME_DIR", base, 1);
		assert_int_equal(dirs_runtime(buf, sizeof(buf)), 0);
		assert_string_not_equal(buf, expect);
	}
}

static void test_dirs_open_makes_private(void **state)
{
	const char *t = *state;
	char base[PATH_MAX], dir[PATH_MAX + 16];
	struct fault f = { .err = 0 };
	struct stat st;
	mode_t old = umask(0);
	int fd;

	snprintf(base, sizeof(base), "%s/a/b", t);
	snprintf(dir, sizeof(dir), "%s/isolate", base);
	setenv("XDG_DATA_HOME", base, 1);
	fd = dirs_open_data(&f);
	umask(old);
	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	fd_close(fd);

	/* open to readers: closed to them again */
	assert_int_equal(chmod(dir, 0755), 0);
	fd = dirs_open_data(&f);
	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	fd_close(fd);
}

static void test_dirs_open_refuses(void **state)
{
	const char *t = *state;
	char dir[PATH_MAX], other[PATH_MAX];
	struct fault f = { .err = 0 };
	int fd;

	snprintf(dir, sizeof(dir), "%s/isolate", t);
	snprintf(other, sizeof(other), "%s/other", t);
	setenv("XDG_DATA_HOME", t, 1);
	setenv("XDG_CACHE_HOME", t, 1);

	/* writable by others: they may have planted something */
	assert_int_equal(mkdir(dir, 0700), 0);
	assert_int_equal(chmod(dir, 0777), 0);
	assert_int_equal(dirs_open_data(&f), -EPERM);
	assert_non_null(strstr(f.what, dir));
	assert_non_null(strstr(f.hint, "chmod 0700"));
	if (geteuid() == 0) {
		assert_int_equal(chmod(dir, 0700), 0);
		assert_int_equal(chown(dir, 12345, 12345), 0);
		assert_int_equal(dirs_open_cache(&f), -EPERM);
	}
	assert_int_equal(rmdir(dir), 0);

	assert_int_equal(mkdir(other, 0700), 0);
	assert_int_equal(symlink(other, dir), 0);
	fd = dirs_open_data(&f);
	assert_true(fd == -ELOOP || fd == -ENOTDIR);
	assert_non_null(strstr(f.hint, "no symlink"));
	assert_int_equal(unlink(dir), 0);

	fd = open(dir, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	fd_close(fd);
	assert_int_equal(dirs_open_data(&f), -ENOTDIR);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dirs_names),
		cmocka_unit_test(test_dirs_home_from_passwd),
		cmocka_unit_test(test_dirs_too_long),
		cmocka_unit_test_setup_teardown(
			test_dirs_runtime_base_must_be_ours, temp_make,
			temp_remove),
		cmocka_unit_test_setup_teardown(test_dirs_open_makes_private,
						temp_make, temp_remove),
		cmocka_unit_test_setup_teardown(test_dirs_open_refuses,
						temp_make, temp_remove),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
