/* SPDX-License-Identifier: GPL-3.0-or-later */
/* base/where.h - where our own files are: installed, or in the build tree */
#ifndef BASE_WHERE_H
#define BASE_WHERE_H

#include <stddef.h>

/**
 * where_libexec() - path of a helper program of ours
 * @name: e.g. "isolate-gateway"
 * @buf: set to the absolute path
 * @len: size of @buf in bytes
 *
 * Beside the running program (/proc/self/exe) when a build tree is run
 * from where it was built, else in ISOLATE_LIBEXECDIR.
 *
 * Return: 0, -ENAMETOOLONG, or -errno of readlink(2).
 */
int where_libexec(const char *name, char *buf, size_t len);

/**
 * where_data() - path of what we ship, e.g. "profiles"; as where_libexec()
 */
int where_data(const char *name, char *buf, size_t len);

/**
 * where_program() - directory of the running program (/proc/self/exe)
 *
 * Return: 0, -ENAMETOOLONG, or -errno of readlink(2).
 */
int where_program(char *buf, size_t len);

#endif
