/* SPDX-License-Identifier: GPL-3.0-or-later */
/* transport/main.c - isolate-transport: a pluggable transport, confined */
/*
 * DOC: Theory of Operation
 *
 * tor starts this in place of obfs4proxy and its like, by the line
 * ClientTransportPlugin of the torrc that isolate writes. It gives up what a
 * transport does not need and becomes the transport: same process, same
 * three descriptors, so that tor sees no difference.
 *
 * A transport parses what strangers send, and its users are those for whom
 * the network in between is an adversary. It runs in the host's network
 * namespace, because it carries tor's bytes to the bridge. So it must keep
 * the network, and loses the rest: files (an empty root with its own state
 * directory), other processes (no signal, no tracing, no unix socket), every
 * capability, and any system call that is not on a list. Where no namespaces
 * can be made, as in those that tor itself may have, Landlock closes the
 * files instead.
 *
 * Whatever fails ends it before the transport runs: tor then has no way to
 * the bridge, and takes no other.
 */
#include <bsd/err.h>
#include <bsd/string.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/caps.h"
#include "base/fd.h"
#include "transport/filter.h"
#include "transport/landlock.h"
#include "transport/view.h"

/* env(1)'s convention */
#define EXIT_FAILED 125
#define EXIT_CANNOT_EXEC 126

#define ENV_MAX 32
#define STATE_BYTES_MAX (16 * 1024 * 1024)

/* what tor tells its transports (pt-spec s3.2), and nothing else */
static int keep_environment(char *env[ENV_MAX + 1], struct fault *f)
{
	size_t n = 0;

	for (char **e = environ; *e; e++) {
		if (strncmp(*e, "TOR_PT_", strlen("TOR_PT_")) != 0)
			continue;
		if (n == ENV_MAX)
			return fault_set(f, E2BIG, "keep the environment");
		env[n++] = *e;
	}
	env[n] = NULL;
	return 0;
}

static int set_limit(__rlimit_resource_t what, rlim_t max, struct fault *f)
{
	const struct rlimit r = { .rlim_cur = max, .rlim_max = max };

	if (setrlimit(what, &r) < 0)
		return fault_set(f, errno, "setrlimit %d", (int)what);
	return 0;
}

static int set_attributes(struct fault *f)
{
	int rc = set_limit(RLIMIT_CORE, 0, f);

	if (rc == 0)
		rc = set_limit(RLIMIT_FSIZE, STATE_BYTES_MAX, f);
	if (rc < 0)
		return rc;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return fault_set(f, errno, "set no_new_privs");
	/* it also ends when tor closes its stdin, if it follows the spec */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
		return fault_set(f, errno, "set parent death signal");
	return 0;
}

static int confine(const struct view *v, struct fault *f)
{
	struct stat st;
	int rc;

	if (mkdir(v->state, 0700) < 0 && errno != EEXIST)
		return fault_set(f, errno, "make %s", v->state);
	if (lstat(v->state, &st) < 0 || !S_ISDIR(st.st_mode))
		return fault_set(f, ENOTDIR, "use %s", v->state);
	rc = view_enter(v, f);
	if (rc == 0)
		rc = caps_drop_all(f);
	else if (rc != -ECANCELED)
		rc = landlock_enter(v, f);
	if (rc == 0)
		rc = caps_check_none(f);
	/* a change of credentials undoes some: after the capabilities */
	if (rc == 0)
		rc = set_attributes(f);
	if (rc < 0)
		return rc;
	rc = filter_install();
	return rc < 0 ? fault_set(f, rc, "load the seccomp filter") : 0;
}

/* it logs this (pt-spec s3.3.4), and nothing of stderr */
static void tell_tor(const char *program, char *why)
{
	for (char *s = why; *s; s++)
		if (*s < ' ' || *s > '~' || *s == '"' || *s == '\\')
			*s = '?';
	printf("LOG SEVERITY=error MESSAGE=\"not run, because it is not "
	       "confined: %s: %s\"\n",
	       strrchr(program, '/') + 1, why);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	struct fault f = { .err = 0 };
	struct view v = { .names = argc == 3 && strcmp(argv[1], "--names") == 0,
			  .state = getenv("TOR_PT_STATE_LOCATION") };
	char *env[ENV_MAX + 1], *args[2] = { NULL, NULL }, line[512];
	int rc;

	if (argc != 2 && !v.names)
		errx(EXIT_FAILED, "usage: isolate-transport [--names] PROGRAM");
	args[0] = argv[argc - 1];
	v.program = args[0];
	if (v.program[0] != '/')
		errx(EXIT_FAILED, "%s is no absolute path", v.program);
	if (!v.state || v.state[0] != '/')
		errx(EXIT_FAILED, "TOR_PT_STATE_LOCATION is no absolute path: "
				  "tor starts this program");
	rc = fd_fill_std();
	if (rc < 0 || close_range(3, ~0U, 0) < 0)
		errx(EXIT_FAILED, "cannot close descriptors");
	rc = keep_environment(env, &f);
	if (rc == 0)
		rc = confine(&v, &f);
	if (rc < 0) {
		fault_format(&f, line, sizeof(line));
		tell_tor(v.program, line);
		errx(EXIT_FAILED, "%s is not confined, so it is not run: %s",
		     v.program, line);
	}
	execve(args[0], args, env);
	err(EXIT_CANNOT_EXEC, "%s", args[0]);
}
