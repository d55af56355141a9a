/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ctl/control.c - where to log in to a tor */
#include "ctl/control.h"

#include <bsd/string.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "tor/client.h"
#include "tor/instance.h"
#include "tor/own.h"
#include "tor/torrc.h"

/* Of the system's tor, as Debian and others have it. */
static const struct {
	const char *upstream;
	const char *control;
} known[] = {
	{ "unix:/run/tor/socks", "/run/tor/control" },
	{ "127.0.0.1:9050", "/run/tor/control" },
};

/* Where @st listens, and its directory of sockets. */
static int take(const struct tor_status *st, struct tor_client_config *c,
		char socket_dir[TOR_SOCKET_DIR_MAX], struct fault *f)
{
	const char *slash = strrchr(st->socks, '/');
	int len = slash ? (int)(slash - st->socks) : 0;

	if (!slash)
		return -ENOENT;
	if (snprintf(socket_dir, TOR_SOCKET_DIR_MAX, "%.*s", len, st->socks) >=
		    TOR_SOCKET_DIR_MAX ||
	    snprintf(c->path, sizeof(c->path), "%s/" TOR_CONTROL_NAME,
		     socket_dir) >= (int)sizeof(c->path) ||
	    snprintf(c->cookie_file, sizeof(c->cookie_file),
		     "%s/" TOR_COOKIE_NAME,
		     st->data_dir) >= (int)sizeof(c->cookie_file))
		return fault_set(f, ENAMETOOLONG, "name tor's control socket");
	/* where it will be, too */
	return st->running ? 0 : -ENOENT;
}

/* Of @identity's own tor, or of everybody's: NULL. */
static int look(const char *identity, struct tor_client_config *c,
		char socket_dir[TOR_SOCKET_DIR_MAX], struct fault *f)
{
	autofree struct tor_status *st = calloc(1, sizeof(*st));
	int rc;

	if (!st)
		return fault_set(f, ENOMEM, "look for tor");
	rc = identity ? tor_own_status(identity, st, f)
		      : tor_instance_status(st, f);
	return rc < 0 ? rc : take(st, c, socket_dir, f);
}

int control_own(struct tor_client_config *c,
		char socket_dir[TOR_SOCKET_DIR_MAX], struct fault *f)
{
	return look(NULL, c, socket_dir, f);
}

int control_find(const char *upstream, struct tor_client_config *c,
		 struct fault *f)
{
	char socket_dir[TOR_SOCKET_DIR_MAX] = "";
	char identity[TOR_PORT_NAME_MAX + 1];
	struct tor_client_config own = *c;
	size_t len;
	int rc;

	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (strcmp(known[i].upstream, upstream) == 0) {
			strlcpy(c->path, known[i].control, sizeof(c->path));
			return 0;
		}
	rc = look(tor_own_of(upstream, identity) ? identity : NULL, &own,
		  socket_dir, f);
	if (rc < 0 && rc != -ENOENT)
		return rc;
	len = strlen(socket_dir);
	if (len == 0 || strncmp(upstream, "unix:", 5) != 0 ||
	    strncmp(upstream + 5, socket_dir, len) != 0 ||
	    upstream[5 + len] != '/')
		return -EOPNOTSUPP;
	if (rc == 0)
		*c = own;
	return rc;
}
