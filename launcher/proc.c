/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/proc.c - /proc of the sandbox: its own processes and a facade */
#include "launcher/proc.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "base/mountapi.h"
#include "launcher/facade.h"
#include "launcher/skeleton.h"

static bool is_visible(const char *name)
{
	if (isdigit((unsigned char)name[0]))
		return true;
	for (size_t i = 0; facade_proc_visible[i]; i++)
		if (strcmp(facade_proc_visible[i], name) == 0)
			return true;
	return false;
}

int proc_fill_facade(const struct sandbox *sb, int dirfd, struct fault *f)
{
	char boot_id[64], stat[512], release[80], version[80];
	const struct facade_file files[] = {
		{ "sys/kernel/random/boot_id", 0644, boot_id },
		{ "stat", 0644, stat },
		/* as uname(2) says, which no mount can hide */
		{ "sys/kernel/osrelease", 0644, release },
		{ "sys/kernel/version", 0644, version },
		{ NULL, 0, NULL },
	};
	struct utsname u;

	uname(&u);
	snprintf(boot_id, sizeof(boot_id), "%s\n", sb->boot_id);
	snprintf(stat, sizeof(stat),
		 "cpu  0 0 0 0 0 0 0 0 0 0\n"
		 "cpu0 0 0 0 0 0 0 0 0 0 0\n"
		 "intr 0\nctxt 0\nbtime %lld\nprocesses 1\nprocs_running 1\n"
		 "procs_blocked 0\nsoftirq 0 0 0 0 0 0 0 0 0 0 0\n",
		 (long long)time(NULL) - sb->uptime.tv_sec);
	snprintf(release, sizeof(release), "%s\n", u.release);
	snprintf(version, sizeof(version), "%s\n", u.version);
	return skeleton_make_files(dirfd, files, f);
}

/* /proc/sys is replaced as a whole; only what must change at each reading
 * is the kernel's own. */
static int replace_sys(struct fault *f)
{
	static const char at[] = "/proc/sys/kernel/random/uuid";
	autoclose int uuid =
		mount_clone(AT_FDCWD, at, 0, MOUNT_HARD | MOUNT_ATTR_RDONLY, f);
	int rc;

	if (uuid < 0)
		return uuid;
	rc = mount_cover("sys", "/proc/sys", f);
	return rc < 0 ? rc : mount_attach(uuid, AT_FDCWD, at, f);
}

/* Has the facade a file of this name for /proc itself? */
static bool has_text(const char *name)
{
	if (strcmp(name, "stat") == 0)
		return true;
	for (size_t i = 0; facade_proc_files[i].path; i++)
		if (strcmp(facade_proc_files[i].path, name) == 0)
			return true;
	return false;
}

static int mask(const struct dirent *d, struct fault *f)
{
	const char *from = "empty-file";
	char to[8 + sizeof(d->d_name)];

	if (d->d_type == DT_DIR)
		from = "empty-dir";
	else if (d->d_type == DT_LNK)
		return fault_set(f, 0, "no way to mask the link /proc/%s",
				 d->d_name);
	else if (has_text(d->d_name))
		from = d->d_name;
	snprintf(to, sizeof(to), "/proc/%s", d->d_name);
	return mount_cover(from, to, f);
}

static int mask_all(struct fault *f)
{
	DIR *dir = opendir("/proc");
	struct dirent *d;
	int rc = 0;

	if (!dir)
		return fault_set(f, errno, "list /proc");
	while (rc == 0 && (d = readdir(dir)))
		if (d->d_name[0] != '.' && !is_visible(d->d_name))
			rc = mask(d, f);
	closedir(dir);
	return rc;
}

int proc_mount(struct sandbox *sb, struct fault *f)
{
	autoclose int proc = mount_new("proc", "proc", NULL,
				       MOUNT_HARD | MOUNT_ATTR_NOEXEC, f);

	if (proc == -EPERM || proc == -EBUSY)
		fault_hint(f, "is a part of /proc covered here, as in a "
			      "container?");
	return proc < 0 ? proc : mount_attach(proc, sb->root, "proc", f);
}

int proc_mask(struct sandbox *sb, struct fault *f)
{
	autoclose int facade = openat(sb->memory, SKELETON_FACADE,
				      O_PATH | O_DIRECTORY | O_CLOEXEC);
	int rc;

	/* copies of a mount that is read-only are so too; what is writable
	 * has its own by now */
	rc = mount_set(sb->memory, MOUNT_HARD | MOUNT_ATTR_RDONLY, f);
	if (rc < 0)
		return rc;
	if (facade < 0 || fchdir(facade) < 0)
		return fault_set(f, errno, "open the facade of /proc");
	rc = mask_all(f);
	return rc < 0 ? rc : replace_sys(f);
}
