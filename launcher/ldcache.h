/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/ldcache.h - what /etc/ld.so.cache tells of a machine */
#ifndef LAUNCHER_LDCACHE_H
#define LAUNCHER_LDCACHE_H

#include <stdbool.h>
#include <stddef.h>

/**
 * ldcache_is_of_system() - are all libraries it names in /lib and /usr
 * @cache: a file of ldconfig(8), @len bytes, aligned for a uint32_t
 *
 * Others are not in a sandbox, and where they lie may tell whose machine it
 * is. Pure.
 *
 * Return: false also for what is not such a file, or one of an old format.
 */
bool ldcache_is_of_system(const char *cache, size_t len);

#endif
