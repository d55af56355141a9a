/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/skeleton.h - what of the new root is the same in every sandbox */
#ifndef LAUNCHER_SKELETON_H
#define LAUNCHER_SKELETON_H

#include "base/fault.h"

/*
 * Two directories, of the tables in facade.h: `root`, for the new root, and
 * `facade`, for /proc. `make` writes them once, and a launch lays its memory
 * over them, read-only: to make a hundred files each time would take a tenth
 * of it. Where they are missing or of another build a launch writes them into
 * its memory, with the same result.
 */
#define SKELETON_NAME "skeleton"
#define SKELETON_ROOT "root"
#define SKELETON_FACADE "facade"

struct facade_file;

/**
 * skeleton_make_files() - write new files of a table
 * @dirfd: what their paths are relative to
 * @files: up to one without a path
 *
 * Return: 0 or -errno.
 */
int skeleton_make_files(int dirfd, const struct facade_file *files,
			struct fault *f);

/**
 * skeleton_make() - write it
 * @dirfd: where `root` and `facade` are made, or are and are empty
 *
 * Return: 0 or -errno.
 */
int skeleton_make(int dirfd, struct fault *f);

/**
 * skeleton_stamp() - say which tables it was made of
 * @dirfd: of skeleton_make()
 *
 * Return: 0 or -errno.
 */
int skeleton_stamp(int dirfd, struct fault *f);

/**
 * skeleton_open() - the one that came with this program
 * @path: a directory
 *
 * Only one that nobody but root and the user can write to, and whose stamp is
 * that of our tables.
 *
 * Return: O_PATH descriptor, the caller's, or -errno: there is none to use.
 */
int skeleton_open(const char *path);

/**
 * skeleton_reopen() - the same directory in the caller's mount namespace
 * @fd: of skeleton_open(), from where else it may be; asked for its path
 *
 * Return: O_PATH descriptor, the caller's, or -errno: it cannot be reached.
 */
int skeleton_reopen(int fd);

#endif
