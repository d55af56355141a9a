/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gateway/destination.c - where an application may go, in every spelling */
#include "gateway/destination.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <string.h>

#include "base/attr.h"

#define V4(a, b, c, d)                                                         \
	((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 |      \
	 (uint32_t)(d))

struct v4_range {
	uint32_t net; /* host order */
	uint32_t bits;
};

/*
 * IANA's special-purpose registry (RFC 6890), as far as an address can mean
 * this machine or its surroundings. The documentation nets are routed
 * nowhere, inside or outside, and are left to tor.
 */
static const struct v4_range v4_internal[] = {
	{ V4(0, 0, 0, 0), 8 },      /* this network: Linux takes 0 as self */
	{ V4(10, 0, 0, 0), 8 },     /* RFC 1918 */
	{ V4(100, 64, 0, 0), 10 },  /* RFC 6598, carriers and overlay VPNs */
	{ V4(127, 0, 0, 0), 8 },    /* loopback */
	{ V4(169, 254, 0, 0), 16 }, /* link-local, cloud metadata */
	{ V4(172, 16, 0, 0), 12 },  /* RFC 1918 */
	{ V4(192, 0, 0, 0), 24 },   /* RFC 6890, DS-Lite, PCP anycast */
	{ V4(192, 168, 0, 0), 16 }, /* RFC 1918 */
	{ V4(198, 18, 0, 0), 15 },  /* RFC 2544, used as internal nets */
	{ V4(224, 0, 0, 0), 4 },    /* multicast */
	{ V4(240, 0, 0, 0), 4 },    /* reserved, and broadcast */
};

/* A name that ends in one of these never leaves its network. */
static const char *const internal_suffixes[] = {
	/* RFC 6761, RFC 6762, and what Linux hosts call themselves */
	"localhost",
	"local",
	"localdomain",
	/* ICANN's private-use name; RFC 8375 */
	"internal",
	"home.arpa",
	/* tor's own: they choose a relay, or nothing */
	"exit",
	"noconnect",
	/* RFC 6762 appendix G: in use in private networks */
	"lan",
	"home",
	"corp",
	"intranet",
	"private",
};

static bool is_v4_internal(uint32_t a)
{
	for (size_t i = 0; i < ARRAY_SIZE(v4_internal); i++) {
		const struct v4_range *r = &v4_internal[i];

		if ((a ^ r->net) >> (32 - r->bits) == 0)
			return true;
	}
	return false;
}

static uint32_t load_v4(const uint8_t *p)
{
	return V4(p[0], p[1], p[2], p[3]);
}

enum destination_verdict destination_from_v4(const uint8_t *addr,
					     struct destination *d)
{
	d->kind = DESTINATION_V4;
	d->name[0] = '\0';
	memset(d->addr, 0, sizeof(d->addr));
	memcpy(d->addr, addr, 4);
	return is_v4_internal(load_v4(addr)) ? DESTINATION_INTERNAL
					     : DESTINATION_OK;
}

static bool starts_with(const uint8_t *addr, const char *prefix, size_t len)
{
	return memcmp(addr, prefix, len) == 0;
}

static bool is_nat64(const uint8_t *a)
{
	/* 64:ff9b::/96 (RFC 6052) */
	return starts_with(a, "\0\x64\xff\x9b\0\0\0\0\0\0\0\0", 12);
}

/* What other prefixes a network translates by (RFC 6052 s2.2) only it knows;
 * 64:ff9b:1::/48, for local use (RFC 8215), does not get this far. */
static size_t find_embedded(const uint8_t *a,
			    const uint8_t *inner[DESTINATION_EMBEDDED_MAX])
{
	size_t n = 0;

	if (is_nat64(a))
		inner[n++] = a + 12;
	/* 6to4 (RFC 3056) */
	else if (starts_with(a, "\x20\x02", 2))
		inner[n++] = a + 2;
	/* ISATAP (RFC 5214), which can lie within 6to4 */
	if ((a[8] & 0xfd) == 0 && starts_with(a + 9, "\0\x5e\xfe", 3))
		inner[n++] = a + 12;
	return n;
}

size_t destination_embedded_v4(const struct destination *d,
			       const uint8_t *inner[DESTINATION_EMBEDDED_MAX])
{
	return d->kind == DESTINATION_V6 ? find_embedded(d->addr, inner) : 0;
}

/* Only global unicast passes (RFC 4291), and of it nothing that is a tunnel
 * to an internal IPv4 address. */
static bool is_v6_internal(const uint8_t *a)
{
	const uint8_t *inner[DESTINATION_EMBEDDED_MAX];
	size_t n = find_embedded(a, inner);

	/* 2000::/3; the rest is loopback, v4-compatible, ULA, multicast... */
	if ((a[0] & 0xe0) != 0x20 && !is_nat64(a))
		return true;
	/* Teredo (RFC 4380): the IPv4 address is hidden by exclusive or */
	if (starts_with(a, "\x20\x01\0\0", 4))
		return true;
	for (size_t i = 0; i < n; i++) {
		if (is_v4_internal(load_v4(inner[i])))
			return true;
	}
	return false;
}

enum destination_verdict destination_from_v6(const uint8_t *addr,
					     struct destination *d)
{
	if (starts_with(addr, "\0\0\0\0\0\0\0\0\0\0\xff\xff", 12))
		return destination_from_v4(addr + 12, d);
	d->kind = DESTINATION_V6;
	d->name[0] = '\0';
	memcpy(d->addr, addr, 16);
	return is_v6_internal(addr) ? DESTINATION_INTERNAL : DESTINATION_OK;
}

static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return 99;
}

/* One part of inet_aton(3)'s notation; advances *@p past its digits. */
static bool parse_part(const char **p, uint64_t *value)
{
	const char *s = *p;
	int base = 10;

	if (s[0] == '0' && s[1] == 'x') {
		base = 16;
		s += 2;
	} else if (s[0] == '0') {
		base = 8;
	}
	if (digit_value(*s) >= base)
		return false;
	for (*value = 0; digit_value(*s) < base; s++) {
		*value = *value * (uint64_t)base + (uint64_t)digit_value(*s);
		if (*value > UINT32_MAX)
			return false;
	}
	*p = s;
	return *s == '\0' || *s == '.';
}

/* inet_aton(3) for @s in lower case: 1 to 4 parts, the last fills the rest. */
static bool parse_v4(const char *s, uint8_t addr[4])
{
	uint64_t part[4];
	uint32_t a = 0;
	size_t n = 0;

	for (;;) {
		if (n == ARRAY_SIZE(part) || !parse_part(&s, &part[n]))
			return false;
		n++;
		if (*s == '\0')
			break;
		s++;
	}
	for (size_t i = 0; i + 1 < n; i++) {
		if (part[i] > 255)
			return false;
		a |= (uint32_t)part[i] << (24 - 8 * i);
	}
	if (part[n - 1] > UINT32_MAX >> (8 * (n - 1)))
		return false;
	a |= (uint32_t)part[n - 1];
	for (size_t i = 0; i < 4; i++)
		addr[i] = (uint8_t)(a >> (24 - 8 * i));
	return true;
}

static const char *last_label(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot ? dot + 1 : name;
}

/* No top-level domain is a number; resolvers that find one at the end take
 * the whole for an address (WHATWG URL s3.5, "ends in a number"). */
static bool is_numeric(const char *label)
{
	if (label[0] == '0' && label[1] == 'x')
		return strspn(label + 2, "0123456789abcdef") ==
		       strlen(label + 2);
	return strspn(label, "0123456789") == strlen(label);
}

static bool has_suffix(const char *name, const char *suffix)
{
	size_t n = strlen(name), s = strlen(suffix);

	if (n < s || strcmp(name + n - s, suffix) != 0)
		return false;
	return n == s || name[n - s - 1] == '.';
}

/* rend-spec-v3: 35 bytes in base32 before ".onion"; labels before those are
 * the service's own virtual hosts. */
static bool is_onion(const char *name)
{
	size_t len = strlen(name);
	const char *key;

	if (len < 56 + strlen(".onion"))
		return false;
	key = name + len - strlen(".onion") - 56;
	if (key != name && key[-1] != '.')
		return false;
	return strspn(key, "abcdefghijklmnopqrstuvwxyz234567") == 56;
}

static enum destination_verdict judge_name(struct destination *d)
{
	if (is_numeric(last_label(d->name))) {
		uint8_t addr[4];

		return parse_v4(d->name, addr) ? destination_from_v4(addr, d)
					       : DESTINATION_INVALID;
	}
	d->kind = DESTINATION_NAME;
	if (has_suffix(d->name, "onion"))
		return is_onion(d->name) ? DESTINATION_OK : DESTINATION_INVALID;
	/* a single label is completed from a search list */
	if (!strchr(d->name, '.'))
		return DESTINATION_INTERNAL;
	for (size_t i = 0; i < ARRAY_SIZE(internal_suffixes); i++) {
		if (has_suffix(d->name, internal_suffixes[i]))
			return DESTINATION_INTERNAL;
	}
	return DESTINATION_OK;
}

static bool is_name_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
	       c == '_';
}

/* Copies @text in lower case; false where it is not labels and dots. */
static bool copy_name(const char *text, size_t len, char *name)
{
	size_t label = 0;

	if (len == 0 || len > DESTINATION_NAME_MAX)
		return false;
	for (size_t i = 0; i < len; i++) {
		char c = text[i];

		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		label = c == '.' ? 0 : label + 1;
		if (c == '.' ? i == 0 || text[i - 1] == '.'
			     : !is_name_byte(c) || label > 63)
			return false;
		name[i] = c;
	}
	name[len] = '\0';
	return label > 0;
}

static enum destination_verdict judge_v6_text(const char *text, size_t len,
					      struct destination *d)
{
	char buf[INET6_ADDRSTRLEN];
	uint8_t addr[16];

	/* a NUL would end the text early for inet_pton(3) */
	if (len >= sizeof(buf) || memchr(text, '\0', len))
		return DESTINATION_INVALID;
	memcpy(buf, text, len);
	buf[len] = '\0';
	if (inet_pton(AF_INET6, buf, addr) != 1)
		return DESTINATION_INVALID;
	return destination_from_v6(addr, d);
}

enum destination_verdict destination_from_name(const char *text, size_t len,
					       struct destination *d)
{
	bool bracketed = len >= 2 && text[0] == '[' && text[len - 1] == ']';

	d->kind = DESTINATION_UNSET;
	d->name[0] = '\0';
	memset(d->addr, 0, sizeof(d->addr));
	if (bracketed)
		return judge_v6_text(text + 1, len - 2, d);
	if (len > 0 && memchr(text, ':', len))
		return judge_v6_text(text, len, d);
	if (len > 1 && text[len - 1] == '.')
		len--;
	if (!copy_name(text, len, d->name)) {
		d->name[0] = '\0';
		return DESTINATION_INVALID;
	}
	return judge_name(d);
}
