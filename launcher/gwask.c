/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/gwask.c - what the control port of a sandbox needs of the host */
#include "launcher/gwask.h"

#include <errno.h>
#include <string.h>

#include "tor/deadline.h"
#include "tor/state.h"

#define TIMEOUT_MS 1000
#define FRESH_MS 1000
/* a tor that hangs must not hold the supervisor up for half of the time */
#define FAILED_MS 10000

static int read_state(struct gwask *a, const struct tor_upstream *upstream,
		      struct gwmsg_state *state)
{
	if (tor_deadline_left(a->until_ms) == 0) {
		a->err = -tor_state_read(upstream, TIMEOUT_MS, &a->state);
		a->until_ms = tor_deadline_in(a->err ? FAILED_MS : FRESH_MS);
	}
	if (a->err == 0)
		*state = a->state;
	return a->err;
}

bool gwask_answer(struct gwask *a, const struct tor_upstream *upstream,
		  const char *nonce, const struct gwmsg *ask,
		  struct gwmsg *answer)
{
	*answer = (struct gwmsg){ .type = GWMSG_ANSWER,
				  .id = ask->id,
				  .answer = { .kind = ask->ask.kind } };
	switch ((enum gwmsg_ask_kind)ask->ask.kind) {
	case GWMSG_ASK_STATE:
		answer->err = read_state(a, upstream, &answer->answer.state);
		return true;
	case GWMSG_ASK_NEWNYM:
		answer->err = nonce ? 0 : EIO;
		if (nonce)
			memcpy(answer->answer.nonce, nonce,
			       GWMSG_NONCE_LEN + 1);
		return true;
	case GWMSG_ASK_ADD_ONION:
	case GWMSG_ASK_DEL_ONION:
	case GWMSG_ASK_END:
	case GWMSG_ASK_UNSET:
	case GWMSG_ASKS:
	default:
		return false;
	}
}
