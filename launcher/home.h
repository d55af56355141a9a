/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/home.h - the private home of a launch, shared by those at once */
#ifndef LAUNCHER_HOME_H
#define LAUNCHER_HOME_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/fault.h"
#include "launcher/plan.h"
#include "launcher/sync.h"

/* The uid that a launch by root runs as: in nobody's range, owns nothing. */
#define HOME_ROOT_RUN_ID 2000152152

/*
 * A home is an overlay, so that the sandbox does not see where it lies. Two
 * overlays over one directory would not see each other's changes, so the
 * second launch takes a copy of the first one's mount: a file beside the
 * work directory names the supervisors that have one, the numbers of
 * their descriptors of U0 and of the mount namespace, and pid 1 of each
 * sandbox. Only this user can open those (proc_pid_fd(5)), and only the owner
 * of a user namespace can enter it. Where a supervisor was killed its home is
 * in use until that pid 1 has ended.
 */
struct home {
	int registry; /* locked until home_register(), -1: none */
	int work;     /* of the overlay, until home_register(); -1: shared */
	bool shared;  /* registered: others may take a copy */
	off_t slot;   /* where in it this launch will stand */
	/* what the setup process is sent: SYNC_HOME */
	enum sync_home kind;
	int fds[2];
	size_t nfds;
};

/**
 * home_prepare() - make or find the home, and take its lock
 * @h: set; home_close() it
 *
 * Blocks while another launch with the same home is between here and
 * home_register(): a few milliseconds. So it does while a sandbox ends whose
 * supervisor was killed.
 *
 * Return: 0 or -errno.
 */
int home_prepare(struct home *h, int data_dirfd, const struct plan *plan,
		 struct fault *f);

/**
 * home_register() - the home is mounted: let others share it, drop the lock
 * @init: pid 1 of the sandbox, as we see it
 * @userns, @mntns: our descriptors of U0 and of the mount namespace, which
 *                  stay open as long as the sandbox lives
 *
 * Return: 0 or -errno.
 */
int home_register(struct home *h, pid_t init, int userns, int mntns,
		  struct fault *f);

/**
 * home_init() - nothing open
 */
void home_init(struct home *h);

/**
 * home_unregister() - before @userns and @mntns are closed
 *
 * Waits while another launch looks: who stands there can be shared from.
 */
void home_unregister(struct home *h);

/**
 * home_close() - let go of the lock and of what was prepared
 */
void home_close(struct home *h);

#endif
