/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ctl/table.h - aligned columns, with colours on a terminal */
#ifndef CTL_TABLE_H
#define CTL_TABLE_H

#include <stddef.h>
#include <stdio.h>

#define TABLE_COLUMNS_MAX 8

enum table_tone {
	TABLE_PLAIN = 0,
	TABLE_STRONG,
	TABLE_GOOD,
	TABLE_WARN,
	TABLE_BAD,
};

struct table_cell {
	char *text; /* printable, owned */
	enum table_tone tone;
};

/* Zero-initialised, with @columns set, is empty. */
struct table {
	size_t columns; /* at most TABLE_COLUMNS_MAX */
	struct table_cell *cells;
	size_t n; /* cells, filled row by row */
};

/**
 * table_add() - append one cell; a row is full after @columns of them
 * @text: any bytes, made printable and copied
 */
void table_add(struct table *t, enum table_tone tone, const char *text);

/** table_print() - all rows; colours only where @out is a terminal */
void table_print(const struct table *t, FILE *out);

/** table_free() - free all cells and make it empty */
void table_free(struct table *t);

/** table_has_colour() - may @out be given colours (also: no NO_COLOR) */
int table_has_colour(FILE *out);

#endif
