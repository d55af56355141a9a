/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gateway/relay.c - one direction of a connection, by splice(2) */
#include "gateway/relay.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>

/* A pipe that was just made is full then, or nearly: a unix socket's bytes do
 * not fill its pages. */
#define MUCH (8U << 12)
#define SPLICE_FLAGS (SPLICE_F_MOVE | SPLICE_F_NONBLOCK)

void relay_init(struct relay *r, bool may_enlarge)
{
	memset(r, 0, sizeof(*r));
	r->may_enlarge = may_enlarge;
	r->pipe.rd = -1;
	r->pipe.wr = -1;
}

static ssize_t move(int from, int to, size_t len)
{
	ssize_t n;

	do
		n = splice(from, NULL, to, NULL, len, SPLICE_FLAGS);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

/*
 * Only ever into an empty pipe: splice(2) says EAGAIN for a full pipe and
 * for a socket without data alike, and here it can mean the latter only.
 */
static enum relay_step fill(struct relay *r, struct pipes *pipes, int src)
{
	ssize_t n;

	if (r->pipe.rd < 0 && pipes_take(pipes, &r->pipe, r->may_enlarge) < 0)
		return RELAY_NO_PIPE;
	n = move(src, r->pipe.wr, RELAY_CHUNK);
	r->dry = n == -EAGAIN;
	if (r->dry)
		return RELAY_WAIT;
	if (n < 0)
		return RELAY_BROKEN;
	r->in_pipe = (size_t)n;
	r->eof = n == 0;
	if (r->may_enlarge && r->in_pipe > MUCH)
		pipes_enlarge(pipes, &r->pipe);
	return RELAY_AGAIN;
}

static enum relay_step drain(struct relay *r, int dst)
{
	while (r->in_pipe > 0) {
		ssize_t n = move(r->pipe.rd, dst, r->in_pipe);

		if (n == -EAGAIN)
			return RELAY_WAIT;
		/* 0 cannot be: the pipe is ours and holds in_pipe bytes */
		if (n <= 0)
			return RELAY_BROKEN;
		r->in_pipe -= (size_t)n;
		r->bytes += (uint64_t)n;
	}
	return RELAY_AGAIN;
}

static enum relay_step finish(struct relay *r, int dst)
{
	r->done = true;
	if (shutdown(dst, SHUT_WR) < 0 && errno != ENOTCONN)
		return RELAY_BROKEN;
	return RELAY_DONE;
}

static enum relay_step turn(struct relay *r, struct pipes *pipes, int src,
			    int dst)
{
	enum relay_step step = drain(r, dst);

	if (step != RELAY_AGAIN)
		return step;
	if (!r->eof)
		step = fill(r, pipes, src);
	if (step != RELAY_AGAIN)
		return step;
	return r->eof ? finish(r, dst) : drain(r, dst);
}

enum relay_step relay_run(struct relay *r, struct pipes *pipes, int src,
			  int dst)
{
	enum relay_step step = RELAY_AGAIN;

	if (r->done)
		return RELAY_DONE;
	if (r->dry)
		return RELAY_WAIT;
	for (int i = 0; i < RELAY_TURNS && step == RELAY_AGAIN; i++)
		step = turn(r, pipes, src, dst);
	if (r->in_pipe == 0)
		relay_free(r, pipes);
	return step;
}

void relay_free(struct relay *r, struct pipes *pipes)
{
	pipes_give(pipes, &r->pipe, r->in_pipe);
}
