/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ctl/ledger.c - the user's ledger, if there is one yet */
#include "ctl/ledger.h"

#include <errno.h>
#include <limits.h>
#include <sys/stat.h>

#include "base/attr.h"
#include "base/dirs.h"

int ledger_open(struct store **store, int *data_dirfd, struct fault *f)
{
	struct store *s = NULL;
	autoclose int fd = -1;
	char path[PATH_MAX];
	struct stat st;
	int rc;

	*store = NULL;
	if (data_dirfd)
		*data_dirfd = -1;
	/* to look must not make the directory */
	if (dirs_data(path, sizeof(path)) == 0 && lstat(path, &st) < 0 &&
	    errno == ENOENT)
		return 0;
	fd = dirs_open_data(f);
	if (fd < 0)
		return fd;
	rc = store_open(fd, false, &s, f);
	if (rc < 0 && rc != -ENOENT)
		return rc;
	*store = s;
	if (data_dirfd)
		*data_dirfd = fd_steal(&fd);
	return 0;
}
