/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/root.c - the new root: what the application sees as / */
#include "launcher/root.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/mountapi.h"
#include "launcher/facade.h"
#include "launcher/layer.h"
#include "launcher/ldcache.h"
#include "launcher/proc.h"
#include "launcher/skeleton.h"

/* What tells programs of the gateway, or need not. */
static int make_mode_files(const struct plan *plan, int root, struct fault *f)
{
	return skeleton_make_files(root,
				   plan->transparent ? facade_transparent_files
						     : facade_proxied_files,
				   f);
}

/* Copies an open file of the host; a bind mount would tell where it is. */
static int copy_in(int from, int root, const char *to, mode_t mode,
		   struct fault *f)
{
	autoclose int out =
		openat(root, to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	off_t at = 0;
	ssize_t n;

	if (out < 0)
		return fault_set(f, errno, "make %s", to);
	do
		n = sendfile(out, from, &at, 1 << 24);
	while (n > 0);
	return n < 0 ? fault_set(f, errno, "copy %s", to) : 0;
}

/* Without the cache programs still run, only start slower. */
static int copy_ld_cache(int root, struct fault *f)
{
	autoclose int from = open("/etc/ld.so.cache", O_RDONLY | O_CLOEXEC);
	autoclose int to = -1;
	struct stat st;
	char *cache;
	int rc = 0;

	if (from < 0 || fstat(from, &st) < 0 || st.st_size == 0)
		return 0;
	cache = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, from, 0);
	if (cache == MAP_FAILED)
		return fault_set(f, errno, "read ld.so.cache");
	if (ldcache_is_of_system(cache, (size_t)st.st_size)) {
		to = openat(root, "etc/ld.so.cache",
			    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
		rc = to < 0 ? -errno
			    : fd_write_full(to, cache, (size_t)st.st_size);
	}
	munmap(cache, (size_t)st.st_size);
	return rc < 0 ? fault_set(f, rc, "copy ld.so.cache") : 0;
}

/*
 * Certificates: the one file that libraries read. The directory around it is
 * the machine's own: Debian's ssl-cert puts one with the host's name there.
 */
static int copy_certificates(int root, struct fault *f)
{
	autoclose int from =
		open("/" FACADE_CERTIFICATES, O_RDONLY | O_CLOEXEC);

	return from < 0 ? 0 : copy_in(from, root, FACADE_CERTIFICATES, 0644, f);
}

/* Room for what root_make() itself writes. */
#define ROOT_BYTES (16 << 20)

/* Directories of the memory that become mounts of their own. */
static const struct {
	const char *name;
	mode_t mode;
	const char *to; /* relative to the new root */
} parts[] = {
	{ SKELETON_ROOT, 0755, NULL },
	{ SKELETON_FACADE, 0755, NULL },
	{ "home", 0700, NULL },
	{ "tmp", 01777, "tmp" },
	{ "var-tmp", 01777, "var/tmp" },
	{ "shm", 01777, "dev/shm" },
	{ "run-user", 0700, "run/user/1000" },
};

/* Directories of the skeleton that a launch writes into: made here they need
 * not be copied up, which is slower (overlayfs.rst). */
static const char *const merged[] = {
	"root/dev",           "root/etc",
	"root/etc/ssh",       "root/etc/ssl",
	"root/etc/ssl/certs", "root/run",
	"root/run/isolate",   "facade/sys",
	"facade/sys/kernel",  "facade/sys/kernel/random",
};

/* Those of it that a grant can appear in: whoever installed the skeleton owns
 * them below, and is nobody in our user namespace. */
static const char *const granted[] = {
	"root/home",    "root/run/user", "root/var", "root/var/lib",
	"root/var/log", "root/media",    "root/mnt",
};

static int merge_dirs(int upper, const char *const *dirs, size_t n,
		      struct fault *f)
{
	for (size_t i = 0; i < n; i++)
		if (mkdirat(upper, dirs[i], 0755) < 0)
			return fault_set(f, errno, "make %s", dirs[i]);
	return 0;
}

static int merge_skeleton(const struct plan *plan, int upper, struct fault *f)
{
	int rc = merge_dirs(upper, merged, ARRAY_SIZE(merged), f);

	if (rc < 0 || plan->ngrants == 0)
		return rc;
	return merge_dirs(upper, granted, ARRAY_SIZE(granted), f);
}

/* Fills the upper layer while it is a plain tmpfs: that is faster. */
static int fill_memory(struct sandbox *sb, int memory, int skeleton,
		       struct fault *f)
{
	static const char *const layers[] = { "lower", "upper", "work" };
	autoclose int upper = -1, root = -1, facade = -1;
	int rc;

	for (size_t i = 0; i < ARRAY_SIZE(layers); i++)
		if (mkdirat(memory, layers[i], 0755) < 0)
			return fault_set(f, errno, "make %s", layers[i]);
	upper = openat(memory, "upper", O_PATH | O_DIRECTORY | O_CLOEXEC);
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (mkdirat(upper, parts[i].name, 0700) < 0 ||
		    fchmodat(upper, parts[i].name, parts[i].mode, 0) < 0)
			return fault_set(f, errno, "make %s", parts[i].name);
	root = openat(upper, SKELETON_ROOT, O_PATH | O_DIRECTORY | O_CLOEXEC);
	facade = openat(upper, SKELETON_FACADE,
			O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0 || facade < 0)
		return fault_set(f, errno, "open the new root");
	rc = skeleton >= 0 ? merge_skeleton(sb->plan, upper, f)
			   : skeleton_make(upper, f);
	if (rc == 0)
		rc = make_mode_files(sb->plan, root, f);
	if (rc == 0)
		rc = copy_ld_cache(root, f);
	if (rc == 0 && sb->connect_fd >= 0)
		rc = copy_in(sb->connect_fd, root, FACADE_CONNECT + 1, 0755, f);
	return rc < 0 ? rc : proc_fill_facade(sb, facade, f);
}

int root_make(struct sandbox *sb, struct fault *f)
{
	uint64_t bytes = sb->plan->tmp_bytes + ROOT_BYTES;
	char size[32];
	const struct mount_option options[] = {
		{ "mode", "0755" },
		{ "size", size },
		{ NULL, NULL },
	};
	/* without it all is written here */
	autoclose int skeleton =
		sb->skeleton < 0 ? -1 : skeleton_reopen(sb->skeleton);
	autoclose int memory = -1;
	int rc;

	if (sb->plan->amnesic)
		bytes += sb->plan->home_bytes;
	snprintf(size, sizeof(size), "%" PRIu64, bytes);
	memory = mount_new("tmpfs", "memory", options, MOUNT_HARD, f);
	if (memory < 0)
		return memory;
	/* stacked on / each: what is copied from or used as a layer must be
	 * attached in our namespace, and no path of the host gets covered */
	rc = mount_attach(memory, AT_FDCWD, "/", f);
	if (rc == 0)
		rc = fill_memory(sb, memory, skeleton, f);
	if (rc < 0)
		return rc;
	sb->empty = layer_fd(memory, "lower", LAYER_EMPTY, f);
	if (sb->empty < 0 || layer_fd(memory, "upper", LAYER_MEMORY, f) < 0 ||
	    layer_fd(memory, "work", LAYER_MEMORY + 1, f) < 0)
		return -f->err;
	/* one number with and without: mountinfo shows it */
	if (dup3(skeleton >= 0 ? skeleton : sb->empty, LAYER_BASE, O_CLOEXEC) <
	    0)
		return fault_set(f, errno, "keep the lowest layer open");
	sb->memory = layer_mount("memory", LAYER_BASE, LAYER_MEMORY, f);
	rc = sb->memory < 0 ? sb->memory
			    : mount_attach(sb->memory, AT_FDCWD, "/", f);
	if (rc < 0)
		return rc;
	sb->root = mount_clone(sb->memory, SKELETON_ROOT, 0, 0, f);
	return sb->root < 0 ? sb->root
			    : mount_attach(sb->root, AT_FDCWD, "/", f);
}

/*
 * The host's directory, read-only, through an overlay: mountinfo then names
 * neither the host's device (which may carry the host's name) nor a path,
 * st_dev and fsid are the overlay's. An overlay without an upper layer needs
 * two lower ones: the first is the empty directory @empty, and statfs(2) tells
 * of its file system, not of the host's disk.
 */
static int new_host_overlay(const char *from, const char *empty,
			    struct fault *f)
{
	char lower[512];
	const struct mount_option options[] = {
		{ "lowerdir", lower },
		{ "userxattr", NULL },
		{ NULL, NULL },
	};

	if (snprintf(lower, sizeof(lower), "%s:%s", empty, from) >=
	    (int)sizeof(lower))
		return fault_set(f, ENAMETOOLONG, "mount %s", from);
	return mount_new("overlay", "overlay", options,
			 MOUNT_HARD | MOUNT_ATTR_RDONLY, f);
}

static int mount_host_dir(int root, const char *from, const char *to,
			  const char *empty, struct fault *f)
{
	autoclose int mount = new_host_overlay(from, empty, f);

	return mount < 0 ? mount : mount_attach(mount, root, to, f);
}

/* /bin, /lib64 and the like: links into /usr, as the host has them. */
static int add_system_link(int root, const char *name, const char *empty,
			   struct fault *f)
{
	char target[64];
	struct stat st;
	ssize_t n;

	if (fstatat(AT_FDCWD, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0
				       : fault_set(f, errno, "stat %s", name);
	if (S_ISLNK(st.st_mode)) {
		n = readlinkat(AT_FDCWD, name, target, sizeof(target) - 1);
		if (n < 0)
			return fault_set(f, errno, "read the link %s", name);
		target[n] = '\0';
		if (symlinkat(target, root, name) < 0)
			return fault_set(f, errno, "link %s", name);
		return 0;
	}
	if (mkdirat(root, name, 0755) < 0)
		return fault_set(f, errno, "make %s", name);
	return mount_host_dir(root, name, name, empty, f);
}

/* Each by itself, where something is mounted in /etc (in a container, say): an
 * overlay of the whole cannot be made then. */
static int mount_etc_apart(int root, const char *empty, struct fault *f)
{
	int rc = copy_certificates(root, f);

	for (size_t i = 0; rc == 0 && facade_host_dirs[i]; i++)
		if (access(facade_host_dirs[i], F_OK) == 0)
			rc = mount_host_dir(root, facade_host_dirs[i],
					    facade_host_dirs[i], empty, f);
	return rc;
}

/* What comes from the host's /etc: one overlay of it, on its own place and so
 * gone with the host's root, and binds of its parts. */
static int mount_etc(int root, const char *empty, struct fault *f)
{
	autoclose int etc = new_host_overlay("etc", empty, f);
	int rc;

	if (etc == -EINVAL)
		return mount_etc_apart(root, empty, f);
	rc = etc < 0 ? etc : mount_attach(etc, AT_FDCWD, "/etc", f);
	for (size_t i = 0; rc == 0 && facade_host_dirs[i]; i++)
		if (access(facade_host_dirs[i], F_OK) == 0)
			rc = mount_bind(AT_FDCWD, facade_host_dirs[i], root,
					facade_host_dirs[i], 0, f);
	if (rc < 0 || access(FACADE_CERTIFICATES, F_OK) < 0)
		return rc;
	if (mknodat(root, FACADE_CERTIFICATES, S_IFREG | 0644, 0) < 0)
		return fault_set(f, errno, "make " FACADE_CERTIFICATES);
	return mount_bind(AT_FDCWD, FACADE_CERTIFICATES, root,
			  FACADE_CERTIFICATES, 0, f);
}

int root_mount_system(struct sandbox *sb, struct fault *f)
{
	static const char *const links[] = { "bin",   "sbin",  "lib",
					     "lib32", "lib64", "libx32" };
	char empty[32];
	int rc;

	/* relative to /, which is still the host's */
	if (chdir("/") < 0)
		return fault_set(f, errno, "change to /");
	/* no path leads into the new root yet */
	snprintf(empty, sizeof(empty), "/proc/self/fd/%d", sb->empty);
	rc = mount_host_dir(sb->root, "usr", "usr", empty, f);
	for (size_t i = 0; rc == 0 && i < ARRAY_SIZE(links); i++)
		rc = add_system_link(sb->root, links[i], empty, f);
	return rc < 0 ? rc : mount_etc(sb->root, empty, f);
}

int root_mount_dev(struct sandbox *sb, struct fault *f)
{
	static const struct mount_option devpts[] = {
		{ "newinstance", NULL },
		{ "ptmxmode", "0666" },
		{ "mode", "0620" },
		{ NULL, NULL },
	};
	autoclose int pts = -1;

	sb->host_dev = open("/dev", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (sb->host_dev < 0)
		return fault_set(f, errno, "open /dev");
	pts = mount_new("devpts", "devpts", devpts,
			MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC, f);
	return pts < 0 ? pts : mount_attach(pts, sb->root, "dev/pts", f);
}

int root_bind_dev(struct sandbox *sb, struct fault *f)
{
	struct mount_attr set = { .attr_set = MOUNT_ATTR_NOSUID |
					      MOUNT_ATTR_NOEXEC |
					      MOUNT_ATTR_RDONLY };
	char to[32];
	int rc = fchdir(sb->host_dev) < 0
			 ? fault_set(f, errno, "change to the host's /dev")
			 : 0;

	for (size_t i = 0; rc == 0 && facade_devices[i]; i++) {
		snprintf(to, sizeof(to), "/dev/%s", facade_devices[i]);
		rc = mount_cover(facade_devices[i], to, f);
		if (rc == 0 &&
		    mount_setattr(AT_FDCWD, to, 0, &set, sizeof(set)) < 0)
			rc = fault_set(f, errno, "restrict %s", to);
	}
	fd_replace(&sb->host_dev, -1);
	return rc;
}

int root_mount_scratch(struct sandbox *sb, struct fault *f)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < ARRAY_SIZE(parts); i++)
		if (parts[i].to)
			rc = mount_bind(sb->memory, parts[i].name, sb->root,
					parts[i].to, 0, f);
	return rc;
}

/* Where the old root goes until it is let go: facade_dirs has it. */
#define OLD_ROOT "mnt"

int root_pivot(struct sandbox *sb, struct fault *f)
{
	int rc = mount_set(sb->root, MOUNT_HARD | MOUNT_ATTR_RDONLY, f);

	if (rc < 0)
		return rc;
	/* not onto the new root itself: whose root is covered counts as
	 * chrooted, and may make no user namespace (user_namespaces(7)) */
	if (fchdir(sb->root) < 0 || syscall(SYS_pivot_root, ".", OLD_ROOT) < 0)
		return fault_set(f, errno, "enter the new root");
	return 0;
}

int root_leave_old(struct sandbox *sb, struct fault *f)
{
	(void)sb;
	if (chdir("/") < 0)
		return fault_set(f, errno, "return to the new root");
	/* what was below the new root lies stacked there: from the top the
	 * memory's overlay, its tmpfs and the host's root with all that is
	 * mounted there */
	for (int i = 0; i < 3; i++)
		if (umount2(OLD_ROOT, MNT_DETACH | UMOUNT_NOFOLLOW) < 0)
			return fault_set(f, errno, "let go of the old root");
	return 0;
}
