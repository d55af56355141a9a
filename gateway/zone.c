/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gateway/zone.c - what kind of answer a DNS question gets */
#include "gateway/zone.h"

#include <string.h>

#include "base/attr.h"
#include "gateway/names.h"

/* A question below one of the special names. */
struct ask {
	uint16_t type;
	bool resolve;
	const char *labels; /* before the special name, with the final dot */
	struct destination *d;
};

static bool wants_address(uint16_t type)
{
	/* ANY gets one record of those there are (RFC 8482 s4.1) */
	return type == DNS_A || type == DNS_ANY;
}

static bool wants_name(uint16_t type)
{
	return type == DNS_PTR || type == DNS_ANY;
}

static enum zone_verdict judge_absent(const struct ask *a)
{
	(void)a;
	return ZONE_NXDOMAIN;
}

static enum zone_verdict judge_localhost(const struct ask *a)
{
	return wants_address(a->type) ? ZONE_LOOPBACK : ZONE_EMPTY;
}

/* "4.3.2.1.": the last byte of an address is the first label. */
static bool parse_v4_labels(const char *s, uint8_t addr[4])
{
	for (int i = 3; i >= 0; i--) {
		size_t len = strspn(s, "0123456789");
		unsigned int n = 0;

		if (len == 0 || len > 3 || s[len] != '.' ||
		    (len > 1 && s[0] == '0'))
			return false;
		for (size_t k = 0; k < len; k++)
			n = n * 10 + (unsigned int)(s[k] - '0');
		if (n > 255)
			return false;
		addr[i] = (uint8_t)n;
		s += len + 1;
	}
	return *s == '\0';
}

/* RFC 3596 s2.5: 32 nibbles, the last one first. */
static bool parse_v6_labels(const char *s, uint8_t addr[16])
{
	static const char digits[] = "0123456789abcdef";

	memset(addr, 0, 16);
	if (strlen(s) != 64)
		return false;
	for (size_t i = 0; i < 32; i++, s += 2) {
		const char *digit = memchr(digits, s[0], 16);

		if (!digit || s[1] != '.')
			return false;
		addr[15 - i / 2] |= (uint8_t)((digit - digits) << 4 * (i % 2));
	}
	return true;
}

static enum zone_verdict judge_reverse(const struct ask *a,
				       enum destination_verdict v)
{
	if (v != DESTINATION_OK || !a->resolve)
		return ZONE_NXDOMAIN;
	return wants_name(a->type) ? ZONE_RESOLVE_PTR : ZONE_EMPTY;
}

static enum zone_verdict judge_v4_reverse(const struct ask *a)
{
	uint8_t addr[4];
	enum destination_verdict v;

	if (!parse_v4_labels(a->labels, addr))
		return ZONE_NXDOMAIN;
	v = destination_from_v4(addr, a->d);
	if (names_is_virtual(addr))
		return wants_name(a->type) ? ZONE_NAME_OF : ZONE_EMPTY;
	return judge_reverse(a, v);
}

static enum zone_verdict judge_v6_reverse(const struct ask *a)
{
	uint8_t addr[16];

	if (!parse_v6_labels(a->labels, addr))
		return ZONE_NXDOMAIN;
	return judge_reverse(a, destination_from_v6(addr, a->d));
}

/* Names with rules of their own, whatever destination.c thinks of them. */
static const struct special {
	const char *suffix;
	enum zone_verdict (*judge)(const struct ask *a);
} specials[] = {
	{ "in-addr.arpa", judge_v4_reverse },
	{ "ip6.arpa", judge_v6_reverse },
	/* RFC 6761 s6.3, s6.4 */
	{ "localhost", judge_localhost },
	{ "invalid", judge_absent },
	/* RFC 9476: names of other systems than DNS */
	{ "alt", judge_absent },
};

/* Where @suffix begins in @name, or NULL. */
static const char *find_suffix(const char *name, const char *suffix)
{
	size_t n = strlen(name), s = strlen(suffix);

	if (n < s || strcmp(name + n - s, suffix) != 0 ||
	    (n > s && name[n - s - 1] != '.'))
		return NULL;
	return name + n - s;
}

static const struct special *find_special(const char *name, size_t *before)
{
	for (size_t i = 0; i < ARRAY_SIZE(specials); i++) {
		const char *at = find_suffix(name, specials[i].suffix);

		if (at) {
			*before = (size_t)(at - name);
			return &specials[i];
		}
	}
	return NULL;
}

static bool is_meta(uint16_t type)
{
	return type >= DNS_META_FIRST && type < DNS_ANY;
}

static enum zone_verdict judge_name(const struct dns_query *q, bool resolve,
				    struct destination *d)
{
	enum destination_verdict v =
		destination_from_name(q->name, q->name_len, d);
	char labels[DESTINATION_NAME_MAX + 1];
	struct ask a = { q->type, resolve, labels, d };
	const struct special *special;
	size_t before = 0;

	/* an address is no name, whatever a program asks of it */
	if (v == DESTINATION_INVALID || d->kind != DESTINATION_NAME)
		return ZONE_NXDOMAIN;
	special = find_special(d->name, &before);
	if (special) {
		memcpy(labels, d->name, before);
		labels[before] = '\0';
		return special->judge(&a);
	}
	if (v != DESTINATION_OK)
		return ZONE_NXDOMAIN;
	if (!wants_address(q->type))
		return ZONE_KNOWN;
	return resolve && !find_suffix(d->name, "onion") ? ZONE_RESOLVE
							 : ZONE_ASSIGN;
}

enum zone_verdict zone_judge(const struct dns_query *q, bool resolve,
			     struct destination *d)
{
	memset(d, 0, sizeof(*d));
	if (q->class != DNS_IN)
		return ZONE_REFUSED;
	if (is_meta(q->type))
		return ZONE_NOTIMP;
	/* the root: everybody's, and without an address */
	if (q->name_len == 0)
		return ZONE_EMPTY;
	/* "a.b" as one label would become the name of two */
	if (!q->plain)
		return ZONE_NXDOMAIN;
	return judge_name(q, resolve, d);
}
