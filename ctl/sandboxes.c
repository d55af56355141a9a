/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ctl/sandboxes.c - the supervisors that run, and what they answer */
#include "ctl/sandboxes.h"

#include <bsd/string.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/dirs.h"
#include "base/path.h"

#define NEWNYM_TIMEOUT_MS 2000

/* Those who were asked; they grow together. */
struct asked {
	struct pollfd *fds;
	pid_t *pids;
	size_t n;
};

static long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000L + ts.tv_nsec / 1000000;
}

/* Return: a socket that was asked, -ENOENT (nobody is there), or -errno */
static int ask(int dirfd, const char *name, const struct ctlmsg_request *m,
	       pid_t *pid)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	autoclose int fd = socket(
		AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct ucred peer;
	socklen_t len = sizeof(peer);

	if (snprintf(sun.sun_path, sizeof(sun.sun_path), "/proc/self/fd/%d/%s",
		     dirfd, name) >= (int)sizeof(sun.sun_path))
		return -ENAMETOOLONG;
	if (fd < 0)
		return -errno;
	if (connect(fd, (struct sockaddr *)&sun, sizeof(sun)) < 0) {
		if (errno != ECONNREFUSED)
			return -errno;
		/* killed before it could; it listens before it has this name,
		 * so nobody is on the way */
		unlinkat(dirfd, name, 0);
		return -ENOENT;
	}
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) < 0)
		return -errno;
	if (peer.uid != geteuid())
		return -EPERM;
	if (send(fd, m, sizeof(*m), MSG_NOSIGNAL) != (ssize_t)sizeof(*m))
		return -EIO;
	*pid = peer.pid;
	return fd_steal(&fd);
}

static void ask_all(int dirfd, DIR *dir, const struct ctlmsg_request *m,
		    struct asked *a)
{
	const struct dirent *e;

	while ((e = readdir(dir))) {
		pid_t pid = 0;
		int fd;

		if (e->d_name[0] == '.')
			continue;
		/* who cannot be asked is missed by the ledger */
		fd = ask(dirfd, e->d_name, m, &pid);
		if (fd < 0)
			continue;
		a->fds = xreallocarray(a->fds, a->n + 1, sizeof(*a->fds));
		a->pids = xreallocarray(a->pids, a->n + 1, sizeof(*a->pids));
		a->fds[a->n] = (struct pollfd){ .fd = fd, .events = POLLIN };
		a->pids[a->n++] = pid;
	}
}

static int take(struct sandboxes *s, int fd, pid_t pid, struct fault *f)
{
	struct sandbox_found found = { .pid = pid };
	ssize_t n = recv(fd, &found.answer, sizeof(found.answer),
			 MSG_DONTWAIT | MSG_TRUNC);

	if (n <= 0)
		return 0;
	if (!ctlmsg_answer_is_valid(&found.answer, (size_t)n))
		return fault_set(f, EPROTO, "hear isolate with pid %d", pid);
	if (found.answer.err == ENOENT)
		return 0;
	if (found.answer.err && found.answer.err != EAGAIN)
		return fault_set(f, found.answer.err, "ask isolate with pid %d",
				 pid);
	s->v = xreallocarray(s->v, s->n + 1, sizeof(*s->v));
	s->v[s->n++] = found;
	return 0;
}

static int hear_all(struct sandboxes *s, struct asked *a, int timeout_ms,
		    struct fault *f)
{
	long deadline = now_ms() + timeout_ms;
	size_t due = a->n;
	int rc = 0;

	while (due > 0) {
		long left = deadline - now_ms();

		if (left <= 0 || poll(a->fds, a->n, (int)left) <= 0)
			break;
		for (size_t i = 0; i < a->n; i++) {
			struct fault one = { .err = 0 };

			if (a->fds[i].fd < 0 || !a->fds[i].revents)
				continue;
			/* the others are heard all the same */
			if (take(s, a->fds[i].fd, a->pids[i], &one) < 0) {
				rc = fault_errno(&one);
				*f = one;
			}
			fd_replace(&a->fds[i].fd, -1);
			due--;
		}
	}
	return rc;
}

static int ask_everybody(struct sandboxes *s, const struct ctlmsg_request *m,
			 int timeout_ms, struct fault *f)
{
	autoclose int runtime = dirs_open_runtime(f);
	struct asked a = { .n = 0 };
	DIR *dir;
	int fd, rc;

	if (runtime < 0)
		return runtime;
	fd = path_open_beneath(runtime, CTLMSG_DIR, O_RDONLY | O_DIRECTORY, 0);
	if (fd == -ENOENT)
		return 0;
	dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir) {
		rc = fault_set(f, fd < 0 ? fd : errno,
			       "look for running applications");
		fd_close(fd);
		return rc;
	}
	ask_all(fd, dir, m, &a);
	rc = hear_all(s, &a, timeout_ms, f);
	for (size_t i = 0; i < a.n; i++)
		fd_close(a.fds[i].fd);
	free(a.fds);
	free(a.pids);
	closedir(dir);
	return rc;
}

int sandboxes_newnym(struct sandboxes *s, const char *identity, struct fault *f)
{
	struct ctlmsg_request m = { .type = CTLMSG_NEWNYM };

	strlcpy(m.identity, identity, sizeof(m.identity));
	return ask_everybody(s, &m, NEWNYM_TIMEOUT_MS, f);
}

int sandboxes_status(struct sandboxes *s, int timeout_ms, struct fault *f)
{
	const struct ctlmsg_request m = { .type = CTLMSG_STATUS };

	return ask_everybody(s, &m, timeout_ms, f);
}

void sandboxes_free(struct sandboxes *s)
{
	free(s->v);
	*s = (struct sandboxes){ .v = NULL };
}
