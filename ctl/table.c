/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ctl/table.c - aligned columns, with colours on a terminal */
#include "ctl/table.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "ctl/text.h"

/* ECMA-48 s8.3.117 */
static const char *const tones[] = {
	[TABLE_PLAIN] = "",        [TABLE_STRONG] = "\033[1m",
	[TABLE_GOOD] = "\033[32m", [TABLE_WARN] = "\033[33m",
	[TABLE_BAD] = "\033[31m",
};

void table_add(struct table *t, enum table_tone tone, const char *text)
{
	t->cells = xreallocarray(t->cells, t->n + 1, sizeof(*t->cells));
	t->cells[t->n++] = (struct table_cell){
		.text = text_printable(text),
		.tone = tone,
	};
}

int table_has_colour(FILE *out)
{
	const char *no = getenv("NO_COLOR");
	const char *term = getenv("TERM");
	int fd = fileno(out);

	return fd >= 0 && isatty(fd) && !(no && *no) &&
	       !(term && strcmp(term, "dumb") == 0);
}

static void print_cell(const struct table_cell *c, size_t pad, int colour,
		       FILE *out)
{
	const char *tone = colour ? tones[c->tone] : "";

	fprintf(out, "%s%s%s", tone, c->text, *tone ? "\033[0m" : "");
	if (pad)
		fprintf(out, "%*s", (int)pad, "");
}

void table_print(const struct table *t, FILE *out)
{
	size_t widths[TABLE_COLUMNS_MAX] = { 0 };
	int colour = table_has_colour(out);

	for (size_t i = 0; i < t->n; i++) {
		size_t width = text_width(t->cells[i].text);

		if (width > widths[i % t->columns])
			widths[i % t->columns] = width;
	}
	for (size_t i = 0; i < t->n; i++) {
		size_t column = i % t->columns;
		size_t pad = widths[column] + 2 - text_width(t->cells[i].text);

		if (column == t->columns - 1) {
			print_cell(&t->cells[i], 0, colour, out);
			fputc('\n', out);
		} else
			print_cell(&t->cells[i], pad, colour, out);
	}
}

void table_free(struct table *t)
{
	for (size_t i = 0; i < t->n; i++)
		free(t->cells[i].text);
	free(t->cells);
	*t = (struct table){ .columns = t->columns };
}
