/* SPDX-License-Identifier: GPL-3.0-or-later */
/* keeper/cell.h - tor in namespaces of its own, which end with it */
/*
 * DOC: Theory of Operation
 *
 * tor and the pluggable transports it starts read hostile bytes and need the
 * real network; they need nothing else of the machine. So they have a user,
 * mount, pid and IPC namespace: their root is a read-only tmpfs that shows
 * /usr, the certificates, tor's DataDirectory and the directory of its
 * sockets, and no other process can be named, signalled or traced.
 *
 * Its pid 1 is a process of ours. It dies with the keeper (pdeath signal), and
 * the kernel ends all others with it: whoever is killed, nothing is orphaned.
 */
#ifndef KEEPER_CELL_H
#define KEEPER_CELL_H

#include <sys/types.h>

#include "base/fault.h"

struct tor_home; /* tor/home.h */

/* What waits for its end. Made by cell_open(). */
struct cell {
	pid_t pid; /* of its pid 1 */
	int pidfd;
};

/**
 * cell_open() - run tor in a cell
 * @verify: --verify-config, in place of running
 * @out: for tor's stdout and stderr; borrowed
 * @cell: set on success
 * @f: the step that failed; each is needed
 *
 * Return: 0 once tor has been executed, or -errno.
 */
int cell_open(const struct tor_home *h, int verify, int out, struct cell *cell,
	      struct fault *f);

/**
 * cell_stop() - ask tor to end; cell_wait() sees it
 */
void cell_stop(const struct cell *cell);

/**
 * cell_kill() - end everything in it now, and wait for that
 */
void cell_kill(struct cell *cell);

/**
 * cell_wait() - wait for the end and give the cell up
 *
 * Return: exit status of tor, 128 + n for signal n; 127: it could not be
 * executed.
 */
int cell_wait(struct cell *cell);

#endif
