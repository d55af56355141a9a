/* SPDX-License-Identifier: GPL-3.0-or-later */
/* base/dirs.h - where the user's own state is (XDG base directories) */
#ifndef BASE_DIRS_H
#define BASE_DIRS_H

#include <stddef.h>

#include "base/fault.h"

/*
 * Each names "BASE/isolate" (dirs_home(): the home itself), absolute,
 * without making it. A relative value
 * of an XDG variable is ignored, as the XDG base directory specification
 * says. Where HOME is unset or relative the passwd entry of the effective
 * uid is asked.
 *
 * Return: 0, -ENAMETOOLONG, or -ENOENT (no home is known).
 */

/** dirs_home() - $HOME, else the home in the passwd entry */
int dirs_home(char *buf, size_t len);
/** dirs_data() - $XDG_DATA_HOME/isolate, else ~/.local/share/isolate */
int dirs_data(char *buf, size_t len);
/** dirs_cache() - $XDG_CACHE_HOME/isolate, else ~/.cache/isolate */
int dirs_cache(char *buf, size_t len);
/** dirs_config() - $XDG_CONFIG_HOME/isolate, else ~/.config/isolate */
int dirs_config(char *buf, size_t len);

/**
 * dirs_runtime() - $XDG_RUNTIME_DIR/isolate, else /run/user/UID/isolate,
 * else /tmp/isolate-UID
 *
 * The first two count only where their base is a directory that belongs to
 * the effective uid and that nobody else can enter: su(1) and sudo(8) hand
 * on the variable of another user.
 */
int dirs_runtime(char *buf, size_t len);

/*
 * Each makes the directory if it is missing and opens it. It must belong to
 * the effective uid and not be writable by others (-EPERM, with a hint what
 * to do); what others may read is closed to them (0700).
 *
 * Return: O_RDONLY|O_DIRECTORY|O_CLOEXEC descriptor, the caller's, or -errno.
 */
int dirs_open_data(struct fault *f);
int dirs_open_cache(struct fault *f);
int dirs_open_runtime(struct fault *f);

#endif
