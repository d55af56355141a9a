/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_tor_client.c - the lasting client against a false tor */
#include "tor/client.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/attr.h"
#include "tests/unit/temp.h"
#include "tor/cookie.h"

static const uint8_t cookie[TOR_COOKIE_LEN] = "0123456789abcdef0123456789abcde";
static const char server_key[] =
	"Tor safe cookie authentication server-to-controller hash";
static const char client_key[] =
	"Tor safe cookie authentication controller-to-server hash";

/* One kind of tor: what it says where; NULL: what a good one would say. */
struct manner {
	const char *methods; /* METHODS of PROTOCOLINFO */
	bool wrong_hash;
	const char *after_login; /* said before it is asked for anything */
	const char *answer;      /* to whatever it is asked then */
	size_t answer_len;       /* where that has a NUL */
	bool hang_up;            /* after the answer */
	bool endless;            /* the answer again and again */
};

static FILE *from, *to;

static void say(const char *text)
{
	fputs(text, to);
	fflush(to);
}

static void be_asked(const struct manner *m)
{
	if (m->after_login)
		say(m->after_login);
	do
		fwrite(m->answer, 1,
		       m->answer_len ? m->answer_len : strlen(m->answer), to);
	while (m->endless && !ferror(to));
	fflush(to);
	if (m->hang_up)
		_exit(0);
}

static void mac_of(const char *key, const struct tor_cookie *c,
		   char hex[2 * TOR_COOKIE_LEN + 1])
{
	uint8_t mac[TOR_COOKIE_LEN];

	tor_cookie_hmac(key, strlen(key), c, sizeof(*c), mac);
	tor_cookie_hex(mac, hex);
}

static void converse(const struct manner *m, const char *dir)
{
	char line[1024], hash[2 * TOR_COOKIE_LEN + 1], want[128] = "";
	char nonce[2 * TOR_COOKIE_LEN + 1];
	struct tor_cookie c = { .server_nonce = { 7 } };

	memcpy(c.cookie, cookie, sizeof(cookie));
	while (fgets(line, sizeof(line), from)) {
		line[strcspn(line, "\r\n")] = '\0';
		if (strcmp(line, "PROTOCOLINFO 1") == 0) {
			fprintf(to,
				"250-PROTOCOLINFO 1\r\n250-AUTH METHODS=%s "
				"COOKIEFILE=\"%s/cookie\"\r\n250-VERSION "
				"Tor=\"0\"\r\n250 OK\r\n",
				m->methods, dir);
			fflush(to);
		} else if (strncmp(line, "AUTHCHALLENGE ", 14) == 0) {
			tor_cookie_unhex(line + 25, c.client_nonce);
			mac_of(client_key, &c, want);
			mac_of(server_key, &c, hash);
			if (m->wrong_hash)
				hash[5] = hash[5] == '0' ? '1' : '0';
			tor_cookie_hex(c.server_nonce, nonce);
			fprintf(to,
				"250 AUTHCHALLENGE SERVERHASH=%s "
				"SERVERNONCE=%s\r\n",
				hash, nonce);
			fflush(to);
		} else if (strncmp(line, "AUTHENTICATE", 12) == 0) {
			if (strcmp(m->methods, "COOKIE") == 0)
				tor_cookie_hex(cookie, want);
			if (strcmp(line + 12 + (line[12] == ' '), want) == 0)
				say("250 OK\r\n");
			else
				say("515 Authentication \033failed\r\n");
		} else if (strncmp(line, "SETEVENTS", 9) == 0) {
			say("250 OK\r\n");
		} else {
			be_asked(m);
		}
	}
}

static pid_t serve(const char *dir, const struct manner *m, int times)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char path[PATH_MAX];
	autoclose int file = -1;
	pid_t pid;

	snprintf(path, sizeof(path), "%s/cookie", dir);
	file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_int_equal(fd_write_full(file, cookie, sizeof(cookie)), 0);
	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s/control", dir);
	unlink(sun.sun_path);
	assert_int_equal(bind(fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
	assert_int_equal(listen(fd, 4), 0);
	pid = fork();
	if (pid == 0) {
		alarm(20);
		signal(SIGPIPE, SIG_IGN);
		for (; times > 0; times--) {
			int conn = accept(fd, NULL, NULL);

			from = fdopen(conn, "r");
			to = fdopen(fcntl(conn, F_DUPFD_CLOEXEC, 0), "w");
			converse(m, dir);
			fclose(from);
			fclose(to);
		}
		_exit(0);
	}
	close(fd);
	return pid;
}

/* What the client told us. */
struct heard {
	struct event_base *base;
	struct tor_client *client;
	bool ask;  /* as soon as it is ready */
	bool stay; /* after a loss, for the next attempt */
	int ready, lost, events, answers;
	int err; /* of the last answer */
	int code;
	struct fault fault;
	int retry_ms[8];
	char text[64]; /* of the last line of the answer or event */
};

static void take_text(struct heard *h, const struct tor_reply *reply)
{
	struct tor_line line = { .text = "" };
	size_t at = 0;

	while (tor_reply_next(reply, &at, &line))
		snprintf(h->text, sizeof(h->text), "%s", line.text);
	h->code = reply->code;
}

static void on_answer(void *arg, int err, const struct tor_reply *reply)
{
	struct heard *h = arg;

	h->answers++;
	h->err = err;
	if (reply)
		take_text(h, reply);
	if (err == 0)
		event_base_loopbreak(h->base);
}

static void on_ready(void *arg)
{
	struct heard *h = arg;

	h->ready++;
	if (h->ask)
		assert_int_equal(
			tor_client_ask(h->client, "GETINFO x", on_answer, h),
			0);
	else
		event_base_loopbreak(h->base);
}

static void on_lost(void *arg, const struct fault *f, int retry_ms)
{
	struct heard *h = arg;

	if (h->lost < 8)
		h->retry_ms[h->lost] = retry_ms;
	h->lost++;
	h->fault = *f;
	if (!h->stay || h->lost == 8)
		event_base_loopbreak(h->base);
}

static void on_event(void *arg, const struct tor_reply *event)
{
	struct heard *h = arg;

	h->events++;
	assert_int_equal(event->code, 650);
}

static void begin(struct heard *h, const char *dir, bool ours)
{
	static const struct tor_client_hooks hooks = { on_ready, on_lost,
						       on_event };
	struct tor_client_config config = { .events = "STREAM",
					    .timeout_ms = 300,
					    .retry_min_ms = 10,
					    .retry_max_ms = 50 };

	snprintf(config.path, sizeof(config.path), "%s/control", dir);
	if (ours)
		snprintf(config.cookie_file, sizeof(config.cookie_file),
			 "%s/cookie", dir);
	h->base = event_base_new();
	assert_non_null(h->base);
	h->client = tor_client_new(h->base, &config, &hooks, h);
	assert_non_null(h->client);
	/* nothing is said before it is logged in */
	assert_int_equal(tor_client_ask(h->client, "GETINFO x", on_answer, h),
			 -ENOTCONN);
}

static void end(struct heard *h, pid_t pid)
{
	tor_client_free(h->client);
	event_base_free(h->base);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void talk_to(struct heard *h, const char *dir, const struct manner *m,
		    bool ours)
{
	pid_t pid = serve(dir, m, 1);

	h->ask = true;
	begin(h, dir, ours);
	event_base_dispatch(h->base);
	end(h, pid);
}

static void test_client_logs_in_and_asks(void **state)
{
	static const char *const methods[] = { "NULL", "COOKIE",
					       "COOKIE,SAFECOOKIE" };

	for (size_t i = 0; i < ARRAY_SIZE(methods); i++) {
		const struct manner m = {
			.methods = methods[i],
			.after_login = "650 STREAM 1\r\n650+X\r\n..\r\n.\r\n"
				       "650 OK\r\n",
			.answer = "250+x=\r\n..a\r\n.\r\n250 OK\r\n",
		};
		struct heard h = { .ready = 0 };

		talk_to(&h, *state, &m, false);
		assert_int_equal(h.ready, 1);
		assert_int_equal(h.lost, 0);
		assert_int_equal(h.answers, 1);
		assert_int_equal(h.code, 250);
		assert_int_equal(h.events, 2);
	}
}

static void test_client_hears_a_refusal(void **state)
{
	const struct manner m = { .methods = "NULL",
				  .answer = "552 Unrecognized key\r\n" };
	struct heard h = { .ready = 0 };

	talk_to(&h, *state, &m, false);
	assert_int_equal(h.err, 0);
	assert_int_equal(h.code, 552);
	assert_string_equal(h.text, "Unrecognized key");
}

/* who must prove that it knows our cookie gets neither it nor a log-in */
static void test_client_wants_proof(void **state)
{
	static const struct manner t[] = {
		{ .methods = "SAFECOOKIE", .wrong_hash = true, .answer = "" },
		{ .methods = "COOKIE", .answer = "" },
		{ .methods = "NULL", .answer = "" },
		{ .methods = "HASHEDPASSWORD", .answer = "" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		struct heard h = { .ready = 0 };

		talk_to(&h, *state, &t[i], true);
		assert_int_equal(h.ready, 0);
		assert_int_equal(h.lost, 1);
		assert_int_equal(fault_errno(&h.fault), -EKEYREJECTED);
	}
}

static void test_client_leaves_who_breaks_the_rules(void **state)
{
	static const struct {
		struct manner m;
		int err;
	} t[] = {
		{ { .methods = "NULL", .answer = "250 a\rb\r\n" }, -EPROTO },
		{ { .methods = "NULL", .answer = "250 OK\n" }, -EPROTO },
		{ { .methods = "NULL",
		    .answer = "250 a\0b\r\n",
		    .answer_len = 9 },
		  -EPROTO },
		{ { .methods = "NULL",
		    .answer = "250-half\r\n",
		    .hang_up = true },
		  -ECONNRESET },
		{ { .methods = "NULL", .answer = "250+never\r\nends\r\n" },
		  -ETIMEDOUT },
		{ { .methods = "NULL", .answer = "aaaaaaaa", .endless = true },
		  -EMSGSIZE },
		{ { .methods = "NULL",
		    .answer = "250-aaaaaaaaaaaaaaaaa\r\n",
		    .endless = true },
		  -EMSGSIZE },
		{ { .methods = "NULL", .answer = "" }, -ETIMEDOUT },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		struct heard h = { .ready = 0 };

		talk_to(&h, *state, &t[i].m, false);
		assert_int_equal(h.answers, 1);
		if (h.err != t[i].err)
			fail_msg("%zu: %d", i, h.err);
		assert_int_equal(h.lost, 1);
	}
}

/* the second answer is one that nobody asked for */
static void test_client_takes_no_unasked_answer(void **state)
{
	const struct manner m = { .methods = "NULL",
				  .answer = "250 OK\r\n250 more\r\n" };
	struct heard h = { .ask = true };
	pid_t pid = serve(*state, &m, 1);

	begin(&h, *state, false);
	event_base_dispatch(h.base);
	assert_int_equal(h.answers, 1);
	if (h.lost == 0)
		event_base_dispatch(h.base);
	assert_int_equal(h.lost, 1);
	assert_int_equal(fault_errno(&h.fault), -EPROTO);
	end(&h, pid);
}

static void test_client_reconnects(void **state)
{
	const struct manner m = { .methods = "SAFECOOKIE", .answer = "" };
	struct heard h = { .stay = true };
	pid_t pid;

	begin(&h, *state, true);
	event_base_dispatch(h.base);
	assert_int_equal(h.lost, 8);
	/* ever later, up to a limit */
	assert_int_equal(h.retry_ms[0], 10);
	assert_int_equal(h.retry_ms[1], 20);
	assert_int_equal(h.retry_ms[2], 40);
	assert_int_equal(h.retry_ms[7], 50);
	pid = serve(*state, &m, 1);
	h.lost = 0;
	event_base_dispatch(h.base);
	assert_int_equal(h.ready, 1);
	/* killed, and another one in its place */
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	pid = serve(*state, &m, 1);
	event_base_dispatch(h.base);
	assert_int_equal(h.ready, 2);
	end(&h, pid);
}

static void test_client_sends_one_line(void **state)
{
	const struct manner m = { .methods = "NULL", .answer = "" };
	struct heard h = { .ready = 0 };
	pid_t pid = serve(*state, &m, 1);

	begin(&h, *state, false);
	event_base_dispatch(h.base);
	assert_int_equal(h.ready, 1);
	assert_int_equal(tor_client_ask(h.client, "A\r\nB", on_answer, &h),
			 -EINVAL);
	assert_int_equal(tor_client_ask(h.client, "A\nB", on_answer, &h),
			 -EINVAL);
	end(&h, pid);
}

#define CLIENT_TEST(t)                                                         \
	cmocka_unit_test_setup_teardown(t, temp_make, temp_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CLIENT_TEST(test_client_logs_in_and_asks),
		CLIENT_TEST(test_client_hears_a_refusal),
		CLIENT_TEST(test_client_wants_proof),
		CLIENT_TEST(test_client_leaves_who_breaks_the_rules),
		CLIENT_TEST(test_client_takes_no_unasked_answer),
		CLIENT_TEST(test_client_reconnects),
		CLIENT_TEST(test_client_sends_one_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
