/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_connect.c - isolate-connect and a proxy that misbehaves */
#include <arpa/inet.h>
#include <fcntl.h>
#include <limits.h>
#include <net/if.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/attr.h"
#include "base/fd.h"
#include "netns/link.h"
#include "netns/listen.h"
#include "tests/unit/ns.h"

#define GOOD "\5\0\5\0\0\1\0\0\0\0\0\0"

/* What the proxy does, and how the program ends. */
struct talk {
	const char *reply;
	size_t len;
	int status;
	const char *says; /* on stderr, part of it */
	const char *prints;
};

#define TALK(bytes, status, says, prints)                                      \
	{                                                                      \
		bytes, sizeof(bytes) - 1, status, says, prints                 \
	}

static const struct talk talks[] = {
	TALK(GOOD "hello", 0, "", "hello"),
	/* bound addresses of each kind, and no byte of them on stdout */
	TALK("\5\0\5\0\0\4................\0\0data", 0, "", "data"),
	TALK("\5\0\5\0\0\3\4name\0\0data", 0, "", "data"),
	TALK("\5\0\5\0\0\3\0\0\0data", 0, "", "data"),
	/* refusals */
	TALK("\5\0\5\2\0\1\0\0\0\0\0\0", 1, "refused by the gateway", ""),
	TALK("\5\0\5\4\0\1\0\0\0\0\0\0", 1, "host not found", ""),
	TALK("\5\0\5\xf0\0\1\0\0\0\0\0\0", 1, ": failed", ""),
	TALK("\5\0\5\xff\0\1\0\0\0\0\0\0", 1, ": failed", ""),
	TALK("\5\xff", 1, "did not answer", ""),
	TALK("\4\0\5\0\0\1\0\0\0\0\0\0x", 1, "did not answer", ""),
	TALK("\5\0\4\0\0\1\0\0\0\0\0\0x", 1, "did not answer", ""),
	TALK("HTTP/1.0 400 Bad", 1, "did not answer", ""),
	/* it ends too early */
	TALK("", 1, "did not answer", ""),
	TALK("\5", 1, "did not answer", ""),
	TALK("\5\0", 1, "did not answer", ""),
	TALK("\5\0\5\0\0", 1, "did not answer", ""),
	TALK("\5\0\5\0\0\1\0\0\0", 1, "did not answer", ""),
	TALK("\5\0\5\0\0\3", 1, "did not answer", ""),
	TALK("\5\0\5\0\0\3\xffshort", 1, "did not answer", ""),
};

static const char *program(void)
{
	static char path[PATH_MAX];
	char self[PATH_MAX - 20];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	self[n > 0 ? n : 0] = '\0';
	*strrchr(self, '/') = '\0';
	*strrchr(self, '/') = '\0';
	snprintf(path, sizeof(path), "%s/isolate-connect", self);
	return path;
}

/* The program, with pipes as 0-2; ours are set to the other ends. */
static pid_t start(const char *host, const char *port, int ours[3])
{
	int p[3][2];
	pid_t pid;

	for (int i = 0; i < 3; i++)
		if (pipe2(p[i], O_CLOEXEC) < 0)
			return -1;
	pid = fork();
	if (pid == 0) {
		dup2(p[0][0], 0);
		dup2(p[1][1], 1);
		dup2(p[2][1], 2);
		execl(program(), "isolate-connect", host, port, (char *)NULL);
		_exit(99);
	}
	ours[0] = p[0][1];
	ours[1] = p[1][0];
	ours[2] = p[2][0];
	fd_close(p[0][0]);
	fd_close(p[1][1]);
	fd_close(p[2][1]);
	return pid;
}

/* Reads what is left on both, and the exit status. */
static int end(pid_t pid, int ours[3], char out[256], char err[256])
{
	ssize_t n;
	int status;

	fd_replace(&ours[0], -1);
	n = fd_read_full(ours[1], out, 255);
	out[n > 0 ? n : 0] = '\0';
	n = fd_read_full(ours[2], err, 255);
	err[n > 0 ? n : 0] = '\0';
	fd_close(ours[1]);
	fd_close(ours[2]);
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

/* Where the gateway is for the program: on our loopback. */
static int make_proxy(void)
{
	struct ifreq r = { .ifr_name = "lo:1" };
	struct sockaddr_in sin = { .sin_family = AF_INET };
	int rtnl = netns_rtnl_open(), s, listener;
	struct fault f = { 0 };

	s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	inet_pton(AF_INET, "10.152.152.10", &sin.sin_addr);
	memcpy(&r.ifr_addr, &sin, sizeof(sin));
	if (netns_lo_up(rtnl, &f) < 0 || ioctl(s, SIOCSIFADDR, &r) < 0)
		return -1;
	fd_close(s);
	fd_close(rtnl);
	listener = netns_listen_tcp("10.152.152.10", 9050, &f);
	fd_set_nonblock(listener, 0);
	return listener;
}

static const char *run_talk(int listener, const struct talk *t)
{
	static char said[800];
	unsigned char request[64];
	/* greeting and request in one: RFC 1928 */
	static const unsigned char want[] = "\5\1\0\5\1\0\3\7x.onion\0\x16";
	char out[256], err[256];
	int ours[3], s, status;
	pid_t pid = start("x.onion", "22", ours);
	ssize_t n;

	s = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	n = fd_read_full(s, request, sizeof(want) - 1);
	if (n != sizeof(want) - 1 || memcmp(request, want, (size_t)n) != 0)
		return "another request";
	if (fd_write_full(s, t->reply, t->len) < 0)
		return "write";
	shutdown(s, SHUT_WR);
	status = end(pid, ours, out, err);
	fd_close(s);
	if (status == t->status && strstr(err, t->says) &&
	    strcmp(out, t->prints) == 0 && (status || !err[0]))
		return NULL;
	snprintf(said, sizeof(said), "talk %d: %d, \"%s\", \"%s\"",
		 (int)(t - talks), status, out, err);
	return said;
}

static const char *run_talks(void *arg)
{
	int listener;

	(void)arg;
	signal(SIGPIPE, SIG_IGN);
	listener = make_proxy();
	NS_CHECK(listener >= 0);
	for (size_t i = 0; i < ARRAY_SIZE(talks); i++) {
		const char *wrong = run_talk(listener, &talks[i]);

		if (wrong)
			return wrong;
	}
	return NULL;
}

/* stdin ends first, and the answer still comes; byte for byte. */
static const char *half_close(void *arg)
{
	unsigned char request[17];
	char out[256], err[256], got[16] = "";
	int listener, ours[3], s;
	pid_t pid;

	(void)arg;
	listener = make_proxy();
	NS_CHECK(listener >= 0);
	pid = start("x.onion", "22", ours);
	s = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	NS_CHECK(fd_read_full(s, request, 17) == 17);
	for (size_t i = 0; i < sizeof(GOOD) - 1; i++) {
		NS_CHECK(write(s, &GOOD[i], 1) == 1);
		usleep(2000);
	}
	NS_CHECK(write(ours[0], "question", 8) == 8);
	fd_replace(&ours[0], -1);
	NS_CHECK(fd_read_full(s, got, sizeof(got)) == 8);
	NS_CHECK(strcmp(got, "question") == 0);
	NS_CHECK(write(s, "answer", 6) == 6);
	fd_close(s);
	NS_CHECK(end(pid, ours, out, err) == 0);
	NS_CHECK(strcmp(out, "answer") == 0);
	return NULL;
}

/* Without a gateway: said, and nothing else is tried. */
static const char *no_gateway(void *arg)
{
	char out[256], err[256];
	int ours[3];
	pid_t pid;

	(void)arg;
	pid = start("x.onion", "22", ours);
	NS_CHECK(end(pid, ours, out, err) == 1);
	NS_CHECK(strstr(err, "connect to the gateway"));
	return NULL;
}

static void test_connect_answers_of_all_kinds(void **state)
{
	(void)state;
	ns_run_in(CLONE_NEWNET, run_talks, NULL);
}

static void test_connect_half_close(void **state)
{
	(void)state;
	ns_run_in(CLONE_NEWNET, half_close, NULL);
}

static void test_connect_without_a_gateway(void **state)
{
	(void)state;
	ns_run_in(CLONE_NEWNET, no_gateway, NULL);
}

static const char *bad_words(void *arg)
{
	char out[256], err[256], name[300];
	static const char *const ports[] = { "0", "65536", "-1", "ssh",
					     "",  "22x",   " " };
	int ours[3], listener = make_proxy();

	(void)arg;
	NS_CHECK(listener >= 0);
	for (size_t i = 0; i < ARRAY_SIZE(ports); i++) {
		pid_t pid = start("x.onion", ports[i], ours);

		NS_CHECK(end(pid, ours, out, err) == 2);
		NS_CHECK(strstr(err, "port"));
	}
	memset(name, 'a', sizeof(name));
	name[256] = '\0';
	NS_CHECK(end(start(name, "1", ours), ours, out, err) == 1);
	NS_CHECK(strncmp(err, "isolate-connect: aaaa", 21) == 0);
	NS_CHECK(end(start("", "1", ours), ours, out, err) == 1);
	NS_CHECK(strstr(err, "not a host name"));
	NS_CHECK(end(start("x", NULL, ours), ours, out, err) == 2);
	NS_CHECK(strstr(err, "usage"));
	return NULL;
}

static void test_connect_refuses_bad_words(void **state)
{
	(void)state;
	ns_run_in(CLONE_NEWNET, bad_words, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_connect_answers_of_all_kinds),
		cmocka_unit_test(test_connect_half_close),
		cmocka_unit_test(test_connect_without_a_gateway),
		cmocka_unit_test(test_connect_refuses_bad_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
