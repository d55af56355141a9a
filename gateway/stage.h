/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gateway/stage.h - what the stages of one connection share; see conn.c */
#ifndef GATEWAY_STAGE_H
#define GATEWAY_STAGE_H

#include "gateway/gateway.h"
#include "gateway/relay.h"
#include "gateway/socks.h"
#include "gateway/upstream.h"

/* Of the client's handshake, then of its optimistic data. */
#define CLIENT_MAX 2048
/* What a server may say right behind tor's answer, in the same read. */
#define EARLY_MAX 512

enum conn_stage {
	CONN_UNUSED = 0,
	CONN_CLIENT,
	CONN_DIAL,
	CONN_UPSTREAM,
	CONN_RELAY,
	CONN_LINGER,
};

struct lookup;
struct protocol;

struct handshake {
	const struct protocol *protocol; /* what the listener speaks */
	struct socks socks;
	uint32_t isolate; /* enum gwmsg_isolate bits of the listener */
	uint32_t flags;   /* enum gwmsg_listener_flag bits of it */
	uint64_t serial;
	/*
	 * Client's bytes between @start and @end. The request to tor is
	 * later put right before them, so that both go in one write.
	 */
	size_t start;
	size_t end;
	uint8_t buf[UPSTREAM_OUT_MAX + CLIENT_MAX];
	size_t reply_len;
	uint8_t reply[UPSTREAM_IN_MAX + EARLY_MAX];
};

struct conn {
	struct gateway *gw;
	enum conn_stage stage;
	uint16_t generation; /* which use of this slot, part of the id */
	int client;          /* -1: the question is our own, for @lookup */
	int upstream;
	struct lookup *lookup; /* to be told how it ends, or NULL */
	bool inbound;          /* a visitor of an onion service */
	bool holds;            /* the name of @held, until the end */
	uint8_t held[4];
	struct event ev_client;
	struct event ev_upstream;
	struct event timer;
	struct handshake *hs;
	struct relay up;
	struct relay down;
	struct conn_queue *queue; /* the one it is in, or NULL */
	TAILQ_ENTRY(conn) link;
};

/**
 * conn_take() - an unused slot, NULL at the limit
 */
struct conn *conn_take(struct gateway *gw);

/**
 * conn_free() - close it all, at once; the slot is unused again
 *
 * This and what calls it (conn_abort(), conn_linger(), conn_set_timer(), every
 * handshake_ and conn_relay()) leave @c->stage CONN_UNUSED when it is gone.
 */
void conn_free(struct conn *c);

/**
 * conn_abort() - conn_free(), and the client sees a reset
 */
void conn_abort(struct conn *c);

/**
 * conn_linger() - end of stream, then wait for the client to take it in
 */
void conn_linger(struct conn *c);

/**
 * conn_drain() - throw away what a lingering client still sends
 */
void conn_drain(struct conn *c);

/**
 * conn_set_timer() - (re)start the one timer of a connection
 */
void conn_set_timer(struct conn *c, enum gateway_timeout which);

/**
 * conn_queue_join() - at the end of @q, unless it is in there already
 */
void conn_queue_join(struct conn *c, struct conn_queue *q);

/**
 * conn_queue_leave() - be in no queue
 */
void conn_queue_leave(struct conn *c);

/**
 * conn_is_gone() - has the peer left for good, not only ended its half
 */
bool conn_is_gone(int fd);

/**
 * conn_relay() - move what can be moved, end what has ended
 */
void conn_relay(struct conn *c);

/**
 * conn_on_upstream() - the upstream socket's event callback
 */
void conn_on_upstream(evutil_socket_t fd, short what, void *arg);

/**
 * handshake_init() - before the first byte
 */
void handshake_init(struct handshake *hs, const struct listener *l);

/**
 * handshake_begin() - stage CLIENT: find out where the client wants to go
 */
void handshake_begin(struct conn *c);

/**
 * handshake_dial() - the destination is known: ask for an upstream socket
 */
void handshake_dial(struct conn *c);

/**
 * handshake_read() - stage CLIENT: the client's part, as far as it came
 */
void handshake_read(struct conn *c);

/**
 * handshake_flush() - write the request and the optimistic data to tor
 *
 * Return: 0, -EAGAIN where not all could be written, or -errno.
 */
int handshake_flush(struct conn *c);

/**
 * handshake_answered() - stage UPSTREAM: tor's answer, as far as it came
 */
void handshake_answered(struct conn *c);

/**
 * handshake_fail() - tell the client, and linger
 * @code: enum socks_code
 *
 * A client without a protocol of its own sees a reset.
 */
void handshake_fail(struct conn *c, uint8_t code);

#endif
