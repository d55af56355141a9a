/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/outer.h - the first process in U0: makes G, becomes the gateway */
#ifndef LAUNCHER_OUTER_H
#define LAUNCHER_OUTER_H

#include "launcher/sandbox.h"

/* The outer side's end of everything; the parent made it all. */
struct outer {
	int sync;        /* to the supervisor */
	int setup;       /* to the setup process: sync 2 */
	int gateway;     /* becomes the gateway's GWMSG_FD */
	int gateway_exe; /* the program isolate-gateway, open */
};

/**
 * outer_run() - the outer process's life, right after clone(CLONE_NEWUSER)
 *
 * Clones the setup process (a sibling: CLONE_PARENT) into a pid and a time
 * namespace of its own, makes G and its listeners, and execs the gateway.
 * Without a network it ends as soon as the setup process is there.
 */
_Noreturn void outer_run(struct outer *o, struct sandbox *sb);

/**
 * outer_exec_gateway() - become the gateway; also used for a restart
 * @exe: the program; @control: its GWMSG_FD
 *
 * In U0 and G already. Returns only on failure: -errno.
 */
int outer_exec_gateway(int exe, int control);

#endif
