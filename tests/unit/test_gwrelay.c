/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_gwrelay.c - the real gateway once a stream is open */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "tests/unit/gwlive.h"

static struct gwlive g;

static int setup(void **state)
{
	(void)state;
	return gwlive_setup(&g);
}

static int teardown(void **state)
{
	(void)state;
	return gwlive_teardown(&g);
}

static void test_gwrelay_half_close(void **state)
{
	int c, tor;

	(void)state;
	gwlive_open(&g, &c, &tor);
	gwlive_send(c, LIT("request"));
	shutdown(c, SHUT_WR);
	gwlive_expect(tor, LIT("request"));
	assert_int_equal(gwlive_is_eof(tor), 1);
	gwlive_send(tor, LIT("answer"));
	gwlive_expect(c, LIT("answer"));
	close(tor);
	assert_int_equal(gwlive_is_eof(c), 1);
	close(c);
	gwlive_open(&g, &c, &tor);
	shutdown(tor, SHUT_WR);
	assert_int_equal(gwlive_is_eof(c), 1);
	gwlive_send(c, LIT("still"));
	gwlive_expect(tor, LIT("still"));
	close(c);
	assert_int_equal(gwlive_is_eof(tor), 1);
	close(tor);
}

static void wait_open(uint64_t n)
{
	for (int i = 0; i < 200 && gwlive_stats(&g).open != n; i++)
		usleep(10000);
	assert_int_equal(gwlive_stats(&g).open, n);
}

static void reset(int fd)
{
	struct linger l = { .l_onoff = 1 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, sizeof(l));
	close(fd);
}

static void test_gwrelay_abort(void **state)
{
	int c, tor;

	(void)state;
	gwlive_open(&g, &c, &tor);
	reset(c);
	assert_int_not_equal(gwlive_is_eof(tor), 0);
	close(tor);
	wait_open(0);
	/* after half a close, and while nothing moves */
	gwlive_open(&g, &c, &tor);
	shutdown(c, SHUT_WR);
	assert_int_equal(gwlive_is_eof(tor), 1);
	reset(c);
	wait_open(0);
	close(tor);
	/* tor leaves with unread data: a reset, not an end */
	gwlive_open(&g, &c, &tor);
	gwlive_send(c, LIT("unread"));
	usleep(20000);
	close(tor);
	assert_int_equal(gwlive_is_eof(c), -1);
	close(c);
	wait_open(0);
}

/* Tor closes for good: whatever the client does, the slot comes back. */
static void test_gwrelay_upstream_gone(void **state)
{
	int c, tor;

	(void)state;
	gwlive_open(&g, &c, &tor);
	gwlive_send(tor, LIT("bye"));
	close(tor);
	gwlive_expect(c, LIT("bye"));
	assert_int_equal(gwlive_is_eof(c), 1);
	gwlive_send(c, LIT("into the void"));
	close(c);
	wait_open(0);
}

static void test_gwrelay_client_leaves_early(void **state)
{
	struct gwmsg m;
	int c, fd;

	(void)state;
	c = gwlive_client(&g, 0);
	gwlive_send(c, LIT("\x05"));
	close(c);
	c = gwlive_client(&g, 0);
	gwlive_send(c, LIT(OPEN5 NAME5("\x01")));
	gwlive_recv(&g, &m);
	reset(c);
	wait_open(0);
	fd = fcntl(0, F_DUPFD_CLOEXEC, 3);
	m.type = GWMSG_DIALED;
	assert_int_equal(gwmsg_send(g.ctl, &m, &fd, 1), 0);
	close(fd);
	wait_open(0);
}

/* Writes until nothing is taken for 200 ms. */
static size_t stuff(int fd)
{
	static const char block[65536];
	size_t total = 0;
	int idle = 0;

	fd_set_nonblock(fd, 1);
	while (idle < 20) {
		ssize_t n = send(fd, block, sizeof(block), MSG_NOSIGNAL);

		if (n > 0) {
			total += (size_t)n;
			idle = 0;
		} else {
			idle++;
			usleep(10000);
		}
		assert_true(total < 64U << 20);
	}
	return total;
}

static size_t drain(int fd, size_t want)
{
	static char waste[65536];
	size_t got = 0;

	while (got < want) {
		ssize_t n = recv(fd, waste, sizeof(waste), 0);

		if (n <= 0)
			break;
		got += (size_t)n;
	}
	return got;
}

static void test_gwrelay_slow_reader(void **state)
{
	int c, tor, c2, tor2;
	size_t down, up;
	long before;

	(void)state;
	before = gwlive_rss_kib(&g);
	gwlive_open(&g, &c, &tor);
	gwlive_open(&g, &c2, &tor2);
	down = stuff(tor);
	up = stuff(c);
	assert_true(down > 0 && up > 0);
	/* the amount is in the kernel's bounded buffers, not in the process */
	assert_true(gwlive_rss_kib(&g) - before < 1024);
	gwlive_send(c2, LIT("fine"));
	gwlive_expect(tor2, LIT("fine"));
	gwlive_send(tor2, LIT("too"));
	gwlive_expect(c2, LIT("too"));
	fd_set_nonblock(c, 0);
	fd_set_nonblock(tor, 0);
	assert_int_equal(drain(c, down), down);
	assert_int_equal(drain(tor, up), up);
	gwlive_close_both(c, tor);
	gwlive_close_both(c2, tor2);
}

/* The bytes of one stream, both ways at once, arrive whole and in order. */
static void test_gwrelay_bulk(void **state)
{
	static uint8_t block[100000];
	size_t sent = 0, got = 0, total = 64U << 20;
	static uint8_t in[100000];
	int c, tor;

	(void)state;
	gwlive_open(&g, &c, &tor);
	fd_set_nonblock(tor, 1);
	fd_set_nonblock(c, 1);
	while (got < total) {
		size_t want = total - sent, phase = sent % 251;
		ssize_t n;

		if (want > sizeof(block) - 251)
			want = sizeof(block) - 251;
		if (sent == 0)
			for (size_t i = 0; i < sizeof(block); i++)
				block[i] = (uint8_t)(i % 251);
		n = want ? send(tor, block + phase, want, MSG_NOSIGNAL) : 0;
		if (n > 0)
			sent += (size_t)n;
		n = recv(c, in, sizeof(in), 0);
		if (n < 0 && errno == EAGAIN)
			continue;
		assert_true(n > 0);
		for (ssize_t i = 0; i < n; i++, got++)
			if (in[i] != got % 251)
				fail_msg("byte %zu differs", got);
	}
	gwlive_close_both(c, tor);
	assert_true(gwlive_stats(&g).bytes_down >= total);
}

#define MANY 300

static void test_gwrelay_many(void **state)
{
	static int c[MANY], tor[MANY];

	(void)state;
	for (int i = 0; i < MANY; i++)
		gwlive_open(&g, &c[i], &tor[i]);
	assert_int_equal(gwlive_stats(&g).open, MANY);
	for (int i = 0; i < MANY; i++)
		gwlive_send(c[i], &i, sizeof(i));
	for (int i = MANY - 1; i >= 0; i--)
		gwlive_expect(tor[i], &i, sizeof(i));
	for (int i = 0; i < MANY; i++)
		gwlive_close_both(c[i], tor[i]);
	wait_open(0);
}

/* The supervisor does not answer for a while: nothing is lost. */
static void test_gwrelay_dials_queue(void **state)
{
	static int c[MANY];

	(void)state;
	for (int i = 0; i < MANY; i++) {
		c[i] = gwlive_client(&g, 0);
		gwlive_send(c[i], LIT(OPEN5 NAME5("\x01")));
	}
	usleep(100000);
	for (int i = 0; i < MANY; i++)
		close(gwlive_dial(&g));
	for (int i = 0; i < MANY; i++) {
		gwlive_expect(c[i], LIT("\x05\x00" FAIL5("\x01")));
		close(c[i]);
	}
	wait_open(0);
}

static void test_gwrelay_limit(void **state)
{
	int c1, c2, tor1, tor2, c3;

	(void)state;
	memset(&g, 0, sizeof(g));
	gwlive_prepare(&g);
	g.config.config.max_connections = 2;
	gwlive_spawn(&g, 0);
	assert_int_equal(gwlive_configure(&g, &(struct gwmsg){ 0 }),
			 GWMSG_READY);
	gwlive_open(&g, &c1, &tor1);
	gwlive_open(&g, &c2, &tor2);
	c3 = gwlive_client(&g, 0);
	gwlive_send(c3, LIT(OPEN5));
	usleep(50000);
	assert_int_equal(gwlive_stats(&g).accepted, 2);
	assert_int_equal(gwlive_stats(&g).refused_limit, 1);
	gwlive_close_both(c1, tor1);
	gwlive_expect(c3, LIT("\x05\x00"));
	assert_int_equal(gwlive_stats(&g).accepted, 3);
	close(c3);
	gwlive_close_both(c2, tor2);
	gwlive_stop(&g);
}

/* Those who wait at different ports all get their turn, and count once. */
static void test_gwrelay_limit_of_all_ports(void **state)
{
	int c, tor, wait[4];

	(void)state;
	memset(&g, 0, sizeof(g));
	gwlive_prepare(&g);
	g.config.config.max_connections = 1;
	gwlive_spawn(&g, 0);
	assert_int_equal(gwlive_configure(&g, &(struct gwmsg){ 0 }),
			 GWMSG_READY);
	gwlive_open(&g, &c, &tor);
	for (int i = 0; i < 4; i++) {
		wait[i] = gwlive_client(&g, i);
		gwlive_send(wait[i], LIT(OPEN5));
	}
	usleep(50000);
	assert_int_equal(gwlive_stats(&g).accepted, 1);
	assert_int_equal(gwlive_stats(&g).refused_limit, 4);
	gwlive_close_both(c, tor);
	/* one at a time, whichever comes first */
	for (int n = 0; n < 4; n++) {
		struct pollfd p[4];
		int i = 0;

		for (int k = 0; k < 4; k++)
			p[k] = (struct pollfd){ .fd = wait[k],
						.events = POLLIN };
		assert_true(poll(p, 4, 5000) == 1);
		while (!p[i].revents)
			i++;
		gwlive_expect(wait[i], LIT("\x05\x00"));
		fd_replace(&wait[i], -1);
	}
	assert_int_equal(gwlive_stats(&g).accepted, 5);
	gwlive_stop(&g);
}

static void test_gwrelay_handshake_timeout(void **state)
{
	int c, idle;

	(void)state;
	memset(&g, 0, sizeof(g));
	gwlive_prepare(&g);
	g.config.config.handshake_timeout_ms = 100;
	gwlive_spawn(&g, 0);
	assert_int_equal(gwlive_configure(&g, &(struct gwmsg){ 0 }),
			 GWMSG_READY);
	c = gwlive_client(&g, 0);
	gwlive_send(c, LIT("\x05\x01"));
	assert_int_not_equal(gwlive_is_eof(c), 0);
	close(c);
	assert_int_equal(gwlive_stats(&g).timeouts, 1);
	/* idle afterwards is nobody's business */
	gwlive_open(&g, &c, &idle);
	usleep(300000);
	gwlive_send(c, LIT("x"));
	gwlive_expect(idle, LIT("x"));
	gwlive_close_both(c, idle);
	gwlive_stop(&g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_gwrelay_half_close),
		cmocka_unit_test(test_gwrelay_abort),
		cmocka_unit_test(test_gwrelay_upstream_gone),
		cmocka_unit_test(test_gwrelay_client_leaves_early),
		cmocka_unit_test(test_gwrelay_slow_reader),
		cmocka_unit_test(test_gwrelay_bulk),
		cmocka_unit_test(test_gwrelay_many),
		cmocka_unit_test(test_gwrelay_dials_queue),
	};
	const struct CMUnitTest alone[] = {
		cmocka_unit_test(test_gwrelay_limit),
		cmocka_unit_test(test_gwrelay_limit_of_all_ports),
		cmocka_unit_test(test_gwrelay_handshake_timeout),
	};
	int failed;

	signal(SIGPIPE, SIG_IGN);
	gwlive_enter();
	failed = cmocka_run_group_tests_name("shared", tests, setup, teardown);
	return failed + cmocka_run_group_tests_name("alone", alone, NULL, NULL);
}
