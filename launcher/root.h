/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/root.h - the new root: what the application sees as / */
#ifndef LAUNCHER_ROOT_H
#define LAUNCHER_ROOT_H

#include "base/fault.h"
#include "launcher/sandbox.h"

/*
 * Each is a step of the child's side (enter.c), in this order, in a mount
 * namespace of its own whose root is still the host's. sb->root is set by
 * the first; until root_pivot() nothing of it is reachable by a path.
 */

/** root_make() - memory for all that is writable, and the new root in it */
int root_make(struct sandbox *sb, struct fault *f);

/** root_mount_system() - /usr and what of /etc comes from the host */
int root_mount_system(struct sandbox *sb, struct fault *f);

/** root_mount_dev() - the host's /dev kept in reach, an own devpts */
int root_mount_dev(struct sandbox *sb, struct fault *f);

/** root_mount_scratch() - /tmp, /var/tmp, /dev/shm, /run/user/1000 */
int root_mount_scratch(struct sandbox *sb, struct fault *f);

/**
 * root_listen_control() - the control port's socket, for the supervisor; before
 * anything of the user's is mounted, that the path could lead into
 */
int root_listen_control(struct sandbox *sb, struct fault *f);

/** root_mount_home() - the private home, or one in memory */
int root_mount_home(struct sandbox *sb, struct fault *f);

/** root_mount_grants() - the host paths the user shares */
int root_mount_grants(struct sandbox *sb, struct fault *f);

/** root_pivot() - pivot_root(2), read-only; the host's root is at /mnt yet */
int root_pivot(struct sandbox *sb, struct fault *f);

/** root_bind_dev() - the host's devices, by name */
int root_bind_dev(struct sandbox *sb, struct fault *f);

/** root_leave_old() - let go of the host's root, and of the memory's mounts */
int root_leave_old(struct sandbox *sb, struct fault *f);

#endif
