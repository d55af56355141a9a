/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gateway/ctltext.c - pieces of a control port's line (pure) */
#include "gateway/ctltext.h"

#include <string.h>
#include <strings.h>

static const char digits64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			       "abcdefghijklmnopqrstuvwxyz0123456789+/";

bool ctl_text_is_printable(struct ctl_text t)
{
	for (size_t i = 0; i < t.len; i++)
		if (t.p[i] < ' ' || t.p[i] > '~')
			return false;
	return true;
}

bool ctl_text_item(struct ctl_text *rest, char separator, struct ctl_text *item)
{
	const char *end = memchr(rest->p, separator, rest->len);

	item->p = rest->p;
	item->len = end ? (size_t)(end - rest->p) : rest->len;
	if (item->len == 0)
		return false;
	rest->p += item->len;
	rest->len -= item->len;
	if (!end)
		return true;
	rest->p++;
	rest->len--;
	return rest->len > 0;
}

bool ctl_text_word(struct ctl_text *rest, struct ctl_text *word)
{
	return ctl_text_item(rest, ' ', word);
}

bool ctl_text_is(struct ctl_text t, const char *s)
{
	return t.len == strlen(s) && memcmp(t.p, s, t.len) == 0;
}

bool ctl_text_is_any_case(struct ctl_text t, const char *s)
{
	return t.len == strlen(s) && strncasecmp(t.p, s, t.len) == 0;
}

bool ctl_text_after(struct ctl_text t, const char *prefix,
		    struct ctl_text *rest)
{
	size_t n = strlen(prefix);

	if (t.len < n || memcmp(t.p, prefix, n) != 0)
		return false;
	rest->p = t.p + n;
	rest->len = t.len - n;
	return true;
}

bool ctl_text_is_hex(struct ctl_text t)
{
	for (size_t i = 0; i < t.len; i++)
		if (!memchr("0123456789abcdefABCDEF", t.p[i], 22))
			return false;
	return t.len > 0;
}

bool ctl_text_port(struct ctl_text t, uint16_t *port)
{
	uint32_t n = 0;

	if (t.len == 0 || t.len > 5 || t.p[0] == '0')
		return false;
	for (size_t i = 0; i < t.len; i++) {
		if (t.p[i] < '0' || t.p[i] > '9')
			return false;
		n = n * 10 + (uint32_t)(t.p[i] - '0');
	}
	*port = (uint16_t)n;
	return n <= UINT16_MAX;
}

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
static bool decode(struct ctl_text t, unsigned int bits, int (*value)(char),
		   uint8_t *out, size_t size)
{
	unsigned int have = 0;
	uint32_t held = 0;

	if (t.len != (size * 8 + bits - 1) / bits)
		return false;
	for (size_t i = 0; i < t.len; i++) {
		int v = value(t.p[i]);

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

bool ctl_text_base32(struct ctl_text t, uint8_t *out, size_t size)
{
	return decode(t, 5, value32, out, size);
}

bool ctl_text_base64(struct ctl_text t, uint8_t *out, size_t size)
{
	size_t padding = (3 - size % 3) % 3;

	if (padding > 0 && t.len == (size + 2) / 3 * 4) {
		t.len -= padding;
		if (memcmp(t.p + t.len, "==", padding) != 0)
			return false;
	}
	return decode(t, 6, value64, out, size);
}

void ctl_text_encode64(const uint8_t *bytes, size_t size, char *out)
{
	for (size_t i = 0; i < size; i += 3) {
		size_t n = size - i < 3 ? size - i : 3;
		uint32_t held = (uint32_t)bytes[i] << 16;

		if (n > 1)
			held |= (uint32_t)bytes[i + 1] << 8;
		if (n > 2)
			held |= bytes[i + 2];
		for (unsigned int k = 0; k < 4; k++)
			*out++ = k <= n ? digits64[held >> (18 - 6 * k) & 63]
					: '=';
	}
	*out = '\0';
}
