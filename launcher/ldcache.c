/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/ldcache.c - what /etc/ld.so.cache tells of a machine */
#include "launcher/ldcache.h"

#include <stdint.h>
#include <string.h>

#include "base/attr.h"

/* What ldconfig(8) writes: this head, @nlibs entries, @len_strings bytes of
 * strings, and extensions (glibc, sysdeps/generic/dl-cache.h). */
struct ld_cache {
	char magic[20]; /* "glibc-ld.so.cache1.1" */
	uint32_t nlibs;
	uint32_t len_strings;
	uint32_t unused[5];
};
#define LD_CACHE_MAGIC "glibc-ld.so.cache1.1"
#define LD_CACHE_ENTRY_BYTES 24

bool ldcache_is_of_system(const char *cache, size_t len)
{
	static const char *const system[] = { "/lib", "/usr/" };
	const struct ld_cache *head = (const void *)cache;
	uint64_t at = sizeof(*head), end;

	if (len < sizeof(*head) ||
	    memcmp(head->magic, LD_CACHE_MAGIC, sizeof(head->magic)) != 0)
		return false;
	at += (uint64_t)head->nlibs * LD_CACHE_ENTRY_BYTES;
	end = at + head->len_strings;
	if (end > len || end == at || cache[end - 1] != '\0')
		return false;
	for (; at < end; at += strlen(cache + at) + 1) {
		bool known = cache[at] != '/';

		for (size_t n = 0; n < ARRAY_SIZE(system); n++)
			if (strncmp(cache + at, system[n], strlen(system[n])) ==
			    0)
				known = true;
		if (!known)
			return false;
	}
	return true;
}
