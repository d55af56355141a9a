/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tor/dropin.h - what the user adds to the torrc of our own tor */
#ifndef TOR_DROPIN_H
#define TOR_DROPIN_H

#include <stddef.h>

#include "base/fault.h"

/**
 * tor_dropin_check() - may these lines of the user's go into our torrc
 * @file: for messages
 * @text: of @len bytes
 *
 * Only options of a list may be set, by their whole names: what would open a
 * port or a socket, run a program, or take the instance out of our hands
 * (directories, control, daemon) is not on it, nor is what a later tor may
 * know. %include, continued lines and control characters are refused. Pure.
 *
 * Return: 0 or -EINVAL with "file:line: why" in @f.
 */
int tor_dropin_check(const char *file, const char *text, size_t len,
		     struct fault *f);

/**
 * tor_dropin_read_all() - all *.conf of a directory, in order, checked
 * @dir: absolute; that it does not exist is fine
 * @text: set to malloc'd text ("" where there is none), caller frees
 *
 * Copied rather than included: what was checked is what tor reads.
 *
 * Return: 0 or -errno. The directory and each file must be the user's or
 * root's, writable by nobody else, and no symlink.
 */
int tor_dropin_read_all(const char *dir, char **text, struct fault *f);

#endif
