/* SPDX-License-Identifier: GPL-3.0-or-later */
/* netns/listen.h - listening sockets of the caller's network namespace */
#ifndef NETNS_LISTEN_H
#define NETNS_LISTEN_H

#include <stdint.h>

#include "base/fault.h"

/**
 * netns_listen_tcp() - a listening TCP socket
 * @address: dotted IPv4
 * @port: host order
 * @f: names the address on failure
 *
 * Non-blocking, close-on-exec. The address need not exist yet (IP_FREEBIND,
 * ip(7)), so that sockets can be opened before the link is wired.
 *
 * Return: descriptor, the caller's, or -errno.
 */
int netns_listen_tcp(const char *address, uint16_t port, struct fault *f);

/**
 * netns_listen_udp() - a UDP socket that receives; as netns_listen_tcp()
 */
int netns_listen_udp(const char *address, uint16_t port, struct fault *f);

#endif
