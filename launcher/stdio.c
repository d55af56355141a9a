/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/stdio.c - what stands behind the application's descriptors 0-2 */
#include "launcher/stdio.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/alloc.h"
#include "launcher/drain.h"

#define PUMP_BYTES 65536
/* What a pipe that polls writable takes without blocking (pipe(7)). */
#define WRITE_BYTES 4096

enum kind {
	KIND_UNSET = 0,
	KIND_CLOSED,
	KIND_TTY,
	KIND_NULL,
	KIND_PUMP,
	KIND_REFUSED,
};

static enum kind look(int fd, struct stat *st)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || fstat(fd, st) < 0)
		return KIND_CLOSED;
	if (flags & O_PATH)
		return KIND_REFUSED;
	if (isatty(fd))
		return KIND_TTY;
	if (S_ISCHR(st->st_mode) && st->st_rdev == makedev(1, 3))
		return KIND_NULL;
	/*
	 * The caller's pipe too: through /proc/self/fd it could be opened
	 * anew, at its other end, and O_NONBLOCK is for all who have it.
	 */
	if (S_ISFIFO(st->st_mode) || S_ISREG(st->st_mode) ||
	    S_ISSOCK(st->st_mode) || S_ISCHR(st->st_mode))
		return KIND_PUMP;
	/* a directory, a block device, an anonymous inode */
	return KIND_REFUSED;
}

/* Can it be looked at without being taken? */
static bool can_lend(int fd, const struct stat *st)
{
	socklen_t len = sizeof(int);
	int type;

	if (S_ISFIFO(st->st_mode))
		return true;
	return S_ISSOCK(st->st_mode) &&
	       getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0 &&
	       type == SOCK_STREAM;
}

static int make_pump(struct stdio *s, struct sandbox *sb, int fd,
		     const struct stat *st)
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
		.is_socket = !input && S_ISSOCK(st->st_mode),
		/* not zeroed: each of its pages would be copied by forks */
		.buf = xreallocarray(NULL, 1, PUMP_BYTES),
	};
	/* of one page: that it has room says that all has been read */
	s->pumps[fd].lends = input && can_lend(fd, st) &&
			     fcntl(ends[1], F_SETPIPE_SZ, WRITE_BYTES) > 0;
	/* our own end, which nobody else has */
	fd_set_nonblock(ends[input ? 1 : 0], 1);
	if (input)
		s->stdin_keep = fcntl(ends[0], F_DUPFD_CLOEXEC, 3);
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
	case KIND_PUMP:
		if (fd == STDERR_FILENO && s->pumps[STDOUT_FILENO].from >= 0 &&
		    is_same(&st[STDOUT_FILENO], &st[STDERR_FILENO]))
			sb->stdio[fd] = sb->stdio[STDOUT_FILENO];
		else
			rc = make_pump(s, sb, fd, &st[fd]);
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

void stdio_init(struct stdio *s)
{
	s->stdin_keep = -1;
	for (int fd = 0; fd < 3; fd++) {
		s->child[fd] = -1;
		s->pumps[fd] = (struct stdio_pump){ .from = -1, .to = -1 };
	}
}

int stdio_prepare(struct stdio *s, struct sandbox *sb, struct fault *f)
{
	struct stat st[3];
	int rc = 0;

	stdio_init(s);
	for (int fd = 0; fd < 3; fd++) {
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

static bool has_data(const struct stdio_pump *pump)
{
	return pump->start < pump->end;
}

struct pollfd stdio_poll_fd(const struct stdio_pump *pump)
{
	if (pump->from < 0)
		return (struct pollfd){ .fd = -1 };
	if (pump->lends && pump->lent > 0)
		return (struct pollfd){ .fd = pump->to, .events = POLLOUT };
	/* one or the other: who cannot pass anything on takes nothing in */
	if (has_data(pump))
		return (struct pollfd){ .fd = pump->to, .events = POLLOUT };
	return (struct pollfd){ .fd = pump->from, .events = POLLIN };
}

static void end_pump(struct stdio_pump *pump)
{
	/* the caller's own descriptor is not ours to close */
	if (pump->input)
		fd_close(pump->to);
	else
		fd_close(pump->from);
	free(pump->buf);
	*pump = (struct stdio_pump){ .from = -1, .to = -1 };
}

/* Takes what there is; false when there is nothing now. */
static bool fill(struct stdio_pump *pump)
{
	/* what is read ahead of the application can be lost to others */
	size_t want = pump->input ? WRITE_BYTES : PUMP_BYTES;
	ssize_t n = read(pump->from, pump->buf, want);

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return false;
	if (n <= 0) {
		end_pump(pump);
		return false;
	}
	pump->start = 0;
	pump->end = (size_t)n;
	return true;
}

/* Passes on what @to takes without blocking. */
static void pass_on(struct stdio_pump *pump)
{
	struct pollfd room = { .fd = pump->to, .events = POLLOUT };
	const char *at = pump->buf + pump->start;
	size_t len = pump->end - pump->start;
	ssize_t n;

	/* O_NONBLOCK would be for all who share the open file */
	if (pump->is_socket)
		n = send(pump->to, at, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	else if (poll(&room, 1, 0) == 0)
		return;
	else
		n = write(pump->to, at, len < WRITE_BYTES ? len : WRITE_BYTES);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n < 0)
		end_pump(pump);
	else
		pump->start += (size_t)n;
}

/* The application has read @n bytes of what was lent: take them. */
static void settle(struct stdio_pump *pump, size_t n)
{
	struct pollfd from = { .fd = pump->from, .events = POLLIN };

	pump->lent = 0;
	/* poll: somebody else may have taken them, and read(2) would wait */
	while (n > 0 && poll(&from, 1, 0) > 0) {
		ssize_t got = read(pump->from, pump->buf,
				   n < PUMP_BYTES ? n : PUMP_BYTES);

		if (got <= 0)
			return;
		n -= (size_t)got;
	}
}

/*
 * Shows the application what is next, and takes it only when it has been
 * read: a program that does not read its input leaves it to the next one, as
 * in `... | while read x; do isolate ...; done`.
 */
static void lend(struct stdio_pump *pump)
{
	struct pollfd room = { .fd = pump->to, .events = POLLOUT };
	ssize_t n;

	if (poll(&room, 1, 0) <= 0)
		return;
	settle(pump, pump->lent);
	n = tee(pump->from, pump->to, WRITE_BYTES, SPLICE_F_NONBLOCK);
	if (n < 0 && errno == EINVAL) {
		n = recv(pump->from, pump->buf, WRITE_BYTES,
			 MSG_PEEK | MSG_DONTWAIT);
		if (n > 0)
			n = write(pump->to, pump->buf, (size_t)n);
	}
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n <= 0)
		end_pump(pump);
	else
		pump->lent = (size_t)n;
}

void stdio_pump_run(struct stdio_pump *pump)
{
	if (pump->from >= 0 && pump->lends) {
		lend(pump);
		return;
	}
	if (pump->from >= 0 && (has_data(pump) || fill(pump)))
		pass_on(pump);
}

void stdio_finish(struct stdio *s)
{
	struct stdio_pump *in = &s->pumps[STDIN_FILENO];
	int unread = 0;

	for (int fd = 1; fd < 3; fd++) {
		struct stdio_pump *pump = &s->pumps[fd];

		/* all writers are dead: an empty pipe stays empty, even if
		 * somebody was given a descriptor of it */
		while (pump->from >= 0 && (has_data(pump) || fill(pump))) {
			if (!drain_wait(pump->to))
				break;
			pass_on(pump);
		}
		if (pump->from >= 0)
			end_pump(pump);
	}
	if (s->stdin_keep >= 0 &&
	    ioctl(s->stdin_keep, FIONREAD, &unread) == 0) {
		if (in->from >= 0 && in->lent > (size_t)unread)
			settle(in, in->lent - (size_t)unread);
		if (in->from >= 0)
			unread += (int)(in->end - in->start);
		/* fails for what cannot seek */
		if (unread > 0)
			(void)lseek(STDIN_FILENO, -(off_t)unread, SEEK_CUR);
	}
	if (in->from >= 0)
		end_pump(in);
	fd_replace(&s->stdin_keep, -1);
}
