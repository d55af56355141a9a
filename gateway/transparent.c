/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gateway/transparent.c - where a redirected connection was going */
#include "gateway/transparent.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

/* after <netinet/in.h>, or both define the same */
#include <linux/netfilter_ipv4.h>

#include "gateway/names.h"
#include "gateway/stage.h"

/* Connection tracking remembers it; without a redirect there is none. */
static int original_destination(int fd, struct sockaddr_in *to)
{
	socklen_t len = sizeof(*to);

	memset(to, 0, sizeof(*to));
	if (getsockopt(fd, SOL_IP, SO_ORIGINAL_DST, to, &len) < 0)
		return -errno;
	return len == sizeof(*to) && to->sin_family == AF_INET ? 0 : -EPROTO;
}

/* Into @d; a name that an address stands for is held. */
static enum destination_verdict judge(struct conn *c, const uint8_t addr[4],
				      struct destination *d)
{
	const char *name;

	/* a virtual one that means nothing (any more) is internal as well */
	if (!names_is_virtual(addr) || names_hold(c->gw->names, addr) < 0)
		return destination_from_v4(addr, d);
	memcpy(c->held, addr, sizeof(c->held));
	c->holds = true;
	name = names_find(c->gw->names, addr);
	return destination_from_name(name, strlen(name), d);
}

void transparent_begin(struct conn *c)
{
	struct socks *s = &c->hs->socks;
	struct sockaddr_in to;

	s->command = SOCKS_CONNECT;
	/* one that was not redirected has none */
	if (original_destination(c->client, &to) < 0 || to.sin_port == 0) {
		c->gw->stats.refused_protocol++;
		conn_abort(c);
		return;
	}
	s->destination.port = ntohs(to.sin_port);
	if (judge(c, (const uint8_t *)&to.sin_addr, &s->destination) !=
	    DESTINATION_OK) {
		c->gw->stats.refused_internal++;
		report_refused(c->gw, &s->destination, s->destination.port,
			       GWMSG_REASON_INTERNAL);
		conn_abort(c);
		return;
	}
	handshake_dial(c);
}
