/* SPDX-License-Identifier: GPL-3.0-or-later */
/* base/rule.c - one rule about destinations, and its form in GWMSG_POLICY */
#include "base/rule.h"

#include <string.h>

_Static_assert(RULE_NAME_MAX <= UINT8_MAX && RULE_PORTS_MAX <= UINT8_MAX,
	       "lengths are one byte");
_Static_assert(RULE_KINDS <= RULE_DENY, "kind and flag share a byte");

static bool is_name_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
	       c == '_';
}

bool rule_name_is_valid(const char *name, size_t len)
{
	size_t label = 0;

	if (len == 0 || len > RULE_NAME_MAX)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (name[i] == '.' && label == 0)
			return false;
		label = name[i] == '.' ? 0 : label + 1;
		if (label > 63 || (label > 0 && !is_name_byte(name[i])))
			return false;
	}
	return label > 0;
}

bool rule_has_host_bits(const uint8_t *addr, size_t size, unsigned int bits)
{
	for (size_t i = bits; i < 8 * size; i++)
		if (addr[i / 8] >> (7 - i % 8) & 1)
			return true;
	return false;
}

static bool is_name_kind(enum rule_kind kind)
{
	return kind == RULE_NAME || kind == RULE_BELOW;
}

/* Bytes of name or address; the name's are given by whoever has it. */
static size_t target_size(enum rule_kind kind, size_t name)
{
	if (is_name_kind(kind))
		return name;
	if (kind == RULE_V4)
		return 4;
	return kind == RULE_V6 ? 16 : 0;
}

size_t rule_encode(const struct rule *r, uint8_t *out, size_t room)
{
	size_t size = target_size(r->kind, strlen(r->name));
	size_t all = RULE_HEAD_BYTES + size + RULE_PORTS_BYTES * r->nports;

	if (all > room)
		return 0;
	out[0] = (uint8_t)((unsigned int)r->kind | (r->deny ? RULE_DENY : 0));
	out[1] = (uint8_t)size;
	out[2] = r->bits;
	out[3] = r->nports;
	out += RULE_HEAD_BYTES;
	if (is_name_kind(r->kind))
		memcpy(out, r->name, size);
	else
		memcpy(out, r->addr, size);
	out += size;
	for (size_t i = 0; i < r->nports; i++, out += RULE_PORTS_BYTES) {
		out[0] = (uint8_t)(r->ports[i].first >> 8);
		out[1] = (uint8_t)r->ports[i].first;
		out[2] = (uint8_t)(r->ports[i].last >> 8);
		out[3] = (uint8_t)r->ports[i].last;
	}
	return all;
}

static bool decode_target(const uint8_t *in, size_t size, struct rule *r)
{
	if (size != target_size(r->kind, size))
		return false;
	if (is_name_kind(r->kind)) {
		if (r->bits != 0 || !rule_name_is_valid((const char *)in, size))
			return false;
		memcpy(r->name, in, size);
		return true;
	}
	memcpy(r->addr, in, size);
	return r->bits <= 8 * size &&
	       !rule_has_host_bits(r->addr, size, r->bits);
}

static bool decode_ports(const uint8_t *in, struct rule *r)
{
	for (size_t i = 0; i < r->nports; i++, in += RULE_PORTS_BYTES) {
		struct rule_ports *p = &r->ports[i];

		p->first = (uint16_t)(in[0] << 8 | in[1]);
		p->last = (uint16_t)(in[2] << 8 | in[3]);
		if (p->first == 0 || p->first > p->last)
			return false;
	}
	return true;
}

size_t rule_decode(const uint8_t *in, size_t len, struct rule *r)
{
	struct rule rule = { 0 };
	unsigned int kind;
	size_t size, all;

	if (len < RULE_HEAD_BYTES)
		return 0;
	kind = in[0] & ~(unsigned int)RULE_DENY;
	if (kind == RULE_UNSET || kind >= RULE_KINDS || in[3] > RULE_PORTS_MAX)
		return 0;
	rule.kind = (enum rule_kind)kind;
	rule.deny = in[0] & RULE_DENY;
	size = in[1];
	rule.bits = in[2];
	rule.nports = in[3];
	all = RULE_HEAD_BYTES + size + (size_t)RULE_PORTS_BYTES * rule.nports;
	if (len < all || !decode_target(in + RULE_HEAD_BYTES, size, &rule) ||
	    !decode_ports(in + RULE_HEAD_BYTES + size, &rule))
		return 0;
	*r = rule;
	return all;
}
