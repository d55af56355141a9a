/* SPDX-License-Identifier: GPL-3.0-or-later */
/* base/ctlmsg.h - what isolatectl asks of a supervisor that runs */
#ifndef BASE_CTLMSG_H
#define BASE_CTLMSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/gwmsg.h"

/*
 * Each supervisor listens on a SOCK_SEQPACKET socket in this directory below
 * the runtime directory; its name is random. One request and one answer of
 * these sizes make a conversation. Both ends are of one build and one user
 * (SO_PEERCRED); names that begin with a dot are not ready yet.
 */
#define CTLMSG_DIR "sandboxes"
#define CTLMSG_IDENTITY_BYTES 36
#define CTLMSG_UPSTREAM_BYTES 128
#define CTLMSG_APPLICATION_BYTES 64

enum ctlmsg_type {
	CTLMSG_UNSET = 0,
	/* a new nonce, if it runs as @identity */
	CTLMSG_NEWNYM,
	/* what it is and what its gateway has counted, if it runs as
	 * @identity or that is "" */
	CTLMSG_STATUS,
};

struct ctlmsg_request {
	uint32_t type; /* enum ctlmsg_type */
	uint32_t reserved;
	char identity[CTLMSG_IDENTITY_BYTES]; /* ends in NUL */
};

struct ctlmsg_answer {
	/* 0, or a positive errno. ENOENT: it is of another identity, and
	 * nothing else is set. EAGAIN: done as soon as the gateway listens */
	int32_t err;
	uint32_t number;                   /* of the nonce from now on */
	char launch[GWMSG_LAUNCH_LEN + 4]; /* of its label; ends in NUL */
	/* the SocksPort; "" where there is no network */
	char upstream[CTLMSG_UPSTREAM_BYTES];
	char identity[CTLMSG_IDENTITY_BYTES]; /* ends in NUL */
	/* any bytes, cut to what fits; ends in NUL */
	char application[CTLMSG_APPLICATION_BYTES];
	uint64_t age_ms; /* since the application runs */
	/* CLOCK_MONOTONIC, when @stats came; 0: they are not known. They are
	 * those of the question before: nobody waits for a gateway */
	uint64_t stats_ms;
	struct gwmsg_stats stats;
};

/**
 * ctlmsg_request_is_valid() - is this a request; pure
 * @len: bytes received
 */
bool ctlmsg_request_is_valid(const struct ctlmsg_request *m, size_t len);

/**
 * ctlmsg_answer_is_valid() - is this an answer; pure
 */
bool ctlmsg_answer_is_valid(const struct ctlmsg_answer *m, size_t len);

#endif
