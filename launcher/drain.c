/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/drain.c - waiting for whom the last output is for */
#include "launcher/drain.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>

#include "base/attr.h"
#include "base/fd.h"

bool drain_wait(int fd)
{
	static const int ends[] = { SIGINT, SIGQUIT, SIGTERM, SIGHUP };
	struct pollfd p[2] = { { .fd = fd, .events = POLLOUT },
			       { .fd = -1, .events = POLLIN } };
	autoclose int sfd = -1;
	struct sigaction now;
	sigset_t set;
	int n;

	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
		/* nohup(1) means it */
		if (sigaction(ends[i], NULL, &now) == 0 &&
		    now.sa_handler != SIG_IGN)
			sigaddset(&set, ends[i]);
	sfd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	p[1].fd = sfd;
	do
		n = poll(p, 2, -1);
	while (n < 0 && errno == EINTR);
	return n > 0 && p[0].revents != 0;
}
