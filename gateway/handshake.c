/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gateway/handshake.c - from the client's first byte to tor's answer */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/fd.h"
#include "gateway/conn.h"
#include "gateway/control.h"
#include "gateway/http.h"
#include "gateway/lookup.h"
#include "gateway/stage.h"
#include "gateway/transparent.h"

_Static_assert(CLIENT_MAX >= SOCKS_IN_MAX && CLIENT_MAX >= HTTP_IN_MAX,
	       "a whole message fits");

/* Without functions: the client says nothing and is told nothing. */
struct protocol {
	enum socks_step (*feed)(struct socks *s, const uint8_t *in, size_t len,
				size_t *used, uint8_t *out, size_t *out_len);
	size_t (*reply)(const struct socks *s, const struct socks_reply *r,
			uint8_t *out);
};

/* By enum gwmsg_listener_kind; control.c lets no other kind in. */
static const struct protocol protocols[] = {
	[GWMSG_LISTEN_SOCKS] = { socks_feed, socks_reply_encode },
	[GWMSG_LISTEN_HTTP] = { http_feed, http_reply_encode },
	[GWMSG_LISTEN_TRANSPARENT] = { NULL, NULL },
	/* what these ask of tor has no client: lookup.c */
	[GWMSG_LISTEN_DNS_UDP] = { NULL, NULL },
	[GWMSG_LISTEN_DNS_TCP] = { NULL, NULL },
	/* nor has this anything to do with a stream: ctlport.c */
	[GWMSG_LISTEN_CONTROL] = { NULL, NULL },
};

void handshake_init(struct handshake *hs, const struct listener *l)
{
	hs->protocol = &protocols[l->kind];
	socks_init(&hs->socks, l->gw->allow_internal);
	hs->isolate = l->isolate;
	hs->flags = l->flags;
	hs->serial = ++l->gw->serial;
	hs->start = hs->end = UPSTREAM_OUT_MAX;
	hs->reply_len = 0;
}

static uint32_t conn_id(const struct conn *c)
{
	return (uint32_t)c->generation << 16 | (uint32_t)(c - c->gw->conns);
}

/* Short replies into a buffer that was empty: all or nothing. */
static bool send_client(struct conn *c, const void *bytes, size_t len)
{
	return len == 0 ||
	       send(c->client, bytes, len, MSG_NOSIGNAL) == (ssize_t)len;
}

static size_t encode_reply(const struct conn *c, const struct socks_reply *r,
			   uint8_t *out)
{
	const struct protocol *p = c->hs->protocol;

	return p->reply ? p->reply(&c->hs->socks, r, out) : 0;
}

/* The last word to a client; who cannot be told one sees a reset. */
static void say_last(struct conn *c, const struct socks_reply *r)
{
	uint8_t out[SOCKS_OUT_MAX];
	size_t len = encode_reply(c, r, out);

	if (len > 0 && send_client(c, out, len))
		conn_linger(c);
	else
		conn_abort(c);
}

void handshake_fail(struct conn *c, uint8_t code)
{
	struct socks_reply r = { .code = code };

	say_last(c, &r);
}

/* -EAGAIN where not all could be written. */
int handshake_flush(struct conn *c)
{
	struct handshake *hs = c->hs;

	while (hs->start < hs->end) {
		ssize_t n = send(c->upstream, hs->buf + hs->start,
				 hs->end - hs->start, MSG_NOSIGNAL);

		if (n < 0)
			return -errno;
		hs->start += (size_t)n;
	}
	return 0;
}

/* An internal address that a name resolves to is refused as well: a name
 * must not become the application's way to learn or reach one. */
static void check_answer(struct conn *c, struct socks_reply *r)
{
	struct destination d;
	enum destination_verdict v = DESTINATION_OK;

	if (r->code != SOCKS_OK || c->hs->socks.command == SOCKS_CONNECT)
		return;
	if (r->atyp == SOCKS_ATYP_V4)
		v = destination_from_v4(r->addr, &d);
	else if (r->atyp == SOCKS_ATYP_V6)
		v = destination_from_v6(r->addr, &d);
	else
		v = destination_from_name((const char *)r->addr, r->len, &d);
	if (v == DESTINATION_INVALID ||
	    (v == DESTINATION_INTERNAL && !c->gw->allow_internal)) {
		c->gw->stats.refused_internal++;
		r->code = SOCKS_HOST_UNREACHABLE;
	}
}

/* Tor sends its extended codes where its port says ExtendedErrors; who did not
 * ask for them gets those of RFC 1928. */
static uint8_t reply_code(const struct handshake *hs, uint8_t code)
{
	bool extended = hs->flags & GWMSG_EXTENDED_ERRORS &&
			code >= SOCKS_EXTENDED_MIN &&
			code <= SOCKS_EXTENDED_MAX;

	return code <= SOCKS_BAD_ADDRESS || extended ? code : SOCKS_FAILURE;
}

static void give_answer(struct conn *c, struct socks_reply *r, size_t used)
{
	uint8_t out[SOCKS_OUT_MAX + UPSTREAM_IN_MAX + EARLY_MAX];
	struct handshake *hs = c->hs;
	size_t len, early;

	check_answer(c, r);
	r->code = reply_code(hs, r->code);
	if (c->lookup) {
		struct lookup *lookup = c->lookup;

		c->lookup = NULL;
		conn_free(c);
		lookup_done(lookup, r);
		return;
	}
	if (r->code != SOCKS_OK || hs->socks.command != SOCKS_CONNECT) {
		say_last(c, r);
		return;
	}
	len = encode_reply(c, r, out);
	early = hs->reply_len - used;
	memcpy(out + len, hs->reply + used, early);
	if (!send_client(c, out, len + early)) {
		conn_abort(c);
		return;
	}
	c->gw->stats.bytes_down += early;
	event_del(&c->timer);
	c->stage = CONN_RELAY;
	spare_refill(c->gw);
	conn_relay(c);
}

void handshake_answered(struct conn *c)
{
	struct handshake *hs = c->hs;
	enum upstream_step step;
	struct socks_reply r;
	size_t used = 0;

	do {
		ssize_t n = recv(c->upstream, hs->reply + hs->reply_len,
				 sizeof(hs->reply) - hs->reply_len, 0);

		if (n < 0 && errno == EAGAIN)
			return;
		if (n <= 0) {
			handshake_fail(c, SOCKS_FAILURE);
			return;
		}
		hs->reply_len += (size_t)n;
		step = upstream_parse(hs->reply, hs->reply_len, &used, &r);
	} while (step == UPSTREAM_MORE);
	if (step == UPSTREAM_BAD)
		handshake_fail(c, SOCKS_FAILURE);
	else
		give_answer(c, &r, used);
}

static void send_request(struct conn *c)
{
	struct handshake *hs = c->hs;
	const struct destination *d = &hs->socks.destination;
	struct upstream_key key = { .nonce = c->gw->nonce,
				    .isolate = hs->isolate,
				    .connection = hs->serial,
				    .destination = d,
				    .auth = &hs->socks.auth };
	char password[UPSTREAM_PASSWORD_LEN];
	uint8_t head[UPSTREAM_OUT_MAX];
	size_t len;

	c->gw->stats.bytes_up += hs->end - hs->start;
	upstream_password(&key, password);
	len = upstream_encode(hs->socks.command, d, password, head);
	/* what the client sent is never before UPSTREAM_OUT_MAX */
	hs->start -= len;
	memcpy(hs->buf + hs->start, head, len);
	conn_on_upstream(c->upstream, EV_WRITE, c);
}

static struct conn *find(struct gateway *gw, uint32_t id)
{
	uint32_t slot = id & 0xffff;
	struct conn *c;

	if (slot >= gw->nconns)
		return NULL;
	c = &gw->conns[slot];
	return c->stage == CONN_DIAL && conn_id(c) == id ? c : NULL;
}

/* Where to, and a socket to tor, are there. */
static void begin_upstream(struct conn *c, int fd)
{
	c->upstream = fd;
	c->stage = CONN_UPSTREAM;
	event_assign(&c->ev_upstream, c->gw->base, fd,
		     EV_READ | EV_WRITE | EV_ET | EV_PERSIST, conn_on_upstream,
		     c);
	if (event_add(&c->ev_upstream, NULL) < 0) {
		c->gw->stats.refused_limit++;
		handshake_fail(c, SOCKS_FAILURE);
		return;
	}
	send_request(c);
}

void conn_dialed(struct gateway *gw, uint32_t id, int fd)
{
	struct conn *c = find(gw, id);

	if (fd >= 0 && fd_set_nonblock(fd, 1) < 0)
		fd_replace(&fd, -1);
	if (id == SPARE_ID) {
		spare_put(gw, fd);
		return;
	}
	if (fd < 0)
		gw->stats.dial_failures++;
	if (!c)
		fd_close(fd);
	else if (fd < 0)
		handshake_fail(c, SOCKS_FAILURE);
	else
		begin_upstream(c, fd);
}

/* Every way to a stream comes past here, after the built-in refusal. */
static bool is_refused(struct conn *c)
{
	const struct socks *s = &c->hs->socks;
	uint16_t port = s->command == SOCKS_CONNECT ? s->destination.port : 0;

	return !report_allows(c->gw, &s->destination, port);
}

void handshake_dial(struct conn *c)
{
	int fd;

	if (is_refused(c)) {
		handshake_fail(c, SOCKS_NOT_ALLOWED);
		return;
	}
	c->stage = CONN_DIAL;
	conn_set_timer(c, c->lookup ? GATEWAY_LOOKUP : GATEWAY_UPSTREAM);
	if (c->stage != CONN_DIAL)
		return;
	fd = spare_take(c->gw);
	if (fd >= 0)
		begin_upstream(c, fd);
	else if (control_dial(c->gw, conn_id(c)) < 0)
		conn_queue_join(c, &c->gw->dials);
}

void conn_dials(struct gateway *gw)
{
	struct conn *c;

	while ((c = TAILQ_FIRST(&gw->dials)) &&
	       control_dial(gw, conn_id(c)) == 0)
		conn_queue_leave(c);
}

/* True while more bytes of the client's are wanted. */
static bool feed_client(struct conn *c)
{
	struct handshake *hs = c->hs;
	uint8_t out[SOCKS_OUT_MAX];
	size_t used, out_len;
	enum socks_step step =
		hs->protocol->feed(&hs->socks, hs->buf + hs->start,
				   hs->end - hs->start, &used, out, &out_len);

	hs->start += used;
	if (!send_client(c, out, out_len)) {
		conn_abort(c);
		return false;
	}
	switch (step) {
	case SOCKS_MORE:
		return true;
	case SOCKS_REQUEST:
		handshake_dial(c);
		return false;
	case SOCKS_REFUSE_DESTINATION:
		c->gw->stats.refused_internal++;
		report_refused(c->gw, &hs->socks.destination,
			       hs->socks.destination.port,
			       GWMSG_REASON_INTERNAL);
		break;
	case SOCKS_REFUSE:
	default:
		c->gw->stats.refused_protocol++;
		break;
	}
	conn_linger(c);
	return false;
}

void handshake_read(struct conn *c)
{
	struct handshake *hs = c->hs;

	do {
		ssize_t n;

		/*
		 * Used bytes are given back as room. One message is at most
		 * SOCKS_IN_MAX long and is used or refused when it is whole,
		 * so there always is some.
		 */
		memmove(hs->buf + UPSTREAM_OUT_MAX, hs->buf + hs->start,
			hs->end - hs->start);
		hs->end -= hs->start - UPSTREAM_OUT_MAX;
		hs->start = UPSTREAM_OUT_MAX;
		n = recv(c->client, hs->buf + hs->end,
			 sizeof(hs->buf) - hs->end, 0);
		if (n < 0 && errno == EAGAIN)
			return;
		if (n <= 0) {
			conn_free(c);
			return;
		}
		hs->end += (size_t)n;
	} while (feed_client(c));
}

void handshake_begin(struct conn *c)
{
	if (c->hs->protocol->feed)
		handshake_read(c);
	else
		transparent_begin(c);
}
