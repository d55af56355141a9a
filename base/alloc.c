/* SPDX-License-Identifier: GPL-3.0-or-later */
/* base/alloc.c - allocation that cannot fail, for command-line programs */
#include "base/alloc.h"

#include <bsd/err.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void *need(void *p)
{
	if (!p)
		errc(125, ENOMEM, "allocate memory");
	return p;
}

void *xcalloc(size_t n, size_t size)
{
	return need(calloc(n ? n : 1, size ? size : 1));
}

void *xreallocarray(void *p, size_t n, size_t size)
{
	return need(reallocarray(p, n ? n : 1, size ? size : 1));
}

char *xstrdup(const char *s)
{
	return need(strdup(s));
}

char *xstrndup(const char *s, size_t n)
{
	return need(strndup(s, n));
}

char *xasprintf(const char *fmt, ...)
{
	va_list ap;
	char *s;

	va_start(ap, fmt);
	if (vasprintf(&s, fmt, ap) < 0)
		s = NULL;
	va_end(ap);
	return need(s);
}
