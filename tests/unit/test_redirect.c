/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_redirect.c - transparent: what is taken in, what is refused
 */
#include "netns/redirect.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netfilter_ipv4.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fd.h"
#include "launcher/facade.h"
#include "launcher/wire.h"
#include "netns/link.h"
#include "netns/path.h"
#include "tests/unit/ns.h"

/* What a program that tries something else first can afford to wait. */
#define REFUSED_AT_ONCE_MS 10

enum {
	SOCKS,
	TRANSPARENT,
	DNS_UDP,
	DNS_TCP
};

static struct plan_listener listeners[] = {
	[SOCKS] = { PLAN_SIDE_GATEWAY, 9050, GWMSG_LISTEN_SOCKS, 0, 0 },
	[TRANSPARENT] = { PLAN_SIDE_GATEWAY, REDIRECT_TCP_PORT,
			  GWMSG_LISTEN_TRANSPARENT, 0, 0 },
	[DNS_UDP] = { PLAN_SIDE_GATEWAY, REDIRECT_DNS_PORT,
		      GWMSG_LISTEN_DNS_UDP, 0, 0 },
	[DNS_TCP] = { PLAN_SIDE_GATEWAY, REDIRECT_DNS_PORT,
		      GWMSG_LISTEN_DNS_TCP, 0, 0 },
};

static const struct plan plan = {
	.network = true,
	.transparent = true,
	.listeners = listeners,
	.nlisteners = ARRAY_SIZE(listeners),
};

/* A, wired to G as in a launch, with or without rules; the caller is in A. */
static const char *make_world(struct wire *w, bool rules)
{
	static char said[400];
	struct fault f = { 0 };

	wire_init(w, &plan);
	if (wire_make_gateway_netns(w, &f) < 0 ||
	    wire_make_app_netns(w, &f) < 0 || netns_harden(true, &f) < 0 ||
	    wire_start_loopback(w, &f) < 0 ||
	    (rules && wire_load_redirect(w, &f) < 0) ||
	    wire_connect(w, &f) < 0) {
		fault_format(&f, said, sizeof(said));
		return said;
	}
	/* the link's last bit of coming up is the kernel's own time */
	usleep(100000);
	return NULL;
}

static struct sockaddr_in place(const char *address, uint16_t port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
				   .sin_port = htons(port) };

	inet_pton(AF_INET, address, &sin.sin_addr);
	return sin;
}

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* connect(2) and, over UDP, one datagram: what comes of it? 0: nothing wrong,
 * ETIME: not within REFUSED_AT_ONCE_MS. */
static int attempt(int type, const char *address, uint16_t port)
{
	struct sockaddr_in to = place(address, port);
	int s = socket(AF_INET, type | SOCK_CLOEXEC, 0), err = 0;
	struct pollfd p = { .fd = s, .events = POLLIN };
	socklen_t len = sizeof(err);
	double start = now_ms();

	if (connect(s, (struct sockaddr *)&to, sizeof(to)) < 0)
		err = errno;
	else if (type == SOCK_DGRAM && send(s, "x", 1, 0) < 0)
		err = errno;
	else if (type == SOCK_DGRAM && poll(&p, 1, 1000) > 0)
		getsockopt(s, SOL_SOCKET, SO_ERROR, &err, &len);
	fd_close(s);
	return now_ms() - start > REFUSED_AT_ONCE_MS ? ETIME : err;
}

/* The one connection that waits there, and where it was meant for. */
static int accept_one(int listener, struct sockaddr_in *meant)
{
	socklen_t len = sizeof(*meant);
	int s = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

	if (s >= 0 && getsockopt(s, SOL_IP, SO_ORIGINAL_DST, meant, &len) < 0)
		fd_replace(&s, -1);
	return s;
}

static bool is_place(const struct sockaddr_in *a, const char *address,
		     uint16_t port)
{
	struct sockaddr_in b = place(address, port);

	return a->sin_addr.s_addr == b.sin_addr.s_addr &&
	       a->sin_port == b.sin_port;
}

static const char *take_tcp(void *arg)
{
	static const struct {
		const char *address;
		uint16_t port;
		int listener;
	} rows[] = {
		{ "203.0.113.1", 80, TRANSPARENT },
		{ "10.192.0.1", 443, TRANSPARENT },
		{ "203.0.113.1", 9040, TRANSPARENT },
		{ "10.152.152.12", 22, TRANSPARENT },
		{ "169.254.169.254", 80, TRANSPARENT },
		{ "203.0.113.1", 53, DNS_TCP },
		{ FACADE_GATEWAY, 53, DNS_TCP },
	};
	struct sockaddr_in meant = { 0 };
	struct wire w;
	const char *wrong = make_world(&w, true);

	(void)arg;
	if (wrong)
		return wrong;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int s;

		NS_CHECK(attempt(SOCK_STREAM, rows[i].address, rows[i].port) ==
			 0);
		s = accept_one(w.listeners[rows[i].listener], &meant);
		NS_CHECK(s >= 0);
		NS_CHECK(is_place(&meant, rows[i].address, rows[i].port));
		fd_close(s);
	}
	/* the SOCKS port is as it is */
	NS_CHECK(attempt(SOCK_STREAM, FACADE_GATEWAY, 9050) == 0);
	NS_CHECK(accept4(w.listeners[SOCKS], NULL, NULL, SOCK_CLOEXEC) >= 0);
	return NULL;
}

/* Bytes flow both ways, and the client sees who it asked. */
static const char *relay(void *arg)
{
	struct sockaddr_in to = place("203.0.113.1", 80), peer = { 0 };
	int c = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), s;
	socklen_t len = sizeof(peer);
	struct wire w;
	const char *wrong = make_world(&w, true);
	char buf[8] = "";

	(void)arg;
	if (wrong)
		return wrong;
	fd_replace(&c, socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
	NS_CHECK(connect(c, (struct sockaddr *)&to, sizeof(to)) == 0);
	s = accept_one(w.listeners[TRANSPARENT], &peer);
	NS_CHECK(write(c, "up", 2) == 2);
	NS_CHECK(read(s, buf, sizeof(buf)) == 2 && memcmp(buf, "up", 2) == 0);
	NS_CHECK(write(s, "down", 4) == 4);
	NS_CHECK(read(c, buf, sizeof(buf)) == 4 && memcmp(buf, "down", 4) == 0);
	NS_CHECK(getpeername(c, (struct sockaddr *)&peer, &len) == 0);
	NS_CHECK(is_place(&peer, "203.0.113.1", 80));
	return NULL;
}

static const char *take_dns(void *arg)
{
	static const char *const servers[] = { "8.8.8.8", FACADE_GATEWAY,
					       "10.152.152.12" };
	struct wire w;
	const char *wrong = make_world(&w, true);

	(void)arg;
	if (wrong)
		return wrong;
	for (size_t i = 0; i < ARRAY_SIZE(servers); i++) {
		struct sockaddr_in to = place(servers[i], 53), from = { 0 };
		socklen_t len = sizeof(from);
		int c = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		struct pollfd p = { .fd = w.listeners[DNS_UDP],
				    .events = POLLIN };
		char buf[8];

		NS_CHECK(sendto(c, "q", 1, 0, (struct sockaddr *)&to,
				sizeof(to)) == 1);
		NS_CHECK(poll(&p, 1, 1000) == 1);
		NS_CHECK(recvfrom(p.fd, buf, sizeof(buf), 0,
				  (struct sockaddr *)&from, &len) == 1);
		NS_CHECK(sendto(p.fd, "a", 1, 0, (struct sockaddr *)&from,
				len) == 1);
		p.fd = c;
		NS_CHECK(poll(&p, 1, 1000) == 1);
		NS_CHECK(recvfrom(c, buf, sizeof(buf), 0,
				  (struct sockaddr *)&from, &len) == 1);
		/* a resolver takes an answer only from whom it asked */
		NS_CHECK(is_place(&from, servers[i], 53));
		fd_close(c);
	}
	return NULL;
}

static const char *refuse_tcp(void *arg)
{
	struct wire w;
	const char *wrong = make_world(&w, true);

	(void)arg;
	if (wrong)
		return wrong;
	/* a closed port, and the two that only redirection leads to: a
	 * connection made to them would have itself as destination */
	NS_CHECK(attempt(SOCK_STREAM, FACADE_GATEWAY, 9051) == ECONNREFUSED);
	NS_CHECK(attempt(SOCK_STREAM, FACADE_GATEWAY, REDIRECT_TCP_PORT) ==
		 ECONNREFUSED);
	NS_CHECK(attempt(SOCK_STREAM, FACADE_GATEWAY, REDIRECT_DNS_PORT) ==
		 ECONNREFUSED);
	NS_CHECK(accept4(w.listeners[TRANSPARENT], NULL, NULL, SOCK_CLOEXEC) <
		 0);
	NS_CHECK(accept4(w.listeners[DNS_TCP], NULL, NULL, SOCK_CLOEXEC) < 0);
	return NULL;
}

static const char *refuse_udp(void *arg)
{
	static const struct {
		const char *address;
		uint16_t port;
	} rows[] = {
		{ "203.0.113.1", 443 },   { "203.0.113.1", 123 },
		{ "203.0.113.1", 3478 },  { "203.0.113.1", 5300 },
		{ FACADE_GATEWAY, 123 },  { FACADE_GATEWAY, 5300 },
		{ FACADE_GATEWAY, 9040 }, { "10.152.152.12", 5353 },
		{ "224.0.0.251", 5353 },  { "255.255.255.255", 67 },
		{ "240.0.0.1", 1 },
	};
	struct wire w;
	const char *wrong = make_world(&w, true);
	char buf[8];

	(void)arg;
	if (wrong)
		return wrong;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int err = attempt(SOCK_DGRAM, rows[i].address, rows[i].port);

		/* broadcast needs SO_BROADCAST even to be unreachable */
		NS_CHECK(err == EHOSTUNREACH || err == EACCES);
	}
	/* each of many: there is no limit to how many are told */
	for (int i = 0; i < 200; i++)
		NS_CHECK(attempt(SOCK_DGRAM, "203.0.113.1", 443) ==
			 EHOSTUNREACH);
	NS_CHECK(recv(w.listeners[DNS_UDP], buf, sizeof(buf), 0) < 0);
	return NULL;
}

static const char *refuse_ping(void *arg)
{
	struct sockaddr_in to = place("203.0.113.1", 0);
	struct icmphdr echo = { .type = ICMP_ECHO, .checksum = htons(0xf7ff) };
	unsigned char buf[128];
	struct wire w;
	const char *wrong = make_world(&w, true);
	int s = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP);
	struct pollfd p = { .fd = s, .events = POLLIN };

	(void)arg;
	if (wrong)
		return wrong;
	NS_CHECK(sendto(s, &echo, sizeof(echo), 0, (struct sockaddr *)&to,
			sizeof(to)) == sizeof(echo));
	NS_CHECK(poll(&p, 1, REFUSED_AT_ONCE_MS) == 1);
	NS_CHECK(recv(s, buf, sizeof(buf), 0) > 21);
	NS_CHECK(buf[20] == ICMP_DEST_UNREACH && buf[21] == ICMP_PKT_FILTERED);
	return NULL;
}

static int timeout_s(const char *what)
{
	char path[80], text[16] = "";
	int fd;

	snprintf(path, sizeof(path), "/proc/sys/net/netfilter/nf_conntrack_%s",
		 what);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0 && read(fd, text, sizeof(text) - 1) < 0)
		text[0] = '\0';
	fd_close(fd);
	return (int)strtol(text, NULL, 10);
}

static const char *forget(void *arg)
{
	static const char *const rows[] = { "udp_timeout", "udp_timeout_stream",
					    "tcp_timeout_time_wait" };
	int before[ARRAY_SIZE(rows)];
	struct wire w;
	const char *wrong;

	(void)arg;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		before[i] = timeout_s(rows[i]);
	wrong = make_world(&w, true);
	if (wrong)
		return wrong;
	NS_CHECK(setns(w.gateway_ns, CLONE_NEWNET) == 0);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		/* 0: no such file, here as there */
		NS_CHECK((timeout_s(rows[i]) == 0) == (before[i] == 0));
		/* longer than a resolver waits before it asks again */
		if (before[i] && i < 2)
			NS_CHECK(timeout_s(rows[i]) > 5);
		NS_CHECK(timeout_s(rows[i]) <= 15);
	}
	return NULL;
}

/* What the tests above would say of a netns without rules. */
static const char *without_rules(void *arg)
{
	struct wire w;
	const char *wrong = make_world(&w, false);

	(void)arg;
	if (wrong)
		return wrong;
	NS_CHECK(attempt(SOCK_DGRAM, "203.0.113.1", 443) == ETIME);
	NS_CHECK(attempt(SOCK_STREAM, FACADE_GATEWAY, REDIRECT_TCP_PORT) == 0);
	return NULL;
}

/* The way of a packet, from A. */
static const char *find_paths(void *arg)
{
	struct in_addr via = { 0 };
	struct fault f = { 0 };
	struct wire w;
	const char *wrong = make_world(&w, true);

	(void)arg;
	if (wrong)
		return wrong;
	NS_CHECK(netns_path_find(place("203.0.113.1", 0).sin_addr, &via, &f) ==
		 0);
	NS_CHECK(via.s_addr == inet_addr(FACADE_GATEWAY));
	NS_CHECK(netns_path_find(place(FACADE_GATEWAY, 0).sin_addr, &via, &f) ==
		 0);
	NS_CHECK(via.s_addr == 0);
	NS_CHECK(netns_path_find(place("224.0.0.1", 0).sin_addr, &via, &f) ==
		 -EHOSTUNREACH);
	NS_CHECK(setns(w.gateway_ns, CLONE_NEWNET) == 0);
	NS_CHECK(netns_path_find(place("203.0.113.1", 0).sin_addr, &via, &f) ==
		 -ENETUNREACH);
	return NULL;
}

#define NS_TEST(name, fn)                                                      \
	static void name(void **state)                                         \
	{                                                                      \
		(void)state;                                                   \
		ns_run_in(0, fn, NULL);                                        \
	}

NS_TEST(test_redirect_takes_tcp_with_its_destination, take_tcp)
NS_TEST(test_redirect_relays_both_ways, relay)
NS_TEST(test_redirect_takes_dns_of_anybody, take_dns)
NS_TEST(test_redirect_resets_tcp_at_once, refuse_tcp)
NS_TEST(test_redirect_refuses_udp_at_once, refuse_udp)
NS_TEST(test_redirect_refuses_ping, refuse_ping)
NS_TEST(test_redirect_forgets_soon, forget)
NS_TEST(test_redirect_is_what_refuses, without_rules)
NS_TEST(test_redirect_paths_lead_to_the_gateway, find_paths)

static void test_redirect_names_the_facades_gateway(void **state)
{
	(void)state;
	assert_string_equal(REDIRECT_GATEWAY, FACADE_GATEWAY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_redirect_takes_tcp_with_its_destination),
		cmocka_unit_test(test_redirect_relays_both_ways),
		cmocka_unit_test(test_redirect_takes_dns_of_anybody),
		cmocka_unit_test(test_redirect_resets_tcp_at_once),
		cmocka_unit_test(test_redirect_refuses_udp_at_once),
		cmocka_unit_test(test_redirect_refuses_ping),
		cmocka_unit_test(test_redirect_forgets_soon),
		cmocka_unit_test(test_redirect_is_what_refuses),
		cmocka_unit_test(test_redirect_paths_lead_to_the_gateway),
		cmocka_unit_test(test_redirect_names_the_facades_gateway),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
