/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tor/bridge.h - one bridge line: text in, fields out; no system calls */
#ifndef TOR_BRIDGE_H
#define TOR_BRIDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"

/* The longest line that is read, without its end. */
#define TOR_BRIDGE_LINE_MAX 1024
/* tor hands them on as SOCKS5 user name and password (pt-spec s3.4) */
#define TOR_BRIDGE_ARGS_MAX 510

enum tor_transport {
	TOR_TRANSPORT_NONE = 0, /* tor's own protocol, plain */
	TOR_TRANSPORT_OBFS4,
	TOR_TRANSPORT_WEBTUNNEL,
	TOR_TRANSPORT_SNOWFLAKE,
	TOR_TRANSPORTS, /* how many */
};

struct tor_bridge {
	enum tor_transport transport;
	char address[64];     /* "192.0.2.1:443" or "[2001:db8::1]:443" */
	uint16_t port;        /* host order */
	char fingerprint[41]; /* 40 capital hexadecimal digits */
	char args[TOR_BRIDGE_ARGS_MAX + 1]; /* "KEY=VALUE ...", may be "" */
};

/**
 * tor_transport_name() - as bridge lines have it; "" for TOR_TRANSPORT_NONE
 */
const char *tor_transport_name(enum tor_transport transport);

/**
 * tor_bridge_parse() - read one line as a bridge distributor gives it
 * @line: "[Bridge] [TRANSPORT] ADDRESS:PORT FINGERPRINT [KEY=VALUE...]"
 * @b: set on success
 * @f: says what is wrong with it
 *
 * Strict: it comes from a web page or a mail, and goes into a torrc. Refused
 * are control characters, line breaks above all; what a torrc does not take
 * as it is ('#', quotes, backslashes); names instead of addresses; a bridge
 * without a fingerprint, which could be anybody; arguments that are missing
 * or that the transport does not know.
 *
 * Return: 0 or -EINVAL.
 */
int tor_bridge_parse(const char *line, struct tor_bridge *b, struct fault *f);

/**
 * tor_bridge_format() - the line again, in one form, made of checked fields
 */
void tor_bridge_format(const struct tor_bridge *b,
		       char line[TOR_BRIDGE_LINE_MAX]);

/**
 * tor_bridge_is_same() - is it the same bridge by the same way
 *
 * Arguments may differ: a new certificate replaces the old.
 */
bool tor_bridge_is_same(const struct tor_bridge *a, const struct tor_bridge *b);

#endif
