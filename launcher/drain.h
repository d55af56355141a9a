/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/drain.h - waiting for whom the last output is for */
#ifndef LAUNCHER_DRAIN_H
#define LAUNCHER_DRAIN_H

#include <stdbool.h>

/**
 * drain_wait() - wait until @fd takes more, as long as that takes
 *
 * A reader that is slow loses nothing; a person who has seen enough ends it
 * with a signal (SIGINT, SIGQUIT, SIGTERM, SIGHUP), which the caller has
 * blocked. @fd comes first where both are the case.
 *
 * Return: false when it was a signal.
 */
bool drain_wait(int fd);

#endif
