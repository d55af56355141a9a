/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ctl/text.c - words and times for people and for programs */
#include "ctl/text.h"

#include <bsd/string.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <wchar.h>
#include <wctype.h>

#include "base/alloc.h"

/* Unicode's bidirectional controls: they make one name look like another. */
static bool turns_direction(wchar_t c)
{
	return c == 0x061c || c == 0x200e || c == 0x200f ||
	       (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

char *text_printable(const char *s)
{
	size_t left = strlen(s);
	/* at worst every byte becomes four */
	char *out = xcalloc(left + 1, 4), *to = out;
	mbstate_t state = { 0 };

	while (left > 0) {
		wchar_t c;
		size_t n = mbrtowc(&c, s, left, &state);
		bool ok = n != (size_t)-1 && n != (size_t)-2 && n > 0 &&
			  iswprint((wint_t)c) && !turns_direction(c);

		if (n == (size_t)-1 || n == (size_t)-2 || n == 0) {
			n = 1;
			memset(&state, 0, sizeof(state));
		}
		for (size_t i = 0; i < n; i++)
			if (ok && s[i] == '\\')
				to = stpcpy(to, "\\\\");
			else if (ok)
				*to++ = s[i];
			else
				to += sprintf(to, "\\x%02x",
					      (unsigned char)s[i]);
		s += n;
		left -= n;
	}
	*to = '\0';
	return out;
}

/* Length of the UTF-8 sequence at @s, 0: it is none (RFC 3629 s4). */
static size_t utf8_len(const unsigned char *s)
{
	static const struct {
		unsigned char first, last; /* of the first byte */
		unsigned char low, high;   /* of the second byte */
		size_t len;
	} rows[] = {
		{ 0xc2, 0xdf, 0x80, 0xbf, 2 }, { 0xe0, 0xe0, 0xa0, 0xbf, 3 },
		{ 0xe1, 0xec, 0x80, 0xbf, 3 }, { 0xed, 0xed, 0x80, 0x9f, 3 },
		{ 0xee, 0xef, 0x80, 0xbf, 3 }, { 0xf0, 0xf0, 0x90, 0xbf, 4 },
		{ 0xf1, 0xf3, 0x80, 0xbf, 4 }, { 0xf4, 0xf4, 0x80, 0x8f, 4 },
	};

	if (s[0] < 0x80)
		return 1;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (s[0] < rows[i].first || s[0] > rows[i].last)
			continue;
		if (s[1] < rows[i].low || s[1] > rows[i].high)
			return 0;
		for (size_t k = 2; k < rows[i].len; k++)
			if ((s[k] & 0xc0) != 0x80)
				return 0;
		return rows[i].len;
	}
	return 0;
}

static bool is_utf8(const char *s)
{
	while (*s) {
		size_t n = utf8_len((const unsigned char *)s);

		if (n == 0)
			return false;
		s += n;
	}
	return true;
}

char *text_utf8(const char *s)
{
	char *out, *to;

	if (is_utf8(s))
		return xstrdup(s);
	out = to = xcalloc(strlen(s) + 1, 3);
	for (; *s; s++)
		if ((unsigned char)*s < 0x80)
			*to++ = *s;
		else
			to = stpcpy(to, "\xef\xbf\xbd");
	return out;
}

size_t text_width(const char *s)
{
	wchar_t *wide = xcalloc(strlen(s) + 1, sizeof(*wide));
	size_t n = mbstowcs(wide, s, strlen(s) + 1);
	int width = n == (size_t)-1 ? -1 : wcswidth(wide, n);

	free(wide);
	return width < 0 ? strlen(s) : (size_t)width;
}

void text_time_local(int64_t us, char buf[TEXT_TIME_LEN])
{
	time_t t = (time_t)(us / 1000000);
	struct tm tm;

	if (us <= 0 || !localtime_r(&t, &tm) ||
	    !strftime(buf, TEXT_TIME_LEN, "%Y-%m-%d %H:%M:%S", &tm))
		strlcpy(buf, "-", TEXT_TIME_LEN);
}

void text_time_utc(int64_t us, char buf[TEXT_TIME_LEN])
{
	time_t t = (time_t)(us / 1000000);
	struct tm tm;
	size_t n;

	if (us <= 0 || !gmtime_r(&t, &tm) || tm.tm_year > 9999 - 1900) {
		strlcpy(buf, "1970-01-01T00:00:00.000000Z", TEXT_TIME_LEN);
		return;
	}
	n = strftime(buf, TEXT_TIME_LEN, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(buf + n, TEXT_TIME_LEN - n, ".%06dZ", (int)(us % 1000000));
}

void text_bytes(uint64_t n, char buf[TEXT_TIME_LEN])
{
	static const char units[] = "KMGTPE";
	double value = (double)n;
	size_t unit = 0;

	if (n < 1024) {
		snprintf(buf, TEXT_TIME_LEN, "%d", (int)n);
		return;
	}
	/* what would be shown as 1024 is 1.0 of the next */
	for (value /= 1024; value >= 1023.5 && units[unit + 1]; unit++)
		value /= 1024;
	snprintf(buf, TEXT_TIME_LEN, value < 9.95 ? "%.1f%c" : "%.0f%c", value,
		 units[unit]);
}

void text_duration(int64_t us, char buf[TEXT_TIME_LEN])
{
	long long s = us / 1000000;

	if (us < 0)
		strlcpy(buf, "-", TEXT_TIME_LEN);
	else if (s < 60)
		snprintf(buf, TEXT_TIME_LEN, "%llds", s);
	else if (s < 3600)
		snprintf(buf, TEXT_TIME_LEN, "%lldm%02llds", s / 60, s % 60);
	else if (s < 86400)
		snprintf(buf, TEXT_TIME_LEN, "%lldh%02lldm", s / 3600,
			 s / 60 % 60);
	else
		snprintf(buf, TEXT_TIME_LEN, "%lldd%02lldh", s / 86400,
			 s / 3600 % 24);
}
