/* SPDX-License-Identifier: GPL-3.0-or-later */
/* base/rule.h - one rule about destinations, and its form in GWMSG_POLICY */
#ifndef BASE_RULE_H
#define BASE_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RULE_NAME_MAX 253 /* RFC 1035 s2.3.4, without the final dot */
#define RULE_PORTS_MAX 16
/* Head, name or address, ports. */
#define RULE_HEAD_BYTES 4
#define RULE_PORTS_BYTES 4
#define RULE_DENY 0x80 /* in the first byte, with the kind */
#define RULE_BYTES_MAX                                                         \
	(RULE_HEAD_BYTES + RULE_NAME_MAX + RULE_PORTS_MAX * RULE_PORTS_BYTES)

enum rule_kind {
	RULE_UNSET = 0,
	RULE_ANY,   /* every destination */
	RULE_NAME,  /* this name */
	RULE_BELOW, /* the names below this one, not itself */
	RULE_V4,    /* addresses that begin with these bits */
	RULE_V6,
	RULE_KINDS,
};

struct rule_ports {
	uint16_t first, last; /* host order, 1 and up, both included */
};

struct rule {
	enum rule_kind kind;
	bool deny;
	char name[RULE_NAME_MAX + 1]; /* canonical: lower case, no final dot */
	uint8_t addr[16];             /* 4 or 16 bytes, network order */
	uint8_t bits;                 /* of @addr; the rest is zero */
	uint8_t nports;               /* 0: every port */
	struct rule_ports ports[RULE_PORTS_MAX];
};

/**
 * rule_name_is_valid() - labels of a-z, 0-9, - and _ with dots between them
 */
bool rule_name_is_valid(const char *name, size_t len);

/**
 * rule_has_host_bits() - is a bit set behind the prefix
 * @size: bytes of @addr
 */
bool rule_has_host_bits(const uint8_t *addr, size_t size, unsigned int bits);

/**
 * rule_encode() - write a rule as it travels to the gateway
 * @r: must be valid: what rule_decode() would accept
 * @out: room for @room bytes
 *
 *   0     kind; RULE_DENY is added where it denies
 *   1     length of name or address
 *   2     bits of the prefix, 0 for other kinds
 *   3     number of port ranges, 0 for every port
 *   4     name (no NUL) or address
 *   ...   for each range first and last, two bytes each, network order
 *
 * Return: bytes written, 0 where there is no room.
 */
size_t rule_encode(const struct rule *r, uint8_t *out, size_t room);

/**
 * rule_decode() - read one rule, which may be any bytes
 * @r: set on success
 *
 * Return: bytes of it, 0 where it is none.
 */
size_t rule_decode(const uint8_t *in, size_t len, struct rule *r);

#endif
