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
	[GWMSG_ASK] = HEAD + sizeof(struct gwmsg_ask),
	[GWMSG_ANSWER] = HEAD + sizeof(struct gwmsg_answer),
	[GWMSG_INBOUND] = HEAD,
	[GWMSG_EVENT] = HEAD + sizeof(struct gwmsg_event),
};

size_t gwmsg_size(uint32_t type)
{
	return type < ARRAY_SIZE(sizes) ? sizes[type] : 0;
}

static size_t count_fds(const struct gwmsg *m)
{
	if (m->type == GWMSG_CONFIG)
		return m->config.nlisteners;
	if (m->type == GWMSG_INBOUND)
		return 2;
	return m->type == GWMSG_DIALED && m->err == 0 ? 1 : 0;
}

static bool is_string(const char *s, size_t size)
{
	return memchr(s, '\0', size) != NULL;
}

bool gwmsg_is_service(const char *id)
{
	return strnlen(id, GWMSG_ONION_ID_LEN + 1) == GWMSG_ONION_ID_LEN &&
	       strspn(id, "abcdefghijklmnopqrstuvwxyz234567") ==
		       GWMSG_ONION_ID_LEN;
}

/* YYYY-MM-DD HH:MM:SS or "", and nothing behind it */
static bool is_time(const char *t)
{
	static const char form[GWMSG_TIME_LEN + 1] = "0000-00-00 00:00:00";

	if (!t[0])
		return true;
	for (size_t i = 0; i < sizeof(form); i++)
		if (form[i] == '0' ? t[i] < '0' || t[i] > '9' : t[i] != form[i])
			return false;
	return true;
}

static bool is_onion(const struct gwmsg_onion *o)
{
	if (o->flags & ~(uint32_t)GWMSG_ONION_DISCARD_KEY || o->nports == 0 ||
	    o->nports > GWMSG_ONION_PORTS_MAX ||
	    o->nclients > GWMSG_ONION_CLIENTS_MAX || o->has_key > 1)
		return false;
	for (uint32_t i = 0; i < o->nports; i++)
		if (o->ports[i].onion == 0 || o->ports[i].target == 0 ||
		    o->ports[i].where == GWMSG_TARGET_UNSET ||
		    o->ports[i].where >= GWMSG_TARGETS)
			return false;
	return true;
}

static bool is_ask(const struct gwmsg_ask *a)
{
	if (a->kind == GWMSG_ASK_ADD_ONION)
		return is_onion(&a->onion);
	if (a->kind == GWMSG_ASK_DEL_ONION)
		return gwmsg_is_service(a->service);
	return a->kind != GWMSG_ASK_UNSET && a->kind < GWMSG_ASKS;
}

static bool is_state(const struct gwmsg_state *s)
{
	return s->percent <= 100 && s->circuit <= 1 &&
	       s->enough_dir_info <= 1 && s->live <= 1 &&
	       is_time(s->valid_after) && is_time(s->fresh_until) &&
	       is_time(s->valid_until);
}

static bool is_answer(const struct gwmsg_answer *a, bool good)
{
	if (a->kind == GWMSG_ASK_UNSET || a->kind >= GWMSG_ASK_END)
		return false;
	if (!is_string(a->nonce, sizeof(a->nonce)) || a->has_key > 1)
		return false;
	if (good && a->kind == GWMSG_ASK_ADD_ONION)
		return gwmsg_is_service(a->service);
	return is_state(&a->state);
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
	if (m->type == GWMSG_ASK)
		return is_ask(&m->ask);
	if (m->type == GWMSG_EVENT)
		return m->event.action != GWMSG_ACTION_UNSET &&
		       m->event.action < GWMSG_ACTIONS &&
		       gwmsg_is_service(m->event.service);
	if (m->type == GWMSG_ANSWER)
		return is_answer(&m->answer, m->err == 0);
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
