/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/stdio.c - what stands behind the application's descriptors 0-2 */
#include "launcher/stdio.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define PIPEFS_MAGIC 0x50495045 /* linux/magic.h */
#define PUMP_BYTES 65536

enum kind {
	KIND_UNSET = 0,
	KIND_CLOSED,
	KIND_TTY,
	KIND_PIPE,
	KIND_NULL,
	KIND_PUMP,
	KIND_REFUSED,
};

static enum kind look(int fd, struct stat *st)
{
	struct statfs fs;
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || fstat(fd, st) < 0)
		return KIND_CLOSED;
	if (flags & O_PATH)
		return KIND_REFUSED;
	if (isatty(fd))
		return KIND_TTY;
	if (S_ISFIFO(st->st_mode))
		return fstatfs(fd, &fs) == 0 && fs.f_type == PIPEFS_MAGIC
			       ? KIND_PIPE
			       : KIND_PUMP;
	if (S_ISCHR(st->st_mode) && st->st_rdev == makedev(1, 3))
		return KIND_NULL;
	if (S_ISREG(st->st_mode) || S_ISSOCK(st->st_mode) ||
	    S_ISCHR(st->st_mode))
		return KIND_PUMP;
	/* a directory, a block device, an anonymous inode */
	return KIND_REFUSED;
}

static int make_pump(struct stdio *s, struct sandbox *sb, int fd)
{
	bool input = fd == STDIN_FILENO;
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	s->child[fd] = ends[input ? 0 : 1];
	s->pumps[fd] = (struct stdio_pump){
		.from = input ? fd : ends[0],
		.to = input ? ends[1] : fd,
		.input = input,
	};
	if (input) {
		/* a reader that is slow must not hold up the supervisor */
		fd_set_nonblock(ends[1], 1);
		s->stdin_keep = fcntl(ends[0], F_DUPFD_CLOEXEC, 3);
	}
	sb->stdio[fd] =
		(struct sandbox_stdio){ SANDBOX_STD_PIPE, s->child[fd] };
	return 0;
}

/* Is stderr the same open file as stdout? Then their order must be kept. */
static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

static int prepare_one(struct stdio *s, struct sandbox *sb, int fd,
		       struct stat *st, struct fault *f)
{
	static const char *const names[] = { "stdin", "stdout", "stderr" };
	int rc = 0;

	switch (look(fd, &st[fd])) {
	case KIND_UNSET:
	case KIND_CLOSED:
		st[fd] = (struct stat){ 0 };
		sb->stdio[fd].kind = SANDBOX_STD_NULL;
		break;
	case KIND_NULL:
		sb->stdio[fd].kind = SANDBOX_STD_NULL;
		break;
	case KIND_TTY:
		sb->stdio[fd].kind = SANDBOX_STD_PTY;
		sb->pty = true;
		break;
	case KIND_PIPE:
		sb->stdio[fd] = (struct sandbox_stdio){ SANDBOX_STD_PIPE, fd };
		break;
	case KIND_PUMP:
		if (fd == STDERR_FILENO && s->pumps[STDOUT_FILENO].from >= 0 &&
		    is_same(&st[STDOUT_FILENO], &st[STDERR_FILENO]))
			sb->stdio[fd] = sb->stdio[STDOUT_FILENO];
		else
			rc = make_pump(s, sb, fd);
		if (rc < 0)
			fault_set(f, rc, "make a pipe for %s", names[fd]);
		break;
	case KIND_REFUSED:
		rc = fault_set(f, EPERM,
			       "%s is a directory or a device: it would be a "
			       "way out of the sandbox",
			       names[fd]);
		fault_hint(f, "redirect it to a file, a pipe or /dev/null");
		break;
	}
	return rc;
}

int stdio_prepare(struct stdio *s, struct sandbox *sb, struct fault *f)
{
	struct stat st[3];
	int rc = 0;

	s->stdin_keep = -1;
	for (int fd = 0; fd < 3; fd++) {
		s->child[fd] = -1;
		s->pumps[fd] = (struct stdio_pump){ -1, -1, false };
		sb->stdio[fd] = (struct sandbox_stdio){ SANDBOX_STD_UNSET, -1 };
	}
	for (int fd = 0; rc == 0 && fd < 3; fd++)
		rc = prepare_one(s, sb, fd, st, f);
	return rc;
}

void stdio_close_child(struct stdio *s)
{
	for (int fd = 0; fd < 3; fd++)
		fd_replace(&s->child[fd], -1);
}

struct pollfd stdio_poll_fd(const struct stdio_pump *pump)
{
	int room;

	if (pump->from < 0)
		return (struct pollfd){ .fd = -1 };
	/* towards a full pipe: wait for room, not for more to read */
	if (pump->input) {
		struct pollfd to = { .fd = pump->to, .events = POLLOUT };

		room = poll(&to, 1, 0);
		if (room == 0)
			return to;
	}
	return (struct pollfd){ .fd = pump->from, .events = POLLIN };
}

static void end_pump(struct stdio_pump *pump)
{
	/* the caller's own descriptor is not ours to close */
	if (pump->input)
		fd_close(pump->to);
	else
		fd_close(pump->from);
	pump->from = pump->to = -1;
}

void stdio_pump_run(struct stdio_pump *pump)
{
	char buf[PUMP_BYTES];
	size_t want = sizeof(buf);
	ssize_t n;

	if (pump->input) {
		/* a pipe that polls writable takes PIPE_BUF without blocking */
		want = 4096;
	}
	n = read(pump->from, buf, want);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n <= 0 || fd_write_full(pump->to, buf, (size_t)n) < 0)
		end_pump(pump);
}

void stdio_finish(struct stdio *s)
{
	int unread = 0;

	for (int fd = 1; fd < 3; fd++) {
		struct stdio_pump *pump = &s->pumps[fd];

		/* what is left alive in the sandbox is being killed: the pipe
		 * ends when the last writer is gone */
		while (pump->from >= 0)
			stdio_pump_run(pump);
	}
	if (s->stdin_keep >= 0 &&
	    ioctl(s->stdin_keep, FIONREAD, &unread) == 0 && unread > 0)
		(void)lseek(STDIN_FILENO, -(off_t)unread, SEEK_CUR);
	fd_replace(&s->stdin_keep, -1);
}
