/* SPDX-License-Identifier: GPL-3.0-or-later */
/* profiles/find.h - open profile files that nobody else can have written */
#ifndef PROFILES_FIND_H
#define PROFILES_FIND_H

#include <sys/types.h>

#include "base/fault.h"
#include "base/strv.h"

struct profile_dirs;

/* Profile directories, opened and found trustworthy. */
struct find {
	const struct profile_dirs *dirs;
	int fds[3]; /* -1: does not exist */
	uid_t self; /* besides root: may own what is read */
	/* of the directory of the running program; its owner may, too */
	uid_t program_owner;
	dev_t program_dev;
	ino_t program_ino;
	/* of /: may own what is above, can replace it all. In a container
	 * that is not root, but somebody who has no number there */
	uid_t root_owner;
};

/**
 * find_open() - open the profile directories and check who can write them
 * @dirs: must outlive @fi
 *
 * Return: 0 or -errno; find_close() in both cases.
 */
int find_open(const struct profile_dirs *dirs, struct find *fi,
	      struct fault *f);

/**
 * find_close() - close what find_open() opened
 */
void find_close(struct find *fi);

/**
 * find_read() - read NAME.profile of one directory
 * @dir: index in @fi->fds
 * @name: a valid profile name
 * @path: set to its path for messages, malloc'd
 * @text: set to its @len bytes, malloc'd
 *
 * Return: 0, -ENOENT without a fault, or -errno.
 */
int find_read(const struct find *fi, size_t dir, const char *name, char **path,
	      char **text, size_t *len, struct fault *f);

/**
 * find_drop_ins() - names of the drop-ins of a profile in one directory
 * @dirfd: set to their directory, the caller's; -1 where there is none
 * @path: set to its path for messages, malloc'd; NULL where there is none
 * @names: appended to, sorted
 *
 * Return: 0 or -errno.
 */
int find_drop_ins(const struct find *fi, size_t dir, const char *name,
		  int *dirfd, char **path, struct strv *names, struct fault *f);

/**
 * find_read_at() - read one file, as find_read() does
 * @path: of the file, for messages
 *
 * Return: 0, -ENOENT without a fault, or -errno.
 */
int find_read_at(const struct find *fi, int dirfd, const char *file,
		 const char *path, char **text, size_t *len, struct fault *f);

/**
 * find_sort() - sort by bytes, as the C locale does
 */
void find_sort(struct strv *names);

/**
 * find_list() - names that end in @suffix in a directory
 * @names: appended to without the suffix, all sorted, hidden ones left out
 *
 * Return: 0 or -errno.
 */
int find_list(int dirfd, const char *suffix, struct strv *names);

#endif
