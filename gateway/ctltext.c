/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gateway/ctltext.c - pieces of a control port's line (pure) */
#include "gateway/ctltext.h"

#include <string.h>
#include <strings.h>

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
