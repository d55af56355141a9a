/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_store.c - the ledger: bindings, launches, races */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/fd.h"
#include "identity/store.h"
#include "tests/unit/ledger.h"
#include "tests/unit/temp.h"

static void test_store_missing(void **state)
{
	autoclose int dir = ledger_dir(state);
	struct fault f;

	assert_int_equal(ledger_try(state, false, &f), -ENOENT);
	assert_int_equal(faccessat(dir, STORE_FILE, F_OK, 0), -1);
}

static void test_store_is_private(void **state)
{
	static const char *const names[] = { STORE_FILE, STORE_FILE "-wal",
					     STORE_FILE "-shm" };
	autoclose int dir = ledger_dir(state);
	mode_t old = umask(0);
	struct store *s = ledger_make(state);
	struct stat st;

	ledger_begin(s, "irc", true);
	umask(old);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		assert_int_equal(fstatat(dir, names[i], &st, 0), 0);
		assert_int_equal(st.st_mode & 07777, 0600);
	}
	store_close(s);
}

static void test_store_binding(void **state)
{
	char id[IDENTITY_NAME_MAX + 1] = "x";
	struct fault f = { .err = 0 };
	struct store *s = ledger_make(state);

	assert_int_equal(store_get_binding(s, LEDGER_APP, id, &f), 0);
	assert_string_equal(id, "x");
	ledger_begin(s, "irc", true);
	assert_int_equal(store_get_binding(s, LEDGER_APP, id, &f), 1);
	assert_string_equal(id, "irc");
	assert_int_equal(store_get_binding(s, "/usr/bin/iRSSI", id, &f), 0);
	/* the same again is fine, another is not, without bind it is */
	ledger_begin(s, "irc", true);
	assert_int_equal(store_bind(s, LEDGER_APP, "irc", &f), 0);
	assert_int_equal(store_bind(s, LEDGER_APP, "work", &f), -EEXIST);
	assert_non_null(strstr(f.what, "identity irc"));
	ledger_begin(s, "work", false);
	assert_int_equal(store_get_binding(s, LEDGER_APP, id, &f), 1);
	assert_string_equal(id, "irc");
	store_close(s);

	s = ledger_make(state);
	assert_int_equal(store_get_binding(s, LEDGER_APP, id, &f), 1);
	assert_string_equal(id, "irc");
	store_close(s);
}

static int refuse_identity(void *arg, const struct store_identity_row *row)
{
	(void)arg;
	(void)row;
	return 7;
}

/* A launch that comes second records nothing, not even its identity. */
static void test_store_lost_race_leaves_nothing(void **state)
{
	struct store_launch l = ledger_launch("work", true);
	struct fault f = { .err = 0 };
	struct store *s = ledger_make(state);
	int64_t id = -1;

	ledger_begin(s, "irc", true);
	assert_int_equal(store_begin_launch(s, &l, &id, &f), -EEXIST);
	assert_int_equal(id, -1);
	assert_non_null(strstr(f.hint, "-i irc"));
	assert_int_equal(ledger_count(s), 1);
	assert_int_equal(
		store_each_identity(s, "work", refuse_identity, NULL, &f), 0);
	assert_int_equal(
		store_each_identity(s, "irc", refuse_identity, NULL, &f), 7);
	store_close(s);
}

#define RACERS 8

/* The exit status: 0 won, 1 obeyed another one, else a failure. */
static int race(void **state, int n, int gate)
{
	char mine[16], bound[IDENTITY_NAME_MAX + 1], byte;
	struct store_launch l;
	struct fault f = { .err = 0 };
	struct store *s;
	int64_t id;
	int rc;

	snprintf(mine, sizeof(mine), "id%d", n);
	l = ledger_launch(mine, true);
	if (read(gate, &byte, 1) != 0) /* end of file: all are there */
		return 10;
	s = ledger_make(state);
	rc = store_begin_launch(s, &l, &id, &f);
	if (rc == 0)
		return 0;
	if (rc != -EEXIST || store_get_binding(s, LEDGER_APP, bound, &f) != 1)
		return 11;
	return strcmp(bound, mine) == 0 ? 12 : 1;
}

/* A new file, a new schema and a first binding, all at once. */
static void test_store_race(void **state)
{
	int gate[2], won = 0, obeyed = 0;
	pid_t pids[RACERS];
	struct store *s;

	assert_int_equal(pipe2(gate, O_CLOEXEC), 0);
	for (int i = 0; i < RACERS; i++) {
		pids[i] = fork();
		assert_true(pids[i] >= 0);
		if (pids[i] == 0) {
			close(gate[1]);
			_exit(race(state, i, gate[0]));
		}
	}
	close(gate[0]);
	close(gate[1]);
	for (int i = 0; i < RACERS; i++) {
		int status;

		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_true(WIFEXITED(status));
		won += WEXITSTATUS(status) == 0;
		obeyed += WEXITSTATUS(status) == 1;
	}
	assert_int_equal(won, 1);
	assert_int_equal(obeyed, RACERS - 1);
	s = ledger_make(state);
	assert_int_equal(ledger_count(s), 1);
	store_close(s);
}

static void test_store_end(void **state)
{
	struct fault f = { .err = 0 };
	struct store *s = ledger_make(state);
	int64_t id = ledger_begin(s, "irc", false);
	struct store_launch_row row = ledger_last(s);

	assert_string_equal(row.how, "running");
	assert_int_equal(row.ended_us, 0);
	assert_int_equal(row.pid, getpid());
	store_close(s);

	s = ledger_make(state);
	assert_int_equal(store_end_launch(s, id, "exit", 3, &f), 0);
	row = ledger_last(s);
	assert_string_equal(row.how, "exit");
	assert_int_equal(row.status, 3);
	assert_true(row.ended_us >= row.started_us);
	/* an end is written once */
	assert_int_equal(store_end_launch(s, id, "exit", 4, &f), -ENOENT);
	assert_int_equal(store_end_launch(s, id + 1, "exit", 4, &f), -ENOENT);
	row = ledger_last(s);
	assert_int_equal(row.status, 3);
	store_close(s);
}

/* kill -9 of the supervisor */
static void test_store_lost(void **state)
{
	struct store *s;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		ledger_begin(ledger_make(state), "irc", true);
		raise(SIGKILL);
	}
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	s = ledger_make(state);
	assert_string_equal(ledger_last(s).how, "lost");
	store_close(s);
	/* the same pid, but of another boot */
	s = ledger_make(state);
	ledger_begin(s, "irc", false);
	store_close(s);
	ledger_run_sql(state, "UPDATE launch SET boot = 'x' WHERE id = 2");
	s = ledger_make(state);
	assert_string_equal(ledger_last(s).how, "lost");
	store_close(s);
}

static int note_ids(void *arg, const struct store_launch_row *row)
{
	char *to = arg;

	snprintf(to + strlen(to), 64 - strlen(to), "%lld%s ",
		 (long long)row->id, row->identity);
	return 0;
}

static int stop_at_two(void *arg, const struct store_launch_row *row)
{
	(void)arg;
	return row->id == 2 ? 42 : 0;
}

static void test_store_each_launch(void **state)
{
	static const struct {
		const char *identity;
		unsigned last;
		const char *expect;
	} rows[] = {
		{ NULL, 0, "1a 2b 3a 4b " },
		{ NULL, 2, "3a 4b " },
		{ "a", 0, "1a 3a " },
		{ "a", 1, "3a " },
		{ "c", 0, "" },
		{ NULL, 99, "1a 2b 3a 4b " },
	};
	struct fault f = { .err = 0 };
	struct store *s = ledger_make(state);

	for (int i = 0; i < 4; i++)
		ledger_begin(s, i % 2 ? "b" : "a", false);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char seen[64] = "";

		assert_int_equal(store_each_launch(s, rows[i].identity,
						   rows[i].last, note_ids, seen,
						   &f),
				 0);
		assert_string_equal(seen, rows[i].expect);
	}
	assert_int_equal(store_each_launch(s, NULL, 0, stop_at_two, NULL, &f),
			 42);
	store_close(s);
}

static int note_identity(void *arg, const struct store_identity_row *row)
{
	char *to = arg;

	assert_true(row->created_us > 0);
	snprintf(to + strlen(to), 64 - strlen(to), "%s:%lld:%lld:%d ",
		 row->name, (long long)row->applications,
		 (long long)row->launches, row->last_launch_us > 0);
	return 0;
}

static int note_binding(void *arg, const struct store_binding_row *row)
{
	char *to = arg;

	assert_true(row->bound_us > 0);
	snprintf(to + strlen(to), 64 - strlen(to), "%s ", row->application);
	return 0;
}

static void test_store_each_identity(void **state)
{
	struct fault f = { .err = 0 };
	char seen[64] = "";
	struct store *s = ledger_make(state);

	ledger_begin(s, "b", true);
	ledger_begin(s, "b", false);
	ledger_begin(s, "a", false);
	assert_int_equal(store_bind(s, "/z", "c", &f), 0);
	assert_int_equal(store_bind(s, "/a", "c", &f), 0);
	assert_int_equal(store_each_identity(s, NULL, note_identity, seen, &f),
			 0);
	assert_string_equal(seen, "a:0:1:1 b:1:2:1 c:2:0:0 ");
	seen[0] = '\0';
	assert_int_equal(store_each_identity(s, "b", note_identity, seen, &f),
			 0);
	assert_string_equal(seen, "b:1:2:1 ");
	seen[0] = '\0';
	assert_int_equal(store_each_binding(s, "c", note_binding, seen, &f), 0);
	assert_string_equal(seen, "/a /z ");
	store_close(s);
}

static void test_store_refuses_names(void **state)
{
	struct fault f = { .err = 0 };
	struct store_launch l = ledger_launch("../x", true);
	char bound[IDENTITY_NAME_MAX + 1] = "";
	struct store *s = ledger_make(state);
	int64_t id;

	assert_int_equal(store_begin_launch(s, &l, &id, &f), -EINVAL);
	assert_int_equal(store_bind(s, LEDGER_APP, "a/b", &f), -EINVAL);
	l = ledger_launch("ok", true);
	l.pid = 0;
	assert_int_equal(store_begin_launch(s, &l, &id, &f), -ESRCH);
	assert_int_equal(ledger_count(s), 0);
	store_close(s);
	/* and does not believe the file either */
	ledger_run_sql(state,
		       "INSERT INTO identity VALUES('..', 1);"
		       "INSERT INTO binding VALUES('" LEDGER_APP "', '..', 1)");
	s = ledger_make(state);
	assert_int_equal(store_get_binding(s, LEDGER_APP, bound, &f), -EBADMSG);
	assert_string_equal(bound, "");
	store_close(s);
}

#define IN_TEMP(t) cmocka_unit_test_setup_teardown(t, temp_make, temp_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_TEMP(test_store_missing),
		IN_TEMP(test_store_is_private),
		IN_TEMP(test_store_binding),
		IN_TEMP(test_store_lost_race_leaves_nothing),
		IN_TEMP(test_store_race),
		IN_TEMP(test_store_end),
		IN_TEMP(test_store_lost),
		IN_TEMP(test_store_each_launch),
		IN_TEMP(test_store_each_identity),
		IN_TEMP(test_store_refuses_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
