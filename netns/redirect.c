/* SPDX-License-Identifier: GPL-3.0-or-later */
/* netns/redirect.c - loads the rules of transparent mode (nfnetlink) */
#include "netns/redirect.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <linux/netlink.h>

#include "base/fd.h"

/*
 * redirect_begin, _ip6, _ip and _end: messages to the kernel, as
 * redirect_gen.c made them with libnftnl when this was built; redirect_rows:
 * what each is, by its number. All there is to do is to send them, which
 * needs no library.
 */
#include "gen/netns_redirect.h"

#define CONNTRACK "/proc/sys/net/netfilter/nf_conntrack_"
#define LAST_ROW (ARRAY_SIZE(redirect_rows) - 1)

/* An answer quotes the message it is about: its head says which that was. */
struct answer {
	struct nlmsghdr head;
	struct nlmsgerr error;
};

static int lacks(struct fault *f, int err, const char *what, const char *module)
{
	fault_set(f, err, "load %s of the redirection", what);
	fault_hint(f,
		   "this kernel has no %s: modprobe %s, as root; or do without "
		   "it: --network socks",
		   module, module);
	return -err;
}

/* Settings of the caller's netns, before anything arrives in it. */
static int tune(struct fault *f)
{
	static const struct {
		const char *path, *value;
		bool optional;
	} rows[] = {
		/* Of ICMP errors the kernel sends few a second, to each host
		 * and to all; a program that tries many addresses would wait
		 * for the rest. */
		{ "/proc/sys/net/ipv4/icmp_ratemask", "0", false },
		/*
		 * What is tracked is the host's memory, up to a limit that only
		 * the host can set: so what is over is forgotten soon, and not
		 * after 30 to 120 s. An answer to a lookup gets back for as
		 * long as resolvers wait for one. Of other states there are
		 * no more than the gateway has connections.
		 *
		 * Not there where the module is yet to be loaded, or before
		 * Linux 5.8, to user namespaces: then the limit alone holds.
		 */
		{ CONNTRACK "udp_timeout", "15", true },
		{ CONNTRACK "udp_timeout_stream", "15", true },
		{ CONNTRACK "tcp_timeout_time_wait", "5", true },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int rc =
			fd_write_file(AT_FDCWD, rows[i].path, 0, rows[i].value);

		if (rc < 0 && !(rc == -ENOENT && rows[i].optional))
			return fault_set(f, rc, "write %s", rows[i].path);
	}
	return 0;
}

int redirect_open(struct fault *f)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
	int rc;

	if (fd < 0)
		return errno == EPROTONOSUPPORT
			       ? lacks(f, errno, "anything", "nf_tables")
			       : fault_set(f, errno,
					   "open a socket to nf_tables");
	rc = tune(f);
	if (rc < 0) {
		fd_close(fd);
		return rc;
	}
	return fd;
}

/* What the kernel says when something it would have to load is not there. */
static bool is_lack(int err)
{
	return err == ENOENT || err == EOPNOTSUPP || err == EAFNOSUPPORT ||
	       err == EPROTONOSUPPORT;
}

static int refused(struct fault *f, uint32_t row, int err)
{
	if (row > LAST_ROW)
		row = 0;
	if (is_lack(err))
		return lacks(f, err, redirect_rows[row].what,
			     redirect_rows[row].module);
	return fault_set(f, err, "load %s of the redirection",
			 redirect_rows[row].what);
}

/*
 * Answers are there when send returns (nfnetlink_rcv_batch()), and come for
 * each message that failed and for the last: with that one, and no other, the
 * rules are in force.
 */
static int hear(int nfnl, struct fault *f)
{
	bool done = false;
	int rc = 0;

	for (;;) {
		struct answer a;
		/* the rest of it is the message in question */
		ssize_t n = recv(nfnl, &a, sizeof(a), MSG_DONTWAIT | MSG_TRUNC);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			break;
		if (n < 0)
			return fault_set(f, errno, "hear of the redirection");
		if ((size_t)n < sizeof(a) || a.head.nlmsg_type != NLMSG_ERROR)
			return fault_set(f, EPROTO, "hear of the redirection");
		/* the first one is the cause of others */
		if (a.error.error < 0 && rc == 0)
			rc = refused(f, a.head.nlmsg_seq, -a.error.error);
		else if (a.error.error == 0 && a.head.nlmsg_seq == LAST_ROW)
			done = true;
	}
	if (rc == 0 && !done)
		return fault_set(f, EPROTO, "hear of the redirection");
	return rc;
}

static bool has_ipv6(void)
{
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	fd_close(fd);
	return fd >= 0 || errno != EAFNOSUPPORT;
}

static struct iovec part(const unsigned char *bytes, size_t len)
{
	/* sendmsg(2) only reads it */
	return (struct iovec){ (void *)(uintptr_t)bytes, len };
}

int redirect_load(int nfnl, struct fault *f)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	struct iovec parts[4];
	struct msghdr msg = { .msg_name = &kernel,
			      .msg_namelen = sizeof(kernel),
			      .msg_iov = parts };

	parts[msg.msg_iovlen++] = part(redirect_begin, sizeof(redirect_begin));
	/* without IPv6 the kernel takes no rules for it, and needs none */
	if (has_ipv6())
		parts[msg.msg_iovlen++] =
			part(redirect_ip6, sizeof(redirect_ip6));
	parts[msg.msg_iovlen++] = part(redirect_ip, sizeof(redirect_ip));
	parts[msg.msg_iovlen++] = part(redirect_end, sizeof(redirect_end));
	if (sendmsg(nfnl, &msg, 0) < 0)
		return fault_set(f, errno, "send the redirection");
	return hear(nfnl, f);
}
