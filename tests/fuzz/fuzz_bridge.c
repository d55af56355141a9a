/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/fuzz/fuzz_bridge.c - hostile bridge lines */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tor/bridge.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* what was taken goes into a torrc: one line, and read again it is the same */
static void check(const struct tor_bridge *b)
{
	char line[TOR_BRIDGE_LINE_MAX], again[TOR_BRIDGE_LINE_MAX];
	struct tor_bridge same;

	tor_bridge_format(b, line);
	for (const char *s = line; *s; s++)
		if (*s < ' ' || *s > '~' || strchr("#\"\\", *s))
			abort();
	if (tor_bridge_parse(line, &same, NULL) < 0 ||
	    !tor_bridge_is_same(b, &same))
		abort();
	tor_bridge_format(&same, again);
	if (strcmp(line, again) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct tor_bridge b;
	struct fault f = { .err = 0 };
	char *text = malloc(len + 1);

	if (!text)
		abort();
	memcpy(text, data, len);
	text[len] = '\0';
	if (tor_bridge_parse(text, &b, &f) == 0)
		check(&b);
	else if (!f.what[0])
		abort();
	free(text);
	return 0;
}
