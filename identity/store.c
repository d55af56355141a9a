/* SPDX-License-Identifier: GPL-3.0-or-later */
/* identity/store.c - the ledger: identities, bindings, launches */
#include "identity/store.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <bsd/string.h>

#include "base/attr.h"
#include "base/fd.h"
#include "identity/db.h"
#include "identity/process.h"
#include "identity/store_priv.h"

#define SCHEMA_VERSION 1
#define PAGE_MIN_BYTES 512 /* SQLite: no database is shorter */
/* The log of changes is read whole by the next launch's store_open(): past the
 * first size store_tidy() folds it into the file, past the second anybody. */
#define LOG_LONG_BYTES (32 * 1024)
#define LOG_MAX_BYTES (64 * 1024)

/* application_id is "isol", for file(1). Pages are small because a launch
 * changes a few rows on a few pages, and each is written whole. No index
 * beside the keys: each would be parsed at every launch, to speed up only what
 * isolatectl(1) does. */
static const char schema[] =
	"CREATE TABLE identity(name TEXT PRIMARY KEY,"
	" created_us INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
	"CREATE TABLE binding(application TEXT PRIMARY KEY,"
	" identity TEXT NOT NULL REFERENCES identity,"
	" bound_us INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
	"CREATE TABLE launch(id INTEGER PRIMARY KEY,"
	" identity TEXT NOT NULL REFERENCES identity,"
	" profile TEXT NOT NULL, application TEXT NOT NULL,"
	" pid INTEGER NOT NULL, pid_start INTEGER NOT NULL,"
	" boot TEXT NOT NULL, started_us INTEGER NOT NULL,"
	" ended_us INTEGER, how TEXT, status INTEGER) STRICT;"
	"PRAGMA application_id = 0x69736f6c;"
	"PRAGMA user_version = 1;";

static int64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/*
 * Only names are looked at: to open and close the file here would drop the
 * POSIX locks of this process on it.
 */
static int check_file(struct store *s, off_t *size, struct fault *f)
{
	struct stat st;
	const char *wrong;

	if (fstatat(s->dirfd, STORE_FILE, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT
			       ? -ENOENT
			       : fault_set(f, errno, "look at %s", s->path);
	if (!S_ISREG(st.st_mode))
		wrong = "is not a regular file";
	else if (st.st_uid != geteuid())
		wrong = "belongs to another user";
	else if (st.st_mode & 077)
		wrong = "is open to other users";
	else if (st.st_nlink != 1)
		wrong = "has a second name (hard link)";
	else {
		*size = st.st_size;
		return 0;
	}
	fault_set(f, 0, "the ledger %.150s %s", s->path, wrong);
	fault_hint(f, "look how that came about, then chmod 0600 it or move "
		      "it aside");
	return -EPERM;
}

static int make_file(struct store *s, struct fault *f)
{
	autoclose int fd = openat(s->dirfd, STORE_FILE,
				  O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0 && errno != EEXIST)
		return fault_set(f, errno, "make the ledger %s", s->path);
	return 0;
}

static int get_version(struct store *s, int64_t *version, struct fault *f)
{
	autorows struct sqlite3_stmt *row = NULL;
	int rc = db_query(s->db, f, &row, "PRAGMA user_version", "");

	if (rc == 0)
		rc = db_next(s->db, row, f);
	if (rc <= 0)
		return rc;
	*version = db_int(row, 0);
	return 0;
}

/* Is there something in it that is not ours? */
static int check_empty(struct store *s, struct fault *f)
{
	autorows struct sqlite3_stmt *row = NULL;
	int rc = db_query(s->db, f, &row, "SELECT 1 FROM sqlite_schema LIMIT 1",
			  "");

	if (rc == 0)
		rc = db_next(s->db, row, f);
	return rc == 1 ? db_set_damaged(s->db, "it is another program's", f)
		       : rc;
}

/*
 * Called with the directory locked. A crash anywhere in here leaves a file of
 * version 0, which the next one takes up again.
 */
static int make_schema(struct store *s, int64_t *version, struct fault *f)
{
	int rc = s->db ? 0 : db_open(s->path, &s->db, f);

	if (rc == 0)
		rc = get_version(s, version, f);
	if (rc < 0 || *version > 0)
		return rc;
	rc = check_empty(s, f);
	if (rc == 0)
		rc = db_exec(s->db,
			     "PRAGMA page_size = 1024;"
			     "PRAGMA journal_mode = WAL",
			     f);
	if (rc == 0)
		rc = db_begin(s->db, true, f);
	if (rc < 0)
		return rc;
	rc = db_end(s->db, db_exec(s->db, schema, f), f);
	if (rc == 0)
		*version = SCHEMA_VERSION;
	return rc;
}

/*
 * SQLite does not wait for readers while the journal mode changes, so of two
 * that make the same new file one waits here, before it has read anything.
 */
static int make_locked(struct store *s, int64_t *version, struct fault *f)
{
	autoclose int lock =
		openat(s->dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc;

	if (lock < 0)
		return fault_set(f, errno, "open the directory of %s", s->path);
	do
		rc = flock(lock, LOCK_EX);
	while (rc < 0 && errno == EINTR);
	if (rc < 0)
		return fault_set(f, errno, "lock the directory of %s", s->path);
	return make_schema(s, version, f);
}

static int find_path(struct store *s, struct fault *f)
{
	char magic[32];
	ssize_t n;

	snprintf(magic, sizeof(magic), "/proc/self/fd/%d", s->dirfd);
	n = readlink(magic, s->path, sizeof(s->path) - sizeof(STORE_FILE) - 1);
	if (n < 0)
		return fault_set(f, errno, "name the data directory");
	/* SQLite opens by name only, and this one holds no symlink */
	strlcpy(s->path + n, "/" STORE_FILE, sizeof(s->path) - (size_t)n);
	return 0;
}

static int open_current(struct store *s, bool create, struct fault *f)
{
	int64_t version = 0;
	off_t size = 0;
	int rc = find_path(s, f);

	if (rc == 0)
		rc = check_file(s, &size, f);
	if (rc == -ENOENT && create) {
		rc = make_file(s, f);
		if (rc == 0)
			rc = check_file(s, &size, f);
	}
	if (rc == 0 && size > 0) {
		rc = db_open(s->path, &s->db, f);
		/* SQLite would take it for a new one and write over it */
		if (rc == 0 && size < PAGE_MIN_BYTES)
			rc = db_set_damaged(s->db, "it is too short", f);
		if (rc == 0)
			rc = get_version(s, &version, f);
	}
	if (rc == 0 && version == 0)
		rc = make_locked(s, &version, f);
	if (rc < 0 || version == SCHEMA_VERSION)
		return rc;
	fault_set(f, 0,
		  "the ledger %.150s is of a newer isolate (schema %lld, "
		  "known here is %d)",
		  s->path, (long long)version, SCHEMA_VERSION);
	fault_hint(f, "use that isolate, or set XDG_DATA_HOME");
	return -ENOTSUP;
}

int store_open(int data_dirfd, bool create, struct store **store,
	       struct fault *f)
{
	struct store *s = calloc(1, sizeof(*s));
	int rc;

	if (!s)
		return fault_set(f, ENOMEM, "open the ledger");
	s->dirfd = fcntl(data_dirfd, F_DUPFD_CLOEXEC, 3);
	rc = s->dirfd < 0 ? fault_set(f, errno, "open the data directory")
			  : open_current(s, create, f);
	if (rc < 0) {
		store_close(s);
		return rc;
	}
	*store = s;
	return 0;
}

void store_close(struct store *s)
{
	if (!s)
		return;
	db_close(s->db);
	fd_close(s->dirfd);
	free(s);
}

int store_get_binding(struct store *s, const char *application,
		      char identity[IDENTITY_NAME_MAX + 1], struct fault *f)
{
	autorows struct sqlite3_stmt *row = NULL;
	int rc = db_query(s->db, f, &row,
			  "SELECT identity FROM binding WHERE application = ?",
			  "t", application);

	if (rc == 0)
		rc = db_next(s->db, row, f);
	if (rc <= 0)
		return rc;
	if (!identity_name_is_valid(db_text(row, 0)))
		return db_set_damaged(s->db, "it holds an invalid name", f);
	strlcpy(identity, db_text(row, 0), IDENTITY_NAME_MAX + 1);
	return 1;
}

/* Inside a transaction. */
static int bind_application(struct store *s, const char *application,
			    const char *identity, struct fault *f)
{
	char bound[IDENTITY_NAME_MAX + 1];
	int rc = store_get_binding(s, application, bound, f);

	if (rc < 0)
		return rc;
	if (rc == 0)
		return db_change(s->db, f,
				 "INSERT INTO binding VALUES(?, ?, ?)", "tti",
				 application, identity, now_us());
	if (strcmp(bound, identity) == 0)
		return 0;
	fault_set(f, 0,
		  "%.100s was bound to identity %s by another launch "
		  "just now",
		  application, bound);
	fault_hint(f, "start it again, or with -i %s", bound);
	return -EEXIST;
}

static int add_identity(struct store *s, const char *name, struct fault *f)
{
	return db_change(s->db, f,
			 "INSERT OR IGNORE INTO identity VALUES(?, ?)", "ti",
			 name, now_us());
}

static int check_identity(const char *name, struct fault *f)
{
	if (identity_name_is_valid(name))
		return 0;
	fault_set(f, 0, "\"%.64s\" is not an identity name", name);
	return -EINVAL;
}

int store_bind(struct store *s, const char *application, const char *identity,
	       struct fault *f)
{
	int rc = check_identity(identity, f);

	if (rc == 0)
		rc = db_begin(s->db, true, f);
	if (rc < 0)
		return rc;
	rc = add_identity(s, identity, f);
	if (rc == 0)
		rc = bind_application(s, application, identity, f);
	return db_end(s->db, rc, f);
}

static void fold_log(struct store *s, off_t above)
{
	struct stat st;

	if (fstatat(s->dirfd, STORE_FILE "-wal", &st, AT_SYMLINK_NOFOLLOW) ==
		    0 &&
	    st.st_size > above)
		db_fold_log(s->db);
}

void store_tidy(struct store *s)
{
	fold_log(s, LOG_LONG_BYTES);
}

static int insert_launch(struct store *s, const struct store_launch *l,
			 const struct process_mark *mark, struct fault *f)
{
	int rc = add_identity(s, l->identity, f);

	if (rc == 0 && l->bind)
		rc = bind_application(s, l->application, l->identity, f);
	if (rc < 0)
		return rc;
	return db_change(
		s->db, f,
		"INSERT INTO launch(identity, profile, application, pid,"
		" pid_start, boot, started_us) VALUES(?,?,?,?,?,?,?)",
		"tttiiti", l->identity, l->profile, l->application,
		(int64_t)mark->pid, mark->start_ticks, mark->boot, now_us());
}

int store_begin_launch(struct store *s, const struct store_launch *l,
		       int64_t *id, struct fault *f)
{
	struct process_mark mark;
	int64_t row;
	int rc = check_identity(l->identity, f);

	if (rc < 0)
		return rc;
	rc = process_mark(l->pid, &mark);
	if (rc < 0)
		return fault_set(f, rc, "look at process %d", l->pid);
	/* only where store_tidy() was never come to, launch after launch */
	fold_log(s, LOG_MAX_BYTES);
	rc = db_begin(s->db, l->bind, f);
	if (rc < 0)
		return rc;
	rc = insert_launch(s, l, &mark, f);
	row = db_last_id(s->db);
	rc = db_end(s->db, rc, f);
	if (rc == 0)
		*id = row;
	return rc;
}

int store_end_launch(struct store *s, int64_t id, const char *how, int status,
		     struct fault *f)
{
	int rc = db_begin(s->db, false, f);

	if (rc < 0)
		return rc;
	rc = db_change(s->db, f,
		       "UPDATE launch SET ended_us = ?, how = ?, status = ?"
		       " WHERE id = ? AND ended_us IS NULL",
		       "itii", now_us(), how, (int64_t)status, id);
	if (rc == 0 && db_changed(s->db) != 1)
		rc = fault_set(f, ENOENT, "end launch %lld of the ledger",
			       (long long)id);
	return db_end(s->db, rc, f);
}
