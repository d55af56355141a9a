/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ctl/sandboxes.h - the supervisors that run, and what they answer */
#ifndef CTL_SANDBOXES_H
#define CTL_SANDBOXES_H

#include <stddef.h>
#include <sys/types.h>

#include "base/ctlmsg.h"
#include "base/fault.h"

struct sandbox_found {
	pid_t pid; /* of the supervisor, by the kernel */
	struct ctlmsg_answer answer;
};

/* Zero-initialised is empty. */
struct sandboxes {
	struct sandbox_found *v;
	size_t n;
};

/**
 * sandboxes_newnym() - give those of one identity new nonces
 * @s: set to those that answered and are of @identity; sandboxes_free() it
 *
 * All are asked before one is waited for; who does not answer within two
 * seconds is left out. Sockets that a killed supervisor left are removed.
 *
 * Return: 0 or -errno (one of them could not do it).
 */
int sandboxes_newnym(struct sandboxes *s, const char *identity,
		     struct fault *f);

/**
 * sandboxes_status() - ask all that run what they are and have counted
 * @s: set to those that answered in time; sandboxes_free() it
 * @timeout_ms: for all together; one that is stopped makes it last so long
 *
 * Their counters are those of the call before, if there was one: call it
 * twice, some milliseconds apart.
 *
 * Return: 0 or -errno.
 */
int sandboxes_status(struct sandboxes *s, int timeout_ms, struct fault *f);

void sandboxes_free(struct sandboxes *s);

#endif
