/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_inbound.c - connections to where nobody, or somebody, listens
 */
#include "launcher/inbound.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "base/attr.h"
#include "netns/link.h"
#include "tests/unit/ns.h"

#define PORT 40000

/* Source ports of this network namespace. */
static int allow_ports(int low, int high)
{
	char text[32];

	snprintf(text, sizeof(text), "%d %d", low, high);
	return fd_write_file(AT_FDCWD, "/proc/sys/net/ipv4/ip_local_port_range",
			     0, text);
}

/* As from inside A. */
static void give_socket(struct inbound *in)
{
	in->pool[in->n++] =
		socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

static int listen_at(uint16_t port)
{
	const struct sockaddr_in at = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (bind(fd, (const struct sockaddr *)&at, sizeof(at)) == 0 &&
	    listen(fd, 1) == 0)
		return fd;
	fd_close(fd);
	return -1;
}

static const char *try_ports(void *arg)
{
	autoclose int listener = -1, fd = -1, rtnl = netns_rtnl_open();
	struct sockaddr_in peer = { .sin_port = 0 };
	socklen_t len = sizeof(peer);
	struct inbound in;
	struct fault f;

	(void)arg;
	NS_CHECK(netns_lo_up(rtnl, &f) == 0);
	inbound_init(&in);
	/* no other source port is left: it could only meet itself */
	NS_CHECK(allow_ports(PORT, PORT) == 0);
	give_socket(&in);
	NS_CHECK(inbound_connect(&in, GWMSG_TARGET_LOOPBACK, PORT) ==
		 -ECONNREFUSED);
	/* and it has left nothing behind */
	listener = listen_at(PORT);
	NS_CHECK(listener >= 0);
	/* who listens is reached, from the port beside */
	NS_CHECK(allow_ports(PORT, PORT + 1) == 0);
	give_socket(&in);
	fd = inbound_connect(&in, GWMSG_TARGET_LOOPBACK, PORT);
	NS_CHECK(fd >= 0);
	fd_replace(&fd, accept4(listener, (struct sockaddr *)&peer, &len,
				SOCK_CLOEXEC));
	NS_CHECK(fd >= 0);
	NS_CHECK(ntohs(peer.sin_port) == PORT + 1);
	return NULL;
}

static void test_inbound_does_not_meet_itself(void **state)
{
	(void)state;
	ns_run_in(CLONE_NEWNET, try_ports, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_inbound_does_not_meet_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
