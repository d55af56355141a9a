/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/launch.h - the parent's side of a launch */
#ifndef LAUNCHER_LAUNCH_H
#define LAUNCHER_LAUNCH_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/fault.h"
#include "launcher/ctlsock.h"
#include "launcher/gwlink.h"
#include "launcher/home.h"
#include "launcher/onions.h"
#include "launcher/outer.h"
#include "launcher/refused.h"
#include "launcher/sandbox.h"
#include "launcher/stdio.h"
#include "launcher/terminal.h"

struct store;

/* The parent's live handles. */
struct launch {
	const struct plan *plan;
	bool verbose;
	struct sandbox sb; /* the child's side gets a copy by clone */
	struct stdio stdio;
	struct terminal terminal;
	struct gwlink gateway;
	struct ctlsock ctlsock;
	struct refused refused;
	struct onions onions;
	struct home home;
	struct outer outer;
	int data_dirfd;
	int setup_sync, outer_sync; /* our ends */
	int exec_pipe;              /* read end */
	int mntns;                  /* the sandbox's mounts */
	pid_t outer_pid;            /* 0: none, or reaped */
	pid_t setup;                /* pid 1 of the sandbox; 0: none */
	struct store *store;
	int64_t launch_id; /* in the ledger, 0: not recorded */
	int wait_status;   /* of the application, once it has ended */
	bool ended;
};

/**
 * launch_init() - nothing open, nothing running
 * @l: zeroed by the caller: it is large, and what is not touched costs nothing
 * @plan: borrowed
 */
void launch_init(struct launch *l, const struct plan *plan);

/**
 * launch_prepare() - everything that must be there before the first clone
 * @upstream: reachable a moment ago; borrowed for the launch's life
 *
 * Return: 0 or -errno. Nothing runs yet.
 */
int launch_prepare(struct launch *l, const struct tor_upstream *upstream,
		   struct fault *f);

/**
 * launch_begin() - start to make the sandbox; does not wait
 * @argv: main()'s: its memory is wiped in pid 1
 *
 * What comes next, the identity and its ledger, is looked up meanwhile.
 *
 * Return: 0 or -errno. launch_stop() in either case.
 */
int launch_begin(struct launch *l, char **argv, struct fault *f);

/**
 * launch_complete() - find the home, record the launch, run the application
 * @f: the fault of whichever side failed
 *
 * The plan has its identity now; @l->data_dirfd and @l->store are set.
 * Blocks until the application has been exec'd.
 *
 * Return: 0 or -errno. launch_stop() in either case.
 */
int launch_complete(struct launch *l, struct fault *f);

/**
 * launch_stop() - kill what is left, record the end, let go of everything
 */
void launch_stop(struct launch *l);

#endif
