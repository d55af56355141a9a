/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tor/deadline.h - waiting that ends at a point in time */
#ifndef TOR_DEADLINE_H
#define TOR_DEADLINE_H

#include <poll.h>
#include <stdint.h>

/**
 * tor_deadline_in() - the deadline @ms from now, CLOCK_MONOTONIC ms
 */
int64_t tor_deadline_in(int ms);

/**
 * tor_deadline_left() - ms until @deadline, 0 once it has passed
 */
int tor_deadline_left(int64_t deadline);

/**
 * tor_deadline_poll() - poll(2) until @deadline; EINTR is retried
 *
 * Return: number of ready descriptors, 0 at the deadline, or -errno.
 */
int tor_deadline_poll(struct pollfd *fds, nfds_t n, int64_t deadline);

#endif
