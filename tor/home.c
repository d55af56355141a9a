/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tor/home.c - the directories and the lock of our own tor */
#include "tor/home.h"

#include <bsd/string.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/path.h"
#include "tor/deadline.h"
#include "tor/torrc.h"

/* in the data directory, beside tor's own files */
#define LOCK_NAME "isolate.lock"
#define RECORD_NAME "isolate.sockets"
/* beside the sockets */
#define READY_NAME "ready"

/* after the name of a directory that is being removed */
#define ASIDE ".gone"
#define REMOVE_TRIES 10

static const int retry_ms = 10;

/* a directory that only we can change; tor wants it 0700 */
static int open_private(const char *path, struct fault *f)
{
	autoclose int fd = path_open_private(path);
	int rc;

	if (fd < 0) {
		rc = fault_set(f, fd, "open directory %s", path);
		if (rc == -EPERM)
			fault_hint(f, "it must belong to you and be writable "
				      "by nobody else");
		return rc;
	}
	if (fchmod(fd, 0700) < 0)
		return fault_set(f, errno, "close %s to others", path);
	return fd_steal(&fd);
}

static bool is_private(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISDIR(st.st_mode) &&
	       st.st_uid == geteuid() && (st.st_mode & 022) == 0;
}

/* the directory above, or NULL */
static const char *parent_of(const char *path, char *buf, size_t len)
{
	char *slash;

	if (strlcpy(buf, path, len) >= len)
		return NULL;
	slash = strrchr(buf, '/');
	if (!slash || slash == buf)
		return NULL;
	*slash = '\0';
	return buf;
}

bool tor_home_sockets_are_private(const struct tor_home *h)
{
	char buf[TOR_SOCKET_DIR_MAX];
	const char *parent = parent_of(h->socket_dir, buf, sizeof(buf));

	/* in a parent of somebody else's it could be exchanged */
	return parent && is_private(parent) && is_private(h->socket_dir);
}

/* one that makes no sense is as good as none: nothing is found there */
static void read_record(struct tor_home *h)
{
	autoclose int fd = path_open_beneath(h->fd, RECORD_NAME, O_RDONLY, 0);
	char text[TOR_SOCKET_DIR_MAX];
	ssize_t n;

	strlcpy(h->socket_dir, h->config->socket_dir, sizeof(h->socket_dir));
	if (fd < 0)
		return;
	n = fd_read_full(fd, text, sizeof(text));
	if (n <= 1 || n >= (ssize_t)sizeof(text))
		return;
	text[n] = '\0';
	if (text[0] == '/' && strlen(text) == (size_t)n)
		strlcpy(h->socket_dir, text, sizeof(h->socket_dir));
}

int tor_home_open(struct tor_home *h, const struct tor_config *config,
		  bool create, struct fault *f)
{
	struct stat st;
	int fd, n;

	*h = (struct tor_home){
		.config = config, .create = create, .fd = -1, .lock = -1
	};
	n = snprintf(h->torrc, sizeof(h->torrc), "%s/" TOR_TORRC_NAME,
		     config->data_dir);
	if (n < 0 || (size_t)n >= sizeof(h->torrc))
		return fault_set(f, ENAMETOOLONG, "%.200s", config->data_dir);
	if (!create && lstat(config->data_dir, &st) < 0)
		return fault_set(f, errno, "open directory %s",
				 config->data_dir);
	fd = open_private(config->data_dir, f);
	if (fd < 0)
		return fd;
	h->fd = fd;
	read_record(h);
	return 0;
}

void tor_home_close(struct tor_home *h)
{
	tor_home_unlock(h);
	fd_replace(&h->fd, -1);
}

/* is what we opened still what is found there */
static bool is_there(const struct tor_home *h)
{
	struct stat mine, there;

	return fstat(h->fd, &mine) == 0 &&
	       stat(h->config->data_dir, &there) == 0 &&
	       mine.st_dev == there.st_dev && mine.st_ino == there.st_ino;
}

int tor_home_lock(struct tor_home *h, int timeout_ms, struct fault *f)
{
	const struct timespec nap = { .tv_nsec = retry_ms * 1000000L };
	int64_t deadline = tor_deadline_in(timeout_ms);
	autoclose int fd =
		path_open_beneath(h->fd, LOCK_NAME, O_RDWR | O_CREAT, 0600);

	if (fd < 0)
		return fault_set(f, fd == -ENOENT ? -ESTALE : fd,
				 "open %s/" LOCK_NAME, h->config->data_dir);
	/* flock(2) knows no time limit, and its holder may be stopped */
	while (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		int err = errno;

		if (err != EWOULDBLOCK && err != EINTR)
			return fault_set(f, err, "lock %s/" LOCK_NAME,
					 h->config->data_dir);
		if (tor_deadline_left(deadline) == 0)
			return fault_set(f, ETIMEDOUT,
					 "wait for another start or stop of "
					 "tor (lock %s/" LOCK_NAME ")",
					 h->config->data_dir);
		nanosleep(&nap, NULL);
	}
	/* who had the lock may have removed it with the directory */
	if (!is_there(h))
		return fault_set(f, ESTALE, "lock %s/" LOCK_NAME,
				 h->config->data_dir);
	h->lock = fd_steal(&fd);
	/* who had the lock may have started tor elsewhere */
	read_record(h);
	return 0;
}

void tor_home_unlock(struct tor_home *h)
{
	fd_replace(&h->lock, -1);
}

int tor_home_enter(struct tor_home *h, int timeout_ms, struct fault *f)
{
	const struct tor_config *config = h->config;
	int rc = tor_home_lock(h, timeout_ms, f);

	while (rc == -ESTALE) {
		tor_home_close(h);
		rc = tor_home_open(h, config, h->create, f);
		if (rc == 0)
			rc = tor_home_lock(h, timeout_ms, f);
	}
	return rc;
}

/*
 * All in @dirfd, which is closed, without following a link. Somebody else may
 * do the same. Return: 0 or -errno
 */
static int empty(int dirfd)
{
	DIR *dir = fdopendir(dirfd);
	const struct dirent *e;
	int rc = 0;

	if (!dir) {
		rc = -errno;
		fd_close(dirfd);
		return rc;
	}
	while (rc == 0 && (e = readdir(dir))) {
		int fd;

		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		if (unlinkat(dirfd, e->d_name, 0) == 0 || errno == ENOENT)
			continue;
		fd = path_open_beneath(dirfd, e->d_name, O_RDONLY | O_DIRECTORY,
				       0);
		rc = fd < 0 ? fd : empty(fd);
		if (rc == 0 && unlinkat(dirfd, e->d_name, AT_REMOVEDIR) < 0)
			rc = -errno;
		if (rc == -ENOENT)
			rc = 0;
	}
	closedir(dir);
	return rc;
}

/* Return: 0 (also where there is none) or -errno */
static int remove_all(const char *path)
{
	int rc = 0;

	/* who waited for its lock may just have made that file again */
	for (int i = 0; i < REMOVE_TRIES; i++) {
		int fd = open(path,
			      O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

		rc = fd < 0 ? -errno : empty(fd);
		if (rc == 0 && rmdir(path) < 0)
			rc = -errno;
		if (rc != -ENOTEMPTY)
			break;
	}
	return rc == -ENOENT ? 0 : rc;
}

int tor_home_remove(struct tor_home *h, struct fault *f)
{
	const char *dir = h->config->data_dir;
	char aside[PATH_MAX + sizeof(ASIDE)];
	int rc;

	snprintf(aside, sizeof(aside), "%s" ASIDE, dir);
	/* of one that was interrupted */
	rc = remove_all(aside);
	/* at once: a part of it is no tor's, and its lock goes with it */
	if (rc == 0 && rename(dir, aside) < 0)
		rc = -errno;
	if (rc == 0) {
		tor_home_unlock(h);
		rc = remove_all(aside);
	}
	return rc < 0 ? fault_set(f, rc, "remove %.200s", dir) : 0;
}

static int write_file(const struct tor_home *h, const char *name,
		      const char *text, bool durably, struct fault *f)
{
	autoclose int fd = -1;
	char new[64];
	int rc;

	snprintf(new, sizeof(new), "%s.new", name);
	fd = path_open_beneath(h->fd, new, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (fd < 0)
		return fault_set(f, fd, "write %s/%s", h->config->data_dir,
				 new);
	rc = fd_write_full(fd, text, strlen(text));
	if (rc == 0 && durably && fsync(fd) < 0)
		rc = -errno;
	if (rc == 0 && renameat(h->fd, new, h->fd, name) < 0)
		rc = -errno;
	if (rc < 0)
		unlinkat(h->fd, new, 0);
	else if (durably && fsync(h->fd) < 0)
		rc = -errno;
	if (rc < 0)
		return fault_set(f, rc, "write %s/%s", h->config->data_dir,
				 name);
	return 0;
}

int tor_home_write(const struct tor_home *h, const char *name, const char *text,
		   struct fault *f)
{
	return write_file(h, name, text, false, f);
}

int tor_home_write_durably(const struct tor_home *h, const char *name,
			   const char *text, struct fault *f)
{
	return write_file(h, name, text, true, f);
}

/* what tor and we make there; nobody else has anything in it */
static bool is_ours(const char *name)
{
	return strcmp(name, TOR_SOCKS_NAME) == 0 ||
	       strcmp(name, TOR_CONTROL_NAME) == 0 ||
	       strcmp(name, READY_NAME) == 0 ||
	       strncmp(name, TOR_PORT_PREFIX, strlen(TOR_PORT_PREFIX)) == 0 ||
	       strncmp(name, TOR_ONION_PREFIX, strlen(TOR_ONION_PREFIX)) == 0;
}

static void unlink_sockets(int dirfd)
{
	int fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *e;

	/* first, and whether or not the directory can be listed */
	unlinkat(dirfd, READY_NAME, 0);
	if (!dir) {
		fd_close(fd);
		return;
	}
	while ((e = readdir(dir)))
		if (is_ours(e->d_name))
			unlinkat(dirfd, e->d_name, 0);
	closedir(dir);
}

int tor_home_set_ready(const struct tor_home *h, struct fault *f)
{
	char path[TOR_SOCKET_DIR_MAX + 16];
	autoclose int fd = -1;

	snprintf(path, sizeof(path), "%s/" READY_NAME, h->socket_dir);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return fault_set(f, errno, "write %s", path);
	return 0;
}

bool tor_home_is_ready(const struct tor_home *h)
{
	char path[TOR_SOCKET_DIR_MAX + 16];

	snprintf(path, sizeof(path), "%s/" READY_NAME, h->socket_dir);
	return access(path, F_OK) == 0;
}

void tor_home_clear_sockets(const struct tor_home *h)
{
	autoclose int fd = -1;

	if (!tor_home_sockets_are_private(h))
		return;
	fd = open(h->socket_dir,
		  O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0)
		unlink_sockets(fd);
}

int tor_home_make_sockets(struct tor_home *h, struct fault *f)
{
	const char *dir = h->config->socket_dir;
	char buf[TOR_SOCKET_DIR_MAX];
	const char *parent = parent_of(dir, buf, sizeof(buf));
	autoclose int above = -1, fd = -1;

	if (!parent)
		return fault_set(f, EINVAL, "socket directory %s", dir);
	above = open_private(parent, f);
	if (above < 0)
		return above;
	fd = open_private(dir, f);
	if (fd < 0)
		return fd;
	unlink_sockets(fd);
	strlcpy(h->socket_dir, dir, sizeof(h->socket_dir));
	return tor_home_write(h, RECORD_NAME, dir, f);
}
