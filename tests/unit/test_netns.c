/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_netns.c - two network namespaces, one wire, no way out */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fd.h"
#include "launcher/facade.h"
#include "launcher/wire.h"
#include "netns/link.h"
#include "netns/listen.h"
#include "tests/unit/ns.h"

static struct plan_listener listeners[] = {
	{ PLAN_SIDE_GATEWAY, 9050, GWMSG_LISTEN_SOCKS, 0, 0 },
	{ PLAN_SIDE_LOOPBACK, 9050, GWMSG_LISTEN_SOCKS, 0, 0 },
};

static const struct plan plan = {
	.network = true,
	.listeners = listeners,
	.nlisteners = ARRAY_SIZE(listeners),
};

/* A, wired to G as in a launch; the caller is in A. */
static const char *make_world_of(struct wire *w, const struct plan *p)
{
	static char said[400];
	struct fault f = { 0 };

	wire_init(w, p);
	if (wire_make_gateway_netns(w, &f) < 0 ||
	    wire_make_app_netns(w, &f) < 0 || netns_harden(true, &f) < 0 ||
	    wire_start_loopback(w, &f) < 0 || wire_load_redirect(w, &f) < 0 ||
	    wire_connect(w, &f) < 0) {
		fault_format(&f, said, sizeof(said));
		return said;
	}
	return NULL;
}

static const char *make_world(struct wire *w)
{
	return make_world_of(w, &plan);
}

static struct plan_listener dns_listeners[] = {
	{ PLAN_SIDE_GATEWAY, 5300, GWMSG_LISTEN_DNS_UDP, 0, 0 },
	{ PLAN_SIDE_GATEWAY, 5300, GWMSG_LISTEN_DNS_TCP, 0, 0 },
};

static const struct plan transparent = {
	.network = true,
	.transparent = true,
	.listeners = dns_listeners,
	.nlisteners = ARRAY_SIZE(dns_listeners),
};

static const char *slurp(const char *path)
{
	static char text[8192];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : fd_read_full(fd, text, sizeof(text) - 1);

	fd_close(fd);
	text[n > 0 ? n : 0] = '\0';
	return text;
}

static int count(const char *text, char what)
{
	int n = 0;

	for (; *text; text++)
		n += *text == what;
	return n;
}

/* connect(2) to a dotted address: 0 or the errno. */
static int reach(int type, const char *address, uint16_t port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
				   .sin_port = htons(port) };
	int s = socket(AF_INET, type | SOCK_CLOEXEC, 0), err;

	inet_pton(AF_INET, address, &sin.sin_addr);
	err = connect(s, (struct sockaddr *)&sin, sizeof(sin)) < 0 ? errno : 0;
	fd_close(s);
	return err;
}

/* netdevice(7): all zero where @device is not there */
static struct ifreq ask(const char *device, unsigned long request)
{
	struct ifreq r = { 0 };
	int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", device);
	if (ioctl(s, request, &r) < 0)
		memset(&r, 0, sizeof(r));
	fd_close(s);
	return r;
}

static short flags_of(const char *device)
{
	return ask(device, SIOCGIFFLAGS).ifr_flags;
}

static int mtu_of(const char *device)
{
	return ask(device, SIOCGIFMTU).ifr_mtu;
}

static const char *see_app_side(void *arg)
{
	struct wire w;
	const char *wrong = make_world(&w);

	(void)arg;
	if (wrong)
		return wrong;
	/* two lines of headings, lo and eth0; some kernels add fallbacks */
	NS_CHECK(strstr(slurp("/proc/self/net/dev"), " eth0:"));
	NS_CHECK(flags_of("eth0") & IFF_UP);
	NS_CHECK(flags_of("eth0") & IFF_NOARP);
	NS_CHECK(!(flags_of("eth0") & IFF_MULTICAST));
	NS_CHECK(mtu_of("eth0") == 65520);
	NS_CHECK(flags_of("lo") & IFF_UP);
	/* the heading and one route */
	NS_CHECK(count(slurp("/proc/self/net/route"), '\n') == 2);
	NS_CHECK(slurp("/proc/self/net/if_inet6")[0] == '\0');
	NS_CHECK(slurp("/proc/sys/net/ipv4/ip_forward")[0] == '0');
	NS_CHECK(strstr(slurp("/proc/self/net/arp"), FACADE_GATEWAY_MAC));
	NS_CHECK(reach(SOCK_DGRAM, FACADE_GATEWAY, 9050) == 0);
	NS_CHECK(reach(SOCK_DGRAM, "10.152.152.12", 9050) == ENETUNREACH);
	NS_CHECK(reach(SOCK_DGRAM, "203.0.113.1", 443) == ENETUNREACH);
	NS_CHECK(reach(SOCK_DGRAM, "169.254.1.1", 443) == ENETUNREACH);
	return NULL;
}

static const char *see_gateway_side(void *arg)
{
	struct wire w;
	const char *wrong = make_world(&w);

	(void)arg;
	if (wrong)
		return wrong;
	if (setns(w.gateway_ns, CLONE_NEWNET) < 0)
		return "setns";
	NS_CHECK(flags_of("gw0") & IFF_UP);
	NS_CHECK(flags_of("gw0") & IFF_NOARP);
	NS_CHECK(!(flags_of("gw0") & IFF_MULTICAST));
	NS_CHECK(!(flags_of("lo") & IFF_UP));
	NS_CHECK(count(slurp("/proc/self/net/route"), '\n') == 2);
	NS_CHECK(slurp("/proc/self/net/if_inet6")[0] == '\0');
	NS_CHECK(slurp("/proc/sys/net/ipv4/ip_forward")[0] == '0');
	NS_CHECK(reach(SOCK_DGRAM, "203.0.113.1", 443) == ENETUNREACH);
	NS_CHECK(reach(SOCK_DGRAM, FACADE_SELF, 1) == 0);
	return NULL;
}

static const char *talk(void *arg)
{
	struct sockaddr_in peer = { 0 };
	socklen_t len = sizeof(peer);
	char text[INET_ADDRSTRLEN];
	struct wire w;
	const char *wrong = make_world(&w);
	int s;

	(void)arg;
	if (wrong)
		return wrong;
	NS_CHECK(fcntl(w.listeners[0], F_GETFL) & O_NONBLOCK);
	NS_CHECK(fcntl(w.listeners[0], F_GETFD) & FD_CLOEXEC);
	NS_CHECK(reach(SOCK_STREAM, FACADE_GATEWAY, 9050) == 0);
	s = accept4(w.listeners[0], (struct sockaddr *)&peer, &len,
		    SOCK_CLOEXEC);
	NS_CHECK(s >= 0);
	inet_ntop(AF_INET, &peer.sin_addr, text, sizeof(text));
	NS_CHECK(strcmp(text, FACADE_SELF) == 0);
	NS_CHECK(reach(SOCK_STREAM, "127.0.0.1", 9050) == 0);
	NS_CHECK(accept4(w.listeners[1], NULL, NULL, SOCK_CLOEXEC) >= 0);
	/* nothing else answers there */
	NS_CHECK(reach(SOCK_STREAM, FACADE_GATEWAY, 9051) == ECONNREFUSED);
	NS_CHECK(reach(SOCK_STREAM, "127.0.0.1", 9051) == ECONNREFUSED);
	return NULL;
}

static const char *see_transparent_side(void *arg)
{
	int type = 0, accepts = 0;
	socklen_t len = sizeof(int);
	struct wire w;
	const char *wrong = make_world_of(&w, &transparent);

	(void)arg;
	if (wrong)
		return wrong;
	/* the heading; to the gateway, to all others, and to nobody */
	NS_CHECK(count(slurp("/proc/self/net/route"), '\n') == 4);
	NS_CHECK(slurp("/proc/self/net/if_inet6")[0] == '\0');
	NS_CHECK(reach(SOCK_DGRAM, "203.0.113.1", 443) == 0);
	NS_CHECK(reach(SOCK_DGRAM, "224.0.0.251", 5353) == EHOSTUNREACH);
	NS_CHECK(reach(SOCK_DGRAM, "240.0.0.1", 1) == EHOSTUNREACH);
	NS_CHECK(getsockopt(w.listeners[0], SOL_SOCKET, SO_TYPE, &type, &len) ==
		 0);
	NS_CHECK(type == SOCK_DGRAM);
	NS_CHECK(fcntl(w.listeners[0], F_GETFL) & O_NONBLOCK);
	NS_CHECK(fcntl(w.listeners[0], F_GETFD) & FD_CLOEXEC);
	NS_CHECK(getsockopt(w.listeners[1], SOL_SOCKET, SO_ACCEPTCONN, &accepts,
			    &len) == 0);
	NS_CHECK(accepts);
	/* the other side is as ever: a route to A alone */
	NS_CHECK(setns(w.gateway_ns, CLONE_NEWNET) == 0);
	NS_CHECK(count(slurp("/proc/self/net/route"), '\n') == 2);
	NS_CHECK(reach(SOCK_DGRAM, "203.0.113.1", 443) == ENETUNREACH);
	NS_CHECK(slurp("/proc/sys/net/ipv4/ip_forward")[0] == '0');
	return NULL;
}

/* A device that comes later has no IPv6 either. */
static const char *harden_the_future(void *arg)
{
	struct fault f = { 0 };

	(void)arg;
	/* where lo stays down its own setting may stay as it is */
	NS_CHECK(unshare(CLONE_NEWNET) == 0);
	NS_CHECK(netns_harden(false, &f) == 0);
	if (access("/proc/sys/net/ipv6", F_OK) == 0)
		NS_CHECK(slurp("/proc/sys/net/ipv6/conf/default/disable_ipv6")
				 [0] == '1');
	NS_CHECK(unshare(CLONE_NEWNET) == 0);
	NS_CHECK(netns_harden(true, &f) == 0);
	if (access("/proc/sys/net/ipv6", F_OK) == 0) {
		NS_CHECK(slurp("/proc/sys/net/ipv6/conf/default/disable_ipv6")
				 [0] == '1');
		NS_CHECK(slurp("/proc/sys/net/ipv6/conf/lo/disable_ipv6")[0] ==
			 '1');
	}
	return NULL;
}

static const char *stop_forwarding(void *arg)
{
	static const char path[] = "/proc/sys/net/ipv4/ip_forward";
	struct fault f = { 0 };
	int rtnl;

	(void)arg;
	NS_CHECK(unshare(CLONE_NEWNET) == 0);
	rtnl = netns_rtnl_open();
	NS_CHECK(rtnl >= 0);
	NS_CHECK(fd_write_file(AT_FDCWD, path, 0, "1") == 0);
	NS_CHECK(slurp(path)[0] == '1');
	NS_CHECK(netns_stop_forwarding(rtnl, &f) == 0);
	NS_CHECK(slurp(path)[0] == '0');
	/* nothing to do, and done again */
	NS_CHECK(netns_stop_forwarding(rtnl, &f) == 0);
	NS_CHECK(slurp(path)[0] == '0');
	/* who does not answer is not believed */
	NS_CHECK(fd_write_file(AT_FDCWD, path, 0, "1") == 0);
	NS_CHECK(netns_stop_forwarding(-1, &f) == 0);
	NS_CHECK(slurp(path)[0] == '0');
	close(rtnl);
	return NULL;
}

static const char *refuse(void *arg)
{
	static const struct netns_end good = { "e0", "10.0.0.1",
					       "02:00:00:00:00:01" };
	static const struct netns_end bad = { "e1", "10.0.0.2", "no mac" };
	static const struct netns_end odd = { "e1", "no address",
					      "02:00:00:00:00:02" };
	struct fault f = { 0 };
	int ns, rtnl;

	(void)arg;
	NS_CHECK(unshare(CLONE_NEWNET) == 0);
	ns = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	NS_CHECK(unshare(CLONE_NEWNET) == 0);
	rtnl = netns_rtnl_open();
	NS_CHECK(ns >= 0 && rtnl >= 0);
	NS_CHECK(fcntl(rtnl, F_GETFD) & FD_CLOEXEC);
	NS_CHECK(netns_veth_create(rtnl, &good, &bad, ns, &f) < 0);
	NS_CHECK(f.what[0]);
	NS_CHECK(netns_end_configure(rtnl, &good, &odd, &f) < 0);
	/* nothing is left */
	NS_CHECK(!strstr(slurp("/proc/self/net/dev"), "e0:"));
	/* not a socket, not a namespace */
	NS_CHECK(netns_lo_up(ns, &f) < 0);
	NS_CHECK(netns_veth_create(rtnl, &good, &good, rtnl, &f) < 0);
	NS_CHECK(netns_default_route(rtnl, &good, &odd, &f) < 0);
	NS_CHECK(f.what[0]);
	NS_CHECK(netns_listen_tcp("not.an.address", 1, &f) == -EINVAL);
	NS_CHECK(netns_listen_udp("not.an.address", 1, &f) == -EINVAL);
	NS_CHECK(netns_listen_tcp("300.1.1.1", 1, &f) == -EINVAL);
	/* the rtnl descriptor is still ours */
	NS_CHECK(netns_lo_up(rtnl, &f) == 0);
	NS_CHECK(flags_of("lo") & IFF_UP);
	return NULL;
}

static void test_netns_app_reaches_the_gateway_only(void **state)
{
	(void)state;
	ns_run_in(0, see_app_side, NULL);
}

static void test_netns_transparent_leads_to_the_gateway(void **state)
{
	(void)state;
	ns_run_in(0, see_transparent_side, NULL);
}

static void test_netns_gateway_has_no_way_out(void **state)
{
	(void)state;
	ns_run_in(0, see_gateway_side, NULL);
}

static void test_netns_connections_arrive(void **state)
{
	(void)state;
	ns_run_in(0, talk, NULL);
}

static void test_netns_ipv6_is_off_for_what_comes(void **state)
{
	(void)state;
	ns_run_in(0, harden_the_future, NULL);
}

static void test_netns_stops_forwarding(void **state)
{
	(void)state;
	ns_run_in(0, stop_forwarding, NULL);
}

static void test_netns_refuses_nonsense(void **state)
{
	(void)state;
	ns_run_in(0, refuse, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_netns_app_reaches_the_gateway_only),
		cmocka_unit_test(test_netns_transparent_leads_to_the_gateway),
		cmocka_unit_test(test_netns_gateway_has_no_way_out),
		cmocka_unit_test(test_netns_connections_arrive),
		cmocka_unit_test(test_netns_ipv6_is_off_for_what_comes),
		cmocka_unit_test(test_netns_stops_forwarding),
		cmocka_unit_test(test_netns_refuses_nonsense),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
