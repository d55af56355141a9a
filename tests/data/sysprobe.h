/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/data/sysprobe.h - system calls by name, and what a sandbox answers */
#ifndef TESTS_DATA_SYSPROBE_H
#define TESTS_DATA_SYSPROBE_H

#include <stddef.h>

/* Results: 0, a negative errno, or this: SIGSYS ended the process. */
#define PROBE_KILLED 1
/* The probe could not be run at all (fork failed, another signal). */
#define PROBE_BROKEN 2

enum probe_plain {
	PROBE_PLAIN_UNSET = 0,
	/* the kernel alone answers otherwise: proof that the probe detects */
	PROBE_PLAIN_DIFFERS,
	/* ... but to an unprivileged caller it says the same */
	PROBE_PLAIN_DIFFERS_TO_ROOT,
	/* ... unless this kernel is built without it */
	PROBE_PLAIN_MAY_LACK,
	/* the kernel alone answers the same: the filter lets it through */
	PROBE_PLAIN_SAME,
	/* must not be run without the filter */
	PROBE_PLAIN_NEVER,
};

struct probe {
	const char *name;
	int want; /* under the default filter; not for PROBE_PLAIN_SAME */
	enum probe_plain plain;
	long (*run)(void); /* returns 0 or -errno; NULL: @nr with @args */
	long nr;
	unsigned long args[6];
};

extern const struct probe probes[];
extern const size_t nprobes;

/**
 * probe_find() - Return: the probe of that name or NULL
 */
const struct probe *probe_find(const char *name);

/**
 * probe_run() - run it in a child, after @prepare in that child
 * @prepare: installs a filter, or NULL; not 0: PROBE_BROKEN
 *
 * Return: 0, -errno, PROBE_KILLED or PROBE_BROKEN.
 */
int probe_run(const struct probe *p, int (*prepare)(void *), void *arg);

/**
 * probe_result_name() - "OK", "EPERM", "KILLED", "BROKEN"
 */
const char *probe_result_name(int result);

#endif
