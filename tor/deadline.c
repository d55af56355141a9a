/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tor/deadline.c - waiting that ends at a point in time */
#include "tor/deadline.h"

#include <errno.h>
#include <limits.h>
#include <time.h>

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t tor_deadline_in(int ms)
{
	return now_ms() + ms;
}

int tor_deadline_left(int64_t deadline)
{
	int64_t left = deadline - now_ms();

	if (left <= 0)
		return 0;
	return left > INT_MAX ? INT_MAX : (int)left;
}

int tor_deadline_poll(struct pollfd *fds, nfds_t n, int64_t deadline)
{
	for (;;) {
		int rc = poll(fds, n, tor_deadline_left(deadline));

		if (rc >= 0)
			return rc;
		if (errno != EINTR)
			return -errno;
	}
}
