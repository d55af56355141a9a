/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/leftover.c - what an overlay leaves in its work directory */
#include "launcher/leftover.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/path.h"

#define OVERLAY_WORK "work"
#define OVERLAY_LEFT "left"

void leftover_put_aside(int workdir)
{
	(void)renameat(workdir, OVERLAY_WORK, workdir, OVERLAY_LEFT);
}

/* Empty, but after a crash: then files and empty directories are in it. */
void leftover_remove(int workdir)
{
	struct dirent *d;
	DIR *dir;

	if (unlinkat(workdir, OVERLAY_LEFT, AT_REMOVEDIR) == 0 ||
	    errno != ENOTEMPTY)
		return;
	dir = fdopendir(path_open_beneath(workdir, OVERLAY_LEFT,
					  O_RDONLY | O_DIRECTORY, 0));
	if (!dir)
		return;
	while ((d = readdir(dir)))
		if (strcmp(d->d_name, ".") != 0 &&
		    strcmp(d->d_name, "..") != 0 &&
		    unlinkat(dirfd(dir), d->d_name, 0) < 0)
			(void)unlinkat(dirfd(dir), d->d_name, AT_REMOVEDIR);
	closedir(dir);
	(void)unlinkat(workdir, OVERLAY_LEFT, AT_REMOVEDIR);
}

void leftover_put_back(int workdir)
{
	if (renameat2(workdir, OVERLAY_LEFT, workdir, OVERLAY_WORK,
		      RENAME_NOREPLACE) < 0 &&
	    errno == EEXIST)
		leftover_remove(workdir);
}
