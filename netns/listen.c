/* SPDX-License-Identifier: GPL-3.0-or-later */
/* netns/listen.c - listening sockets of the caller's network namespace */
#include "netns/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>

/* A bound socket of @type; TCP may take over what is in TIME_WAIT. */
static int open_bound(int type, const char *address, uint16_t port,
		      struct fault *f)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
				   .sin_port = htons(port) };
	const int on = 1, reuse = type == SOCK_STREAM;
	autoclose int fd = -1;

	if (inet_pton(AF_INET, address, &sin.sin_addr) != 1)
		return fault_set(f, EINVAL, "parse the address %s", address);
	fd = socket(AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 ||
	    setsockopt(fd, IPPROTO_IP, IP_FREEBIND, &on, sizeof(on)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &reuse, sizeof(reuse)) <
		    0 ||
	    bind(fd, (struct sockaddr *)&sin, sizeof(sin)) < 0)
		return fault_set(f, errno, "bind %s:%u", address, port);
	return fd_steal(&fd);
}

int netns_listen_tcp(const char *address, uint16_t port, struct fault *f)
{
	autoclose int fd = open_bound(SOCK_STREAM, address, port, f);

	if (fd < 0)
		return fd;
	if (listen(fd, SOMAXCONN) < 0)
		return fault_set(f, errno, "listen on %s:%u", address, port);
	return fd_steal(&fd);
}

int netns_listen_udp(const char *address, uint16_t port, struct fault *f)
{
	return open_bound(SOCK_DGRAM, address, port, f);
}
