/* SPDX-License-Identifier: GPL-3.0-or-later */
/* profiles/find.c - open profile files that nobody else can have written */
#include "profiles/find.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/dirs.h"
#include "base/path.h"
#include "base/where.h"
#include "profiles/profile.h"

#define FIND_SUFFIX ".profile"
#define FIND_DROP_IN ".conf"
#define FIND_DEPTH_MAX 64
#define FIND_ENTRIES_MAX 1024 /* of a directory, drop-ins and profiles */

/* Relative values are to be ignored (XDG Base Directory Specification). */
static int config_home(char *buf, size_t len)
{
	const char *xdg = getenv("XDG_CONFIG_HOME");
	char home[PATH_MAX];
	int n, rc;

	if (xdg && xdg[0] == '/') {
		n = snprintf(buf, len, "%s/isolate/profiles", xdg);
	} else {
		rc = dirs_home(home, sizeof(home));
		if (rc < 0)
			return rc;
		n = snprintf(buf, len, "%s/.config/isolate/profiles", home);
	}
	return n >= (int)len ? -ENAMETOOLONG : 0;
}

int profile_dirs_init(struct profile_dirs *d, struct fault *f)
{
	int rc = where_profiles(d->shipped, sizeof(d->shipped));

	d->n = 0;
	if (rc < 0)
		return fault_set(f, rc, "find the shipped profiles");
	d->dirs[d->n++] = d->shipped;
	d->dirs[d->n++] = ISOLATE_SYSCONFDIR "/isolate/profiles";
	rc = config_home(d->user, sizeof(d->user));
	if (rc == 0)
		d->dirs[d->n++] = d->user;
	else if (rc != -ENOENT) /* a user without a home has no profiles */
		return fault_set(f, rc, "find the user's profiles");
	return 0;
}

static bool is_trusted_owner(const struct find *fi, uid_t uid)
{
	/* who can replace the program needs no profile to make it do something
	 * else; this lets a user's build tree be run by root */
	return uid == 0 || uid == fi->self || uid == fi->program_owner;
}

static int check_owner(const struct find *fi, const struct stat *st,
		       const char *path, struct fault *f)
{
	if (!is_trusted_owner(fi, st->st_uid)) {
		fault_set(f, 0,
			  "%.160s belongs to uid %u, neither to you nor "
			  "to root",
			  path, st->st_uid);
		fault_hint(f, "whoever can write a profile decides what it "
			      "opens: chown it");
		return -EPERM;
	}
	if (st->st_mode & 022) {
		fault_set(f, 0, "%.160s can be written by others (mode %03o)",
			  path, st->st_mode & 0777);
		fault_hint(f, "chmod go-w '%.160s'", path);
		return -EPERM;
	}
	return 0;
}

/*
 * Who can rename a directory on the way can put another in its place. Group
 * write is let pass here only: Debian's /usr/local is root:staff 2775.
 */
static int check_above(const struct find *fi, int dirfd, const char *path,
		       struct fault *f)
{
	autoclose int at = fcntl(dirfd, F_DUPFD_CLOEXEC, 0);
	struct stat st, up;

	if (at < 0 || fstat(at, &st) < 0)
		return fault_set(f, errno, "check %s", path);
	for (int depth = 0; depth < FIND_DEPTH_MAX; depth++) {
		int next = openat(at, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);

		if (next < 0)
			return fault_set(f, errno, "check above %s", path);
		fd_replace(&at, next);
		if (fstat(at, &up) < 0)
			return fault_set(f, errno, "check above %s", path);
		if (up.st_dev == st.st_dev && up.st_ino == st.st_ino)
			return 0; /* the root */
		if (up.st_dev == fi->program_dev &&
		    up.st_ino == fi->program_ino)
			return 0; /* who replaces this replaces the program */
		if ((!is_trusted_owner(fi, up.st_uid) &&
		     up.st_uid != fi->root_owner) ||
		    ((up.st_mode & 02) && !(up.st_mode & S_ISVTX))) {
			fault_set(f, 0,
				  "a directory above %.160s can be "
				  "replaced by others",
				  path);
			fault_hint(f, "see namei -l '%.160s'", path);
			return -EPERM;
		}
		st = up;
	}
	return fault_set(f, ELOOP, "check above %s", path);
}

/* Symlinks above are the user's own business: what was reached is checked. */
static int open_dir(const struct find *fi, const char *path, struct fault *f)
{
	autoclose int fd = -1;
	struct stat st;
	int rc;

	if (path[0] != '/')
		return fault_set(f, 0, "%s: profile directories are absolute",
				 path);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return -ENOENT;
	if (fd < 0 || fstat(fd, &st) < 0)
		return fault_set(f, errno, "open %s", path);
	rc = check_owner(fi, &st, path, f);
	if (rc == 0)
		rc = check_above(fi, fd, path, f);
	return rc < 0 ? rc : fd_steal(&fd);
}

/* Without /proc, or with a program that is gone: only root and the user. */
static void find_program(struct find *fi)
{
	char dir[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", dir, sizeof(dir) - 1);
	struct stat st;
	char *slash;

	if (lstat("/", &st) == 0)
		fi->root_owner = st.st_uid;
	if (n < 0)
		return;
	dir[n] = '\0';
	slash = strrchr(dir, '/');
	if (!slash)
		return;
	slash[slash == dir] = '\0';
	if (stat(dir, &st) < 0)
		return;
	fi->program_owner = st.st_uid;
	fi->program_dev = st.st_dev;
	fi->program_ino = st.st_ino;
}

int find_open(const struct profile_dirs *dirs, struct find *fi, struct fault *f)
{
	*fi = (struct find){ .dirs = dirs, .self = geteuid() };
	for (size_t i = 0; i < ARRAY_SIZE(fi->fds); i++)
		fi->fds[i] = -1;
	if (dirs->n > ARRAY_SIZE(fi->fds))
		return fault_set(f, E2BIG, "open the profile directories");
	find_program(fi);
	for (size_t i = 0; i < dirs->n; i++) {
		int fd = open_dir(fi, dirs->dirs[i], f);

		if (fd < 0 && fd != -ENOENT)
			return fd;
		fi->fds[i] = fd < 0 ? -1 : fd;
	}
	return 0;
}

void find_close(struct find *fi)
{
	for (size_t i = 0; i < ARRAY_SIZE(fi->fds); i++)
		fd_replace(&fi->fds[i], -1);
}

static int check_file(const struct find *fi, int fd, const char *path,
		      struct fault *f)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return fault_set(f, errno, "check %s", path);
	if (!S_ISREG(st.st_mode)) {
		fault_set(f, 0, "%.200s is not a regular file", path);
		return -EINVAL;
	}
	return check_owner(fi, &st, path, f);
}

int find_read_at(const struct find *fi, int dirfd, const char *file,
		 const char *path, char **text, size_t *len, struct fault *f)
{
	/* O_NONBLOCK: a planted fifo must not stop us, nor a terminal */
	autoclose int fd = path_open_beneath(
		dirfd, file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0);
	int rc;

	if (fd == -ENOENT)
		return -ENOENT;
	if (fd == -ELOOP) {
		fault_set(f, 0, "%.200s is a symlink", path);
		fault_hint(f, "put the file itself there, or use include");
		return -ELOOP;
	}
	if (fd < 0)
		return fault_set(f, fd, "open %s", path);
	rc = check_file(fi, fd, path, f);
	if (rc < 0)
		return rc;
	rc = fd_read_text(fd, PROFILE_FILE_MAX_BYTES, text, len);
	if (rc == -EFBIG) {
		fault_set(f, 0, "%.200s is larger than 64 KiB", path);
		return rc;
	}
	return rc < 0 ? fault_set(f, rc, "read %s", path) : 0;
}

int find_read(const struct find *fi, size_t dir, const char *name, char **path,
	      char **text, size_t *len, struct fault *f)
{
	autofree char *at = NULL, *file = NULL;
	int rc;

	if (fi->fds[dir] < 0)
		return -ENOENT;
	file = xasprintf("%s" FIND_SUFFIX, name);
	at = xasprintf("%s/%s", fi->dirs->dirs[dir], file);
	rc = find_read_at(fi, fi->fds[dir], file, at, text, len, f);
	if (rc < 0)
		return rc;
	*path = at;
	at = NULL;
	return 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void find_sort(struct strv *names)
{
	if (names->n > 1)
		qsort(names->v, names->n, sizeof(*names->v), by_name);
}

int find_list(int dirfd, const char *suffix, struct strv *names)
{
	/* a description of its own: dirfd keeps its position */
	int fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	size_t tail = strlen(suffix), n = 0;
	const struct dirent *e;
	int rc = 0;

	if (!dir) {
		rc = -errno;
		fd_close(fd);
		return rc;
	}
	while (rc == 0 && (errno = 0, e = readdir(dir))) {
		size_t len = strlen(e->d_name);

		if (e->d_name[0] == '.' || len <= tail ||
		    strcmp(e->d_name + len - tail, suffix) != 0)
			continue;
		if (++n > FIND_ENTRIES_MAX)
			rc = -E2BIG;
		else
			strv_add_take(names, xstrndup(e->d_name, len - tail));
	}
	if (rc == 0)
		rc = -errno;
	closedir(dir);
	find_sort(names);
	return rc;
}

/* The checked directory of drop-ins, or -errno (-ENOENT without a fault). */
static int open_drop_ins(const struct find *fi, size_t dir, const char *name,
			 const char *path, struct fault *f)
{
	autofree char *sub = xasprintf("%s" FIND_SUFFIX ".d", name);
	autoclose int fd =
		path_open_beneath(fi->fds[dir], sub, O_RDONLY | O_DIRECTORY, 0);
	struct stat st;
	int rc;

	if (fd == -ENOENT)
		return -ENOENT;
	if (fd < 0)
		return fault_set(f, fd, "open %s", path);
	if (fstat(fd, &st) < 0)
		return fault_set(f, errno, "check %s", path);
	rc = check_owner(fi, &st, path, f);
	return rc < 0 ? rc : fd_steal(&fd);
}

int find_drop_ins(const struct find *fi, size_t dir, const char *name,
		  int *dirfd, char **path, struct strv *names, struct fault *f)
{
	autofree char *at = NULL;
	int fd, rc;

	*dirfd = -1;
	*path = NULL;
	if (fi->fds[dir] < 0)
		return 0;
	at = xasprintf("%s/%s" FIND_SUFFIX ".d", fi->dirs->dirs[dir], name);
	fd = open_drop_ins(fi, dir, name, at, f);
	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	rc = find_list(fd, FIND_DROP_IN, names);
	if (rc < 0) {
		fd_close(fd);
		return fault_set(f, rc, "list %s", at);
	}
	*dirfd = fd;
	*path = at;
	at = NULL;
	return 0;
}
