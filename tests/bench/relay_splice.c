/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/bench/relay_splice.c - the least that a relay in our topology does */
/*
 * The ceiling for isolate: its two network namespaces and the veth between
 * them, with the same addresses and settings, a listener in the gateway's,
 * and one process that connects and splices, and reads nothing.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/queue.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bench/relay.h"

#define GATEWAY "10.152.152.10"
#define SELF "10.152.152.11"
#define GATEWAY_MAC "02:00:00:00:00:0a"
#define SELF_MAC "02:00:00:00:00:0b"
#define EVENTS_MAX 64
#define ACCEPTS_AT_ONCE 32
#define CHUNK (1U << 20)
#define TURNS 8
#define PIPES_KEPT 32

struct half {
	int from, to;
	int pipe[2]; /* only while it holds something */
	size_t left; /* bytes in the pipe */
	bool done;
};

/* Descriptors are @up's. */
struct relay {
	struct half up, down;
	bool is_ready;
	TAILQ_ENTRY(relay) link; /* in the queue, while @is_ready */
};

/* ---- the topology */

/* Lines of ip-batch(8), in the caller's network namespace. */
static void run_ip(const char *lines)
{
	int in[2], status = -1;
	pid_t pid;

	if (pipe2(in, O_CLOEXEC) < 0)
		err(1, "pipe");
	pid = fork();
	if (pid == 0) {
		dup2(in[0], STDIN_FILENO);
		execlp("ip", "ip", "-batch", "-", (char *)NULL);
		err(127, "ip");
	}
	close(in[0]);
	if (pid < 0 || write(in[1], lines, strlen(lines)) < 0)
		err(1, "ip");
	close(in[1]);
	if (waitpid(pid, &status, 0) != pid || status != 0)
		errx(1, "ip -batch failed:\n%s", lines);
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		err(1, "%s", path);
	close(fd);
}

static void new_userns(void)
{
	char map[64];
	unsigned uid = getuid(), gid = getgid();

	if (unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0)
		err(1, "unshare");
	write_file("/proc/self/setgroups", "deny");
	snprintf(map, sizeof(map), "0 %u 1", uid);
	write_file("/proc/self/uid_map", map);
	snprintf(map, sizeof(map), "0 %u 1", gid);
	write_file("/proc/self/gid_map", map);
}

static void send_descriptor(int sock, int fd)
{
	char byte = 0, control[CMSG_SPACE(sizeof(fd))] = { 0 };
	struct iovec iov = { &byte, 1 };
	struct msghdr m = { .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = control,
			    .msg_controllen = sizeof(control) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	if (sendmsg(sock, &m, 0) != 1)
		err(1, "sendmsg");
}

static int receive_descriptor(int sock)
{
	char byte, control[CMSG_SPACE(sizeof(int))];
	struct iovec iov = { &byte, 1 };
	struct msghdr m = { .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = control,
			    .msg_controllen = sizeof(control) };
	struct cmsghdr *c;
	int fd;

	if (recvmsg(sock, &m, MSG_CMSG_CLOEXEC) != 1)
		errx(1, "the topology could not be made");
	c = CMSG_FIRSTHDR(&m);
	if (!c || c->cmsg_type != SCM_RIGHTS)
		errx(1, "no descriptor came");
	memcpy(&fd, CMSG_DATA(c), sizeof(fd));
	return fd;
}

/* The application's side: @up is readable when its netns may be filled. */
static _Noreturn void far_side(int made, int up, char *const *argv)
{
	char byte = 0;

	if (unshare(CLONE_NEWNET) < 0 || write(made, &byte, 1) != 1 ||
	    read(up, &byte, 1) != 1)
		errx(1, "no network namespace");
	run_ip("link set lo up\n"
	       "addr add " SELF "/32 dev eth0\n"
	       "link set eth0 arp off up\n"
	       "route add " GATEWAY " dev eth0 src " SELF "\n"
	       "neigh add " GATEWAY " lladdr " GATEWAY_MAC
	       " dev eth0 nud permanent\n");
	execvp(argv[0], argv);
	err(127, "%s", argv[0]);
}

/* The gateway's netns; it ends as the command does. */
static _Noreturn void near_side(int sock, char *const *argv)
{
	struct relay_address a;
	char lines[512], byte = 0;
	int made[2], up[2], status;
	pid_t pid;

	new_userns();
	if (pipe2(made, O_CLOEXEC) < 0 || pipe2(up, O_CLOEXEC) < 0)
		err(1, "pipe");
	pid = fork();
	if (pid == 0)
		far_side(made[1], up[0], argv);
	close(made[1]);
	if (pid < 0 || read(made[0], &byte, 1) != 1)
		errx(1, "no far side");
	snprintf(lines, sizeof(lines),
		 "link add gw0 address " GATEWAY_MAC
		 " numtxqueues 1 numrxqueues 1 type veth peer name eth0 "
		 "address " SELF_MAC " numtxqueues 1 numrxqueues 1 netns %d\n"
		 "addr add " GATEWAY "/32 dev gw0\n"
		 "link set gw0 arp off up\n"
		 "route add " SELF " dev gw0 src " GATEWAY "\n"
		 "neigh add " SELF " lladdr " SELF_MAC
		 " dev gw0 nud permanent\n",
		 (int)pid);
	run_ip(lines);
	relay_parse(GATEWAY ":9050", &a);
	send_descriptor(sock, relay_listen(&a));
	if (write(up[1], &byte, 1) != 1 || waitpid(pid, &status, 0) != pid)
		err(1, "the far side");
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128);
}

/* ---- the relay */

static int kept[PIPES_KEPT][2];
static size_t nkept;

static bool take_pipe(struct half *h)
{
	if (h->pipe[0] >= 0)
		return true;
	if (nkept > 0) {
		memcpy(h->pipe, kept[--nkept], sizeof(h->pipe));
		return true;
	}
	return pipe2(h->pipe, O_NONBLOCK | O_CLOEXEC) == 0;
}

static void give_pipe(struct half *h)
{
	if (h->pipe[0] < 0)
		return;
	if (h->left == 0 && nkept < PIPES_KEPT) {
		memcpy(kept[nkept++], h->pipe, sizeof(h->pipe));
	} else {
		close(h->pipe[0]);
		close(h->pipe[1]);
	}
	h->pipe[0] = -1;
}

static ssize_t move(int from, int to, size_t len)
{
	return splice(from, NULL, to, NULL, len,
		      SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
}

/* True while there may be more. Sets @broken. */
static bool turn(struct half *h, bool *broken)
{
	ssize_t n;

	if (h->left == 0) {
		n = move(h->from, h->pipe[1], CHUNK);
		if (n == 0) {
			h->done = true;
			shutdown(h->to, SHUT_WR);
		}
		if (n <= 0) {
			*broken = n < 0 && errno != EAGAIN;
			return false;
		}
		h->left = (size_t)n;
	}
	n = move(h->pipe[0], h->to, h->left);
	if (n <= 0) {
		*broken = errno != EAGAIN;
		return false;
	}
	h->left -= (size_t)n;
	return true;
}

/* True while there may be more. */
static bool run_half(struct half *h, bool *broken)
{
	bool more = !h->done && take_pipe(h);

	for (int i = 0; i < TURNS && more; i++)
		more = turn(h, broken);
	if (h->left == 0)
		give_pipe(h);
	return more;
}

static TAILQ_HEAD(queue, relay) ready = TAILQ_HEAD_INITIALIZER(ready);

static void join_queue(struct relay *r)
{
	if (!r->is_ready)
		TAILQ_INSERT_TAIL(&ready, r, link);
	r->is_ready = true;
}

static void run_relay(struct relay *r)
{
	bool broken = false, more = run_half(&r->up, &broken);

	more |= run_half(&r->down, &broken);
	if (!broken && (!r->up.done || !r->down.done)) {
		if (more)
			join_queue(r);
		return;
	}
	close(r->up.from);
	close(r->up.to);
	give_pipe(&r->up);
	give_pipe(&r->down);
	free(r);
}

/* Each once; those that come back have to wait for the others' events. */
static void run_ready(void)
{
	struct queue now = TAILQ_HEAD_INITIALIZER(now);
	struct relay *r;

	TAILQ_CONCAT(&now, &ready, link);
	while ((r = TAILQ_FIRST(&now))) {
		TAILQ_REMOVE(&now, r, link);
		r->is_ready = false;
		run_relay(r);
	}
}

static int dial(const struct relay_address *a)
{
	int on = 1, fd = socket(a->sa.sa_family,
				SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (a->sa.sa_family == AF_INET)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (fd < 0 || (connect(fd, &a->sa, a->len) < 0 && errno != EINPROGRESS))
		err(1, "connect");
	return fd;
}

static void take_in(int epoll, int listener, const struct relay_address *a)
{
	for (int i = 0; i < ACCEPTS_AT_ONCE; i++) {
		int client = accept4(listener, NULL, NULL,
				     SOCK_NONBLOCK | SOCK_CLOEXEC);
		int upstream = client < 0 ? -1 : dial(a);
		struct relay *r;

		if (client < 0)
			return;
		r = calloc(1, sizeof(*r));
		if (!r)
			err(1, "calloc");
		r->up = (struct half){ client, upstream, { -1, -1 }, 0, 0 };
		r->down = (struct half){ upstream, client, { -1, -1 }, 0, 0 };
		relay_watch(epoll, client, EPOLLIN | EPOLLOUT | EPOLLET, r);
		relay_watch(epoll, upstream, EPOLLIN | EPOLLOUT | EPOLLET, r);
	}
}

static _Noreturn void relay_all(int listener, int ended, pid_t child,
				const struct relay_address *a)
{
	struct epoll_event events[EVENTS_MAX];
	int epoll = epoll_create1(EPOLL_CLOEXEC), n, status;

	relay_watch(epoll, listener, EPOLLIN, &listener);
	relay_watch(epoll, ended, EPOLLIN, &ended);
	for (;;) {
		n = epoll_wait(epoll, events, EVENTS_MAX,
			       TAILQ_EMPTY(&ready) ? -1 : 0);
		for (int i = 0; i < n; i++) {
			void *what = events[i].data.ptr;

			if (what == &ended) {
				waitpid(child, &status, 0);
				exit(WIFEXITED(status) ? WEXITSTATUS(status)
						       : 128);
			}
			if (what == &listener)
				take_in(epoll, listener, a);
			else
				join_queue(what);
		}
		run_ready();
	}
}

int relay_splice(const char *upstream, char *const *argv)
{
	struct relay_address a;
	int pair[2];
	pid_t pid;

	relay_parse(upstream, &a);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		err(1, "socketpair");
	pid = fork();
	if (pid < 0)
		err(1, "fork");
	if (pid == 0) {
		close(pair[0]);
		near_side(pair[1], argv);
	}
	close(pair[1]);
	relay_all(receive_descriptor(pair[0]), pair[0], pid, &a);
}
