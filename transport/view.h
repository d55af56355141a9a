/* SPDX-License-Identifier: GPL-3.0-or-later */
/* transport/view.h - the little of the file system that a transport sees */
#ifndef TRANSPORT_VIEW_H
#define TRANSPORT_VIEW_H

#include <stdbool.h>
#include <stddef.h>

#include "base/fault.h"

struct view {
	const char *program; /* absolute; to be executed */
	const char *state;   /* absolute; the one place to write to */
	bool names;          /* does it look up names and check certificates */
};

/**
 * view_path() - one of the paths that can be read; the state directory is none
 *
 * Return: absolute, need not exist; NULL past the last.
 */
const char *view_path(const struct view *v, size_t i);

/**
 * view_enter() - namespaces of its own, with an almost empty root
 *
 * A user namespace with the caller's ids only, and in it mount, IPC, UTS and
 * cgroup namespaces; the network stays. The root is read-only and holds the
 * program, the system's libraries, the state directory and, for @v->names,
 * what resolves names and verifies certificates. All capabilities over it
 * are still there afterwards: drop them.
 *
 * Return: 0; -errno of unshare(2), and nothing is changed; or -ECANCELED:
 * something later failed.
 */
int view_enter(const struct view *v, struct fault *f);

#endif
