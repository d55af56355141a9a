/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tor/owner.c - whose listener a local TCP port is */
#include "tor/owner.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/attr.h"

/* as Debian, Arch, Fedora and the BSDs name it */
static const char *const tor_accounts[] = { "debian-tor", "tor", "toranon",
					    "_tor" };

/* state 0A: TCP_LISTEN */
bool tor_owner_parse(const char *line, struct tor_listener *l)
{
	unsigned int addr, port, state, uid;

	/* "0: 0100007F:235A 00000000:0000 0A tx:rx tr:tm->when retrnsmt uid" */
	if (sscanf(line, " %*u: %8X:%4X %*8X:%*4X %2X %*x:%*x %*x:%*x %*x %u",
		   &addr, &port, &state, &uid) != 4)
		return false;
	if (state != 0x0A)
		return false;
	l->addr.s_addr = addr;
	l->port = (uint16_t)port;
	l->uid = (uid_t)uid;
	return true;
}

static bool is_trusted_uid(uid_t uid)
{
	if (uid == 0 || uid == geteuid())
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(tor_accounts); i++) {
		const struct passwd *pw = getpwnam(tor_accounts[i]);

		if (pw && pw->pw_uid == uid)
			return true;
	}
	return false;
}

bool tor_owner_is_trusted(const struct sockaddr_in *sin)
{
	FILE *table = fopen("/proc/net/tcp", "re");
	autofree char *line = NULL;
	bool found = false, trusted = true;
	size_t room = 0;

	if (!table)
		return false;
	while (trusted && getline(&line, &room, table) > 0) {
		struct tor_listener l;

		if (!tor_owner_parse(line, &l) ||
		    l.port != ntohs(sin->sin_port))
			continue;
		if (l.addr.s_addr != INADDR_ANY &&
		    l.addr.s_addr != sin->sin_addr.s_addr)
			continue;
		found = true;
		trusted = is_trusted_uid(l.uid);
	}
	fclose(table);
	return found && trusted;
}
