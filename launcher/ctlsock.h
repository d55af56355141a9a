/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/ctlsock.h - isolatectl's way to this supervisor */
#ifndef LAUNCHER_CTLSOCK_H
#define LAUNCHER_CTLSOCK_H

#include <poll.h>

#include "base/fault.h"
#include "launcher/gwlink.h"

/* An isolatectl connects and asks a moment later: others may come between. */
#define CTLSOCK_CLIENTS 4
#define CTLSOCK_POLL_FDS (1 + CTLSOCK_CLIENTS)

/* See base/ctlmsg.h. */
struct ctlsock {
	int dirfd;                    /* where the socket lies, -1: nowhere */
	int listener;                 /* -1: none */
	int clients[CTLSOCK_CLIENTS]; /* connected, have not asked yet; -1 */
	unsigned int next;            /* whose place the next one gets */
	int64_t opened_ms;            /* CLOCK_MONOTONIC */
	char name[20];
};

/**
 * ctlsock_init() - nothing open
 */
void ctlsock_init(struct ctlsock *c);

/**
 * ctlsock_open() - listen in the runtime directory
 *
 * Not before the sandbox is sealed off: no child may inherit it.
 *
 * Return: 0 or -errno; then nothing is open, and isolatectl does not find
 * this launch.
 */
int ctlsock_open(struct ctlsock *c, struct fault *f);

/**
 * ctlsock_poll_fds() - what to wait for
 * @p: room for CTLSOCK_POLL_FDS
 */
void ctlsock_poll_fds(const struct ctlsock *c, struct pollfd *p);

/**
 * ctlsock_run() - serve whoever is there; never blocks
 * @p: as poll(2) left them
 *
 * Only a process of this user in this user namespace is heard: what runs in
 * a sandbox is not, should it ever reach the socket.
 */
void ctlsock_run(struct ctlsock *c, const struct pollfd *p, struct gwlink *g);

/**
 * ctlsock_close() - stop listening
 */
void ctlsock_close(struct ctlsock *c);

#endif
