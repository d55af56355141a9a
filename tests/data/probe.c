/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/data/probe.c - try every way out of a sandbox and say what happened */
/*
 *   probe [--only NAME]... [KEY=VALUE...]
 *   probe --with-key NAME COMMAND...   puts a key in the session keyring first
 *   probe --list
 *
 * Prints `NAME reached` or `NAME blocked REASON` for each; silent about those
 * that lack a target. Keys: v4 v6 port abstract pid sysv mq key vsock, and
 * unix= and file= any number of times. Each probe is a process of its own, so
 * that one killed by a filter (SIGSYS) does not end the others. Run without
 * any protection it must say `reached`: that proves the probe.
 */
#include "tests/data/probe.h"

#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* A first circuit may take some, on a busy machine. */
#define PROBE_TIMEOUT_S 8
#define EXIT_UNASKED 255

static const struct probe *const tables[] = { probe_net, probe_netlink,
					      probe_escape };

int probe_result(long rc)
{
	return rc < 0 ? errno : 0;
}

static void print_outcome(const char *name, int status)
{
	int code = WEXITSTATUS(status);

	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
		printf("%s blocked timeout\n", name);
	else if (WIFSIGNALED(status))
		printf("%s blocked SIG%s\n", name,
		       sigabbrev_np(WTERMSIG(status)));
	else if (code == 0)
		printf("%s reached\n", name);
	else if (code != EXIT_UNASKED)
		printf("%s blocked %s\n", name, strerrorname_np(code));
	fflush(stdout);
}

static void run_probe(const struct probe *p, const struct probe_target *t)
{
	pid_t pid = fork();
	int status, rc;

	if (pid < 0)
		err(2, "fork");
	if (pid == 0) {
		alarm(PROBE_TIMEOUT_S);
		rc = p->run(t);
		_exit(rc == PROBE_UNASKED ? EXIT_UNASKED : rc);
	}
	if (waitpid(pid, &status, 0) != pid)
		err(2, "waitpid");
	print_outcome(p->name, status);
}

static void add(const char **list, size_t *n, const char *value)
{
	if (*n == PROBE_LIST_MAX)
		errx(2, "more than %d of one kind", PROBE_LIST_MAX);
	list[(*n)++] = value;
}

static void parse_target(const char *arg, struct probe_target *t)
{
	const struct {
		const char *key;
		const char **value;
	} keys[] = {
		{ "v4=", &t->v4 },       { "v6=", &t->v6 },
		{ "port=", &t->port },   { "abstract=", &t->abstract },
		{ "pid=", &t->pid },     { "sysv=", &t->sysv },
		{ "mq=", &t->mq },       { "key=", &t->key },
		{ "vsock=", &t->vsock },
	};
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		size_t len = strlen(keys[i].key);

		if (strncmp(arg, keys[i].key, len) == 0) {
			*keys[i].value = arg + len;
			return;
		}
	}
	if (strncmp(arg, "unix=", 5) == 0)
		add(t->unix_paths, &t->n_unix, arg + 5);
	else if (strncmp(arg, "file=", 5) == 0)
		add(t->files, &t->n_files, arg + 5);
	else
		errx(2, "not understood: %s", arg);
}

static int is_wanted(const char *name, const char *const *only, size_t n_only)
{
	size_t i;

	for (i = 0; i < n_only; i++)
		if (strcmp(only[i], name) == 0)
			return 1;
	return n_only == 0;
}

static void with_key(char **argv)
{
	const char secret[] = "leak-key-payload";

	if (!argv[0] || !argv[1])
		errx(2, "--with-key NAME COMMAND...");
	/* -3: the session keyring, KEY_SPEC_SESSION_KEYRING */
	if (syscall(SYS_keyctl, 1L /* JOIN_SESSION_KEYRING */, NULL) < 0 ||
	    syscall(SYS_add_key, "user", argv[0], secret, sizeof(secret), -3) <
		    0)
		err(2, "add key %s", argv[0]);
	execvp(argv[1], argv + 1);
	err(127, "%s", argv[1]);
}

int main(int argc, char **argv)
{
	const char *only[PROBE_LIST_MAX];
	struct probe_target t = { .port = "7" };
	size_t n_only = 0, i;
	int list = 0, a;

	if (argc > 1 && strcmp(argv[1], "--with-key") == 0)
		with_key(argv + 2);
	for (a = 1; a < argc; a++) {
		if (strcmp(argv[a], "--list") == 0)
			list = 1;
		else if (strcmp(argv[a], "--only") == 0 && a + 1 < argc)
			add(only, &n_only, argv[++a]);
		else
			parse_target(argv[a], &t);
	}
	for (i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		const struct probe *p;

		for (p = tables[i]; p->name; p++) {
			if (list)
				puts(p->name);
			else if (is_wanted(p->name, only, n_only))
				run_probe(p, &t);
		}
	}
	return 0;
}
