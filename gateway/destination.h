/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gateway/destination.h - where an application may go, in every spelling */
#ifndef GATEWAY_DESTINATION_H
#define GATEWAY_DESTINATION_H

#include <stddef.h>
#include <stdint.h>

/* Longest name without the final dot (RFC 1035 s2.3.4). */
#define DESTINATION_NAME_MAX 253

enum destination_kind {
	DESTINATION_UNSET = 0,
	DESTINATION_NAME,
	DESTINATION_V4,
	DESTINATION_V6,
};

enum destination_verdict {
	DESTINATION_OK = 0,
	/* only this machine or its network could answer, or would learn it */
	DESTINATION_INTERNAL,
	/* neither a host name nor an address, whatever a resolver makes of it
	 */
	DESTINATION_INVALID,
};

/* One canonical form for every spelling: what is compared, hashed and sent. */
struct destination {
	enum destination_kind kind;
	/* lower case, no final dot; "" for an address */
	char name[DESTINATION_NAME_MAX + 1];
	uint8_t addr[16]; /* 4 or 16 bytes, network order */
	uint16_t port;    /* host order; the caller's, not looked at here */
};

/**
 * destination_from_name() - judge a host name or an address in text
 * @text: @len bytes from the application: any bytes, NUL included
 * @len: any length
 * @d: name, kind and addr are set unless the verdict is invalid
 *
 * Everything that inet_aton(3) takes for an address is one here too, with a
 * final dot or in brackets as well. Pure.
 */
enum destination_verdict destination_from_name(const char *text, size_t len,
					       struct destination *d);

/**
 * destination_from_v4() - judge an IPv4 address
 * @addr: 4 bytes, network order
 * @d: kind and addr are set in any case
 */
enum destination_verdict destination_from_v4(const uint8_t *addr,
					     struct destination *d);

/**
 * destination_from_v6() - judge an IPv6 address and what is embedded in it
 * @addr: 16 bytes, network order
 * @d: kind and addr are set in any case; a v4-mapped one becomes IPv4
 */
enum destination_verdict destination_from_v6(const uint8_t *addr,
					     struct destination *d);

/* One tunnel can lie within another. */
#define DESTINATION_EMBEDDED_MAX 2

/**
 * destination_embedded_v4() - the IPv4 addresses inside an IPv6 one
 * @d: canonical
 * @inner: as many as returned: 4 bytes inside of @d, network order
 *
 * Those of NAT64, 6to4 and ISATAP: what is sent to @d a translator or tunnel
 * sends on to them.
 *
 * Return: how many.
 */
size_t destination_embedded_v4(const struct destination *d,
			       const uint8_t *inner[DESTINATION_EMBEDDED_MAX]);

#endif
