/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tor/attach.h - talking to the user's own tor, and to no other */
#ifndef TOR_ATTACH_H
#define TOR_ATTACH_H

#include "base/fault.h"

struct tor_home; /* tor/home.h */
struct tor_talk; /* tor/talk.h */

/**
 * tor_attach() - log in to the instance
 * @h: open; borrowed
 * @t: from tor_talk_init(); its time-out is set
 *
 * Who answers has to know the cookie that lies in our data directory: no pid
 * file and no socket path is believed. Blocks, by the answer time-out of @h.
 *
 * Return: 1, 0 (it does not run) or -errno.
 */
int tor_attach(const struct tor_home *h, struct tor_talk *t, struct fault *f);

#endif
