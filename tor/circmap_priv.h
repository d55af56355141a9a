/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tor/circmap_priv.h - for tor/circread.c alone: how the map is filled */
#ifndef TOR_CIRCMAP_PRIV_H
#define TOR_CIRCMAP_PRIV_H

#include "tor/circmap.h"

/* Those that have gone are not found. */
struct tor_circuit *circmap_find_circuit(const struct tor_circmap *m,
					 uint64_t id);
struct tor_stream *circmap_find_stream(const struct tor_circmap *m,
				       uint64_t id);

/* Made where there is none. Return: the map's; NULL: no memory. */
struct tor_circuit *circmap_want_circuit(struct tor_circmap *m, uint64_t id);
struct tor_stream *circmap_want_stream(struct tor_circmap *m, uint64_t id);

/* Each: 0 or -ENOMEM. */

/* One more who has used it, unless known. */
int circmap_add_user(struct tor_circuit *c, const struct tor_user *u);

/* It has gone. What is left of its set goes on with what it knew. */
int circmap_close(struct tor_circmap *m, struct tor_circuit *c);

/* @len bytes of @by, copied, instead of what was there. */
int circmap_replace(char **text, const char *by, size_t len);

#endif
