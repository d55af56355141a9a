/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ctl/circview.h - circuits for people and for programs */
#ifndef CTL_CIRCVIEW_H
#define CTL_CIRCVIEW_H

#include <stdint.h>
#include <stdio.h>

#include <jansson.h>

#include "ctl/owners.h"
#include "ctl/table.h"
#include "tor/circmap.h"

/* One row: a circuit or conflux set, and all that it is told with. */
struct circview {
	const struct tor_circmap *map;
	const struct tor_circset *set;
	const struct ownership *who;
	/* of a relay; "": not known */
	const char *(*country)(void *arg, const char *relay);
	void *arg;       /* handed to @country */
	int64_t now_us;  /* since the epoch */
	const char *tor; /* path of its control socket */
};

/** circview_table() - an empty table with its heads */
void circview_table(struct table *t);

/** circview_add() - one row; more lines where it has more legs or streams */
void circview_add(struct table *t, const struct circview *v);

/** circview_line() - the same on one line, for a log */
void circview_line(const struct circview *v, FILE *out);

/** circview_json() - the same as an object, the caller's */
json_t *circview_json(const struct circview *v);

/** circview_name() - "12", "12+14": the numbers of a set's legs */
void circview_name(const struct tor_circset *set, char *buf, size_t len);

#endif
