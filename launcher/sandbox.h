/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/sandbox.h - live state of the child's side of a launch */
#ifndef LAUNCHER_SANDBOX_H
#define LAUNCHER_SANDBOX_H

#include <stdbool.h>
#include <sys/types.h>
#include <time.h>

#include "launcher/guard.h"
#include "launcher/plan.h"
#include "launcher/spread.h"
#include "seccomp/compile.h"

/* What becomes descriptor 0, 1 or 2 of the application. */
enum sandbox_std {
	SANDBOX_STD_UNSET = 0,
	SANDBOX_STD_PTY,  /* the sandbox's own terminal */
	SANDBOX_STD_PIPE, /* an anonymous pipe: @fd */
	SANDBOX_STD_NULL, /* the sandbox's /dev/null */
};

struct sandbox_stdio {
	enum sandbox_std kind;
	int fd; /* SANDBOX_STD_PIPE, else -1 */
};

/*
 * Filled by the parent before the clone; every descriptor the child's side
 * opens later is kept here too. -1 where there is none.
 */
struct sandbox {
	const struct plan *plan;
	struct seccomp_program filter;
	struct sandbox_stdio stdio[3];
	bool pty;         /* one of @stdio is SANDBOX_STD_PTY */
	bool foreground;  /* the application starts in the foreground */
	char boot_id[37]; /* random, of this launch */
	/* shared with the supervisor, which writes the name of the profile's
	 * onion service there before sync 4; NULL: it has none */
	char *onion;
	struct timespec uptime; /* since boot, as the sandbox shows it */
	struct spread spread;   /* the processors it may use */
	int connect_fd;       /* the helper program socks-connect, to copy in */
	int skeleton;         /* of skeleton_open(), or -1 */
	struct guard guard;   /* what grants are compared with */
	char **host_argv;     /* memory of argv and environ: wiped in pid 1 */
	size_t host_argv_len; /* bytes from host_argv[0], environ included */
	size_t host_args_len; /* without it */

	int sync;          /* to the supervisor */
	int outer;         /* from the outer side: sync 2 */
	int exec_pipe;     /* O_CLOEXEC: sync 5 */
	int init_ready[2]; /* pipe: pid 1 is confined, exec may come */
	int root;          /* the new root */
	int memory;        /* overlay over a tmpfs: its directories get bound */
	int empty;         /* an empty directory, for overlays */
	int host_dev;      /* the host's /dev, until its devices are bound */
	int pty_slave;
};

/**
 * sandbox_init() - all descriptors -1, nothing planned
 */
void sandbox_init(struct sandbox *sb);

#endif
