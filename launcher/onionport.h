/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/onionport.h - where tor brings an onion service's connections */
#ifndef LAUNCHER_ONIONPORT_H
#define LAUNCHER_ONIONPORT_H

#include "base/fault.h"

struct tor_upstream; /* tor/upstream.h */

/*
 * A unix socket beside tor's own, in a directory that only this user, and
 * nothing in a sandbox, can enter: neither tor nor we listen on TCP.
 */
struct onionport {
	int fd;         /* listening, non-blocking; -1: none */
	char path[108]; /* as tor connects to it */
};

/**
 * onionport_open() - listen
 * @upstream: SocksPort of isolate's own tor: its directory is taken, whose
 *            privacy was seen when its control socket was opened
 *
 * Return: 0 or -errno.
 */
int onionport_open(struct onionport *p, const struct tor_upstream *upstream,
		   struct fault *f);

/**
 * onionport_accept() - the next connection
 *
 * Return: non-blocking, SOCK_CLOEXEC, the caller's; -EAGAIN: none is there;
 * -EPERM: it was another user's and is closed; or -errno.
 */
int onionport_accept(const struct onionport *p);

/**
 * onionport_close() - stop listening, remove the socket
 */
void onionport_close(struct onionport *p);

#endif
