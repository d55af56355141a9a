/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/layer.c - overlays whose layers are named by descriptor */
#include "launcher/layer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/mountapi.h"
#include "base/path.h"

int layer_fd(int dirfd, const char *path, int number, struct fault *f)
{
	autoclose int fd =
		path_open_beneath(dirfd, path, O_PATH | O_DIRECTORY, 0);

	if (fd < 0)
		return fault_set(f, fd, "open %s", path);
	if (dup3(fd, number, O_CLOEXEC) < 0)
		return fault_set(f, errno, "keep %s open", path);
	return number;
}

int layer_mount(const char *source, int lower, int first, struct fault *f)
{
	char lowerdir[32], upperdir[32], workdir[32];
	const struct mount_option options[] = {
		{ "lowerdir", lowerdir }, { "upperdir", upperdir },
		{ "workdir", workdir },   { "userxattr", NULL },
		{ NULL, NULL },
	};

	snprintf(lowerdir, sizeof(lowerdir), "/proc/self/fd/%d", lower);
	snprintf(upperdir, sizeof(upperdir), "/proc/self/fd/%d", first);
	snprintf(workdir, sizeof(workdir), "/proc/self/fd/%d", first + 1);
	return mount_new("overlay", source, options, MOUNT_HARD, f);
}
