/* SPDX-License-Identifier: GPL-3.0-or-later */
/* profiles/pattern.h - an item of allow-destinations, deny-destinations */
#ifndef PROFILES_PATTERN_H
#define PROFILES_PATTERN_H

#include "base/fault.h"
#include "base/rule.h"

/**
 * pattern_parse() - one destination pattern; pure
 * @text: HOST[:PORTS]; HOST is a name, *.NAME, IPv4 address or prefix, IPv6
 *        ones in brackets, or * for all; PORTS are numbers and ranges with
 *        commas between them
 * @r: set on success; @r->deny is false
 *
 * Return: 0, or -EINVAL with the message and hint in @f.
 */
int pattern_parse(const char *text, struct rule *r, struct fault *f);

#endif
