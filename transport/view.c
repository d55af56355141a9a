/* SPDX-License-Identifier: GPL-3.0-or-later */
/* transport/view.c - the little of the file system that a transport sees */
#include "transport/view.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/attr.h"

/* where the new root is made: it exists everywhere */
#define NEW "/proc"

/* what a program needs to start */
static const char *const libraries[] = {
	"/usr/lib", "/usr/lib32", "/usr/lib64",       "/lib",
	"/lib32",   "/lib64",     "/etc/ld.so.cache",
};

/* ... and to find a server by name and know it again */
static const char *const names[] = {
	"/etc/resolv.conf",           "/etc/hosts",
	"/etc/nsswitch.conf",         "/etc/ssl/certs",
	"/usr/share/ca-certificates",
};

static int write_map(const char *file, unsigned int id, struct fault *f)
{
	char text[32];
	int rc;

	snprintf(text, sizeof(text), "%u %u 1", id, id);
	rc = fd_write_file(AT_FDCWD, file, 0, text);
	return rc < 0 ? fault_set(f, rc, "write %s", file) : 0;
}

/* by what the ids were outside: inside there are none yet */
static int map_ids(unsigned int uid, unsigned int gid, struct fault *f)
{
	int rc = fd_write_file(AT_FDCWD, "/proc/self/setgroups", 0, "deny");

	if (rc < 0)
		return fault_set(f, rc, "write /proc/self/setgroups");
	rc = write_map("/proc/self/uid_map", uid, f);
	return rc < 0 ? rc : write_map("/proc/self/gid_map", gid, f);
}

static int make_root(struct fault *f)
{
	if (mount("", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return fault_set(f, errno, "make mounts private");
	if (mount("none", NEW, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC,
		  "mode=0755,size=64k,nr_inodes=64") < 0)
		return fault_set(f, errno, "mount an empty root");
	return 0;
}

/* the directories above the last part of @path, which is changed for it */
static int make_parents(char *path)
{
	for (char *s = path + strlen(NEW) + 1; (s = strchr(s, '/')); s++) {
		int rc;

		*s = '\0';
		rc = mkdir(path, 0755) < 0 && errno != EEXIST ? -errno : 0;
		*s = '/';
		if (rc < 0)
			return rc;
	}
	return 0;
}

static int make_target(char *path, bool is_dir)
{
	autoclose int fd = -1;
	int rc = make_parents(path);

	if (rc < 0)
		return rc;
	if (is_dir)
		return mkdir(path, 0755) < 0 && errno != EEXIST ? -errno : 0;
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	return fd < 0 ? -errno : 0;
}

static int show(const char *path, uint64_t attributes, struct fault *f)
{
	struct mount_attr attr = { .attr_set = attributes };
	char target[PATH_MAX];
	struct stat st;
	int n, rc;

	n = snprintf(target, sizeof(target), NEW "%s", path);
	if (n < 0 || (size_t)n >= sizeof(target))
		return fault_set(f, ENAMETOOLONG, "show %s", path);
	if (stat(path, &st) < 0)
		return fault_set(f, errno, "show %s", path);
	rc = make_target(target, S_ISDIR(st.st_mode));
	if (rc < 0)
		return fault_set(f, rc, "make room for %s", path);
	if (mount(path, target, NULL, MS_BIND | MS_REC, NULL) < 0)
		return fault_set(f, errno, "bind %s", path);
	/* recursive, and what is locked on may stay on */
	if (syscall(SYS_mount_setattr, AT_FDCWD, target, AT_RECURSIVE, &attr,
		    sizeof(attr)) < 0)
		return fault_set(f, errno, "protect %s", path);
	return 0;
}

const char *view_path(const struct view *v, size_t i)
{
	if (i < ARRAY_SIZE(libraries))
		return libraries[i];
	i -= ARRAY_SIZE(libraries);
	if (v->names) {
		if (i < ARRAY_SIZE(names))
			return names[i];
		i -= ARRAY_SIZE(names);
	}
	/* after /usr/lib, which it may be in */
	return i == 0 ? v->program : NULL;
}

static int show_all(const struct view *v, struct fault *f)
{
	const uint64_t attributes =
		MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;
	const char *path;
	int rc = 0;

	for (size_t i = 0; rc == 0 && (path = view_path(v, i)); i++) {
		rc = show(path, attributes, f);
		/* a machine need not have all of it */
		if (rc == -ENOENT && path != v->program &&
		    access(path, F_OK) < 0)
			rc = 0;
	}
	return rc;
}

/*
 * The old root is found below the new and detached (pivot_root(2), NOTES).
 */
static int enter(struct fault *f)
{
	unsigned long flags = MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID |
			      MS_NODEV | MS_NOEXEC;

	if (mount("", NEW, NULL, flags, NULL) < 0)
		return fault_set(f, errno, "make the new root read-only");
	if (chdir(NEW) < 0)
		return fault_set(f, errno, "enter the new root");
	if (syscall(SYS_pivot_root, ".", ".") < 0)
		return fault_set(f, errno, "pivot_root");
	if (umount2(".", MNT_DETACH) < 0)
		return fault_set(f, errno, "detach the old root");
	if (chdir("/") < 0)
		return fault_set(f, errno, "enter /");
	return 0;
}

int view_enter(const struct view *v, struct fault *f)
{
	unsigned int uid = geteuid(), gid = getegid();
	int rc;

	if (unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS |
		    CLONE_NEWCGROUP) < 0)
		return fault_set(f, errno, "unshare namespaces");
	rc = map_ids(uid, gid, f);
	if (rc == 0)
		rc = make_root(f);
	if (rc == 0)
		rc = show_all(v, f);
	if (rc == 0)
		rc = show(v->state,
			  MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
				  MOUNT_ATTR_NOEXEC,
			  f);
	if (rc == 0)
		rc = enter(f);
	/* not what it is where nothing was changed */
	return rc < 0 ? -ECANCELED : 0;
}
