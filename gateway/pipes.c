/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gateway/pipes.c - empty pipes for splice(2), used again and again */
#include "gateway/pipes.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/fd.h"

int pipes_take(struct pipes *ps, struct pipe *p)
{
	int fds[2];

	if (ps->n > 0) {
		*p = ps->kept[--ps->n];
		return 0;
	}
	if (pipe2(fds, O_NONBLOCK | O_CLOEXEC) < 0)
		return -errno;
	p->rd = fds[0];
	p->wr = fds[1];
	p->is_large = false;
	return 0;
}

static void pipe_close(struct pipes *ps, struct pipe *p)
{
	ps->nlarge -= p->is_large;
	p->is_large = false;
	fd_replace(&p->rd, -1);
	fd_replace(&p->wr, -1);
}

void pipes_give(struct pipes *ps, struct pipe *p, size_t left)
{
	if (p->rd < 0)
		return;
	if (left == 0 && ps->n < PIPES_KEPT) {
		ps->kept[ps->n++] = *p;
		*p = (struct pipe){ .rd = -1, .wr = -1 };
	} else {
		pipe_close(ps, p);
	}
}

void pipes_enlarge(struct pipes *ps, struct pipe *p)
{
	if (p->is_large || ps->nlarge >= PIPES_LARGE_MAX)
		return;
	/* refused beyond the user's share: it goes on as it is */
	if (fcntl(p->wr, F_SETPIPE_SZ, PIPE_LARGE) < 0)
		return;
	p->is_large = true;
	ps->nlarge++;
}
