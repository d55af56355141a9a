/* SPDX-License-Identifier: GPL-3.0-or-later */
/* base/mountapi.c - mounts by descriptor: fsopen(2), open_tree(2) */
#include "base/mountapi.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* What the kernel logged on the fsopen(2) descriptor becomes the hint. */
static void take_log(int fs, struct fault *f)
{
	char line[200];
	ssize_t n = read(fs, line, sizeof(line) - 1);

	if (n <= 2)
		return;
	line[n] = '\0';
	line[strcspn(line, "\n")] = '\0';
	/* "e " or "w " stands before the text */
	fault_hint(f, "the kernel says: %s", line + 2);
}

static int configure(int fs, const struct mount_option *options)
{
	for (; options && options->key; options++) {
		unsigned int cmd = options->value ? FSCONFIG_SET_STRING
						  : FSCONFIG_SET_FLAG;

		if (fsconfig(fs, cmd, options->key, options->value, 0) < 0)
			return -errno;
	}
	return fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0 ? -errno
								    : 0;
}

int mount_new(const char *type, const char *source,
	      const struct mount_option *options, uint64_t attrs,
	      struct fault *f)
{
	autoclose int fs = fsopen(type, FSOPEN_CLOEXEC);
	int mount, rc;

	if (fs < 0)
		return fault_set(f, errno, "open the file system %s", type);
	rc = fsconfig(fs, FSCONFIG_SET_STRING, "source", source, 0) < 0
		     ? -errno
		     : configure(fs, options);
	if (rc < 0) {
		fault_set(f, rc, "make a %s for %s", type, source);
		take_log(fs, f);
		return rc;
	}
	mount = fsmount(fs, FSMOUNT_CLOEXEC, (unsigned int)attrs);
	if (mount < 0)
		return fault_set(f, errno, "mount a %s for %s", type, source);
	return mount;
}

int mount_clone(int dirfd, const char *path, int recursive, uint64_t attrs,
		struct fault *f)
{
	unsigned int rec = recursive ? AT_RECURSIVE : 0;
	struct mount_attr set = { .attr_set = attrs };
	autoclose int tree = -1;

	tree = open_tree(dirfd, path,
			 OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH |
				 AT_SYMLINK_NOFOLLOW | rec);
	if (tree < 0)
		return fault_set(f, errno, "take the mount of %s", path);
	if (attrs &&
	    mount_setattr(tree, "", AT_EMPTY_PATH | rec, &set, sizeof(set)) < 0)
		return fault_set(f, errno, "restrict the mount of %s", path);
	return fd_steal(&tree);
}

int mount_attach(int mount, int dirfd, const char *path, struct fault *f)
{
	unsigned int flags = MOVE_MOUNT_F_EMPTY_PATH;

	if (!path[0])
		flags |= MOVE_MOUNT_T_EMPTY_PATH;
	if (move_mount(mount, "", dirfd, path, flags) < 0)
		return fault_set(f, errno, "mount on %s", path);
	return 0;
}

int mount_bind(int from_dirfd, const char *from, int to_dirfd, const char *to,
	       uint64_t attrs, struct fault *f)
{
	autoclose int tree = mount_clone(from_dirfd, from, 0, attrs, f);

	return tree < 0 ? tree : mount_attach(tree, to_dirfd, to, f);
}

int mount_cover(const char *from, const char *to, struct fault *f)
{
	if (mount(from, to, NULL, MS_BIND, NULL) < 0)
		return fault_set(f, errno, "mount on %s", to);
	return 0;
}

int mount_set(int mount, uint64_t attrs, struct fault *f)
{
	struct mount_attr set = { .attr_set = attrs };

	if (mount_setattr(mount, "", AT_EMPTY_PATH, &set, sizeof(set)) < 0)
		return fault_set(f, errno, "restrict a mount");
	return 0;
}
