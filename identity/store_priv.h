/* SPDX-License-Identifier: GPL-3.0-or-later */
/* identity/store_priv.h - what store.c and store_read.c share */
#ifndef IDENTITY_STORE_PRIV_H
#define IDENTITY_STORE_PRIV_H

#include <limits.h>

struct db;

struct store {
	struct db *db;
	int dirfd;           /* the data directory, owned */
	char path[PATH_MAX]; /* of the file, without symlinks */
};

#endif
