/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/ledger.h - what the tests of the ledger share */
#ifndef TESTS_UNIT_LEDGER_H
#define TESTS_UNIT_LEDGER_H

#include "identity/store.h"

#define LEDGER_APP "/usr/bin/irssi"

/* @state is that of temp_make(). Each fails the test where it cannot. */

/** ledger_dir() - descriptor of the directory */
int ledger_dir(void **state);
/** ledger_make() - a ledger there, made if missing; store_close() it */
struct store *ledger_make(void **state);
/** ledger_try() - what store_open() returns */
int ledger_try(void **state, bool create, struct fault *f);
/** ledger_run_sql() - change the file behind the store's back */
void ledger_run_sql(void **state, const char *sql);
/** ledger_launch() - LEDGER_APP, by this process */
struct store_launch ledger_launch(const char *identity, bool bind);
/** ledger_begin() - store_begin_launch() of that; its id */
int64_t ledger_begin(struct store *s, const char *identity, bool bind);
/** ledger_count() - how many launches there are */
int ledger_count(struct store *s);
/** ledger_last() - the last launch; its names are NULL */
struct store_launch_row ledger_last(struct store *s);

#endif
