/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tor/config.c - where our own tor lives, and which tor it is */
#include "tor/config.h"

#include <bsd/string.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/dirs.h"
#include "base/where.h"
#include "tor/ports.h"

/* Where packages put it; sbin is not in everybody's PATH. */
static const char *const binaries[] = {
	"/usr/bin/tor",
	"/usr/sbin/tor",
	"/usr/local/bin/tor",
	"/usr/local/sbin/tor",
};

static bool is_program(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) &&
	       access(path, X_OK) == 0;
}

static void find_binary(char *path, size_t len)
{
	autofree char *dirs = NULL;
	const char *var = getenv("PATH");
	char *rest, *dir;

	for (size_t i = 0; i < ARRAY_SIZE(binaries); i++)
		if (is_program(binaries[i])) {
			strlcpy(path, binaries[i], len);
			return;
		}
	/* the user's own place; never relative to the current directory */
	dirs = var ? strdup(var) : NULL;
	rest = dirs;
	while (rest && (dir = strsep(&rest, ":"))) {
		int n = snprintf(path, len, "%s/tor", dir);

		if (dir[0] == '/' && n > 0 && (size_t)n < len &&
		    is_program(path))
			return;
	}
	path[0] = '\0';
}

static int join(char *buf, size_t len, const char *dir, const char *name)
{
	int n = snprintf(buf, len, "%s/%s", dir, name);

	return n < 0 || (size_t)n >= len ? -ENAMETOOLONG : 0;
}

/* @data and @sockets: below the user's directories */
static int make(const char *data, const char *sockets,
		struct tor_config *config, struct fault *f)
{
	struct tor_config c = { .answer_timeout_ms = 15000,
				.stall_timeout_ms = 60000,
				.bootstrap_timeout_ms = 300000 };
	char dir[PATH_MAX - 16];
	int rc;

	rc = dirs_data(dir, sizeof(dir));
	if (rc == 0)
		rc = join(c.data_dir, sizeof(c.data_dir), dir, data);
	if (rc < 0)
		return fault_set(f, rc, "find the data directory");
	rc = dirs_config(dir, sizeof(dir));
	if (rc == 0)
		rc = join(c.dropin_dir, sizeof(c.dropin_dir), dir, "torrc.d");
	if (rc < 0)
		return fault_set(f, rc, "find the configuration directory");
	rc = dirs_runtime(dir, sizeof(dir));
	if (rc < 0)
		return fault_set(f, rc, "find the runtime directory");
	if (join(c.socket_dir, sizeof(c.socket_dir), dir, sockets) < 0)
		snprintf(c.socket_dir, sizeof(c.socket_dir),
			 "/tmp/isolate-%u/%.36s", geteuid(), sockets);
	find_binary(c.binary, sizeof(c.binary));
	rc = where_libexec("isolate-tor", c.keeper, sizeof(c.keeper));
	if (rc < 0)
		return fault_set(f, rc, "find isolate-tor");
	*config = c;
	return 0;
}

int tor_config_make(struct tor_config *config, struct fault *f)
{
	return make("tor", "tor", config, f);
}

int tor_config_make_own(const char *identity, struct tor_config *config,
			struct fault *f)
{
	char data[64], sockets[48], shared[PATH_MAX];
	int rc;

	if (!tor_port_name_is_valid(identity))
		return fault_set(f, 0, "\"%.64s\" is not an identity name",
				 identity);
	snprintf(data, sizeof(data), "identities/%s/tor", identity);
	snprintf(sockets, sizeof(sockets), TOR_OWN_PREFIX "%s", identity);
	rc = make("tor", sockets, config, f);
	if (rc < 0)
		return rc;
	/* whoever has bridges has them for every tor: the common file */
	strlcpy(shared, config->data_dir, sizeof(shared));
	rc = make(data, sockets, config, f);
	if (rc == 0)
		strlcpy(config->bridges_dir, shared, PATH_MAX);
	return rc;
}
