/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tor/await.h - wait for tor's bootstrap, by its events */
#ifndef TOR_AWAIT_H
#define TOR_AWAIT_H

#include "base/fault.h"

struct tor_progress; /* tor/instance.h */
struct tor_talk;     /* tor/talk.h */

/**
 * tor_await_bootstrap() - until 100 %
 * @t: logged in; afterwards it gets events
 * @stall_ms: give up when the percentage has stood still for so long
 * @total_ms: give up after so long in any case
 * @progress: told each change; may be NULL
 *
 * Return: 0, -ETIMEDOUT (@f names phase and cause) or -errno.
 */
int tor_await_bootstrap(struct tor_talk *t, int stall_ms, int total_ms,
			const struct tor_progress *progress, struct fault *f);

#endif
