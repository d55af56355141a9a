/* SPDX-License-Identifier: GPL-3.0-or-later */
/* profiles/parse.c - "key = value" lines out of bytes, by libinih (pure) */
#include "profiles/parse.h"

#include <errno.h>
#include <ini.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "profiles/profile.h"
#include "profiles/value.h"

#define PARSE_ORIGIN_MAX 120 /* of a message; the fault has 240 bytes */
#define PARSE_BLANK " \t\r"
#define PARSE_BOM "\xef\xbb\xbf"

/*
 * libinih hands out neither line numbers nor a say in its build options
 * (multi-line values, inline comments, "key: value"). So it reads through
 * parse_next(), which counts lines, and refuses beforehand what one build
 * would take differently from another.
 */
struct parse {
	const char *file, *next, *end;
	unsigned int line;
	parse_line_fn *fn;
	void *ctx;
	struct fault *f;
	int rc; /* first error; nothing is read after it */
};

int parse_fault_prefix(struct fault *f, const char *origin)
{
	size_t len = strlen(origin);
	char what[sizeof(f->what)];

	if (!f)
		return -EINVAL;
	memcpy(what, f->what, sizeof(what));
	if (len > PARSE_ORIGIN_MAX)
		snprintf(f->what, sizeof(f->what), "...%s: %.*s",
			 origin + len - PARSE_ORIGIN_MAX,
			 (int)sizeof(what) - PARSE_ORIGIN_MAX - 8, what);
	else
		snprintf(f->what, sizeof(f->what), "%s: %.*s", origin,
			 (int)(sizeof(what) - len) - 4, what);
	return -EINVAL;
}

int parse_fault(struct fault *f, const char *origin, const char *fmt, ...)
{
	char what[200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	fault_set(f, 0, "%s", what);
	return parse_fault_prefix(f, origin);
}

/* The caller's to free. */
static char *origin_of(const struct parse *p)
{
	return xasprintf("%s:%u", p->file, p->line);
}

static void refuse(struct parse *p, const char *what, const char *hint)
{
	autofree char *origin = origin_of(p);

	p->rc = parse_fault(p->f, origin, "%s", what);
	if (hint)
		fault_hint(p->f, "%s", hint);
}

/* libinih and people disagree on where a comment begins: let neither guess. */
static bool has_comment(const char *value)
{
	for (const char *s = value; *s; s++)
		if ((*s == ';' || *s == '#') &&
		    (s == value || s[-1] == ' ' || s[-1] == '\t'))
			return true;
	return false;
}

/* Refuse a trimmed, non-empty line that is not a comment nor key = value. */
static bool is_fine(struct parse *p, const char *line)
{
	bool comment = line[0] == ';' || line[0] == '#';
	const char *eq = strchr(line, '=');

	if (value_has_control(line))
		refuse(p, "control character", NULL);
	else if (line[0] == '[')
		refuse(p, "sections are not used", "keys stand alone");
	else if (!comment && (!eq || line[strcspn(line, "=:")] == ':'))
		refuse(p, "not a \"key = value\" line", NULL);
	else if (eq == line)
		refuse(p, "no key before \"=\"", NULL);
	else if (!comment && has_comment(eq + 1))
		refuse(p, "comment after a value",
		       "put it on a line of its own");
	return p->rc == 0;
}

/* ini_reader: the next line, trimmed; NULL at the end or after an error. */
static char *parse_next(char *buf, int size, void *stream)
{
	struct parse *p = stream;
	const char *line = p->next, *stop;
	size_t len;

	if (p->rc < 0 || line == p->end)
		return NULL;
	p->line++;
	stop = memchr(line, '\n', (size_t)(p->end - line));
	p->next = stop ? stop + 1 : p->end;
	len = (size_t)((stop ? stop : p->end) - line);
	if (memchr(line, '\0', len)) {
		refuse(p, "NUL byte", NULL);
		return NULL;
	}
	while (len > 0 && strchr(PARSE_BLANK, line[len - 1]))
		len--;
	/* an indented line is a line like others, not the value's next part */
	while (len > 0 && strchr(" \t", *line)) {
		line++;
		len--;
	}
	if (len > PROFILE_LINE_MAX_BYTES || size <= 0 || len >= (size_t)size) {
		autofree char *what = xasprintf("line of over %d bytes",
						PROFILE_LINE_MAX_BYTES);

		refuse(p, what, NULL);
		return NULL;
	}
	memcpy(buf, line, len);
	buf[len] = '\0';
	return len == 0 || is_fine(p, buf) ? buf : NULL;
}

/* ini_handler: one key and its value. */
static int parse_pair(void *user, const char *section, const char *key,
		      const char *value)
{
	struct parse *p = user;
	autofree char *origin = origin_of(p);

	(void)section;
	p->rc = p->fn(p->ctx, key, value ? value : "", origin, p->f);
	return p->rc == 0;
}

int parse_text(const char *file, const char *text, size_t len,
	       parse_line_fn *line, void *ctx, struct fault *f)
{
	struct parse p = {
		.file = file,
		.next = text,
		.end = text + len,
		.fn = line,
		.ctx = ctx,
		.f = f,
	};
	int bad;

	if (len >= 3 && memcmp(text, PARSE_BOM, 3) == 0)
		p.next += 3;
	bad = ini_parse_stream(parse_next, &p, parse_pair, &p);
	if (p.rc == 0 && bad) /* libinih refused what is_fine() let pass */
		refuse(&p, "not a \"key = value\" line", NULL);
	return p.rc;
}
