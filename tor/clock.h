/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tor/clock.h - is the clock of this computer right; it is never set */
/*
 * DOC: Theory of Operation
 *
 * There are three witnesses. Tor's relays tell theirs while tor bootstraps
 * (CLOCK_SKEW events, from half an hour on): that is recorded, with how far
 * the clock was from the time since boot, so that it can be said later as
 * well, and no longer once somebody has set the clock. A consensus that is
 * valid only from some time in the future: then our clock is behind at least by
 * that. And one that by our clock was no longer valid when it came, although
 * tor is online and had the time to fetch another: then it is ahead. One that
 * grew old here says nothing: tor was dormant, or offline, or the computer
 * slept.
 */
#ifndef TOR_CLOCK_H
#define TOR_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "base/fault.h"

struct tor_home; /* tor/home.h */
struct tor_talk; /* tor/talk.h */

/* Less is not worth a word: tor does not mind, and no relay is exact. */
#define TOR_CLOCK_NOTEWORTHY_S 120

/**
 * tor_clock_is_off() - is it worth a word
 * @skew_s: by how much, positive: our clock is ahead
 */
bool tor_clock_is_off(long skew_s);

/**
 * tor_clock_say() - what is wrong, and what to do
 * @skew_s: tor_clock_is_off()
 * @text: one printable line
 */
void tor_clock_say(long skew_s, char *text, size_t len);

/**
 * tor_clock_parse() - "YYYY-MM-DD HH:MM:SS" in UTC, as tor writes it
 *
 * Return: 0 or -EPROTO.
 */
int tor_clock_parse(const char *text, time_t *when);

/**
 * tor_clock_judge() - what a consensus says of the clock
 * @arrived: when it came; 0: that is not known, or there was no time for a
 *           newer one
 *
 * Return: the least skew in seconds, 0: it may be right.
 */
long tor_clock_judge(time_t now, time_t valid_after, time_t valid_until,
		     time_t arrived);

/**
 * tor_clock_record() - keep what relays said, 0: nothing
 *
 * That it cannot be kept is no failure: it is found again.
 */
void tor_clock_record(const struct tor_home *h, long skew_s);

/**
 * tor_clock_read() - by how much the clock is off, by all three
 * @t: logged in
 * @skew_s: set on success; 0: nothing is known to be wrong
 *
 * Return: 0 or -errno.
 */
int tor_clock_read(const struct tor_home *h, struct tor_talk *t, long *skew_s,
		   struct fault *f);

#endif
