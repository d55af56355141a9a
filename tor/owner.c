/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tor/owner.c - whose listener a local TCP port is */
#include "tor/owner.h"

#include <bsd/string.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/account.h"
#include "base/attr.h"

/* as Debian, Arch, Fedora and the BSDs name it */
static const char *const tor_accounts[] = { "debian-tor", "tor", "toranon",
					    "_tor" };

/* "0: 0100007F:235A 00000000:0000 0A tx:rx tr:tm->when retrnsmt 107 ..." */
enum {
	FIELD_LOCAL = 1,
	FIELD_STATE = 3,
	FIELD_UID = 7,
	FIELDS,
};

/* the whole of @s as a number of at most @max */
static bool read_number(const char *s, int base, unsigned long max,
			unsigned long *value)
{
	char *end;

	if (!isxdigit((unsigned char)*s))
		return false;
	errno = 0;
	*value = strtoul(s, &end, base);
	return errno == 0 && !*end && *value <= max;
}

bool tor_owner_parse(const char *line, struct tor_listener *l)
{
	char copy[160], *field[FIELDS], *rest = copy, *colon;
	unsigned long addr, port, uid;

	/* a longer line is cut short where nothing is read any more */
	strlcpy(copy, line, sizeof(copy));
	for (int i = 0; i < FIELDS;) {
		field[i] = strsep(&rest, " \n");
		if (!field[i])
			return false;
		i += field[i][0] != '\0';
	}
	/* TCP_LISTEN */
	if (strcmp(field[FIELD_STATE], "0A") != 0)
		return false;
	colon = strchr(field[FIELD_LOCAL], ':');
	if (!colon)
		return false;
	*colon = '\0';
	if (!read_number(field[FIELD_LOCAL], 16, UINT32_MAX, &addr) ||
	    !read_number(colon + 1, 16, UINT16_MAX, &port) ||
	    !read_number(field[FIELD_UID], 10, UINT32_MAX, &uid))
		return false;
	/* printed as the number that the network-order bytes make here */
	l->addr.s_addr = (in_addr_t)addr;
	l->port = (uint16_t)port;
	l->uid = (uid_t)uid;
	return true;
}

static bool is_trusted_uid(uid_t uid)
{
	if (uid == 0 || uid == geteuid())
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(tor_accounts); i++) {
		uid_t tor;

		if (account_uid(tor_accounts[i], &tor) == 0 && tor == uid)
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
