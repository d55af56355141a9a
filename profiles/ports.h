/* SPDX-License-Identifier: GPL-3.0-or-later */
/* profiles/ports.h - numbers and ranges of TCP ports, in text */
#ifndef PROFILES_PORTS_H
#define PROFILES_PORTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"

struct port_range {
	uint16_t first, last; /* host order, 1 and up, both included */
};

/**
 * ports_parse() - "80", "6660-6669", several of them; pure
 * @separators: bytes that stand between two; one of " \t" may be repeated
 * @out: room for @max ranges, in the order of @text
 *
 * Return: how many; -EINVAL, or -E2BIG for more than @max, with the message
 * in @f.
 */
int ports_parse(const char *text, const char *separators,
		struct port_range *out, size_t max, struct fault *f);

/**
 * ports_parse_pair() - "80:8080", or "80" for "80:80"; pure
 *
 * Return: 0, or -EINVAL with the message in @f.
 */
int ports_parse_pair(const char *text, uint16_t *first, uint16_t *second,
		     struct fault *f);

#endif
