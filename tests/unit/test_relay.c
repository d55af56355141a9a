/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_relay.c - one direction of a connection, step by step */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>

#include "base/fd.h"
#include "gateway/relay.h"

/* far [1] -- [0] src | relay | dst [0] -- [1] near */
struct ends {
	int src[2];
	int dst[2];
	struct pipes pipes;
	struct relay r;
};

static int setup(void **state)
{
	static struct ends e;
	int type = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;

	/* splice(2) has no MSG_NOSIGNAL: the gateway ignores it as well */
	signal(SIGPIPE, SIG_IGN);
	memset(&e, 0, sizeof(e));
	relay_init(&e.r, false);
	*state = &e;
	return socketpair(AF_UNIX, type, 0, e.src) == 0 &&
			       socketpair(AF_UNIX, type, 0, e.dst) == 0
		       ? 0
		       : -1;
}

static int teardown(void **state)
{
	struct ends *e = *state;

	for (int i = 0; i < 2; i++) {
		fd_replace(&e->src[i], -1);
		fd_replace(&e->dst[i], -1);
	}
	relay_free(&e->r, &e->pipes);
	while (e->pipes.n > 0) {
		struct pipe p;

		assert_int_equal(pipes_take(&e->pipes, &p, false), 0);
		pipes_give(&e->pipes, &p, 1);
	}
	return 0;
}

static enum relay_step run(struct ends *e)
{
	return relay_run(&e->r, &e->pipes, e->src[0], e->dst[0]);
}

static void say(struct ends *e, const char *text)
{
	assert_int_equal(send(e->src[1], text, strlen(text), MSG_NOSIGNAL),
			 strlen(text));
}

/* "" is the end, NULL: nothing yet */
static void expect(struct ends *e, const char *text)
{
	char got[64];
	ssize_t n = recv(e->dst[1], got, sizeof(got), 0);

	if (!text) {
		assert_int_equal(n, -1);
		assert_int_equal(errno, EAGAIN);
		return;
	}
	assert_int_equal(n, strlen(text));
	assert_memory_equal(got, text, strlen(text));
}

static void test_relay_moves(void **state)
{
	struct ends *e = *state;

	say(e, "one");
	assert_int_equal(run(e), RELAY_WAIT);
	expect(e, "one");
	assert_int_equal(e->r.bytes, 3);
	/* a pipe is held only while bytes are in it */
	assert_int_equal(e->r.pipe.rd, -1);
	assert_int_equal(e->pipes.n, 1);
	say(e, "two");
	fd_replace(&e->src[1], -1);
	relay_reported(&e->r);
	assert_int_equal(run(e), RELAY_DONE);
	expect(e, "two");
	expect(e, "");
	assert_int_equal(run(e), RELAY_DONE);
}

static void test_relay_asks_a_dry_source_once(void **state)
{
	struct ends *e = *state;

	/* the first time nobody has reported anything */
	say(e, "first");
	assert_int_equal(run(e), RELAY_WAIT);
	expect(e, "first");
	/* the other end was reported, this one not */
	say(e, "second");
	assert_int_equal(run(e), RELAY_WAIT);
	expect(e, NULL);
	relay_reported(&e->r);
	assert_int_equal(run(e), RELAY_WAIT);
	expect(e, "second");
}

/* The reader makes room: no report of the source is needed to go on. */
static void test_relay_goes_on_when_there_is_room(void **state)
{
	struct ends *e = *state;
	char bytes[4096] = { 0 };
	size_t sent = 0, got = 0;
	ssize_t n;

	do {
		while ((n = send(e->src[1], bytes, sizeof(bytes),
				 MSG_NOSIGNAL)) > 0)
			sent += (size_t)n;
		relay_reported(&e->r);
		while (run(e) == RELAY_AGAIN)
			;
	} while (send(e->src[1], bytes, 1, MSG_NOSIGNAL) == 1 && sent++);
	assert_true(e->r.in_pipe > 0);
	for (;;) {
		while ((n = recv(e->dst[1], bytes, sizeof(bytes), 0)) > 0)
			got += (size_t)n;
		if (got == sent)
			break;
		while (run(e) == RELAY_AGAIN)
			;
		/* nothing came: it is stuck */
		n = recv(e->dst[1], bytes, 1, 0);
		assert_int_equal(n, 1);
		got++;
	}
	assert_int_equal(e->r.bytes, sent);
	assert_int_equal(e->r.in_pipe, 0);
}

static void test_relay_breaks(void **state)
{
	struct ends *e = *state;

	say(e, "lost");
	fd_replace(&e->dst[1], -1);
	assert_int_equal(run(e), RELAY_BROKEN);
	/* what holds bytes is for nobody else */
	relay_free(&e->r, &e->pipes);
	assert_int_equal(e->pipes.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_relay_moves, setup,
						teardown),
		cmocka_unit_test_setup_teardown(
			test_relay_asks_a_dry_source_once, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_relay_goes_on_when_there_is_room, setup, teardown),
		cmocka_unit_test_setup_teardown(test_relay_breaks, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
