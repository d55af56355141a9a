/* SPDX-License-Identifier: GPL-3.0-or-later */
/* base/path.h - files opened beneath a directory, never through a symlink */
#ifndef BASE_PATH_H
#define BASE_PATH_H

#include <sys/types.h>

/**
 * path_open_beneath() - openat2(2) that no planted symlink can lead astray
 * @dirfd: directory the result must stay beneath
 * @path: relative to @dirfd
 * @flags: of open(2); O_CLOEXEC is added
 * @mode: for O_CREAT, else 0
 *
 * RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS.
 *
 * Return: a descriptor, the caller's, or -errno (-ELOOP: a symlink is in
 * the way; -EXDEV: the path leads out).
 */
int path_open_beneath(int dirfd, const char *path, int flags, mode_t mode);

/**
 * path_make_dirs() - make a directory and those above it, beneath @dirfd
 * @dirfd: existing directory
 * @path: relative to @dirfd, no "." or ".." components
 * @mode: of each directory that is made; existing ones are left alone
 *
 * Return: O_RDONLY|O_DIRECTORY|O_CLOEXEC descriptor of the last, or -errno.
 */
int path_make_dirs(int dirfd, const char *path, mode_t mode);

/**
 * path_open_private() - open a directory that only this user can enter,
 * made (0700, with those above it) if it does not exist
 * @path: absolute
 *
 * Symlinks above the last component are the user's own business and are
 * followed; the last one must be a directory owned by the caller's euid
 * and not writable by others.
 *
 * Return: directory descriptor, or -errno (-EPERM: owner or mode is wrong).
 */
int path_open_private(const char *path);

/**
 * path_reopen() - the directory that has the same path in our mount namespace
 * @dirfd: a directory, of another one maybe; asked for its path only
 *
 * Whether it is the same one is for the caller to see.
 *
 * Return: O_PATH descriptor, the caller's, or -errno (-ENOENT: it has no path
 * here; -ENOTDIR: it is no directory, or a symlink has taken its place).
 */
int path_reopen(int dirfd);

#endif
