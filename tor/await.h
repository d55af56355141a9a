/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tor/await.h - wait for tor's bootstrap, by its events */
#ifndef TOR_AWAIT_H
#define TOR_AWAIT_H

#include "base/fault.h"

struct tor_home;     /* tor/home.h */
struct tor_progress; /* tor/instance.h */
struct tor_talk;     /* tor/talk.h */

/**
 * tor_await_bootstrap() - until 100 %
 * @t: logged in; afterwards it gets events
 * @h: its configuration has the times; what is heard of the clock is kept
 * @progress: told each change; may be NULL
 *
 * Return: 0, -ETIMEDOUT (@f names phase and cause) or -errno.
 */
int tor_await_bootstrap(struct tor_talk *t, const struct tor_home *h,
			const struct tor_progress *progress, struct fault *f);

#endif
