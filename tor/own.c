/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tor/own.c - a tor process for one identity alone */
#include "tor/own.h"

#include <bsd/string.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/dirs.h"
#include "tor/config.h"
#include "tor/home.h"
#include "tor/instance.h"
#include "tor/torrc.h"

bool tor_own_of(const char *upstream, char name[TOR_PORT_NAME_MAX + 1])
{
	static const char tail[] = "/" TOR_SOCKS_NAME;
	const char *end, *start;
	size_t len = strlen(upstream);

	if (strncmp(upstream, "unix:/", 6) != 0 || len < sizeof(tail))
		return false;
	end = upstream + len - (sizeof(tail) - 1);
	if (strcmp(end, tail) != 0)
		return false;
	/* "unix:/" is before it at the latest; of "unix:/socks" nothing is left
	 */
	for (start = end; start > upstream && start[-1] != '/'; start--)
		continue;
	len = strlen(TOR_OWN_PREFIX);
	if ((size_t)(end - start) <= len ||
	    strncmp(start, TOR_OWN_PREFIX, len) != 0 ||
	    (size_t)(end - start) - len > TOR_PORT_NAME_MAX)
		return false;
	strlcpy(name, start + len, (size_t)(end - start) - len + 1);
	return tor_port_name_is_valid(name);
}

int tor_own_start(const char *identity, const struct tor_progress *progress,
		  struct tor_upstream *up, struct fault *f)
{
	struct tor_config c;
	int rc = tor_config_make_own(identity, &c, f);

	return rc < 0 ? rc : tor_instance_start_in(&c, NULL, progress, up, f);
}

/* 0: @h is open and locked, and uses @c; 1: there is none */
static int enter(const char *identity, struct tor_config *c, struct tor_home *h,
		 struct fault *f)
{
	int rc = tor_config_make_own(identity, c, f);

	if (rc < 0)
		return rc;
	rc = tor_home_open(h, c, false, f);
	if (rc == 0) {
		rc = tor_home_enter(h, 4 * c->answer_timeout_ms, f);
		if (rc < 0)
			tor_home_close(h);
	}
	return rc == -ENOENT ? 1 : rc;
}

int tor_own_launch(const char *identity, struct fault *f)
{
	struct tor_config c;
	struct tor_home h;
	int rc = enter(identity, &c, &h, f);

	if (rc != 0)
		return rc;
	rc = tor_instance_launch(&h, f);
	tor_home_close(&h);
	return rc;
}

int tor_own_stop(const char *identity, struct fault *f)
{
	struct tor_config c;
	int rc = tor_config_make_own(identity, &c, f);

	return rc < 0 ? rc : tor_instance_stop_in(&c, f);
}

int tor_own_status(const char *identity, struct tor_status *status,
		   struct fault *f)
{
	struct tor_config c;
	struct stat st;
	int rc = tor_config_make_own(identity, &c, f);

	if (rc < 0)
		return rc;
	if (lstat(c.data_dir, &st) < 0)
		return fault_set(f, errno, "%s has no tor of its own",
				 identity);
	return tor_instance_status_in(&c, status, f);
}

int tor_own_remove(const char *identity, struct fault *f)
{
	struct tor_config c;
	struct tor_home h;
	/* one lock for all of it: a start in between would be of a tor whose
	 * directory goes, and which nobody finds then */
	int rc = enter(identity, &c, &h, f);

	if (rc != 0)
		return rc;
	rc = tor_instance_end(&h, f);
	if (rc >= 0) {
		tor_home_clear_sockets(&h);
		rmdir(h.socket_dir);
		rc = tor_home_remove(&h, f);
	}
	tor_home_close(&h);
	return rc;
}

static int is_name(const struct dirent *d)
{
	return tor_port_name_is_valid(d->d_name);
}

int tor_own_each(int (*take)(void *arg, const char *identity), void *arg,
		 struct fault *f)
{
	char dir[PATH_MAX - 64], path[PATH_MAX];
	struct dirent **names = NULL;
	int n, rc = dirs_data(dir, sizeof(dir));

	if (rc < 0)
		return fault_set(f, rc, "find the data directory");
	snprintf(path, sizeof(path), "%s/identities", dir);
	n = scandir(path, &names, is_name, alphasort);
	if (n < 0 && errno != ENOENT)
		rc = fault_set(f, errno, "read directory %.200s", path);
	for (int i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "%s/identities/%.32s/tor", dir,
			 names[i]->d_name);
		if (rc == 0 && access(path, F_OK) == 0)
			rc = take(arg, names[i]->d_name);
		free(names[i]);
	}
	free(names);
	return rc;
}
