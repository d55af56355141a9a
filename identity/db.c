/* SPDX-License-Identifier: GPL-3.0-or-later */
/* identity/db.c - SQLite, with our errors: what store.c needs of it */
#include "identity/db.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bsd/string.h>
#include <sqlite3.h>

#include "base/attr.h"

#define BUSY_TIMEOUT_MS 5000

struct db {
	sqlite3 *handle;
	char path[PATH_MAX];
};

static const struct {
	int code; /* primary result code of SQLite */
	int err;
} errors[] = {
	{ SQLITE_FULL, ENOSPC },
	{ SQLITE_BUSY, EBUSY },
	{ SQLITE_LOCKED, EBUSY },
	{ SQLITE_NOTADB, EBADMSG },
	{ SQLITE_CORRUPT, EBADMSG },
	{ SQLITE_READONLY, EROFS },
	{ SQLITE_PERM, EACCES },
	{ SQLITE_NOMEM, ENOMEM },
	{ SQLITE_TOOBIG, E2BIG },
	/* every statement is fixed: only another schema makes one fail */
	{ SQLITE_ERROR, EBADMSG },
	{ SQLITE_CONSTRAINT, EBADMSG },
	{ SQLITE_MISMATCH, EBADMSG },
};

static const struct {
	int err;
	const char *hint;
} hints[] = {
	{ ENOSPC, "free some space there, or start it with --amnesic" },
	{ EDQUOT, "free some space there, or start it with --amnesic" },
	{ EBUSY, "another program holds it: try again" },
	{ EROFS, "make its directory writable or set XDG_DATA_HOME" },
	{ EACCES, "make its directory writable or set XDG_DATA_HOME" },
};

static int to_errno(sqlite3 *db, int rc)
{
	int sys = db ? sqlite3_system_errno(db) : 0;

	for (size_t i = 0; i < ARRAY_SIZE(errors); i++)
		if (errors[i].code == (rc & 0xff))
			return errors[i].err;
	return sys ? sys : EIO;
}

/* Translate SQLite's @rc, with what was attempted and the next action. */
static int fail(struct db *db, int rc, const char *attempt, struct fault *f)
{
	int err = to_errno(db->handle, rc);

	if (err == EBADMSG)
		return db_set_damaged(db, sqlite3_errmsg(db->handle), f);
	fault_set(f, err, "%s the ledger %s", attempt, db->path);
	for (size_t i = 0; i < ARRAY_SIZE(hints); i++)
		if (hints[i].err == err)
			fault_hint(f, "%s", hints[i].hint);
	return -err;
}

int db_set_damaged(struct db *db, const char *why, struct fault *f)
{
	fault_set(f, 0, "the ledger %.150s is damaged: %.60s", db->path, why);
	fault_hint(f, "homes are safe; move it aside, with its -wal and -shm, "
		      "and the log and the bindings start anew");
	return -EBADMSG;
}

static int configure(sqlite3 *h)
{
	static const struct {
		int option, value;
	} options[] = {
		{ SQLITE_DBCONFIG_DEFENSIVE, 1 },
		{ SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0 },
		{ SQLITE_DBCONFIG_ENABLE_FKEY, 1 },
		/* a close must not sync: the end of a launch waits for it */
		{ SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1 },
	};
	int rc = sqlite3_busy_timeout(h, BUSY_TIMEOUT_MS);

	for (size_t i = 0; rc == SQLITE_OK && i < ARRAY_SIZE(options); i++)
		rc = sqlite3_db_config(h, options[i].option, options[i].value,
				       NULL);
	/* for the same reason a commit must not */
	return rc == SQLITE_OK ? sqlite3_wal_autocheckpoint(h, 0) : rc;
}

/* Of the index of a log (walformat.html, "WAL-Index Header"). */
#define INDEX_HEADER_BYTES 136

/*
 * The first to open a database cuts the index of its log short, to 3 bytes,
 * so that it is made anew (SQLite's os_unix.c, unixLockSharedMemory()). To
 * free the blocks can take a file system milliseconds, which a launch waits
 * for, and a header of zeros says as well that there is no index yet.
 */
static int cut_short(int fd, off_t len)
{
	static const char none[INDEX_HEADER_BYTES];
	struct stat st;

	if (len != 3 || fstat(fd, &st) < 0 || st.st_size < INDEX_HEADER_BYTES)
		return ftruncate(fd, len);
	return pwrite(fd, none, sizeof(none), 0) == (ssize_t)sizeof(none) ? 0
									  : -1;
}

static void spare_truncation(void)
{
	sqlite3_vfs *vfs = sqlite3_vfs_find("unix");

	/* a SQLite that is made otherwise is only slower */
	if (vfs && vfs->iVersion >= 3)
		vfs->xSetSystemCall(vfs, "ftruncate",
				    (sqlite3_syscall_ptr)cut_short);
}

int db_open(const char *path, struct db **out, struct fault *f)
{
	struct db *db = calloc(1, sizeof(*db));
	int rc;

	if (!db)
		return fault_set(f, ENOMEM, "open the ledger");
	spare_truncation();
	if (strlcpy(db->path, path, sizeof(db->path)) >= sizeof(db->path)) {
		free(db);
		return fault_set(f, ENAMETOOLONG, "open the ledger");
	}
	/* one thread uses the handle: no mutex is needed */
	rc = sqlite3_open_v2(path, &db->handle,
			     SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX |
				     SQLITE_OPEN_NOFOLLOW |
				     SQLITE_OPEN_PRIVATECACHE,
			     NULL);
	if (rc == SQLITE_OK)
		rc = configure(db->handle);
	if (rc != SQLITE_OK) {
		rc = fail(db, rc, "open", f);
		db_close(db);
		return rc;
	}
	*out = db;
	return 0;
}

void db_close(struct db *db)
{
	if (!db)
		return;
	sqlite3_close(db->handle);
	free(db);
}

int db_exec(struct db *db, const char *sql, struct fault *f)
{
	int rc = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);

	return rc == SQLITE_OK ? 0 : fail(db, rc, "write", f);
}

int db_begin(struct db *db, bool durable, struct fault *f)
{
	/* cannot be changed inside the transaction */
	return db_exec(db,
		       durable ? "PRAGMA synchronous=FULL; BEGIN IMMEDIATE"
			       : "PRAGMA synchronous=NORMAL; BEGIN IMMEDIATE",
		       f);
}

int db_end(struct db *db, int rc, struct fault *f)
{
	if (rc >= 0) {
		int committed = db_exec(db, "COMMIT", f);

		if (committed == 0)
			return rc;
		rc = committed;
	}
	/* this can only fail where SQLite has rolled back already */
	sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
	return rc;
}

static int vprepare(struct db *db, sqlite3_stmt **stmt, const char *sql,
		    const char *types, va_list ap)
{
	int rc = sqlite3_prepare_v2(db->handle, sql, -1, stmt, NULL);

	for (int i = 1; rc == SQLITE_OK && types[i - 1]; i++)
		if (types[i - 1] == 't')
			rc = sqlite3_bind_text(*stmt, i,
					       va_arg(ap, const char *), -1,
					       SQLITE_STATIC);
		else
			rc = sqlite3_bind_int64(*stmt, i, va_arg(ap, int64_t));
	return rc;
}

int db_query(struct db *db, struct fault *f, sqlite3_stmt **rows,
	     const char *sql, const char *types, ...)
{
	va_list ap;
	int rc;

	*rows = NULL;
	va_start(ap, types);
	rc = vprepare(db, rows, sql, types, ap);
	va_end(ap);
	return rc == SQLITE_OK ? 0 : fail(db, rc, "read", f);
}

int db_change(struct db *db, struct fault *f, const char *sql,
	      const char *types, ...)
{
	autorows sqlite3_stmt *stmt = NULL;
	va_list ap;
	int rc;

	va_start(ap, types);
	rc = vprepare(db, &stmt, sql, types, ap);
	va_end(ap);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(stmt);
	return rc == SQLITE_DONE ? 0 : fail(db, rc, "write", f);
}

int db_next(struct db *db, sqlite3_stmt *rows, struct fault *f)
{
	int rc = sqlite3_step(rows);

	if (rc == SQLITE_ROW)
		return 1;
	return rc == SQLITE_DONE ? 0 : fail(db, rc, "read", f);
}

const char *db_text(sqlite3_stmt *rows, int column)
{
	const unsigned char *t = sqlite3_column_text(rows, column);

	return t ? (const char *)t : "";
}

int64_t db_int(sqlite3_stmt *rows, int column)
{
	return sqlite3_column_int64(rows, column);
}

int64_t db_last_id(struct db *db)
{
	return sqlite3_last_insert_rowid(db->handle);
}

int db_changed(struct db *db)
{
	return sqlite3_changes(db->handle);
}

void db_fold_log(struct db *db)
{
	sqlite3_wal_checkpoint_v2(db->handle, NULL, SQLITE_CHECKPOINT_TRUNCATE,
				  NULL, NULL);
}

void db_free_rows(sqlite3_stmt *rows)
{
	sqlite3_finalize(rows);
}
