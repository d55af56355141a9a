/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/fuzz/fuzz_profile.c - any bytes as a profile, then as an option */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "profiles/parse.h"
#include "profiles/profile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static int include_any(void *ctx, const char *name, const char *origin,
		       struct fault *f)
{
	(void)ctx;
	if (!profile_name_is_valid(name))
		abort(); /* only names may come out of a file */
	return name[0] == 'x' ? parse_fault(f, origin, "no x") : 0;
}

/* What a good profile explains must be readable, line by line, again. */
static void explain(const struct profile *p)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	if (!out || profile_explain(p, NULL, out, NULL) < 0)
		abort();
	fclose(out);
	for (size_t i = 0; i < len; i++)
		if (((unsigned char)text[i] < 0x20 && text[i] != '\n' &&
		     text[i] != '\t') ||
		    text[i] == 0x7f)
			abort(); /* nothing that moves a cursor */
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct profile *p = profile_new("fuzz");
	char *option = xstrndup((const char *)data, len);
	struct fault f = { 0 };
	int rc;

	rc = profile_parse_text(p, "/f", (const char *)data, len, include_any,
				NULL, &f);
	if (rc < 0 && strncmp(f.what, "/f:", 3) != 0)
		abort(); /* every message says where */
	if (rc == 0)
		explain(p);
	profile_free(p);
	p = profile_new("fuzz");
	f = (struct fault){ 0 };
	rc = profile_set(p, option, "--set", &f);
	if (rc < 0 && strncmp(f.what, "--set:", 6) != 0)
		abort();
	if (rc == 0)
		explain(p);
	profile_free(p);
	free(option);
	return 0;
}
