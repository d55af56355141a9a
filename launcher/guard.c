/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/guard.c - host places that no grant may open, by what they are */
#include "launcher/guard.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/dirs.h"
#include "base/fd.h"
#include "base/where.h"

/* As many symlinks as the kernel follows (path_resolution(7)). */
#define SYMLINKS_MAX 40

#ifndef MQUEUE_MAGIC
#define MQUEUE_MAGIC 0x19800202 /* ipc/mqueue.c; in no header */
#endif

/* File systems that are the kernel's or the devices' interface. */
static const struct {
	unsigned long magic;
	const char *name;
} kernel_types[] = {
	{ PROC_SUPER_MAGIC, "procfs" },     { SYSFS_MAGIC, "sysfs" },
	{ DEVPTS_SUPER_MAGIC, "devpts" },   { DEBUGFS_MAGIC, "debugfs" },
	{ TRACEFS_MAGIC, "tracefs" },       { SECURITYFS_MAGIC, "securityfs" },
	{ SELINUX_MAGIC, "selinuxfs" },     { CGROUP_SUPER_MAGIC, "cgroup" },
	{ CGROUP2_SUPER_MAGIC, "cgroup2" }, { BPF_FS_MAGIC, "bpffs" },
	{ EFIVARFS_MAGIC, "efivarfs" },     { PSTOREFS_MAGIC, "pstore" },
	{ BINFMTFS_MAGIC, "binfmt_misc" },  { NSFS_MAGIC, "nsfs" },
	{ MQUEUE_MAGIC, "mqueue" },
};

static bool is_same(const struct guard_place *p, const struct stat *st)
{
	return p->dev == st->st_dev && p->ino == st->st_ino;
}

static int add(struct guard *g, const struct stat *st, bool below, bool written,
	       const char *why)
{
	for (size_t i = 0; i < g->n; i++)
		/* a place may be both: what is stricter is not let go */
		if (is_same(&g->places[i], st) &&
		    g->places[i].written == written) {
			g->places[i].below |= below;
			return 0;
		}
	if (g->n == GUARD_PLACES_MAX)
		return -E2BIG;
	g->places[g->n++] = (struct guard_place){
		.dev = st->st_dev,
		.ino = st->st_ino,
		.below = below,
		.written = written,
		.why = why,
	};
	return 0;
}

/* Replaces *@fd by the directory above it; 1 at the root. */
static int go_up(int *fd, struct stat *st)
{
	dev_t dev = st->st_dev;
	ino_t ino = st->st_ino;
	int up = openat(*fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (up < 0)
		return -errno;
	fd_replace(fd, up);
	if (fstat(up, st) < 0)
		return -errno;
	return st->st_dev == dev && st->st_ino == ino;
}

/* The directory @path and those above it, as the kernel resolves them. */
static int add_upwards(struct guard *g, const char *path, bool below,
		       bool written, const char *why)
{
	autoclose int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct stat st;
	int rc = 0;

	if (fd < 0 || fstat(fd, &st) < 0)
		return errno == ENOENT || errno == ENOTDIR ? 0 : -errno;
	while (rc == 0) {
		rc = add(g, &st, below, written, why);
		below = false;
		if (rc == 0)
			rc = go_up(&fd, &st);
	}
	return rc < 0 ? rc : 0;
}

/*
 * @path, what is above it, and where the symlinks on the way lie: who can
 * write there can lead us elsewhere next time.
 */
static int add_path(struct guard *g, const char *path, bool written,
		    const char *why, int symlinks)
{
	char at[PATH_MAX], target[PATH_MAX], joined[PATH_MAX];
	int rc = add_upwards(g, path, true, written, why);

	if (strlen(path) >= sizeof(at))
		return -ENAMETOOLONG;
	for (const char *p = path; rc == 0 && *p; p += strspn(p, "/")) {
		ssize_t n;

		p += strcspn(p, "/");
		if (p == path)
			continue;
		snprintf(at, sizeof(at), "%.*s", (int)(p - path), path);
		n = readlink(at, target, sizeof(target) - 1);
		if (n < 0) {
			/* a part of the way that is there guards the rest */
			rc = add_upwards(g, at, false, written, why);
			continue;
		}
		target[n] = '\0';
		*(strrchr(at, '/') + 1) = '\0';
		rc = add_upwards(g, at, false, written, why);
		if (rc == 0 && symlinks == 0)
			rc = -ELOOP;
		if (snprintf(joined, sizeof(joined), "%s%s%s",
			     target[0] == '/' ? "" : at, target,
			     p) >= (int)sizeof(joined))
			rc = -ENAMETOOLONG;
		/* the rest of the way is in there */
		return rc < 0 ? rc
			      : add_path(g, joined, written, why, symlinks - 1);
	}
	return rc;
}

static int find_libexec(char *buf, size_t len)
{
	return where_libexec(".", buf, len);
}

static int find_data(char *buf, size_t len)
{
	return where_data(".", buf, len);
}

int guard_prepare(struct guard *g, struct fault *f)
{
	static const struct {
		int (*path)(char *buf, size_t len);
		const char *why;
		bool written;
	} own[] = {
		{ dirs_config, "isolate's profiles are in it", false },
		{ dirs_data, "isolate's identities are in it", false },
		{ dirs_cache, "isolate's system-call filters are in it",
		  false },
		{ dirs_runtime, "the sockets of isolate's tor are in it",
		  false },
		/* who can write there decides about the next launch */
		{ where_program, "isolate itself is in it", true },
		{ find_libexec, "isolate's gateway is in it", true },
		{ find_data, "isolate's shipped profiles are in it", true },
	};
	/* as in profiles/mount.c; all that is below can be granted */
	static const struct {
		const char *path, *why;
	} systems[] = {
		{ "/run", "the sockets of the host are in it" },
		{ "/run/user", "the sockets of the host are in it" },
		{ "/dev", "the devices of the host are in it" },
		{ "/etc", "it tells who and where you are" },
		{ "/home", "every user's files are in it" },
		{ "/tmp", "other programs' files are in it" },
	};
	char path[PATH_MAX];
	struct stat st;
	int rc = 0;

	g->n = 0;
	for (size_t i = 0; rc == 0 && i < ARRAY_SIZE(systems); i++)
		if (stat(systems[i].path, &st) == 0)
			rc = add(g, &st, false, false, systems[i].why);
	for (size_t i = 0; rc == 0 && i < ARRAY_SIZE(own); i++) {
		rc = own[i].path(path, sizeof(path));
		if (rc == 0)
			rc = add_path(g, path, own[i].written, own[i].why,
				      SYMLINKS_MAX);
	}
	return rc < 0 ? fault_set(f, rc, "find isolate's own directories") : 0;
}

static int refuse(struct fault *f, const char *src, const char *why)
{
	fault_set(f, 0, "share %s: refused: %s", src, why);
	fault_hint(f, "share a directory that holds only what is needed");
	return -EINVAL;
}

static int check_type(int fd, const char *src, struct fault *f)
{
	struct statfs fs;

	if (fstatfs(fd, &fs) < 0)
		return fault_set(f, errno, "share %s", src);
	for (size_t i = 0; i < ARRAY_SIZE(kernel_types); i++)
		if ((unsigned long)fs.f_type == kernel_types[i].magic) {
			fault_set(f, 0, "share %s: refused: it is %s", src,
				  kernel_types[i].name);
			return -EINVAL;
		}
	return 0;
}

/* The directory that @fd is, or that a file was opened in. */
static int directory_of(int fd, const struct stat *st)
{
	char link[40], path[PATH_MAX];
	ssize_t n;
	int dir;

	if (S_ISDIR(st->st_mode)) {
		dir = openat(fd, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
		return dir < 0 ? -errno : dir;
	}
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	if (n < 0)
		return -errno;
	path[n] = '\0';
	if (path[0] != '/')
		return -EINVAL;
	*(strrchr(path, '/') + 1) = '\0';
	dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return dir < 0 ? -errno : dir;
}

static bool is_closed(const struct guard_place *p, const struct stat *st,
		      bool writable)
{
	return is_same(p, st) && (writable || !p->written);
}

int guard_check(const struct guard *g, int fd, const char *src, bool writable,
		struct fault *f)
{
	autoclose int at = -1;
	struct stat st;
	int rc = check_type(fd, src, f);

	if (rc < 0)
		return rc;
	/* the root at least is always one */
	if (g->n == 0)
		return fault_set(f, EPERM, "compare %s with our own", src);
	if (fstat(fd, &st) < 0)
		return fault_set(f, errno, "share %s", src);
	for (size_t i = 0; i < g->n; i++)
		if (is_closed(&g->places[i], &st, writable))
			return refuse(f, src, g->places[i].why);
	at = directory_of(fd, &st);
	if (at < 0 || fstat(at, &st) < 0)
		return fault_set(f, at < 0 ? at : errno, "see where %s lies",
				 src);
	while (rc == 0) {
		for (size_t i = 0; i < g->n; i++)
			if (g->places[i].below &&
			    is_closed(&g->places[i], &st, writable))
				return refuse(f, src, g->places[i].why);
		rc = go_up(&at, &st);
	}
	return rc < 0 ? fault_set(f, rc, "see where %s lies", src) : 0;
}
