/* SPDX-License-Identifier: GPL-3.0-or-later */
/* netns/path.c - which way a packet would take (rtnetlink) */
#include "netns/path.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include "base/fd.h"
#include "netns/link.h"

/* By hand: the caller is about to be replaced, a library would be loaded for
 * this alone. */
struct question {
	struct nlmsghdr head;
	struct rtmsg body;
	struct rtattr attr;
	struct in_addr dst;
};

struct answer {
	struct nlmsghdr head;
	union {
		struct nlmsgerr error;
		struct rtmsg route;
		char bytes[1024];
	};
};

static int read_route(struct answer *a, struct in_addr *via)
{
	int left = (int)RTM_PAYLOAD(&a->head);

	via->s_addr = 0;
	for (struct rtattr *at = RTM_RTA(&a->route); RTA_OK(at, left);
	     at = RTA_NEXT(at, left)) {
		/* more than one way, or one that is no IPv4 address */
		if (at->rta_type == RTA_MULTIPATH || at->rta_type == RTA_VIA)
			return -EPROTO;
		if (at->rta_type == RTA_GATEWAY &&
		    RTA_PAYLOAD(at) == sizeof(*via))
			memcpy(via, RTA_DATA(at), sizeof(*via));
	}
	return 0;
}

int netns_path_find(struct in_addr dst, struct in_addr *via, struct fault *f)
{
	const struct question q = {
		.head = { .nlmsg_len = sizeof(q),
			  .nlmsg_type = RTM_GETROUTE,
			  .nlmsg_flags = NLM_F_REQUEST },
		.body = { .rtm_family = AF_INET, .rtm_dst_len = 32 },
		.attr = { .rta_len = RTA_LENGTH(sizeof(dst)),
			  .rta_type = RTA_DST },
		.dst = dst,
	};
	autoclose int fd = netns_rtnl_open();
	struct answer a = { 0 };
	ssize_t n;

	if (fd < 0)
		return fault_set(f, fd, "open a netlink socket");
	if (send(fd, &q, sizeof(q), 0) < 0)
		return fault_set(f, errno, "ask for a route");
	n = recv(fd, &a, sizeof(a), 0);
	if (n < 0)
		return fault_set(f, errno, "ask for a route");
	if (!NLMSG_OK(&a.head, (size_t)n))
		return fault_set(f, EPROTO, "ask for a route");
	if (a.head.nlmsg_type == NLMSG_ERROR && a.error.error < 0)
		return fault_set(f, a.error.error, "ask for a route");
	if (a.head.nlmsg_type != RTM_NEWROUTE || read_route(&a, via) < 0)
		return fault_set(f, EPROTO, "ask for a route");
	return 0;
}
