/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/data/probe_netlink.c - probes that ask the kernel for another network
 */
#include "tests/data/probe.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

/* One request with an answer asked for; 0 or what the kernel said. */
static int netlink_ask(struct nlmsghdr *req)
{
	int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
	struct {
		struct nlmsghdr head;
		struct nlmsgerr error;
		char rest[512];
	} answer;

	if (fd < 0)
		return errno;
	req->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE;
	if (send(fd, req, req->nlmsg_len, 0) < 0 ||
	    recv(fd, &answer, sizeof(answer), 0) < 0)
		return errno;
	if (answer.head.nlmsg_type != NLMSG_ERROR)
		return EPROTO;
	return -answer.error.error;
}

static int try_netlink_address(const struct probe_target *t)
{
	struct {
		struct nlmsghdr head;
		struct ifaddrmsg body;
		struct rtattr attr;
		unsigned char addr[4];
	} req = { .head = { .nlmsg_len = sizeof(req),
			    .nlmsg_type = RTM_NEWADDR },
		  .body = { .ifa_family = AF_INET,
			    .ifa_prefixlen = 32,
			    .ifa_index = 1 },
		  .attr = { .rta_len = RTA_LENGTH(4), .rta_type = IFA_LOCAL },
		  .addr = { 192, 0, 2, 1 } };

	(void)t;
	return netlink_ask(&req.head);
}

static int try_netlink_route(const struct probe_target *t)
{
	struct {
		struct nlmsghdr head;
		struct rtmsg body;
		struct rtattr attr;
		unsigned int oif;
	} req = { .head = { .nlmsg_len = sizeof(req),
			    .nlmsg_type = RTM_NEWROUTE },
		  .body = { .rtm_family = AF_INET,
			    .rtm_table = RT_TABLE_MAIN,
			    .rtm_protocol = RTPROT_STATIC,
			    .rtm_scope = RT_SCOPE_LINK,
			    .rtm_type = RTN_UNICAST },
		  .attr = { .rta_len = RTA_LENGTH(4), .rta_type = RTA_OIF },
		  .oif = 1 };

	(void)t;
	return netlink_ask(&req.head);
}

static int try_netlink_link(const struct probe_target *t)
{
	struct {
		struct nlmsghdr head;
		struct ifinfomsg body;
		struct rtattr info, kind;
		char name[8];
	} req = { .head = { .nlmsg_len = sizeof(req),
			    .nlmsg_type = RTM_NEWLINK },
		  .info = { .rta_len = RTA_LENGTH(12),
			    .rta_type = IFLA_LINKINFO },
		  .kind = { .rta_len = RTA_LENGTH(7),
			    .rta_type = IFLA_INFO_KIND },
		  .name = "bridge" };

	(void)t;
	return netlink_ask(&req.head);
}

static int try_netlink_uevent(const struct probe_target *t)
{
	struct sockaddr_nl nl = { .nl_family = AF_NETLINK, .nl_groups = 1 };
	int fd = socket(AF_NETLINK, SOCK_DGRAM, NETLINK_KOBJECT_UEVENT);

	(void)t;
	if (fd < 0)
		return errno;
	return probe_result(bind(fd, (struct sockaddr *)&nl, sizeof(nl)));
}

const struct probe probe_netlink[] = {
	{ "netlink-address", try_netlink_address },
	{ "netlink-route", try_netlink_route },
	{ "netlink-link", try_netlink_link },
	{ "netlink-uevent", try_netlink_uevent },
	{ NULL, NULL },
};
