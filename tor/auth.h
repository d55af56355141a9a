/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tor/auth.h - logging in to a control port: what is said and heard; pure */
#ifndef TOR_AUTH_H
#define TOR_AUTH_H

#include <limits.h>
#include <stddef.h>
#include <stdint.h>

#include "tor/control.h"
#include "tor/cookie.h"

/* The longest command of these, with NUL. */
#define TOR_AUTH_COMMAND_MAX 128

/* control-spec s3.21 METHODS */
enum tor_auth_method {
	TOR_AUTH_UNSET = 0,
	TOR_AUTH_NULL = 1 << 0,       /* nothing is asked for */
	TOR_AUTH_COOKIE = 1 << 1,     /* the cookie itself */
	TOR_AUTH_SAFECOOKIE = 1 << 2, /* both prove that they know it */
};

/* Zero-initialised, then read from a reply to PROTOCOLINFO. */
struct tor_auth_info {
	unsigned int methods;       /* enum tor_auth_method bits */
	char cookie_file[PATH_MAX]; /* "" where it named none */
};

/* What the other end answered to AUTHCHALLENGE. */
struct tor_auth_challenge {
	uint8_t hash[TOR_COOKIE_LEN];
	uint8_t nonce[TOR_COOKIE_LEN];
};

/**
 * tor_auth_read_info() - one line of the reply to PROTOCOLINFO 1
 *
 * Return: 0 (also for a line of no interest) or -EPROTO.
 */
int tor_auth_read_info(struct tor_auth_info *info, const struct tor_line *line);

/**
 * tor_auth_choose() - the best method that is offered
 *
 * The cookie itself only where the other end knows nothing better: whoever
 * hears it can use it. Return: TOR_AUTH_UNSET where we know none of them.
 */
enum tor_auth_method tor_auth_choose(const struct tor_auth_info *info);

/**
 * tor_auth_challenge() - the command that asks for a proof
 */
void tor_auth_challenge(const uint8_t nonce[TOR_COOKIE_LEN],
			char command[TOR_AUTH_COMMAND_MAX]);

/**
 * tor_auth_read_challenge() - one line of the reply to that
 *
 * Return: 1 (it is the answer), 0 (another line) or -EPROTO.
 */
int tor_auth_read_challenge(struct tor_auth_challenge *ch,
			    const struct tor_line *line);

/**
 * tor_auth_prove() - the command that proves that we know the cookie
 * @c: cookie and client nonce; the server's nonce is set
 *
 * Return: 0, or -EKEYREJECTED: the other end has not proved that it does,
 * and is told nothing.
 */
int tor_auth_prove(struct tor_cookie *c, const struct tor_auth_challenge *ch,
		   char command[TOR_AUTH_COMMAND_MAX]);

/**
 * tor_auth_tell() - the command that tells the cookie
 */
void tor_auth_tell(const uint8_t cookie[TOR_COOKIE_LEN],
		   char command[TOR_AUTH_COMMAND_MAX]);

#endif
