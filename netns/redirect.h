/* SPDX-License-Identifier: GPL-3.0-or-later */
/* netns/redirect.h - what arrives in a gateway's netns: taken in or refused */
#ifndef NETNS_REDIRECT_H
#define NETNS_REDIRECT_H

#include "base/fault.h"

/* The gateway's own address; redirected is what is meant for others. */
#define REDIRECT_GATEWAY "10.152.152.10"
/* Where its listeners are; host order. */
#define REDIRECT_TCP_PORT 9040 /* TCP to everybody else */
#define REDIRECT_DNS_PORT 5300 /* UDP and TCP to port 53, of anybody */

/**
 * redirect_open() - a socket to nf_tables; ICMP errors without a limit, and
 *                   short memory of connections
 * @f: says what this kernel lacks
 *
 * Of the caller's netns, through /proc/sys/net of the caller's mount
 * namespace; it stays the socket of that netns wherever the caller goes.
 *
 * Return: O_CLOEXEC descriptor, the caller's, or -errno.
 */
int redirect_open(struct fault *f);

/**
 * redirect_load() - load the rules (redirect_gen.c) into the socket's netns
 * @nfnl: from redirect_open(), new; borrowed
 * @f: says which rule failed, and which module of the kernel it needs
 *
 * All of them or none. Does not block.
 *
 * Return: 0 or -errno.
 */
int redirect_load(int nfnl, struct fault *f);

#endif
