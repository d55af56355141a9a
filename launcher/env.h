/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/env.h - the environment of the application (pure) */
#ifndef LAUNCHER_ENV_H
#define LAUNCHER_ENV_H

#include "launcher/plan.h"

/**
 * env_make() - fixed values, what the profile passes on, what it sets
 * @env: empty; "NAME=VALUE" strings are added
 * @profile: its network says which variables name the gateway
 *
 * Nothing of the host's environment gets in but TERM and COLORTERM (when
 * they look like a terminal's name) and what env-keep names.
 */
void env_make(struct strv *env, const struct profile *profile,
	      const struct plan_host *host);

/**
 * env_onion() - where the name of the profile's onion service goes
 *
 * It is known late: GWMSG_ONION_ID_LEN bytes of a value are kept for it.
 *
 * Return: within @env, or NULL: it has none.
 */
char *env_onion(const struct strv *env);

#endif
