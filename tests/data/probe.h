/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/data/probe.h - what probe.c runs and what its parts offer */
#ifndef TESTS_DATA_PROBE_H
#define TESTS_DATA_PROBE_H

#include <stddef.h>

#define PROBE_LIST_MAX 16
/* The probe was given nothing to aim at. */
#define PROBE_UNASKED (-1)

/* What to aim at, from KEY=VALUE arguments; NULL or empty: not given. */
struct probe_target {
	const char *v4;       /* address of an echo service, TCP and UDP */
	const char *v6;       /* the same */
	const char *port;     /* of both, "7" if not given */
	const char *abstract; /* abstract unix socket name, without the NUL */
	const char *pid;      /* a process outside, as numbered outside */
	const char *sysv;     /* key of a System V segment, queue, semaphore */
	const char *mq;       /* POSIX message queue, "/name" */
	const char *key;      /* description of a user key in the keyring */
	const char *vsock;    /* port of a listener at CID 1 (loopback) */
	const char *unix_paths[PROBE_LIST_MAX]; /* listening path sockets */
	size_t n_unix;
	const char *files[PROBE_LIST_MAX]; /* files outside, readable there */
	size_t n_files;
};

/* 0: it got out; an errno value: what stopped it; PROBE_UNASKED */
typedef int probe_fn(const struct probe_target *t);

struct probe {
	const char *name;
	probe_fn *run;
};

/* Ended by a row without a name. */
extern const struct probe probe_net[];
extern const struct probe probe_netlink[];
extern const struct probe probe_escape[];

/* errno of the last call if @rc is negative, else 0; closes nothing. */
int probe_result(long rc);

#endif
