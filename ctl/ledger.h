/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ctl/ledger.h - the user's ledger, if there is one yet */
#ifndef CTL_LEDGER_H
#define CTL_LEDGER_H

#include "base/fault.h"
#include "identity/store.h"

/**
 * ledger_open() - open the ledger to read it; makes nothing
 * @store: set to NULL where nothing was ever launched; else store_close() it
 * @data_dirfd: if not NULL, set to the data directory, the caller's, or -1
 *
 * Return: 0 or -errno.
 */
int ledger_open(struct store **store, int *data_dirfd, struct fault *f);

static inline void ledger_attr_close(struct store *const *store)
{
	store_close(*store);
}
/* A local that owns a store (or NULL). */
#define autostore __attribute__((cleanup(ledger_attr_close)))

#endif
