/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gateway/pipes.c - empty pipes for splice(2), used again and again */
#include "gateway/pipes.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/fd.h"

int pipes_take(struct pipes *ps, struct pipe *p, bool large)
{
	int fds[2];

	if (large && ps->nlarge > 0) {
		*p = ps->large[--ps->nlarge];
		return 0;
	}
	if (ps->n > 0) {
		*p = ps->kept[--ps->n];
		return 0;
	}
	if (pipe2(fds, O_NONBLOCK | O_CLOEXEC) < 0)
		return -errno;
	*p = (struct pipe){ .rd = fds[0], .wr = fds[1] };
	return 0;
}

static void pipe_close(struct pipes *ps, struct pipe *p)
{
	ps->large_open -= p->is_large;
	fd_replace(&p->rd, -1);
	fd_replace(&p->wr, -1);
}

void pipes_give(struct pipes *ps, struct pipe *p, size_t left)
{
	if (p->rd < 0)
		return;
	if (left > 0 || (!p->is_large && ps->n == PIPES_KEPT))
		pipe_close(ps, p);
	else if (p->is_large)
		ps->large[ps->nlarge++] = *p;
	else
		ps->kept[ps->n++] = *p;
	*p = (struct pipe){ .rd = -1, .wr = -1 };
}

void pipes_enlarge(struct pipes *ps, struct pipe *p)
{
	/* with larger pages it is large as it is */
	if (p->is_large || ps->large_open >= PIPES_LARGE_MAX ||
	    16 * sysconf(_SC_PAGESIZE) >= (long)PIPE_LARGE)
		return;
	/* refused beyond the user's share: it goes on as it is */
	if (fcntl(p->wr, F_SETPIPE_SZ, PIPE_LARGE) < 0)
		return;
	p->is_large = true;
	ps->large_open++;
}

void pipes_rest(struct pipes *ps)
{
	while (ps->nlarge > 0)
		pipe_close(ps, &ps->large[--ps->nlarge]);
}
