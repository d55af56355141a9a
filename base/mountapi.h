/* SPDX-License-Identifier: GPL-3.0-or-later */
/* base/mountapi.h - mounts by descriptor: fsopen(2), open_tree(2) */
#ifndef BASE_MOUNTAPI_H
#define BASE_MOUNTAPI_H

#include <stdint.h>
#include <sys/mount.h>

#include "base/fault.h"

/* One option of a new file system; @value NULL: a flag. */
struct mount_option {
	const char *key;
	const char *value;
};

#define MOUNT_OPTIONS_MAX 6
#define MOUNT_HARD (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV)

/**
 * mount_new() - a new file system, attached nowhere yet
 * @type: e.g. "tmpfs"
 * @source: what mountinfo shows as its device
 * @options: up to MOUNT_OPTIONS_MAX rows, ended by a NULL key; or NULL
 * @attrs: MOUNT_ATTR_... bits
 * @f: carries the kernel's own words where it has some
 *
 * Return: O_PATH-like descriptor of its root, the caller's, or -errno.
 */
int mount_new(const char *type, const char *source,
	      const struct mount_option *options, uint64_t attrs,
	      struct fault *f);

/**
 * mount_clone() - a copy of a mount or of a directory in it, attached nowhere
 * @dirfd, @path: what to copy; "" is @dirfd itself; a symlink is refused
 * @recursive: with what is mounted below
 * @attrs: MOUNT_ATTR_... bits to set on all of it
 *
 * Return: descriptor, the caller's, or -errno.
 */
int mount_clone(int dirfd, const char *path, int recursive, uint64_t attrs,
		struct fault *f);

/**
 * mount_attach() - attach a detached mount
 * @mount: from mount_new() or mount_clone(); borrowed
 * @dirfd, @path: mount point; "" is @dirfd itself; symlinks are not followed
 */
int mount_attach(int mount, int dirfd, const char *path, struct fault *f);

/**
 * mount_bind() - mount_clone() and mount_attach() of one file or directory
 */
int mount_bind(int from_dirfd, const char *from, int to_dirfd, const char *to,
	       uint64_t attrs, struct fault *f);

/**
 * mount_cover() - as mount_bind(), by path: a third of its cost
 * @from: relative to the current directory or not; its mount's attributes are
 *        kept
 * @to: absolute
 *
 * mount(2) follows symlinks: only for places that no application ever wrote
 * to.
 */
int mount_cover(const char *from, const char *to, struct fault *f);

/**
 * mount_set() - set attributes of an attached or detached mount, not below it
 */
int mount_set(int mount, uint64_t attrs, struct fault *f);

#endif
