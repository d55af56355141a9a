/* SPDX-License-Identifier: GPL-3.0-or-later */
/* keeper/root.h - the root directory that tor sees */
#ifndef KEEPER_ROOT_H
#define KEEPER_ROOT_H

#include "base/fault.h"

struct tor_home; /* tor/home.h */

/**
 * root_make() - a new root, and nothing of the old one
 * @h: its DataDirectory and sockets keep their paths and can be written, but
 *     for the torrc and the bridges
 *
 * Everything else can be read only: programs and libraries, tor's binary
 * where it is none of them, certificates, the resolver's configuration (a
 * pluggable transport may need both), two device nodes. Needs a user and
 * a mount namespace of the caller's own.
 *
 * Return: 0 or -errno.
 */
int root_make(const struct tor_home *h, struct fault *f);

#endif
