/* SPDX-License-Identifier: GPL-3.0-or-later */
/* seccomp/cache.h - compiled programs, kept by content */
#ifndef SECCOMP_CACHE_H
#define SECCOMP_CACHE_H

#include <stdbool.h>

#include "base/fault.h"
#include "seccomp/compile.h"

/**
 * seccomp_get() - the program for @spec: from the cache, else compiled
 * @spec: as of seccomp_compile()
 * @cache_dirfd: directory that only this user can write, or -1: no cache
 * @prog: set on success; free it with seccomp_program_free()
 * @was_cached: if not NULL, set to whether the cache had it
 * @f: says what failed
 *
 * A file of another owner, writable by others, not regular, of a wrong
 * size, or whose bytes do not match their digest is never used: the program
 * is compiled and the file replaced. That the cache cannot be written is no
 * error.
 *
 * Return: 0 or -errno of seccomp_compile().
 */
int seccomp_get(const struct seccomp_spec *spec, int cache_dirfd,
		struct seccomp_program *prog, bool *was_cached,
		struct fault *f);

#endif
