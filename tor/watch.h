/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tor/watch.h - follow the circuits and streams of some tors (libevent) */
#ifndef TOR_WATCH_H
#define TOR_WATCH_H

#include <stddef.h>

#include "base/fault.h"
#include "tor/circmap.h"

struct tor_client_config; /* tor/client.h */
struct tor_watch;

/* All are called from tor_watch_run(), with @arg; each may call
 * tor_watch_stop(). @i counts the tors as they were added. */
struct tor_watch_hooks {
	/* its map is whole, at first and after each reconnect */
	void (*loaded)(void *arg, size_t i);
	/* something came, and is in its map; what has gone is forgotten
	 * afterwards */
	void (*changed)(void *arg, size_t i);
	/* it cannot be talked to; it is tried again in @retry_ms */
	void (*lost)(void *arg, size_t i, const struct fault *f, int retry_ms);
	/* a while is over, or the input is readable; only where there is one */
	void (*tick)(void *arg);
	void (*input)(void *arg);
};

/**
 * tor_watch_new() - watch nothing yet
 * @tick_ms: how often circuits are listed anew and tick() is called; 0: they
 *           are listed once, and no event is asked for
 * @input: a descriptor, borrowed; -1: none
 * @hooks: copied
 *
 * Return: tor_watch_free() it; NULL: no memory.
 */
struct tor_watch *tor_watch_new(int tick_ms, int input,
				const struct tor_watch_hooks *hooks, void *arg);

/**
 * tor_watch_add() - one more tor
 * @control: copied, but for its events
 * @socket_dir: where the SocksPorts of identities are, "" for another's tor
 *
 * Return: 0 or -ENOMEM.
 */
int tor_watch_add(struct tor_watch *w, const struct tor_client_config *control,
		  const char *socket_dir);

/**
 * tor_watch_run() - until tor_watch_stop(), or a failure
 *
 * Return: what tor_watch_stop() was given, or -errno with @f set.
 */
int tor_watch_run(struct tor_watch *w, struct fault *f);

void tor_watch_stop(struct tor_watch *w, int rc);

/** tor_watch_map() - what is known of one tor */
const struct tor_circmap *tor_watch_map(const struct tor_watch *w, size_t i);

/**
 * tor_watch_has_conflux() - does it make conflux sets, once it is loaded
 *
 * See tor/torrc.c: what isolates streams does not hold there.
 */
bool tor_watch_has_conflux(const struct tor_watch *w, size_t i);

/**
 * tor_watch_country() - where a relay is, by tor's own table
 * @relay: 40 digits
 *
 * Return: two letters; "": not known (yet).
 */
const char *tor_watch_country(const struct tor_watch *w, const char *relay);

void tor_watch_free(struct tor_watch *w);

#endif
