/* SPDX-License-Identifier: GPL-3.0-or-later */
/* profiles/near.h - the word somebody meant (pure) */
#ifndef PROFILES_NEAR_H
#define PROFILES_NEAR_H

#include <stddef.h>

/**
 * near_distance() - edits (insert, delete, replace, swap) between two words
 *
 * Return: 0 for equal ones; a large number for words of over 40 bytes.
 */
unsigned int near_distance(const char *a, const char *b);

/**
 * near_find() - the word nearest to a mistyped one
 * @words: @n of them
 *
 * Return: one of @words, or NULL where none is near enough to propose.
 */
const char *near_find(const char *word, const char *const *words, size_t n);

#endif
