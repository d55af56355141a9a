/* SPDX-License-Identifier: GPL-3.0-or-later */
/* base/path.c - files opened beneath a directory, never through a symlink */
#include "base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/attr.h"

int path_open_beneath(int dirfd, const char *path, int flags, mode_t mode)
{
	struct open_how how = {
		.flags = (__u64)(flags | O_CLOEXEC),
		.mode = mode,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS |
			   RESOLVE_NO_MAGICLINKS,
	};
	long fd;

	/* openat2(2): EAGAIN means a rename raced with the walk: try again */
	do
		fd = syscall(SYS_openat2, dirfd, path, &how, sizeof(how));
	while (fd < 0 && (errno == EAGAIN || errno == EINTR));
	return fd < 0 ? -errno : (int)fd;
}

int path_make_dirs(int dirfd, const char *path, mode_t mode)
{
	int dir_flags = O_RDONLY | O_DIRECTORY;
	char buf[PATH_MAX], *part, *rest = buf;
	size_t len = strlen(path);
	autoclose int at = -1;

	if (len >= sizeof(buf))
		return -ENAMETOOLONG;
	memcpy(buf, path, len + 1);
	at = openat(dirfd, ".", dir_flags | O_CLOEXEC);
	if (at < 0)
		return -errno;
	while ((part = strsep(&rest, "/"))) {
		int next;

		if (!*part)
			continue;
		if (strcmp(part, ".") == 0 || strcmp(part, "..") == 0)
			return -EINVAL;
		if (mkdirat(at, part, mode) < 0 && errno != EEXIST)
			return -errno;
		next = path_open_beneath(at, part, dir_flags, 0);
		if (next < 0)
			return next;
		fd_replace(&at, next);
	}
	return fd_steal(&at);
}

/* mkdir -p of an absolute path, symlinks followed */
static int make_parents(char *path)
{
	for (char *p = path + 1; (p = strchr(p, '/')); p++) {
		int rc;

		*p = '\0';
		rc = mkdir(path, 0700) < 0 && errno != EEXIST ? -errno : 0;
		*p = '/';
		/* a parent we may pass but not make things in is fine */
		if (rc < 0 && rc != -EROFS && rc != -EACCES && rc != -EPERM)
			return rc;
	}
	return 0;
}

int path_open_private(const char *path)
{
	char buf[PATH_MAX];
	autoclose int fd = -1;
	size_t len = strlen(path);
	struct stat st;
	int rc;

	if (path[0] != '/')
		return -EINVAL;
	if (len >= sizeof(buf))
		return -ENAMETOOLONG;
	memcpy(buf, path, len + 1);
	while (len > 1 && buf[len - 1] == '/')
		buf[--len] = '\0';
	rc = make_parents(buf);
	if (rc < 0)
		return rc;
	if (mkdir(buf, 0700) < 0 && errno != EEXIST)
		return -errno;
	fd = open(buf, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (st.st_uid != geteuid() || (st.st_mode & 022))
		return -EPERM;
	return fd_steal(&fd);
}

int path_reopen(int dirfd)
{
	char link[40], path[PATH_MAX];
	ssize_t n;
	int fd;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", dirfd);
	n = readlink(link, path, sizeof(path));
	if (n < 0)
		return -errno;
	if ((size_t)n >= sizeof(path))
		return -ENAMETOOLONG;
	path[n] = '\0';
	fd = open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}
