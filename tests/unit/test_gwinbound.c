/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_gwinbound.c - a real gateway and an onion service's visitors
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "tests/unit/gwlive.h"

#define LIMIT 4

static struct gwlive g;

static int setup(void **state)
{
	struct gwmsg m;

	(void)state;
	memset(&g, 0, sizeof(g));
	gwlive_prepare(&g);
	g.config.config.max_connections = LIMIT;
	gwlive_spawn(&g, 0);
	return gwlive_configure(&g, &m) == GWMSG_READY ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	gwlive_stop(&g);
	return 0;
}

static void pair(int *ours, int *theirs)
{
	const struct timeval wait = { .tv_sec = 10 };
	int s[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, s),
			 0);
	setsockopt(s[0], SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	fd_set_nonblock(s[1], 1);
	*ours = s[0];
	*theirs = s[1];
}

static void hand_over(int tor, int app)
{
	const struct gwmsg m = { .type = GWMSG_INBOUND };
	const int fds[] = { tor, app };

	assert_int_equal(gwmsg_send(g.ctl, &m, fds, 2), 0);
	close(tor);
	close(app);
}

/* A visitor, and what the application accepts. */
static void visit(int *tor, int *app)
{
	int to_tor, to_app;

	pair(tor, &to_tor);
	pair(app, &to_app);
	hand_over(to_tor, to_app);
}

static void test_gwinbound_both_ways(void **state)
{
	int tor, app;

	(void)state;
	visit(&tor, &app);
	gwlive_send(tor, LIT("request"));
	gwlive_expect(app, LIT("request"));
	gwlive_send(app, LIT("answer"));
	gwlive_expect(tor, LIT("answer"));
	shutdown(tor, SHUT_WR);
	assert_int_equal(gwlive_is_eof(app), 1);
	gwlive_send(app, LIT("still"));
	close(app);
	gwlive_expect(tor, LIT("still"));
	assert_int_equal(gwlive_is_eof(tor), 1);
	close(tor);
	while (gwlive_stats(&g).open > 0)
		usleep(1000);
	assert_int_equal(gwlive_stats(&g).bytes_down, 7);
	assert_int_equal(gwlive_stats(&g).bytes_up, 11);
	/* nothing was dialled for it: what comes next is ours */
	gwlive_open(&g, &app, &tor);
	gwlive_close_both(app, tor);
}

/* Nobody listens in the application: the visitor is sent away. */
static void test_gwinbound_refused(void **state)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons(1),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int tor, to_tor;
	int app =
		socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	(void)state;
	pair(&tor, &to_tor);
	assert_int_not_equal(connect(app, (struct sockaddr *)&to, sizeof(to)),
			     0);
	hand_over(to_tor, app);
	assert_int_equal(gwlive_is_eof(tor), 1);
	close(tor);
}

/* Visitors fill their half, and no more: the way out stays free. */
static void test_gwinbound_limit(void **state)
{
	int tor[LIMIT], app[LIMIT], out_tor, out;

	(void)state;
	for (int i = 0; i < LIMIT; i++)
		visit(&tor[i], &app[i]);
	for (int i = 0; i < LIMIT; i++)
		if (i < LIMIT / 2) {
			gwlive_send(tor[i], LIT("in"));
			gwlive_expect(app[i], LIT("in"));
		} else {
			assert_int_equal(gwlive_is_eof(tor[i]), 1);
			assert_int_equal(gwlive_is_eof(app[i]), 1);
		}
	gwlive_open(&g, &out, &out_tor);
	gwlive_close_both(out, out_tor);
	for (int i = 0; i < LIMIT; i++)
		gwlive_close_both(tor[i], app[i]);
	while (gwlive_stats(&g).open > 0)
		usleep(1000);
	/* and once they have left there is room again */
	visit(&tor[0], &app[0]);
	gwlive_send(app[0], LIT("banner"));
	gwlive_expect(tor[0], LIT("banner"));
	gwlive_close_both(tor[0], app[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_gwinbound_both_ways, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_gwinbound_refused, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_gwinbound_limit, setup,
						teardown),
	};

	gwlive_enter();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
