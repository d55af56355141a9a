/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ctl/owners.h - whose circuit is it, and is it only theirs */
#ifndef CTL_OWNERS_H
#define CTL_OWNERS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/ctlmsg.h"
#include "base/fault.h"

struct sandboxes;   /* ctl/sandboxes.h */
struct tor_circset; /* tor/circmap.h */

/* One launch, as its supervisor said. */
struct owner {
	char launch[GWMSG_LAUNCH_LEN + 1]; /* of the label of its nonces */
	char identity[CTLMSG_IDENTITY_BYTES];
	char application[CTLMSG_APPLICATION_BYTES]; /* hostile */
	pid_t pid;                                  /* of the supervisor */
};

/* Zero-initialised is empty. */
struct owners {
	struct owner *v;
	size_t n;
};

/* Whom a circuit serves, or served. */
struct ownership {
	char identities[160];   /* separated by ", "; "": not known */
	char applications[320]; /* likewise; hostile */
	bool ours;              /* some credentials are isolate's */
	/* It serves two that must not meet: identities, launches, or one of
	 * isolate's and somebody else. */
	bool is_shared;
	char why[560]; /* ... which; hostile */
};

/**
 * owners_add() - those that answered; who has ended since is still known
 */
void owners_add(struct owners *o, const struct sandboxes *s);

/**
 * owners_update() - ask those that run now, and add them
 * @timeout_ms: as for sandboxes_status()
 *
 * Return: 0 or -errno.
 */
int owners_update(struct owners *o, int timeout_ms, struct fault *f);

/**
 * owners_judge() - who uses a circuit, by the label in the password and by
 * the SocksPort; pure
 *
 * Two launches with one label, of two identities, make it shared: nobody
 * could tell them apart, nor can tor.
 */
void owners_judge(const struct owners *o, const struct tor_circset *set,
		  struct ownership *who);

void owners_free(struct owners *o);

#endif
