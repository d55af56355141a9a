/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/bench/relay.c - what a relay costs: both of its ends, and a plain one
 */
/*
 *   relay serve ADDRESS...
 *       stands for tor, and for every destination behind it
 *   relay client socks|plain ADDRESS MS
 *       measures each figure for so long; prints FIGURE VALUE lines
 *   relay splice ADDRESS COMMAND...
 *       a plain relay in isolate's topology, with the command on its far side
 *
 * An ADDRESS is unix:/PATH or IPV4:PORT.
 */
#include "tests/bench/relay.h"

#include <arpa/inet.h>
#include <err.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>

void relay_parse(const char *text, struct relay_address *a)
{
	char host[INET_ADDRSTRLEN];
	const char *colon = strchr(text, ':');

	memset(a, 0, sizeof(*a));
	if (strncmp(text, "unix:", 5) == 0) {
		a->un.sun_family = AF_UNIX;
		a->len = sizeof(a->un);
		if (snprintf(a->un.sun_path, sizeof(a->un.sun_path), "%s",
			     text + 5) >= (int)sizeof(a->un.sun_path))
			errx(2, "%s: too long", text);
		return;
	}
	a->in.sin_family = AF_INET;
	a->len = sizeof(a->in);
	if (!colon ||
	    snprintf(host, sizeof(host), "%.*s", (int)(colon - text), text) >=
		    (int)sizeof(host) ||
	    inet_pton(AF_INET, host, &a->in.sin_addr) != 1)
		errx(2, "%s: neither unix:/PATH nor IPV4:PORT", text);
	a->in.sin_port = htons((in_port_t)strtoul(colon + 1, NULL, 10));
}

int relay_listen(const struct relay_address *a)
{
	int fd = socket(a->sa.sa_family,
			SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int on = 1;

	if (fd < 0)
		err(1, "socket");
	if (a->sa.sa_family == AF_INET &&
	    (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0 ||
	     setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) < 0))
		err(1, "setsockopt");
	if (bind(fd, &a->sa, a->len) < 0 || listen(fd, SOMAXCONN) < 0)
		err(1, "listen");
	return fd;
}

void relay_watch(int epoll, int fd, uint32_t events, void *arg)
{
	struct epoll_event e = { .events = events, .data.ptr = arg };

	if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e) < 0)
		err(1, "epoll_ctl");
}

/* A thousand connections, and pipes for some. */
static void raise_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

int main(int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN);
	raise_descriptors();
	if (argc > 2 && strcmp(argv[1], "serve") == 0)
		relay_serve(argv + 2);
	if (argc > 3 && strcmp(argv[1], "splice") == 0)
		return relay_splice(argv[2], argv + 3);
	if (argc == 5 && strcmp(argv[1], "client") == 0)
		return relay_client(argv[2], argv[3], argv[4]);
	errx(2, "usage: relay serve ADDRESS... | client socks|plain ADDRESS "
		"MS | splice ADDRESS COMMAND...");
}
