/* SPDX-License-Identifier: GPL-3.0-or-later */
/* keeper/cell.c - tor in namespaces of its own, which end with it */
#include "keeper/cell.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/caps.h"
#include "keeper/root.h"
#include "tor/bringup.h"
#include "tor/home.h"
#include "tor/spawn.h"

/* One for everybody: tor needs no name for it, and is nobody's root. */
#define CELL_ID 1000

/* What is open while a cell is made; ends with -1 where they are closed. */
struct pipes {
	int go, go_in;         /* keeper to pid 1: the maps are written */
	int report, report_in; /* pid 1 to keeper: a fault, or end of file */
};

static int write_map(pid_t pid, const char *name, const char *text,
		     struct fault *f)
{
	char path[64];
	int rc;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	rc = fd_write_file(AT_FDCWD, path, 0, text);
	return rc < 0 ? fault_set(f, rc, "write %s", path) : 0;
}

static int write_maps(pid_t pid, struct fault *f)
{
	char map[48];
	int rc;

	snprintf(map, sizeof(map), "%d %u 1", CELL_ID, geteuid());
	rc = write_map(pid, "uid_map", map, f);
	if (rc == 0)
		rc = write_map(pid, "setgroups", "deny", f);
	snprintf(map, sizeof(map), "%d %u 1", CELL_ID, getegid());
	return rc < 0 ? rc : write_map(pid, "gid_map", map, f);
}

/* namespaces of the cell's own, and no more power over them than needed */
static int confine(const struct tor_home *h, struct fault *f)
{
	int rc = fd_write_file(AT_FDCWD, "/proc/sys/user/max_user_namespaces",
			       0, "0");

	if (rc < 0)
		return fault_set(f, rc, "forbid user namespaces in tor's");
	rc = root_make(h, f);
	if (rc == 0)
		rc = caps_drop_all(f);
	if (rc == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		rc = fault_set(f, errno, "set no_new_privs");
	return rc;
}

/* pid 1: until tor has ended; the kernel ends what it leaves */
static _Noreturn void wait_for_tor(pid_t tor)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGTERM);
	for (;;) {
		int status, sig = sigwaitinfo(&set, NULL);
		pid_t pid;

		if (sig == SIGTERM)
			kill(tor, SIGTERM);
		while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
			if (pid == tor)
				_exit(WIFEXITED(status)
					      ? WEXITSTATUS(status)
					      : 128 + WTERMSIG(status));
	}
}

static _Noreturn void be_first(const struct tor_home *h, int verify, int out,
			       struct pipes *p)
{
	const char *argv[TOR_BRINGUP_ARGS];
	struct fault f = { .err = 0 };
	sigset_t set;
	pid_t tor;
	char byte;

	fd_replace(&p->go_in, -1);
	/* from here on it ends with the keeper; one that has ended already
	 * has closed the pipe */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 ||
	    read(p->go, &byte, 1) != 1)
		_exit(TOR_SPAWN_NO_EXEC);
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	tor_bringup_argv(h, verify, argv);
	tor = confine(h, &f) < 0 ? -1 : fork();
	if (tor == 0)
		tor_spawn_become((char *const *)(uintptr_t)argv, environ, 0,
				 out);
	if (tor < 0) {
		if (!f.what[0])
			fault_set(&f, errno, "fork for tor");
		fd_write_full(p->report_in, &f, sizeof(f));
		_exit(TOR_SPAWN_NO_EXEC);
	}
	/* the keeper's lock among them: what is inherited holds it too */
	close_range(0, ~0U, 0);
	wait_for_tor(tor);
}

static int make_pipes(struct pipes *p)
{
	int ends[2];

	*p = (struct pipes){ -1, -1, -1, -1 };
	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	p->go = ends[0];
	p->go_in = ends[1];
	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	p->report = ends[0];
	p->report_in = ends[1];
	return 0;
}

static void close_pipes(struct pipes *p)
{
	fd_replace(&p->go, -1);
	fd_replace(&p->go_in, -1);
	fd_replace(&p->report, -1);
	fd_replace(&p->report_in, -1);
}

/* let pid 1 go on, and hear how far it came */
static int release(const struct cell *cell, struct pipes *p, struct fault *f)
{
	struct fault told = { .err = 0 };
	int rc = write_maps(cell->pid, f);
	ssize_t n;

	if (rc < 0)
		return rc;
	if (fd_write_full(p->go_in, "", 1) < 0)
		return fault_set(f, EPIPE, "start tor's cell");
	n = fd_read_full(p->report, &told, sizeof(told));
	if (n != sizeof(told))
		return n == 0 ? 0 : fault_set(f, EIO, "start tor's cell");
	*f = told;
	return fault_errno(f);
}

int cell_open(const struct tor_home *h, int verify, int out, struct cell *cell,
	      struct fault *f)
{
	const unsigned long flags = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID |
				    CLONE_NEWIPC | SIGCHLD;
	struct cell c = { .pidfd = -1 };
	struct pipes p;
	int rc = make_pipes(&p);

	if (rc == 0) {
		c.pid = (pid_t)syscall(SYS_clone, flags, 0, 0, 0, 0);
		rc = c.pid < 0 ? -errno : 0;
	}
	if (rc == 0 && c.pid == 0)
		be_first(h, verify, out, &p);
	fd_replace(&p.report_in, -1);
	if (rc < 0) {
		fault_set(f, rc, "make namespaces for tor");
		fault_hint(f, "user namespaces are needed, as for a launch");
	} else {
		c.pidfd = (int)syscall(SYS_pidfd_open, c.pid, 0);
		rc = c.pidfd < 0 ? fault_set(f, errno, "watch tor's cell")
				 : release(&c, &p, f);
		if (rc < 0)
			cell_kill(&c);
	}
	close_pipes(&p);
	if (rc == 0)
		*cell = c;
	return rc;
}

void cell_stop(const struct cell *cell)
{
	kill(cell->pid, SIGTERM);
}

void cell_kill(struct cell *cell)
{
	kill(cell->pid, SIGKILL);
	cell_wait(cell);
}

int cell_wait(struct cell *cell)
{
	int status;

	while (waitpid(cell->pid, &status, 0) < 0)
		if (errno != EINTR)
			return TOR_SPAWN_NO_EXEC;
	fd_replace(&cell->pidfd, -1);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
