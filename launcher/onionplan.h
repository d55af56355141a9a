/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/onionplan.h - the onion service that a profile asks for (pure) */
#ifndef LAUNCHER_ONIONPLAN_H
#define LAUNCHER_ONIONPLAN_H

#include <stdio.h>

#include "base/fault.h"

struct plan;
struct profile;

/**
 * onionplan_make() - its ports and key, and whether connections come in at all
 * @p: its listeners and control level are decided
 *
 * Return: 0 or -EINVAL with who said it in @f.
 */
int onionplan_make(struct plan *p, const struct profile *profile,
		   struct fault *f);

/**
 * onionplan_print() - "onion: ..." lines of --dry-run
 */
void onionplan_print(const struct plan *p, FILE *out);

#endif
