/* SPDX-License-Identifier: GPL-3.0-or-later */
/* base/gwmsg.c - the messages between supervisor and isolate-gateway */
#include "base/gwmsg.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/fd.h"

#define HEAD offsetof(struct gwmsg, config)

/* gwmsg_recv() hands the whole union to callers, zero where unsent. */
_Static_assert(HEAD == 16, "the payload follows the head without a hole");
_Static_assert(GWMSG_LISTENERS_MAX <= FD_PASS_MAX,
	       "all listeners fit into one message");

static const size_t sizes[] = {
	[GWMSG_CONFIG] = HEAD + sizeof(struct gwmsg_config),
	[GWMSG_READY] = HEAD,
	[GWMSG_FAULT] = HEAD + sizeof(struct fault),
	[GWMSG_DIAL] = HEAD,
	[GWMSG_DIALED] = HEAD,
	[GWMSG_NONCE] = HEAD + GWMSG_NONCE_LEN + 1,
	[GWMSG_STATS] = HEAD,
	[GWMSG_STATS_ARE] = HEAD + sizeof(struct gwmsg_stats),
	[GWMSG_POLICY] = HEAD + sizeof(struct gwmsg_policy),
	[GWMSG_REFUSED] = HEAD + sizeof(struct gwmsg_refused),
};

size_t gwmsg_size(uint32_t type)
{
	return type < ARRAY_SIZE(sizes) ? sizes[type] : 0;
}

static size_t count_fds(const struct gwmsg *m)
{
	if (m->type == GWMSG_CONFIG)
		return m->config.nlisteners;
	return m->type == GWMSG_DIALED && m->err == 0 ? 1 : 0;
}

static bool is_string(const char *s, size_t size)
{
	return memchr(s, '\0', size) != NULL;
}

static bool is_valid(const struct gwmsg *m, size_t nfds)
{
	if (m->reserved != 0 || m->err < 0 || count_fds(m) != nfds)
		return false;
	if (m->type == GWMSG_CONFIG)
		return nfds <= GWMSG_LISTENERS_MAX &&
		       m->config.npolicies <= GWMSG_POLICIES_MAX &&
		       is_string(m->config.nonce, sizeof(m->config.nonce));
	if (m->type == GWMSG_POLICY)
		return m->policy.len > 0 &&
		       m->policy.len <= sizeof(m->policy.rules);
	if (m->type == GWMSG_REFUSED)
		return m->refused.reason != GWMSG_REASON_UNSET &&
		       m->refused.reason < GWMSG_REASONS &&
		       m->refused.host[0] &&
		       is_string(m->refused.host, sizeof(m->refused.host));
	if (m->type == GWMSG_NONCE)
		return is_string(m->nonce, sizeof(m->nonce));
	if (m->type == GWMSG_FAULT)
		return is_string(m->fault.stage, sizeof(m->fault.stage)) &&
		       is_string(m->fault.what, sizeof(m->fault.what)) &&
		       is_string(m->fault.hint, sizeof(m->fault.hint));
	return true;
}

int gwmsg_check(const struct gwmsg *m, size_t len, size_t nfds)
{
	if (len < HEAD || len != gwmsg_size(m->type) || !is_valid(m, nfds))
		return -EPROTO;
	return 0;
}

int gwmsg_send(int sock, const struct gwmsg *m, const int *fds, size_t nfds)
{
	size_t size = gwmsg_size(m->type);
	int rc;

	if (size == 0 || !is_valid(m, nfds))
		return -EINVAL;
	rc = fd_send_msg(sock, m, size, fds, nfds);
	return rc == -ECONNRESET ? -EPIPE : rc;
}

int gwmsg_recv(int sock, struct gwmsg *m, int *fds, size_t max_fds,
	       size_t *nfds)
{
	size_t got = 0;
	ssize_t n;

	memset(m, 0, sizeof(*m));
	n = fd_recv_msg(sock, m, sizeof(*m), fds, max_fds, &got);
	if (n == 0 && got == 0)
		return -EPIPE;
	if (n == -EMSGSIZE)
		return -EPROTO;
	if (n < 0)
		return (int)n;
	if (gwmsg_check(m, (size_t)n, got) < 0) {
		while (got > 0)
			fd_close(fds[--got]);
		return -EPROTO;
	}
	if (nfds)
		*nfds = got;
	return 0;
}
