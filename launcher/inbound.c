/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/inbound.c - connections into the application's network namespace */
#include "launcher/inbound.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/attr.h"
#include "launcher/facade.h"

/* By enum gwmsg_target. */
static const char *const addresses[] = {
	[GWMSG_TARGET_LOOPBACK] = "127.0.0.1",
	[GWMSG_TARGET_SELF] = FACADE_SELF,
};

void inbound_init(struct inbound *in)
{
	*in = (struct inbound){ .userns = -1, .netns = -1 };
}

/* In a child: from inside A, as many sockets as can be made. */
static _Noreturn void make_sockets(const struct inbound *in, int sock)
{
	int fds[INBOUND_POOL];
	size_t n = 0;

	if (setns(in->userns, CLONE_NEWUSER) < 0 ||
	    setns(in->netns, CLONE_NEWNET) < 0)
		_exit(1);
	while (n < INBOUND_POOL) {
		fds[n] = socket(AF_INET,
				SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		if (fds[n] < 0)
			break;
		n++;
	}
	_exit(n > 0 && fd_send_msg(sock, "", 1, fds, n) == 0 ? 0 : 1);
}

static int fill(struct inbound *in)
{
	int pair[2];
	char byte;
	pid_t pid;

	if (in->netns < 0)
		return -ENONET;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	pid = fork();
	if (pid == 0)
		make_sockets(in, pair[1]);
	fd_close(pair[1]);
	if (pid > 0) {
		if (fd_recv_msg(pair[0], &byte, 1, in->pool, INBOUND_POOL,
				&in->n) != 1)
			in->n = 0;
		while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			continue;
	}
	fd_close(pair[0]);
	return in->n > 0 ? 0 : -ENOBUFS;
}

/*
 * Nobody listens, and the source port is the one that is called: TCP then
 * meets itself (RFC 9293 s3.5, simultaneous open), and the application could
 * not listen there as long as that lasts.
 */
static bool meets_itself(int fd, const struct sockaddr_in *to)
{
	struct sockaddr_in from = { .sin_family = AF_UNSPEC };
	socklen_t len = sizeof(from);

	return getsockname(fd, (struct sockaddr *)&from, &len) == 0 &&
	       from.sin_port == to->sin_port &&
	       from.sin_addr.s_addr == to->sin_addr.s_addr;
}

int inbound_connect(struct inbound *in, enum gwmsg_target where, uint16_t port)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons(port) };
	/* no TIME_WAIT, which would keep the port as well */
	const struct linger reset = { .l_onoff = 1 };
	autoclose int fd = -1;
	int rc, on = 1;

	if (where == GWMSG_TARGET_UNSET || where >= GWMSG_TARGETS ||
	    port == 0 ||
	    inet_pton(AF_INET, addresses[where], &to.sin_addr) != 1)
		return -EINVAL;
	rc = in->n > 0 ? 0 : fill(in);
	if (rc < 0)
		return rc;
	fd = in->pool[--in->n];
	if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) < 0)
		return -errno;
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0 &&
	    errno != EINPROGRESS)
		return -errno;
	if (meets_itself(fd, &to)) {
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
		return -ECONNREFUSED;
	}
	return fd_steal(&fd);
}

void inbound_close(struct inbound *in)
{
	while (in->n > 0)
		fd_close(in->pool[--in->n]);
	fd_replace(&in->netns, -1);
}
