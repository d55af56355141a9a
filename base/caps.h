/* SPDX-License-Identifier: GPL-3.0-or-later */
/* base/caps.h - giving up capabilities for good */
#ifndef BASE_CAPS_H
#define BASE_CAPS_H

#include "base/fault.h"

/**
 * caps_drop_all() - empty all five capability sets, lock the securebits
 *
 * Permitted, effective, inheritable, ambient and bounding; the securebits
 * say that uid 0 gains nothing at exec, and are locked (capabilities(7)).
 * Needs CAP_SETPCAP in the caller's user namespace. Cannot be undone.
 *
 * Return: 0 or -errno.
 */
int caps_drop_all(struct fault *f);

/**
 * caps_check_none() - ask the kernel whether all five sets are empty
 *
 * Return: 0, -EPERM with the one that is not, or another -errno.
 */
int caps_check_none(struct fault *f);

#endif
