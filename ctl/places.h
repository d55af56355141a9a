/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ctl/places.h - the tors that are in use, and where to log in to them */
#ifndef CTL_PLACES_H
#define CTL_PLACES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/fault.h"
#include "tor/client.h"
#include "tor/config.h"

/* One tor that is looked at. */
struct place {
	struct tor_client_config control;
	char socket_dir[TOR_SOCKET_DIR_MAX];
	bool is_loaded; /* its map is whole now */
	bool is_lost;   /* ... and was, or never will be */
};

/* Zero-initialised: none yet. */
struct places {
	struct place *v;
	size_t n;
	/* SocksPorts that are used and whose tor cannot be asked */
	char **unwatched;
	size_t nunwatched;
};

/**
 * places_find() - isolate's own tor, and each other one that a sandbox uses
 * @p: those that are new are added behind the others; places_free() it
 * @timeout_ms: for the sandboxes to say what they use
 * @again: who looks goes on looking
 *
 * A warning is printed for what a sandbox uses and cannot be asked, once; not
 * for a tor of isolate's own that is down for now where @again is set.
 *
 * Return: 0 or -errno.
 */
int places_find(struct places *p, int timeout_ms, bool again, struct fault *f);

/**
 * places_free() - nothing of it is in use any more
 */
void places_free(struct places *p);

#endif
