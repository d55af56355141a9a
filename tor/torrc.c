/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tor/torrc.c - the configuration of our own tor */
#include "tor/torrc.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "tor/control.h"
#include "tor/ports.h"

/* of one quoted path: each byte may become four */
#define QUOTED_MAX (4 * PATH_MAX + 3)

static int quote_in(const char *before, const char *dir, const char *name,
		    char *quoted, size_t len)
{
	char path[PATH_MAX];
	int n = snprintf(path, sizeof(path), "%s%s/%s", before, dir, name);

	if (n < 0 || (size_t)n >= sizeof(path))
		return -ENAMETOOLONG;
	return tor_control_quote(path, quoted, len);
}

/* the common SocksPort, and those of the identities */
static int make_ports(const char *socket_dir, const struct tor_ports *ports,
		      char **text)
{
	size_t len = 0, each = sizeof("SocksPort \n") + TOR_PORT_VALUE_MAX;
	char value[TOR_PORT_VALUE_MAX];

	*text = malloc((ports->n + 1) * each);
	if (!*text)
		return -ENOMEM;
	for (size_t i = 0; i <= ports->n; i++) {
		int rc = tor_port_value(socket_dir,
					i ? ports->names[i - 1] : NULL, value);

		if (rc < 0)
			return rc;
		len += (size_t)sprintf(*text + len, "SocksPort %s\n", value);
	}
	return 0;
}

int tor_torrc_compose(const char *data_dir, const char *socket_dir,
		      const struct tor_ports *ports, const char *dropins,
		      char **text)
{
	struct {
		char data[QUOTED_MAX], log[QUOTED_MAX], cookie[QUOTED_MAX];
		char control[QUOTED_MAX];
	} *q = malloc(sizeof(*q));
	autofree void *owner = q;
	autofree char *socks = NULL;
	int rc;

	if (!q)
		return -ENOMEM;
	rc = tor_control_quote(data_dir, q->data, QUOTED_MAX);
	if (rc == 0)
		rc = quote_in("notice file ", data_dir, TOR_LOG_NAME, q->log,
			      QUOTED_MAX);
	if (rc == 0)
		rc = quote_in("", data_dir, TOR_COOKIE_NAME, q->cookie,
			      QUOTED_MAX);
	if (rc == 0)
		rc = make_ports(socket_dir, ports, &socks);
	if (rc == 0)
		rc = quote_in("", socket_dir, TOR_CONTROL_NAME, q->control,
			      QUOTED_MAX);
	if (rc < 0)
		return rc;
	rc = asprintf(text,
		      "# written by isolate at each start: change torrc.d\n"
		      "%s\n"
		      "DataDirectory %s\n"
		      "%s"
		      "ControlPort 0\n"
		      "ControlSocket unix:%s\n"
		      "CookieAuthentication 1\n"
		      "CookieAuthFile %s\n"
		      "ClientOnly 1\n"
		      "ClientRejectInternalAddresses 1\n"
		      "ClientDNSRejectInternalAddresses 1\n"
		      /* where the leg of a set that has the credentials
		       * closes, tor 0.4.9.11 gives the other one, with the
		       * streams that are open on it, to anybody */
		      "ConfluxEnabled 0\n"
		      /* it is started because somebody waits for it */
		      "DormantCanceledByStartup 1\n"
		      "AvoidDiskWrites 1\n"
		      "SafeLogging 1\n"
		      "TruncateLogFile 1\n"
		      "Log %s\n"
		      /* tor's own seccomp filter refuses the chmod of a
		       * unix SocksPort that is added at run time */
		      "Sandbox 0\n"
		      /* its keeper waits for it */
		      "RunAsDaemon 0\n",
		      dropins, q->data, socks, q->control, q->cookie, q->log);
	return rc < 0 ? -ENOMEM : 0;
}
