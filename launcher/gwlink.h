/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/gwlink.h - the supervisor's end of isolate-gateway */
#ifndef LAUNCHER_GWLINK_H
#define LAUNCHER_GWLINK_H

#include <poll.h>
#include <stdbool.h>
#include <sys/types.h>

#include "base/gwmsg.h"
#include "launcher/gwask.h"
#include "launcher/onions.h"
#include "launcher/plan.h"
#include "launcher/refused.h"
#include "tor/upstream.h"

/* Restarts before the sandbox is left offline, and the time they count in. */
#define GWLINK_RESTARTS_MAX 5
#define GWLINK_RESTART_WINDOW_S 60

struct gwlink {
	const struct plan *plan;
	const struct tor_upstream *upstream;
	struct refused *refused; /* who hears of GWMSG_REFUSED; may be NULL */
	struct onions *onions;   /* who is asked about them; may be NULL */
	char nonce[GWMSG_NONCE_LEN + 1];
	struct gwask ask;
	uint32_t number;   /* of the nonce in this launch, from 1; 0: none */
	bool nonce_due;    /* @nonce could not be sent yet */
	pid_t pid;         /* of the gateway, 0: none */
	int control;       /* our end of its GWMSG_FD, -1: none */
	int exe;           /* the program, open */
	int diag;          /* of tor_owner_check() */
	int userns, netns; /* U0 and G: to start it anew */
	int listeners[GWMSG_LISTENERS_MAX]; /* in the order of @kinds */
	struct gwmsg_listener kinds[GWMSG_LISTENERS_MAX];
	size_t nlisteners;
	bool ready;
	bool told_of_stranger; /* that the upstream is somebody else's */
	bool waiting;          /* @answer could not be sent yet */
	struct gwmsg answer;
	int answer_fd;
	unsigned int restarts;    /* since @window_start */
	struct gwmsg_stats stats; /* of this gateway, as it says */
	int64_t stats_ms;    /* CLOCK_MONOTONIC, when they came; 0: never */
	bool stats_due;      /* it was asked */
	long window_start_s; /* CLOCK_MONOTONIC */
};

/**
 * gwlink_init() - no gateway, no descriptors
 */
void gwlink_init(struct gwlink *g);

/**
 * gwlink_new_nonce() - the next nonce, the first one too; circuits are new
 * from now on
 *
 * Return: 0; -EAGAIN: a gateway that runs will hear of it as soon as it
 * reads; or -errno: the nonce is as it was.
 */
int gwlink_new_nonce(struct gwlink *g);

/**
 * gwlink_take_listeners() - take the listeners over
 * @fds: in the plan's order, as many as it has; become the link's
 *
 * Return: 0 or -E2BIG.
 */
int gwlink_take_listeners(struct gwlink *g, const int *fds);

/**
 * gwlink_add_control() - one more listener of the control port
 * @fd: taken over in any case
 *
 * Return: 0 or -E2BIG.
 */
int gwlink_add_control(struct gwlink *g, int fd);

/**
 * gwlink_configure() - send the configuration, the listeners and the rules
 */
int gwlink_configure(struct gwlink *g, struct fault *f);

/**
 * gwlink_wait_ready() - block until the gateway is confined and serves
 *
 * Return: 0, or -errno with the gateway's own fault in @f.
 */
int gwlink_wait_ready(struct gwlink *g, struct fault *f);

/**
 * gwlink_ask_stats() - have it say its counters, for the next time
 *
 * Never waits: @g->stats are new once gwlink_run() has heard the answer. They
 * are what a process says that reads hostile bytes: for people to look at.
 */
void gwlink_ask_stats(struct gwlink *g);

/**
 * gwlink_poll_fd() - what to wait for
 */
struct pollfd gwlink_poll_fd(const struct gwlink *g);

/**
 * gwlink_run() - serve its requests; called when poll(2) says so
 *
 * Return: 0, or -EPIPE: the gateway is gone, or has broken the protocol and
 * was killed; gwlink_restart() comes next.
 */
int gwlink_run(struct gwlink *g);

/**
 * gwlink_restart() - a new gateway on the same listeners
 * @f: says why not
 *
 * Return: 0; -EAGAIN: too many in a short time, the sandbox stays offline;
 * or -errno.
 */
int gwlink_restart(struct gwlink *g, struct fault *f);

/**
 * gwlink_give_up() - there will be no gateway: close its listeners
 */
void gwlink_give_up(struct gwlink *g);

/**
 * gwlink_close() - let go; the gateway ends when nobody holds its socket
 */
void gwlink_close(struct gwlink *g);

#endif
