/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/look.h - what the canary reads, and how it says what differs */
#ifndef LAUNCHER_LOOK_H
#define LAUNCHER_LOOK_H

#include <stddef.h>

#include "base/fault.h"

/**
 * look_differs() - record that something is not as promised
 * @what: the promise
 * @is: what is there instead
 *
 * Return: -EPERM.
 */
int look_differs(struct fault *f, const char *what, const char *is);

/**
 * look_slurp() - read a small pseudo-file whole
 * @buf: NUL-terminated on success
 * @len: of @buf; a file that does not fit is refused (-EFBIG)
 *
 * Return: 0 or -errno.
 */
int look_slurp(const char *path, char *buf, size_t len, struct fault *f);

#endif
