/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tor/instance.h - the user's own tor: start, stop, status */
#ifndef TOR_INSTANCE_H
#define TOR_INSTANCE_H

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

#include "base/fault.h"
#include "tor/ports.h"

struct tor_home;     /* tor/home.h */
struct tor_talk;     /* tor/talk.h */
struct tor_upstream; /* tor/upstream.h */

/* Who is told how far the bootstrap is. */
struct tor_progress {
	/* @percent 0 to 100; @summary one printable line, not kept */
	void (*report)(void *arg, int percent, const char *summary);
	/* the clock is off by @skew_s, see tor/clock.h; may be NULL */
	void (*clock)(void *arg, long skew_s);
	void *arg; /* handed to both */
};

struct tor_status {
	bool running;
	pid_t pid;              /* 0 where it is not known */
	int bootstrap_percent;  /* 0 to 100 */
	char summary[128];      /* of the bootstrap, printable */
	char version[32];       /* "0.4.9.11" */
	char socks[108];        /* path of the common SocksPort's socket */
	struct tor_ports ports; /* identities that have one of their own */
	bool uses_bridges;      /* this tor does */
	long clock_skew_s; /* positive: our clock is ahead; 0: none known */
	char data_dir[PATH_MAX];
};

/**
 * tor_instance_start() - our own tor, started if it does not run, ready
 * @identity: valid name: its own SocksPort, opened if need be; NULL: the
 *            common one
 * @progress: told while it bootstraps; may be NULL
 * @up: set to that SocksPort on success
 * @f: names the last phase and the cause
 *
 * Blocks until it is bootstrapped or has stalled. Starts made at once start
 * one. It lives in a session of its own and survives the caller. What this
 * call started and could not bring up is stopped again. Where the identity's
 * SocksPort is there, tor is not asked anything.
 *
 * Return: 0 or -errno (-ENOENT: tor is not installed; -ETIMEDOUT).
 */
int tor_instance_start(const char *identity,
		       const struct tor_progress *progress,
		       struct tor_upstream *up, struct fault *f);

/**
 * tor_instance_stop() - end our own tor
 *
 * Return: 0 stopped, 1 it did not run, or -errno.
 */
int tor_instance_stop(struct fault *f);

/**
 * tor_instance_status() - what our own tor does
 * @status: set on success
 *
 * Return: 0 (also where it does not run) or -errno.
 */
int tor_instance_status(struct tor_status *status, struct fault *f);

/**
 * tor_instance_open() - talk to our own tor, if that is the one in use
 * @up: the SocksPort in use
 * @timeout_ms: for this and all that follows
 * @t: from tor_talk_init(); logged in on success
 *
 * Return: 0; -ENOENT (another tor, or it does not run); or -errno.
 */
int tor_instance_open(const struct tor_upstream *up, int timeout_ms,
		      struct tor_talk *t, struct fault *f);

/**
 * tor_instance_forget() - take an identity's SocksPort away
 *
 * Until its next launch. What it has running is offline from then on, but
 * for streams that are open.
 *
 * Return: 0, 1 it had none, or -errno.
 */
int tor_instance_forget(const char *identity, struct fault *f);

/**
 * tor_instance_end() - end the tor that runs on a data directory
 * @h: locked
 *
 * Return: 1, 0 (none ran) or -errno.
 */
int tor_instance_end(const struct tor_home *h, struct fault *f);

/**
 * tor_instance_launch() - start it, not waiting for its bootstrap
 * @h: locked; none runs
 *
 * Return: 0 or -errno; nothing runs then.
 */
int tor_instance_launch(struct tor_home *h, struct fault *f);

/**
 * tor_instance_start_in() - tor_instance_start() of the instance in @config
 */
int tor_instance_start_in(const struct tor_config *config, const char *identity,
			  const struct tor_progress *progress,
			  struct tor_upstream *up, struct fault *f);

/**
 * tor_instance_stop_in() - tor_instance_stop() of the instance in @config
 */
int tor_instance_stop_in(const struct tor_config *config, struct fault *f);

/**
 * tor_instance_forget_in() - tor_instance_forget() of the one in @config
 */
int tor_instance_forget_in(const struct tor_config *config,
			   const char *identity, struct fault *f);

/**
 * tor_instance_status_in() - tor_instance_status() of that in @config
 */
int tor_instance_status_in(const struct tor_config *config,
			   struct tor_status *status, struct fault *f);

#endif
