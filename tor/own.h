/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tor/own.h - a tor process for one identity alone */
/*
 * DOC: Theory of Operation
 *
 * `tor = own`: besides its circuits the identity has guards that no other one
 * has, and a consensus fetched for it alone, as with a Whonix-Gateway of its
 * own. It is an instance as the common one is (tor/instance.h), in the
 * identity's directory, and ends with it. Its one SocksPort is the "socks" of
 * its socket directory.
 */
#ifndef TOR_OWN_H
#define TOR_OWN_H

#include "base/fault.h"
#include "tor/ports.h"

struct tor_config;   /* tor/config.h */
struct tor_progress; /* tor/instance.h */
struct tor_status;   /* tor/instance.h */
struct tor_upstream; /* tor/upstream.h */

/**
 * tor_own_start() - the identity's tor, started if it does not run, ready
 *
 * As tor_instance_start().
 */
int tor_own_start(const char *identity, const struct tor_progress *progress,
		  struct tor_upstream *up, struct fault *f);

/**
 * tor_own_launch() - start one that ran, not waiting for its bootstrap
 *
 * Return: 0; 1: it was removed meanwhile; or -errno: nothing runs then.
 */
int tor_own_launch(const char *identity, struct fault *f);

/**
 * tor_own_stop() - end it
 *
 * Return: 0 stopped, 1 it did not run, or -errno.
 */
int tor_own_stop(const char *identity, struct fault *f);

/**
 * tor_own_status() - what it does
 * @status: set on success
 *
 * Return: 0 (also where it does not run), -ENOENT: it has none, or -errno.
 */
int tor_own_status(const char *identity, struct tor_status *status,
		   struct fault *f);

/**
 * tor_own_remove() - end it, and remove its guards and all it has
 *
 * The identity's next launch with `tor = own` has new guards.
 *
 * Return: 0, 1 it had none, or -errno.
 */
int tor_own_remove(const char *identity, struct fault *f);

/**
 * tor_own_each() - identities that have one, by name
 * @take: not 0 ends the call with that
 */
int tor_own_each(int (*take)(void *arg, const char *identity), void *arg,
		 struct fault *f);

/**
 * tor_own_of() - whose own tor has this SocksPort
 * @upstream: "unix:DIR/tor-NAME/socks"
 * @name: set on true
 *
 * By its form alone: whether that instance listens there is for the caller
 * to see. Pure.
 */
bool tor_own_of(const char *upstream, char name[TOR_PORT_NAME_MAX + 1]);

#endif
