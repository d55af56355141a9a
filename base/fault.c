/* SPDX-License-Identifier: GPL-3.0-or-later */
/* base/fault.c - what failed, on what, and why: fixed size, no heap */
#include "base/fault.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int fault_set(struct fault *f, int err, const char *fmt, ...)
{
	va_list ap;

	if (err < 0)
		err = -err;
	if (f) {
		f->err = err;
		f->hint[0] = '\0';
		va_start(ap, fmt);
		vsnprintf(f->what, sizeof(f->what), fmt, ap);
		va_end(ap);
	}
	return err ? -err : -EINVAL;
}

int fault_errno(const struct fault *f)
{
	return f->err > 0 ? -f->err : -EINVAL;
}

void fault_hint(struct fault *f, const char *fmt, ...)
{
	va_list ap;

	if (!f)
		return;
	va_start(ap, fmt);
	vsnprintf(f->hint, sizeof(f->hint), fmt, ap);
	va_end(ap);
}

/* What is quoted from the user may hold what a terminal would obey. */
static void defuse(char *s)
{
	for (unsigned char *p = (unsigned char *)s; *p; p++) {
		if (*p < 0x20 || *p == 0x7f)
			*p = '?';
		/* C1 controls in UTF-8: c2 80 to c2 9f */
		if (p[0] == 0xc2 && p[1] >= 0x80 && p[1] <= 0x9f)
			p[0] = p[1] = '?';
	}
}

void fault_format(const struct fault *f, char *buf, size_t len)
{
	const char *why = f->err ? strerrordesc_np(f->err) : NULL;
	char unknown[32];

	if (f->err && !why) {
		snprintf(unknown, sizeof(unknown), "error %d", f->err);
		why = unknown;
	}
	snprintf(buf, len, "%s%s%s%s%s%s%s", f->stage, f->stage[0] ? ": " : "",
		 f->what, why ? ": " : "", why ? why : "",
		 f->hint[0] ? "; " : "", f->hint);
	defuse(buf);
}
