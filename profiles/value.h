/* SPDX-License-Identifier: GPL-3.0-or-later */
/* profiles/value.h - one typed value: parse, print, free (pure) */
#ifndef PROFILES_VALUE_H
#define PROFILES_VALUE_H

#include <stdbool.h>
#include <stdio.h>

#include "base/fault.h"
#include "profiles/keys.h"

/**
 * value_is_list() - is the C type struct strv
 */
bool value_is_list(enum profile_type type);

/**
 * value_parse() - parse a value into a field
 * @text: trimmed; "" is refused but for lists, which it leaves alone
 * @field: of the type's C type and initialised; scalars are replaced, items
 *         of lists are added; unchanged on error but for items before the bad
 *
 * Return: 0, or -EINVAL with the message (no file, no key) and hint in @f.
 */
int value_parse(enum profile_type type, const char *text, void *field,
		struct fault *f);

/**
 * value_print() - write a value as it would be written in a file
 * @i: item of a list, 0 for others
 */
void value_print(enum profile_type type, const void *field, size_t i,
		 FILE *out);

/**
 * value_free() - release what a field holds and zero it
 */
void value_free(enum profile_type type, void *field);

/**
 * value_has_control() - is there a byte that could move a terminal's cursor
 */
bool value_has_control(const char *text);

/**
 * value_name_is_valid() - [a-z0-9][a-z0-9_-]*, at most 32 bytes
 */
bool value_name_is_valid(const char *name);

#endif
