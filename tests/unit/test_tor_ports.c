/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_tor_ports.c - SocksPorts of identities, against answers */
#include "tor/ports.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/attr.h"
#include "tests/unit/temp.h"
#include "tor/home.h"
#include "tor/own.h"
#include "tor/talk.h"
#include "tor/upstream.h"

/* A conversation whose answers are all there before it begins. */
struct scene {
	struct tor_config config;
	struct tor_home h;
	struct tor_talk t;
	int peer;
	char sent[2048]; /* by us, once it is over */
	char dir[PATH_MAX];
};

static void begin(struct scene *s, const char *dir, const char *answers)
{
	int pair[2];

	memset(s, 0, sizeof(*s));
	assert_int_equal(
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	snprintf(s->dir, sizeof(s->dir), "%s/run", dir);
	mkdir(s->dir, 0700);
	snprintf(s->config.data_dir, sizeof(s->config.data_dir), "%s", dir);
	snprintf(s->config.socket_dir, sizeof(s->config.socket_dir), "%s/run",
		 dir);
	assert_int_equal(tor_home_open(&s->h, &s->config, true, NULL), 0);
	tor_talk_init(&s->t);
	tor_talk_limit(&s->t, 1000);
	s->t.fd = pair[0];
	s->peer = pair[1];
	assert_int_equal(fd_write_full(s->peer, answers, strlen(answers)), 0);
}

static void end(struct scene *s)
{
	ssize_t n;

	tor_talk_close(&s->t);
	n = fd_read_full(s->peer, s->sent, sizeof(s->sent) - 1);
	assert_true(n >= 0);
	s->sent[n] = '\0';
	close(s->peer);
	tor_home_close(&s->h);
}

static void test_ports_of_an_own_tor_are_known(void **state)
{
	static const char *const others[] = {
		"unix:/run/isolate/tor/socks",
		"unix:/run/isolate/tor-/socks",
		"unix:/run/isolate/tor-A/socks",
		"unix:/run/isolate/tor-work/socks.work",
		"unix:/run/isolate/tor-work/control",
		"unix:/tor-work",
		"unix:tor-work/socks",
		"/run/isolate/tor-work/socks",
		"unix:/run/tor-work/x/socks",
		"unix:/t/tor-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/socks",
		"127.0.0.1:9050",
		"unix:/socks",
		"",
	};
	char name[TOR_PORT_NAME_MAX + 1];

	(void)state;
	assert_true(tor_own_of("unix:/run/isolate/tor-work/socks", name));
	assert_string_equal(name, "work");
	assert_true(tor_own_of("unix:/t/tor-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/"
			       "socks",
			       name));
	assert_int_equal(strlen(name), TOR_PORT_NAME_MAX);
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (tor_own_of(others[i], name))
			fail_msg("%s: %s", others[i], name);
}

static int fake_own(const char *identity, const struct tor_progress *progress,
		    struct tor_upstream *up, struct fault *f)
{
	(void)progress;
	assert_string_equal(identity, "me");
	return tor_upstream_parse("unix:/own", up, f);
}

static void test_ports_own_is_of_an_identity(void **state)
{
	struct tor_places places = { .start = NULL };
	struct tor_upstream up;

	(void)state;
	assert_int_equal(
		tor_upstream_find_in(&places, "own", "me", NULL, &up, NULL),
		-EINVAL);
	places.start_own = fake_own;
	assert_int_equal(
		tor_upstream_find_in(&places, "own", "me", NULL, &up, NULL), 0);
	assert_string_equal(up.text, "unix:/own");
	/* never the tor of all in its place */
	assert_int_equal(
		tor_upstream_find_in(&places, "own", NULL, NULL, &up, NULL),
		-EINVAL);
}

static int listen_at(const struct scene *s, const char *name)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(snprintf(sun.sun_path, sizeof(sun.sun_path), "%s/%s",
			     s->config.socket_dir,
			     name) < (int)sizeof(sun.sun_path));
	assert_int_equal(bind(fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
	assert_int_equal(listen(fd, 4), 0);
	return fd;
}

static struct tor_ports recorded(const char *dir)
{
	static struct tor_ports p;
	struct scene s;

	begin(&s, dir, "");
	tor_ports_read(&s.h, &p);
	end(&s);
	return p;
}

static void test_ports_names_become_paths(void **state)
{
	static const char *const bad[] = {
		"",
		".",
		"..",
		"a/b",
		"A",
		"-a",
		"_a",
		"a b",
		"a\"",
		"a\n",
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	};

	(void)state;
	assert_true(tor_port_name_is_valid("a-b_0"));
	assert_true(tor_port_name_is_valid("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(tor_port_name_is_valid(bad[i]));
	assert_string_equal(tor_port_of("/d/socks.work", "/d"), "work");
	assert_string_equal(tor_port_of("socks.work", "/d"), "work");
	assert_null(tor_port_of("/d/socks", "/d"));
	assert_null(tor_port_of("/d/socks.", "/d"));
	assert_null(tor_port_of("/d/socks.a/b", "/d"));
	assert_null(tor_port_of("/e/socks.work", "/d"));
}

/* the list is replaced whole: all that was there is sent again */
static void test_ports_opens_beside_others(void **state)
{
	struct scene s;
	char want[2048];

	begin(&s, *state,
	      "250-SocksPort=unix:\"/s/socks\"\r\n"
	      "250 SocksPort=unix:\"/a b\" IsolateDestAddr\r\n"
	      "250 OK\r\n");
	assert_int_equal(tor_port_open(&s.h, &s.t, "work", NULL), 0);
	assert_true(tor_home_is_ready(&s.h));
	end(&s);
	snprintf(want, sizeof(want),
		 "GETCONF SocksPort\r\nSETCONF "
		 "SocksPort=\"unix:\\042/s/socks\\042\" "
		 "SocksPort=\"unix:\\042/a b\\042 IsolateDestAddr\" "
		 "SocksPort=\"unix:\\042%s/socks.work\\042\"\r\n",
		 s.config.socket_dir);
	assert_string_equal(s.sent, want);
	assert_int_equal(recorded(*state).n, 1);
	assert_string_equal(recorded(*state).names[0], "work");
}

static void test_ports_takes_a_refusal(void **state)
{
	struct fault f = { .err = 0 };
	struct scene s;

	begin(&s, *state,
	      "250 SocksPort=unix:\"/s/socks\"\r\n"
	      "553 Unable to set option\r\n");
	assert_int_equal(tor_port_open(&s.h, &s.t, "work", &f), -EREMOTEIO);
	assert_false(tor_home_is_ready(&s.h));
	end(&s);
	/* the next start need not fail for it too */
	assert_int_equal(recorded(*state).n, 0);
	begin(&s, *state, "250-SocksPort=a\r\n250-Other=b\r\n250 OK\r\n");
	assert_int_equal(tor_port_open(&s.h, &s.t, "work", &f), -EPROTO);
	end(&s);
	assert_null(strstr(s.sent, "SETCONF"));
}

static void test_ports_leaves_an_open_one_alone(void **state)
{
	char answers[1024];
	struct scene s;
	int fd;

	begin(&s, *state, "");
	end(&s);
	snprintf(answers, sizeof(answers),
		 "250-SocksPort=unix:\"/s/socks\"\r\n"
		 "250 SocksPort=unix:\"%s/socks.work\"\r\n250 OK\r\n250 OK\r\n",
		 s.config.socket_dir);
	/* its socket is gone: out of the list first, then in again */
	begin(&s, *state, answers);
	assert_false(tor_port_is_ready(&s.h, "work"));
	assert_int_equal(tor_port_open(&s.h, &s.t, "work", NULL), 0);
	end(&s);
	assert_non_null(strstr(strstr(s.sent, "SETCONF") + 1, "SETCONF"));
	begin(&s, *state, answers);
	fd = listen_at(&s, "socks.work");
	assert_int_equal(tor_port_open(&s.h, &s.t, "work", NULL), 0);
	assert_true(tor_port_is_ready(&s.h, "work"));
	assert_false(tor_port_is_ready(&s.h, "other"));
	assert_false(tor_port_is_ready(&s.h, "../run/socks.work"));
	/* nobody's word is taken where others can write */
	chmod(s.dir, 0777);
	assert_false(tor_port_is_ready(&s.h, "work"));
	chmod(s.dir, 0700);
	tor_home_clear_sockets(&s.h);
	assert_false(tor_home_is_ready(&s.h));
	end(&s);
	assert_string_equal(s.sent, "GETCONF SocksPort\r\n");
	close(fd);
}

static void test_ports_closes_one(void **state)
{
	char answers[1024];
	struct scene s;

	for (int i = 0; i < 2; i++) {
		begin(&s, *state, "250 SocksPort=x\r\n250 OK\r\n");
		assert_int_equal(tor_port_open(&s.h, &s.t, i ? "b" : "a", NULL),
				 0);
		end(&s);
	}
	snprintf(answers, sizeof(answers),
		 "250-SocksPort=unix:\"/s/socks\"\r\n"
		 "250-SocksPort=unix:\"%s/socks.a\"\r\n"
		 "250 SocksPort=unix:\"%s/socks.b\"\r\n250 OK\r\n",
		 s.config.socket_dir, s.config.socket_dir);
	begin(&s, *state, answers);
	assert_int_equal(tor_port_close(&s.h, &s.t, "a", NULL), 1);
	end(&s);
	assert_non_null(strstr(s.sent, "/socks.b\\042\"\r\n"));
	assert_null(strstr(s.sent, "socks.a"));
	assert_int_equal(recorded(*state).n, 1);
	/* without a tor it only does not come back */
	begin(&s, *state, "");
	assert_int_equal(tor_port_close(&s.h, NULL, "b", NULL), 1);
	assert_int_equal(tor_port_close(&s.h, NULL, "b", NULL), 0);
	end(&s);
	assert_int_equal(recorded(*state).n, 0);
}

static void test_ports_record_is_not_believed(void **state)
{
	static const char text[] = "ok\n../x\n\nA\nok\na b\nlast";
	struct tor_ports p;
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "%s/isolate.ports", (char *)*state);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_int_equal(fd_write_full(fd, text, sizeof(text) - 1), 0);
	close(fd);
	p = recorded(*state);
	assert_int_equal(p.n, 2);
	assert_string_equal(p.names[0], "ok");
	assert_string_equal(p.names[1], "last");
}

static void test_ports_have_a_limit(void **state)
{
	static struct tor_ports p;
	char name[16];

	(void)state;
	for (int i = 0; i < TOR_PORTS_MAX; i++) {
		snprintf(name, sizeof(name), "i%d", i);
		assert_int_equal(tor_ports_add(&p, name), 0);
	}
	assert_int_equal(tor_ports_add(&p, "i0"), 0);
	assert_int_equal(tor_ports_add(&p, "more"), -ENOSPC);
}

#define WITH_DIR(t) cmocka_unit_test_setup_teardown(t, temp_make, temp_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ports_of_an_own_tor_are_known),
		cmocka_unit_test(test_ports_own_is_of_an_identity),
		WITH_DIR(test_ports_names_become_paths),
		WITH_DIR(test_ports_opens_beside_others),
		WITH_DIR(test_ports_takes_a_refusal),
		WITH_DIR(test_ports_leaves_an_open_one_alone),
		WITH_DIR(test_ports_closes_one),
		WITH_DIR(test_ports_record_is_not_believed),
		WITH_DIR(test_ports_have_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
