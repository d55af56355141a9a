/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ctl/json.h - results for programs (jansson) */
#ifndef CTL_JSON_H
#define CTL_JSON_H

#include <stdint.h>
#include <stdio.h>

#include <jansson.h>

/** json_set_text() - a member of any bytes; invalid UTF-8 is replaced */
void json_set_text(json_t *object, const char *key, const char *text);

/** json_set_time() - a member in RFC 3339, UTC; null where @us is 0 */
void json_set_time(json_t *object, const char *key, int64_t us);

/** json_set_int() - a member that is a number */
void json_set_int(json_t *object, const char *key, int64_t value);

/** json_print_line() - the same on one line, and flush @out */
void json_print_line(json_t *value, FILE *out);

/** json_print() - print and release @value, one line break after it */
void json_print(json_t *value, FILE *out);

#endif
