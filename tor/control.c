/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tor/control.c - what tor's control port sends: bytes in, lines out */
#include "tor/control.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_octal(char c)
{
	return c >= '0' && c <= '7';
}

void tor_control_init(struct tor_control *c)
{
	/* not @buf: touching all its pages takes longer than a reply */
	c->start = c->end = 0;
	c->body = 0;
	c->broken = 0;
}

char *tor_control_room(struct tor_control *c, size_t *room)
{
	if (c->start > 0) {
		memmove(c->buf, c->buf + c->start, c->end - c->start);
		c->end -= c->start;
		c->start = 0;
	}
	*room = sizeof(c->buf) - c->end;
	return c->buf + c->end;
}

void tor_control_filled(struct tor_control *c, size_t n)
{
	c->end += n;
}

/* "250-text": code, kind and text of @line from @s */
static int parse_line(const char *s, size_t len, struct tor_line *line)
{
	if (len < 4 || s[0] < '1' || s[0] > '6' || !is_digit(s[1]) ||
	    !is_digit(s[2]))
		return -EPROTO;
	line->code = (s[0] - '0') * 100 + (s[1] - '0') * 10 + (s[2] - '0');
	line->text = s + 4;
	switch (s[3]) {
	case ' ':
		line->kind = TOR_LINE_END;
		return 0;
	case '-':
		line->kind = TOR_LINE_MID;
		return 0;
	case '+':
		line->kind = TOR_LINE_PLUS;
		return 0;
	default:
		return -EPROTO;
	}
}

/* a line of the body of a '+' line, control-spec s2.3 CmdData */
static void take_body(struct tor_control *c, char *s, struct tor_line *line)
{
	line->code = c->body;
	line->kind = TOR_LINE_DATA;
	line->text = s[0] == '.' ? s + 1 : s;
	if (strcmp(s, ".") == 0) {
		line->kind = TOR_LINE_FINISH;
		c->body = 0;
	}
}

static int take_line(struct tor_control *c, struct tor_line *line)
{
	char *s = c->buf + c->start, *lf;
	size_t len;
	int rc;

	lf = memchr(s, '\n', c->end - c->start);
	if (!lf) {
		/* only a buffer full from its first byte cannot get an end */
		if (c->start == 0 && c->end == sizeof(c->buf))
			return -EMSGSIZE;
		return 0;
	}
	len = (size_t)(lf - s);
	/* a line ends in CRLF and holds neither of them, nor NUL */
	if (len == 0 || s[len - 1] != '\r')
		return -EPROTO;
	s[--len] = '\0';
	if (strlen(s) != len || memchr(s, '\r', len))
		return -EPROTO;
	c->start += len + 2;
	if (c->body) {
		take_body(c, s, line);
		return 1;
	}
	rc = parse_line(s, len, line);
	if (rc < 0)
		return rc;
	if (line->kind == TOR_LINE_PLUS)
		c->body = line->code;
	return 1;
}

int tor_control_next(struct tor_control *c, struct tor_line *line)
{
	int rc;

	if (c->broken)
		return c->broken;
	rc = take_line(c, line);
	if (rc < 0)
		c->broken = rc;
	return rc;
}

static int put(char *value, size_t len, size_t *n, char c)
{
	if (c == '\0')
		return -EPROTO;
	if (*n + 1 >= len)
		return -ENOBUFS;
	value[(*n)++] = c;
	return 0;
}

/* what follows a backslash; @s is moved past it */
static int unescape(const char **s, char *c)
{
	int n = 0;

	switch (**s) {
	case '\0':
		return -EPROTO;
	case 'n':
		*c = '\n';
		break;
	case 't':
		*c = '\t';
		break;
	case 'r':
		*c = '\r';
		break;
	default:
		if (!is_octal(**s)) {
			*c = **s;
			break;
		}
		for (int i = 0; i < 3 && is_octal(**s); i++, (*s)++)
			n = n * 8 + (**s - '0');
		if (n > 255)
			return -EPROTO;
		*c = (char)n;
		return 0;
	}
	(*s)++;
	return 0;
}

/* @s at the opening quote; moved past the closing one. @value may be NULL */
static int read_quoted(const char **s, char *value, size_t len)
{
	size_t n = 0;
	char c;
	int rc;

	for ((*s)++; **s != '"';) {
		if (**s == '\0')
			return -EPROTO;
		c = *(*s)++;
		if (c == '\\') {
			rc = unescape(s, &c);
			if (rc < 0)
				return rc;
		}
		if (!value)
			continue;
		rc = put(value, len, &n, c);
		if (rc < 0)
			return rc;
	}
	(*s)++;
	if (value)
		value[n] = '\0';
	return 0;
}

/* a value, quoted or up to the next space; @value may be NULL */
static int read_value(const char **s, char *value, size_t len)
{
	size_t n = strcspn(*s, " ");

	if (**s == '"') {
		int rc = read_quoted(s, value, len);

		if (rc < 0)
			return rc;
		return **s == ' ' || **s == '\0' ? 0 : -EPROTO;
	}
	if (value) {
		if (n >= len)
			return -ENOBUFS;
		memcpy(value, *s, n);
		value[n] = '\0';
	}
	*s += n;
	return 0;
}

int tor_control_keyword(const char *text, const char *key, char *value,
			size_t len)
{
	size_t keylen = strlen(key);
	const char *s = text;

	for (;;) {
		size_t n;
		bool wanted;
		int rc;

		s += strspn(s, " ");
		if (*s == '\0')
			return 0;
		n = strcspn(s, " =\"");
		if (s[n] != '=') {
			/* a word alone, or a quoted string alone */
			s += n;
			rc = *s == '"' ? read_value(&s, NULL, 0) : 0;
			if (rc < 0)
				return rc;
			continue;
		}
		wanted = n == keylen && memcmp(s, key, n) == 0;
		s += n + 1;
		rc = read_value(&s, wanted ? value : NULL, len);
		if (rc < 0)
			return rc;
		if (wanted)
			return 1;
	}
}

int tor_control_quoted_next(const char **rest, char *value, size_t len)
{
	int rc;

	*rest += strspn(*rest, " ");
	if (**rest == '\0')
		return 0;
	if (**rest != '"')
		return -EPROTO;
	rc = read_value(rest, value, len);
	return rc < 0 ? rc : 1;
}

int tor_control_quote(const char *text, char *quoted, size_t len)
{
	size_t n = 0;

	if (len < 3)
		return -ENAMETOOLONG;
	quoted[n++] = '"';
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;
		bool plain = c >= ' ' && c <= '~' && c != '"' && c != '\\';

		/* the longest escape, the closing quote, NUL */
		if (n + 6 > len)
			return -ENAMETOOLONG;
		if (plain)
			quoted[n++] = (char)c;
		else
			n += (size_t)snprintf(quoted + n, 5, "\\%03o", c);
	}
	quoted[n++] = '"';
	quoted[n] = '\0';
	return 0;
}

void tor_control_printable(char *text)
{
	for (; *text; text++)
		if (*text < ' ' || *text > '~')
			*text = '?';
}
