/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tor/holder.h - the processes that run on our DataDirectory, by their locks */
#ifndef TOR_HOLDER_H
#define TOR_HOLDER_H

#include <stdint.h>
#include <sys/types.h>

#include "base/fault.h"

/* The lock of tor's own, in its DataDirectory. */
#define TOR_HOLDER_LOCK "lock"

/**
 * tor_holder_find() - who holds a lock in tor's DataDirectory
 * @dirfd: the DataDirectory
 * @lock_name: file name there
 * @word: absolute path that its command line must have as an argument
 * @pidfd: set to its descriptor, the caller's, on 1
 * @pid: set on 1
 *
 * Needs nothing of what a crash, a cleaner of /tmp or a log-out may have
 * taken away. A pid alone is never trusted: the process must be ours, hold
 * the lock on a file with that inode number and have been started with @word.
 *
 * Return: 1, 0 (nobody) or -errno.
 */
int tor_holder_find(int dirfd, const char *lock_name, const char *word,
		    int *pidfd, pid_t *pid, struct fault *f);

/**
 * tor_holder_end() - end it: SIGTERM, after @timeout_ms SIGKILL
 *
 * Return: 0 once it has ended, or -errno.
 */
int tor_holder_end(int pidfd, int timeout_ms, struct fault *f);

/**
 * tor_holder_parse_lock() - one line of /proc/locks
 *
 * Return: the pid that holds a write lock on inode @ino, or 0. Pure.
 */
pid_t tor_holder_parse_lock(const char *line, uint64_t ino);

#endif
