/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tor/bringup.c - what each start of our own tor begins with */
#include "tor/bringup.h"

#include <errno.h>
#include <unistd.h>

#include "tor/bridges.h"
#include "tor/dropin.h"
#include "tor/home.h"
#include "tor/ports.h"
#include "tor/torrc.h"

/* Return: 1 where there are drop-ins, 0, or -errno */
static int write_torrc(const struct tor_home *h, struct fault *f)
{
	const struct tor_config *c = h->config;
	struct tor_ports *ports = malloc(sizeof(*ports));
	autofree void *owner = ports;
	autofree char *dropins = NULL;
	autofree char *text = NULL;
	int rc;

	if (!ports)
		return fault_set(f, ENOMEM, "make tor's configuration");
	rc = tor_dropin_read_all(c->dropin_dir, &dropins, f);
	if (rc < 0)
		return rc;
	tor_ports_read(h, ports);
	rc = tor_torrc_compose(c->data_dir, c->socket_dir, ports, dropins,
			       &text);
	if (rc < 0)
		return fault_set(f, rc, "make tor's configuration");
	rc = tor_bridges_append(h, dropins, &text, f);
	if (rc == 0)
		rc = tor_home_write(h, TOR_TORRC_NAME, text, f);
	if (rc < 0)
		return rc;
	return dropins[0] != '\0';
}

int tor_bringup_prepare(struct tor_home *h, struct fault *f)
{
	int rc = tor_home_make_sockets(h, f);

	if (rc < 0)
		return rc;
	if (unlinkat(h->fd, TOR_COOKIE_NAME, 0) < 0 && errno != ENOENT)
		return fault_set(f, errno, "remove %s/" TOR_COOKIE_NAME,
				 h->config->data_dir);
	return write_torrc(h, f);
}

void tor_bringup_argv(const struct tor_home *h, int verify,
		      const char *argv[TOR_BRINGUP_ARGS])
{
	/* nothing of the system's tor is read: its configuration is not ours */
	const char *all[TOR_BRINGUP_ARGS] = {
		h->config->binary,
		"--defaults-torrc",
		"/dev/null",
		"-f",
		h->torrc,
		"--hush",
		verify ? "--verify-config" : NULL,
		NULL,
	};

	for (int i = 0; i < TOR_BRINGUP_ARGS; i++)
		argv[i] = all[i];
}
