/* SPDX-License-Identifier: GPL-3.0-or-later */
/* transport/filter.h - the seccomp filter of pluggable transports */
#ifndef TRANSPORT_FILTER_H
#define TRANSPORT_FILTER_H

/**
 * filter_install() - load the filters that were compiled at build time
 *
 * Needs no_new_privs. An execve(2) is still possible afterwards.
 *
 * Return: 0 or -errno.
 */
int filter_install(void);

#endif
