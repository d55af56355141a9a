/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/gwlink.c - the supervisor's end of isolate-gateway */
#include "launcher/gwlink.h"

#include <bsd/err.h>
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "launcher/outer.h"

#define HANDSHAKE_TIMEOUT_MS 30000
/* Requests served before the rest of the supervisor has its turn. */
#define REQUESTS_PER_TURN 64

void gwlink_init(struct gwlink *g)
{
	*g = (struct gwlink){ .control = -1,
			      .exe = -1,
			      .diag = -1,
			      .userns = -1,
			      .netns = -1,
			      .answer_fd = -1 };
}

/* @n bytes as digits, and NUL. */
static void to_hex(const uint8_t *bytes, size_t n, char *text)
{
	for (size_t i = 0; i < n; i++)
		sprintf(text + 2 * i, "%02x", bytes[i]);
}

/* To a gateway that listens; one that starts gets it with all the rest. */
static int send_nonce(struct gwlink *g)
{
	struct gwmsg m = { .type = GWMSG_NONCE };
	int rc;

	memcpy(m.nonce, g->nonce, sizeof(m.nonce));
	rc = gwmsg_send(g->control, &m, NULL, 0);
	g->nonce_due = rc == -EAGAIN;
	return rc;
}

static bool draw_bytes(uint8_t *bytes, size_t n)
{
#ifdef ISOLATE_TESTING
	/* Only in build/test/isolate: shows that isolatectl circuits sees two
	 * identities that have one credential. */
	if (getenv("ISOLATE_TEST_NONCE")) {
		memset(bytes, 0xab, n);
		return true;
	}
#endif
	return getrandom(bytes, n, 0) == (ssize_t)n;
}

static int draw_nonce(struct gwlink *g)
{
	uint8_t r[(GWMSG_LAUNCH_LEN + GWMSG_NONCE_LEN - GWMSG_LABEL_LEN) / 2];
	size_t launch = GWMSG_LAUNCH_LEN / 2;

	if (!draw_bytes(r, sizeof(r)))
		return -EIO;
	if (g->number == UINT32_MAX)
		return -EOVERFLOW;
	if (g->number++ == 0)
		to_hex(r, launch, g->nonce);
	sprintf(g->nonce + GWMSG_LAUNCH_LEN, "%08x", g->number);
	to_hex(r + launch, sizeof(r) - launch, g->nonce + GWMSG_LABEL_LEN);
	return 0;
}

int gwlink_new_nonce(struct gwlink *g)
{
	int rc = draw_nonce(g);

	if (rc < 0)
		return rc;
	if (g->control < 0 || g->nlisteners == 0)
		return 0;
	rc = send_nonce(g);
	/* one that is gone is started again, with this nonce */
	return rc == -EPIPE ? 0 : rc;
}

int gwlink_take_listeners(struct gwlink *g, const int *fds)
{
	if (g->plan->nlisteners > ARRAY_SIZE(g->listeners))
		return -E2BIG;
	for (size_t i = 0; i < g->plan->nlisteners; i++) {
		g->kinds[i] = (struct gwmsg_listener){
			.kind = g->plan->listeners[i].kind,
			.isolate = g->plan->listeners[i].isolate,
			.flags = g->plan->listeners[i].flags,
		};
		g->listeners[i] = fds[i];
	}
	g->nlisteners = g->plan->nlisteners;
	return 0;
}

int gwlink_add_control(struct gwlink *g, int fd)
{
	if (g->nlisteners == ARRAY_SIZE(g->listeners)) {
		fd_close(fd);
		return -E2BIG;
	}
	g->kinds[g->nlisteners] =
		(struct gwmsg_listener){ .kind = GWMSG_LISTEN_CONTROL };
	g->listeners[g->nlisteners++] = fd;
	return 0;
}

static bool reports(const struct gwlink *g)
{
	return g->refused && refused_is_wanted(g->refused);
}

/* It takes them out of the socket as they come. */
static int send_policies(struct gwlink *g)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < g->plan->npolicies; i++) {
		const struct gwmsg m = { .type = GWMSG_POLICY,
					 .policy = g->plan->policies[i] };

		rc = gwmsg_send(g->control, &m, NULL, 0);
	}
	return rc;
}

int gwlink_configure(struct gwlink *g, struct fault *f)
{
	struct gwmsg m = {
		.type = GWMSG_CONFIG,
		.config = {
			.isolate = g->plan->isolate_by,
			.max_connections = g->plan->max_connections,
			.handshake_timeout_ms = HANDSHAKE_TIMEOUT_MS,
			.dns = g->plan->dns,
			.report_refused = reports(g),
			.control = g->plan->control,
			.npolicies = (uint32_t)g->plan->npolicies,
			.nlisteners = (uint32_t)g->nlisteners,
		},
	};
	int rc;

	memcpy(m.config.nonce, g->nonce, sizeof(m.config.nonce));
	memcpy(m.config.control_socks, g->plan->control_socks,
	       sizeof(m.config.control_socks));
	memcpy(m.config.listeners, g->kinds,
	       g->nlisteners * sizeof(g->kinds[0]));
	rc = gwmsg_send(g->control, &m, g->listeners, g->nlisteners);
	if (rc == 0)
		rc = send_policies(g);
	return rc < 0 ? fault_set(f, rc, "configure isolate-gateway") : 0;
}

int gwlink_wait_ready(struct gwlink *g, struct fault *f)
{
	struct gwmsg m;
	int rc = gwmsg_recv(g->control, &m, NULL, 0, NULL);

	if (rc < 0)
		return fault_set(f, rc, "start isolate-gateway");
	if (m.type == GWMSG_FAULT) {
		*f = m.fault;
		strcpy(f->stage, "gateway");
		return fault_errno(f);
	}
	if (m.type != GWMSG_READY)
		return fault_set(f, EPROTO, "start isolate-gateway");
	g->ready = true;
	fd_set_nonblock(g->control, 1);
	return 0;
}

void gwlink_ask_stats(struct gwlink *g)
{
	const struct gwmsg m = { .type = GWMSG_STATS };

	if (g->control < 0 || !g->ready || g->stats_due)
		return;
	/* one that does not read is asked the next time */
	g->stats_due = gwmsg_send(g->control, &m, NULL, 0) == 0;
}

static void take_stats(struct gwlink *g, const struct gwmsg_stats *stats)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	g->stats = *stats;
	g->stats_ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
	g->stats_due = false;
}

struct pollfd gwlink_poll_fd(const struct gwlink *g)
{
	/* one answer at a time: who does not read them gets no more */
	short events = g->waiting ? POLLOUT : POLLIN;

	if (g->nonce_due || (g->onions && g->onions->nevents > 0))
		events |= POLLOUT;
	return (struct pollfd){ .fd = g->control, .events = events };
}

/* Sends the answer that is due; -EAGAIN keeps it. */
static int answer(struct gwlink *g)
{
	int rc;

	/* not the one of when it was asked: isolatectl may have made another
	 * meanwhile, and the last one that the gateway hears of counts */
	if (g->answer.type == GWMSG_ANSWER && g->answer.err == 0 &&
	    g->answer.answer.kind == GWMSG_ASK_NEWNYM)
		memcpy(g->answer.answer.nonce, g->nonce, sizeof(g->nonce));
	rc = gwmsg_send(g->control, &g->answer, &g->answer_fd,
			g->answer_fd >= 0 ? 1 : 0);
	/* so many are in flight between processes of this user: one
	 * connection fails, not the gateway */
	if (rc == -ETOOMANYREFS && g->answer_fd >= 0) {
		fd_replace(&g->answer_fd, -1);
		g->answer.err = ETOOMANYREFS;
		rc = gwmsg_send(g->control, &g->answer, NULL, 0);
	}
	g->waiting = rc == -EAGAIN;
	if (!g->waiting)
		fd_replace(&g->answer_fd, -1);
	return g->waiting ? 0 : rc;
}

static int serve_dial(struct gwlink *g, const struct gwmsg *request)
{
	int fd = tor_upstream_dial(g->upstream, &g->diag);

	if (fd == -EPERM && g->upstream->is_owned && !g->told_of_stranger) {
		warnx("%s is another user's now: no connection is made to it",
		      g->upstream->text);
		g->told_of_stranger = true;
	}
	g->answer = (struct gwmsg){
		.type = GWMSG_DIALED,
		.id = request->id,
		.err = fd < 0 ? -fd : 0,
	};
	g->answer_fd = fd < 0 ? -1 : fd;
	return answer(g);
}

static bool is_about_onions(const struct gwmsg *request)
{
	return request->ask.kind == GWMSG_ASK_ADD_ONION ||
	       request->ask.kind == GWMSG_ASK_DEL_ONION ||
	       request->ask.kind == GWMSG_ASK_END;
}

static int serve_onions(struct gwlink *g, const struct gwmsg *request)
{
	/* the grammar has none below that level */
	if (!g->onions || g->plan->control != GWMSG_LEVEL_ONION_SERVICE)
		return -EPROTO;
	if (!onions_ask(g->onions, request, &g->answer))
		return 0;
	g->answer_fd = -1;
	return answer(g);
}

static int serve_ask(struct gwlink *g, const struct gwmsg *request)
{
	const char *nonce = g->nonce;

	if (is_about_onions(request))
		return serve_onions(g, request);
	/* kept here: a gateway that is started anew must not go back */
	if (request->ask.kind == GWMSG_ASK_NEWNYM && draw_nonce(g) < 0)
		nonce = NULL;
	if (!gwask_answer(&g->ask, g->upstream, nonce, request, &g->answer))
		return 0;
	g->answer_fd = -1;
	return answer(g);
}

int gwlink_run(struct gwlink *g)
{
	int rc = g->nonce_due ? send_nonce(g) : 0;

	if (rc == 0 && g->onions)
		rc = onions_tell(g->onions, g->control);
	if (rc == -EAGAIN)
		rc = 0;
	if (rc == 0 && g->waiting)
		rc = answer(g);
	for (int i = 0; rc == 0 && !g->waiting && i < REQUESTS_PER_TURN; i++) {
		struct gwmsg m;

		rc = gwmsg_recv(g->control, &m, NULL, 0, NULL);
		if (rc == -EAGAIN)
			return 0;
		if (rc == 0 && m.type == GWMSG_DIAL)
			rc = serve_dial(g, &m);
		else if (rc == 0 && m.type == GWMSG_ASK && g->plan->control)
			rc = serve_ask(g, &m);
		else if (rc == 0 && m.type == GWMSG_REFUSED && reports(g))
			refused_take(g->refused, &m.refused);
		else if (rc == 0 && m.type == GWMSG_STATS_ARE && g->stats_due)
			take_stats(g, &m.stats);
		else if (rc == 0 && !g->ready && m.type == GWMSG_READY)
			g->ready = true;
		else if (rc == 0)
			rc = -EPROTO; /* it reads hostile bytes: no mercy */
	}
	if (rc == 0)
		return 0;
	if (g->pid > 0)
		kill(g->pid, SIGKILL);
	return -EPIPE;
}

/* In the child of a restart: into U0 and G, then become the gateway. */
static _Noreturn void become_gateway(const struct gwlink *g, int control)
{
	if (setns(g->userns, CLONE_NEWUSER) == 0 &&
	    setns(g->netns, CLONE_NEWNET) == 0)
		outer_exec_gateway(g->exe, control);
	_exit(125);
}

static bool may_restart(struct gwlink *g)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (now.tv_sec - g->window_start_s > GWLINK_RESTART_WINDOW_S) {
		g->window_start_s = now.tv_sec;
		g->restarts = 0;
	}
	return ++g->restarts <= GWLINK_RESTARTS_MAX;
}

int gwlink_restart(struct gwlink *g, struct fault *f)
{
	int pair[2], rc;

	fd_replace(&g->control, -1);
	fd_replace(&g->answer_fd, -1);
	g->waiting = g->ready = g->nonce_due = g->stats_due = false;
	/* the next one begins at 0 */
	g->stats_ms = 0;
	if (g->onions)
		onions_end_clients(g->onions);
	if (g->pid > 0) {
		/* it may have closed its socket and live on */
		kill(g->pid, SIGKILL);
		waitpid(g->pid, NULL, 0);
	}
	g->pid = 0;
	if (!may_restart(g))
		return fault_set(
			f, EAGAIN, "isolate-gateway ended %d times in %d s",
			GWLINK_RESTARTS_MAX + 1, GWLINK_RESTART_WINDOW_S);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return fault_set(f, errno, "start isolate-gateway");
	g->pid = fork();
	if (g->pid == 0)
		become_gateway(g, pair[1]);
	fd_close(pair[1]);
	g->control = pair[0];
	if (g->pid < 0) {
		g->pid = 0;
		return fault_set(f, errno, "start isolate-gateway");
	}
	rc = gwlink_configure(g, f);
	/* READY is heard in gwlink_run(): nobody waits for it meanwhile */
	fd_set_nonblock(g->control, 1);
	return rc;
}

void gwlink_give_up(struct gwlink *g)
{
	fd_replace(&g->control, -1);
	while (g->nlisteners > 0)
		fd_close(g->listeners[--g->nlisteners]);
}

void gwlink_close(struct gwlink *g)
{
	gwlink_give_up(g);
	fd_replace(&g->answer_fd, -1);
	fd_replace(&g->exe, -1);
	fd_replace(&g->userns, -1);
	fd_replace(&g->netns, -1);
}
