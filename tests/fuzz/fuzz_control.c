/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/fuzz/fuzz_control.c - hostile bytes from a control port */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tor/bootstrap.h"
#include "tor/control.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void use(const struct tor_line *line, struct tor_bootstrap *b)
{
	const char *rest = line->text;
	char value[64];

	if (tor_control_keyword(line->text, "SUMMARY", value, sizeof(value)) ==
		    1 &&
	    strlen(value) >= sizeof(value))
		abort();
	while (tor_control_quoted_next(&rest, value, sizeof(value)) == 1)
		tor_control_printable(value);
	tor_bootstrap_update(b, line->text);
	if (b->percent < 0 || b->percent > 100)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct tor_bootstrap b = { .percent = 0 };
	struct tor_control *c = calloc(1, sizeof(*c));
	size_t step = len > 0 ? data[0] + 1U : 1;
	int rc = 0;

	if (!c)
		abort();
	for (size_t at = 0; at < len && rc == 0;) {
		struct tor_line line;
		size_t room, n = len - at < step ? len - at : step;
		char *to = tor_control_room(c, &room);

		if (room == 0)
			abort();
		n = n < room ? n : room;
		memcpy(to, data + at, n);
		tor_control_filled(c, n);
		at += n;
		while ((rc = tor_control_next(c, &line)) == 1)
			use(&line, &b);
	}
	free(c);
	return 0;
}
