/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_path.c - no planted symlink leads a path astray */
#include "base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fd.h"
#include "tests/unit/temp.h"

static int top(void **state)
{
	int fd = open(*state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

static void test_path_refuses_to_leave(void **state)
{
	int dir = top(state), fd;

	assert_int_equal(mkdirat(dir, "d", 0700), 0);
	assert_int_equal(symlinkat("/etc", dir, "out"), 0);
	assert_int_equal(symlinkat("d", dir, "in"), 0);
	assert_int_equal(path_open_beneath(dir, "out/passwd", O_RDONLY, 0),
			 -ELOOP);
	assert_int_equal(path_open_beneath(dir, "in", O_RDONLY, 0), -ELOOP);
	assert_int_equal(path_open_beneath(dir, "d/../..", O_RDONLY, 0),
			 -EXDEV);
	assert_int_equal(path_open_beneath(dir, "/etc", O_RDONLY, 0), -EXDEV);
	fd = path_open_beneath(dir, "d", O_RDONLY, 0);
	assert_true(fd >= 0);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	fd_close(fd);
	fd_close(dir);
}

static void test_path_makes_dirs_beneath(void **state)
{
	int dir = top(state), fd = path_make_dirs(dir, "a/b/c", 0700);
	struct stat st;

	assert_true(fd >= 0);
	fd_close(fd);
	assert_int_equal(fstatat(dir, "a/b/c", &st, 0), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	fd = path_make_dirs(dir, "a/b", 0700);
	assert_true(fd >= 0);
	fd_close(fd);
	assert_int_equal(symlinkat("/tmp", dir, "link"), 0);
	fd = path_make_dirs(dir, "link/x", 0700);
	assert_true(fd == -ELOOP || fd == -ENOTDIR);
	assert_int_equal(path_make_dirs(dir, "a/../x", 0700), -EINVAL);
	assert_int_equal(path_make_dirs(dir, "./x", 0700), -EINVAL);
	fd_close(dir);
}

static void test_path_private_is_private(void **state)
{
	char path[256], link[256];
	int fd;

	snprintf(path, sizeof(path), "%s/p/q", (char *)*state);
	snprintf(link, sizeof(link), "%s/link", (char *)*state);
	fd = path_open_private(path);
	assert_true(fd >= 0);
	fd_close(fd);
	assert_int_equal(chmod(path, 0770), 0);
	assert_int_equal(path_open_private(path), -EPERM);
	assert_int_equal(chmod(path, 0702), 0);
	assert_int_equal(path_open_private(path), -EPERM);
	assert_int_equal(symlink(path, link), 0);
	assert_true(path_open_private(link) < 0);
	assert_int_equal(path_open_private("relative"), -EINVAL);
}

static void test_path_reopen(void **state)
{
	char at[PATH_MAX];
	struct stat a, b;
	int dir, again;

	dir = open(*state, O_PATH | O_DIRECTORY | O_CLOEXEC);
	again = path_reopen(dir);
	assert_true(again >= 0);
	assert_int_equal(fstat(dir, &a), 0);
	assert_int_equal(fstat(again, &b), 0);
	assert_int_equal(a.st_ino, b.st_ino);
	assert_true(fcntl(again, F_GETFD) & FD_CLOEXEC);
	fd_close(again);
	assert_int_equal(path_reopen(-1), -ENOENT);
	fd_close(dir);
	/* no directory; one that is gone, a symlink in its place or not */
	dir = open("/dev/null", O_PATH | O_CLOEXEC);
	assert_int_equal(path_reopen(dir), -ENOTDIR);
	fd_close(dir);
	snprintf(at, sizeof(at), "%s/sub", (const char *)*state);
	assert_int_equal(mkdir(at, 0700), 0);
	dir = open(at, O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(rmdir(at), 0);
	assert_int_equal(path_reopen(dir), -ENOENT);
	fd_close(dir);
	assert_int_equal(mkdir(at, 0700), 0);
	dir = open(at, O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(rmdir(at), 0);
	assert_int_equal(symlink("/", at), 0);
	assert_true(path_reopen(dir) < 0);
	fd_close(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_path_refuses_to_leave,
						temp_make, temp_remove),
		cmocka_unit_test_setup_teardown(test_path_makes_dirs_beneath,
						temp_make, temp_remove),
		cmocka_unit_test_setup_teardown(test_path_reopen, temp_make,
						temp_remove),
		cmocka_unit_test_setup_teardown(test_path_private_is_private,
						temp_make, temp_remove),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
