/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tor/onion.h - onion services on a control connection */
#ifndef TOR_ONION_H
#define TOR_ONION_H

#include <stdbool.h>

#include "base/fault.h"
#include "base/gwmsg.h"

struct tor_talk; /* tor/talk.h */

/* What tor does with a service: it ends with the control connection that it
 * was made on (control-spec s3.27; Detach is never said). */
struct tor_onion {
	char service[GWMSG_ONION_ID_LEN + 1];
	bool has_key; /* one was made: @key */
	uint8_t key[GWMSG_ONION_KEY_BYTES];
};

/**
 * tor_onion_command() - ADD_ONION, to a unix socket for each port; pure
 * @o: flags are not looked at: the key is always told
 * @paths: as many as @o has ports
 * @command: set to malloc'd text, caller frees
 *
 * Return: 0, -EINVAL (a path that cannot be said on this command's line: tor
 * splits it at white space and knows no quotes there), or -ENOMEM.
 */
int tor_onion_command(const struct gwmsg_onion *o, const char *const *paths,
		      char **command);

/**
 * tor_onion_add() - have tor serve it
 * @t: logged in
 * @made: set on success
 *
 * Return: 0; -EEXIST (it is served already); or -errno.
 */
int tor_onion_add(struct tor_talk *t, const struct gwmsg_onion *o,
		  const char *const *paths, struct tor_onion *made,
		  struct fault *f);

/**
 * tor_onion_del() - have it end
 * @service: of this control connection
 */
int tor_onion_del(struct tor_talk *t, const char *service, struct fault *f);

/**
 * tor_onion_watch() - be told of descriptors from now on
 */
int tor_onion_watch(struct tor_talk *t, struct fault *f);

/**
 * tor_onion_event() - is this line about the descriptor of a service; pure
 * @text: of a line with code 650
 * @e: set on true
 *
 * Those about fetching one are not, for they are about who visits; some of
 * their failures look like a service's, and only the ones that cannot be
 * another's count.
 */
bool tor_onion_event(const char *text, struct gwmsg_event *e);

#endif
