/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/bench/relay_serve.c - SOCKS5 and, behind it, the destination itself */
/*
 * A thread for each processor, which share the listeners. What a client sent
 * is answered in one write, however much of its part came at once: optimistic
 * requests work as they do with tor.
 */
#include <err.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "tests/bench/relay.h"

#define LISTENERS_MAX 4
#define EVENTS_MAX 64
#define ACCEPTS_AT_ONCE 32
/* Blocks of one stream before the others get their turn. */
#define BLOCKS_AT_ONCE 4
/* A method, a login and a request of the greatest length fit. */
#define IN_MAX 1024
#define OUT_MAX 32

enum stage {
	LISTENING = 0,
	METHOD,
	LOGIN,
	REQUEST,
	STREAM, /* @port says what it does */
};

struct peer {
	enum stage stage;
	int fd;
	unsigned port;
	size_t len;
	uint8_t in[IN_MAX];
};

static struct peer listeners[LISTENERS_MAX];
static size_t nlisteners;

/* The parse functions return how many bytes they used; 0: more are needed. */
static size_t parse_method(struct peer *p, const uint8_t *in, size_t len,
			   uint8_t *answer)
{
	size_t size = len > 1 ? 2U + in[1] : 2;

	if (len < size)
		return 0;
	answer[0] = 5;
	/* tor too prefers to know who asks */
	answer[1] = memchr(in + 2, 2, in[1]) ? 2 : 0;
	p->stage = answer[1] == 2 ? LOGIN : REQUEST;
	return size;
}

static size_t parse_login(struct peer *p, const uint8_t *in, size_t len,
			  uint8_t *answer)
{
	size_t size = 3;

	if (len < size)
		return 0;
	size += in[1];
	if (len < size || len < size + in[size - 1])
		return 0;
	answer[0] = 1;
	answer[1] = 0;
	p->stage = REQUEST;
	return size + in[size - 1];
}

static size_t parse_request(struct peer *p, const uint8_t *in, size_t len,
			    uint8_t *answer)
{
	size_t size = 10;

	if (len < size)
		return 0;
	if (in[3] == 3)
		size = 7U + in[4];
	else if (in[3] == 4)
		size = 22;
	if (len < size)
		return 0;
	memcpy(answer, "\5\0\0\1\0\0\0\0\0\0", 10);
	p->port = (unsigned)in[size - 2] << 8 | in[size - 1];
	p->stage = STREAM;
	return size;
}

static const struct {
	size_t (*parse)(struct peer *p, const uint8_t *in, size_t len,
			uint8_t *answer);
	size_t answer_len;
} parsers[] = {
	[METHOD] = { parse_method, 2 },
	[LOGIN] = { parse_login, 2 },
	[REQUEST] = { parse_request, 10 },
};

static void hang_up(struct peer *p)
{
	close(p->fd);
	free(p);
}

static void start_stream(int epoll, struct peer *p)
{
	struct epoll_event e = { .events = EPOLLOUT | EPOLLRDHUP,
				 .data.ptr = p };

	if (p->port == RELAY_BYTE) {
		send(p->fd, "x", 1, MSG_NOSIGNAL);
		hang_up(p);
	} else if (p->port == RELAY_SOURCE &&
		   epoll_ctl(epoll, EPOLL_CTL_MOD, p->fd, &e) < 0) {
		err(1, "epoll_ctl");
	}
}

static void greet(int epoll, struct peer *p)
{
	uint8_t out[OUT_MAX];
	size_t at = 0, out_len = 0, used = 1;
	ssize_t n = recv(p->fd, p->in + p->len, sizeof(p->in) - p->len, 0);

	if (n <= 0) {
		hang_up(p);
		return;
	}
	p->len += (size_t)n;
	while (p->stage != STREAM && used > 0) {
		enum stage was = p->stage;

		used = parsers[was].parse(p, p->in + at, p->len - at,
					  out + out_len);
		out_len += used > 0 ? parsers[was].answer_len : 0;
		at += used;
	}
	memmove(p->in, p->in + at, p->len - at);
	p->len -= at;
	if (out_len > 0 &&
	    send(p->fd, out, out_len, MSG_NOSIGNAL) != (ssize_t)out_len)
		hang_up(p);
	else if (p->stage == STREAM)
		start_stream(epoll, p);
}

static void stream(struct peer *p, uint32_t events, char *block)
{
	ssize_t n = 1;

	for (int i = 0; i < BLOCKS_AT_ONCE && n > 0; i++) {
		if (p->port != RELAY_SOURCE)
			n = recv(p->fd, block, RELAY_BLOCK, 0);
		else if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR))
			n = 0;
		else
			n = send(p->fd, block, RELAY_BLOCK, MSG_NOSIGNAL);
	}
	if (n == 0 || (n < 0 && errno != EAGAIN))
		hang_up(p);
}

static void take_in(int epoll, const struct peer *listener)
{
	for (int i = 0; i < ACCEPTS_AT_ONCE; i++) {
		int fd = accept4(listener->fd, NULL, NULL,
				 SOCK_NONBLOCK | SOCK_CLOEXEC);
		struct peer *p;

		if (fd < 0)
			return;
		p = malloc(sizeof(*p));
		if (!p)
			err(1, "malloc");
		p->stage = METHOD;
		p->fd = fd;
		p->len = 0;
		relay_watch(epoll, fd, EPOLLIN, p);
	}
}

static void *serve_some(void *unused)
{
	struct epoll_event events[EVENTS_MAX];
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	char *block = calloc(1, RELAY_BLOCK);

	(void)unused;
	if (epoll < 0 || !block)
		err(1, "serve");
	for (size_t i = 0; i < nlisteners; i++)
		relay_watch(epoll, listeners[i].fd, EPOLLIN | EPOLLEXCLUSIVE,
			    &listeners[i]);
	for (;;) {
		int n = epoll_wait(epoll, events, EVENTS_MAX, -1);

		for (int i = 0; i < n; i++) {
			struct peer *p = events[i].data.ptr;

			if (p->stage == LISTENING)
				take_in(epoll, p);
			else if (p->stage == STREAM)
				stream(p, events[i].events, block);
			else
				greet(epoll, p);
		}
	}
	return NULL;
}

_Noreturn void relay_serve(char *const *addresses)
{
	long threads = sysconf(_SC_NPROCESSORS_ONLN);

	for (; *addresses && nlisteners < LISTENERS_MAX; addresses++) {
		struct relay_address a;

		relay_parse(*addresses, &a);
		listeners[nlisteners++].fd = relay_listen(&a);
	}
	puts("ready");
	fflush(stdout);
	for (; threads > 1; threads--) {
		pthread_t thread;

		if (pthread_create(&thread, NULL, serve_some, NULL) != 0)
			errx(1, "pthread_create");
	}
	serve_some(NULL);
	abort();
}
