/* SPDX-License-Identifier: GPL-3.0-or-later */
/* base/radix.h - base 32 and base 64 (RFC 4648), exact (pure) */
#ifndef BASE_RADIX_H
#define BASE_RADIX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Room for the text of @size bytes, its NUL included. */
#define RADIX32_TEXT(size) (((size)*8 + 4) / 5 + 1)
#define RADIX64_TEXT(size) (((size) + 2) / 3 * 4 + 1)

/**
 * radix_decode32(), radix_decode64() - decode exactly @size bytes
 * @text: @len characters, not terminated
 *
 * Bits that are left over must be 0. Base 32 (s6) in one case of letters or
 * both, without padding; base 64 (s4) with padding or without.
 *
 * Return: false where @text is not the text of so many bytes; @out is then
 * filled as far as it went.
 */
bool radix_decode32(const char *text, size_t len, uint8_t *out, size_t size);
bool radix_decode64(const char *text, size_t len, uint8_t *out, size_t size);

/**
 * radix_encode32() - lower case, without padding, terminated
 * @out: room for RADIX32_TEXT(@size)
 */
void radix_encode32(const uint8_t *bytes, size_t size, char *out);

/**
 * radix_encode64() - with padding, terminated
 * @out: room for RADIX64_TEXT(@size)
 */
void radix_encode64(const uint8_t *bytes, size_t size, char *out);

#endif
