/* SPDX-License-Identifier: GPL-3.0-or-later */
/* base/fd.h - descriptors: ownership, whole reads and writes, hand-over */
#ifndef BASE_FD_H
#define BASE_FD_H

#include <stddef.h>
#include <sys/types.h>

/* The most descriptors one message can carry (SCM_MAX_FD, unix(7)). */
#define FD_PASS_MAX 253

/**
 * fd_close() - close a descriptor and keep errno
 * @fd: descriptor or a negative number (ignored)
 */
void fd_close(int fd);

/**
 * fd_steal() - take a descriptor out of its owner
 * @fd: where it is kept; set to -1
 *
 * Return: the descriptor, now the caller's.
 */
int fd_steal(int *fd);

/**
 * fd_replace() - close what is in *@fd and put @with there
 * @fd: owner, may hold -1
 * @with: descriptor, ownership passes to *@fd
 */
void fd_replace(int *fd, int with);

/**
 * fd_fill_std() - put /dev/null where descriptor 0, 1 or 2 is closed
 *
 * Else the next file that is opened takes its place and its reader's input
 * or its writer's output. First thing in a program.
 *
 * Return: 0 or -errno.
 */
int fd_fill_std(void);

/**
 * fd_read_full() - read until @len bytes or end of file; EINTR is retried
 *
 * Return: bytes read (less than @len only at end of file) or -errno. Blocks.
 */
ssize_t fd_read_full(int fd, void *buf, size_t len);

/**
 * fd_write_full() - write all of @len bytes; EINTR is retried
 *
 * Return: 0 or -errno. Blocks.
 */
int fd_write_full(int fd, const void *buf, size_t len);

/**
 * fd_read_text() - read a whole small file into memory
 * @fd: open for reading, read to its end
 * @max: refuse (-EFBIG) what is larger than this many bytes
 * @text: set to a malloc'd, NUL-terminated buffer on success, caller frees
 * @len: if not NULL, set to its length without the NUL
 *
 * Return: 0 or -errno.
 */
int fd_read_text(int fd, size_t max, char **text, size_t *len);

/**
 * fd_write_file() - write a string to an existing or new file
 * @dirfd: directory or AT_FDCWD
 * @path: relative to @dirfd
 * @flags: added to O_WRONLY|O_CLOEXEC, e.g. O_CREAT|O_EXCL; mode is 0644
 * @text: NUL-terminated; written by one write(2), as sysfs and uid_map need
 *
 * Return: 0 or -errno (-EIO for a short write).
 */
int fd_write_file(int dirfd, const char *path, int flags, const char *text);

/**
 * fd_send_msg() - send one message with descriptors (SCM_RIGHTS)
 * @sock: connected unix(7) SOCK_SEQPACKET socket
 * @buf: at least one byte
 * @fds: @nfds descriptors (0 to FD_PASS_MAX), still the caller's afterwards
 *
 * Return: 0 or -errno (-EPIPE where the peer is gone, no SIGPIPE;
 * -EAGAIN on a non-blocking socket whose peer does not read).
 */
int fd_send_msg(int sock, const void *buf, size_t len, const int *fds,
		size_t nfds);

/**
 * fd_recv_msg() - receive one message and the descriptors with it
 * @sock: connected unix(7) SOCK_SEQPACKET socket
 * @buf: room for @len bytes; a longer message is refused (-EMSGSIZE)
 * @fds: room for @max_fds; those received are O_CLOEXEC and the caller's
 * @nfds: set to their number on success; more than @max_fds is -EMSGSIZE
 *        and none is kept
 *
 * A peer that left messages of ours unread is gone like any other: what it
 * sent before can still be received.
 *
 * Return: bytes received, 0 when the peer is gone, or -errno.
 */
ssize_t fd_recv_msg(int sock, void *buf, size_t len, int *fds, size_t max_fds,
		    size_t *nfds);

/**
 * fd_set_nonblock() - set or clear O_NONBLOCK
 *
 * Return: 0 or -errno.
 */
int fd_set_nonblock(int fd, int on);

#endif
