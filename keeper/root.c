/* SPDX-License-Identifier: GPL-3.0-or-later */
/* keeper/root.c - the root directory that tor sees */
#include "keeper/root.h"

#include <bsd/string.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/mountapi.h"
#include "base/path.h"
#include "base/where.h"
#include "tor/bridges.h"
#include "tor/home.h"
#include "tor/torrc.h"

#define READ_ONLY (MOUNT_ATTR_RDONLY | MOUNT_HARD)
/* nothing that tor writes is ever run */
#define WRITABLE (MOUNT_HARD | MOUNT_ATTR_NOEXEC)
#define DEVICE (MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC)

/* Of the host's, where it has them; paths from /. */
static const struct {
	const char *path;
	uint64_t attrs;
} shown[] = {
	{ "usr", READ_ONLY },
	{ "bin", READ_ONLY },
	{ "sbin", READ_ONLY },
	{ "lib", READ_ONLY },
	{ "lib32", READ_ONLY },
	{ "lib64", READ_ONLY },
	{ "libx32", READ_ONLY },
	{ "nix/store", READ_ONLY },
	{ "gnu/store", READ_ONLY },
	{ "etc/alternatives", READ_ONLY },
	{ "etc/ld.so.cache", READ_ONLY },
	{ "etc/localtime", READ_ONLY },
	{ "etc/nsswitch.conf", READ_ONLY },
	{ "etc/resolv.conf", READ_ONLY },
	{ "etc/ssl", READ_ONLY },
	{ "etc/ca-certificates", READ_ONLY },
	{ "etc/pki", READ_ONLY },
	/* tor's limits follow the memory that there is */
	{ "proc/meminfo", READ_ONLY | MOUNT_ATTR_NOEXEC },
	{ "dev/null", DEVICE },
	{ "dev/urandom", DEVICE },
};

/* the mount point @path, a directory or an empty file as @mode says */
static int make_point(int root, const char *path, mode_t mode)
{
	char above[PATH_MAX], *slash;
	autoclose int dir = -1;
	autoclose int file = -1;

	if (strlcpy(above, path, sizeof(above)) >= sizeof(above))
		return -ENAMETOOLONG;
	slash = S_ISDIR(mode) ? NULL : strrchr(above, '/');
	if (slash)
		*slash = '\0';
	if (S_ISDIR(mode) || slash) {
		dir = path_make_dirs(root, above, 0755);
		if (dir < 0)
			return dir;
	}
	if (S_ISDIR(mode))
		return 0;
	file = openat(root, path, O_WRONLY | O_CREAT | O_CLOEXEC, 0444);
	return file < 0 ? -errno : 0;
}

/* attach the copied mount @tree at @path, from / */
static int attach(int root, int tree, const char *path, struct fault *f)
{
	struct stat st;
	int rc = fstat(tree, &st) < 0 ? -errno
				      : make_point(root, path, st.st_mode);

	if (rc < 0)
		return fault_set(f, rc, "make /%.200s for tor", path);
	return mount_attach(tree, root, path, f);
}

/* @path from /, of the host's, at the same place; it may be missing */
static int show(int root, const char *path, uint64_t attrs, struct fault *f)
{
	char from[PATH_MAX], target[PATH_MAX];
	autofree char *real = NULL;
	autoclose int tree = -1;
	ssize_t n;

	if (snprintf(from, sizeof(from), "/%s", path) >= (int)sizeof(from))
		return fault_set(f, ENAMETOOLONG, "show /%.200s", path);
	n = readlink(from, target, sizeof(target) - 1);
	/* /bin is a link into /usr, where /usr has been merged */
	if (n > 0 && !strchr(path, '/')) {
		target[n] = '\0';
		return symlinkat(target, root, path) < 0
			       ? fault_set(f, errno, "link /%s", path)
			       : 0;
	}
	real = realpath(from, NULL);
	if (!real)
		return errno == ENOENT ? 0 : fault_set(f, errno, "%s", from);
	tree = mount_clone(AT_FDCWD, real, 1, attrs, f);
	return tree < 0 ? tree : attach(root, tree, path, f);
}

static bool is_shown(const char *path)
{
	for (size_t i = 0; i < ARRAY_SIZE(shown); i++) {
		size_t len = strlen(shown[i].path);

		if (strncmp(path + 1, shown[i].path, len) == 0 &&
		    path[1 + len] == '/')
			return true;
	}
	return false;
}

/* tor starts programs of ours: where they are, in a tree not installed */
static int show_ours(int root, struct fault *f)
{
	char dir[PATH_MAX];
	int rc = where_program(dir, sizeof(dir));

	if (rc < 0)
		return fault_set(f, rc, "find our own programs");
	return is_shown(dir) ? 0 : show(root, dir + 1, READ_ONLY, f);
}

/* tor's program, where the user has one elsewhere */
static int show_binary(int root, const char *binary, struct fault *f)
{
	autofree char *real = realpath(binary, NULL);
	autoclose int tree = -1;

	if (!real)
		return fault_set(f, errno, "find %.200s", binary);
	if (is_shown(binary) && is_shown(real))
		return 0;
	tree = mount_clone(AT_FDCWD, real, 0, READ_ONLY, f);
	return tree < 0 ? tree : attach(root, tree, binary + 1, f);
}

/*
 * What the next tor obeys, read-only over itself: no tor and no transport
 * that was taken over makes the next one go around the bridges. From outside
 * it is replaced by rename(2) all the same, which takes this mount away.
 */
static int protect(int data, const char *name, struct fault *f)
{
	autoclose int tree = -1;
	struct stat st;

	if (fstatat(data, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT
			       ? 0
			       : fault_set(f, errno, "protect %s", name);
	tree = mount_clone(data, name, 0, READ_ONLY | MOUNT_ATTR_NOEXEC, f);
	return tree < 0 ? tree : mount_attach(tree, data, name, f);
}

static int fill(int root, const struct tor_home *h, int data, int sockets,
		struct fault *f)
{
	const struct tor_config *c = h->config;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < ARRAY_SIZE(shown); i++)
		rc = show(root, shown[i].path, shown[i].attrs, f);
	if (rc == 0)
		rc = show_ours(root, f);
	if (rc == 0)
		rc = show_binary(root, c->binary, f);
	if (rc == 0)
		rc = attach(root, data, c->data_dir + 1, f);
	if (rc == 0)
		rc = protect(data, TOR_TORRC_NAME, f);
	if (rc == 0)
		rc = protect(data, TOR_BRIDGES_NAME, f);
	if (rc == 0)
		rc = attach(root, sockets, c->socket_dir + 1, f);
	return rc < 0 ? rc : mount_set(root, READ_ONLY, f);
}

int root_make(const struct tor_home *h, struct fault *f)
{
	static const struct mount_option options[] = {
		{ "mode", "0755" },
		{ "size", "64k" },
		{ NULL, NULL },
	};
	const struct tor_config *c = h->config;
	autoclose int data = -1;
	autoclose int sockets = -1;
	autoclose int root = -1;
	int rc;

	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return fault_set(f, errno, "make mounts private");
	data = mount_clone(AT_FDCWD, c->data_dir, 1, WRITABLE, f);
	if (data < 0)
		return data;
	sockets = mount_clone(AT_FDCWD, c->socket_dir, 1, WRITABLE, f);
	if (sockets < 0)
		return sockets;
	root = mount_new("tmpfs", "tor", options, MOUNT_HARD, f);
	if (root < 0)
		return root;
	/* a place that exists, and of which we have a copy */
	rc = mount_attach(root, AT_FDCWD, c->data_dir, f);
	if (rc == 0)
		rc = fill(root, h, data, sockets, f);
	if (rc < 0)
		return rc;
	/* pivot_root(2): "." twice puts the old root on top of the new one */
	if (fchdir(root) < 0 || syscall(SYS_pivot_root, ".", ".") < 0 ||
	    umount2(".", MNT_DETACH) < 0 || chdir("/") < 0)
		return fault_set(f, errno, "change tor's root directory");
	return 0;
}
