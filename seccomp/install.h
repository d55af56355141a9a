/* SPDX-License-Identifier: GPL-3.0-or-later */
/* seccomp/install.h - put a program into force on the calling thread */
#ifndef SECCOMP_INSTALL_H
#define SECCOMP_INSTALL_H

#include "seccomp/compile.h"

/**
 * seccomp_install() - from here on the kernel applies @prog, for good
 * @prog: as compiled; not needed afterwards
 *
 * Needs no_new_privs, also where capabilities would do without it: a filter
 * under a set-user-ID program would be an attack on it. Async-signal-safe,
 * allocates nothing. Applies to this thread and what it forks and executes.
 *
 * Return: 0 or -errno (-EPERM: no_new_privs is not set; -EINVAL: the
 * program is empty or the kernel does not accept it).
 */
int seccomp_install(const struct seccomp_program *prog);

#endif
