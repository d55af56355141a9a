/* SPDX-License-Identifier: GPL-3.0-or-later */
/* base/alloc.h - allocation that cannot fail, for command-line programs */
#ifndef BASE_ALLOC_H
#define BASE_ALLOC_H

#include <stddef.h>

#include "base/attr.h"

/*
 * Each ends the program with status 125 and a message when memory is out.
 * Never used in isolate-gateway, nor in a child after clone. What they
 * return is the caller's to free(3).
 */
void *xcalloc(size_t n, size_t size);
void *xreallocarray(void *p, size_t n, size_t size);
char *xstrdup(const char *s);
char *xstrndup(const char *s, size_t n);
char *xasprintf(const char *fmt, ...) attr_printf(1, 2);

#endif
