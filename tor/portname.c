/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tor/portname.c - whose SocksPort is it, by its path; pure */
#include <string.h>

#include "tor/ports.h"
#include "tor/torrc.h"

bool tor_port_name_is_valid(const char *name)
{
	size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_");

	return n > 0 && n <= TOR_PORT_NAME_MAX && name[n] == '\0' &&
	       name[0] != '-' && name[0] != '_';
}

const char *tor_port_of(const char *path, const char *socket_dir)
{
	size_t len = strlen(socket_dir), prefix = strlen(TOR_PORT_PREFIX);

	if (strncmp(path, socket_dir, len) == 0 && path[len] == '/')
		path += len + 1;
	if (strncmp(path, TOR_PORT_PREFIX, prefix) != 0 ||
	    !tor_port_name_is_valid(path + prefix))
		return NULL;
	return path + prefix;
}
