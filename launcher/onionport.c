/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/onionport.c - where tor brings an onion service's connections */
#include "launcher/onionport.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/attr.h"
#include "tor/torrc.h"
#include "tor/upstream.h"

#define BACKLOG 128

_Static_assert(sizeof(((struct onionport *)0)->path) ==
		       sizeof(((struct sockaddr_un *)0)->sun_path),
	       "a path is an address");

/* A name of its own each time: tor keeps what it was told. */
static int name_it(struct onionport *p, const struct tor_upstream *upstream,
		   struct fault *f)
{
	const struct sockaddr_un *sun =
		(const struct sockaddr_un *)&upstream->addr;
	const char *slash = strrchr(sun->sun_path, '/');
	uint64_t random;
	int n;

	if (upstream->kind != TOR_UPSTREAM_UNIX || !slash)
		return fault_set(f, EOPNOTSUPP, "listen beside tor");
	if (getrandom(&random, sizeof(random), 0) != (ssize_t)sizeof(random))
		return fault_set(f, EIO, "get random numbers");
	n = snprintf(p->path, sizeof(p->path),
		     "%.*s/" TOR_ONION_PREFIX "%016llx",
		     (int)(slash - sun->sun_path), sun->sun_path,
		     (unsigned long long)random);
	return n < (int)sizeof(p->path)
		       ? 0
		       : fault_set(f, ENAMETOOLONG, "listen beside tor");
}

int onionport_open(struct onionport *p, const struct tor_upstream *upstream,
		   struct fault *f)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	autoclose int fd =
		socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int rc;

	p->fd = -1;
	rc = name_it(p, upstream, f);
	if (rc < 0)
		return rc;
	memcpy(sun.sun_path, p->path, sizeof(sun.sun_path));
	if (fd < 0 || bind(fd, (struct sockaddr *)&sun, sizeof(sun)) < 0)
		return fault_set(f, errno, "bind %s", p->path);
	p->fd = fd_steal(&fd);
	if (listen(p->fd, BACKLOG) == 0)
		return 0;
	rc = fault_set(f, errno, "listen on %s", p->path);
	onionport_close(p);
	return rc;
}

int onionport_accept(const struct onionport *p)
{
	autoclose int fd =
		accept4(p->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct ucred peer;
	socklen_t len = sizeof(peer);

	if (fd < 0)
		return -errno;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) < 0 ||
	    peer.uid != geteuid())
		return -EPERM;
	return fd_steal(&fd);
}

void onionport_close(struct onionport *p)
{
	if (p->fd >= 0)
		unlink(p->path);
	fd_replace(&p->fd, -1);
}
