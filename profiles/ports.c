/* SPDX-License-Identifier: GPL-3.0-or-later */
/* profiles/ports.c - numbers and ranges of TCP ports, in text */
#include "profiles/ports.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#define SPACE " \t"

/* Digits at *@at; advances it. */
static bool take_port(const char **at, const char *end, uint16_t *port)
{
	const char *p = *at;
	uint32_t n = 0;

	if (p == end || *p == '0')
		return false;
	for (; p < end && *p >= '0' && *p <= '9'; p++) {
		n = n * 10 + (uint32_t)(*p - '0');
		if (n > UINT16_MAX)
			return false;
	}
	*port = (uint16_t)n;
	*at = p;
	return n > 0;
}

static bool parse_range(const char *at, size_t len, struct port_range *r)
{
	const char *end = at + len;

	if (!take_port(&at, end, &r->first))
		return false;
	r->last = r->first;
	if (at < end && *at == '-') {
		at++;
		if (!take_port(&at, end, &r->last))
			return false;
	}
	return at == end && r->first <= r->last;
}

int ports_parse(const char *text, const char *separators,
		struct port_range *out, size_t max, struct fault *f)
{
	bool spaced = strchr(separators, SPACE[0]) != NULL;
	size_t n = 0;

	for (;;) {
		size_t len;

		if (spaced)
			text += strspn(text, SPACE);
		if (!*text && (n == 0 || spaced))
			break;
		len = strcspn(text, separators);
		if (n == max)
			return fault_set(f, E2BIG, "more than %zu ports", max);
		if (!parse_range(text, len, &out[n]))
			return fault_set(f, 0,
					 "\"%.*s\" is not a port or a range "
					 "of ports",
					 len < 80 ? (int)len : 80, text);
		n++;
		text += len;
		if (!*text)
			break;
		text++;
	}
	return (int)n;
}

int ports_parse_pair(const char *text, uint16_t *first, uint16_t *second,
		     struct fault *f)
{
	const char *at = text, *end = text + strlen(text);

	if (!take_port(&at, end, first))
		goto bad;
	*second = *first;
	if (at < end && *at == ':') {
		at++;
		if (!take_port(&at, end, second))
			goto bad;
	}
	if (at == end)
		return 0;
bad:
	return fault_set(f, 0, "\"%.80s\" is not PORT or PORT:PORT", text);
}
