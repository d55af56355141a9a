/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_upstream.c - parse, dial, check and find a SocksPort */
#include "tor/upstream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <bsd/string.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/attr.h"
#include "tor/instance.h"

#define PATH_108                                                               \
	"/23456789012345678901234567890123456789012345678901234567890"         \
	"123456789012345678901234567890123456789012345678"

static const char unix_108[] = "unix:" PATH_108;
static const char too_long[] = "127.0.0.1" PATH_108 PATH_108;

/* find_in() is told what to start; the real one must not be reached */
int tor_instance_start(const char *identity,
		       const struct tor_progress *progress,
		       struct tor_upstream *up, struct fault *f)
{
	fail_msg("started a tor: %s %p %p %p", identity, (const void *)progress,
		 (void *)up, (void *)f);
	return -EINVAL;
}

int tor_own_start(const char *, const struct tor_progress *,
		  struct tor_upstream *, struct fault *)
	__attribute__((alias("tor_instance_start")));

static void test_upstream_parses(void **state)
{
	static const char *const good[] = {
		"unix:/run/tor/socks", "unix:/a b", "127.0.0.1:9050",
		"localhost:9150",      "[::1]:1",   "10.152.152.10:65535",
		"unix:/caf\xc3\xa9",
	};
	char fits[] = "unix:" PATH_108;
	struct tor_upstream up;

	(void)state;
	fits[strlen(fits) - 1] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		assert_int_equal(tor_upstream_parse(good[i], &up, NULL), 0);
		assert_string_equal(up.text, good[i]);
		assert_true(up.addrlen > 0);
	}
	tor_upstream_parse("localhost:9150", &up, NULL);
	assert_int_equal(up.kind, TOR_UPSTREAM_TCP);
	assert_int_equal(up.addr.ss_family, AF_INET);
	assert_int_equal(((struct sockaddr_in *)&up.addr)->sin_addr.s_addr,
			 htonl(INADDR_LOOPBACK));
	assert_int_equal(ntohs(((struct sockaddr_in *)&up.addr)->sin_port),
			 9150);
	assert_int_equal(strlen(PATH_108), 108);
	/* one less fits */
	assert_int_equal(tor_upstream_parse(fits, &up, NULL), 0);
}

static void test_upstream_refuses(void **state)
{
	static const char *const bad[] = {
		"",
		"auto",
		"tor",
		"9050",
		":9050",
		"unix:",
		"unix:run/tor",
		"unix:./x",
		"unix:@abstract",
		unix_108,
		"UNIX:/a",
		"unix:/a\nb",
		"unix:/a\033[2J",
		"localhost",
		"localhost:",
		"localhost:0",
		"localhost:65536",
		"localhost:+1",
		"localhost: 1",
		"localhost:1 ",
		"localhost:1x",
		"localhost:-1",
		"localhost:01",
		"localhost:0x1",
		"Localhost:1",
		"example.com:9050",
		"localhost.:1",
		"127.1:9050",
		"2130706433:9050",
		"0x7f.0.0.1:9050",
		"127.0.0.01:9050",
		"127.0.0.1",
		"127.0.0.1:",
		"127.0.0.1:9050:1",
		" 127.0.0.1:1",
		"0.0.0.0:9050",
		"255.255.255.255:1",
		"224.0.0.1:1",
		"239.1.1.1:1",
		"::1:9050",
		"[::1]",
		"[::1]:",
		"[::1]9050",
		"[::1",
		"[::]:1",
		"[ff02::1]:1",
		"[fe80::1]:1",
		"[fe80::1%eth0]:1",
		"[127.0.0.1]:1",
		"[::1]:0",
		"[]:1",
		"socks5://127.0.0.1:9050",
		"127.0.0.1:9050/",
		too_long,
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct tor_upstream up = { .kind = TOR_UPSTREAM_UNSET };
		struct fault f = { .err = 0 };

		if (tor_upstream_parse(bad[i], &up, &f) != -EINVAL)
			fail_msg("passed: %s", bad[i]);
		assert_int_equal(up.kind, TOR_UPSTREAM_UNSET);
		assert_true(f.what[0] && f.hint[0]);
		assert_null(strchr(f.what, '\033'));
	}
}

/* a listener on loopback; @up is set to it */
static int listen_tcp(struct tor_upstream *up)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	socklen_t len = sizeof(sin);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char text[32];

	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&sin, len), 0);
	assert_int_equal(listen(fd, 8), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&sin, &len), 0);
	snprintf(text, sizeof(text), "127.0.0.1:%u", ntohs(sin.sin_port));
	assert_int_equal(tor_upstream_parse(text, up, NULL), 0);
	return fd;
}

static int listen_unix(const char *path, int backlog)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	unlink(path);
	strlcpy(sun.sun_path, path, sizeof(sun.sun_path));
	assert_int_equal(bind(fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
	assert_int_equal(listen(fd, backlog), 0);
	return fd;
}

/* one connection: takes @want bytes, answers byte by byte, then hangs up */
static pid_t serve(int fd, size_t want, const void *answer, size_t len,
		   unsigned int hold_s)
{
	pid_t pid = fork();
	char buf[64];
	int c;

	if (pid != 0)
		return pid;
	alarm(10);
	c = accept(fd, NULL, NULL);

	fd_read_full(c, buf, want);
	for (size_t i = 0; i < len; i++) {
		if (write(c, (const char *)answer + i, 1) != 1)
			_exit(1);
		usleep(2000);
	}
	sleep(hold_s);
	_exit(memcmp(buf, "\5\1\2", want) != 0);
}

static int check_against(const void *answer, size_t len, unsigned int hold_s,
			 int *served, struct fault *f)
{
	struct tor_upstream up;
	int fd = listen_tcp(&up), rc;
	pid_t pid = serve(fd, 3, answer, len, hold_s);

	rc = tor_upstream_check(&up, 300, f);
	if (hold_s)
		kill(pid, SIGKILL);
	waitpid(pid, served, 0);
	close(fd);
	return rc;
}

static void test_upstream_check_takes_tor(void **state)
{
	struct fault f = { .err = 0 };
	int served;

	(void)state;
	assert_int_equal(check_against("\5\2", 2, 0, &served, &f), 0);
	/* and was sent nothing but the greeting */
	assert_int_equal(served, 0);
}

static void test_upstream_check_refuses_others(void **state)
{
	static const struct {
		const char *answer;
		size_t len;
	} t[] = {
		{ "\5\0", 2 },     { "\5\377", 2 },  { "\4\2", 2 },
		{ "HTTP/1.0", 8 }, { "SSH-2.0", 7 }, { "\5", 1 },
		{ "", 0 },         { "\0\0", 2 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		struct fault f = { .err = 0 };
		int served;

		assert_int_equal(
			check_against(t[i].answer, t[i].len, 0, &served, &f),
			-EPROTO);
		assert_non_null(strstr(f.what, "is no SocksPort of tor"));
	}
}

static void test_upstream_check_has_a_limit(void **state)
{
	struct fault f = { .err = 0 };
	int served;

	(void)state;
	assert_int_equal(check_against("", 0, 9, &served, &f), -ETIMEDOUT);
	assert_int_equal(check_against("\5", 1, 9, &served, &f), -ETIMEDOUT);
}

static void test_upstream_check_says_refused(void **state)
{
	struct fault f = { .err = 0 };
	struct tor_upstream up;
	int fd = listen_tcp(&up);

	(void)state;
	close(fd);
	assert_int_equal(tor_upstream_check(&up, 300, &f), -ECONNREFUSED);
	assert_non_null(strstr(f.hint, "is tor running?"));
	tor_upstream_parse("unix:/nonexistent/socks", &up, NULL);
	assert_int_equal(tor_upstream_check(&up, 300, &f), -ENOENT);
}

static int dial(const struct tor_upstream *up)
{
	static int diag = -1;

	return tor_upstream_dial(up, &diag);
}

static void test_upstream_dial(void **state)
{
	char path[64];
	struct tor_upstream up;
	int fd, s, n, first;

	(void)state;
	snprintf(path, sizeof(path), "unix:/tmp/isolate-up-%d", getpid());
	fd = listen_unix(path + 5, 0);
	assert_int_equal(tor_upstream_parse(path, &up, NULL), 0);
	first = dial(&up);
	assert_true(first >= 0);
	assert_true(fcntl(first, F_GETFL) & O_NONBLOCK);
	assert_true(fcntl(first, F_GETFD) & FD_CLOEXEC);
	/* the backlog fills: never blocks, says so */
	for (n = 0; n < 8; n++) {
		s = dial(&up);
		if (s < 0)
			break;
		close(s);
	}
	assert_int_equal(s, -EAGAIN);
	close(fd);
	close(first);
	assert_int_equal(dial(&up), -ECONNREFUSED);
	unlink(path + 5);
	assert_int_equal(dial(&up), -ENOENT);
}

static int started;

static int fake_start(const char *identity, const struct tor_progress *progress,
		      struct tor_upstream *up, struct fault *f)
{
	(void)progress;
	/* whose it is to be is handed on */
	if (identity)
		assert_string_equal(identity, "me");
	started++;
	return tor_upstream_parse("unix:/embedded", up, f);
}

static int find(const struct tor_places *places, const char *setting,
		struct tor_upstream *up, struct fault *f)
{
	return tor_upstream_find_in(places, setting, NULL, NULL, up, f);
}

static void test_upstream_find_prefers_the_unix_socket(void **state)
{
	struct tor_places places = { .start = fake_start };
	struct tor_upstream up;
	char path[64], text[80];
	int fd;

	(void)state;
	started = 0;
	snprintf(path, sizeof(path), "/tmp/isolate-find-%d", getpid());
	snprintf(text, sizeof(text), "unix:%s", path);
	fd = listen_unix(path, 8);
	places.unix_path = path;
	places.tcp = "127.0.0.1:1";
	assert_int_equal(find(&places, "auto", &up, NULL), 0);
	assert_string_equal(up.text, text);
	assert_int_equal(tor_upstream_find_in(&places, "embedded", "me", NULL,
					      &up, NULL),
			 0);
	assert_string_equal(up.text, "unix:/embedded");
	/* a stale socket file is nobody */
	close(fd);
	assert_int_equal(find(&places, "auto", &up, NULL), 0);
	assert_string_equal(up.text, "unix:/embedded");
	assert_int_equal(started, 2);
	unlink(path);
}

static void test_upstream_find_checks_the_tcp_port(void **state)
{
	struct tor_places places = { .start = fake_start };
	struct tor_upstream there, up;
	int fd = listen_tcp(&there), status;
	pid_t pid = serve(fd, 3, "\5\2", 2, 0);

	(void)state;
	places.tcp = there.text;
	assert_int_equal(find(&places, "auto", &up, NULL), 0);
	assert_string_equal(up.text, there.text);
	waitpid(pid, &status, 0);
	/* some other service on that port is passed by */
	pid = serve(fd, 3, "\5\0", 2, 0);
	assert_int_equal(find(&places, "auto", &up, NULL), 0);
	assert_string_equal(up.text, "unix:/embedded");
	waitpid(pid, &status, 0);
	close(fd);
}

static void test_upstream_find_named_must_live(void **state)
{
	const struct tor_places places = { .start = fake_start };
	struct tor_upstream there, up;
	struct fault f = { .err = 0 };
	int fd = listen_tcp(&there), s;

	(void)state;
	started = 0;
	assert_int_equal(find(&places, there.text, &up, &f), 0);
	/* whoever listens there later must be who did */
	assert_true(up.is_owned);
	assert_int_equal(up.owner, geteuid());
	s = dial(&up);
	assert_true(s >= 0);
	close(s);
	up.owner++;
	assert_int_equal(dial(&up), -EPERM);
	close(fd);
	assert_int_equal(dial(&up), -ECONNREFUSED);
	assert_int_equal(find(&places, there.text, &up, &f), -ECONNREFUSED);
	assert_int_equal(find(&places, "tor.example:1", &up, &f), -EINVAL);
	/* what was named is never replaced by something else */
	assert_int_equal(started, 0);
}

static void test_upstream_find_nothing(void **state)
{
	const struct tor_places places = { .unix_path = NULL };
	struct tor_upstream up;
	struct fault f = { .err = 0 };

	(void)state;
	assert_int_equal(find(&places, "auto", &up, &f), -ENOENT);
	assert_non_null(strstr(f.hint, "apt install tor"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_upstream_parses),
		cmocka_unit_test(test_upstream_refuses),
		cmocka_unit_test(test_upstream_check_takes_tor),
		cmocka_unit_test(test_upstream_check_refuses_others),
		cmocka_unit_test(test_upstream_check_has_a_limit),
		cmocka_unit_test(test_upstream_check_says_refused),
		cmocka_unit_test(test_upstream_dial),
		cmocka_unit_test(test_upstream_find_prefers_the_unix_socket),
		cmocka_unit_test(test_upstream_find_checks_the_tcp_port),
		cmocka_unit_test(test_upstream_find_named_must_live),
		cmocka_unit_test(test_upstream_find_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
