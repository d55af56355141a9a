/* SPDX-License-Identifier: GPL-3.0-or-later */
/* identity/store.h - the ledger: identities, bindings, launches (SQLite) */
#ifndef IDENTITY_STORE_H
#define IDENTITY_STORE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/fault.h"
#include "identity/identity.h"

#define STORE_FILE "isolate.db"

struct store;

/**
 * store_open() - open the ledger
 * @data_dirfd: from dirs_open_data(); borrowed, not needed afterwards
 * @create: make it if it is missing
 * @store: set on success; store_close() ends it
 * @f: every failure names the file and, where we know one, the next action
 *
 * The file must be a regular file of the effective uid with one name and
 * mode 0600. It is never deleted, moved or repaired.
 *
 * Not to be called twice in one process before store_close(): POSIX locks
 * belong to the process. Not to be carried across fork(2).
 *
 * Return: 0; -ENOENT: missing and not @create (no message needed);
 * -EPERM: owner, mode, kind or links are wrong; -EBADMSG: damaged, or not a
 * ledger; -ENOTSUP: made by a newer isolate; -ENOSPC; -EBUSY: locked for
 * seconds by another program; or another -errno.
 */
int store_open(int data_dirfd, bool create, struct store **store,
	       struct fault *f);

/**
 * store_close() - NULL is fine. May sync (fsync): not before exec if
 * something was written.
 */
void store_close(struct store *store);

/**
 * store_get_binding() - the identity an application is bound to; no fsync
 * @application: how the launcher names the application; the same every time
 * @identity: set if there is one; always a valid name
 *
 * Return: 1 found, 0 none, or -errno.
 */
int store_get_binding(struct store *store, const char *application,
		      char identity[IDENTITY_NAME_MAX + 1], struct fault *f);

/**
 * store_bind() - bind an application to an identity, durably (fsync)
 * @identity: valid name; becomes known if it is new
 *
 * For the one launch that must know before exec that it won (exclusive);
 * others bind in store_begin_launch().
 *
 * Return: 0: it is bound to @identity now (or was); -EEXIST: it is bound
 * to another one (store_get_binding() tells which; choose again); or -errno.
 */
int store_bind(struct store *store, const char *application,
	       const char *identity, struct fault *f);

/* Arguments and environment are not here: they may hold secrets. */
struct store_launch {
	const char *identity;    /* valid name */
	const char *profile;     /* its name */
	const char *application; /* as in store_get_binding() */
	pid_t pid;               /* of the supervisor, alive */
	bool bind;               /* also bind the application to @identity */
};

/**
 * store_begin_launch() - record a launch, in one transaction
 * @launch: strings are borrowed
 * @id: set on success, for store_end_launch()
 *
 * Without @bind it fits before exec (60 us): no fsync but every few hundred
 * launches. With @bind it is durable (fsync) on return; else it may be lost
 * with the power, never torn.
 *
 * Return: 0; -EEXIST: @bind, but another launch was first and bound the
 * application to another identity: nothing is recorded; get the binding and
 * choose again (or record without @bind); or -errno.
 */
int store_begin_launch(struct store *store, const struct store_launch *launch,
		       int64_t *id, struct fault *f);

/**
 * store_end_launch() - record how a launch ended
 * @id: from store_begin_launch(), of this or an earlier store_open()
 * @how: "exit", "signal", "failed" or "lost"
 * @status: exit status, signal number, or 0
 *
 * Return: 0; -ENOENT: no such launch, or it ended already; or -errno.
 */
int store_end_launch(struct store *store, int64_t id, const char *how,
		     int status, struct fault *f);

/**
 * store_tidy() - keep the next store_open() quick
 *
 * Folds the log of changes into the file once it is long, with fsync: to be
 * called while the application runs, neither before exec nor after its end.
 * Failure loses nothing.
 */
void store_tidy(struct store *store);

/* Strings are the store's, valid during the callback. Hostile: what an
 * application is called is up to who named the file. */
struct store_launch_row {
	int64_t id;
	int64_t started_us; /* since the epoch */
	int64_t ended_us;   /* 0: not known */
	const char *identity;
	const char *profile;
	const char *application;
	/* "running"; "exit", "signal", "failed"; "lost": nobody recorded
	 * the end and the supervisor is gone */
	const char *how;
	int status; /* exit status or signal number */
	pid_t pid;  /* of the supervisor */
};

struct store_identity_row {
	const char *name;
	int64_t created_us;     /* since the epoch */
	int64_t last_launch_us; /* 0: none */
	int64_t launches;
	int64_t applications; /* bound to it */
};

struct store_binding_row {
	const char *application;
	int64_t bound_us;
};

/*
 * Each calls @fn for every row until it returns non-zero, and returns that;
 * 0 at the end; or -errno with @f set. @fn must not use the store.
 */

/**
 * store_each_launch() - launches, oldest first
 * @identity: only of this one; NULL: of all
 * @last: at most so many, the latest ones; 0: all
 */
int store_each_launch(struct store *store, const char *identity, unsigned last,
		      int (*fn)(void *arg, const struct store_launch_row *row),
		      void *arg, struct fault *f);

/**
 * store_each_identity() - identities by name
 * @name: only this one; NULL: all
 */
int store_each_identity(struct store *store, const char *name,
			int (*fn)(void *arg,
				  const struct store_identity_row *row),
			void *arg, struct fault *f);

/**
 * store_each_binding() - applications bound to an identity, by name
 */
int store_each_binding(struct store *store, const char *identity,
		       int (*fn)(void *arg,
				 const struct store_binding_row *row),
		       void *arg, struct fault *f);

#endif
