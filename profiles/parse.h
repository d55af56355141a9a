/* SPDX-License-Identifier: GPL-3.0-or-later */
/* profiles/parse.h - "key = value" lines out of bytes, by libinih (pure) */
#ifndef PROFILES_PARSE_H
#define PROFILES_PARSE_H

#include <stddef.h>

#include "base/attr.h"
#include "base/fault.h"

/**
 * parse_line_fn - takes one "key = value" line
 * @origin: "FILE:LINE", valid for the call
 *
 * Return: 0 or -errno with the whole message in @f; ends the parse.
 */
typedef int parse_line_fn(void *ctx, const char *key, const char *value,
			  const char *origin, struct fault *f);

/**
 * parse_text() - give each line of a text to a function
 * @file: its path, for messages
 * @text: @len bytes, any bytes at all; a UTF-8 byte order mark and CRLF
 *        line ends are taken, other control characters refused
 *
 * Return: 0, or -errno with "FILE:LINE: message" in @f.
 */
int parse_text(const char *file, const char *text, size_t len,
	       parse_line_fn *line, void *ctx, struct fault *f);

/**
 * parse_fault() - record "ORIGIN: message"
 * @origin: "FILE:LINE" or an option; long ones lose their beginning
 *
 * Return: -EINVAL.
 */
int parse_fault(struct fault *f, const char *origin, const char *fmt, ...)
	attr_printf(3, 4);

/**
 * parse_fault_prefix() - put "ORIGIN: " before what @f says; keeps its hint
 *
 * Return: -EINVAL.
 */
int parse_fault_prefix(struct fault *f, const char *origin);

#endif
