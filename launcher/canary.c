/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/canary.c - the last look from inside: is what was promised so? */
#include "launcher/canary.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "launcher/canary_net.h"
#include "launcher/facade.h"
#include "launcher/look.h"

/* Of a grant with a thousand mounts below it; read whole. */
#define MOUNTINFO_MAX_BYTES (1 << 20)
#define PIPEFS_MAGIC 0x50495045 /* linux/magic.h */

static int check_ids(struct sandbox *sb, struct fault *f)
{
	uid_t r, e, s;
	gid_t gr, ge, gs;

	(void)sb;
	if (getresuid(&r, &e, &s) < 0 || getresgid(&gr, &ge, &gs) < 0)
		return fault_set(f, errno, "read the ids");
	if (r != FACADE_UID || e != FACADE_UID || s != FACADE_UID ||
	    gr != FACADE_GID || ge != FACADE_GID || gs != FACADE_GID)
		return look_differs(f, "ids", "not those of the facade");
	/* pid 1 is ours, and the application is the first after it */
	if (getppid() != 1)
		return look_differs(f, "pid namespace",
				    "the parent is not pid 1");
	return 0;
}

/* Capability sets and no_new_privs, as proc_pid_status(5) shows them. */
static int check_privileges(struct sandbox *sb, struct fault *f)
{
	static const char *const wanted[] = {
		"\nCapInh:\t0000000000000000\n",
		"\nCapPrm:\t0000000000000000\n",
		"\nCapEff:\t0000000000000000\n",
		"\nCapBnd:\t0000000000000000\n",
		"\nCapAmb:\t0000000000000000\n",
		"\nNoNewPrivs:\t1\n",
	};
	char status[8192];
	int rc = look_slurp("/proc/self/status", status, sizeof(status), f);

	(void)sb;
	if (rc < 0)
		return rc;
	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++)
		if (!strstr(status, wanted[i]))
			return fault_set(
				f, EPERM, "privileges: %.*s is not %s",
				(int)strcspn(wanted[i] + 1, ":"), wanted[i] + 1,
				i + 1 < ARRAY_SIZE(wanted) ? "empty" : "set");
	return 0;
}

/* 0-2 may be our pty, an anonymous pipe or /dev/null. */
static int check_std(int fd, struct fault *f)
{
	struct statfs fs;
	struct stat st;

	if (fstat(fd, &st) < 0)
		return fault_set(f, errno, "look at descriptor %d", fd);
	if (S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3))
		return 0;
	if (S_ISCHR(st.st_mode) && major(st.st_rdev) >= 136 &&
	    major(st.st_rdev) <= 143) {
		/* ours is number 0 of our own devpts */
		struct stat ours;

		if (stat("/dev/pts/0", &ours) == 0 &&
		    ours.st_dev == st.st_dev && ours.st_ino == st.st_ino)
			return 0;
	}
	if (S_ISFIFO(st.st_mode) && fstatfs(fd, &fs) == 0 &&
	    fs.f_type == PIPEFS_MAGIC)
		return 0;
	return fault_set(f, EPERM,
			 "descriptor %d: neither our terminal nor a pipe", fd);
}

static int check_descriptors(struct sandbox *sb, struct fault *f)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *d;
	int rc = 0;

	if (!dir)
		return fault_set(f, errno, "list the descriptors");
	while (rc == 0 && (d = readdir(dir))) {
		int fd = (int)strtol(d->d_name, NULL, 10);

		if (d->d_name[0] == '.' || fd == dirfd(dir) ||
		    fd == sb->exec_pipe)
			continue;
		rc = fd > 2 ? fault_set(f, EPERM, "descriptor %d is open", fd)
			    : check_std(fd, f);
	}
	closedir(dir);
	return rc;
}

static bool is_at_or_below(const char *point, const char *dir)
{
	size_t n = strlen(dir);

	return strncmp(point, dir, n) == 0 &&
	       (point[n] == '/' || point[n] == '\0');
}

/* Mount points the sandbox may have, by prefix; grants are added. */
static bool is_expected_mount(const struct plan *plan, const char *point)
{
	static const struct {
		const char *path;
		bool below; /* and what is below it */
	} expected[] = {
		{ "/", false },          { "/usr", false },
		{ "/bin", false },       { "/sbin", false },
		{ "/lib", false },       { "/lib32", false },
		{ "/lib64", false },     { "/libx32", false },
		{ "/tmp", false },       { "/var/tmp", false },
		{ "/home/user", false }, { "/run/user/1000", false },
		{ "/dev/", true },       { "/proc", true },
	};

	for (size_t i = 0; i < ARRAY_SIZE(expected); i++)
		if (expected[i].below ? strncmp(point, expected[i].path,
						strlen(expected[i].path)) == 0
				      : strcmp(point, expected[i].path) == 0)
			return true;
	for (size_t i = 0; facade_host_dirs[i]; i++)
		if (strcmp(point + 1, facade_host_dirs[i]) == 0)
			return true;
	if (strcmp(point + 1, FACADE_CERTIFICATES) == 0)
		return true;
	/* what is mounted below a granted directory comes along */
	for (size_t i = 0; i < plan->ngrants; i++)
		if (is_at_or_below(point, plan->grants[i].dst))
			return true;
	return false;
}

/* Interfaces of the kernel, which tell about the host: ours only. */
static bool is_kernel_type(const char *type)
{
	static const char *const types[] = {
		"proc",        "sysfs",    "devpts", "cgroup",   "cgroup2",
		"debugfs",     "tracefs",  "bpf",    "mqueue",   "securityfs",
		"configfs",    "pstore",   "nsfs",   "efivarfs", "selinuxfs",
		"binfmt_misc", "devtmpfs",
	};

	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (strcmp(type, types[i]) == 0)
			return true;
	return false;
}

/* May a mount be of that type? A grant brings what is mounted below it. */
static bool may_be(const char *point, const char *type)
{
	return !is_kernel_type(type) || strncmp(point, "/dev/", 5) == 0 ||
	       strcmp(point, "/proc") == 0 || strncmp(point, "/proc/", 6) == 0;
}

/* May a mount be writable? Everything else must say ro. */
static bool may_write(const struct plan *plan, const char *point)
{
	static const char *const writable[] = {
		"/tmp",  "/var/tmp", "/home/user", "/run/user/1000",
		"/proc", "/dev/pts", "/dev/shm",
	};

	for (size_t i = 0; i < ARRAY_SIZE(writable); i++)
		if (strcmp(point, writable[i]) == 0)
			return true;
	for (size_t i = 0; i < plan->ngrants; i++)
		if (plan->grants[i].writable &&
		    is_at_or_below(point, plan->grants[i].dst))
			return true;
	return false;
}

/* Would a mount of the host's come through? Optional fields stand before the
 * dash (proc_pid_mountinfo(5)). */
static bool is_tied(const char *line, const char *dash)
{
	const char *master = strstr(line, " master:");
	const char *shared = strstr(line, " shared:");

	return (master && master < dash) || (shared && shared < dash);
}

/* The next field of a line, which ends with a space; "" past the end. */
static const char *field(char **rest)
{
	const char *start = strsep(rest, " ");

	return start ? start : "";
}

/* A line of proc_pid_mountinfo(5), without its end. */
static int check_mount(const struct plan *plan, char *line, struct fault *f)
{
	char *dash = strstr(line, " - "), *rest = line;
	const char *point, *options, *type;

	if (!dash)
		return look_differs(f, "mounts", "not readable");
	if (is_tied(line, dash))
		return look_differs(f, "mounts: tied to the host's", line);
	for (int i = 0; i < 4; i++)
		field(&rest);
	point = field(&rest);
	options = field(&rest);
	rest = dash + 3;
	type = field(&rest);
	if (point[0] != '/' || !options[0] || !type[0])
		return look_differs(f, "mounts", "not readable");
	if (!may_be(point, type))
		return look_differs(f, "mounts: of the kernel", point);
	if (!is_expected_mount(plan, point))
		return look_differs(f, "mounts: not in the plan", point);
	if (strncmp(options, "ro", 2) != 0 && !may_write(plan, point))
		return look_differs(f, "mounts: writable", point);
	if (!strstr(options, "nosuid"))
		return look_differs(f, "mounts: without nosuid", point);
	return 0;
}

int canary_check_mounts(struct sandbox *sb, struct fault *f)
{
	autoclose int fd = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
	autofree char *text = NULL;
	char *rest, *line;
	size_t len;
	int rc = fd < 0 ? -errno
			: fd_read_text(fd, MOUNTINFO_MAX_BYTES, &text, &len);

	if (rc < 0)
		return fault_set(f, rc, "read mountinfo");
	rest = text;
	while (rc == 0 && (line = strsep(&rest, "\n")))
		if (*line)
			rc = check_mount(sb->plan, line, f);
	if (rc == 0 && access("/sys", F_OK) == 0)
		rc = look_differs(f, "mounts", "there is a /sys");
	return rc;
}

static int check_names(struct sandbox *sb, struct fault *f)
{
	struct utsname u;

	if (uname(&u) < 0)
		return fault_set(f, errno, "read the host name");
	if (strcmp(u.nodename, FACADE_HOSTNAME) != 0 ||
	    strcmp(u.domainname, FACADE_DOMAIN) != 0)
		return look_differs(f, "host name", u.nodename);
	/* a nested namespace would own nothing here, but nobody needs one */
	if (!sb->plan->userns && unshare(CLONE_NEWUSER) == 0)
		return look_differs(f, "user namespaces", "one could be made");
	return 0;
}

int canary_check(struct sandbox *sb, struct fault *f)
{
	static int (*const checks[])(struct sandbox *, struct fault *) = {
		check_ids,         check_privileges, canary_check_network,
		check_descriptors, check_names,
	};

	for (size_t i = 0; i < ARRAY_SIZE(checks); i++) {
		int rc = checks[i](sb, f);

		if (rc < 0)
			return rc;
	}
	return 0;
}

int canary_check_filter(struct sandbox *sb, struct fault *f)
{
	(void)sb;
	/* seccomp(2): 2 is SECCOMP_MODE_FILTER */
	return prctl(PR_GET_SECCOMP, 0, 0, 0, 0) == 2
		       ? 0
		       : look_differs(f, "seccomp", "no filter is in force");
}
