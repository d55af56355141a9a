/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tor/client.h - a lasting conversation with a control socket (libevent) */
#ifndef TOR_CLIENT_H
#define TOR_CLIENT_H

#include <limits.h>

#include "base/fault.h"
#include "tor/reply.h"

struct event_base;
struct tor_client;

struct tor_client_config {
	char path[108]; /* of the control socket */
	/* of the tor that is meant: it has to prove that it knows this one;
	 * "": the one that it names, or none */
	char cookie_file[PATH_MAX];
	char events[128]; /* for SETEVENTS at each log-in; "": none */
	int timeout_ms;   /* for the log-in, and for each answer */
	int retry_min_ms; /* after a failure; doubled at each one more */
	int retry_max_ms; /* ... up to that */
};

/* Nothing here may free the client; it may end the loop. */
struct tor_client_hooks {
	/* logged in, at first and after each reconnect */
	void (*ready)(void *arg);
	/* it failed or ended, all answers that were due have failed; it is
	 * tried again in @retry_ms */
	void (*lost)(void *arg, const struct fault *f, int retry_ms);
	/* an asynchronous event; may be NULL */
	void (*event)(void *arg, const struct tor_reply *event);
};

/**
 * tor_client_new() - connect and log in, now and whenever it is lost
 * @base: borrowed
 * @config: copied
 * @hooks: copied; called from the loop with @arg, never from here
 *
 * Return: tor_client_free() it; NULL: no memory.
 */
struct tor_client *tor_client_new(struct event_base *base,
				  const struct tor_client_config *config,
				  const struct tor_client_hooks *hooks,
				  void *arg);

/**
 * tor_client_ask() - send a command
 * @command: without line break
 * @answered: called once from the loop: @err 0 and the reply, good or bad
 *            (@reply->code), or -errno and NULL
 *
 * Answers come in the order of the questions. Return: 0; -ENOTCONN (not
 * logged in); -EINVAL (a line break); -EBUSY (too many are due); -ENOMEM.
 */
int tor_client_ask(struct tor_client *c, const char *command,
		   void (*answered)(void *arg, int err,
				    const struct tor_reply *reply),
		   void *arg);

/**
 * tor_client_free() - end the conversation; answers that are due never come
 * @c: may be NULL
 */
void tor_client_free(struct tor_client *c);

#endif
