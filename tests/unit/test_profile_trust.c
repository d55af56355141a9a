/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_profile_trust.c - files that others may have planted */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/attr.h"
#include "tests/unit/profile_tree.h"

/* Inode that another user is made to own, 0 for none; as root may not be. */
static ino_t foreign_ino;

/* Whom the directory of this program is made to belong to, 0 for as it is. */
static uid_t program_owner;

int __real_stat(const char *path, struct stat *st);
int __wrap_stat(const char *path, struct stat *st);

int __wrap_stat(const char *path, struct stat *st)
{
	int rc = __real_stat(path, st);

	if (rc == 0 && program_owner)
		st->st_uid = program_owner;
	return rc;
}

int __real_fstat(int fd, struct stat *st);
int __wrap_fstat(int fd, struct stat *st);

int __wrap_fstat(int fd, struct stat *st)
{
	int rc = __real_fstat(fd, st);

	if (rc == 0 && foreign_ino && st->st_ino == foreign_ino)
		st->st_uid = 4711;
	return rc;
}

/* foreign() and program_owner hold for one test only. */
static int undo(void **state)
{
	foreign_ino = 0;
	program_owner = 0;
	return tree_teardown(state);
}

static void foreign(const struct tree *t, const char *name)
{
	char path[256];
	struct stat st;

	foreign_ino = 0;
	if (!name)
		return;
	tree_path(t, name, path, sizeof(path));
	assert_int_equal(stat(path, &st), 0);
	foreign_ino = st.st_ino;
}

static void test_profile_trust_refuses_what_is_not_a_file(void **state)
{
	struct tree *t = *state;
	char path[256];

	tree_path(t, "high/a.profile", path, sizeof(path));
	tree_put(t, "low/a.profile", ""); /* never fallen back to */
	assert_int_equal(mkfifo(path, 0644), 0);
	assert_string_equal(tree_refused(t, "a", -EINVAL),
			    "/high/a.profile is not a regular file");
	unlink(path);
	assert_int_equal(mkdir(path, 0755), 0);
	assert_string_equal(tree_refused(t, "a", -EINVAL),
			    "/high/a.profile is not a regular file");
	rmdir(path);
	assert_int_equal(symlink("../low/a.profile", path), 0);
	assert_string_equal(tree_refused(t, "a", -ELOOP),
			    "/high/a.profile is a symlink");
	unlink(path);
	assert_int_equal(symlink("/dev/zero", path), 0);
	assert_string_equal(tree_refused(t, "a", -ELOOP),
			    "/high/a.profile is a symlink");
	unlink(path);
	assert_int_equal(symlink("nowhere", path), 0);
	assert_string_equal(tree_refused(t, "a", -ELOOP),
			    "/high/a.profile is a symlink");
	assert_true(profile_exists(&t->dirs, "a"));
}

static void test_profile_trust_refuses_planted_drop_ins(void **state)
{
	struct tree *t = *state;
	char dir[256], file[256];

	tree_put(t, "low/a.profile", "");
	tree_put(t, "elsewhere/x.conf", "");
	tree_path(t, "low/a.profile.d", dir, sizeof(dir));
	assert_int_equal(symlink("../elsewhere", dir), 0);
	assert_string_equal(tree_refused(t, "a", -ELOOP),
			    "open /low/a.profile.d");
	unlink(dir);
	tree_put(t, "low/a.profile.d", "a file");
	assert_string_equal(tree_refused(t, "a", -ENOTDIR),
			    "open /low/a.profile.d");
	unlink(dir);
	assert_int_equal(mkdir(dir, 0755), 0);
	tree_path(t, "low/a.profile.d/x.conf", file, sizeof(file));
	assert_int_equal(symlink("../../elsewhere/x.conf", file), 0);
	assert_string_equal(tree_refused(t, "a", -ELOOP),
			    "/low/a.profile.d/x.conf is a symlink");
	unlink(file);
	assert_int_equal(mkfifo(file, 0644), 0);
	assert_string_equal(tree_refused(t, "a", -EINVAL),
			    "/low/a.profile.d/x.conf is not a regular file");
}

static void test_profile_trust_refuses_what_is_too_large(void **state)
{
	struct tree *t = *state;
	char path[256];

	tree_put(t, "low/a.profile", "# x\n");
	tree_path(t, "low/a.profile", path, sizeof(path));
	assert_int_equal(truncate(path, PROFILE_FILE_MAX_BYTES + 1), 0);
	assert_string_equal(tree_refused(t, "a", -EFBIG),
			    "/low/a.profile is larger than 64 KiB");
}

static void test_profile_trust_refuses_what_others_can_write(void **state)
{
	struct tree *t = *state;
	char file[256], drop[256];

	tree_put(t, "low/a.profile", "");
	tree_put(t, "low/a.profile.d/x.conf", "");
	tree_path(t, "low/a.profile", file, sizeof(file));
	tree_path(t, "low/a.profile.d", drop, sizeof(drop));
	chmod(file, 0664);
	assert_string_equal(tree_refused(t, "a", -EPERM),
			    "/low/a.profile can be written by others (mode "
			    "664)");
	chmod(file, 0646);
	assert_string_equal(tree_refused(t, "a", -EPERM),
			    "/low/a.profile can be written by others (mode "
			    "646)");
	chmod(file, 0644);
	chmod(drop, 0775);
	assert_string_equal(tree_refused(t, "a", -EPERM),
			    "/low/a.profile.d can be written by others (mode "
			    "775)");
	chmod(drop, 0755);
	chmod(t->high, 0757); /* empty: a profile could come at any time */
	assert_string_equal(tree_refused(t, "a", -EPERM),
			    "/high can be written by others (mode 757)");
	chmod(t->high, 0755);
	profile_free(tree_load(t, "a"));
	chmod(t->root, 0757);
	assert_string_equal(tree_refused(t, "a", -EPERM),
			    "a directory above /low can be replaced by "
			    "others");
	chmod(t->root, 0755);
}

static void test_profile_trust_refuses_another_owner(void **state)
{
	struct tree *t = *state;

	tree_put(t, "low/a.profile", "");
	tree_put(t, "low/a.profile.d/x.conf", "");
	foreign(t, "low/a.profile");
	assert_string_equal(tree_refused(t, "a", -EPERM),
			    "/low/a.profile belongs to uid 4711, neither to "
			    "you nor to root");
	foreign(t, "low/a.profile.d");
	assert_string_equal(tree_refused(t, "a", -EPERM),
			    "/low/a.profile.d belongs to uid 4711, neither to "
			    "you nor to root");
	foreign(t, "low/a.profile.d/x.conf");
	assert_string_equal(tree_refused(t, "a", -EPERM),
			    "/low/a.profile.d/x.conf belongs to uid 4711, "
			    "neither to you nor to root");
	foreign(t, "mid");
	assert_string_equal(tree_refused(t, "a", -EPERM),
			    "/mid belongs to uid 4711, neither to you nor to "
			    "root");
	foreign(t, "");
	assert_string_equal(tree_refused(t, "a", -EPERM),
			    "a directory above /low can be replaced by "
			    "others");
	foreign(t, NULL);
	profile_free(tree_load(t, "a"));
}

static void test_profile_trust_reports_what_it_cannot_read(void **state)
{
	struct tree *t = *state;
	bool root = geteuid() == 0;
	const char *what;
	char file[256];

	tree_put(t, "low/a.profile", "");
	tree_put(t, "high/a.profile", "");
	tree_path(t, "high/a.profile", file, sizeof(file));
	chmod(file, 0);
	if (root) /* who can read everything */
		assert_int_equal(seteuid(65534), 0);
	what = tree_refused(t, "a", -EACCES);
	if (root)
		assert_int_equal(seteuid(0), 0);
	assert_string_equal(what, "open /high/a.profile");
}

static void test_profile_trust_never_reads_the_current_directory(void **state)
{
	struct tree *t = *state;
	struct profile_dirs relative = { .dirs = { "low" }, .n = 1 };
	struct profile_dirs many = { .n = PROFILE_DIRS_MAX + 1 };
	struct profile *p = NULL;
	struct fault f = { 0 };
	char cwd[PATH_MAX];

	tree_put(t, "a.profile", "");
	tree_put(t, "low/b.profile", "");
	assert_non_null(getcwd(cwd, sizeof(cwd)));
	assert_int_equal(chdir(t->root), 0);
	assert_false(profile_exists(&t->dirs, "a"));
	tree_refused(t, "a", -ENOENT);
	assert_int_equal(profile_load(&relative, "b", &p, &f), -EINVAL);
	assert_string_equal(f.what, "low: profile directories are absolute");
	assert_int_equal(chdir(cwd), 0);
	assert_int_equal(profile_load(&many, "b", &p, &f), -E2BIG);
}

static void test_profile_trust_skips_missing_directories(void **state)
{
	struct tree *t = *state;

	tree_put(t, "low/a.profile", "");
	rmdir(t->mid);
	rmdir(t->high);
	profile_free(tree_load(t, "a"));
	tree_put(t, "high", "a file");
	assert_string_equal(tree_refused(t, "a", -ENOTDIR), "open /high");
}

/* A build tree may belong to another user than the one who runs it. */
static void test_profile_trust_trusts_who_can_replace_the_program(void **state)
{
	struct tree *t = *state;

	tree_put(t, "low/a.profile", "");
	program_owner = 4711;
	foreign(t, "low/a.profile");
	profile_free(tree_load(t, "a"));
	foreign(t, "");
	profile_free(tree_load(t, "a"));
}

#define mine(t) cmocka_unit_test_setup_teardown(t, tree_setup, undo)

int main(void)
{
	const struct CMUnitTest tests[] = {
		mine(test_profile_trust_refuses_what_is_not_a_file),
		mine(test_profile_trust_refuses_planted_drop_ins),
		mine(test_profile_trust_refuses_what_is_too_large),
		mine(test_profile_trust_refuses_what_others_can_write),
		mine(test_profile_trust_refuses_another_owner),
		mine(test_profile_trust_reports_what_it_cannot_read),
		mine(test_profile_trust_never_reads_the_current_directory),
		mine(test_profile_trust_skips_missing_directories),
		mine(test_profile_trust_trusts_who_can_replace_the_program),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
