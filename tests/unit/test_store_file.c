/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_store_file.c - files that are no ledger, and full disks */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

#include "base/attr.h"
#include "base/fd.h"
#include "identity/store.h"
#include "tests/unit/ledger.h"
#include "tests/unit/temp.h"

static void test_store_file_refuses_file(void **state)
{
	autoclose int dir = ledger_dir(state);
	struct fault f;

	store_close(ledger_make(state));
	assert_int_equal(fchmodat(dir, STORE_FILE, 0640, 0), 0);
	assert_int_equal(ledger_try(state, true, &f), -EPERM);
	assert_non_null(strstr(f.what, "open to other users"));
	assert_non_null(strstr(f.what, *state));
	assert_true(f.hint[0]);
	assert_int_equal(fchmodat(dir, STORE_FILE, 0600, 0), 0);

	assert_int_equal(linkat(dir, STORE_FILE, dir, "other", 0), 0);
	assert_int_equal(ledger_try(state, true, &f), -EPERM);
	assert_non_null(strstr(f.what, "second name"));
	assert_int_equal(unlinkat(dir, STORE_FILE, 0), 0);

	assert_int_equal(symlinkat("other", dir, STORE_FILE), 0);
	assert_int_equal(ledger_try(state, true, &f), -EPERM);
	assert_non_null(strstr(f.what, "not a regular file"));
	assert_int_equal(unlinkat(dir, STORE_FILE, 0), 0);

	assert_int_equal(mkfifoat(dir, STORE_FILE, 0600), 0);
	assert_int_equal(ledger_try(state, true, &f), -EPERM);
	assert_int_equal(unlinkat(dir, STORE_FILE, 0), 0);

	assert_int_equal(mkdirat(dir, STORE_FILE, 0700), 0);
	assert_int_equal(ledger_try(state, true, &f), -EPERM);
	assert_int_equal(unlinkat(dir, STORE_FILE, AT_REMOVEDIR), 0);

	if (geteuid() != 0)
		return;
	assert_int_equal(renameat(dir, "other", dir, STORE_FILE), 0);
	assert_int_equal(fchownat(dir, STORE_FILE, 12345, 12345, 0), 0);
	assert_int_equal(ledger_try(state, true, &f), -EPERM);
	assert_non_null(strstr(f.what, "another user"));
}

/* A link planted as the log of changes is not written through. */
static void test_store_file_refuses_planted_log(void **state)
{
	autoclose int dir = ledger_dir(state);
	struct store_launch l = ledger_launch("irc", true);
	struct fault f = { .err = 0 };
	struct store *s = NULL;
	struct stat st;
	int64_t id;
	int rc;

	store_close(ledger_make(state));
	unlinkat(dir, STORE_FILE "-wal", 0);
	unlinkat(dir, STORE_FILE "-shm", 0);
	assert_int_equal(fd_write_file(dir, "victim", O_CREAT, ""), 0);
	assert_int_equal(symlinkat("victim", dir, STORE_FILE "-wal"), 0);
	rc = store_open(dir, true, &s, &f);
	if (rc == 0)
		rc = store_begin_launch(s, &l, &id, &f);
	assert_true(rc < 0);
	store_close(s);
	assert_int_equal(fstatat(dir, "victim", &st, 0), 0);
	assert_int_equal(st.st_size, 0);
}

static void damage(void **state, off_t at, const char *bytes, off_t cut)
{
	autoclose int dir = ledger_dir(state);
	autoclose int fd = openat(dir, STORE_FILE, O_WRONLY | O_CLOEXEC);

	if (bytes)
		assert_int_equal(pwrite(fd, bytes, strlen(bytes), at),
				 strlen(bytes));
	if (cut)
		assert_int_equal(ftruncate(fd, cut), 0);
}

/* Opening, or else the first use, must fail, say so, and keep the file. */
static void assert_damaged(void **state)
{
	autoclose int dir = ledger_dir(state);
	char id[IDENTITY_NAME_MAX + 1], line[512];
	struct store_launch l = ledger_launch("irc", true);
	struct fault f = { .err = 0 };
	struct stat before, after;
	struct store *s = NULL;
	int64_t row;
	int rc;

	assert_int_equal(fstatat(dir, STORE_FILE, &before, 0), 0);
	rc = store_open(dir, true, &s, &f);
	if (rc == 0)
		rc = store_get_binding(s, LEDGER_APP, id, &f);
	if (rc == 0)
		rc = store_begin_launch(s, &l, &row, &f);
	store_close(s);
	fault_format(&f, line, sizeof(line));
	if (rc != -EBADMSG)
		fail_msg("%d: %s", rc, line);
	assert_non_null(strstr(line, "damaged"));
	assert_non_null(strstr(line, "move it aside"));
	assert_int_equal(fstatat(dir, STORE_FILE, &after, 0), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	assert_int_equal(before.st_size, after.st_size);
}

/* A ledger whose log has been written back, so that the file is all of it. */
static void make_folded(void **state)
{
	struct store *s = ledger_make(state);

	ledger_begin(s, "irc", true);
	store_close(s);
	ledger_run_sql(state, "PRAGMA wal_checkpoint(TRUNCATE)");
}

static void test_store_file_truncated(void **state)
{
	make_folded(state);
	damage(state, 0, NULL, 1024);
	assert_damaged(state);
}

static void test_store_file_not_a_database(void **state)
{
	make_folded(state);
	damage(state, 0, "#!/bin/sh\nexit 0\n", 0);
	assert_damaged(state);
}

static void test_store_file_short_file(void **state)
{
	autoclose int dir = ledger_dir(state);

	assert_int_equal(fd_write_file(dir, STORE_FILE, O_CREAT, "x"), 0);
	assert_int_equal(fchmodat(dir, STORE_FILE, 0600, 0), 0);
	assert_damaged(state);
}

static void test_store_file_scribbled(void **state)
{
	char junk[4096];

	make_folded(state);
	memset(junk, '\xa5', sizeof(junk) - 1);
	junk[sizeof(junk) - 1] = '\0';
	damage(state, 1024, junk, 0);
	assert_damaged(state);
}

static void test_store_file_of_another_program(void **state)
{
	autoclose int dir = ledger_dir(state);

	ledger_run_sql(state, "CREATE TABLE cookies(a)");
	assert_int_equal(fchmodat(dir, STORE_FILE, 0600, 0), 0);
	assert_damaged(state);
	ledger_run_sql(state, "PRAGMA user_version = 1");
	assert_damaged(state);
}

static void test_store_file_newer(void **state)
{
	struct fault f;

	store_close(ledger_make(state));
	ledger_run_sql(state, "PRAGMA user_version = 2");
	assert_int_equal(ledger_try(state, true, &f), -ENOTSUP);
	assert_non_null(strstr(f.what, "newer isolate (schema 2"));
	assert_true(f.hint[0]);
	ledger_run_sql(state, "PRAGMA user_version = -1");
	assert_int_equal(ledger_try(state, true, &f), -ENOTSUP);
}

/* A crash of the one who made it: an empty file, and one without tables. */
static void test_store_file_half_made(void **state)
{
	autoclose int dir = ledger_dir(state);

	assert_int_equal(fd_write_file(dir, STORE_FILE, O_CREAT, ""), 0);
	assert_int_equal(fchmodat(dir, STORE_FILE, 0600, 0), 0);
	store_close(ledger_make(state));
	unlinkat(dir, STORE_FILE, 0);
	unlinkat(dir, STORE_FILE "-wal", 0);
	unlinkat(dir, STORE_FILE "-shm", 0);
	ledger_run_sql(state, "PRAGMA journal_mode = WAL");
	assert_int_equal(fchmodat(dir, STORE_FILE, 0600, 0), 0);
	store_close(ledger_make(state));
}

static ssize_t no_space(int fd, const void *buf, size_t len, off_t at)
{
	(void)fd;
	(void)buf;
	(void)len;
	(void)at;
	errno = ENOSPC;
	return -1;
}

/* SQLite's own table of system calls stands in for a full disk. */
static void set_full(bool full)
{
	static const char *const calls[] = { "pwrite", "pwrite64" };
	sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);

	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		vfs->xSetSystemCall(vfs, calls[i],
				    full ? (sqlite3_syscall_ptr)no_space
					 : NULL);
}

static void test_store_file_disk_full(void **state)
{
	struct store_launch l = ledger_launch("work", true);
	struct fault f = { .err = 0 };
	struct store *s = ledger_make(state);
	int64_t id = ledger_begin(s, "irc", false), other = -1;
	int rc, end_rc;

	set_full(true);
	rc = store_begin_launch(s, &l, &other, &f);
	end_rc = store_end_launch(s, id, "exit", 0, NULL);
	set_full(false);
	assert_int_equal(rc, -ENOSPC);
	assert_int_equal(other, -1);
	assert_non_null(strstr(f.what, *state));
	assert_non_null(strstr(f.hint, "free some space"));
	assert_int_equal(end_rc, -ENOSPC);
	/* nothing half-done; usable as soon as there is room */
	assert_int_equal(ledger_count(s), 1);
	assert_string_equal(ledger_last(s).how, "running");
	assert_int_equal(store_end_launch(s, id, "exit", 0, &f), 0);
	ledger_begin(s, "work", true);
	store_close(s);
}

static void test_store_file_disk_full_when_made(void **state)
{
	struct fault f;
	int rc;

	set_full(true);
	rc = ledger_try(state, true, &f);
	set_full(false);
	assert_int_equal(rc, -ENOSPC);
	assert_true(f.hint[0]);
	store_close(ledger_make(state));
}

/* The log of changes is folded: it does not grow without end. */
static void test_store_file_log_stays_short(void **state)
{
	autoclose int dir = ledger_dir(state);
	struct fault f = { .err = 0 };
	struct stat st;

	for (int i = 0; i < 200; i++) {
		struct store *s = ledger_make(state);
		int64_t id = ledger_begin(s, "irc", false);

		if (i >= 100)
			store_tidy(s);
		assert_int_equal(store_end_launch(s, id, "exit", 0, &f), 0);
		store_close(s);
		assert_int_equal(fstatat(dir, STORE_FILE "-wal", &st, 0), 0);
		assert_true(st.st_size < (i >= 100 ? 48 : 300) * 1024);
	}
}

#define IN_TEMP(t) cmocka_unit_test_setup_teardown(t, temp_make, temp_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_TEMP(test_store_file_refuses_file),
		IN_TEMP(test_store_file_refuses_planted_log),
		IN_TEMP(test_store_file_truncated),
		IN_TEMP(test_store_file_not_a_database),
		IN_TEMP(test_store_file_short_file),
		IN_TEMP(test_store_file_scribbled),
		IN_TEMP(test_store_file_of_another_program),
		IN_TEMP(test_store_file_newer),
		IN_TEMP(test_store_file_half_made),
		IN_TEMP(test_store_file_disk_full),
		IN_TEMP(test_store_file_disk_full_when_made),
		IN_TEMP(test_store_file_log_stays_short),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
