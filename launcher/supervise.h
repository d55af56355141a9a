/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/supervise.h - the supervisor while the application runs */
#ifndef LAUNCHER_SUPERVISE_H
#define LAUNCHER_SUPERVISE_H

#include "launcher/launch.h"

/**
 * supervise_block_signals() - before the first clone: nothing gets lost
 *
 * What ends a program ends it until supervise() passes it on.
 */
void supervise_block_signals(void);

/**
 * supervise() - serve the gateway, the terminal, the pumps and signals until
 * the application has ended
 * @l: started
 *
 * Sets @l->ended and @l->wait_status, unless pid 1 was killed.
 */
void supervise(struct launch *l);

#endif
