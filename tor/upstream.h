/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tor/upstream.h - the SocksPort that everything goes to */
#ifndef TOR_UPSTREAM_H
#define TOR_UPSTREAM_H

#include <stdbool.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "base/fault.h"

struct tor_progress; /* tor/instance.h */

enum tor_upstream_kind {
	TOR_UPSTREAM_UNSET = 0,
	TOR_UPSTREAM_UNIX,
	TOR_UPSTREAM_TCP,
};

struct tor_upstream {
	enum tor_upstream_kind kind;
	struct sockaddr_storage addr;
	socklen_t addrlen;
	char text[128]; /* as a person writes it: "unix:/run/tor/socks" */
	/* of a TCP port of this machine: who listened there when it was found
	 */
	bool is_owned;
	uid_t owner;
};

/* Where "auto" looks; tests look elsewhere. */
struct tor_places {
	/* tor_bridges_are_set(): no other tor knows these; may be NULL */
	int (*bridges)(struct fault *f);
	const char *unix_path; /* SocksPort of a system tor, or NULL */
	const char *tcp;       /* "127.0.0.1:9050", or NULL */
	/* starts or finds our own tor; NULL: there is none to start */
	int (*start)(const char *identity, const struct tor_progress *progress,
		     struct tor_upstream *up, struct fault *f);
	/* the same of the one that an identity has alone */
	int (*start_own)(const char *identity,
			 const struct tor_progress *progress,
			 struct tor_upstream *up, struct fault *f);
};

/**
 * tor_upstream_parse() - read an upstream as a person writes it
 * @text: unix:/PATH, IPV4:PORT, [IPV6]:PORT or localhost:PORT
 * @up: set on success
 * @f: says what is wrong with @text
 *
 * No name is ever looked up: any other host name is refused. So are an
 * address that cannot be one peer's (unspecified, multicast, broadcast),
 * port 0, a relative path, and one that sun_path cannot hold.
 *
 * Return: 0 or -EINVAL.
 */
int tor_upstream_parse(const char *text, struct tor_upstream *up,
		       struct fault *f);

/**
 * tor_upstream_dial() - one new connection to the SocksPort
 * @up: parsed
 * @diag: of tor_owner_check()
 *
 * Does not block; where the upstream has an owner and the machine is very
 * busy, for a quarter of a second at most.
 *
 * Return: a connected or (TCP) connecting, non-blocking SOCK_CLOEXEC stream
 * socket, the caller's; or -errno (-EAGAIN: a unix socket's backlog is
 * full, try again; -EPERM: what listens there now is somebody else's).
 */
int tor_upstream_dial(const struct tor_upstream *up, int *diag);

/**
 * tor_upstream_check() - does a SOCKS5 port with user names answer there
 * @up: parsed
 * @timeout_ms: for the whole exchange
 * @f: says what is there instead, and what to do
 *
 * Offers method 2 (user name and password) only and expects it to be taken,
 * as tor does; sends nothing that tor would act on.
 *
 * Return: 0 or -errno (-EPROTO: something else listens there).
 */
int tor_upstream_check(const struct tor_upstream *up, int timeout_ms,
		       struct fault *f);

/**
 * tor_upstream_find() - the SocksPort to use, tor started if need be
 * @setting: "auto", "embedded" (our own instance, whatever else runs), "own"
 *           (one for @identity alone), or what tor_upstream_parse() reads
 * @identity: whose own SocksPort is meant where it is our own instance;
 *            another tor has one for all. NULL: the common one
 * @progress: told about the bootstrap of an instance that is started; may
 *            be NULL
 * @up: set on success
 * @f: says why there is none and what to do
 *
 * "auto": our own instance where the user has bridges for it, because another
 * tor would connect without them; unix:/run/tor/socks if it can be connected;
 * 127.0.0.1:9050 if it speaks SOCKS5 and its listener belongs to root, to a tor
 * account or to the caller (any local user can listen there when tor does not);
 * else our own instance. What is named is only dialled, to see that it lives.
 *
 * Return: 0 or -errno (-ENOENT: no tor at all).
 */
int tor_upstream_find(const char *setting, const char *identity,
		      const struct tor_progress *progress,
		      struct tor_upstream *up, struct fault *f);

/**
 * tor_upstream_find_system() - what "auto" uses before our own instance
 *
 * Return: 0 with @up set, or -ENOENT: none.
 */
int tor_upstream_find_system(struct tor_upstream *up);

/**
 * tor_upstream_find_in() - tor_upstream_find() that looks in @places
 */
int tor_upstream_find_in(const struct tor_places *places, const char *setting,
			 const char *identity,
			 const struct tor_progress *progress,
			 struct tor_upstream *up, struct fault *f);

#endif
