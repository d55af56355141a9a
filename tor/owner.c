/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tor/owner.c - whose listener a local TCP port is */
#include "tor/owner.h"

#include <bsd/string.h>
#include <ctype.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/account.h"
#include "base/attr.h"
#include "base/fd.h"

/* as Debian, Arch, Fedora and the BSDs name it */
static const char *const tor_accounts[] = { "debian-tor", "tor", "toranon",
					    "_tor" };

/* "0: 0100007F:235A 00000000:0000 0A tx:rx tr:tm->when retrnsmt 107 ..." */
enum {
	FIELD_LOCAL = 1,
	FIELD_STATE = 3,
	FIELD_UID = 7,
	FIELDS,
};

/* the whole of @s as a number of at most @max */
static bool read_number(const char *s, int base, unsigned long max,
			unsigned long *value)
{
	char *end;

	if (!isxdigit((unsigned char)*s))
		return false;
	errno = 0;
	*value = strtoul(s, &end, base);
	return errno == 0 && !*end && *value <= max;
}

bool tor_owner_parse(const char *line, struct tor_listener *l)
{
	char copy[160], *field[FIELDS], *rest = copy, *colon;
	unsigned long addr, port, uid;

	/* a longer line is cut short where nothing is read any more */
	strlcpy(copy, line, sizeof(copy));
	for (int i = 0; i < FIELDS;) {
		field[i] = strsep(&rest, " \n");
		if (!field[i])
			return false;
		i += field[i][0] != '\0';
	}
	/* TCP_LISTEN */
	if (strcmp(field[FIELD_STATE], "0A") != 0)
		return false;
	colon = strchr(field[FIELD_LOCAL], ':');
	if (!colon)
		return false;
	*colon = '\0';
	if (!read_number(field[FIELD_LOCAL], 16, UINT32_MAX, &addr) ||
	    !read_number(colon + 1, 16, UINT16_MAX, &port) ||
	    !read_number(field[FIELD_UID], 10, UINT32_MAX, &uid))
		return false;
	/* printed as the number that the network-order bytes make here */
	l->addr.s_addr = (in_addr_t)addr;
	l->port = (uint16_t)port;
	l->uid = (uid_t)uid;
	return true;
}

bool tor_owner_is_trusted(uid_t uid)
{
	if (uid == 0 || uid == geteuid())
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(tor_accounts); i++) {
		uid_t tor;

		if (account_uid(tor_accounts[i], &tor) == 0 && tor == uid)
			return true;
	}
	return false;
}

/* 127.0.0.1 may answer at a listener's 0.0.0.0 too; the last word is *uid's */
static int find_in_table(const struct sockaddr_in *sin, uid_t *uid)
{
	FILE *table = fopen("/proc/net/tcp", "re");
	autofree char *line = NULL;
	bool exact = false;
	int rc = -ENOENT;
	size_t room = 0;

	if (!table)
		return -errno;
	while (!exact && getline(&line, &room, table) > 0) {
		struct tor_listener l = { .port = 0 };

		if (!tor_owner_parse(line, &l) ||
		    l.port != ntohs(sin->sin_port))
			continue;
		exact = l.addr.s_addr == sin->sin_addr.s_addr;
		if (!exact && l.addr.s_addr != INADDR_ANY)
			continue;
		*uid = l.uid;
		rc = 0;
	}
	fclose(table);
	return rc;
}

/* of a socket's two ends, as sock_diag(7) numbers them */
static void fill_end(const struct sockaddr *addr, __be32 to[4], __be16 *port)
{
	const struct sockaddr_in *sin = (const struct sockaddr_in *)addr;
	const struct sockaddr_in6 *sin6 = (const struct sockaddr_in6 *)addr;

	if (addr->sa_family == AF_INET6) {
		memcpy(to, &sin6->sin6_addr, sizeof(sin6->sin6_addr));
		*port = sin6->sin6_port;
	} else {
		to[0] = sin->sin_addr.s_addr;
		*port = sin->sin_port;
	}
}

static bool is_of_size(const struct nlmsghdr *head, uint16_t type, size_t size)
{
	return head->nlmsg_type == type &&
	       head->nlmsg_len >= NLMSG_LENGTH(size);
}

/*
 * The socket here that takes what comes from @from to @to: a connection's, or
 * the listener that would get it. The kernel looks as for a packet.
 * @answered: of a question there is one answer, also when it is an error; where
 *            this one's did not come, it may come to the next
 */
static int ask_kernel(int diag, const struct sockaddr *to,
		      const struct sockaddr *from, struct inet_diag_msg *found,
		      bool *answered)
{
	struct {
		struct nlmsghdr head;
		struct inet_diag_req_v2 req;
	} ask = {
		.head = { .nlmsg_len = sizeof(ask),
			  .nlmsg_type = SOCK_DIAG_BY_FAMILY,
			  .nlmsg_flags = NLM_F_REQUEST },
		.req = { .sdiag_family = (uint8_t)to->sa_family,
			 .sdiag_protocol = IPPROTO_TCP,
			 .idiag_states = ~0U,
			 .id.idiag_cookie = { INET_DIAG_NOCOOKIE,
					      INET_DIAG_NOCOOKIE } },
	};
	union {
		struct nlmsghdr head;
		char bytes[1024];
	} got;
	ssize_t n;

	fill_end(to, ask.req.id.idiag_src, &ask.req.id.idiag_sport);
	if (from)
		fill_end(from, ask.req.id.idiag_dst, &ask.req.id.idiag_dport);
	/* answered before send() returns: it does not block */
	if (send(diag, &ask, sizeof(ask), 0) < 0)
		return -errno;
	n = recv(diag, &got, sizeof(got), MSG_DONTWAIT);
	if (n < 0)
		return -errno;
	if (!NLMSG_OK(&got.head, (size_t)n))
		return -EPROTO;
	*answered = true;
	if (is_of_size(&got.head, NLMSG_ERROR, sizeof(struct nlmsgerr)))
		return ((struct nlmsgerr *)NLMSG_DATA(&got.head))->error;
	*answered = is_of_size(&got.head, SOCK_DIAG_BY_FAMILY, sizeof(*found));
	if (!*answered)
		return -EPROTO;
	memcpy(found, NLMSG_DATA(&got.head), sizeof(*found));
	return 0;
}

/* By @diag, which is opened if it is -1 and closed when it is out of step. */
static int ask(int *diag, const struct sockaddr *to,
	       const struct sockaddr *from, struct inet_diag_msg *found)
{
	bool answered = false;
	int rc;

	if (*diag < 0)
		*diag = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC,
			       NETLINK_SOCK_DIAG);
	if (*diag < 0)
		return -errno;
	rc = ask_kernel(*diag, to, from, found, &answered);
	if (!answered)
		fd_replace(diag, -1);
	return rc;
}

/* @by_diag: said by sock_diag(7), not by /proc/net/tcp */
static int find(int *diag, const struct sockaddr *addr, uid_t *uid,
		bool *by_diag)
{
	struct inet_diag_msg found = { .idiag_uid = UINT32_MAX };
	int rc = ask(diag, addr, NULL, &found);

	*by_diag = rc == 0;
	if (rc == 0)
		*uid = found.idiag_uid;
	/* a kernel whose module for this may not be loaded says the same */
	if (rc < 0 && addr->sa_family == AF_INET)
		rc = find_in_table((const struct sockaddr_in *)addr, uid);
	return rc;
}

int tor_owner_find(const struct sockaddr *addr, uid_t *uid)
{
	autoclose int diag = -1;
	bool by_diag;

	return find(&diag, addr, uid, &by_diag);
}

int tor_owner_check(int *diag, int fd, uid_t uid)
{
	struct sockaddr_storage here, there;
	socklen_t here_len = sizeof(here), there_len = sizeof(there);
	struct inet_diag_msg peer = { .idiag_uid = UINT32_MAX };
	uid_t listener = (uid_t)-1;
	bool by_diag;
	int rc;

	memset(&here, 0, sizeof(here));
	memset(&there, 0, sizeof(there));
	if (getsockname(fd, (struct sockaddr *)&here, &here_len) < 0 ||
	    getpeername(fd, (struct sockaddr *)&there, &there_len) < 0)
		return -errno;
	/* who has not been accepted belongs to whose listener is there still */
	rc = find(diag, (struct sockaddr *)&there, &listener, &by_diag);
	if (rc < 0)
		return rc == -ENOENT ? -EPERM : rc;
	if (listener != uid)
		return -EPERM;
	rc = ask(diag, (struct sockaddr *)&there, (struct sockaddr *)&here,
		 &peer);
	/* without sock_diag(7) the listener is all that can be known */
	if (rc < 0 && !by_diag)
		return 0;
	if (rc < 0)
		return rc == -ENOENT ? -ECONNRESET : rc;
	/* tor makes its listener as root, and accepts as somebody else; no
	 * inode: not accepted yet */
	if (peer.idiag_state != TCP_LISTEN && peer.idiag_inode &&
	    peer.idiag_uid != uid && !tor_owner_is_trusted(peer.idiag_uid))
		return -EPERM;
	return 0;
}
