/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/outer.h - the first process in U0: makes the network, serves it */
#ifndef LAUNCHER_OUTER_H
#define LAUNCHER_OUTER_H

#include <sys/types.h>

#include "launcher/sandbox.h"
#include "launcher/wire.h"

/* The outer side's end of everything; the parent made it all. */
struct outer {
	int sync;        /* to the supervisor */
	int setup;       /* to the setup process: sync 2 */
	int gateway;     /* becomes the gateway's GWMSG_FD */
	int gateway_exe; /* the program isolate-gateway, open */
	struct wire wire;
	struct sandbox *sb; /* what the setup process starts from */
};

/**
 * outer_run() - the outer process's life, right after clone(CLONE_NEWUSER)
 *
 * Runs the steps of ENTER_OUTER (enter.c), the last of which becomes
 * isolate-gateway; without a network it ends.
 */
_Noreturn void outer_run(struct outer *o);

/* Its steps, in the order of enter.c. */
int outer_make_time_namespace(struct outer *o, struct fault *f);
/** outer_clone_setup() - the setup process, a sibling, as pid 1 (clone3(2)) */
int outer_clone_setup(struct outer *o, struct fault *f);
int outer_make_gateway_netns(struct outer *o, struct fault *f);
int outer_make_app_netns(struct outer *o, struct fault *f);
int outer_harden(struct outer *o, struct fault *f);
int outer_start_loopback(struct outer *o, struct fault *f);
/** outer_send_netns() - sync 2 */
int outer_send_netns(struct outer *o, struct fault *f);
int outer_load_redirect(struct outer *o, struct fault *f);
int outer_connect(struct outer *o, struct fault *f);
/** outer_hand_over() - sync 3 */
int outer_hand_over(struct outer *o, struct fault *f);
/** outer_become_gateway() - sync 1; returns only on failure, or no network */
int outer_become_gateway(struct outer *o, struct fault *f);
/**
 * outer_exec_gateway() - become the gateway; also used for a restart
 * @exe: the program; @control: its GWMSG_FD
 *
 * In U0 and G already. Returns only on failure: -errno.
 */
int outer_exec_gateway(int exe, int control);

#endif
