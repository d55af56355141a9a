/* SPDX-License-Identifier: GPL-3.0-or-later */
/* profiles/mount.h - the SRC[:DST] of bind and ro-bind (pure) */
#ifndef PROFILES_MOUNT_H
#define PROFILES_MOUNT_H

#include <stddef.h>

#include "base/fault.h"

/**
 * mount_check() - may these two paths be shared
 * @text: "SRC" or "SRC:DST", each absolute or below ~/ (SRC: the user's home,
 *        DST: the sandbox's); DST is SRC where it is not given
 *
 * Judges the text only. The same places can still be reached as /home/NAME, or
 * through a symlink of the host: whoever mounts has to look at what was opened.
 *
 * Return: 0, or -EINVAL with the message and hint in @f.
 */
int mount_check(const char *text, struct fault *f);

/**
 * mount_split() - the two halves of a checked item
 * @src_len: set to the length of SRC at the start of @text
 *
 * Return: DST, within @text.
 */
const char *mount_split(const char *text, size_t *src_len);

#endif
