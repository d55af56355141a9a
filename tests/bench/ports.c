/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/bench/ports.c - SocksPorts of many identities on one tor */
/*
 *   ports N
 *
 * As N first launches do it, one after the other: tor_instance_start() for a
 * new identity each. Prints how long that of some n took, the median of the
 * last ten too, and what tor's process takes in memory then. Then, as each
 * later launch does it: the same for an identity whose SocksPort is there.
 */
#include <bsd/err.h>
#include <bsd/stdlib.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/attr.h"
#include "tor/instance.h"
#include "tor/ports.h"
#include "tor/upstream.h"

#define WINDOW 10

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static double set_up(const char *identity)
{
	struct tor_upstream up;
	struct fault f = { .err = 0 };
	double before = now_ms();

	if (tor_instance_start(identity, NULL, &up, &f) < 0)
		errx(1, "%s: %s", identity ? identity : "tor", f.what);
	return now_ms() - before;
}

/* kB of one row of smaps_rollup, or -1 */
static long memory(pid_t pid, const char *row)
{
	char path[48], line[128];
	long kb = -1;
	FILE *in;

	snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", (int)pid);
	in = fopen(path, "re");
	while (in && kb < 0 && fgets(line, sizeof(line), in))
		if (strncmp(line, row, strlen(row)) == 0)
			kb = strtol(line + strlen(row), NULL, 10);
	if (in)
		fclose(in);
	return kb;
}

static void print_memory(void)
{
	struct tor_status *st = calloc(1, sizeof(*st));
	autofree void *owner = st;
	struct fault f = { .err = 0 };

	if (!st || tor_instance_status(st, &f) < 0 || !st->running)
		errx(1, "status: %s", f.what);
	printf("%8zu %9.1f %9.1f\n", st->ports.n,
	       (double)memory(st->pid, "Rss:") / 1024,
	       (double)memory(st->pid, "Pss:") / 1024);
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static double median(const double *v, int n)
{
	double sorted[WINDOW];

	memcpy(sorted, v, (size_t)n * sizeof(*v));
	qsort(sorted, (size_t)n, sizeof(*sorted), by_value);
	return sorted[n / 2];
}

int main(int argc, char **argv)
{
	static double took[TOR_PORTS_MAX + 1], again[WINDOW];
	const char *error = NULL;
	int n = argc == 2 ? (int)strtonum(argv[1], 1, TOR_PORTS_MAX, &error)
			  : 0;

	if (n == 0 || error)
		errx(2, "usage: ports N");
	set_up(NULL);
	puts("identity   this, ms   median of 10   ports   RSS, MiB   PSS, MiB");
	for (int i = 1; i <= n; i++) {
		char name[16];
		int window = i < WINDOW ? i : WINDOW;

		snprintf(name, sizeof(name), "id%d", i);
		took[i] = set_up(name);
		if (i != 1 && i != 100 && i != n)
			continue;
		printf("%8d %10.2f %14.2f", i, took[i],
		       median(took + i + 1 - window, window));
		print_memory();
	}
	for (int i = 0; i < WINDOW; i++)
		again[i] = set_up("id1");
	printf("one that is there: %.3f ms\n", median(again, WINDOW));
	return 0;
}
