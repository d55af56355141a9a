/* SPDX-License-Identifier: GPL-3.0-or-later */
/* base/fd.c - descriptors: ownership, whole reads and writes, hand-over */
#include "base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

void fd_close(int fd)
{
	int saved = errno;

	if (fd >= 0)
		close(fd);
	errno = saved;
}

int fd_steal(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

void fd_replace(int *fd, int with)
{
	if (*fd != with)
		fd_close(*fd);
	*fd = with;
}

int fd_fill_std(void)
{
	int fd;

	/* open(2) returns the lowest number that is free */
	do {
		/* what is started inherits 0-2:
		 * NOLINTNEXTLINE(android-cloexec-open) */
		fd = open("/dev/null", O_RDWR);
		if (fd < 0)
			return -errno;
	} while (fd <= STDERR_FILENO);
	close(fd);
	return 0;
}

ssize_t fd_read_full(int fd, void *buf, size_t len)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = read(fd, (char *)buf + done, len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

int fd_write_full(int fd, const void *buf, size_t len)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = write(fd, (const char *)buf + done, len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		done += (size_t)n;
	}
	return 0;
}

int fd_read_text(int fd, size_t max, char **text, size_t *len)
{
	size_t have = 0, room = 4096;
	char *buf = NULL;

	for (;;) {
		char *more;
		ssize_t n;

		if (room > max + 1)
			room = max + 1;
		more = realloc(buf, room + 1);
		if (!more) {
			free(buf);
			return -ENOMEM;
		}
		buf = more;
		n = fd_read_full(fd, buf + have, room - have);
		if (n < 0) {
			free(buf);
			return (int)n;
		}
		have += (size_t)n;
		if (have > max) {
			free(buf);
			return -EFBIG;
		}
		if (have < room)
			break;
		room *= 2;
	}
	buf[have] = '\0';
	*text = buf;
	if (len)
		*len = have;
	return 0;
}

int fd_write_file(int dirfd, const char *path, int flags, const char *text)
{
	int fd = openat(dirfd, path, O_WRONLY | O_CLOEXEC | O_NOCTTY | flags,
			0644);
	size_t len = strlen(text);
	int rc = 0;
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = write(fd, text, len);
	if (n < 0)
		rc = -errno;
	else if ((size_t)n != len)
		rc = -EIO;
	fd_close(fd);
	return rc;
}

int fd_send_msg(int sock, const void *buf, size_t len, const int *fds,
		size_t nfds)
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(FD_PASS_MAX * sizeof(int))];
	} control;
	struct iovec iov = { .iov_base = (void *)(size_t)buf, .iov_len = len };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t n;

	if (nfds > FD_PASS_MAX)
		return -EINVAL;
	if (nfds > 0) {
		struct cmsghdr *c;

		msg.msg_control = control.room;
		msg.msg_controllen = CMSG_SPACE(nfds * sizeof(int));
		memset(control.room, 0, msg.msg_controllen);
		c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(nfds * sizeof(int));
		memcpy(CMSG_DATA(c), fds, nfds * sizeof(int));
	}
	do
		n = sendmsg(sock, &msg, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : 0;
}

/* Collects the descriptors of a received message; closes what has no room. */
static size_t take_fds(struct msghdr *msg, int *fds, size_t max, int *over)
{
	struct cmsghdr *c;
	size_t n = 0;

	for (c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		size_t i, count;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (i = 0; i < count; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(fd));
			if (n < max) {
				fds[n++] = fd;
			} else {
				fd_close(fd);
				*over = 1;
			}
		}
	}
	return n;
}

ssize_t fd_recv_msg(int sock, void *buf, size_t len, int *fds, size_t max_fds,
		    size_t *nfds)
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(FD_PASS_MAX * sizeof(int))];
	} control;
	struct iovec iov = { .iov_base = buf, .iov_len = len };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = control.room,
			      .msg_controllen = sizeof(control.room) };
	int over = 0;
	size_t got;
	ssize_t n;

	/* ECONNRESET comes once, when the peer left something unread, and its
	 * last words can still be received after it */
	do
		n = recvmsg(sock, &msg, MSG_CMSG_CLOEXEC);
	while (n < 0 && (errno == EINTR || errno == ECONNRESET));
	if (n < 0)
		return -errno;
	got = take_fds(&msg, fds, max_fds, &over);
	if (over || (msg.msg_flags & (MSG_TRUNC | MSG_CTRUNC))) {
		while (got > 0)
			fd_close(fds[--got]);
		return -EMSGSIZE;
	}
	if (nfds)
		*nfds = got;
	return n;
}

int fd_set_nonblock(int fd, int on)
{
	int flags = fcntl(fd, F_GETFL), want;

	if (flags < 0)
		return -errno;
	want = on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK;
	return want != flags && fcntl(fd, F_SETFL, want) < 0 ? -errno : 0;
}
