/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/process.h - what a process inherits: session, limits, descriptors */
#ifndef LAUNCHER_PROCESS_H
#define LAUNCHER_PROCESS_H

#include "base/fault.h"
#include "launcher/sandbox.h"

/*
 * Each is a step of the child's side (enter.c), which says why it stands where
 * it stands. All return 0 or -errno with @f set.
 */

/** process_start_session() - away from the user's terminal, with an own pty */
int process_start_session(struct sandbox *sb, struct fault *f);

/** process_take_terminal() - a process group of its own; descriptors 0-2 */
int process_take_terminal(struct sandbox *sb, struct fault *f);

/** process_limit() - the plan's limits, lowered to what is allowed; niceness */
int process_limit(struct sandbox *sb, struct fault *f);

/** process_leave_keyring() - a session keyring of its own (keyctl(2)) */
int process_leave_keyring(struct sandbox *sb, struct fault *f);

/** process_reset_signals() - default handlers, nothing blocked */
int process_reset_signals(struct sandbox *sb, struct fault *f);

/** process_close_descriptors() - all but 0-2 and, until exec, its pipe */
int process_close_descriptors(struct sandbox *sb, struct fault *f);

/**
 * process_raise_files() - our own soft limit of descriptors up to the hard one
 *
 * Not a step: for the supervisor, at its start. What an application has in
 * flight over unix sockets counts for all processes of the user, and who has
 * no higher limit than that can pass no descriptor on: process_limit() sees to
 * the difference. Failing is no harm in itself.
 */
void process_raise_files(void);

#endif
