/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gateway/control.c - the gateway's end of the supervisor's socket */
#include "gateway/control.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/fd.h"
#include "gateway/conn.h"
#include "gateway/ctlport.h"
#include "gateway/dnstcp.h"
#include "gateway/gateway.h"
#include "gateway/listener.h"
#include "gateway/resolver.h"

#define UPSTREAM_TIMEOUT_S 180
#define LINGER_TIMEOUT_S 5
#define SPARE_TIMEOUT_S 5
/* A slot's number is 16 bits of the id of GWMSG_DIAL, and one is SPARE_ID. */
#define CONNECTIONS_MAX 65535U
_Static_assert(CONNECTIONS_MAX <= SPARE_ID, "no connection has it");
/* Of one connection: two sockets, two pipes. */
#define FDS_EACH 6
/* Standard streams, this socket, libevent's own, kept pipes, some more. */
#define FDS_OURS                                                               \
	(16 + 2 * (PIPES_KEPT + PIPES_LARGE_MAX) + SPARES_MAX + DNSTCP_MAX +   \
	 CTLPORT_MAX)
#define ISOLATE_ALL (GWMSG_BY_DESTINATION | GWMSG_BY_PORT | GWMSG_BY_CONNECTION)

static bool is_nonce(const char *s)
{
	return strlen(s) == GWMSG_NONCE_LEN &&
	       strspn(s, "0123456789abcdef") == GWMSG_NONCE_LEN;
}

static int set_timeouts(struct gateway *gw, uint32_t handshake_ms)
{
	const struct timeval handshake = {
		.tv_sec = handshake_ms / 1000,
		.tv_usec = (suseconds_t)(handshake_ms % 1000) * 1000,
	};
	const struct timeval tv[GATEWAY_TIMEOUTS] = {
		[GATEWAY_HANDSHAKE] = handshake,
		[GATEWAY_LOOKUP] = handshake,
		[GATEWAY_UPSTREAM] = { .tv_sec = UPSTREAM_TIMEOUT_S },
		[GATEWAY_LINGER] = { .tv_sec = LINGER_TIMEOUT_S },
		[GATEWAY_SPARE] = { .tv_sec = SPARE_TIMEOUT_S },
	};

	for (size_t i = 0; i < GATEWAY_TIMEOUTS; i++) {
		gw->timeouts[i] =
			event_base_init_common_timeout(gw->base, &tv[i]);
		if (!gw->timeouts[i])
			return -ENOMEM;
	}
	return 0;
}

/* As many connections as there are descriptors for. */
static uint32_t connections(uint32_t wanted, unsigned int nofile,
			    uint32_t nlisteners)
{
	uint32_t ours = FDS_OURS + nlisteners, max;

	if (nofile <= ours)
		return 0;
	max = (nofile - ours) / FDS_EACH;
	return wanted < max ? wanted : max;
}

static int apply(struct gateway *gw, const struct gwmsg_config *cfg,
		 unsigned int nofile, struct fault *f)
{
	if (!is_nonce(cfg->nonce) || cfg->isolate & ~(uint32_t)ISOLATE_ALL ||
	    cfg->max_connections == 0 ||
	    cfg->max_connections > CONNECTIONS_MAX ||
	    cfg->handshake_timeout_ms == 0 || cfg->allow_internal > 1 ||
	    cfg->report_refused > 1)
		return fault_set(f, 0, "the configuration is out of range");
	memcpy(gw->nonce, cfg->nonce, sizeof(gw->nonce));
	/* a gateway started again has the nonce of the one that crashed, and
	 * must not give a connection the serial, so the circuit, of another */
	if (getrandom(&gw->serial, sizeof(gw->serial), 0) !=
	    (ssize_t)sizeof(gw->serial))
		return fault_set(f, errno, "number connections at random");
	gw->allow_internal = cfg->allow_internal != 0;
	gw->report.on = cfg->report_refused != 0;
	gw->max_connections =
		connections(cfg->max_connections, nofile, cfg->nlisteners);
	if (gw->max_connections == 0)
		return fault_set(f, EMFILE, "%u descriptors are too few",
				 nofile);
	if (conn_pool_init(gw) < 0 ||
	    set_timeouts(gw, cfg->handshake_timeout_ms) < 0)
		return fault_set(f, ENOMEM, "allocate connections");
	return 0;
}

/* By enum gwmsg_listener_kind. */
static int (*const adders[])(struct gateway *gw, int fd,
			     const struct gwmsg_listener *l,
			     struct fault *f) = {
	[GWMSG_LISTEN_SOCKS] = listener_add,
	[GWMSG_LISTEN_HTTP] = listener_add,
	[GWMSG_LISTEN_TRANSPARENT] = listener_add,
	[GWMSG_LISTEN_DNS_UDP] = resolver_add,
	[GWMSG_LISTEN_DNS_TCP] = resolver_add,
	[GWMSG_LISTEN_CONTROL] = ctlport_add,
};

static int add_listeners(struct gateway *gw, const struct gwmsg_config *cfg,
			 const int *fds, struct fault *f)
{
	for (uint32_t i = 0; i < cfg->nlisteners; i++) {
		struct gwmsg_listener l = cfg->listeners[i];
		int rc;

		if (l.kind >= ARRAY_SIZE(adders) || !adders[l.kind] ||
		    l.isolate & ~(uint32_t)ISOLATE_ALL ||
		    l.flags & ~(uint32_t)GWMSG_EXTENDED_ERRORS)
			return fault_set(f, 0, "listener %u is of no kind", i);
		l.isolate |= cfg->isolate;
		rc = adders[l.kind](gw, fds[i], &l, f);
		if (rc < 0)
			return rc;
	}
	return 0;
}

/* Before anything is accepted: no connection meets half a policy. */
static int receive_policies(struct gateway *gw, uint32_t n, struct fault *f)
{
	for (uint32_t i = 0; i < n; i++) {
		struct gwmsg m;
		int rc = gwmsg_recv(GWMSG_FD, &m, NULL, 0, NULL);

		if (rc == 0 && m.type != GWMSG_POLICY)
			rc = -EPROTO;
		if (rc == 0)
			rc = policy_add(&gw->policy, m.policy.rules,
					m.policy.len);
		if (rc < 0)
			return fault_set(f, rc, "receive the destinations");
	}
	return 0;
}

int control_configure(struct gateway *gw, unsigned int nofile, struct fault *f)
{
	int fds[GWMSG_LISTENERS_MAX];
	struct gwmsg m;
	size_t nfds = 0;
	int rc = gwmsg_recv(GWMSG_FD, &m, fds, GWMSG_LISTENERS_MAX, &nfds);

	if (rc < 0)
		return fault_set(f, rc, "receive the configuration");
	if (m.type != GWMSG_CONFIG)
		return fault_set(f, EPROTO, "receive the configuration");
	rc = apply(gw, &m.config, nofile, f);
	if (rc == 0)
		rc = resolver_init(gw, &m.config, f);
	if (rc == 0)
		rc = ctlport_init(gw, &m.config, f);
	if (rc == 0)
		rc = add_listeners(gw, &m.config, fds, f);
	return rc < 0 ? rc : receive_policies(gw, m.config.npolicies, f);
}

/*
 * No service without a supervisor. The kernel closes everything; there is
 * nothing to tidy up, and nobody to tell.
 */
static void lost(int rc)
{
	_exit(rc == -EPIPE ? 0 : 1);
}

static void want_writable(struct gateway *gw)
{
	if (event_add(&gw->writable, NULL) < 0)
		lost(-ENOMEM);
}

/* -EAGAIN is for the caller to remember what is due. */
static int send_message(struct gateway *gw, const struct gwmsg *m)
{
	int rc = gwmsg_send(GWMSG_FD, m, NULL, 0);

	if (rc == -EAGAIN || rc == -ENOBUFS || rc == -ENOMEM) {
		want_writable(gw);
		return -EAGAIN;
	}
	if (rc < 0)
		lost(rc);
	return 0;
}

int control_dial(struct gateway *gw, uint32_t id)
{
	struct gwmsg m = { .type = GWMSG_DIAL, .id = id };

	return send_message(gw, &m);
}

int control_ask(struct gateway *gw, const struct gwmsg *m)
{
	return send_message(gw, m);
}

int control_refused(struct gateway *gw, const struct gwmsg *m)
{
	return send_message(gw, m);
}

static void send_stats(struct gateway *gw)
{
	struct gwmsg m = { .type = GWMSG_STATS_ARE, .stats = gw->stats };

	gw->stats_due = send_message(gw, &m) < 0;
}

static void on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct gateway *gw = arg;

	(void)fd;
	(void)what;
	if (gw->stats_due)
		send_stats(gw);
	conn_dials(gw);
	ctlport_asks(gw);
}

static void set_nonce(struct gateway *gw, const char *nonce)
{
	if (!is_nonce(nonce))
		lost(-EPROTO);
	memcpy(gw->nonce, nonce, sizeof(gw->nonce));
}

static void take_answer(struct gateway *gw, const struct gwmsg *m)
{
	/* before the client hears of it, and though it may have left */
	if (m->answer.kind == GWMSG_ASK_NEWNYM && m->err == 0)
		set_nonce(gw, m->answer.nonce);
	if (ctlport_answer(gw, m) < 0)
		lost(-EPROTO);
}

/* As many descriptors as its type has, the others -1. */
static void handle(struct gateway *gw, const struct gwmsg *m, const int *fds)
{
	switch (m->type) {
	case GWMSG_DIALED:
		conn_dialed(gw, m->id, fds[0]);
		break;
	case GWMSG_INBOUND:
		conn_inbound(gw, fds[0], fds[1]);
		break;
	case GWMSG_EVENT:
		ctlport_event(gw, &m->event);
		break;
	case GWMSG_NONCE:
		set_nonce(gw, m->nonce);
		break;
	case GWMSG_ANSWER:
		take_answer(gw, m);
		break;
	case GWMSG_STATS:
		send_stats(gw);
		break;
	default:
		lost(-EPROTO);
	}
}

static void on_control(evutil_socket_t sock, short what, void *arg)
{
	struct gateway *gw = arg;

	(void)what;
	for (;;) {
		struct gwmsg m;
		int fds[2] = { -1, -1 }, rc;
		size_t nfds = 0;

		rc = gwmsg_recv(sock, &m, fds, 2, &nfds);
		if (rc == -EAGAIN)
			return;
		if (rc < 0)
			lost(rc);
		handle(gw, &m, fds);
	}
}

int control_ready(struct gateway *gw, struct fault *f)
{
	struct gwmsg m = { .type = GWMSG_READY };
	int rc = gwmsg_send(GWMSG_FD, &m, NULL, 0);

	if (rc < 0)
		return fault_set(f, rc, "report ready");
	event_assign(&gw->writable, gw->base, GWMSG_FD, EV_WRITE, on_writable,
		     gw);
	event_assign(&gw->control, gw->base, GWMSG_FD, EV_READ | EV_PERSIST,
		     on_control, gw);
	rc = fd_set_nonblock(GWMSG_FD, 1);
	if (rc == 0 && event_add(&gw->control, NULL) < 0)
		rc = -ENOMEM;
	return rc < 0 ? fault_set(f, rc, "watch the supervisor") : 0;
}

void control_fail(const struct fault *f)
{
	struct gwmsg m = { .type = GWMSG_FAULT, .fault = *f };

	gwmsg_send(GWMSG_FD, &m, NULL, 0);
}
