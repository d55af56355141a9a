/* SPDX-License-Identifier: GPL-3.0-or-later */
/* profiles/pattern.c - an item of allow-destinations, deny-destinations */
#include "profiles/pattern.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "profiles/ports.h"

#define DIGITS "0123456789"
#define HEX DIGITS "abcdefABCDEF"
/* Longer than any host or prefix: names have 253, "*." before, dot behind. */
#define HOST_MAX 256

static int refuse(const char *text, const char *why, struct fault *f)
{
	return fault_set(f, 0, "\"%.80s\" %s", text, why);
}

static int parse_ports(const char *text, const char *ports, struct rule *r,
		       struct fault *f)
{
	struct port_range ranges[RULE_PORTS_MAX];
	int n = ports_parse(ports, ",", ranges, RULE_PORTS_MAX, f);

	if (n == -E2BIG)
		return fault_set(f, 0, "\"%.80s\" has more than %d ports", text,
				 RULE_PORTS_MAX);
	if (n < 0)
		return n;
	if (n == 0)
		return refuse(text, "has no port behind the colon", f);
	for (int i = 0; i < n; i++)
		r->ports[i] =
			(struct rule_ports){ ranges[i].first, ranges[i].last };
	r->nports = (uint8_t)n;
	return 0;
}

/* Behind the slash of a prefix; @bits is unchanged where there is none. */
static bool parse_bits(char *host, unsigned int max, uint8_t *bits)
{
	char *slash = strchr(host, '/');
	unsigned int n = 0;

	if (!slash)
		return true;
	*slash++ = '\0';
	if (!*slash || strlen(slash) > 3 ||
	    strspn(slash, DIGITS) != strlen(slash) ||
	    (slash[0] == '0' && slash[1]))
		return false;
	for (; *slash; slash++)
		n = n * 10 + (unsigned int)(*slash - '0');
	*bits = (uint8_t)n;
	return n <= max;
}

static int check_prefix(const char *text, size_t size, const struct rule *r,
			struct fault *f)
{
	if (!rule_has_host_bits(r->addr, size, r->bits))
		return 0;
	refuse(text, "has bits set behind its prefix", f);
	fault_hint(f, "one address has no /%u", r->bits);
	return -EINVAL;
}

static int parse_v4(const char *text, char *host, struct rule *r,
		    struct fault *f)
{
	r->kind = RULE_V4;
	r->bits = 32;
	if (!parse_bits(host, 32, &r->bits) ||
	    inet_pton(AF_INET, host, r->addr) != 1)
		return refuse(text, "is not an IPv4 address or prefix", f);
	return check_prefix(text, 4, r, f);
}

/* "[ADDRESS]" or "[ADDRESS]/BITS" */
static int parse_v6(const char *text, char *host, struct rule *r,
		    struct fault *f)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	char *end;

	r->kind = RULE_V6;
	r->bits = 128;
	if (!parse_bits(host, 128, &r->bits))
		return refuse(text, "is not an IPv6 address or prefix", f);
	end = strchr(host, ']');
	if (!end || end[1])
		return refuse(text, "is not an IPv6 address or prefix", f);
	*end = '\0';
	if (inet_pton(AF_INET6, host + 1, r->addr) != 1)
		return refuse(text, "is not an IPv6 address or prefix", f);
	/* the gateway takes these for what they mean */
	if (memcmp(r->addr, mapped, sizeof(mapped)) == 0)
		return refuse(text, "is an IPv4 address: write it as one", f);
	return check_prefix(text, 16, r, f);
}

static int parse_name(const char *text, const char *host, struct rule *r,
		      struct fault *f)
{
	size_t len;

	r->kind = RULE_NAME;
	if (strncmp(host, "*.", 2) == 0) {
		r->kind = RULE_BELOW;
		host += 2;
	}
	len = strlen(host);
	if (len > RULE_NAME_MAX)
		return refuse(text, "is too long for a name", f);
	for (size_t i = 0; i < len; i++)
		r->name[i] = (char)(host[i] >= 'A' && host[i] <= 'Z'
					    ? host[i] - 'A' + 'a'
					    : host[i]);
	r->name[len] = '\0';
	if (!rule_name_is_valid(r->name, len))
		return refuse(text, "is not a name, address or prefix", f);
	/* as the gateway judges it: never outside of a local network */
	if (r->kind == RULE_NAME && !strchr(r->name, '.')) {
		refuse(text, "has no dot: the gateway refuses such names", f);
		fault_hint(f, "all names below it are *.%.60s", r->name);
		return -EINVAL;
	}
	return 0;
}

/* Is it an address, or the mistake of one? No top-level domain is a number;
 * what ends in one the gateway takes for an address (inet_aton(3)), so that a
 * rule for such a name would never match. */
static bool is_numeric(const char *host)
{
	const char *dot = strrchr(host, '.');
	const char *last = dot ? dot + 1 : host;

	if (last[0] == '0' && (last[1] == 'x' || last[1] == 'X'))
		return strspn(last + 2, HEX) == strlen(last + 2);
	return strchr(host, '/') ||
	       (*last && strspn(last, DIGITS) == strlen(last));
}

static int parse_host(const char *text, char *host, struct rule *r,
		      struct fault *f)
{
	if (strcmp(host, "*") == 0) {
		r->kind = RULE_ANY;
		return 0;
	}
	if (host[0] == '[')
		return parse_v6(text, host, r, f);
	if (is_numeric(host))
		return parse_v4(text, host, r, f);
	return parse_name(text, host, r, f);
}

int pattern_parse(const char *text, struct rule *r, struct fault *f)
{
	const char *bracket = text[0] == '[' ? strchr(text, ']') : NULL;
	const char *colon = strchr(bracket ? bracket : text, ':');
	size_t len = colon ? (size_t)(colon - text) : strlen(text);
	struct rule rule = { 0 };
	char host[HOST_MAX + 1];
	int rc;

	if (colon && !bracket && strchr(colon + 1, ':')) {
		refuse(text, "has more than one colon", f);
		fault_hint(f, "an IPv6 address stands in brackets");
		return -EINVAL;
	}
	if (len == 0 || len >= sizeof(host))
		return refuse(text, "is not a name, address or prefix", f);
	memcpy(host, text, len);
	/* the root's dot, as in a resolver's input */
	if (len > 2 && host[len - 1] == '.')
		len--;
	host[len] = '\0';
	rc = parse_host(text, host, &rule, f);
	if (rc == 0 && colon)
		rc = parse_ports(text, colon + 1, &rule, f);
	if (rc == 0)
		*r = rule;
	return rc;
}
