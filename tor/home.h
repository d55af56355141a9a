/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tor/home.h - the directories and the lock of our own tor */
#ifndef TOR_HOME_H
#define TOR_HOME_H

#include <limits.h>
#include <stdbool.h>

#include "base/fault.h"
#include "tor/config.h"

/* In the data directory: locked by the keeper (isolate-tor) while it runs. */
#define TOR_KEEPER_LOCK "isolate.keeper"
/* ... and what it has to say. */
#define TOR_KEEPER_LOG "isolate.log"
/* The keeper's fifth argument: there are drop-ins that tor has to verify. */
#define TOR_KEEPER_VERIFY "verify"
/* The keeper's exit status where tor does not accept its configuration. */
#define TOR_KEEPER_REFUSED 2
/* How long the keeper waits for tor's end when it is told to end. */
#define TOR_KEEPER_END_MS 4000

/* Made by tor_home_open(), taken down by tor_home_close(). */
struct tor_home {
	const struct tor_config *config;
	bool create; /* a directory that is missing is made */
	int fd;      /* the data directory */
	int lock;    /* -1 while it is not ours */
	char torrc[PATH_MAX];
	/* where the running tor's sockets are: of the login that started it,
	 * which may have another runtime directory than this one */
	char socket_dir[TOR_SOCKET_DIR_MAX];
};

/**
 * tor_home_open() - open the data directory
 * @create: make it if it is missing
 *
 * Return: 0; -ENOENT (@create is false and there is none); or -errno. On
 * failure there is nothing to close.
 */
int tor_home_open(struct tor_home *h, const struct tor_config *config,
		  bool create, struct fault *f);

/**
 * tor_home_close() - close it, the lock is let go
 */
void tor_home_close(struct tor_home *h);

/**
 * tor_home_lock() - one start or stop at a time
 * @timeout_ms: those who hold it do so for seconds at most
 *
 * Return: 0; -ETIMEDOUT; -ESTALE (the directory was removed meanwhile, or
 * another is in its place); or -errno.
 */
int tor_home_lock(struct tor_home *h, int timeout_ms, struct fault *f);

/**
 * tor_home_enter() - the same, and begin anew with the directory that is there
 *
 * Return: 0, -ENOENT (there is none, and none was to be made), or -errno.
 */
int tor_home_enter(struct tor_home *h, int timeout_ms, struct fault *f);

/**
 * tor_home_remove() - remove the data directory with all that is in it
 * @h: locked, and no tor runs; afterwards it is not
 *
 * Who waits for the lock, or takes it from now on, finds that it is gone.
 *
 * Return: 0 or -errno.
 */
int tor_home_remove(struct tor_home *h, struct fault *f);

/**
 * tor_home_unlock() - let the next one in
 */
void tor_home_unlock(struct tor_home *h);

/**
 * tor_home_make_sockets() - make the configured socket directory, record it
 *
 * Sockets that a crash left there are removed.
 *
 * Return: 0 or -errno.
 */
int tor_home_make_sockets(struct tor_home *h, struct fault *f);

/**
 * tor_home_clear_sockets() - remove what a tor that was killed left there
 *
 * Only under the lock, once no tor runs. What cannot be removed stays: the
 * next start removes it, or says why it cannot.
 */
void tor_home_clear_sockets(const struct tor_home *h);

/**
 * tor_home_set_ready() - the tor of these sockets has bootstrapped
 *
 * Only under the lock, and while that tor is seen to run. Until
 * tor_home_make_sockets() or tor_home_clear_sockets().
 *
 * Return: 0 or -errno.
 */
int tor_home_set_ready(const struct tor_home *h, struct fault *f);

/**
 * tor_home_is_ready() - has it; says nothing about whether it still runs
 */
bool tor_home_is_ready(const struct tor_home *h);

/**
 * tor_home_sockets_are_private() - can nobody else have put sockets there
 */
bool tor_home_sockets_are_private(const struct tor_home *h);

/**
 * tor_home_write() - replace a file of the data directory, 0600, whole
 *
 * Return: 0 or -errno.
 */
int tor_home_write(const struct tor_home *h, const char *name, const char *text,
		   struct fault *f);

/**
 * tor_home_write_durably() - the same, and it is on the disk afterwards
 *
 * For what the next start does not write anew: it takes up to 0.1 s.
 *
 * Return: 0 or -errno.
 */
int tor_home_write_durably(const struct tor_home *h, const char *name,
			   const char *text, struct fault *f);

#endif
