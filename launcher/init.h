/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/init.h - pid 1 of the sandbox: reaps, forwards, reports */
#ifndef LAUNCHER_INIT_H
#define LAUNCHER_INIT_H

#include <stdbool.h>
#include <sys/types.h>

#include "launcher/sandbox.h"

/**
 * init_run() - what the setup process does for the rest of its life
 * @app: the application, which runs or is about to
 *
 * Gives up every privilege and descriptor first, wipes the command line
 * that others can read of it, and ends when the application ends or the
 * supervisor is gone; the kernel then kills what is left in the namespace.
 */
_Noreturn void init_run(struct sandbox *sb, pid_t app);

#endif
