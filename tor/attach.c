/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tor/attach.c - talking to the user's own tor, and to no other */
#include "tor/attach.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tor/config.h"
#include "tor/home.h"
#include "tor/talk.h"
#include "tor/torrc.h"

/* is what answers there configured by our torrc */
static int check_is_ours(const struct tor_home *h, struct tor_talk *t,
			 struct fault *f)
{
	char file[PATH_MAX];
	int rc = tor_talk_getinfo(t, "config-file", file, sizeof(file), f);

	if (rc < 0)
		return rc;
	if (strcmp(file, h->torrc) != 0)
		return fault_set(f, EKEYREJECTED,
				 "the tor at %s was not started by isolate",
				 h->socket_dir);
	return 0;
}

int tor_attach(const struct tor_home *h, struct tor_talk *t, struct fault *f)
{
	char path[TOR_SOCKET_DIR_MAX + 16];
	int rc;

	snprintf(path, sizeof(path), "%s/" TOR_CONTROL_NAME, h->socket_dir);
	tor_talk_limit(t, h->config->answer_timeout_ms);
	if (access(path, F_OK) < 0 && errno == ENOENT)
		return 0;
	if (!tor_home_sockets_are_private(h)) {
		rc = fault_set(f, EPERM, "use tor's sockets in %s",
			       h->socket_dir);
		fault_hint(f, "others can write there or above: look who "
			      "made it, then remove it");
		return rc;
	}
	rc = tor_talk_open(t, path, f);
	if (rc == -ENOENT || rc == -ECONNREFUSED)
		return 0;
	if (rc == 0)
		rc = tor_talk_login(t, h->fd, TOR_COOKIE_NAME, f);
	if (rc == 0)
		rc = check_is_ours(h, t, f);
	if (rc < 0)
		tor_talk_close(t);
	/* it ends just now */
	if (rc == -ECONNRESET)
		return 0;
	return rc < 0 ? rc : 1;
}
