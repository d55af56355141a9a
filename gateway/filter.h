/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gateway/filter.h - the gateway's own seccomp filter, compiled beforehand */
#ifndef GATEWAY_FILTER_H
#define GATEWAY_FILTER_H

#include <linux/filter.h>

/**
 * filter_program() - the filter that filter_gen.c made at build time
 *
 * Return: a constant program; any system call that is not in it ends the
 * process.
 */
const struct sock_fprog *filter_program(void);

/**
 * filter_install() - load it; needs no_new_privs
 *
 * Return: 0 or -errno.
 */
int filter_install(void);

#endif
