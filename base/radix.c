/* SPDX-License-Identifier: GPL-3.0-or-later */
/* base/radix.c - base 32 and base 64 (RFC 4648), exact (pure) */
#include "base/radix.h"

#include <string.h>

static const char digits32[] = "abcdefghijklmnopqrstuvwxyz234567";
static const char digits64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			       "abcdefghijklmnopqrstuvwxyz0123456789+/";

static int value32(char c)
{
	if (c >= 'a' && c <= 'z')
		return c - 'a';
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	return c >= '2' && c <= '7' ? c - '2' + 26 : -1;
}

static int value64(char c)
{
	const char *at = c ? strchr(digits64, c) : NULL;

	return at ? (int)(at - digits64) : -1;
}

/* Digits of @bits each; as many as @size bytes need, and no more. */
static bool decode(const char *text, size_t len, unsigned int bits,
		   int (*value)(char), uint8_t *out, size_t size)
{
	unsigned int have = 0;
	uint32_t held = 0;

	if (len != (size * 8 + bits - 1) / bits)
		return false;
	for (size_t i = 0; i < len; i++) {
		int v = value(text[i]);

		if (v < 0)
			return false;
		held = held << bits | (uint32_t)v;
		have += bits;
		if (have >= 8) {
			have -= 8;
			*out++ = (uint8_t)(held >> have);
		}
		held &= (1U << have) - 1;
	}
	return held == 0;
}

bool radix_decode32(const char *text, size_t len, uint8_t *out, size_t size)
{
	return decode(text, len, 5, value32, out, size);
}

bool radix_decode64(const char *text, size_t len, uint8_t *out, size_t size)
{
	size_t padding = (3 - size % 3) % 3;

	if (padding > 0 && len == (size + 2) / 3 * 4) {
		len -= padding;
		if (memcmp(text + len, "==", padding) != 0)
			return false;
	}
	return decode(text, len, 6, value64, out, size);
}

static char *encode(const uint8_t *bytes, size_t size, unsigned int bits,
		    const char *digits, char *out)
{
	unsigned int have = 0;
	uint32_t held = 0;

	for (size_t i = 0; i < size; i++) {
		held = held << 8 | bytes[i];
		have += 8;
		while (have >= bits) {
			have -= bits;
			*out++ = digits[held >> have & ((1U << bits) - 1)];
		}
		held &= (1U << have) - 1;
	}
	if (have > 0)
		*out++ = digits[held << (bits - have) & ((1U << bits) - 1)];
	return out;
}

void radix_encode32(const uint8_t *bytes, size_t size, char *out)
{
	*encode(bytes, size, 5, digits32, out) = '\0';
}

void radix_encode64(const uint8_t *bytes, size_t size, char *out)
{
	char *end = encode(bytes, size, 6, digits64, out);

	while ((end - out) % 4 != 0)
		*end++ = '=';
	*end = '\0';
}
