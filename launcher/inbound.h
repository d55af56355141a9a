/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/inbound.h - connections into the application's network namespace */
#ifndef LAUNCHER_INBOUND_H
#define LAUNCHER_INBOUND_H

#include <stddef.h>
#include <stdint.h>

#include "base/gwmsg.h"

/* Sockets made at once. */
#define INBOUND_POOL 16

/*
 * A socket belongs to the network namespace that it was made in, wherever it
 * is connected from. So a child enters A, makes some, hands them back and is
 * gone: no process stays there, and the supervisor, which enters nothing, can
 * connect in A as if it were there.
 */
struct inbound {
	int userns; /* U0, borrowed */
	int netns;  /* A, -1: there is no way in */
	int pool[INBOUND_POOL];
	size_t n;
};

/**
 * inbound_init() - no way in
 */
void inbound_init(struct inbound *in);

/**
 * inbound_connect() - to where the application may be listening
 * @where, @port: nothing but the sandbox can be named
 *
 * The application sees its own loopback, or its own address, as the source.
 *
 * Return: a connected or connecting, non-blocking SOCK_CLOEXEC TCP socket, the
 * caller's; or -errno (-ECONNREFUSED: nobody listens).
 */
int inbound_connect(struct inbound *in, enum gwmsg_target where, uint16_t port);

/**
 * inbound_close() - close the sockets and @netns
 */
void inbound_close(struct inbound *in);

#endif
