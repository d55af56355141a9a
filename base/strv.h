/* SPDX-License-Identifier: GPL-3.0-or-later */
/* base/strv.h - a growing, NULL-terminated vector of strings */
#ifndef BASE_STRV_H
#define BASE_STRV_H

#include <stdbool.h>
#include <stddef.h>

/* Zero-initialised is empty. @v is NULL or NULL-terminated (execve(2)). */
struct strv {
	char **v;
	size_t n;
};

/**
 * strv_add() - append a copy of @s (dies on out-of-memory)
 */
void strv_add(struct strv *sv, const char *s);

/**
 * strv_add_take() - append @s, which becomes the vector's
 */
void strv_add_take(struct strv *sv, char *s);

/**
 * strv_has() - is @s one of the strings
 */
bool strv_has(const struct strv *sv, const char *s);

/**
 * strv_copy() - append copies of all of @from
 */
void strv_copy(struct strv *to, const struct strv *from);

/**
 * strv_free() - free all and make it empty
 */
void strv_free(struct strv *sv);

#endif
