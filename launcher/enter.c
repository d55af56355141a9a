/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/enter.c - the child's side of a launch, in order */
/*
 * DOC: Theory of Operation
 *
 * The outer process is the first in the outer user namespace U0. It clones
 * the setup process, makes the gateway's netns G, A, loads the redirection into
 * G (transparent only), makes the wire between them, and becomes the gateway.
 *
 * The setup process starts as pid 1 of a new pid namespace, in the outer
 * user namespace U0, with all capabilities there and still the host's mounts
 * and network. It builds the sandbox around itself, forks the application's
 * process and stays as pid 1. The application's process moves into the inner
 * user namespace U1, gives everything up and execs.
 *
 * Invariants: a step may rely on those above it only; a step that fails ends
 * the launch (its fault goes to the supervisor, no later step runs); the
 * canary comes after everything that could change what it checks, and
 * nothing but the filter and exec comes after it. Nothing the application
 * controls is used here except the contents of its home, which only
 * root_mount_grants() walks, and only with openat2(2) beneath.
 */
#include "launcher/enter.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/caps.h"
#include "launcher/canary.h"
#include "launcher/facade.h"
#include "launcher/init.h"
#include "launcher/outer.h"
#include "launcher/proc.h"
#include "launcher/process.h"
#include "launcher/root.h"
#include "launcher/sync.h"
#include "seccomp/install.h"

static int step_namespaces(struct sandbox *sb, struct fault *f)
{
	struct mount_attr private = { .propagation = MS_PRIVATE };

	(void)sb;
	if (unshare(CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS |
		    CLONE_NEWCGROUP) < 0)
		return fault_set(f, errno, "make namespaces");
	/* it comes as a slave of the host's: what is mounted there later must
	 * not appear in here, not even below a grant */
	if (mount_setattr(AT_FDCWD, "/", AT_RECURSIVE, &private,
			  sizeof(private)) < 0)
		return fault_set(f, errno, "cut the mounts off the host's");
	/* modes are said in full, whatever the user's umask is */
	umask(0);
	return 0;
}

/* The supervisor lets other launches of the same home in by it. */
static int step_hand_over(struct sandbox *sb, struct fault *f)
{
	autoclose int ns = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
	int rc;

	if (ns < 0)
		return fault_set(f, errno, "open the mount namespace");
	rc = sync_send(sb->sync, SYNC_MOUNTS, 0, &ns, 1);
	return rc < 0 ? fault_set(f, rc, "hand over the mount namespace") : 0;
}

static int step_maps(struct sandbox *sb, struct fault *f)
{
	int rc = sync_expect(sb->sync, SYNC_MAPPED, NULL, NULL, 0, f);

	if (rc < 0)
		return rc;
	/* root's launch maps another uid than root's: become that one */
	if (setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0)
		return fault_set(f, errno, "take the ids of the sandbox");
	/* a change of ids hides /proc/self from its owner (proc(5)), and takes
	 * the other back */
	if (prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
		return fault_set(f, errno, "open /proc/self");
	return 0;
}

static int step_userns_limit(struct sandbox *sb, struct fault *f)
{
	const bool inotify =
		seccomp_spec_in_force(&sb->plan->filter, SECCOMP_WHEN_GROUP,
				      SECCOMP_GROUP_FILE_NOTIFY);
	const struct {
		const char *path, *value;
		bool wanted, may_lack;
	} limits[] = {
		/* U0 may have one below it, U1, and so U1 none
		 * (user_namespaces(7)) */
		{ "proc/sys/user/max_user_namespaces", "1", !sb->plan->userns,
		  false },
		/* these are the host user's too, and few; a kernel without
		 * inotify has none to count */
		{ "proc/sys/user/max_inotify_instances", "32", inotify, true },
		{ "proc/sys/user/max_inotify_watches", "8192", inotify, true },
	};

	for (size_t i = 0; i < ARRAY_SIZE(limits); i++) {
		int rc;

		if (!limits[i].wanted)
			continue;
		rc = fd_write_file(sb->root, limits[i].path, 0,
				   limits[i].value);
		if (rc < 0 && (rc != -ENOENT || !limits[i].may_lack))
			return fault_set(f, rc, "write /%s", limits[i].path);
	}
	return 0;
}

static int step_hostname(struct sandbox *sb, struct fault *f)
{
	(void)sb;
	if (sethostname(FACADE_HOSTNAME, strlen(FACADE_HOSTNAME)) < 0 ||
	    setdomainname(FACADE_DOMAIN, strlen(FACADE_DOMAIN)) < 0)
		return fault_set(f, errno, "set the host name");
	return 0;
}

static int step_enter_netns(struct sandbox *sb, struct fault *f)
{
	int ns, rc = sync_expect(sb->outer, SYNC_NETNS, NULL, &ns, 1, f);

	if (rc < 0)
		return rc;
	rc = setns(ns, CLONE_NEWNET);
	if (rc < 0)
		fault_set(f, errno, "enter the network namespace");
	fd_close(ns);
	return rc < 0 ? -f->err : 0;
}

static int step_inner_userns(struct sandbox *sb, struct fault *f)
{
	static const struct {
		const char *path, *text;
	} maps[] = {
		/* gid maps need it without privilege above (CVE-2014-8989) */
		{ "/proc/self/setgroups", "deny" },
		{ "/proc/self/uid_map", "1000 0 1" },
		{ "/proc/self/gid_map", "1000 0 1" },
	};

	(void)sb;
	if (unshare(CLONE_NEWUSER) < 0)
		return fault_set(f, errno, "make the inner user namespace");
	for (size_t i = 0; i < ARRAY_SIZE(maps); i++) {
		int rc = fd_write_file(AT_FDCWD, maps[i].path, 0, maps[i].text);

		/* root's launch came without groups, and may not have it */
		if (rc < 0)
			return fault_set(f, rc, "write %s", maps[i].path);
	}
	return 0;
}

static int step_capabilities(struct sandbox *sb, struct fault *f)
{
	(void)sb;
	return caps_drop_all(f);
}

static int step_no_new_privs(struct sandbox *sb, struct fault *f)
{
	(void)sb;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return fault_set(f, errno, "set no_new_privs");
	return 0;
}

static int step_init(struct sandbox *sb, struct fault *f)
{
	char byte;
	ssize_t n;

	fd_replace(&sb->init_ready[1], -1);
	n = fd_read_full(sb->init_ready[0], &byte, 1);
	return n == 1 ? 0 : fault_set(f, EPIPE, "pid 1 is not confined");
}

static int step_seccomp(struct sandbox *sb, struct fault *f)
{
	int rc = seccomp_install(&sb->filter);

	return rc < 0 ? fault_set(f, rc, "load the system-call filter") : 0;
}

static int step_exec(struct sandbox *sb, struct fault *f)
{
	const struct plan *p = sb->plan;

	if (p->onion_env && sb->onion)
		memcpy(p->onion_env, sb->onion, GWMSG_ONION_ID_LEN);
	environ = p->env.v; /* execvp(3) reads PATH of it */
	umask(022);
	/* a home always exists; / is the next best place to start in */
	if (chdir(FACADE_HOME) < 0 && chdir("/") < 0)
		return fault_set(f, errno, "enter the home");
	execvp(p->argv.v[0], p->argv.v);
	return fault_set(f, errno, "run %s", p->argv.v[0]);
}

/* The canary looks at what is; it must not be what changed it. */
const struct enter_step enter_steps[] = {
	/* the next process is born into it, and only that one */
	{ ENTER_OUTER, "time", { .outer = outer_make_time_namespace } },
	/* at once: its mounts take longest */
	{ ENTER_OUTER, "pid", { .outer = outer_clone_setup } },
	/* G and its listeners */
	{ ENTER_OUTER, "gateway-netns", { .outer = outer_make_gateway_netns } },
	/* A; the setup process waits for it */
	{ ENTER_OUTER, "netns", { .outer = outer_make_app_netns } },
	/* before there is a device that could get a link-local address */
	{ ENTER_OUTER, "no-ipv6", { .outer = outer_harden } },
	{ ENTER_OUTER, "loopback", { .outer = outer_start_loopback } },
	/* sync 2 */
	{ ENTER_OUTER, "send-netns", { .outer = outer_send_netns } },
	/* before anything can arrive; after what others wait for */
	{ ENTER_OUTER, "redirect", { .outer = outer_load_redirect } },
	{ ENTER_OUTER, "wire", { .outer = outer_connect } },
	/* sync 3: the gateway is configured after it, and go comes after that
	 */
	{ ENTER_OUTER, "wired", { .outer = outer_hand_over } },
	/* sync 1; this process is needed no more, and another one would cost a
	 * clone and an end. It confines itself while the mounts are made */
	{ ENTER_OUTER, "gateway", { .outer = outer_become_gateway } },

	/* before any mount is made */
	{ ENTER_SETUP, "namespaces", { step_namespaces } },
	{ ENTER_SETUP, "hand-over", { step_hand_over } },
	/* files can be made only with mapped ids (sync 1) */
	{ ENTER_SETUP, "maps", { step_maps } },
	/* the mounts, each into the one before; the host's root is / */
	{ ENTER_SETUP, "root", { root_make } },
	{ ENTER_SETUP, "system", { root_mount_system } },
	{ ENTER_SETUP, "dev", { root_mount_dev } },
	{ ENTER_SETUP, "scratch", { root_mount_scratch } },
	/* while the root is writable, and nothing of the user's is in it */
	{ ENTER_SETUP, "control", { root_listen_control } },
	{ ENTER_SETUP, "proc", { proc_mount } },
	/* in the own /proc, before mask-proc: in the host's to find a file of
	 * /proc/sys takes longer the more namespaces have one of that name
	 * (fs/proc/proc_sysctl.c, proc_sys_compare()) */
	{ ENTER_SETUP, "userns-limit", { step_userns_limit } },
	{ ENTER_SETUP, "home", { root_mount_home } },
	/* may lie in the home */
	{ ENTER_SETUP, "grants", { root_mount_grants } },
	/* by path, which is cheaper: in the new root, before the old one and
	 * what lies in memory are gone */
	{ ENTER_SETUP, "pivot", { root_pivot } },
	{ ENTER_SETUP, "devices", { root_bind_dev } },
	{ ENTER_SETUP, "mask-proc", { proc_mask } },
	{ ENTER_SETUP, "hostname", { step_hostname } },
	/* needs the own devpts at its place */
	{ ENTER_SETUP, "session", { process_start_session } },
	/* the application inherits them, and can read pid 1's. After the last
	 * descriptor is handed over: what others have in flight counts */
	{ ENTER_SETUP, "limits", { process_limit } },
	/* sync 2; late: it has long been there, and a fork copies it */
	{ ENTER_SETUP, "enter-netns", { step_enter_netns } },

	/* the host's files are gone from here on. The kernel waits for every
	 * CPU then, and the application's process need not wait with it */
	{ ENTER_INIT, "old-root", { root_leave_old } },
	/* the application can look at pid 1 from its first instruction */
	{ ENTER_INIT, "confine", { init_confine } },
	/* nothing after it changes a mount, and the application's process,
	 * which shares them, has its own steps to do meanwhile */
	{ ENTER_INIT, "canary", { canary_check_mounts } },
	/* sync 4: gateway ready, ledger written */
	{ ENTER_INIT, "go", { init_release } },

	/* from pid 1's session, with its terminal */
	{ ENTER_APP, "terminal", { process_take_terminal } },
	{ ENTER_APP, "inner-userns", { step_inner_userns } },
	/* keyrings belong to a user of a user namespace: after U1 */
	{ ENTER_APP, "keyring", { process_leave_keyring } },
	/* U1 gave all capabilities once more */
	{ ENTER_APP, "capabilities", { step_capabilities } },
	{ ENTER_APP, "no-new-privs", { step_no_new_privs } },
	{ ENTER_APP, "signals", { process_reset_signals } },
	/* waits for the end of ENTER_INIT: from here on all is in place */
	{ ENTER_APP, "init", { step_init } },
	/* the last that needs one of them is above */
	{ ENTER_APP, "descriptors", { process_close_descriptors } },
	/* after all that could change what it checks */
	{ ENTER_APP, "canary", { canary_check } },
	/* the canary makes calls that the filter refuses */
	{ ENTER_APP, "seccomp", { step_seccomp } },
	/* a step that returned is not yet one that worked */
	{ ENTER_APP, "canary", { canary_check_filter } },
	{ ENTER_APP, "exec", { step_exec } },
	{ ENTER_SIDE_UNSET, NULL, { NULL } },
};

#ifdef ISOLATE_TESTING
/* Only in build/test/isolate: shows that the canary and the leak tests see a
 * protection that is missing. */
static bool is_skipped(const char *name)
{
	const char *list = getenv("ISOLATE_TEST_SKIP");
	size_t n = strlen(name);

	while (list && *list) {
		size_t item = strcspn(list, ",");

		if (item == n && strncmp(list, name, n) == 0)
			return true;
		list += item + (list[item] == ',');
	}
	return false;
}
#else
static bool is_skipped(const char *name)
{
	(void)name;
	return false;
}
#endif

int enter_run_steps(enum enter_side side, void *arg, struct fault *f)
{
	for (const struct enter_step *s = enter_steps; s->name; s++) {
		int rc;

		if (s->side != side || is_skipped(s->name))
			continue;
		snprintf(f->stage, sizeof(f->stage), "%s", s->name);
		rc = side == ENTER_OUTER ? s->outer(arg, f) : s->run(arg, f);
		if (rc < 0)
			return rc;
	}
	return 0;
}

static _Noreturn void enter_app(struct sandbox *sb)
{
	struct fault f = { 0 };

	enter_run_steps(ENTER_APP, sb, &f);
	/* only reached when a step failed, exec among them */
	(void)fd_write_full(sb->exec_pipe, &f, sizeof(f));
	_exit(125);
}

/* Pid 1's own end of a launch that failed; the kernel ends the rest. */
static _Noreturn void give_up(const struct sandbox *sb, const struct fault *f)
{
	sync_send_fault(sb->sync, f);
	_exit(125);
}

_Noreturn void enter_run(struct sandbox *sb)
{
	struct fault f = { 0 };
	pid_t app;

	/* even stopped, nothing outlives the supervisor */
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);

	if (enter_run_steps(ENTER_SETUP, sb, &f) < 0)
		give_up(sb, &f);
	app = pipe2(sb->init_ready, O_CLOEXEC) < 0 ? -1 : fork();
	if (app == 0)
		enter_app(sb);
	if (app < 0) {
		fault_set(&f, errno, "fork the application");
		give_up(sb, &f);
	}
	fd_replace(&sb->exec_pipe, -1);
	/* both sides set it: whoever is first */
	setpgid(app, app);
	if (enter_run_steps(ENTER_INIT, sb, &f) < 0)
		give_up(sb, &f);
	init_run(app);
}

void enter_print(FILE *out)
{
	fputs("steps:", out);
	for (const struct enter_step *s = enter_steps; s->name; s++)
		fprintf(out, " %s", s->name);
	fputc('\n', out);
}
