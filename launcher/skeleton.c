/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/skeleton.c - what of the new root is the same in every sandbox */
#include "launcher/skeleton.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/path.h"
#include "launcher/facade.h"

#define STAMP_NAME "stamp"
/* 16 hexadecimal digits */
#define STAMP_LEN 16

/* Fowler, Noll and Vo's FNV-1a, 64 bits: against mistakes, not attackers. */
static void mix(uint64_t *h, const char *s)
{
	do {
		*h ^= (unsigned char)*s;
		*h *= UINT64_C(0x100000001b3);
	} while (*s++);
}

static void mix_list(uint64_t *h, const char *const *list)
{
	for (; *list; list++)
		mix(h, *list);
	mix(h, "");
}

static void mix_files(uint64_t *h, const struct facade_file *files)
{
	for (; files->path; files++) {
		mix(h, files->path);
		mix(h, files->text);
	}
	mix(h, "");
}

/* Of everything that skeleton_make() reads. */
static void stamp_of_tables(char stamp[STAMP_LEN + 1])
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	mix_list(&h, facade_dirs);
	for (size_t i = 0; facade_links[i].path; i++) {
		mix(&h, facade_links[i].path);
		mix(&h, facade_links[i].target);
	}
	mix_files(&h, facade_files);
	mix_list(&h, facade_devices);
	mix_list(&h, facade_proc_dirs);
	mix_files(&h, facade_proc_files);
	snprintf(stamp, STAMP_LEN + 1, "%016" PRIx64, h);
}

static int make_dirs(int dirfd, const char *const *dirs, struct fault *f)
{
	for (; *dirs; dirs++)
		if (mkdirat(dirfd, *dirs, 0755) < 0)
			return fault_set(f, errno, "make %s", *dirs);
	return 0;
}

static int make_links(int dirfd, struct fault *f)
{
	for (const struct facade_link *l = facade_links; l->path; l++)
		if (symlinkat(l->target, dirfd, l->path) < 0)
			return fault_set(f, errno, "link %s", l->path);
	return 0;
}

int skeleton_make_files(int dirfd, const struct facade_file *files,
			struct fault *f)
{
	for (; files->path; files++) {
		int rc = fd_write_file(dirfd, files->path, O_CREAT | O_EXCL,
				       files->text);

		if (rc < 0)
			return fault_set(f, rc, "write %s", files->path);
	}
	return 0;
}

/* What the host's devices are bound to. */
static int make_devices(int dirfd, struct fault *f)
{
	for (size_t i = 0; facade_devices[i]; i++) {
		char path[32];

		snprintf(path, sizeof(path), "dev/%s", facade_devices[i]);
		if (mknodat(dirfd, path, S_IFREG | 0444, 0) < 0)
			return fault_set(f, errno, "make %s", path);
	}
	return 0;
}

static int open_part(int dirfd, const char *name, struct fault *f)
{
	int fd;

	if (mkdirat(dirfd, name, 0755) < 0 && errno != EEXIST)
		return fault_set(f, errno, "make %s", name);
	fd = openat(dirfd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? fault_set(f, errno, "open %s", name) : fd;
}

int skeleton_make(int dirfd, struct fault *f)
{
	autoclose int root = open_part(dirfd, SKELETON_ROOT, f);
	autoclose int facade = open_part(dirfd, SKELETON_FACADE, f);
	int rc;

	if (root < 0 || facade < 0)
		return root < 0 ? root : facade;
	rc = make_dirs(root, facade_dirs, f);
	if (rc == 0)
		rc = make_links(root, f);
	if (rc == 0)
		rc = skeleton_make_files(root, facade_files, f);
	if (rc == 0)
		rc = make_devices(root, f);
	if (rc == 0)
		rc = make_dirs(facade, facade_proc_dirs, f);
	return rc == 0 ? skeleton_make_files(facade, facade_proc_files, f) : rc;
}

int skeleton_stamp(int dirfd, struct fault *f)
{
	char stamp[STAMP_LEN + 1];
	int rc;

	stamp_of_tables(stamp);
	rc = fd_write_file(dirfd, STAMP_NAME, O_CREAT | O_EXCL, stamp);
	return rc < 0 ? fault_set(f, rc, "write " STAMP_NAME) : 0;
}

static bool is_ours(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 &&
	       (st.st_uid == 0 || st.st_uid == geteuid()) &&
	       !(st.st_mode & (S_IWGRP | S_IWOTH));
}

static bool has_our_stamp(int fd)
{
	autoclose int stamp = path_open_beneath(fd, STAMP_NAME, O_RDONLY, 0);
	char want[STAMP_LEN + 1], is[STAMP_LEN + 1];

	if (stamp < 0 || fd_read_full(stamp, is, sizeof(is)) != STAMP_LEN)
		return false;
	stamp_of_tables(want);
	return memcmp(is, want, STAMP_LEN) == 0;
}

int skeleton_open(const char *path)
{
	autoclose int fd =
		open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	if (!is_ours(fd))
		return -EPERM;
	return has_our_stamp(fd) ? fd_steal(&fd) : -ESTALE;
}

int skeleton_reopen(int fd)
{
	autoclose int own = path_reopen(fd);
	struct stat ours, theirs;

	if (own < 0)
		return own;
	if (fstat(own, &ours) < 0 || fstat(fd, &theirs) < 0)
		return -errno;
	if (ours.st_dev != theirs.st_dev || ours.st_ino != theirs.st_ino)
		return -ESTALE;
	return fd_steal(&own);
}
