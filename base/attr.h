/* SPDX-License-Identifier: GPL-3.0-or-later */
/* base/attr.h - scope-bound ownership and other attributes */
#ifndef BASE_ATTR_H
#define BASE_ATTR_H

#include <stdlib.h>

#include "base/fd.h"

static inline void attr_free(void *p)
{
	free(*(void **)p);
}

static inline void attr_close(const int *fd)
{
	fd_close(*fd);
}

/* A local that owns heap memory: freed at the end of its scope. */
#define autofree __attribute__((cleanup(attr_free)))
/* A local that owns a descriptor (or -1): closed at the end of its scope. */
#define autoclose __attribute__((cleanup(attr_close)))

#define attr_printf(f, a) __attribute__((format(printf, f, a)))
#define attr_unused __attribute__((unused))

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#endif
