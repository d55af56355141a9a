/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gateway/listener.c - accepting, and when not to */
#include "gateway/listener.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "base/fd.h"
#include "gateway/conn.h"
#include "gateway/gateway.h"

/* Taken from one listener before other descriptors get their turn. */
#define ACCEPTS_AT_ONCE 32
/* How long to wait when the kernel has no descriptors or no memory. */
#define RESUME_MS 100

static bool has_option(int fd, int option, int value)
{
	socklen_t len = sizeof(int);
	int got = -1;

	return getsockopt(fd, SOL_SOCKET, option, &got, &len) == 0 &&
	       got == value;
}

/* The others do so when something waits there: a system call for each of a
 * hundred would be paid by every connection that is one too many. */
static void pause_one(struct listener *l)
{
	l->paused = l->gw->paused = true;
	l->gw->stats.refused_limit++;
	event_del(&l->ev);
}

static void resume_all(struct gateway *gw)
{
	gw->paused = false;
	event_del(&gw->resume);
	for (uint32_t i = 0; i < gw->nlisteners; i++) {
		struct listener *l = &gw->listeners[i];

		if (!l->paused)
			continue;
		/* one that cannot be watched for want of memory is tried
		 * again */
		l->paused = event_add(&l->ev, NULL) < 0;
		gw->paused |= l->paused;
	}
}

static void resume_later(struct gateway *gw)
{
	struct timeval wait = { .tv_usec = RESUME_MS * 1000 };

	event_add(&gw->resume, &wait);
}

static void on_resume(evutil_socket_t fd, short what, void *arg)
{
	struct gateway *gw = arg;

	(void)fd;
	(void)what;
	if (gw->stats.open >= gw->max_connections)
		return;
	resume_all(gw);
	if (gw->paused)
		resume_later(gw);
}

void listener_resume(struct gateway *gw)
{
	/* some at once: pausing and resuming costs two system calls */
	uint32_t low = gw->max_connections - gw->max_connections / 16;

	if (gw->paused && gw->stats.open < low &&
	    !event_pending(&gw->resume, EV_TIMEOUT, NULL))
		resume_all(gw);
}

bool listener_error_passes(int err)
{
	return err == ECONNABORTED || err == EINTR || err == EPERM ||
	       err == EPROTO || err == ENETDOWN || err == EHOSTUNREACH ||
	       err == ENETUNREACH || err == EHOSTDOWN || err == ENOPROTOOPT;
}

static void on_accept(evutil_socket_t fd, short what, void *arg)
{
	struct listener *l = arg;
	struct gateway *gw = l->gw;

	(void)what;
	for (int i = 0; i < ACCEPTS_AT_ONCE; i++) {
		int client;

		if (gw->stats.open >= gw->max_connections) {
			pause_one(l);
			return;
		}
		client = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (client >= 0) {
			conn_accept(l, client);
			continue;
		}
		if (errno == EAGAIN)
			return;
		if (!listener_error_passes(errno)) {
			pause_one(l);
			resume_later(gw);
			return;
		}
	}
}

int listener_prepare(int fd, int type, struct fault *f)
{
	bool tcp = type == SOCK_STREAM;
	int on = 1;

	if (!has_option(fd, SO_ACCEPTCONN, tcp) ||
	    !has_option(fd, SO_DOMAIN, AF_INET) ||
	    !has_option(fd, SO_TYPE, type))
		return fault_set(f, 0, "a descriptor is no %s",
				 tcp ? "TCP listener" : "UDP socket");
	/* accepted sockets inherit it */
	if (tcp &&
	    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) < 0)
		return fault_set(f, errno, "TCP_NODELAY on a listener");
	if (fd_set_nonblock(fd, 1) < 0)
		return fault_set(f, errno, "O_NONBLOCK on a listener");
	return 0;
}

int listener_prepare_control(int fd, struct fault *f)
{
	if (!has_option(fd, SO_DOMAIN, AF_UNIX))
		return listener_prepare(fd, SOCK_STREAM, f);
	if (!has_option(fd, SO_ACCEPTCONN, 1) ||
	    !has_option(fd, SO_TYPE, SOCK_STREAM))
		return fault_set(f, 0, "a descriptor is no unix listener");
	if (fd_set_nonblock(fd, 1) < 0)
		return fault_set(f, errno, "O_NONBLOCK on a listener");
	return 0;
}

int listener_add(struct gateway *gw, int fd, const struct gwmsg_listener *l,
		 struct fault *f)
{
	struct listener *to = &gw->listeners[gw->nlisteners];
	int rc = listener_prepare(fd, SOCK_STREAM, f);

	if (rc < 0)
		return rc;
	to->gw = gw;
	to->fd = fd;
	to->kind = (enum gwmsg_listener_kind)l->kind;
	to->isolate = l->isolate;
	to->flags = l->flags;
	to->paused = true; /* until listener_start() */
	event_assign(&to->ev, gw->base, fd, EV_READ | EV_PERSIST, on_accept,
		     to);
	gw->nlisteners++;
	return 0;
}

int listener_start(struct gateway *gw)
{
	event_assign(&gw->resume, gw->base, -1, 0, on_resume, gw);
	resume_all(gw);
	return gw->paused ? -ENOMEM : 0;
}
