/* SPDX-License-Identifier: GPL-3.0-or-later */
/* base/where.c - where our own files are: installed, or in the build tree */
#include "base/where.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int where_program(char *buf, size_t len)
{
	ssize_t n = readlink("/proc/self/exe", buf, len);

	if (n < 0)
		return -errno;
	if ((size_t)n >= len)
		return -ENAMETOOLONG;
	buf[n] = '\0';
	*strrchr(buf, '/') = '\0';
	return 0;
}

/* Directory of the running program, if it is a build tree; else *@dir is "".
 * Looked at once: it does not change while the program runs. */
static int build_tree(const char **dir)
{
	static char found[PATH_MAX];
	static bool looked;
	char probe[PATH_MAX];
	int rc = looked ? 0 : where_program(found, sizeof(found));

	*dir = found;
	if (rc < 0 || looked)
		return rc;
	looked = true;
	/* the marker that `make` leaves and `make install` does not */
	if (snprintf(probe, sizeof(probe), "%s/profiles/.done", found) >=
		    (int)sizeof(probe) ||
	    access(probe, F_OK) < 0)
		found[0] = '\0';
	return 0;
}

static int place(const char *name, const char *installed, char *buf, size_t len)
{
	const char *dir;
	int rc = build_tree(&dir);

	if (rc < 0)
		return rc;
	if (snprintf(buf, len, "%s/%s", dir[0] ? dir : installed, name) >=
	    (int)len)
		return -ENAMETOOLONG;
	return 0;
}

int where_libexec(const char *name, char *buf, size_t len)
{
	return place(name, ISOLATE_LIBEXECDIR, buf, len);
}

int where_data(const char *name, char *buf, size_t len)
{
	return place(name, ISOLATE_DATADIR, buf, len);
}
