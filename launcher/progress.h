/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/progress.h - how far tor's bootstrap is, for a person */
#ifndef LAUNCHER_PROGRESS_H
#define LAUNCHER_PROGRESS_H

#include <stdbool.h>

struct tor_progress;

struct progress {
	bool is_terminal; /* stderr is one */
	bool shown;       /* a line is there that is not finished */
};

/**
 * progress_init() - prepare @report for tor_upstream_find()
 * @p: must outlive @report
 *
 * On a terminal a bar that is redrawn; else nothing.
 */
void progress_init(struct progress *p, struct tor_progress *report);

/**
 * progress_end() - take the bar away
 */
void progress_end(struct progress *p);

#endif
