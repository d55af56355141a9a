/* SPDX-License-Identifier: GPL-3.0-or-later */
/* netns/link.c - veth pairs, addresses and routes (rtnetlink) */
#include "netns/link.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/neighbour.h>
#include <linux/netconf.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>
#include <unistd.h>

#include <netlink/addr.h>
#include <netlink/attr.h>
#include <netlink/errno.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/route/addr.h>
#include <netlink/route/link.h>
#include <netlink/route/link/veth.h>
#include <netlink/route/neighbour.h>
#include <netlink/route/route.h>
#include <netlink/socket.h>

/* libnl's error codes are not errnos (NLE_INVAL is 7). */
static int nl_errno(int nlerr)
{
	static const struct {
		int nl, err;
	} map[] = {
		{ NLE_PERM, EPERM },           { NLE_NOMEM, ENOMEM },
		{ NLE_EXIST, EEXIST },         { NLE_NODEV, ENODEV },
		{ NLE_INVAL, EINVAL },         { NLE_OPNOTSUPP, EOPNOTSUPP },
		{ NLE_BUSY, EBUSY },           { NLE_OBJ_NOTFOUND, ENOENT },
		{ NLE_NOACCESS, EACCES },      { NLE_AGAIN, EAGAIN },
		{ NLE_INTR, EINTR },           { NLE_RANGE, ERANGE },
		{ NLE_NOADDR, EADDRNOTAVAIL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(map); i++)
		if (map[i].nl == nlerr || map[i].nl == -nlerr)
			return map[i].err;
	return EIO;
}

static int nl_fault(struct fault *f, int nlerr, const char *what,
		    const char *on)
{
	return fault_set(f, nl_errno(nlerr), "%s %s (%s)", what, on,
			 nl_geterror(nlerr));
}

int netns_harden(bool loopback, struct fault *f)
{
	const struct {
		const char *path, *value;
		bool loopback;
	} settings[] = {
		/* what devices yet to be made start with */
		{ "/proc/sys/net/ipv6/conf/default/disable_ipv6", "1", false },
		/* sets `default` too, and lo, which there is already. While
		 * others hold the lock of all network namespaces, this spins
		 * (net/ipv6/addrconf.c, addrconf_disable_ipv6()) */
		{ "/proc/sys/net/ipv6/conf/all/disable_ipv6", "1", true },
	};

	for (size_t i = 0; i < ARRAY_SIZE(settings); i++) {
		int rc;

		if (settings[i].loopback != loopback)
			continue;
		rc = fd_write_file(AT_FDCWD, settings[i].path, 0,
				   settings[i].value);
		/* a kernel without IPv6 has no such file: nothing to close */
		if (rc == -ENOENT && access("/proc/sys/net/ipv4", F_OK) == 0)
			continue;
		if (rc < 0)
			return fault_set(f, rc, "write %s", settings[i].path);
	}
	return 0;
}

int netns_rtnl_open(void)
{
	struct sockaddr_nl any = { .nl_family = AF_NETLINK };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	if (fd < 0)
		return -errno;
	if (bind(fd, (struct sockaddr *)&any, sizeof(any)) < 0) {
		int err = errno;

		fd_close(fd);
		return -err;
	}
	return fd;
}

/* RTM_GETNETCONF for all devices of the netns: rtnetlink(7), linux/netconf.h */
static int ask_forwarding(int rtnl)
{
	struct {
		struct nlmsghdr head;
		struct netconfmsg body;
		struct nlattr attr __attribute__((aligned(NLA_ALIGNTO)));
		int32_t ifindex;
	} ask = {
		.head = { .nlmsg_len = sizeof(ask),
			  .nlmsg_type = RTM_GETNETCONF,
			  .nlmsg_flags = NLM_F_REQUEST },
		.body = { .ncm_family = AF_INET },
		.attr = { sizeof(ask.attr) + sizeof(ask.ifindex),
			  NETCONFA_IFINDEX },
		.ifindex = NETCONFA_IFINDEX_ALL,
	};
	union {
		struct nlmsghdr head;
		char bytes[4096];
	} answer;
	const struct nlattr *value;
	ssize_t n;

	if (send(rtnl, &ask, sizeof(ask), 0) < 0)
		return -errno;
	do
		n = recv(rtnl, &answer, sizeof(answer), 0);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	if (!nlmsg_ok(&answer.head, (int)n) ||
	    answer.head.nlmsg_type != RTM_NEWNETCONF)
		return -EPROTO;
	value = nlmsg_find_attr(&answer.head, sizeof(struct netconfmsg),
				NETCONFA_FORWARDING);
	if (!value || nla_len(value) != (int)sizeof(int32_t))
		return -EPROTO;
	return nla_get_s32(value) != 0;
}

int netns_stop_forwarding(int rtnl, struct fault *f)
{
	static const char path[] = "/proc/sys/net/ipv4/ip_forward";
	int rc;

	/*
	 * Mostly it is off. To find that in /proc/sys takes time that grows
	 * with the number of network namespaces: their files share a bucket of
	 * the kernel's dentry hash (fs/proc/proc_sysctl.c, d_compare).
	 */
	if (ask_forwarding(rtnl) == 0)
		return 0;
	rc = fd_write_file(AT_FDCWD, path, 0, "0");
	return rc < 0 ? fault_set(f, rc, "write %s", path) : 0;
}

/*
 * Asked for, so that it need not be looked up: above the numbers of the
 * fallback devices (tunl0, sit0...) that some kernels put into every netns.
 */
#define VETH_IFINDEX 100
/*
 * As on loopback: the wire is memory, and what TCP sends is cut where it
 * leaves for Tor, not here. A third more bytes per second than with 1500. The
 * same for everybody, and nobody outside ever sees it.
 */
#define VETH_MTU 65520
/* The loopback interface is number 1 in every netns. */
#define LO_IFINDEX 1

static void free_sock(struct nl_sock **sk)
{
	if (*sk)
		nl_socket_free(*sk);
}

#define autosock __attribute__((cleanup(free_sock)))

/* A libnl socket over a copy of @rtnl: freeing it leaves @rtnl alone. */
static struct nl_sock *sock_over(int rtnl, struct fault *f)
{
	autosock struct nl_sock *sk = nl_socket_alloc();
	struct nl_sock *result;
	int fd, rc;

	if (!sk) {
		fault_set(f, ENOMEM, "allocate a netlink socket");
		return NULL;
	}
	fd = fcntl(rtnl, F_DUPFD_CLOEXEC, 3);
	if (fd < 0) {
		fault_set(f, errno, "copy a netlink socket");
		return NULL;
	}
	rc = nl_socket_set_fd(sk, NETLINK_ROUTE, fd);
	if (rc < 0) {
		fd_close(fd);
		nl_fault(f, rc, "use", "a netlink socket");
		return NULL;
	}
	result = sk;
	sk = NULL;
	return result;
}

static int link_up(struct nl_sock *sk, int ifindex)
{
	struct rtnl_link *link = rtnl_link_alloc();
	int rc = -NLE_NOMEM;

	if (link) {
		rtnl_link_set_ifindex(link, ifindex);
		rtnl_link_set_flags(link, IFF_UP);
		rc = rtnl_link_change(sk, link, link, 0);
	}
	rtnl_link_put(link);
	return rc;
}

int netns_lo_up(int rtnl, struct fault *f)
{
	autosock struct nl_sock *sk = sock_over(rtnl, f);
	int rc;

	if (!sk)
		return -ENOMEM;
	rc = link_up(sk, LO_IFINDEX);
	return rc < 0 ? nl_fault(f, rc, "bring up", "lo") : 0;
}

/* Parses @text as an address of @family; NULL on failure. */
static struct nl_addr *parse_addr(const char *text, int family)
{
	struct nl_addr *addr = NULL;

	return nl_addr_parse(text, family, &addr) < 0 ? NULL : addr;
}

static int describe_end(struct rtnl_link *link, const struct netns_end *end)
{
	struct nl_addr *mac = parse_addr(end->mac, AF_LLC);

	if (!mac)
		return -NLE_INVAL;
	rtnl_link_set_name(link, end->device);
	rtnl_link_set_ifindex(link, VETH_IFINDEX);
	rtnl_link_set_addr(link, mac);
	rtnl_link_set_mtu(link, VETH_MTU);
	/* said, and not left at the default of as many as there are CPUs with
	 * one in use: to take the rest out of use, the kernel waits for every
	 * CPU, a millisecond or two (drivers/net/veth.c, veth_init_queues()) */
	rtnl_link_set_num_tx_queues(link, 1);
	rtnl_link_set_num_rx_queues(link, 1);
	/* not IFF_UP: the peer's end has no peer yet while it is made */
	rtnl_link_set_flags(link, IFF_NOARP);
	rtnl_link_unset_flags(link, IFF_MULTICAST);
	nl_addr_put(mac);
	return 0;
}

int netns_veth_create(int rtnl, const struct netns_end *here,
		      const struct netns_end *there, int there_nsfd,
		      struct fault *f)
{
	autosock struct nl_sock *sk = sock_over(rtnl, f);
	struct rtnl_link *link, *peer;
	int rc;

	if (!sk)
		return -ENOMEM;
	link = rtnl_link_veth_alloc();
	if (!link)
		return fault_set(f, ENOMEM, "describe a veth pair");
	peer = rtnl_link_veth_get_peer(link);
	rtnl_link_set_ns_fd(peer, there_nsfd);
	rc = describe_end(link, here);
	if (rc == 0)
		rc = describe_end(peer, there);
	if (rc == 0)
		rc = rtnl_link_add(sk, link, NLM_F_CREATE | NLM_F_EXCL);
	rtnl_link_put(peer);
	rtnl_link_put(link);
	if (rc < 0)
		nl_fault(f, rc, "create the veth pair of", here->device);
	if (rc == -NLE_OPNOTSUPP)
		fault_hint(f, "this kernel has no veth driver: "
			      "modprobe veth, as root");
	return rc < 0 ? -nl_errno(rc) : 0;
}

static int add_address(struct nl_sock *sk, int ifindex, struct nl_addr *local)
{
	struct rtnl_addr *addr = rtnl_addr_alloc();
	int rc = -NLE_NOMEM;

	if (addr) {
		rtnl_addr_set_ifindex(addr, ifindex);
		rc = rtnl_addr_set_local(addr, local);
		if (rc == 0)
			rc = rtnl_addr_add(sk, addr, 0);
	}
	rtnl_addr_put(addr);
	return rc;
}

static int add_neighbour(struct nl_sock *sk, int ifindex, struct nl_addr *dst,
			 const char *mac)
{
	struct rtnl_neigh *neigh = rtnl_neigh_alloc();
	struct nl_addr *lladdr = parse_addr(mac, AF_LLC);
	int rc = -NLE_NOMEM;

	if (neigh && lladdr) {
		rtnl_neigh_set_ifindex(neigh, ifindex);
		rtnl_neigh_set_dst(neigh, dst);
		rtnl_neigh_set_lladdr(neigh, lladdr);
		rtnl_neigh_set_state(neigh, NUD_PERMANENT);
		rc = rtnl_neigh_add(sk, neigh, NLM_F_CREATE);
	}
	nl_addr_put(lladdr);
	rtnl_neigh_put(neigh);
	return rc;
}

/* One route of the main table over the veth; @via and @src may be NULL. */
static int add_route(struct nl_sock *sk, struct nl_addr *dst,
		     struct nl_addr *via, struct nl_addr *src)
{
	struct rtnl_route *route = rtnl_route_alloc();
	struct rtnl_nexthop *hop = rtnl_route_nh_alloc();
	int rc = -NLE_NOMEM;

	if (route && hop) {
		rtnl_route_set_family(route, AF_INET);
		rtnl_route_set_table(route, RT_TABLE_MAIN);
		rtnl_route_set_scope(route,
				     via ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK);
		rtnl_route_set_type(route, RTN_UNICAST);
		if (src)
			rtnl_route_set_pref_src(route, src);
		rtnl_route_nh_set_ifindex(hop, VETH_IFINDEX);
		if (via) {
			rtnl_route_nh_set_gateway(hop, via);
			rtnl_route_nh_set_flags(hop, RTNH_F_ONLINK);
		}
		rtnl_route_add_nexthop(route, hop);
		hop = NULL; /* the route's now */
		rc = rtnl_route_set_dst(route, dst);
		if (rc == 0)
			rc = rtnl_route_add(sk, route, NLM_F_CREATE);
	}
	if (hop)
		rtnl_route_nh_free(hop);
	rtnl_route_put(route);
	return rc;
}

/* A route that leads nowhere and says so at once. */
static int add_unreachable(struct nl_sock *sk, struct nl_addr *dst)
{
	struct rtnl_route *route = rtnl_route_alloc();
	int rc = -NLE_NOMEM;

	if (route) {
		rtnl_route_set_family(route, AF_INET);
		rtnl_route_set_table(route, RT_TABLE_MAIN);
		rtnl_route_set_type(route, RTN_UNREACHABLE);
		rc = rtnl_route_set_dst(route, dst);
		if (rc == 0)
			rc = rtnl_route_add(sk, route, NLM_F_CREATE);
	}
	rtnl_route_put(route);
	return rc;
}

int netns_end_configure(int rtnl, const struct netns_end *self,
			const struct netns_end *peer, struct fault *f)
{
	autosock struct nl_sock *sk = sock_over(rtnl, f);
	struct nl_addr *own, *other;
	int rc;

	if (!sk)
		return -ENOMEM;
	own = parse_addr(self->address, AF_INET);
	other = parse_addr(peer->address, AF_INET);
	rc = own && other ? 0 : -NLE_INVAL;
	if (rc == 0)
		rc = add_address(sk, VETH_IFINDEX, own);
	if (rc == 0)
		rc = link_up(sk, VETH_IFINDEX);
	if (rc == 0)
		rc = add_neighbour(sk, VETH_IFINDEX, other, peer->mac);
	if (rc == 0)
		rc = add_route(sk, other, NULL, own);
	nl_addr_put(own);
	nl_addr_put(other);
	return rc < 0 ? nl_fault(f, rc, "configure", self->device) : 0;
}

int netns_default_route(int rtnl, const struct netns_end *self,
			const struct netns_end *peer, struct fault *f)
{
	autosock struct nl_sock *sk = sock_over(rtnl, f);
	struct nl_addr *all, *crowd, *via;
	int rc;

	if (!sk)
		return -ENOMEM;
	all = parse_addr("0.0.0.0/0", AF_INET);
	/* multicast, the reserved class and broadcast */
	crowd = parse_addr("224.0.0.0/3", AF_INET);
	via = parse_addr(peer->address, AF_INET);
	rc = all && crowd && via ? 0 : -NLE_INVAL;
	if (rc == 0)
		rc = add_unreachable(sk, crowd);
	if (rc == 0)
		rc = add_route(sk, all, via, NULL);
	nl_addr_put(all);
	nl_addr_put(crowd);
	nl_addr_put(via);
	return rc < 0 ? nl_fault(f, rc, "add the default route of",
				 self->device)
		      : 0;
}
