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

#include "launcher/facade.h"
#include "launcher/mountapi.h"

static bool is_visible(const char *name)
{
	if (isdigit((unsigned char)name[0]))
		return true;
	for (size_t i = 0; facade_proc_visible[i]; i++)
		if (strcmp(facade_proc_visible[i], name) == 0)
			return true;
	return false;
}

/* Makes the directories above @path; they may exist. */
static int make_parents(int dirfd, const char *path)
{
	char part[64];

	for (const char *p = path; (p = strchr(p, '/')); p++) {
		snprintf(part, sizeof(part), "%.*s", (int)(p - path), path);
		if (mkdirat(dirfd, part, 0755) < 0 && errno != EEXIST)
			return -errno;
	}
	return 0;
}

static int write_file(int dirfd, const char *path, const char *text,
		      struct fault *f)
{
	int rc = make_parents(dirfd, path);

	if (rc == 0)
		rc = fd_write_file(dirfd, path, O_CREAT | O_EXCL, text);
	return rc < 0 ? fault_set(f, rc, "write %s of /proc", path) : 0;
}

int proc_fill_facade(const struct sandbox *sb, int dirfd, struct fault *f)
{
	char text[512];
	struct utsname u;
	int rc = 0;

	for (size_t i = 0; facade_proc_files[i].path && rc == 0; i++)
		rc = write_file(dirfd, facade_proc_files[i].path,
				facade_proc_files[i].text, f);
	if (rc < 0)
		return rc;
	snprintf(text, sizeof(text), "%s\n", sb->boot_id);
	rc = write_file(dirfd, "sys/kernel/random/boot_id", text, f);
	if (rc < 0)
		return rc;
	snprintf(text, sizeof(text),
		 "cpu  0 0 0 0 0 0 0 0 0 0\n"
		 "cpu0 0 0 0 0 0 0 0 0 0 0\n"
		 "intr 0\nctxt 0\nbtime %lld\nprocesses 1\nprocs_running 1\n"
		 "procs_blocked 0\nsoftirq 0 0 0 0 0 0 0 0 0 0 0\n",
		 (long long)time(NULL) - sb->uptime.tv_sec);
	rc = write_file(dirfd, "stat", text, f);
	if (rc < 0)
		return rc;
	/* as uname(2) says, which no mount can hide */
	uname(&u);
	snprintf(text, sizeof(text), "%s\n", u.release);
	rc = write_file(dirfd, "sys/kernel/osrelease", text, f);
	if (rc < 0)
		return rc;
	snprintf(text, sizeof(text), "%s\n", u.version);
	rc = write_file(dirfd, "sys/kernel/version", text, f);
	if (rc == 0)
		rc = write_file(dirfd, "sys/kernel/random/uuid", "", f);
	if (rc == 0)
		rc = write_file(dirfd, "empty-file", "", f);
	if (rc == 0 && mkdirat(dirfd, "empty-dir", 0555) < 0)
		rc = fault_set(f, errno, "make an empty directory");
	return rc;
}

/* /proc/sys is replaced as a whole; only what must change at each reading
 * is the kernel's own. */
static int replace_sys(int proc, int dirfd, struct fault *f)
{
	autoclose int uuid = mount_clone(proc, "sys/kernel/random/uuid", 0,
					 MOUNT_HARD | MOUNT_ATTR_RDONLY, f);
	int rc;

	if (uuid < 0)
		return uuid;
	rc = mount_bind(dirfd, "sys", proc, "sys", MOUNT_ATTR_RDONLY, f);
	return rc < 0 ? rc
		      : mount_attach(uuid, proc, "sys/kernel/random/uuid", f);
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

static int mask(int proc, int dirfd, const struct dirent *d, struct fault *f)
{
	const char *from = "empty-file";

	if (d->d_type == DT_DIR)
		from = "empty-dir";
	else if (d->d_type == DT_LNK)
		return fault_set(f, 0, "no way to mask the link /proc/%s",
				 d->d_name);
	else if (has_text(d->d_name))
		from = d->d_name;
	return mount_bind(dirfd, from, proc, d->d_name, MOUNT_ATTR_RDONLY, f);
}

static int mask_all(int proc, int dirfd, struct fault *f)
{
	DIR *dir = fdopendir(
		openat(proc, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	struct dirent *d;
	int rc = 0;

	if (!dir)
		return fault_set(f, errno, "list /proc");
	while (rc == 0 && (d = readdir(dir)))
		if (d->d_name[0] != '.' && !is_visible(d->d_name))
			rc = mask(proc, dirfd, d, f);
	closedir(dir);
	return rc;
}

int proc_mount(struct sandbox *sb, struct fault *f)
{
	autoclose int proc = -1, facade = -1;
	int rc;

	proc = mount_new("proc", "proc", NULL, MOUNT_HARD | MOUNT_ATTR_NOEXEC,
			 f);
	if (proc == -EPERM || proc == -EBUSY)
		fault_hint(f, "is a part of /proc covered here, as in a "
			      "container?");
	if (proc < 0)
		return proc;
	rc = mount_attach(proc, sb->root, "proc", f);
	if (rc < 0)
		return rc;
	facade = openat(sb->memory, "facade", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (facade < 0)
		return fault_set(f, errno, "open the facade of /proc");
	rc = mask_all(proc, facade, f);
	return rc < 0 ? rc : replace_sys(proc, facade, f);
}
