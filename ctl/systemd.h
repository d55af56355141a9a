/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ctl/systemd.h - the user's systemd, where there is one */
#ifndef CTL_SYSTEMD_H
#define CTL_SYSTEMD_H

#include "base/fault.h"

/**
 * systemd_start() - start a unit of the user's and wait for that
 *
 * Return: 1 started (or it ran); 0: no user instance answers, or it does not
 * know the unit; -errno: it failed.
 */
int systemd_start(const char *unit, struct fault *f);

#endif
