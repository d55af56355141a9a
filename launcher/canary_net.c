/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/canary_net.c - the canary's look at the network */
#include "launcher/canary_net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "launcher/facade.h"
#include "launcher/look.h"
#include "netns/path.h"

/* Exactly the loopback and, with a network, the one end of the veth. */
static int check_interfaces(struct sandbox *sb, struct fault *f)
{
	char text[4096], *line, *rest = text;
	bool found = false;
	int rc = look_slurp("/proc/self/net/dev", text, sizeof(text), f);

	if (rc < 0)
		return rc;
	while ((line = strsep(&rest, "\n"))) {
		char *colon = strchr(line, ':');

		line += strspn(line, " ");
		/* two lines of headings have a | instead */
		if (!colon || strchr(line, '|'))
			continue;
		*colon = '\0';
		if (strcmp(line, FACADE_SELF_DEVICE) == 0 && sb->plan->network)
			found = true;
		else if (strcmp(line, "lo") != 0 &&
			 !(strncmp(line, "tunl0", 5) == 0 ||
			   strncmp(line, "sit0", 4) == 0))
			return look_differs(f, "interfaces", line);
	}
	return found == sb->plan->network
		       ? 0
		       : look_differs(f, "interfaces", "the veth is missing");
}

/* A route as /proc/net/route shows it, addresses as text. */
struct route {
	const char *device, *destination, *gateway, *mask;
	bool transparent; /* promised in that mode only */
};

static const struct route promised_routes[] = {
	{ FACADE_SELF_DEVICE, FACADE_GATEWAY, "0.0.0.0", "255.255.255.255",
	  false },
	{ FACADE_SELF_DEVICE, "0.0.0.0", FACADE_GATEWAY, "0.0.0.0", true },
	/* nowhere: what nobody would refuse (netns_default_route()) */
	{ "*", "224.0.0.0", "0.0.0.0", "224.0.0.0", true },
};

static bool is_address(const char *field, const char *address)
{
	char hex[16];

	snprintf(hex, sizeof(hex), "%08X", inet_addr(address));
	return strcmp(field, hex) == 0;
}

/* Which of the promised routes is a line of /proc/net/route? -1: none. */
static int find_route(char *line)
{
	enum {
		DEVICE,
		DESTINATION,
		GATEWAY,
		MASK = 7,
		NFIELDS
	};
	char *fields[NFIELDS];

	for (int i = 0; i < NFIELDS; i++) {
		fields[i] = strsep(&line, "\t");
		if (!fields[i])
			return -1;
	}
	for (size_t i = 0; i < ARRAY_SIZE(promised_routes); i++) {
		const struct route *r = &promised_routes[i];

		if (strcmp(fields[DEVICE], r->device) == 0 &&
		    is_address(fields[DESTINATION], r->destination) &&
		    is_address(fields[GATEWAY], r->gateway) &&
		    is_address(fields[MASK], r->mask))
			return (int)i;
	}
	return -1;
}

/* Those of the mode, each once, and no other. */
static int check_routes(struct sandbox *sb, struct fault *f)
{
	char text[4096], *line, *rest = text;
	unsigned int found = 0, promised = 0;
	int rc = look_slurp("/proc/self/net/route", text, sizeof(text), f);

	if (rc < 0)
		return rc;
	for (size_t i = 0; i < ARRAY_SIZE(promised_routes); i++)
		if (sb->plan->network &&
		    (!promised_routes[i].transparent || sb->plan->transparent))
			promised |= 1U << i;
	strsep(&rest, "\n"); /* the heading */
	while ((line = strsep(&rest, "\n"))) {
		int i;

		if (!*line)
			continue;
		i = find_route(line);
		if (i < 0 || !(promised >> i & 1))
			return look_differs(f, "routes", "one leads elsewhere");
		if (found >> i & 1)
			return look_differs(f, "routes", "one is there twice");
		found |= 1U << i;
	}
	return found == promised
		       ? 0
		       : look_differs(f, "routes",
				      "one to the gateway is missing");
}

static int check_no_ipv6(struct sandbox *sb, struct fault *f)
{
	char text[4096] = "";

	(void)sb;
	if (access("/proc/self/net/if_inet6", F_OK) < 0)
		return errno == ENOENT ? 0 : fault_set(f, errno, "see IPv6");
	if (look_slurp("/proc/self/net/if_inet6", text, sizeof(text), f) < 0)
		return -f->err;
	return *text ? look_differs(f, "IPv6", "an interface has an address")
		     : 0;
}

/* Answers come at once; the link may still be coming up. */
#define REFUSAL_MS 1
#define REFUSAL_TRIES 1000

/* A connected UDP socket: does the other side say no? */
static bool is_refused(int sock)
{
	for (int i = 0; i < REFUSAL_TRIES; i++) {
		struct pollfd p = { .fd = sock };
		socklen_t len = sizeof(int);
		int err = 0;

		if (send(sock, "", 1, 0) < 0)
			return errno == EHOSTUNREACH;
		if (poll(&p, 1, REFUSAL_MS) <= 0)
			continue;
		getsockopt(sock, SOL_SOCKET, SO_ERROR, &err, &len);
		return err == EHOSTUNREACH;
	}
	return false;
}

/* Transparent: all goes to the gateway, whose netns refuses what it does not
 * take; without its rules a packet would vanish. */
static int check_only_way(int sock, struct in_addr to, struct fault *f)
{
	struct in_addr via;
	int rc = netns_path_find(to, &via, f);

	if (rc < 0)
		return rc;
	if (via.s_addr != inet_addr(FACADE_GATEWAY))
		return look_differs(f, "topology",
				    "there is another way than the gateway");
	return is_refused(sock)
		       ? 0
		       : look_differs(f, "topology",
				      "the gateway's side refuses nothing");
}

/* What topology promises, tried: an address of the internet has no route, or
 * none but to the gateway. */
static int check_unreachable(struct sandbox *sb, struct fault *f)
{
	const struct sockaddr_in v4 = {
		.sin_family = AF_INET,
		.sin_port = htons(443),
		.sin_addr.s_addr = htonl(0xcb007101), /* 203.0.113.1 */
	};
	const struct sockaddr_in6 v6 = {
		.sin6_family = AF_INET6,
		.sin6_port = htons(443),
		.sin6_addr.s6_addr = { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 },
	};
	autoclose int s4 = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	autoclose int s6 = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool connected = s4 >= 0 && connect(s4, (const struct sockaddr *)&v4,
					    sizeof(v4)) == 0;

	if (s6 >= 0 &&
	    connect(s6, (const struct sockaddr *)&v6, sizeof(v6)) == 0)
		return look_differs(f, "topology", "there is an IPv6 route");
	if (connected && !sb->plan->transparent)
		return look_differs(f, "topology",
				    "there is a route to the internet");
	if (!connected && sb->plan->transparent)
		return look_differs(f, "topology", "there is no route");
	return sb->plan->transparent ? check_only_way(s4, v4.sin_addr, f) : 0;
}

int canary_check_network(struct sandbox *sb, struct fault *f)
{
	static int (*const checks[])(struct sandbox *, struct fault *) = {
		check_interfaces,
		check_routes,
		check_no_ipv6,
		check_unreachable,
	};

	for (size_t i = 0; i < ARRAY_SIZE(checks); i++) {
		int rc = checks[i](sb, f);

		if (rc < 0)
			return rc;
	}
	return 0;
}
