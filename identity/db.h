/* SPDX-License-Identifier: GPL-3.0-or-later */
/* identity/db.h - SQLite, with our errors: what store.c needs of it */
#ifndef IDENTITY_DB_H
#define IDENTITY_DB_H

#include <stdbool.h>
#include <stdint.h>

#include "base/fault.h"

struct db;
struct sqlite3_stmt; /* rows of a query; opaque here */

/**
 * db_open() - open an existing file
 * @path: absolute, without a symlink on the way (-ELOOP)
 * @db: set on success; db_close() ends it
 *
 * It is opened for reading and writing; commits never sync the file itself
 * and db_close() syncs nothing: db_fold_log() does both.
 *
 * Return: 0; -EBADMSG: damaged, or not a database (known only once it is
 * read); -ENOSPC, -EBUSY, -EROFS, -EACCES or another -errno. This holds for
 * every function here, and each says in @f what was wrong with which file.
 */
int db_open(const char *path, struct db **db, struct fault *f);

/** db_close() - NULL is fine; every query must have been freed */
void db_close(struct db *db);

/** db_set_damaged() - record that the file cannot be used; -EBADMSG */
int db_set_damaged(struct db *db, const char *why, struct fault *f);

/** db_exec() - run fixed statements that return nothing */
int db_exec(struct db *db, const char *sql, struct fault *f);

/**
 * db_begin() - start to write; waits for another writer
 * @durable: what is committed outlives a power cut (fsync)
 */
int db_begin(struct db *db, bool durable, struct fault *f);

/**
 * db_end() - commit, or undo everything since db_begin()
 * @rc: negative: undo
 *
 * Return: @rc, or the failure to commit (then all is undone).
 */
int db_end(struct db *db, int rc, struct fault *f);

/**
 * db_query() - prepare a SELECT
 * @rows: set, also on failure: to db_free_rows()
 * @types: for each ? of @sql 't' (const char *, borrowed) or 'i' (int64_t)
 */
int db_query(struct db *db, struct fault *f, struct sqlite3_stmt **rows,
	     const char *sql, const char *types, ...);

/** db_change() - run one INSERT, UPDATE or DELETE; @types as above */
int db_change(struct db *db, struct fault *f, const char *sql,
	      const char *types, ...);

/** db_next() - step to the next row; 1, 0 at the end, or -errno */
int db_next(struct db *db, struct sqlite3_stmt *rows, struct fault *f);

/** db_text() - a column of this row, "" for NULL; valid until db_next() */
const char *db_text(struct sqlite3_stmt *rows, int column);
/** db_int() - a column of this row, 0 for NULL */
int64_t db_int(struct sqlite3_stmt *rows, int column);

/** db_last_id() - INTEGER PRIMARY KEY of the last INSERT */
int64_t db_last_id(struct db *db);
/** db_changed() - number of rows that the last db_change() changed */
int db_changed(struct db *db);

/**
 * db_fold_log() - write the log of changes (-wal) back into the file; syncs
 *
 * Failure loses nothing and is not reported: the log stays.
 */
void db_fold_log(struct db *db);

void db_free_rows(struct sqlite3_stmt *rows);

static inline void db_attr_rows(struct sqlite3_stmt *const *rows)
{
	db_free_rows(*rows);
}
/* A local that owns a query. */
#define autorows __attribute__((cleanup(db_attr_rows)))

#endif
