/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ctl/elsewhere.c - sandboxes that use another tor than isolate's own */
#include "ctl/elsewhere.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "ctl/sandboxes.h"
#include "tor/instance.h"
#include "tor/own.h"

#define PATIENT_MS 2000

/* beside @socks, as the SocksPorts of identities are */
static bool is_beside(const char *path, const char *socks)
{
	const char *end = strrchr(socks, '/');
	size_t len = end ? (size_t)(end - socks) + 1 : 0;

	return len > 0 && strncmp(path, socks, len) == 0;
}

static bool is_own(const char *upstream, const struct tor_status *common)
{
	struct tor_status *st = calloc(1, sizeof(*st));
	autofree void *owner = st;
	char name[TOR_PORT_NAME_MAX + 1];

	if (strncmp(upstream, "unix:", 5) != 0)
		return false;
	if (is_beside(upstream + 5, common->socks))
		return true;
	/* the form alone is anybody's */
	return st && tor_own_of(upstream, name) &&
	       tor_own_status(name, st, NULL) == 0 &&
	       strcmp(upstream + 5, st->socks) == 0;
}

int elsewhere_count(size_t *n, struct fault *f)
{
	struct tor_status *common = calloc(1, sizeof(*common));
	autofree void *owner = common;
	struct sandboxes s = { .n = 0 };
	size_t count = 0;
	int rc;

	if (!common)
		return fault_set(f, ENOMEM, "look at what runs");
	rc = tor_instance_status(common, f);
	if (rc == 0)
		rc = sandboxes_status(&s, PATIENT_MS, f);
	for (size_t i = 0; rc == 0 && i < s.n; i++) {
		const char *upstream = s.v[i].answer.upstream;

		/* without a network there is none */
		count += upstream[0] && !is_own(upstream, common);
	}
	sandboxes_free(&s);
	if (rc == 0)
		*n = count;
	return rc;
}
