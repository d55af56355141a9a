/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gateway/confine.c - what the gateway gives up before it reads a byte */
#include "gateway/confine.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/caps.h"
#include "gateway/filter.h"

struct confine {
	unsigned int nofile;
	struct fault *f;
};

struct step {
	const char *name;
	int (*run)(struct confine *c);
};

static int unshare_all(struct confine *c)
{
	if (unshare(CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS |
		    CLONE_NEWCGROUP) < 0)
		return fault_set(c->f, errno, "unshare namespaces");
	return 0;
}

/*
 * /proc is where the new root is mounted, because it exists everywhere; the
 * old one is then found below the new and detached (pivot_root(2), NOTES).
 */
static int empty_root(struct confine *c)
{
	unsigned long flags = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC;

	if (mount("", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return fault_set(c->f, errno, "make mounts private");
	if (mount("none", "/proc", "tmpfs", flags,
		  "mode=0555,size=4k,nr_inodes=1") < 0)
		return fault_set(c->f, errno, "mount an empty root");
	if (chdir("/proc") < 0)
		return fault_set(c->f, errno, "enter the empty root");
	if (syscall(SYS_pivot_root, ".", ".") < 0)
		return fault_set(c->f, errno, "pivot_root");
	if (umount2(".", MNT_DETACH) < 0)
		return fault_set(c->f, errno, "detach the old root");
	if (chdir("/") < 0)
		return fault_set(c->f, errno, "enter /");
	return 0;
}

static int set_limit(struct confine *c, __rlimit_resource_t what, rlim_t max)
{
	struct rlimit r = { .rlim_cur = max, .rlim_max = max };

	if (setrlimit(what, &r) < 0)
		return fault_set(c->f, errno, "setrlimit %d", (int)what);
	return 0;
}

static int limits(struct confine *c)
{
	struct rlimit r;
	int rc;

	rc = set_limit(c, RLIMIT_NPROC, 0);
	if (rc == 0)
		rc = set_limit(c, RLIMIT_CORE, 0);
	if (rc == 0)
		rc = set_limit(c, RLIMIT_FSIZE, 0);
	if (rc < 0)
		return rc;
	if (getrlimit(RLIMIT_NOFILE, &r) < 0)
		return fault_set(c->f, errno, "getrlimit RLIMIT_NOFILE");
	c->nofile = r.rlim_max > 1U << 20 ? 1U << 20 : (unsigned int)r.rlim_max;
	return set_limit(c, RLIMIT_NOFILE, c->nofile);
}

static int drop_capabilities(struct confine *c)
{
	return caps_drop_all(c->f);
}

/* What was dropped is read back, from the kernel. */
static int check_capabilities(struct confine *c)
{
	return caps_check_none(c->f);
}

static int process_attributes(struct confine *c)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return fault_set(c->f, errno, "set no_new_privs");
	/* a change of credentials undoes both: after the capabilities */
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return fault_set(c->f, errno, "set dumpable");
	/* a parent that is gone already closed descriptor 3 as well */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
		return fault_set(c->f, errno, "set parent death signal");
	return 0;
}

static int filter(struct confine *c)
{
	int rc = filter_install();

	return rc < 0 ? fault_set(c->f, rc, "load the seccomp filter") : 0;
}

static const struct step steps[] = {
	{ "namespaces", unshare_all },
	/* needs CAP_SYS_ADMIN over the namespace just made */
	{ "root", empty_root },
	{ "limits", limits },
	{ "capabilities", drop_capabilities },
	/* while /proc would still not help it: it asks the kernel only */
	{ "capabilities", check_capabilities },
	{ "attributes", process_attributes },
	/* last: none of the above is possible afterwards */
	{ "seccomp", filter },
};

int confine_enter(unsigned int *nofile, struct fault *f)
{
	struct confine c = { .f = f };

	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		int rc;

		strncpy(f->stage, steps[i].name, sizeof(f->stage) - 1);
		rc = steps[i].run(&c);
		if (rc < 0)
			return rc;
	}
	f->stage[0] = '\0';
	*nofile = c.nofile;
	return 0;
}
