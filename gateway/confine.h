/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gateway/confine.h - what the gateway gives up before it reads a byte */
#ifndef GATEWAY_CONFINE_H
#define GATEWAY_CONFINE_H

#include "base/fault.h"

/**
 * confine_enter() - leave everything behind but open descriptors
 * @nofile: set to the number of descriptors that may be open (RLIMIT_NOFILE)
 * @f: says which step failed
 *
 * Afterwards: an empty, read-only root, namespaces of its own, no
 * capability in any set, no_new_privs, no core, no children, not dumpable,
 * killed with its parent, and filter_install()ed. Irreversible, also when
 * it fails: the caller then exits. Whatever the program needs that the
 * filter refuses (an epoll descriptor) it makes before.
 *
 * Return: 0 or -errno.
 */
int confine_enter(unsigned int *nofile, struct fault *f);

#endif
