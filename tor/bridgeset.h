/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tor/bridgeset.h - bridges and a tor that runs: change, try, ask */
#ifndef TOR_BRIDGESET_H
#define TOR_BRIDGESET_H

#include <stdbool.h>

#include "tor/bridges.h"

struct tor_config;   /* tor/config.h */
struct tor_progress; /* tor/instance.h */
struct tor_talk;     /* tor/talk.h */

/* A change of the bridges. */
struct tor_bridgeset_edit {
	/* changes @b in memory; Return: 1, 0 (nothing to change) or -errno */
	int (*run)(void *arg, struct tor_bridges *b, struct fault *f);
	void *arg; /* handed to @run */
};

/**
 * tor_bridgeset_change() - change the bridges of our own tor
 * @config: NULL: the user's
 * @b: set to the bridges as they are afterwards; caller's
 * @restarted: set to whether tor ran, and was started anew
 * @f: says what failed; where that is the new start, tor is down
 *
 * A list that cannot be used, for lack of a transport's program, is refused
 * before anything is touched. Nothing can be read (-EINVAL) and @edit empties
 * the list: the file is removed all the same.
 *
 * Return: 1 changed, 0 nothing to change, or -errno.
 */
int tor_bridgeset_change(const struct tor_config *config,
			 const struct tor_bridgeset_edit *edit,
			 struct tor_bridges *b, bool *restarted,
			 struct fault *f);

/**
 * tor_bridgeset_read() - the bridges that are set
 * @config: NULL: the user's
 *
 * Return: 0 or -errno.
 */
int tor_bridgeset_read(const struct tor_config *config, struct tor_bridges *b,
		       struct fault *f);

/**
 * tor_bridgeset_try() - does a tor get to Tor by this bridge alone
 * @b: need not be set
 * @progress: told while it bootstraps; may be NULL
 * @f: the cause where it does not
 *
 * With a tor of its own and the user's drop-ins, in a directory that is
 * removed afterwards. Takes a minute and a half at most.
 *
 * Return: 0 or -errno.
 */
int tor_bridgeset_try(const struct tor_bridge *b,
		      const struct tor_progress *progress, struct fault *f);

/**
 * tor_bridgeset_in_use() - does this tor use bridges
 * @t: logged in
 *
 * Return: 1, 0 or -errno.
 */
int tor_bridgeset_in_use(struct tor_talk *t, struct fault *f);

#endif
