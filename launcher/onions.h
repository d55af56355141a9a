/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/onions.h - the onion services of one sandbox */
/*
 * DOC: Theory of Operation
 *
 *   visitor -- tor -- unix socket of ours -- supervisor
 *                                               | both ends, by SCM_RIGHTS
 *   application -- 127.0.0.1 in A ------- isolate-gateway
 *
 * The supervisor takes tor's connection, makes one into A (launcher/inbound.h)
 * and gives both to the gateway, which relays. It reads no byte of either.
 *
 * A service lives as long as the control connection that it was made on, and
 * that is ours, for this sandbox alone: whatever ends us, even kill -9, ends
 * the services, and no other sandbox can name one of them. Where tor itself is
 * lost they are made again, with their keys, as soon as it is back.
 *
 * What an application asks for on its control port belongs to the client that
 * asked, and ends with it. How many there are, and how often one is added, is
 * bounded: each costs tor circuits.
 */
#ifndef LAUNCHER_ONIONS_H
#define LAUNCHER_ONIONS_H

#include <poll.h>
#include <stdbool.h>

#include "base/gwmsg.h"
#include "launcher/inbound.h"
#include "launcher/onionport.h"
#include "launcher/plan.h"

struct tor_talk;     /* tor/talk.h */
struct tor_upstream; /* tor/upstream.h */

/* Of a sandbox at once. */
#define ONIONS_MAX 16
/* That many may be added at once, then one each second. */
#define ONIONS_BURST 16
/* Kept for a gateway that does not read; what comes then is not told. */
#define ONIONS_EVENTS_MAX 64

struct onion {
	bool used;
	bool up;            /* tor serves it */
	bool of_profile;    /* else of @owner */
	uint32_t owner;     /* id of its GWMSG_ASK */
	unsigned int taken; /* so often another served it, 2: and more */
	char service[GWMSG_ONION_ID_LEN + 1];
	struct gwmsg_onion wanted; /* with its key, once tor has made one */
	struct onionport ports[GWMSG_ONION_PORTS_MAX];
};

struct onions {
	const struct plan *plan;
	const struct tor_upstream *upstream;
	struct inbound inbound;
	struct tor_talk *talk; /* NULL: there is no connection */
	int epoll;             /* of @talk, @timer and ports; -1: none used */
	int timer;             /* when to try again, -1 */
	int64_t paced_ms;  /* CLOCK_MONOTONIC: how far adding has run ahead */
	int64_t hung_ms;   /* ...: until then, tor is taken to hang */
	struct onion *all; /* ONIONS_MAX; NULL: none used */
	size_t nevents;
	struct gwmsg_event events[ONIONS_EVENTS_MAX];
};

/**
 * onions_init() - none
 * @o: zeroed by the caller
 */
void onions_init(struct onions *o, const struct plan *plan);

/**
 * onions_add() - have a service for this sandbox
 * @wanted: its ports, clients and, maybe, key
 * @ask_id: of the client; NULL: the profile's own, there until the end
 * @made: set to it on success
 *
 * Blocks while tor answers, for a client a second or two at most, at a launch
 * ten times that; a tor that did not is left alone for ten seconds.
 *
 * Return: a service of @o's; NULL with @f set (-EEXIST: somebody serves this
 * key; -EBUSY: too many, or too often; -ENOENT: not with this tor; -ETIMEDOUT:
 * it hangs).
 */
const struct onion *onions_add(struct onions *o,
			       const struct gwmsg_onion *wanted,
			       const uint32_t *ask_id, struct fault *f);

/**
 * onions_ask() - answer a question about services
 * @ask: of one of their kinds, checked by gwmsg_recv()
 * @answer: set on true
 *
 * Return: false where there is nothing to say.
 */
bool onions_ask(struct onions *o, const struct gwmsg *ask,
		struct gwmsg *answer);

/**
 * onions_end_clients() - the gateway, and with it every client, is gone
 */
void onions_end_clients(struct onions *o);

/**
 * onions_poll_fd() - what to wait for
 */
struct pollfd onions_poll_fd(const struct onions *o);

/**
 * onions_run() - visitors, events and a tor that left; never blocks for
 * longer than onions_add()
 * @control: of the gateway, -1: none
 */
void onions_run(struct onions *o, int control);

/**
 * onions_tell() - send the events that are due
 *
 * Return: 0, or -errno (-EAGAIN: some are still due).
 */
int onions_tell(struct onions *o, int control);

/**
 * onions_close() - end them all
 */
void onions_close(struct onions *o);

#endif
