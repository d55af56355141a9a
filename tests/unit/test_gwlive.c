/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_gwlive.c - the real gateway on real sockets */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "tests/unit/gwlive.h"

#define LIT(s) (s), sizeof(s) - 1
#define OPEN5 "\x05\x01\x00"
#define NAME5(cmd)                                                             \
	"\x05" cmd "\x00\x03\x0d"                                              \
	"a.example.com\x00\x50"
/* tor: method 2, logged in */
#define TOR_IN "\x05\x02\x01\x00"
#define TOR_OK TOR_IN "\x05\x00\x00\x01\0\0\0\0\0\0"
#define OK5 "\x05\x00\x00\x01\0\0\0\0\0\0"

static struct gwlive g;

static int setup(void **state)
{
	(void)state;
	memset(&g, 0, sizeof(g));
	gwlive_start(&g);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	gwlive_stop(&g);
	return 0;
}

static void close_both(int a, int b)
{
	close(a);
	close(b);
}

static void test_gwlive_connect_by_name(void **state)
{
	int c = gwlive_client(&g, 0), tor;
	struct gwlive_request r;

	(void)state;
	gwlive_send(c, LIT(OPEN5));
	gwlive_expect(c, "\x05\x00", 2);
	gwlive_send(c, LIT(NAME5("\x01")));
	tor = gwlive_dial(&g);
	gwlive_tor_reads(tor, &r);
	assert_string_equal(r.user, "<torS0X>0");
	assert_int_equal(strlen(r.pass), 64);
	assert_int_equal(strspn(r.pass, "0123456789abcdef"), 64);
	assert_int_equal(r.command, 1);
	assert_int_equal(r.atyp, 3);
	assert_string_equal(r.host, "a.example.com");
	assert_int_equal(r.port, 80);
	/* server speaks first, in tor's own segment */
	gwlive_send(tor, LIT(TOR_OK "hello"));
	gwlive_expect(c, LIT(OK5 "hello"));
	gwlive_send(c, LIT("ping"));
	gwlive_expect(tor, LIT("ping"));
	gwlive_send(tor, LIT("pong"));
	gwlive_expect(c, LIT("pong"));
	close_both(c, tor);
}

static void test_gwlive_optimistic_data(void **state)
{
	int c = gwlive_client(&g, 0), tor;
	struct gwlive_request r;

	(void)state;
	gwlive_send(c, LIT("\x05\x02\x00\x02"
			   "\x01\x01u\x01p" NAME5("\x01") "GET /"));
	gwlive_expect(c, LIT("\x05\x02\x01\x00"));
	tor = gwlive_dial(&g);
	gwlive_tor_reads(tor, &r);
	/* before tor said a word */
	gwlive_expect(tor, LIT("GET /"));
	gwlive_send(c, LIT(" HTTP"));
	gwlive_send(tor, LIT(TOR_OK));
	gwlive_expect(c, LIT(OK5));
	gwlive_expect(tor, LIT(" HTTP"));
	close_both(c, tor);
}

static void password(int listener, const char *bytes, size_t len,
		     char pass[256])
{
	int c = gwlive_client(&g, listener), tor;
	struct gwlive_request r;

	gwlive_send(c, bytes, len);
	tor = gwlive_dial(&g);
	gwlive_tor_reads(tor, &r);
	memcpy(pass, r.pass, sizeof(r.pass));
	close_both(c, tor);
}

#define LOGIN5(u)                                                              \
	"\x05\x01\x02"                                                         \
	"\x01\x01" u "\x01p"

static void test_gwlive_isolation(void **state)
{
	struct gwmsg m = { .type = GWMSG_NONCE };
	char a[256], b[256];

	(void)state;
	password(0, LIT(OPEN5 NAME5("\x01")), a);
	password(0, LIT(OPEN5 NAME5("\xf0")), b);
	assert_string_equal(a, b);
	password(0, LIT(LOGIN5("x") NAME5("\x01")), b);
	assert_string_not_equal(a, b);
	password(0, LIT(LOGIN5("y") NAME5("\x01")), a);
	assert_string_not_equal(a, b);
	password(1, LIT(OPEN5 NAME5("\x01")), a);
	password(1, LIT(OPEN5 NAME5("\x01")), b);
	assert_string_equal(a, b);
	password(3, LIT(OPEN5 NAME5("\x01")), a);
	password(3, LIT(OPEN5 NAME5("\x01")), b);
	assert_string_not_equal(a, b);
	password(0, LIT(OPEN5 NAME5("\x01")), a);
	memset(m.nonce, 'a', GWMSG_NONCE_LEN);
	assert_int_equal(gwmsg_send(g.ctl, &m, NULL, 0), 0);
	/* in order: the answer says that the nonce was taken */
	gwlive_stats(&g);
	password(0, LIT(OPEN5 NAME5("\x01")), b);
	assert_string_not_equal(a, b);
}

static void test_gwlive_internal_refused(void **state)
{
	uint64_t before = gwlive_stats(&g).refused_internal;
	int c = gwlive_client(&g, 0);

	(void)state;
	gwlive_send(c, LIT(OPEN5 "\x05\x01\x00\x01\x7f\x00\x00\x01\x23\x5a"));
	gwlive_expect(c, LIT("\x05\x00\x05\x02\x00\x01\0\0\0\0\0\0"));
	assert_int_equal(gwlive_is_eof(c), 1);
	close(c);
	c = gwlive_client(&g, 0);
	gwlive_send(c, LIT(OPEN5 "\x05\xf1\x00\x01\x0a\x00\x00\x01\x00\x00"));
	gwlive_expect(c, LIT("\x05\x00\x05\x02\x00\x01\0\0\0\0\0\0"));
	close(c);
	c = gwlive_client(&g, 0);
	gwlive_send(c, LIT("\x04\x01\x00\x50\0\0\0\x01\0localhost\0"));
	gwlive_expect(c, LIT("\0\x5b\0\0\0\0\0\0"));
	close(c);
	/* the next message is the answer: none of them was dialled */
	assert_int_equal(gwlive_stats(&g).refused_internal, before + 3);
}

static void test_gwlive_answer_internal_refused(void **state)
{
	int c = gwlive_client(&g, 0), tor;
	struct gwlive_request r;

	(void)state;
	gwlive_send(c, LIT(OPEN5 NAME5("\xf0")));
	tor = gwlive_dial(&g);
	gwlive_tor_reads(tor, &r);
	assert_int_equal(r.command, 0xf0);
	gwlive_send(tor, LIT(TOR_IN "\x05\x00\x00\x01\xc0\xa8\x01\x01\0\0"));
	gwlive_expect(c, LIT("\x05\x00\x05\x04\x00\x01\0\0\0\0\0\0"));
	close_both(c, tor);
}

/* What tor answers, and what a SOCKS5 client gets of it. */
struct answer {
	const char *command;
	const char *tor;
	size_t tor_len;
	const char *client;
	size_t client_len;
};

#define ROW(cmd, tor, client)                                                  \
	{                                                                      \
		NAME5(cmd), LIT(TOR_IN tor), LIT(client)                       \
	}
#define FAIL5(code) "\x05" code "\x00\x01\0\0\0\0\0\0"

static const struct answer answers[] = {
	ROW("\xf0", "\x05\x00\x00\x01\x08\x08\x08\x08\0\0",
	    "\x05\x00\x00\x01\x08\x08\x08\x08\0\0"),
	/* a failed RESOLVE has ATYP 0 */
	ROW("\xf0", "\x05\x04\x00\x00\0\0\0\0\0\0", FAIL5("\x04")),
	ROW("\x01", "\x05\x01\x00\x01\0\0\0\0\0\0", FAIL5("\x01")),
	ROW("\x01", "\x05\x05\x00\x01\0\0\0\0\0\0", FAIL5("\x05")),
	ROW("\x01", "\x05\xf2\x00\x01\0\0\0\0\0\0", FAIL5("\xf2")),
	ROW("\x01", "\x05\xf6\x00\x01\0\0\0\0\0\0", FAIL5("\xf6")),
	/* an answer of the wrong kind */
	ROW("\xf0",
	    "\x05\x00\x00\x03\x05"
	    "a.com\0\0",
	    FAIL5("\x04")),
	ROW("\x01", "\x04\x00\x00\x01\0\0\0\0\0\0", FAIL5("\x01")),
	ROW("\x01", "\x05\x00\x00\x07\0\0\0\0\0\0", FAIL5("\x01")),
};

static void test_gwlive_answers(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(answers); i++) {
		const struct answer *a = &answers[i];
		int c = gwlive_client(&g, 0), tor;
		struct gwlive_request r;

		gwlive_send(c, LIT(OPEN5));
		gwlive_send(c, a->command, sizeof(NAME5("\x01")) - 1);
		tor = gwlive_dial(&g);
		gwlive_tor_reads(tor, &r);
		gwlive_send(tor, a->tor, a->tor_len);
		gwlive_expect(c, LIT("\x05\x00"));
		gwlive_expect(c, a->client, a->client_len);
		assert_int_equal(gwlive_is_eof(c), 1);
		close_both(c, tor);
	}
}

static void test_gwlive_tor_refuses_login(void **state)
{
	int c = gwlive_client(&g, 0), tor;
	struct gwlive_request r;

	(void)state;
	gwlive_send(c, LIT(OPEN5 NAME5("\x01")));
	tor = gwlive_dial(&g);
	gwlive_tor_reads(tor, &r);
	gwlive_send(tor, LIT("\x05\x02\x01\x01"));
	gwlive_expect(c, LIT("\x05\x00" FAIL5("\x01")));
	close_both(c, tor);
}

static void test_gwlive_socks4a(void **state)
{
	int c = gwlive_client(&g, 0), tor;
	struct gwlive_request r;

	(void)state;
	gwlive_send(c, LIT("\x04\x01\x00\x50\0\0\0\x01me\0a.example.com\0"));
	tor = gwlive_dial(&g);
	gwlive_tor_reads(tor, &r);
	assert_string_equal(r.host, "a.example.com");
	gwlive_send(tor, LIT(TOR_OK));
	gwlive_expect(c, LIT("\0\x5a\0\0\0\0\0\0"));
	gwlive_send(c, LIT("x"));
	gwlive_expect(tor, LIT("x"));
	close_both(c, tor);
}

static void test_gwlive_http_is_told(void **state)
{
	static const char text[] = "HTTP/1.0 501 Tor is not an HTTP Proxy";
	int c = gwlive_client(&g, 0);

	(void)state;
	gwlive_send(c, LIT("GET http://a.example.com/ HTTP/1.0\r\n\r\n"));
	gwlive_expect(c, LIT(text));
	close(c);
}

static void test_gwlive_dial_failure(void **state)
{
	uint64_t before = gwlive_stats(&g).dial_failures;
	int c = gwlive_client(&g, 0);
	struct gwmsg m;

	(void)state;
	gwlive_send(c, LIT(OPEN5 NAME5("\x01")));
	assert_int_equal(gwmsg_recv(g.ctl, &m, NULL, 0, NULL), 0);
	m.type = GWMSG_DIALED;
	m.err = ECONNREFUSED;
	assert_int_equal(gwmsg_send(g.ctl, &m, NULL, 0), 0);
	gwlive_expect(c, LIT("\x05\x00" FAIL5("\x01")));
	assert_int_equal(gwlive_is_eof(c), 1);
	close(c);
	/* an answer to nobody is dropped, and its socket closed */
	m.err = 0;
	m.id = 0xffffffff;
	assert_int_equal(gwmsg_send(g.ctl, &m, &g.ctl, 1), 0);
	assert_int_equal(gwlive_stats(&g).dial_failures, before + 1);
}

static void test_gwlive_half_close(void **state)
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

static void test_gwlive_abort(void **state)
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
static void test_gwlive_upstream_gone(void **state)
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

static void test_gwlive_client_leaves_early(void **state)
{
	struct gwmsg m;
	int c, fd;

	(void)state;
	c = gwlive_client(&g, 0);
	gwlive_send(c, LIT("\x05"));
	close(c);
	c = gwlive_client(&g, 0);
	gwlive_send(c, LIT(OPEN5 NAME5("\x01")));
	assert_int_equal(gwmsg_recv(g.ctl, &m, NULL, 0, NULL), 0);
	reset(c);
	wait_open(0);
	fd = dup(0);
	m.type = GWMSG_DIALED;
	assert_int_equal(gwmsg_send(g.ctl, &m, &fd, 1), 0);
	close(fd);
	wait_open(0);
}

static long rss_kib(pid_t pid)
{
	char path[64], line[256];
	long kib = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	f = fopen(path, "re");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f))
		sscanf(line, "VmRSS: %ld", &kib);
	fclose(f);
	return kib;
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

static void test_gwlive_slow_reader(void **state)
{
	int c, tor, c2, tor2;
	size_t down, up;
	long before;

	(void)state;
	before = rss_kib(g.pid);
	gwlive_open(&g, &c, &tor);
	gwlive_open(&g, &c2, &tor2);
	down = stuff(tor);
	up = stuff(c);
	assert_true(down > 0 && up > 0);
	/* the amount is in the kernel's bounded buffers, not in the process */
	assert_true(rss_kib(g.pid) - before < 1024);
	gwlive_send(c2, LIT("fine"));
	gwlive_expect(tor2, LIT("fine"));
	gwlive_send(tor2, LIT("too"));
	gwlive_expect(c2, LIT("too"));
	fd_set_nonblock(c, 0);
	fd_set_nonblock(tor, 0);
	assert_int_equal(drain(c, down), down);
	assert_int_equal(drain(tor, up), up);
	close_both(c, tor);
	close_both(c2, tor2);
}

/* The bytes of one stream, both ways at once, arrive whole and in order. */
static void test_gwlive_bulk(void **state)
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
	close_both(c, tor);
	assert_true(gwlive_stats(&g).bytes_down >= total);
}

#define MANY 300

static void test_gwlive_many(void **state)
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
		close_both(c[i], tor[i]);
	wait_open(0);
}

/* The supervisor does not answer for a while: nothing is lost. */
static void test_gwlive_dials_queue(void **state)
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

static void test_gwlive_limit(void **state)
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
	close_both(c1, tor1);
	gwlive_expect(c3, LIT("\x05\x00"));
	assert_int_equal(gwlive_stats(&g).accepted, 3);
	close(c3);
	close_both(c2, tor2);
	gwlive_stop(&g);
}

static void test_gwlive_handshake_timeout(void **state)
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
	close_both(c, idle);
	gwlive_stop(&g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_gwlive_connect_by_name),
		cmocka_unit_test(test_gwlive_optimistic_data),
		cmocka_unit_test(test_gwlive_isolation),
		cmocka_unit_test(test_gwlive_internal_refused),
		cmocka_unit_test(test_gwlive_answer_internal_refused),
		cmocka_unit_test(test_gwlive_answers),
		cmocka_unit_test(test_gwlive_tor_refuses_login),
		cmocka_unit_test(test_gwlive_socks4a),
		cmocka_unit_test(test_gwlive_http_is_told),
		cmocka_unit_test(test_gwlive_dial_failure),
		cmocka_unit_test(test_gwlive_half_close),
		cmocka_unit_test(test_gwlive_abort),
		cmocka_unit_test(test_gwlive_upstream_gone),
		cmocka_unit_test(test_gwlive_client_leaves_early),
		cmocka_unit_test(test_gwlive_slow_reader),
		cmocka_unit_test(test_gwlive_bulk),
		cmocka_unit_test(test_gwlive_many),
		cmocka_unit_test(test_gwlive_dials_queue),
	};
	const struct CMUnitTest own[] = {
		cmocka_unit_test(test_gwlive_limit),
		cmocka_unit_test(test_gwlive_handshake_timeout),
	};
	int failed;

	signal(SIGPIPE, SIG_IGN);
	gwlive_enter();
	failed = cmocka_run_group_tests_name("gwlive", tests, setup, teardown);
	return failed +
	       cmocka_run_group_tests_name("gwlive_own", own, NULL, NULL);
}
