/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/init.h - pid 1 of the sandbox: reaps, forwards, reports */
#ifndef LAUNCHER_INIT_H
#define LAUNCHER_INIT_H

#include <stdbool.h>
#include <sys/types.h>

#include "launcher/sandbox.h"

/**
 * init_confine() - give up what pid 1 does not need; a step of enter.c
 *
 * All capabilities, all descriptors but its own, the command line that
 * others can read of it.
 *
 * Return: 0 or -errno.
 */
int init_confine(struct sandbox *sb, struct fault *f);

/**
 * init_release() - wait for sync 4, let the application's process exec
 *
 * Return: 0 or -errno.
 */
int init_release(struct sandbox *sb, struct fault *f);

/**
 * init_run() - what pid 1 does for the rest of its life, confined
 * @app: the application, which runs or is about to
 *
 * Ends when the application ends or the supervisor is gone; nothing is left
 * in the namespace then.
 */
_Noreturn void init_run(pid_t app);

#endif
