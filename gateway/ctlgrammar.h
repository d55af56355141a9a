/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gateway/ctlgrammar.h - one line of tor's control protocol, typed (pure) */
#ifndef GATEWAY_CTLGRAMMAR_H
#define GATEWAY_CTLGRAMMAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/gwmsg.h"

/*
 * Of a line without its end. The longest that is of use has a key, eight
 * ports and four clients: 11 + 88 + 8 * 33 + 4 * 66.
 */
#define CTL_LINE_MAX 1024
#define CTL_KEYS_MAX 3

enum ctl_verb {
	CTL_REFUSED = 0, /* no such command, or not at this level */
	CTL_PROTOCOLINFO,
	CTL_AUTHENTICATE,
	CTL_AUTHCHALLENGE,
	CTL_QUIT,
	CTL_GETINFO,
	CTL_GETCONF,
	CTL_SETCONF, /* to what it is: nothing is done */
	CTL_SETEVENTS,
	CTL_NEWNYM,
	CTL_ADD_ONION,
	CTL_DEL_ONION,
};

/* What GETINFO answers. */
enum ctl_key {
	CTL_KEY_UNSET = 0,
	CTL_KEY_VERSION,
	CTL_KEY_CIRCUIT,
	CTL_KEY_ENOUGH_DIR_INFO,
	CTL_KEY_BOOTSTRAP,
	CTL_KEY_LIVENESS,
	CTL_KEY_SOCKS,
	CTL_KEY_VALID_AFTER,
	CTL_KEY_FRESH_UNTIL,
	CTL_KEY_VALID_UNTIL,
	CTL_KEY_READ,
	CTL_KEY_WRITTEN,
	CTL_KEY_ONIONS,
	CTL_KEY_EVENTS,
};

/* Events that are sent; all others that may be set never happen here. */
enum ctl_event {
	CTL_EVENT_SIGNAL = 1 << 0,
	CTL_EVENT_BW = 1 << 1,
	CTL_EVENT_HS_DESC = 1 << 2,
};

/* Everything that is left of a line. */
struct ctl_command {
	enum ctl_verb verb;
	bool before_login; /* it may come before AUTHENTICATE */
	size_t nkeys;      /* GETINFO */
	enum ctl_key keys[CTL_KEYS_MAX];
	const char *setting;                  /* GETCONF: what is answered */
	uint32_t events;                      /* enum ctl_event bits */
	char service[GWMSG_ONION_ID_LEN + 1]; /* DEL_ONION */
	struct gwmsg_onion onion;             /* ADD_ONION */
};

/**
 * ctl_parse() - read one line
 * @level: what is not for it is refused
 * @line: @len bytes without the line's end, any bytes at all
 * @c: overwritten
 *
 * A line is taken as a whole or refused: one space between words, nothing but
 * printable ASCII, no word more than the grammar has. No bytes of it are kept
 * but numbers, key material and an onion service's name, each checked.
 *
 * Pure: no system call, no allocation.
 */
void ctl_parse(enum gwmsg_level level, const uint8_t *line, size_t len,
	       struct ctl_command *c);

/**
 * ctl_key_name() - as it is asked for and answered
 */
const char *ctl_key_name(enum ctl_key key);

/**
 * ctl_event_name() - the @i'th event that may be asked for
 *
 * Return: NULL past the last one of that level.
 */
const char *ctl_event_name(enum gwmsg_level level, size_t i);

/**
 * ctl_key_is_tors() - does only tor know, not the gateway
 */
bool ctl_key_is_tors(enum ctl_key key);

#endif
