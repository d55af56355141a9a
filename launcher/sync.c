/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/sync.c - how the parent's and the child's side of a launch meet */
#include "launcher/sync.h"

#include <errno.h>

int sync_send(int sock, enum sync_type type, int value, const int *fds,
	      size_t nfds)
{
	struct sync_msg msg = { .type = type, .value = value };

	return fd_send_msg(sock, &msg, sizeof(msg), fds, nfds);
}

void sync_send_fault(int sock, const struct fault *f)
{
	struct sync_msg msg = { .type = SYNC_FAULT, .fault = *f };

	/* nobody to tell means nobody who waits */
	(void)fd_send_msg(sock, &msg, sizeof(msg), NULL, 0);
}

int sync_receive(int sock, enum sync_type type, int *value, int *fds,
		 size_t *nfds, struct fault *f)
{
	struct sync_msg msg;
	ssize_t n =
		fd_recv_msg(sock, &msg, sizeof(msg), fds, SYNC_FDS_MAX, nfds);

	if (n < 0)
		return fault_set(f, (int)n, "hear from the other side");
	if (n == (ssize_t)sizeof(msg) && msg.type == (uint32_t)type) {
		if (value)
			*value = msg.value;
		return 0;
	}
	while (*nfds > 0)
		fd_close(fds[--*nfds]);
	if (n == 0)
		return fault_set(f, EPIPE, "the other side is gone");
	if (n == (ssize_t)sizeof(msg) && msg.type == SYNC_FAULT) {
		*f = msg.fault;
		return fault_errno(f);
	}
	return fault_set(f, EPROTO, "hear from the other side");
}

int sync_expect(int sock, enum sync_type type, int *value, int *fds,
		size_t nfds, struct fault *f)
{
	int got_fds[SYNC_FDS_MAX];
	size_t got = 0;
	int rc = sync_receive(sock, type, value, got_fds, &got, f);

	if (rc < 0)
		return rc;
	if (got != nfds) {
		while (got > 0)
			fd_close(got_fds[--got]);
		return fault_set(f, EPROTO, "hear from the other side");
	}
	for (size_t i = 0; i < nfds; i++)
		fds[i] = got_fds[i];
	return 0;
}
