/* SPDX-License-Identifier: GPL-3.0-or-later */
/* identity/store_read.c - the ledger, row by row */
#include "identity/store.h"

#include <bsd/string.h>

#include "identity/db.h"
#include "identity/process.h"
#include "identity/store_priv.h"

/* Columns as in the query of store_each_launch(). */
static void read_launch(struct sqlite3_stmt *r, struct store_launch_row *row)
{
	struct process_mark mark = {
		.pid = (pid_t)db_int(r, 8),
		.start_ticks = db_int(r, 9),
	};

	*row = (struct store_launch_row){
		.id = db_int(r, 0),
		.started_us = db_int(r, 1),
		.ended_us = db_int(r, 2),
		.identity = db_text(r, 3),
		.profile = db_text(r, 4),
		.application = db_text(r, 5),
		.how = db_text(r, 6),
		.status = (int)db_int(r, 7),
		.pid = mark.pid,
	};
	if (row->ended_us)
		return;
	strlcpy(mark.boot, db_text(r, 10), sizeof(mark.boot));
	row->how = process_is_alive(&mark) ? "running" : "lost";
}

int store_each_launch(struct store *s, const char *identity, unsigned last,
		      int (*fn)(void *arg, const struct store_launch_row *row),
		      void *arg, struct fault *f)
{
	autorows struct sqlite3_stmt *r = NULL;
	int rc = db_query(s->db, f, &r,
			  "SELECT * FROM (SELECT id, started_us, ended_us,"
			  " identity, profile, application, how, status, pid,"
			  " pid_start, boot FROM launch"
			  " WHERE ?1 = '' OR identity = ?1"
			  " ORDER BY id DESC LIMIT ?2) ORDER BY id",
			  "ti", identity ? identity : "",
			  last ? (int64_t)last : (int64_t)-1);

	while (rc == 0 && (rc = db_next(s->db, r, f)) == 1) {
		struct store_launch_row row;

		read_launch(r, &row);
		rc = fn(arg, &row);
	}
	return rc;
}

int store_each_identity(struct store *s, const char *name,
			int (*fn)(void *arg,
				  const struct store_identity_row *row),
			void *arg, struct fault *f)
{
	autorows struct sqlite3_stmt *r = NULL;
	int rc = db_query(s->db, f, &r,
			  "SELECT name, created_us, l.latest, ifnull(l.n, 0),"
			  " (SELECT count(*) FROM binding"
			  "  WHERE identity = name)"
			  " FROM identity LEFT JOIN (SELECT identity,"
			  "  max(started_us) AS latest, count(*) AS n"
			  "  FROM launch GROUP BY identity) AS l"
			  " ON l.identity = name"
			  " WHERE ?1 = '' OR name = ?1 ORDER BY name",
			  "t", name ? name : "");

	while (rc == 0 && (rc = db_next(s->db, r, f)) == 1) {
		struct store_identity_row row = {
			.name = db_text(r, 0),
			.created_us = db_int(r, 1),
			.last_launch_us = db_int(r, 2),
			.launches = db_int(r, 3),
			.applications = db_int(r, 4),
		};

		rc = fn(arg, &row);
	}
	return rc;
}

int store_each_binding(struct store *s, const char *identity,
		       int (*fn)(void *arg,
				 const struct store_binding_row *row),
		       void *arg, struct fault *f)
{
	autorows struct sqlite3_stmt *r = NULL;
	int rc = db_query(s->db, f, &r,
			  "SELECT application, bound_us FROM binding"
			  " WHERE identity = ? ORDER BY application",
			  "t", identity);

	while (rc == 0 && (rc = db_next(s->db, r, f)) == 1) {
		struct store_binding_row row = {
			.application = db_text(r, 0),
			.bound_us = db_int(r, 1),
		};

		rc = fn(arg, &row);
	}
	return rc;
}
