/* SPDX-License-Identifier: GPL-3.0-or-later */
/* base/fault.h - what failed, on what, and why: fixed size, no heap */
#ifndef BASE_FAULT_H
#define BASE_FAULT_H

#include "base/attr.h"

/* Can be written down a pipe by a child that must not print or allocate. */
struct fault {
	char stage[24]; /* name of the step, "" where there is none */
	char what[240]; /* what was attempted, on what */
	char hint[240]; /* the next action, "" where we know none */
	int err;        /* errno value (positive); 0: @what says it all */
};

/**
 * fault_set() - record what was attempted and why it failed
 * @f: overwritten (stage is kept); may be NULL
 * @err: errno value, positive or negative; 0 where the text says it all
 * @fmt: printf format of what was attempted, on what
 *
 * Return: -@err (as negative errno), -EINVAL when @err is 0, so that a
 * caller can `return fault_set(f, errno, "bind %s", path);`
 */
int fault_set(struct fault *f, int err, const char *fmt, ...) attr_printf(3, 4);

/**
 * fault_errno() - a recorded fault as a negative errno
 *
 * Return: negative, whatever @f->err is: it may come from another process.
 */
int fault_errno(const struct fault *f);

/**
 * fault_hint() - add the next action to a recorded fault
 * @f: may be NULL
 * @fmt: printf format, one sentence
 */
void fault_hint(struct fault *f, const char *fmt, ...) attr_printf(2, 3);

/**
 * fault_format() - one line for a person: "stage: what: reason (hint)"
 * @f: a recorded fault
 * @buf: written, always NUL-terminated when @len is not 0
 * @len: size of @buf in bytes
 */
void fault_format(const struct fault *f, char *buf, size_t len);

#endif
