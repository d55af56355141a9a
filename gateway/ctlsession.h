/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gateway/ctlsession.h - a conversation on the control port, without a socket
 */
#ifndef GATEWAY_CTLSESSION_H
#define GATEWAY_CTLSESSION_H

#include "base/gwmsg.h"
#include "gateway/ctlgrammar.h"

/* What everybody is told: a version says something about a machine. It knows
 * what the commands of ours need (client authorization: 0.4.6.1). */
#define CTL_VERSION "0.4.8.16"
/* The longest answer is onions/current of as many services. */
#define CTL_ANSWER_MAX 1024
#define CTL_OUT_MAX (2 * CTL_ANSWER_MAX)
/* Services of one connection at once. */
#define CTL_ONIONS_MAX 8

/* Of this sandbox; what the gateway knows itself. */
struct ctl_facts {
	uint16_t socks[GWMSG_CONTROL_SOCKS_MAX]; /* 0: none */
	const struct gwmsg_stats *stats;
};

struct ctlsession {
	enum gwmsg_level level;
	const struct ctl_facts *facts;
	bool authenticated;
	bool waiting;    /* for ctlsession_answer(): no line is read */
	bool closing;    /* nothing is read any more, only written */
	bool eof;        /* the client ended its half */
	uint32_t events; /* enum ctl_event bits */
	struct ctl_command command; /* @waiting: what for */
	size_t nonions;
	char onions[CTL_ONIONS_MAX][GWMSG_ONION_ID_LEN + 1];
	size_t in_len;
	size_t out_len; /* not yet written; always from @out's first byte */
	uint8_t in[CTL_LINE_MAX + 2];
	char out[CTL_OUT_MAX];
};

/**
 * ctlsession_init() - before the first byte
 * @level: not GWMSG_LEVEL_UNSET
 * @facts: must outlive it; read when it answers
 */
void ctlsession_init(struct ctlsession *s, enum gwmsg_level level,
		     const struct ctl_facts *facts);

/**
 * ctlsession_room() - where to put bytes that were read
 * @room: set to how many fit; 0 where none are wanted now
 */
uint8_t *ctlsession_room(struct ctlsession *s, size_t *room);

/**
 * ctlsession_run() - do what whole lines say, as far as their answers fit
 * @ask: set on true
 *
 * Call it again after more bytes, an answer, or when some of @s->out was
 * written.
 *
 * Return: true once where the supervisor has to be asked; ctlsession_answer()
 * must follow.
 */
bool ctlsession_run(struct ctlsession *s, struct gwmsg_ask *ask);

/**
 * ctlsession_answer() - what the supervisor said
 * @err: 0 or a positive errno
 * @a: of the kind that was asked for
 */
void ctlsession_answer(struct ctlsession *s, int err,
		       const struct gwmsg_answer *a);

/**
 * ctlsession_newnym() - an event for those who want it
 */
void ctlsession_newnym(struct ctlsession *s);

/**
 * ctlsession_onion(), ctlsession_bandwidth() - events for those who want them
 * @read, @written: bytes of this sandbox since the last time
 */
void ctlsession_onion(struct ctlsession *s, const struct gwmsg_event *e);
void ctlsession_bandwidth(struct ctlsession *s, uint64_t read,
			  uint64_t written);

/**
 * ctlsession_written() - @n bytes of @s->out were
 */
void ctlsession_written(struct ctlsession *s, size_t n);

/**
 * ctlsession_is_over() - nothing to do, nothing to come
 */
bool ctlsession_is_over(const struct ctlsession *s);

/**
 * ctlsession_is_idle() - is the next move the client's, and may it take its
 * time: logged in, no line begun, all answers taken
 */
bool ctlsession_is_idle(const struct ctlsession *s);

#endif
