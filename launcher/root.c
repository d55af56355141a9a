/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/root.c - the new root: what the application sees as / */
#include "launcher/root.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/path.h"
#include "launcher/facade.h"
#include "launcher/mountapi.h"
#include "launcher/proc.h"
#include "launcher/sync.h"

static int make_file(int root, const struct facade_file *file, struct fault *f)
{
	int rc = fd_write_file(root, file->path, O_CREAT | O_EXCL, file->text);

	return rc < 0 ? fault_set(f, rc, "write %s", file->path) : 0;
}

static int make_skeleton(int root, struct fault *f)
{
	for (size_t i = 0; facade_dirs[i]; i++)
		if (mkdirat(root, facade_dirs[i], 0755) < 0)
			return fault_set(f, errno, "make %s", facade_dirs[i]);
	for (size_t i = 0; facade_links[i].path; i++)
		if (symlinkat(facade_links[i].target, root,
			      facade_links[i].path) < 0)
			return fault_set(f, errno, "link %s",
					 facade_links[i].path);
	for (size_t i = 0; facade_files[i].path; i++) {
		int rc = make_file(root, &facade_files[i], f);

		if (rc < 0)
			return rc;
	}
	return 0;
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

/*
 * Are the libraries that the cache names all in /lib and /usr? Others are not
 * in the sandbox, and where they lie may tell whose machine it is. Their
 * paths are strings that follow each other (ld.so(8)).
 */
static bool names_only_system(const char *cache, size_t len)
{
	static const char *const system[] = { "/lib", "/usr/" };

	for (size_t i = 1; i < len; i++) {
		bool known = false;

		if (cache[i] != '/' || cache[i - 1] != '\0')
			continue;
		for (size_t n = 0; n < ARRAY_SIZE(system); n++)
			if (strncmp(cache + i, system[n], strlen(system[n])) ==
			    0)
				known = true;
		if (!known)
			return false;
	}
	return true;
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
	if (names_only_system(cache, (size_t)st.st_size)) {
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

/* The numbers that overlays show in mountinfo: the same in every launch. */
#define LAYER_EMPTY 100
#define LAYER_MEMORY 101
#define LAYER_HOME 103
#define LAYER_GRANTS 105 /* and up */
/* Room for what root_make() itself writes. */
#define ROOT_BYTES (16 << 20)

/* Gives a layer of an overlay a descriptor with a fixed number. */
static int layer_fd(int dirfd, const char *path, int number, struct fault *f)
{
	autoclose int fd =
		path_open_beneath(dirfd, path, O_PATH | O_DIRECTORY, 0);

	if (fd < 0)
		return fault_set(f, fd, "open %s", path);
	if (dup3(fd, number, O_CLOEXEC) < 0)
		return fault_set(f, errno, "keep %s open", path);
	return number;
}

/*
 * An overlay whose layers are the fixed descriptors @lower, @lower + 1 and
 * @lower + 2. What mountinfo shows of it is the same for everybody: neither
 * paths nor a device of the host, and not the uid that a tmpfs would show.
 */
static int new_overlay(const char *source, int lower, int first,
		       struct fault *f)
{
	char lowerdir[32], upperdir[32], workdir[32];
	const struct mount_option options[] = {
		{ "lowerdir", lowerdir }, { "upperdir", upperdir },
		{ "workdir", workdir },   { "userxattr", NULL },
		{ NULL, NULL },
	};

	snprintf(lowerdir, sizeof(lowerdir), "/proc/self/fd/%d", lower);
	snprintf(upperdir, sizeof(upperdir), "/proc/self/fd/%d", first);
	snprintf(workdir, sizeof(workdir), "/proc/self/fd/%d", first + 1);
	return mount_new("overlay", source, options, MOUNT_HARD, f);
}

/* Directories of the memory that become mounts of their own. */
static const struct {
	const char *name;
	mode_t mode;
	const char *to; /* relative to the new root */
} parts[] = {
	{ "root", 0755, NULL },
	{ "facade", 0755, NULL },
	{ "home", 0700, NULL },
	{ "tmp", 01777, "tmp" },
	{ "var-tmp", 01777, "var/tmp" },
	{ "shm", 01777, "dev/shm" },
	{ "run-user", 0700, "run/user/1000" },
};

/* Fills the upper layer while it is a plain tmpfs: that is faster. */
static int fill_memory(struct sandbox *sb, int memory, struct fault *f)
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
	root = openat(upper, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
	facade = openat(upper, "facade", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0 || facade < 0)
		return fault_set(f, errno, "open the new root");
	rc = make_skeleton(root, f);
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
		rc = fill_memory(sb, memory, f);
	if (rc < 0)
		return rc;
	sb->empty = layer_fd(memory, "lower", LAYER_EMPTY, f);
	if (sb->empty < 0 || layer_fd(memory, "upper", LAYER_MEMORY, f) < 0 ||
	    layer_fd(memory, "work", LAYER_MEMORY + 1, f) < 0)
		return -f->err;
	sb->memory = new_overlay("memory", LAYER_EMPTY, LAYER_MEMORY, f);
	rc = sb->memory < 0 ? sb->memory
			    : mount_attach(sb->memory, AT_FDCWD, "/", f);
	if (rc < 0)
		return rc;
	sb->root = mount_clone(sb->memory, "root", 0, 0, f);
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
	char from[32], to[32];
	int rc = 0;

	for (size_t i = 0; facade_devices[i] && rc == 0; i++) {
		snprintf(from, sizeof(from), "/dev/%s", facade_devices[i]);
		snprintf(to, sizeof(to), "dev/%s", facade_devices[i]);
		if (mknodat(sb->root, to, S_IFREG | 0444, 0) < 0)
			return fault_set(f, errno, "make %s", to);
		rc = mount_bind(AT_FDCWD, from, sb->root, to,
				MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC |
					MOUNT_ATTR_RDONLY,
				f);
	}
	if (rc < 0)
		return rc;
	pts = mount_new("devpts", "devpts", devpts,
			MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC, f);
	return pts < 0 ? pts : mount_attach(pts, sb->root, "dev/pts", f);
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

/*
 * The identity's directory in our own mount namespace. What the supervisor
 * sent is of the host's, where nothing can be copied from: @fd says which
 * directory, and is asked for its path only.
 */
static int reopen_identity(int fd, struct fault *f)
{
	char link[40], path[PATH_MAX];
	ssize_t n;
	int own;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	if (n < 0)
		return fault_set(f, errno, "find the identity's directory");
	path[n] = '\0';
	own = open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return own < 0 ? fault_set(f, errno, "open %s", path) : own;
}

/* Root's own directories are closed to the user of the sandbox: a detached
 * mount leads past them. It goes when the overlay has its layers. */
static int attach_identity(struct sandbox *sb, int tree, struct fault *f)
{
	int rc = mount_attach(tree, sb->root, "media", f), fd;

	if (rc < 0)
		return rc;
	fd = openat(sb->root, "media", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? fault_set(f, errno, "open the identity's directory")
		      : fd;
}

static int detach_identity(struct sandbox *sb, struct fault *f)
{
	char path[48];

	snprintf(path, sizeof(path), "/proc/self/fd/%d/media", sb->root);
	if (umount2(path, MNT_DETACH) < 0)
		return fault_set(f, errno, "let go of the identity");
	return 0;
}

/* An overlay of home/PROFILE in @identity; @home is what it must be. */
static int mount_own_home(struct sandbox *sb, int identity, int home,
			  struct fault *f)
{
	autoclose int mount = -1;
	struct stat ours, theirs;
	char path[128];

	snprintf(path, sizeof(path), "home/%s", sb->plan->profile);
	if (layer_fd(identity, path, LAYER_HOME, f) < 0)
		return -f->err;
	snprintf(path, sizeof(path), "work/%s", sb->plan->profile);
	if (layer_fd(identity, path, LAYER_HOME + 1, f) < 0)
		return -f->err;
	if (fstat(LAYER_HOME, &ours) < 0 || fstat(home, &theirs) < 0)
		return fault_set(f, errno, "stat the home");
	if (ours.st_dev != theirs.st_dev || ours.st_ino != theirs.st_ino)
		return fault_set(f, ESTALE, "the home was moved meanwhile");
	mount = new_overlay("home", LAYER_EMPTY, LAYER_HOME, f);
	return mount < 0 ? mount
			 : mount_attach(mount, sb->root, "home/user", f);
}

static int mount_home(struct sandbox *sb, int kind, int *fds, size_t nfds,
		      struct fault *f)
{
	int rc;

	if (kind == SYNC_HOME_MEMORY && nfds == 0)
		return mount_bind(sb->memory, "home", sb->root, "home/user", 0,
				  f);
	if (kind == SYNC_HOME_SHARED && nfds == 1)
		return mount_attach(fds[0], sb->root, "home/user", f);
	if ((kind != SYNC_HOME_OWN && kind != SYNC_HOME_DETACHED) || nfds != 2)
		return fault_set(f, EPROTO, "hear which home it is");
	fd_replace(&fds[0], kind == SYNC_HOME_OWN
				    ? reopen_identity(fds[0], f)
				    : attach_identity(sb, fds[0], f));
	rc = fds[0] < 0 ? fds[0] : mount_own_home(sb, fds[0], fds[1], f);
	return rc == 0 && kind == SYNC_HOME_DETACHED ? detach_identity(sb, f)
						     : rc;
}

int root_mount_home(struct sandbox *sb, struct fault *f)
{
	int fds[SYNC_FDS_MAX], kind, rc;
	size_t nfds = 0;

	rc = sync_receive(sb->sync, SYNC_HOME, &kind, fds, &nfds, f);
	if (rc < 0)
		return rc;
	rc = mount_home(sb, kind, fds, nfds, f);
	while (nfds > 0)
		fd_close(fds[--nfds]);
	return rc;
}

/* The mount point of a grant: made where it is missing, and beneath the new
 * root even if the application planted symlinks in its home. */
static int grant_point(int root, const char *dst, bool directory,
		       struct fault *f)
{
	char parent[PATH_MAX];
	const char *name = strrchr(dst, '/') + 1;
	autoclose int dir = -1;
	int fd;

	if (snprintf(parent, sizeof(parent), "%.*s", (int)(name - dst - 1),
		     dst) >= (int)sizeof(parent))
		return fault_set(f, ENAMETOOLONG, "mount on %s", dst);
	dir = path_make_dirs(root, parent, 0755);
	if (dir < 0)
		return fault_set(f, dir, "make %s", parent);
	if (directory && mkdirat(dir, name, 0755) < 0 && errno != EEXIST)
		return fault_set(f, errno, "make %s", dst);
	if (!directory && mknodat(dir, name, S_IFREG | 0644, 0) < 0 &&
	    errno != EEXIST)
		return fault_set(f, errno, "make %s", dst);
	fd = path_open_beneath(dir, name, O_PATH, 0);
	return fd < 0 ? fault_set(f, fd, "open %s", dst) : fd;
}

/* Opened without following a symlink: one on the way may have been planted by
 * an application that was given a directory above. */
static int open_grant(const char *path, struct fault *f)
{
	struct open_how how = {
		.flags = O_PATH | O_CLOEXEC,
		.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	int rc, fd = (int)syscall(SYS_openat2, AT_FDCWD, path, &how,
				  sizeof(how));

	if (fd >= 0)
		return fd;
	rc = fault_set(f, errno, "share %s", path);
	if (rc == -ELOOP)
		fault_hint(f, "a symbolic link is in the way: name the path "
			      "that realpath(1) prints");
	return rc;
}

/*
 * A read-only directory as an overlay: connect(2) to a socket works through a
 * read-only bind mount, through an overlay it does not, and neither path nor
 * device of the host are shown.
 */
static int overlay_grant(struct sandbox *sb, const char *path, int from,
			 int number, struct fault *f)
{
	char lower[64];
	const struct mount_option options[] = {
		{ "lowerdir", lower },
		{ "userxattr", NULL },
		{ NULL, NULL },
	};
	int mount;

	if (dup3(from, number, O_CLOEXEC) < 0)
		return fault_set(f, errno, "share %s", path);
	snprintf(lower, sizeof(lower), "/proc/self/fd/%d:/proc/self/fd/%d",
		 sb->empty, number);
	mount = mount_new("overlay", "overlay", options,
			  MOUNT_HARD | MOUNT_ATTR_RDONLY, f);
	if (mount == -EINVAL)
		fault_hint(f,
			   "is something mounted below %s? Share the "
			   "parts, each by itself",
			   path);
	return mount;
}

static int mount_grant(struct sandbox *sb, size_t i, struct fault *f)
{
	const struct plan_grant *g = &sb->plan->grants[i];
	uint64_t attrs = MOUNT_HARD | (g->writable ? 0 : MOUNT_ATTR_RDONLY);
	autoclose int from = open_grant(g->src, f);
	autoclose int tree = -1, point = -1;
	struct stat st;
	int rc;

	if (from < 0)
		return from;
	if (fstat(from, &st) < 0)
		return fault_set(f, errno, "share %s", g->src);
	if (!S_ISDIR(st.st_mode) && !S_ISREG(st.st_mode)) {
		fault_set(f, 0, "share %s: only files and directories", g->src);
		return -EINVAL;
	}
	rc = guard_check(&sb->guard, from, g->src, f);
	if (rc < 0)
		return rc;
	tree = S_ISDIR(st.st_mode) && !g->writable
		       ? overlay_grant(sb, g->src, from, LAYER_GRANTS + (int)i,
				       f)
		       : mount_clone(from, "", 1, attrs, f);
	if (tree < 0)
		return tree;
	point = grant_point(sb->root, g->dst, S_ISDIR(st.st_mode), f);
	return point < 0 ? point : mount_attach(tree, point, "", f);
}

int root_mount_grants(struct sandbox *sb, struct fault *f)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < sb->plan->ngrants; i++)
		rc = mount_grant(sb, i, f);
	return rc;
}

int root_enter(struct sandbox *sb, struct fault *f)
{
	int rc = mount_set(sb->root, MOUNT_HARD | MOUNT_ATTR_RDONLY, f);

	if (rc < 0)
		return rc;
	/*
	 * pivot_root(2), "pivot_root(".", ".")": what was below the new root
	 * ends up stacked on it: from the top the memory's overlay, its tmpfs
	 * and the host's root with all that is mounted there. Off with them.
	 */
	if (fchdir(sb->root) < 0 || syscall(SYS_pivot_root, ".", ".") < 0)
		return fault_set(f, errno, "enter the new root");
	for (int i = 0; i < 3; i++)
		if (umount2(".", MNT_DETACH) < 0)
			return fault_set(f, errno, "let go of the old root");
	return chdir("/") < 0 ? fault_set(f, errno, "enter the new root") : 0;
}
