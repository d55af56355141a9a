/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/ledger.c - what the tests of the ledger share */
#include "tests/unit/ledger.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sqlite3.h>

#include "base/attr.h"

int ledger_dir(void **state)
{
	return open(*state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

struct store *ledger_make(void **state)
{
	autoclose int dir = ledger_dir(state);
	struct fault f = { .err = 0 };
	struct store *s = NULL;
	char line[512];
	int rc = store_open(dir, true, &s, &f);

	fault_format(&f, line, sizeof(line));
	if (rc < 0)
		fail_msg("store_open: %d %s", rc, line);
	return s;
}

int ledger_try(void **state, bool create, struct fault *f)
{
	autoclose int dir = ledger_dir(state);
	struct store *s = NULL;
	int rc;

	memset(f, 0, sizeof(*f));
	rc = store_open(dir, create, &s, f);
	store_close(s);
	return rc;
}

/* Change the file behind the store's back. */
void ledger_run_sql(void **state, const char *sql)
{
	autofree char *path = NULL;
	sqlite3 *db;

	assert_true(asprintf(&path, "%s/" STORE_FILE, (char *)*state) > 0);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

struct store_launch ledger_launch(const char *identity, bool bind)
{
	return (struct store_launch){
		.identity = identity,
		.profile = "irc",
		.application = LEDGER_APP,
		.pid = getpid(),
		.bind = bind,
	};
}

int64_t ledger_begin(struct store *s, const char *identity, bool bind)
{
	struct store_launch l = ledger_launch(identity, bind);
	struct fault f = { .err = 0 };
	int64_t id = -1;

	assert_int_equal(store_begin_launch(s, &l, &id, &f), 0);
	assert_true(id > 0);
	return id;
}

static int count(void *arg, const struct store_launch_row *row)
{
	(void)row;
	++*(int *)arg;
	return 0;
}

int ledger_count(struct store *s)
{
	struct fault f;
	int n = 0;

	assert_int_equal(store_each_launch(s, NULL, 0, count, &n, &f), 0);
	return n;
}

static int keep_row(void *arg, const struct store_launch_row *row)
{
	struct store_launch_row *kept = arg;

	*kept = *row;
	kept->how = strcmp(row->how, "running") == 0 ? "running"
		    : strcmp(row->how, "lost") == 0  ? "lost"
		    : strcmp(row->how, "exit") == 0  ? "exit"
						     : "?";
	kept->identity = kept->profile = kept->application = NULL;
	return 0;
}

struct store_launch_row ledger_last(struct store *s)
{
	struct store_launch_row row = { .how = "none" };
	struct fault f;

	assert_int_equal(store_each_launch(s, NULL, 1, keep_row, &row, &f), 0);
	return row;
}
