/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/guard.h - host places that no grant may open, by what they are */
#ifndef LAUNCHER_GUARD_H
#define LAUNCHER_GUARD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/fault.h"

#define GUARD_PLACES_MAX 96

struct guard_place {
	dev_t dev;
	ino_t ino;
	bool below;   /* and everything in it */
	bool written; /* only a grant that is writable opens it */
	const char *why;
};

/*
 * profiles/mount.c refuses such places by name; a symlink or another spelling
 * leads there all the same. So what was opened is compared with what they
 * are. No pointers but to constants: the child's side gets a copy by clone.
 */
struct guard {
	struct guard_place places[GUARD_PLACES_MAX];
	size_t n;
};

/**
 * guard_prepare() - find our own directories and the system's
 * @g: set
 *
 * Our own: configuration, data, cache, runtime; what is in them, and every
 * directory whose writer could put others in their place, symlinks on the
 * way included. Also where they do not exist yet. And where this program and
 * what comes with it are, for grants that are writable.
 *
 * Return: 0 or -errno.
 */
int guard_prepare(struct guard *g, struct fault *f);

/**
 * guard_check() - may this be granted
 * @fd: the file or directory, as it was opened (O_PATH will do); borrowed
 * @src: its path, for messages
 * @writable: as the grant will be
 *
 * Return: 0; -EINVAL with the reason in @f; or -errno.
 */
int guard_check(const struct guard *g, int fd, const char *src, bool writable,
		struct fault *f);

#endif
