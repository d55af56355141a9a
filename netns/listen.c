/* SPDX-License-Identifier: GPL-3.0-or-later */
/* netns/listen.c - listening sockets of the caller's network namespace */
#include "netns/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>

int netns_listen_tcp(const char *address, uint16_t port, struct fault *f)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
				   .sin_port = htons(port) };
	autoclose int fd = -1;
	const int on = 1;

	if (inet_pton(AF_INET, address, &sin.sin_addr) != 1)
		return fault_set(f, EINVAL, "parse the address %s", address);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 ||
	    setsockopt(fd, IPPROTO_IP, IP_FREEBIND, &on, sizeof(on)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0 ||
	    bind(fd, (struct sockaddr *)&sin, sizeof(sin)) < 0 ||
	    listen(fd, SOMAXCONN) < 0)
		return fault_set(f, errno, "listen on %s:%u", address, port);
	return fd_steal(&fd);
}
