/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gateway/ctltext.h - pieces of a control port's line (pure) */
#ifndef GATEWAY_CTLTEXT_H
#define GATEWAY_CTLTEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

/* Not terminated. */
struct ctl_text {
	const char *p;
	size_t len;
};

/**
 * ctl_text_is_printable() - ASCII from space to tilde and nothing else
 */
bool ctl_text_is_printable(struct ctl_text t);

/**
 * ctl_text_word() - cut the first word off
 * @rest: moved past it and the one space behind it
 * @word: set on success
 *
 * Return: false where there is no word, or where a space is followed by a
 * second or by the end.
 */
bool ctl_text_word(struct ctl_text *rest, struct ctl_text *word);

/**
 * ctl_text_item() - cut off what is before a separator, or all
 * @rest: moved past the separator
 *
 * Return: false where the item or what follows a separator is empty.
 */
bool ctl_text_item(struct ctl_text *rest, char separator,
		   struct ctl_text *item);

/**
 * ctl_text_is(), ctl_text_is_any_case() - compare with a string
 */
bool ctl_text_is(struct ctl_text t, const char *s);
bool ctl_text_is_any_case(struct ctl_text t, const char *s);

/**
 * ctl_text_after() - what follows a prefix
 *
 * Return: false where @t does not begin with it.
 */
bool ctl_text_after(struct ctl_text t, const char *prefix,
		    struct ctl_text *rest);

/**
 * ctl_text_is_hex() - hexadecimal digits, at least one
 */
bool ctl_text_is_hex(struct ctl_text t);

/**
 * ctl_text_port() - 1 to 65535, decimal, no zero in front
 */
bool ctl_text_port(struct ctl_text t, uint16_t *port);

#endif
