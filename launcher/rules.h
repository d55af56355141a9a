/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/rules.h - the profile's destinations, as the gateway gets them */
#ifndef LAUNCHER_RULES_H
#define LAUNCHER_RULES_H

#include <stdio.h>

#include "base/fault.h"

struct plan;
struct profile;

/**
 * rules_make() - encode allow-destinations and deny-destinations; pure
 * @p: @p->policies is set, allocated, and the texts for rules_print()
 *
 * Return: 0, or -EINVAL with who said it in @f: more than the gateway takes.
 */
int rules_make(struct plan *p, const struct profile *profile, struct fault *f);

/**
 * rules_print() - one line a destination
 */
void rules_print(const struct plan *p, FILE *out);

#endif
