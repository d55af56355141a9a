/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/temp.c - a directory for one test (cmocka setup and teardown) */
#include "tests/unit/temp.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

int temp_make(void **state)
{
	const char *base = getenv("TMPDIR");
	char *path;

	if (asprintf(&path, "%s/isolate-unit-XXXXXX", base ? base : "/tmp") < 0)
		return -1;
	*state = mkdtemp(path);
	return *state ? 0 : -1;
}

static int open_up(const char *path, const struct stat *st, int type,
		   struct FTW *ftw)
{
	(void)ftw;
	/* a test may have left a directory that cannot be entered */
	if (type == FTW_D || type == FTW_DNR)
		return chmod(path, (st->st_mode & 07777) | 0700);
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int type,
		      struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

int temp_remove(void **state)
{
	char *path = *state;
	int rc;

	nftw(path, open_up, 16, FTW_PHYS);
	rc = nftw(path, remove_one, 16, FTW_PHYS | FTW_DEPTH);
	free(path);
	return rc;
}
