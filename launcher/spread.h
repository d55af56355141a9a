/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/spread.h - processes that work at once, spread over processors */
#ifndef LAUNCHER_SPREAD_H
#define LAUNCHER_SPREAD_H

#include <sched.h>
#include <stdbool.h>
#include <sys/types.h>

/* The processors a launch may use: as its user's taskset(1) says. */
struct spread {
	cpu_set_t all;
	bool known;
};

/**
 * spread_init() - remember the calling process's processors
 * @s: filled in; on a machine with more than CPU_SETSIZE processors, and where
 *	the kernel does not say, the other functions do nothing
 */
void spread_init(struct spread *s);

/**
 * spread_child() - move a process off the caller's processor
 * @s: of spread_init()
 * @pid: a child or sibling just made, that should run now
 *
 * A kernel may put a new process into its maker's queue, to wait there until
 * the maker sleeps, while other processors idle: some hypervisors' guests pack
 * them so, and save power. Speed only: errors are ignored. The affinity
 * mask is whole again afterwards, see sched_setaffinity(2); a process that
 * @pid makes meanwhile would keep the smaller one: see spread_restore().
 */
void spread_child(const struct spread *s, pid_t pid);

/**
 * spread_restore() - give the calling process all processors of @s
 */
void spread_restore(const struct spread *s);

#endif
