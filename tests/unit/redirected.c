/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/redirected.c - connections that a live gateway's port gets */
#include "tests/unit/redirected.h"

#include <setjmp.h>
#include <stdarg.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "tests/unit/dnsclient.h"

int redirected_load(const struct gwlive *g)
{
	char command[1024], said[1024];
	int status;

	snprintf(
		command, sizeof(command),
		"PATH=$PATH:/usr/sbin:/sbin; ip link set lo up && "
		"ip addr replace 10.152.152.11/32 dev lo && "
		"ip route replace default dev lo src 10.152.152.11 && "
		"nft 'flush ruleset; table ip t { chain o { type nat hook output priority "
		"-100; ip daddr 127.0.0.0/8 return; tcp dport 53 redirect to "
		":%u; udp dport 53 redirect to :%u; ip protocol tcp redirect "
		"to :%u; }; }'",
		(unsigned int)g->ports[GWLIVE_DNS_TCP],
		(unsigned int)g->ports[GWLIVE_DNS_UDP],
		(unsigned int)g->ports[GWLIVE_TRANSPARENT]);
	status = dnsclient_shell(command, said, sizeof(said));
	if (status != 0)
		fprintf(stderr, "skipped: no redirect: %s\n", said);
	return status;
}

int redirected_connect(int type, const char *addr, uint16_t port)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_port = htons(port) };
	struct timeval tv = { .tv_sec = 10 };
	int s = socket(AF_INET, type | SOCK_CLOEXEC, 0);

	assert_true(s >= 0);
	assert_int_equal(inet_pton(AF_INET, addr, &a.sin_addr), 1);
	setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	assert_int_equal(connect(s, (struct sockaddr *)&a, sizeof(a)), 0);
	return s;
}

void redirected_expect_reset(int s)
{
	assert_int_equal(recv(s, &(char){ 0 }, 1, 0), -1);
	assert_int_equal(errno, ECONNRESET);
	close(s);
}
