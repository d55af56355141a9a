/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/enter.h - the child's side of a launch, in order */
#ifndef LAUNCHER_ENTER_H
#define LAUNCHER_ENTER_H

#include <stdio.h>

#include "launcher/sandbox.h"

struct outer; /* launcher/outer.h */

/* Which process runs a step. */
enum enter_side {
	ENTER_SIDE_UNSET = 0,
	ENTER_OUTER, /* the first in U0: becomes the gateway */
	ENTER_SETUP, /* pid 1, before there is another process */
	ENTER_INIT,  /* pid 1, while the application's process prepares */
	ENTER_APP,   /* the application's process, until it is replaced */
};

struct enter_step {
	enum enter_side side;
	const char *name; /* in faults, --dry-run and tests */
	union {
		int (*run)(struct sandbox *sb, struct fault *f);
		int (*outer)(struct outer *o, struct fault *f);
	};
};

/* In the order they run; ends with a NULL name. */
extern const struct enter_step enter_steps[];

/**
 * enter_run_steps() - run the steps of one side, up to one that fails
 * @arg: struct outer for ENTER_OUTER, else struct sandbox
 * @f: @f->stage is the step's name
 *
 * Return: 0 or -errno.
 */
int enter_run_steps(enum enter_side side, void *arg, struct fault *f);

/**
 * enter_run() - the whole child's side, in the new pid namespace
 *
 * Runs the steps of ENTER_SETUP and forks the application's process, which
 * runs those of ENTER_APP and is replaced by the command. Those of
 * ENTER_INIT run at the same time, and the application's process waits for
 * their end in its step "init". A step that fails is told to the
 * supervisor, and nothing runs.
 */
_Noreturn void enter_run(struct sandbox *sb);

/**
 * enter_print() - the steps by name, for --dry-run
 */
void enter_print(FILE *out);

#endif
