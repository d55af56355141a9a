/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/ctlsock.c - isolatectl's way to this supervisor */
#include "launcher/ctlsock.h"

#include <bsd/string.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/ctlmsg.h"
#include "base/dirs.h"
#include "base/path.h"

#define BACKLOG 8

void ctlsock_init(struct ctlsock *c)
{
	*c = (struct ctlsock){ .dirfd = -1, .listener = -1 };
	for (size_t i = 0; i < CTLSOCK_CLIENTS; i++)
		c->clients[i] = -1;
}

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* Under a name that nobody looks at until it listens. */
static int listen_as(struct ctlsock *c, const char *early, struct fault *f)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	autoclose int fd = socket(
		AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	/* the runtime directory's own path may be longer than an address */
	snprintf(sun.sun_path, sizeof(sun.sun_path), "/proc/self/fd/%d/%s",
		 c->dirfd, early);
	if (fd < 0 || bind(fd, (struct sockaddr *)&sun, sizeof(sun)) < 0)
		return fault_set(f, errno, "bind a socket for isolatectl");
	if (listen(fd, BACKLOG) < 0 ||
	    renameat(c->dirfd, early, c->dirfd, c->name) < 0) {
		int err = errno;

		unlinkat(c->dirfd, early, 0);
		return fault_set(f, err, "listen for isolatectl");
	}
	c->listener = fd_steal(&fd);
	return 0;
}

int ctlsock_open(struct ctlsock *c, struct fault *f)
{
	autoclose int runtime = dirs_open_runtime(f);
	char early[sizeof(c->name) + 1];
	uint64_t random;
	int rc;

	if (runtime < 0)
		return runtime;
	if (getrandom(&random, sizeof(random), 0) != (ssize_t)sizeof(random))
		return fault_set(f, EIO, "get random numbers");
	c->dirfd = path_make_dirs(runtime, CTLMSG_DIR, 0700);
	if (c->dirfd < 0)
		return fault_set(f, c->dirfd, "make the directory " CTLMSG_DIR);
	snprintf(c->name, sizeof(c->name), "%016llx",
		 (unsigned long long)random);
	snprintf(early, sizeof(early), ".%s", c->name);
	c->opened_ms = now_ms();
	rc = listen_as(c, early, f);
	if (rc < 0)
		fd_replace(&c->dirfd, -1);
	return rc;
}

void ctlsock_poll_fds(const struct ctlsock *c, struct pollfd *p)
{
	p[0] = (struct pollfd){ .fd = c->listener, .events = POLLIN };
	for (size_t i = 0; i < CTLSOCK_CLIENTS; i++)
		p[1 + i] = (struct pollfd){ .fd = c->clients[i],
					    .events = POLLIN };
}

/* In a user namespace below ours one may have our uid. */
static bool is_in_our_userns(pid_t pid)
{
	struct stat ours, theirs;
	char path[40];

	snprintf(path, sizeof(path), "/proc/%d/ns/user", (int)pid);
	return stat("/proc/self/ns/user", &ours) == 0 &&
	       stat(path, &theirs) == 0 && ours.st_ino == theirs.st_ino &&
	       ours.st_dev == theirs.st_dev;
}

static bool may_ask(int client)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	return getsockopt(client, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 &&
	       peer.uid == geteuid() && is_in_our_userns(peer.pid);
}

static bool concerns(const struct ctlmsg_request *m, const struct plan *plan)
{
	if (m->type == CTLMSG_STATUS && !m->identity[0])
		return true;
	return strcmp(m->identity, plan->identity) == 0;
}

static void describe(const struct ctlsock *c, const struct gwlink *g,
		     struct ctlmsg_answer *a)
{
	a->number = g->number;
	memcpy(a->launch, g->nonce, GWMSG_LAUNCH_LEN);
	if (g->plan->network)
		strlcpy(a->upstream, g->upstream->text, sizeof(a->upstream));
	strlcpy(a->identity, g->plan->identity, sizeof(a->identity));
	if (g->plan->application)
		strlcpy(a->application, g->plan->application,
			sizeof(a->application));
	a->age_ms = (uint64_t)(now_ms() - c->opened_ms);
	a->stats_ms = (uint64_t)g->stats_ms;
	a->stats = g->stats;
}

static void answer(const struct ctlsock *c, int client,
		   const struct ctlmsg_request *m, struct gwlink *g)
{
	struct ctlmsg_answer a = { .err = ENOENT };

	if (concerns(m, g->plan)) {
		a.err = m->type == CTLMSG_NEWNYM ? -gwlink_new_nonce(g) : 0;
		describe(c, g, &a);
		if (m->type == CTLMSG_STATUS)
			gwlink_ask_stats(g);
	}
	send(client, &a, sizeof(a), MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void hear(const struct ctlsock *c, int *client, struct gwlink *g)
{
	struct ctlmsg_request m = { .type = CTLMSG_UNSET };
	ssize_t n = recv(*client, &m, sizeof(m), MSG_DONTWAIT | MSG_TRUNC);

	if (n > 0 && ctlmsg_request_is_valid(&m, (size_t)n))
		answer(c, *client, &m, g);
	/* one request each, good or bad */
	fd_replace(client, -1);
}

/* Who connects and says nothing has to make room, in the end. */
static void take_client(struct ctlsock *c)
{
	int *client = &c->clients[c->next++ % CTLSOCK_CLIENTS];

	fd_replace(client, accept4(c->listener, NULL, NULL,
				   SOCK_CLOEXEC | SOCK_NONBLOCK));
	if (*client >= 0 && !may_ask(*client))
		fd_replace(client, -1);
}

void ctlsock_run(struct ctlsock *c, const struct pollfd *p, struct gwlink *g)
{
	for (size_t i = 0; i < CTLSOCK_CLIENTS; i++)
		if (p[1 + i].revents)
			hear(c, &c->clients[i], g);
	if (p[0].revents)
		take_client(c);
}

void ctlsock_close(struct ctlsock *c)
{
	if (c->listener >= 0)
		unlinkat(c->dirfd, c->name, 0);
	fd_replace(&c->listener, -1);
	for (size_t i = 0; i < CTLSOCK_CLIENTS; i++)
		fd_replace(&c->clients[i], -1);
	fd_replace(&c->dirfd, -1);
}
