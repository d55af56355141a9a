/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/sync.h - how the parent's and the child's side of a launch meet */
#ifndef LAUNCHER_SYNC_H
#define LAUNCHER_SYNC_H

#include <stdint.h>

#include "base/fault.h"
#include "base/gwmsg.h"

/*
 * The meetings, by number, and nothing else synchronises:
 *
 *   sync 1  supervisor -> outer, setup  SYNC_MAPPED: uid and gid maps are
 * written sync 2  network -> setup     SYNC_NETNS: the application's netns is
 * made sync 3  network -> superv.   SYNC_WIRED: both netns, wired, listeners
 *           setup -> supervisor  SYNC_MOUNTS: the mount namespace
 *           setup -> supervisor  SYNC_CONTROL: a listener more
 *           supervisor -> setup  SYNC_HOME: identity chosen, home found
 *   sync 4  supervisor -> setup  SYNC_GO: gateway ready, ledger written
 *   sync 5  end of file on the exec pipe: the application runs; a fault on
 *           it: it does not
 *
 * After sync 5 the same socket carries pid 1's reports (SYNC_ENDED,
 * SYNC_STOPPED) and the supervisor's orders (SYNC_SIGNAL, SYNC_SIGNAL_GROUP,
 * SYNC_BACKGROUND, SYNC_FOREGROUND, SYNC_CONTINUE).
 */
enum sync_type {
	SYNC_UNSET = 0,
	SYNC_MAPPED,
	SYNC_SETUP,   /* outer -> supervisor: @value is the pid of setup */
	SYNC_NETNS,   /* one descriptor: A */
	SYNC_WIRED,   /* descriptors: U0 and, with a network, G, the
			 listeners, as planned, and, where connections may come
			 in, A */
	SYNC_MOUNTS,  /* one descriptor */
	SYNC_CONTROL, /* setup -> supervisor, where there is a control port: its
			 socket in the new root, descriptor */
	SYNC_HOME,    /* @value: enum sync_home, which says the descriptors */
	SYNC_PTY,     /* setup -> supervisor: the pty's master, descriptor */
	SYNC_GO,
	SYNC_ENDED,   /* pid 1 -> supervisor: @value is the wait(2) status */
	SYNC_STOPPED, /* pid 1 -> supervisor: @value is the signal */
	SYNC_SIGNAL,  /* supervisor -> pid 1: send @value to the application */
	SYNC_SIGNAL_GROUP, /* ... to its process group */
	SYNC_BACKGROUND,   /* the terminal is not the application's now */
	SYNC_FOREGROUND,   /* the application may use the terminal: continue */
	SYNC_CONTINUE,     /* continue, where it was */
	SYNC_FAULT,        /* to the supervisor: @fault; the sender is gone */
};

/* How the setup process gets at the private home. */
enum sync_home {
	SYNC_HOME_UNSET = 0,
	SYNC_HOME_MEMORY,   /* amnesic: no descriptor */
	SYNC_HOME_SHARED,   /* another sandbox's mount of it */
	SYNC_HOME_OWN,      /* the identity's directory, the home */
	SYNC_HOME_DETACHED, /* a mount of the identity's directory, the home */
};

struct sync_msg {
	uint32_t type; /* enum sync_type */
	int32_t value;
	struct fault fault; /* SYNC_FAULT only */
};

/* U0, G, all listeners, and A */
#define SYNC_FDS_MAX (3 + GWMSG_LISTENERS_MAX)

/**
 * sync_send() - one message, with descriptors; as fd_send_msg()
 */
int sync_send(int sock, enum sync_type type, int value, const int *fds,
	      size_t nfds);

/**
 * sync_send_fault() - the last word of a side that cannot go on
 */
void sync_send_fault(int sock, const struct fault *f);

/**
 * sync_expect() - wait for one message of one type; blocks
 * @value: if not NULL, set to the message's
 * @fds: room for exactly @nfds descriptors, the caller's on success
 * @f: set on failure: to the fault the other side sent, or to what went
 *     wrong (a peer that is gone is EPIPE)
 *
 * Return: 0 or -errno.
 */
int sync_expect(int sock, enum sync_type type, int *value, int *fds,
		size_t nfds, struct fault *f);

/**
 * sync_receive() - as sync_expect(), with @fds room for SYNC_FDS_MAX
 * @nfds: set to how many came
 */
int sync_receive(int sock, enum sync_type type, int *value, int *fds,
		 size_t *nfds, struct fault *f);

#endif
