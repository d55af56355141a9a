/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ctl/json.c - results for programs (jansson) */
#include "ctl/json.h"

#include <stdlib.h>

#include "base/attr.h"
#include "ctl/text.h"

void json_set_text(json_t *object, const char *key, const char *text)
{
	autofree char *utf8 = text_utf8(text);

	json_object_set_new(object, key, json_string(utf8));
}

void json_set_time(json_t *object, const char *key, int64_t us)
{
	char buf[TEXT_TIME_LEN];

	text_time_utc(us, buf);
	json_object_set_new(object, key, us ? json_string(buf) : json_null());
}

void json_set_int(json_t *object, const char *key, int64_t value)
{
	json_object_set_new(object, key, json_integer(value));
}

void json_print_line(json_t *value, FILE *out)
{
	json_dumpf(value, out, JSON_COMPACT);
	fputc('\n', out);
	fflush(out);
	json_decref(value);
}

void json_print(json_t *value, FILE *out)
{
	json_dumpf(value, out, JSON_INDENT(2));
	fputc('\n', out);
	json_decref(value);
}
