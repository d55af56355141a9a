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
	return 0;
}

static void pipe_close(struct pipe *p)
{
	fd_replace(&p->rd, -1);
	fd_replace(&p->wr, -1);
}

void pipes_give(struct pipes *ps, struct pipe *p, size_t left)
{
	if (p->rd < 0)
		return;
	if (left == 0 && ps->n < PIPES_KEPT) {
		ps->kept[ps->n++] = *p;
		p->rd = -1;
		p->wr = -1;
	} else {
		pipe_close(p);
	}
}
