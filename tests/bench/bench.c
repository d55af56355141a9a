/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/bench/bench.c - time commands in turn; time system calls */
/*
 *   bench launch COUNT -- LABEL COMMAND... -- LABEL COMMAND...
 *       runs A B C A B C ... so that drift of the machine hits all alike;
 *       prints LABEL MEDIAN P10 P90 FAILED, microseconds
 *   bench syscalls
 *       prints LABEL NANOSECONDS for two cheap calls
 *   bench serve PATH
 *       a SocksPort that is there and says nothing, to launch against: an
 *       interpreter's would take its share of the processors in each launch
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define COMMANDS_MAX 16
#define WARM_UP 3
#define CALLS 1000000
#define ROUNDS 7

struct command {
	char *label;
	char **argv;
	double *us;
	size_t failed;
};

static double now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Of sorted values; @part of 0.5 is the median. */
static double quantile(const double *sorted, size_t n, double part)
{
	return sorted[(size_t)((double)(n - 1) * part + 0.5)];
}

static double run_once(struct command *c, const posix_spawn_file_actions_t *fa)
{
	double start = now_us(), took;
	int status;
	pid_t pid;

	errno = posix_spawnp(&pid, c->argv[0], fa, NULL, c->argv, environ);
	if (errno) {
		c->failed++;
		return 0;
	}
	if (waitpid(pid, &status, 0) != pid)
		err(1, "waitpid");
	took = now_us() - start;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		c->failed++;
	return took;
}

static size_t parse_commands(char **argv, struct command *c)
{
	size_t n = 0;

	while (*argv) {
		if (strcmp(*argv, "--") != 0 || !argv[1] || !argv[2])
			errx(2, "expected -- LABEL COMMAND...");
		if (n == COMMANDS_MAX)
			errx(2, "more than %d commands", COMMANDS_MAX);
		*argv = NULL; /* ends the argv before */
		c[n].label = argv[1];
		c[n].argv = argv + 2;
		n++;
		for (argv += 3; *argv && strcmp(*argv, "--") != 0; argv++)
			;
	}
	return n;
}

static int launch(char **argv)
{
	struct command c[COMMANDS_MAX] = { 0 };
	size_t count, n, i, k;
	posix_spawn_file_actions_t fa;

	if (!argv[0])
		errx(2, "launch COUNT -- LABEL COMMAND...");
	count = strtoul(argv[0], NULL, 10);
	n = parse_commands(argv + 1, c);
	if (count == 0 || count > 100000 || n == 0)
		errx(2, "nothing to do");
	posix_spawn_file_actions_init(&fa);
	for (i = 0; i < 3; i++)
		posix_spawn_file_actions_addopen(&fa, (int)i, "/dev/null",
						 O_RDWR, 0);
	for (i = 0; i < n; i++) {
		c[i].us = calloc(count, sizeof(double));
		if (!c[i].us)
			err(1, "calloc");
	}
	for (k = 0; k < count + WARM_UP; k++)
		for (i = 0; i < n; i++) {
			double took = run_once(&c[i], &fa);

			if (k >= WARM_UP)
				c[i].us[k - WARM_UP] = took;
		}
	for (i = 0; i < n; i++) {
		qsort(c[i].us, count, sizeof(double), by_value);
		printf("%s %.0f %.0f %.0f %zu\n", c[i].label,
		       quantile(c[i].us, count, 0.5),
		       quantile(c[i].us, count, 0.1),
		       quantile(c[i].us, count, 0.9), c[i].failed);
		free(c[i].us);
	}
	posix_spawn_file_actions_destroy(&fa);
	return 0;
}

static double time_calls(int zero)
{
	double best = 0;
	int round, i;
	char byte;

	for (round = 0; round < ROUNDS; round++) {
		double start = now_us(), ns;

		for (i = 0; i < CALLS; i++) {
			if (zero < 0)
				syscall(SYS_getppid);
			else if (read(zero, &byte, 1) != 1)
				err(1, "/dev/zero");
		}
		ns = (now_us() - start) * 1e3 / CALLS;
		if (round == 0 || ns < best)
			best = ns;
	}
	return best;
}

static int syscalls(void)
{
	int zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);

	if (zero < 0)
		err(1, "/dev/zero");
	printf("getppid %.1f\n", time_calls(-1));
	printf("read %.1f\n", time_calls(zero));
	return 0;
}

static int serve(const char *path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", path) >=
	    (int)sizeof(sun.sun_path))
		errx(2, "%s: too long", path);
	if (sock < 0 || bind(sock, (struct sockaddr *)&sun, sizeof(sun)) < 0 ||
	    listen(sock, SOMAXCONN) < 0)
		err(1, "%s", path);
	puts("ready");
	fflush(stdout);
	for (;;) {
		int client = accept4(sock, NULL, NULL, SOCK_CLOEXEC);

		if (client >= 0)
			close(client);
		else if (errno != EINTR && errno != ECONNABORTED)
			err(1, "%s", path);
	}
}

int main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "launch") == 0)
		return launch(argv + 2);
	if (argc > 1 && strcmp(argv[1], "syscalls") == 0)
		return syscalls();
	if (argc == 3 && strcmp(argv[1], "serve") == 0)
		return serve(argv[2]);
	errx(2, "usage: bench launch COUNT -- LABEL COMMAND... | syscalls | "
		"serve PATH");
}
