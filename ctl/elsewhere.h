/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ctl/elsewhere.h - sandboxes that use another tor than isolate's own */
#ifndef CTL_ELSEWHERE_H
#define CTL_ELSEWHERE_H

#include <stddef.h>

#include "base/fault.h"

/**
 * elsewhere_count() - how many run on a tor that is not isolate's own
 * @n: set on success
 *
 * They keep it until they end: bridges that are set meanwhile are not for
 * them. An amnesic one cannot be found, and is not counted. Blocks for two
 * seconds at most.
 *
 * Return: 0 or -errno.
 */
int elsewhere_count(size_t *n, struct fault *f);

#endif
