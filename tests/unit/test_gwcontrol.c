/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_gwcontrol.c - the control port of a real gateway */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "gateway/ctlport.h"
#include "tests/unit/gwlive.h"

#define LIT(s) (s), sizeof(s) - 1
#define OK "250 OK\r\n"
#define NO "510 Unrecognized command\r\n"
#define NONCE2                                                                 \
	"0123456789abcdef00000001"                                             \
	"00000001"                                                             \
	"fedcba9876543210fedcba9876543210"
#define SERVICE "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static struct gwlive g;

static void start(uint32_t handshake_ms)
{
	struct gwmsg m;

	memset(&g, 0, sizeof(g));
	gwlive_prepare(&g);
	if (handshake_ms)
		g.config.config.handshake_timeout_ms = handshake_ms;
	gwlive_spawn(&g, 0);
	assert_int_equal(gwlive_configure(&g, &m), GWMSG_READY);
}

static void says(int c, const char *line, const char *answer)
{
	gwlive_send(c, line, strlen(line));
	gwlive_expect(c, answer, strlen(answer));
}

static int login(void)
{
	int c = gwlive_client(&g, GWLIVE_CONTROL);

	says(c, "AUTHENTICATE\r\n", OK);
	return c;
}

static struct gwmsg asked(enum gwmsg_ask_kind kind)
{
	struct gwmsg m;

	gwlive_recv(&g, &m);
	assert_int_equal(m.type, GWMSG_ASK);
	assert_int_equal(m.ask.kind, kind);
	return m;
}

static void reply(const struct gwmsg *to, int err, struct gwmsg_answer a)
{
	struct gwmsg m = { .type = GWMSG_ANSWER, .id = to->id, .err = err };

	a.kind = to->ask.kind;
	m.answer = a;
	assert_int_equal(gwmsg_send(g.ctl, &m, NULL, 0), 0);
}

static void test_gwcontrol_asks_and_answers(void **state)
{
	struct gwmsg_answer a = { .state = { .circuit = 1 } };
	struct gwmsg m;
	int c;

	(void)state;
	start(0);
	c = login();
	says(c, "GETINFO net/listeners/socks\r\n",
	     "250-net/listeners/socks=\"127.0.0.1:9050\"\r\n" OK);
	/* two at once: in their order */
	gwlive_send(c, LIT("GETINFO status/circuit-established\r\n"
			   "SETCONF ORPort=1\r\n"));
	m = asked(GWMSG_ASK_STATE);
	reply(&m, 0, a);
	gwlive_expect(c, LIT("250-status/circuit-established=1\r\n" OK NO));
	gwlive_send(c, LIT("GETINFO network-liveness\r\n"));
	m = asked(GWMSG_ASK_STATE);
	reply(&m, ENOENT, (struct gwmsg_answer){ 0 });
	gwlive_expect(c, LIT("551 Not available with this tor\r\n"));
	says(c, "QUIT\r\n", "250 closing connection\r\n");
	assert_int_equal(gwlive_is_eof(c), 1);
	close(c);
	gwlive_stop(&g);
}

static void password_of(struct gwlive_request *r)
{
	int c, tor;

	gwlive_open(&g, &c, &tor);
	close(c);
	close(tor);
	c = gwlive_client(&g, 0);
	gwlive_send(c, LIT("\x05\x01\x00\x05\x01\x00\x03\x05"
			   "a.org\x00\x50"));
	tor = gwlive_dial(&g);
	gwlive_tor_reads(tor, r);
	close(c);
	close(tor);
}

static void test_gwcontrol_newnym_is_a_new_nonce(void **state)
{
	const struct gwmsg_answer a = { .nonce = NONCE2 };
	struct gwlive_request before, same, after;
	struct gwmsg m;
	int c, other;

	(void)state;
	start(0);
	c = login();
	other = login();
	says(other, "SETEVENTS SIGNAL\r\n", OK);
	password_of(&before);
	password_of(&same);
	assert_string_equal(before.pass, same.pass);
	gwlive_send(c, LIT("SIGNAL NEWNYM\r\n"));
	m = asked(GWMSG_ASK_NEWNYM);
	reply(&m, 0, a);
	gwlive_expect(c, LIT(OK));
	gwlive_expect(other, LIT("650 SIGNAL NEWNYM\r\n"));
	password_of(&after);
	assert_string_not_equal(before.pass, after.pass);
	close(c);
	close(other);
	gwlive_stop(&g);
}

/* What was made for a client ends with it, however it leaves. */
static void test_gwcontrol_services_end_with_the_client(void **state)
{
	const struct gwmsg_answer a = { .service = SERVICE };
	struct gwmsg m, end;
	uint32_t first;
	int c;

	(void)state;
	start(0);
	c = login();
	gwlive_send(c, LIT("ADD_ONION NEW:BEST Port=80,8080\r\n"));
	m = asked(GWMSG_ASK_ADD_ONION);
	first = m.id;
	assert_int_equal(m.ask.onion.ports[0].target, 8080);
	reply(&m, 0, a);
	gwlive_expect(c, LIT("250-ServiceID=" SERVICE "\r\n" OK));
	close(c);
	end = asked(GWMSG_ASK_END);
	assert_int_equal(end.id, first);
	/* it leaves before the answer, which is nobody else's then */
	c = login();
	gwlive_send(c, LIT("ADD_ONION NEW:BEST Port=80\r\n"));
	m = asked(GWMSG_ASK_ADD_ONION);
	assert_int_not_equal(m.id, first);
	close(c);
	c = login();
	reply(&m, 0, a);
	end = asked(GWMSG_ASK_END);
	assert_int_equal(end.id, m.id);
	says(c, "GETINFO onions/current\r\n", "250-onions/current=\r\n" OK);
	close(c);
	gwlive_stop(&g);
}

static void test_gwcontrol_events(void **state)
{
	const struct gwmsg e = { .type = GWMSG_EVENT,
				 .event = { .action = GWMSG_ACTION_UPLOADED,
					    .service = SERVICE } };
	char line[128];
	int c, deaf, tor, client;

	(void)state;
	start(0);
	c = login();
	deaf = login();
	says(c, "SETEVENTS BW HS_DESC\r\n", OK);
	assert_int_equal(gwmsg_send(g.ctl, &e, NULL, 0), 0);
	gwlive_expect(c, LIT("650 HS_DESC UPLOADED " SERVICE " UNKNOWN "
			     "$0000000000000000000000000000000000000000"
			     "~isolate\r\n"));
	/* of this sandbox, within a second; then nothing is left to tell */
	gwlive_open(&g, &client, &tor);
	gwlive_send(client, LIT("request"));
	gwlive_expect(tor, LIT("request"));
	assert_true(recv(c, line, strlen("650 BW 0 7\r\n"), MSG_WAITALL) > 0);
	assert_memory_equal(line, "650 BW 0 7\r\n", strlen("650 BW 0 7\r\n"));
	gwlive_expect(c, LIT("650 BW 0 0\r\n"));
	says(c, "SETEVENTS\r\n", OK);
	usleep(1200000);
	says(c, "GETINFO version\r\n", "250-version=0.4.8.16\r\n" OK);
	says(deaf, "GETINFO version\r\n", "250-version=0.4.8.16\r\n" OK);
	gwlive_close_both(client, tor);
	close(c);
	close(deaf);
	gwlive_stop(&g);
}

static void test_gwcontrol_limit(void **state)
{
	int c[CTLPORT_MAX], more;

	(void)state;
	start(0);
	for (size_t i = 0; i < CTLPORT_MAX; i++)
		c[i] = login();
	more = gwlive_client(&g, GWLIVE_CONTROL);
	assert_int_not_equal(gwlive_is_eof(more), 0);
	close(more);
	/* the others live on, and a place is free again */
	says(c[0], "GETINFO version\r\n", "250-version=0.4.8.16\r\n" OK);
	says(c[1], "QUIT\r\n", "250 closing connection\r\n");
	assert_int_equal(gwlive_is_eof(c[1]), 1);
	close(c[1]);
	c[1] = login();
	for (size_t i = 0; i < CTLPORT_MAX; i++)
		close(c[i]);
	gwlive_stop(&g);
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* One byte now and then does not keep a line open. */
static void test_gwcontrol_time(void **state)
{
	int silent, partial, idle;
	double begun = seconds();

	(void)state;
	start(600);
	silent = gwlive_client(&g, GWLIVE_CONTROL);
	idle = login();
	partial = login();
	while (seconds() - begun < 3 &&
	       send(partial, "G", 1, MSG_NOSIGNAL) == 1)
		usleep(50000);
	assert_true(seconds() - begun < 2);
	assert_int_not_equal(gwlive_is_eof(silent), 0);
	says(idle, "GETINFO version\r\n", "250-version=0.4.8.16\r\n" OK);
	assert_int_equal(gwlive_stats(&g).timeouts, 2);
	close(silent);
	close(partial);
	close(idle);
	gwlive_stop(&g);
}

/* A client that asks for ever and never reads: it is stopped, then closed. */
static void test_gwcontrol_reader_that_does_not_read(void **state)
{
	char lines[17 * 500];
	int c;
	size_t sent = 0;
	double begun;
	long before;
	ssize_t n;

	(void)state;
	for (size_t i = 0; i < sizeof(lines); i += 17)
		memcpy(lines + i, "GETINFO version\r\n", 17);
	start(600);
	before = gwlive_rss_kib(&g);
	c = gwlive_client(&g, GWLIVE_CONTROL);
	says(c, "AUTHENTICATE\r\n", OK);
	begun = seconds();
	/* by its counters: a reset may be lost where buffers are full */
	while (gwlive_stats(&g).timeouts == 0 && seconds() - begun < 20) {
		n = send(c, lines, sizeof(lines), MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n > 0)
			sent += (size_t)n;
		else
			usleep(10000);
	}
	assert_int_equal(gwlive_stats(&g).timeouts, 1);
	/* what the kernel holds of both directions, and no more */
	assert_true(sent < 64 << 20);
	assert_true(gwlive_rss_kib(&g) - before < 256);
	close(c);
	gwlive_stop(&g);
}

/* The rest of a line that is too long does not take the answer away. */
static void test_gwcontrol_last_word_arrives(void **state)
{
	char *big = calloc(1, 100000);
	int c;

	(void)state;
	assert_non_null(big);
	memset(big, 'a', 100000);
	start(0);
	c = login();
	gwlive_send(c, big, 100000);
	gwlive_expect(c, LIT(NO));
	assert_int_equal(gwlive_is_eof(c), 1);
	close(c);
	c = gwlive_client(&g, GWLIVE_CONTROL);
	says(c, "GETINFO version\r\n", "514 Authentication required.\r\n");
	assert_int_equal(gwlive_is_eof(c), 1);
	close(c);
	free(big);
	gwlive_stop(&g);
}

static void test_gwcontrol_configuration(void **state)
{
	struct gwmsg m;

	(void)state;
	memset(&g, 0, sizeof(g));
	gwlive_prepare(&g);
	/* a listener and no level; then no such level */
	g.config.config.control = GWMSG_LEVEL_UNSET;
	gwlive_spawn(&g, 0);
	assert_int_equal(gwlive_configure(&g, &m), GWMSG_FAULT);
	gwlive_wait(&g);
	memset(&g, 0, sizeof(g));
	gwlive_prepare(&g);
	g.config.config.control = GWMSG_LEVELS;
	gwlive_spawn(&g, 0);
	assert_int_equal(gwlive_configure(&g, &m), GWMSG_FAULT);
	gwlive_wait(&g);
}

/* An answer to another question than was asked. */
static void test_gwcontrol_wrong_answer_ends_it(void **state)
{
	struct gwmsg m;
	int c;

	(void)state;
	start(0);
	c = login();
	gwlive_send(c, LIT("GETINFO network-liveness\r\n"));
	m = asked(GWMSG_ASK_STATE);
	m.ask.kind = GWMSG_ASK_DEL_ONION;
	reply(&m, 0, (struct gwmsg_answer){ 0 });
	assert_int_not_equal(gwlive_wait(&g), 0);
	close(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_gwcontrol_asks_and_answers),
		cmocka_unit_test(test_gwcontrol_newnym_is_a_new_nonce),
		cmocka_unit_test(test_gwcontrol_services_end_with_the_client),
		cmocka_unit_test(test_gwcontrol_events),
		cmocka_unit_test(test_gwcontrol_limit),
		cmocka_unit_test(test_gwcontrol_time),
		cmocka_unit_test(test_gwcontrol_reader_that_does_not_read),
		cmocka_unit_test(test_gwcontrol_last_word_arrives),
		cmocka_unit_test(test_gwcontrol_configuration),
		cmocka_unit_test(test_gwcontrol_wrong_answer_ends_it),
	};

	gwlive_enter();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
