/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/rootgrant.c - the host paths that the user shares */
#include "launcher/root.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/mountapi.h"
#include "base/path.h"
#include "launcher/guard.h"
#include "launcher/layer.h"

/* The mount point of a grant: made where it is missing, and beneath the new
 * root even if the application planted symlinks in its home. */
static int grant_point(int root, const char *dst, bool directory,
		       struct fault *f)
{
	char parent[PATH_MAX];
	const char *name = strrchr(dst, '/') + 1;
	autoclose int dir = -1;
	int fd;

	if (snprintf(parent, sizeof(parent), "%.*s", (int)(name - dst - 1),
		     dst) >= (int)sizeof(parent))
		return fault_set(f, ENAMETOOLONG, "mount on %s", dst);
	dir = path_make_dirs(root, parent, 0755);
	if (dir < 0)
		return fault_set(f, dir, "make %s", parent);
	if (directory && mkdirat(dir, name, 0755) < 0 && errno != EEXIST)
		return fault_set(f, errno, "make %s", dst);
	if (!directory && mknodat(dir, name, S_IFREG | 0644, 0) < 0 &&
	    errno != EEXIST)
		return fault_set(f, errno, "make %s", dst);
	fd = path_open_beneath(dir, name, O_PATH, 0);
	return fd < 0 ? fault_set(f, fd, "open %s", dst) : fd;
}

/* Opened without following a symlink: one on the way may have been planted by
 * an application that was given a directory above. */
static int open_grant(const char *path, struct fault *f)
{
	struct open_how how = {
		.flags = O_PATH | O_CLOEXEC,
		.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	int rc, fd = (int)syscall(SYS_openat2, AT_FDCWD, path, &how,
				  sizeof(how));

	if (fd >= 0)
		return fd;
	rc = fault_set(f, errno, "share %s", path);
	if (rc == -ELOOP)
		fault_hint(f, "a symbolic link is in the way: name the path "
			      "that realpath(1) prints");
	return rc;
}

/*
 * A read-only directory as an overlay: connect(2) to a socket works through a
 * read-only bind mount, through an overlay it does not, and neither path nor
 * device of the host are shown.
 */
static int overlay_grant(struct sandbox *sb, const char *path, int from,
			 int number, struct fault *f)
{
	char lower[64];
	const struct mount_option options[] = {
		{ "lowerdir", lower },
		{ "userxattr", NULL },
		{ NULL, NULL },
	};
	int mount;

	if (dup3(from, number, O_CLOEXEC) < 0)
		return fault_set(f, errno, "share %s", path);
	snprintf(lower, sizeof(lower), "/proc/self/fd/%d:/proc/self/fd/%d",
		 sb->empty, number);
	mount = mount_new("overlay", "overlay", options,
			  MOUNT_HARD | MOUNT_ATTR_RDONLY, f);
	if (mount == -EINVAL)
		fault_hint(f,
			   "is something mounted below %s? Share the "
			   "parts, each by itself",
			   path);
	return mount;
}

static int mount_grant(struct sandbox *sb, size_t i, struct fault *f)
{
	const struct plan_grant *g = &sb->plan->grants[i];
	uint64_t attrs = MOUNT_HARD | (g->writable ? 0 : MOUNT_ATTR_RDONLY);
	autoclose int from = open_grant(g->src, f);
	autoclose int tree = -1, point = -1;
	struct stat st;
	int rc;

	if (from < 0)
		return from;
	if (fstat(from, &st) < 0)
		return fault_set(f, errno, "share %s", g->src);
	if (!S_ISDIR(st.st_mode) && !S_ISREG(st.st_mode)) {
		fault_set(f, 0, "share %s: only files and directories", g->src);
		return -EINVAL;
	}
	rc = guard_check(&sb->guard, from, g->src, g->writable, f);
	if (rc < 0)
		return rc;
	tree = S_ISDIR(st.st_mode) && !g->writable
		       ? overlay_grant(sb, g->src, from, LAYER_GRANTS + (int)i,
				       f)
		       : mount_clone(from, "", 1, attrs, f);
	if (tree < 0)
		return tree;
	point = grant_point(sb->root, g->dst, S_ISDIR(st.st_mode), f);
	return point < 0 ? point : mount_attach(tree, point, "", f);
}

int root_mount_grants(struct sandbox *sb, struct fault *f)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < sb->plan->ngrants; i++)
		rc = mount_grant(sb, i, f);
	return rc;
}
