/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_gwlink.c - the supervisor beside a gateway that may lie */
#include "launcher/gwlink.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fd.h"

static struct plan_listener listeners[] = {
	{ PLAN_SIDE_GATEWAY, 9050, GWMSG_LISTEN_SOCKS, 0, 0 },
	{ PLAN_SIDE_LOOPBACK, 9190, GWMSG_LISTEN_HTTP, GWMSG_BY_PORT,
	  GWMSG_EXTENDED_ERRORS },
};

static char word[] = "test";

static struct gwmsg_policy policies[2] = {
	{ .len = 4, .rules = { 1 } },
	{ .len = 4, .rules = { 0x81 } },
};

static const struct plan plan = {
	.policies = policies,
	.npolicies = ARRAY_SIZE(policies),
	.application = word,
	.profile = word,
	.network = true,
	.listeners = listeners,
	.nlisteners = ARRAY_SIZE(listeners),
	.isolate_by = GWMSG_BY_DESTINATION,
	.dns = GWMSG_DNS_RESOLVE,
	.max_connections = 64,
};

/* What tor_upstream_dial() answers: a socket, or an error. */
static int dial_result;

int __wrap_tor_upstream_dial(const struct tor_upstream *up, int *diag);
int __wrap_tor_upstream_dial(const struct tor_upstream *up, int *diag)
{
	(void)up;
	(void)diag;
	return dial_result ? dial_result
			   : socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

struct link {
	struct gwlink g;
	int gateway; /* the other end */
};

static int setup(void **state)
{
	struct link *l = calloc(1, sizeof(*l));
	int s[2], fds[2];

	if (!l || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, s) < 0)
		return -1;
	gwlink_init(&l->g);
	l->g.plan = &plan;
	memset(l->g.nonce, 'a', GWMSG_NONCE_LEN);
	l->g.control = s[0];
	l->gateway = s[1];
	for (int i = 0; i < 2; i++)
		fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	dial_result = 0;
	*state = l;
	return gwlink_take_listeners(&l->g, fds);
}

static int teardown(void **state)
{
	struct link *l = *state;

	gwlink_close(&l->g);
	fd_close(l->gateway);
	free(l);
	return 0;
}

static void say(struct link *l, uint32_t type, uint32_t id)
{
	const struct gwmsg m = { .type = type, .id = id };

	assert_int_equal(gwmsg_send(l->gateway, &m, NULL, 0), 0);
}

/* As after a successful start. */
static void serving(struct link *l)
{
	l->g.ready = true;
	fd_set_nonblock(l->g.control, 1);
}

static void test_gwlink_sends_a_new_nonce(void **state)
{
	struct link *l = *state;
	struct gwmsg m;
	char last[GWMSG_NONCE_LEN + 1];
	int rc = 0;

	serving(l);
	assert_int_equal(gwlink_new_nonce(&l->g), 0);
	assert_int_equal(gwmsg_recv(l->gateway, &m, NULL, 0, NULL), 0);
	assert_int_equal(m.type, GWMSG_NONCE);
	assert_string_equal(m.nonce, l->g.nonce);
	assert_int_equal(strlen(m.nonce), GWMSG_NONCE_LEN);
	/* a gateway that does not read gets the last one once it does */
	while (rc == 0)
		rc = gwlink_new_nonce(&l->g);
	assert_int_equal(rc, -EAGAIN);
	assert_true(gwlink_poll_fd(&l->g).events & POLLOUT);
	fd_set_nonblock(l->gateway, 1);
	while (gwmsg_recv(l->gateway, &m, NULL, 0, NULL) == 0)
		continue;
	memcpy(last, l->g.nonce, sizeof(last));
	assert_int_equal(gwlink_run(&l->g), 0);
	assert_int_equal(gwmsg_recv(l->gateway, &m, NULL, 0, NULL), 0);
	assert_string_equal(m.nonce, last);
	assert_false(gwlink_poll_fd(&l->g).events & POLLOUT);
}

static void test_gwlink_sends_plan_and_listeners(void **state)
{
	struct link *l = *state;
	struct fault f = { 0 };
	struct gwmsg m;
	int fds[4];
	size_t n = 0;

	assert_int_equal(gwlink_configure(&l->g, &f), 0);
	assert_int_equal(gwmsg_recv(l->gateway, &m, fds, 4, &n), 0);
	assert_int_equal(m.type, GWMSG_CONFIG);
	assert_int_equal(n, 2);
	assert_int_equal(m.config.nlisteners, 2);
	assert_int_equal(m.config.isolate, GWMSG_BY_DESTINATION);
	assert_int_equal(m.config.dns, GWMSG_DNS_RESOLVE);
	assert_int_equal(m.config.max_connections, 64);
	assert_int_equal(m.config.listeners[0].kind, GWMSG_LISTEN_SOCKS);
	assert_int_equal(m.config.listeners[1].kind, GWMSG_LISTEN_HTTP);
	assert_int_equal(m.config.listeners[1].isolate, GWMSG_BY_PORT);
	assert_int_equal(m.config.listeners[0].flags, 0);
	assert_int_equal(m.config.listeners[1].flags, GWMSG_EXTENDED_ERRORS);
	/* tests only may let internal destinations through */
	assert_int_equal(m.config.allow_internal, 0);
	assert_int_equal(strlen(m.config.nonce), GWMSG_NONCE_LEN);
	fd_close(fds[0]);
	fd_close(fds[1]);
	/* nobody wants to hear of refused destinations */
	assert_int_equal(m.config.report_refused, 0);
	assert_int_equal(m.config.npolicies, 2);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(gwmsg_recv(l->gateway, &m, NULL, 0, NULL), 0);
		assert_int_equal(m.type, GWMSG_POLICY);
		assert_memory_equal(&m.policy, &policies[i], sizeof(m.policy));
	}
}

/* Asked for, it is told; not asked for, it is a breach. */
static void test_gwlink_hears_of_refused_destinations(void **state)
{
	const struct gwmsg told = { .type = GWMSG_REFUSED,
				    .refused = { .reason = GWMSG_REASON_POLICY,
						 .port = 80,
						 .host = "a.org" } };
	struct link *l = *state;
	struct fault f = { 0 };
	struct refused refused;
	struct gwmsg m;
	int fds[2];
	size_t n = 0;

	refused_init(&refused, &plan);
	l->g.refused = &refused;
	serving(l);
	assert_int_equal(gwmsg_send(l->gateway, &told, NULL, 0), 0);
	assert_int_equal(gwlink_run(&l->g), -EPIPE);
	assert_int_equal(refused.told.n, 0);
	/* as if for a log */
	refused.log = open("/dev/null", O_WRONLY | O_CLOEXEC);
	assert_int_equal(gwlink_configure(&l->g, &f), 0);
	assert_int_equal(gwmsg_recv(l->gateway, &m, fds, 2, &n), 0);
	assert_int_equal(m.config.report_refused, 1);
	while (n > 0)
		fd_close(fds[--n]);
	assert_int_equal(gwmsg_send(l->gateway, &told, NULL, 0), 0);
	assert_int_equal(gwmsg_send(l->gateway, &told, NULL, 0), 0);
	assert_int_equal(gwlink_run(&l->g), 0);
	assert_int_equal(refused.told.n, 1);
	assert_string_equal(refused.told.v[0], "a.org:80");
	refused_close(&refused);
}

static void test_gwlink_waits_for_ready(void **state)
{
	struct link *l = *state;
	struct gwmsg m = { .type = GWMSG_FAULT };
	struct fault f = { 0 };

	say(l, GWMSG_READY, 0);
	assert_int_equal(gwlink_wait_ready(&l->g, &f), 0);
	assert_true(l->g.ready);

	fd_set_nonblock(l->g.control, 0);
	fault_set(&m.fault, EPERM, "load the filter");
	assert_int_equal(gwmsg_send(l->gateway, &m, NULL, 0), 0);
	assert_int_equal(gwlink_wait_ready(&l->g, &f), -EPERM);
	assert_string_equal(f.stage, "gateway");
	assert_string_equal(f.what, "load the filter");

	say(l, GWMSG_DIAL, 1);
	assert_int_equal(gwlink_wait_ready(&l->g, &f), -EPROTO);

	fd_replace(&l->gateway, -1);
	assert_int_equal(gwlink_wait_ready(&l->g, &f), -EPIPE);
}

static void test_gwlink_answers_dials(void **state)
{
	struct link *l = *state;
	struct gwmsg m;
	int fd = -1;
	size_t n;

	serving(l);
	say(l, GWMSG_DIAL, 7);
	assert_int_equal(gwlink_run(&l->g), 0);
	assert_int_equal(gwmsg_recv(l->gateway, &m, &fd, 1, &n), 0);
	assert_int_equal(m.type, GWMSG_DIALED);
	assert_int_equal(m.id, 7);
	assert_int_equal(m.err, 0);
	assert_int_equal(n, 1);
	fd_close(fd);

	dial_result = -ECONNREFUSED;
	say(l, GWMSG_DIAL, 8);
	assert_int_equal(gwlink_run(&l->g), 0);
	assert_int_equal(gwmsg_recv(l->gateway, &m, &fd, 1, &n), 0);
	assert_int_equal(m.id, 8);
	assert_int_equal(m.err, ECONNREFUSED);
	assert_int_equal(n, 0);
}

int __wrap_tor_state_read(const struct tor_upstream *up, int timeout_ms,
			  struct gwmsg_state *state);

static int state_result, state_reads;

int __wrap_tor_state_read(const struct tor_upstream *up, int timeout_ms,
			  struct gwmsg_state *state)
{
	(void)up;
	assert_true(timeout_ms <= 1000);
	state_reads++;
	if (state_result == 0)
		*state = (struct gwmsg_state){ .percent = 80, .live = 1 };
	return state_result;
}

static struct gwmsg ask(struct link *l, const struct gwmsg_ask *a)
{
	const struct gwmsg m = { .type = GWMSG_ASK, .id = 3, .ask = *a };
	struct gwmsg got;

	assert_int_equal(gwmsg_send(l->gateway, &m, NULL, 0), 0);
	assert_int_equal(gwlink_run(&l->g), 0);
	assert_int_equal(gwmsg_recv(l->gateway, &got, NULL, 0, NULL), 0);
	assert_int_equal(got.type, GWMSG_ANSWER);
	assert_int_equal(got.id, 3);
	assert_int_equal(got.answer.kind, a->kind);
	return got;
}

static void test_gwlink_answers_asks(void **state)
{
	const struct gwmsg_ask tor = { .kind = GWMSG_ASK_STATE };
	const struct gwmsg_ask newnym = { .kind = GWMSG_ASK_NEWNYM };
	static struct plan controlled;
	struct link *l = *state;
	struct gwmsg m;

	controlled = plan;
	controlled.control = GWMSG_LEVEL_MINIMAL;
	l->g.plan = &controlled;
	serving(l);
	state_result = -ENOENT;
	assert_int_equal(ask(l, &tor).err, ENOENT);
	/* not tor itself, however often it is asked */
	for (int i = 0; i < 50; i++)
		assert_int_equal(ask(l, &tor).err, ENOENT);
	assert_int_equal(state_reads, 1);
	l->g.ask.until_ms = 0;
	state_result = 0;
	m = ask(l, &tor);
	assert_int_equal(m.err, 0);
	assert_int_equal(m.answer.state.percent, 80);
	/* it is the supervisor's from now on, for a gateway started anew */
	m = ask(l, &newnym);
	assert_int_equal(m.err, 0);
	assert_string_equal(m.answer.nonce, l->g.nonce);
	assert_int_equal(strspn(l->g.nonce, "0123456789abcdef"),
			 GWMSG_NONCE_LEN);
	assert_string_not_equal(ask(l, &newnym).answer.nonce, m.answer.nonce);
}

/* A child that only waits to be killed. */
static pid_t idle_child(void)
{
	pid_t pid = fork();

	if (pid == 0)
		for (;;)
			pause();
	assert_true(pid > 0);
	return pid;
}

static void killed_by(struct link *l, const void *bytes, size_t len, int fd)
{
	int status, n = fd >= 0 ? 1 : 0;
	pid_t pid = idle_child();

	l->g.pid = pid;
	assert_int_equal(fd_send_msg(l->gateway, bytes, len, &fd, (size_t)n),
			 0);
	assert_int_equal(gwlink_run(&l->g), -EPIPE);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	l->g.pid = 0;
}

static void test_gwlink_kills_who_breaks_the_protocol(void **state)
{
	struct link *l = *state;
	struct gwmsg m = { .type = GWMSG_CONFIG };
	char garbage[sizeof(m) + 100];

	serving(l);
	memset(garbage, 0x41, sizeof(garbage));
	killed_by(l, "x", 1, -1);
	killed_by(l, garbage, sizeof(garbage), -1);
	killed_by(l, garbage, sizeof(m), -1);
	/* messages that are the supervisor's to send */
	killed_by(l, &m, gwmsg_size(GWMSG_CONFIG), -1);
	m.type = GWMSG_DIALED;
	killed_by(l, &m, gwmsg_size(GWMSG_DIALED), -1);
	/* ready twice */
	m.type = GWMSG_READY;
	killed_by(l, &m, gwmsg_size(GWMSG_READY), -1);
	/* where there is no control port */
	m = (struct gwmsg){ .type = GWMSG_ASK, .ask.kind = GWMSG_ASK_NEWNYM };
	killed_by(l, &m, gwmsg_size(GWMSG_ASK), -1);
	/* a descriptor that nobody asked for */
	m.type = GWMSG_DIAL;
	killed_by(l, &m, gwmsg_size(GWMSG_DIAL), l->gateway);
}

static void test_gwlink_waits_while_answers_are_not_read(void **state)
{
	struct link *l = *state;
	struct pollfd p;
	int sent = 0, answered = 0, fd;
	struct gwmsg m;
	size_t n;

	serving(l);
	fd_set_nonblock(l->gateway, 1);
	/* it asks and asks, and reads nothing */
	for (int i = 0; i < 5000 && !l->g.waiting; i++) {
		const struct gwmsg ask = { .type = GWMSG_DIAL,
					   .id = (uint32_t)i };

		sent += gwmsg_send(l->gateway, &ask, NULL, 0) == 0;
		assert_int_equal(gwlink_run(&l->g), 0);
	}
	assert_true(l->g.waiting);
	p = gwlink_poll_fd(&l->g);
	/* no busy loop: room is waited for */
	assert_int_equal(p.events, POLLOUT);
	assert_int_equal(poll(&p, 1, 0), 0);
	for (int turns = 0; turns < 10000 && answered < sent; turns++) {
		while (gwmsg_recv(l->gateway, &m, &fd, 1, &n) == 0) {
			/* none is lost, in their order */
			assert_int_equal(m.id, answered);
			answered++;
			if (n)
				fd_close(fd);
		}
		assert_int_equal(gwlink_run(&l->g), 0);
	}
	assert_int_equal(answered, sent);
	assert_false(l->g.waiting);
}

static void test_gwlink_serves_others_too(void **state)
{
	struct link *l = *state;

	serving(l);
	fd_set_nonblock(l->gateway, 1);
	/* more than one turn's share waits: it returns all the same */
	for (uint32_t i = 0; i < 100; i++) {
		const struct gwmsg ask = { .type = GWMSG_DIAL, .id = i };

		if (gwmsg_send(l->gateway, &ask, NULL, 0) < 0)
			break;
	}
	assert_int_equal(gwlink_run(&l->g), 0);
}

static void test_gwlink_restarts_with_a_limit(void **state)
{
	struct link *l = *state;
	struct fault f = { 0 };
	int rc = 0, n = 0;

	/* no program to run: each ends at once */
	while (n < 20) {
		rc = gwlink_restart(&l->g, &f);
		if (rc == -EAGAIN)
			break;
		n++;
	}
	assert_int_equal(rc, -EAGAIN);
	assert_int_equal(n, GWLINK_RESTARTS_MAX);
	assert_non_null(strstr(f.what, "ended"));
	/* offline, and nothing to poll */
	assert_true(gwlink_poll_fd(&l->g).fd < 0);
	/* no zombie is left */
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	/* the listeners are still ours */
	assert_int_equal(l->g.nlisteners, 2);
	assert_true(fcntl(l->g.listeners[0], F_GETFD) >= 0);
	/* later it may be tried again */
	l->g.window_start_s -= GWLINK_RESTART_WINDOW_S + 1;
	assert_int_not_equal(gwlink_restart(&l->g, &f), -EAGAIN);
	if (l->g.pid > 0)
		waitpid(l->g.pid, NULL, 0);
}

#define link_test(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		link_test(test_gwlink_sends_a_new_nonce),
		link_test(test_gwlink_sends_plan_and_listeners),
		link_test(test_gwlink_hears_of_refused_destinations),
		link_test(test_gwlink_waits_for_ready),
		link_test(test_gwlink_answers_dials),
		link_test(test_gwlink_answers_asks),
		link_test(test_gwlink_kills_who_breaks_the_protocol),
		link_test(test_gwlink_waits_while_answers_are_not_read),
		link_test(test_gwlink_serves_others_too),
		link_test(test_gwlink_restarts_with_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
