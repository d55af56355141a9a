/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tor/ports.h - a SocksPort for each identity, on our own tor */
/*
 * DOC: Theory of Operation
 *
 * Each identity has a unix socket of its own beside the common one: streams
 * of two SocksPorts never share a circuit, whatever credentials they send.
 * It is opened at run time, under the lock of the instance, since tor
 * replaces the list of SocksPorts whole. A record in the data directory says
 * who has one, and the torrc that a start writes lists them: after a crash
 * the sockets of sandboxes that still run are back at once, even if whoever
 * started tor is interrupted while it bootstraps.
 *
 * So a socket that can be connected does not mean that tor can be used; a
 * file beside it does, made under the lock over a connection that saw 100 %,
 * and removed before a start. With both a launch asks nobody.
 */
#ifndef TOR_PORTS_H
#define TOR_PORTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/fault.h"
#include "tor/config.h"

struct tor_home; /* tor/home.h */
struct tor_talk; /* tor/talk.h */

#define TOR_PORTS_MAX 512
#define TOR_PORT_NAME_MAX 32 /* of an identity */
/* "unix:" and the longest path that sun_path holds, each byte escaped */
#define TOR_PORT_VALUE_MAX (4 * 108 + 16)

/* Zero-initialised is empty. */
struct tor_ports {
	size_t n;
	char names[TOR_PORTS_MAX][TOR_PORT_NAME_MAX + 1];
};

/**
 * tor_port_name_is_valid() - as names of identities are: it becomes part of a
 * path
 */
bool tor_port_name_is_valid(const char *name);

/**
 * tor_port_of() - whose socket it is
 * @path: "DIR/socks.NAME" or the last part of it
 *
 * Return: the name in @path, or NULL: not one of these.
 */
const char *tor_port_of(const char *path, const char *socket_dir);

/**
 * tor_port_value() - what torrc and SETCONF have behind SocksPort
 * @name: NULL: the common one
 *
 * No flags: tor takes unknown ones without a word, keeps those of a socket
 * that is open, and makes it 0600 where there are none.
 *
 * Return: 0 or -ENAMETOOLONG.
 */
int tor_port_value(const char *socket_dir, const char *name,
		   char value[TOR_PORT_VALUE_MAX]);

/**
 * tor_ports_add() - add a name, unless it is there
 *
 * Return: 0 or -ENOSPC.
 */
int tor_ports_add(struct tor_ports *p, const char *name);

/**
 * tor_ports_read() - who has one, by the record
 *
 * What is no name in it is left out.
 */
void tor_ports_read(const struct tor_home *h, struct tor_ports *p);

/**
 * tor_port_is_ready() - can it be used as it is, asking nobody
 */
bool tor_port_is_ready(const struct tor_home *h, const char *name);

/**
 * tor_port_open() - open it, unless it is
 * @h: locked
 * @t: logged in, and has seen that tor is ready
 *
 * Return: 0 or -errno (-ECONNRESET: this tor has ended).
 */
int tor_port_open(const struct tor_home *h, struct tor_talk *t,
		  const char *name, struct fault *f);

/**
 * tor_port_close() - remove it; streams that are open go on
 * @h: locked
 * @t: logged in, or NULL where tor does not run
 *
 * Return: 1, 0 (there was none) or -errno.
 */
int tor_port_close(const struct tor_home *h, struct tor_talk *t,
		   const char *name, struct fault *f);

#endif
