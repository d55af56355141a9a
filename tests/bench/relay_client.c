/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/bench/relay_client.c - what an application gets out of a relay */
/*
 * Sockets are blocking until a stream is open, and connections that are made
 * at once have a thread each: so does torsocks support it. The SOCKS dialogue
 * is curl's, one question at a time.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "tests/bench/relay.h"

/* The whole of it; what hangs ends here. */
#define LIMIT_S 30
/* Part of a stream's time, before it: what buffers hold, slow start. */
#define WARM_UP 0.25
#define STREAMS_MAX 16
#define THREADS_MAX 32
#define IDLE 1000
/*
 * Off loopback, ports in TIME_WAIT are not used again, and connect(2) looks
 * for free ones ever longer when half of ip_local_port_range, 14,116, is in
 * use: all connections of one sandbox together stay below.
 */
#define ONE_BY_ONE_MAX 2500
#define AT_ONCE_MAX 8000
#define BLOCKS_AT_ONCE 4
/* For the last figure's connections to be gone everywhere. */
#define PAUSE_US 50000

/* Where SOCKS clients want to: any address that nobody refuses. */
static const uint8_t destination[4] = { 203, 0, 113, 10 };

static double each_s; /* of a figure */
static bool is_socks;
static struct relay_address to;
static char block[RELAY_BLOCK];

static double now_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static bool receive(int fd, void *bytes, size_t len)
{
	return recv(fd, bytes, len, MSG_WAITALL) == (ssize_t)len;
}

static bool ask(int fd, enum relay_port port)
{
	uint8_t request[10] = { 5, 1, 0, 1 }, answer[10];

	memcpy(request + 4, destination, sizeof(destination));
	request[8] = (uint8_t)((unsigned)port >> 8);
	request[9] = (uint8_t)port;
	return send(fd, "\5\1", 3, 0) == 3 && receive(fd, answer, 2) &&
	       answer[1] == 0 && send(fd, request, 10, 0) == 10 &&
	       receive(fd, answer, 10) && answer[1] == 0;
}

static int open_stream(enum relay_port port)
{
	struct relay_address a = to;
	int on = 1, fd;

	if (!is_socks)
		a.in.sin_port = htons((in_port_t)port);
	fd = socket(a.sa.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	if (a.sa.sa_family == AF_INET)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (connect(fd, &a.sa, a.len) < 0 || (is_socks && !ask(fd, port))) {
		close(fd);
		return -1;
	}
	return fd;
}

static int open_streams(enum relay_port port, int *fds, int n)
{
	for (int i = 0; i < n; i++) {
		fds[i] = open_stream(port);
		if (fds[i] < 0) {
			while (i > 0)
				close(fds[--i]);
			return -1;
		}
	}
	return 0;
}

static uint64_t move_some(int fd, bool down)
{
	uint64_t bytes = 0;

	for (int i = 0; i < BLOCKS_AT_ONCE; i++) {
		ssize_t n = down ? recv(fd, block, sizeof(block), 0)
				 : send(fd, block, sizeof(block), MSG_NOSIGNAL);

		if (n == 0 || (n < 0 && errno != EAGAIN))
			errx(1, "a stream ended");
		if (n < 0)
			break;
		bytes += (uint64_t)n;
	}
	return bytes;
}

static uint64_t move_until(int epoll, double end, bool down)
{
	struct epoll_event events[STREAMS_MAX];
	uint64_t bytes = 0;

	while (now_s() < end) {
		int n = epoll_wait(epoll, events, STREAMS_MAX, 100);

		for (int i = 0; i < n; i++)
			bytes += move_some(*(int *)events[i].data.ptr, down);
	}
	return bytes;
}

/* Until the other end has taken it all in: buffers are large. */
static void finish(int fd)
{
	shutdown(fd, SHUT_WR);
	fcntl(fd, F_SETFL, 0);
	while (recv(fd, block, sizeof(block), 0) > 0)
		;
}

/* Gbit/s of @n streams together; negative: they could not be opened. */
static double throughput(int n, bool down)
{
	int fds[STREAMS_MAX], epoll = epoll_create1(EPOLL_CLOEXEC);
	uint64_t bytes;
	double start, took;

	if (open_streams(down ? RELAY_SOURCE : RELAY_SINK, fds, n) < 0) {
		close(epoll);
		return -1;
	}
	for (int i = 0; i < n; i++) {
		fcntl(fds[i], F_SETFL, O_NONBLOCK);
		relay_watch(epoll, fds[i], down ? EPOLLIN : EPOLLOUT, &fds[i]);
	}
	start = now_s();
	if (down) {
		move_until(epoll, start + each_s * WARM_UP, down);
		start = now_s();
	}
	bytes = move_until(epoll, start + each_s, down);
	for (int i = 0; !down && i < n; i++)
		finish(fds[i]);
	took = now_s() - start;
	for (int i = 0; i < n; i++)
		close(fds[i]);
	close(epoll);
	return (double)bytes * 8 / took / 1e9;
}

struct rate {
	double end;
	unsigned max;
	atomic_uint begun, done;
	double *first_us; /* of each, or NULL */
};

static void *connect_some(void *arg)
{
	struct rate *r = arg;

	while (now_s() < r->end && atomic_fetch_add(&r->begun, 1) < r->max) {
		double start = now_s();
		int fd = open_stream(RELAY_BYTE);
		char byte;

		if (fd < 0)
			return NULL;
		if (receive(fd, &byte, 1)) {
			unsigned i = atomic_fetch_add(&r->done, 1);

			if (r->first_us)
				r->first_us[i] = (now_s() - start) * 1e6;
			recv(fd, &byte, 1, 0);
		}
		close(fd);
	}
	return NULL;
}

/* Connections per second, each from connect(2) to the end of stream. */
static double connect_rate(unsigned threads, struct rate *r)
{
	pthread_t ids[THREADS_MAX];
	double start = now_s();

	r->end = start + each_s;
	for (unsigned i = 0; i < threads; i++)
		if (pthread_create(&ids[i], NULL, connect_some, r) != 0)
			errx(1, "pthread_create");
	for (unsigned i = 0; i < threads; i++)
		pthread_join(ids[i], NULL);
	return r->done / (now_s() - start);
}

static void say(const char *figure, double value)
{
	if (value > 0)
		printf("%s %.2f\n", figure, value);
	fflush(stdout);
	usleep(PAUSE_US);
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void measure_rates(void)
{
	static double first_us[ONE_BY_ONE_MAX];
	struct rate one = { .max = ONE_BY_ONE_MAX, .first_us = first_us };
	struct rate many = { .max = AT_ONCE_MAX };

	say("rate1", connect_rate(1, &one));
	if (one.done > 0) {
		qsort(first_us, one.done, sizeof(double), by_value);
		say("first", first_us[one.done / 2]);
	}
	say("rate32", connect_rate(THREADS_MAX, &many));
}

static void measure_idle(void)
{
	int n = 0;

	/* closed by exit */
	while (n < IDLE && open_stream(RELAY_HOLD) >= 0)
		n++;
	say("idledown", throughput(1, true));
	say("idleup", throughput(1, false));
	printf("idle %d\n", n);
	fflush(stdout);
}

int relay_client(const char *speaks, const char *address, const char *ms)
{
	char line[8];

	each_s = strtod(ms, NULL) / 1e3;
	is_socks = strcmp(speaks, "socks") == 0;
	relay_parse(address, &to);
	if (!fgets(line, sizeof(line), stdin))
		return 1;
	alarm(LIMIT_S);
	say("down1", throughput(1, true));
	say("up1", throughput(1, false));
	say("down16", throughput(16, true));
	say("up16", throughput(16, false));
	measure_rates();
	measure_idle();
	while (fgets(line, sizeof(line), stdin))
		;
	return 0;
}
