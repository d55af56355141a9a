/* SPDX-License-Identifier: GPL-3.0-or-later */
/* transport/landlock.c - a transport's files, where there is no namespace */
#include "transport/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/attr.h"
#include "transport/view.h"

#define FILE_READ (LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE)
#define READ (FILE_READ | LANDLOCK_ACCESS_FS_READ_DIR)
#define STATE                                                                  \
	(LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR |          \
	 LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |       \
	 LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR |        \
	 LANDLOCK_ACCESS_FS_MAKE_REG)

/* of newer headers than Debian 12's (landlock(7)) */
#define ACCESS_FS_TRUNCATE (1ULL << 14)
#define ACCESS_FS_IOCTL_DEV (1ULL << 15)
#define SCOPE_ALL 3ULL /* abstract unix sockets and signals */

struct ruleset {
	uint64_t fs, net, scoped;
};

/* all that this kernel knows; what is not handled would be allowed */
static struct ruleset handled(long abi)
{
	/* the first 13 are of version 1 */
	struct ruleset r = { .fs = (1ULL << 13) - 1 };

	if (abi >= 2)
		r.fs |= LANDLOCK_ACCESS_FS_REFER;
	if (abi >= 3)
		r.fs |= ACCESS_FS_TRUNCATE;
	if (abi >= 5)
		r.fs |= ACCESS_FS_IOCTL_DEV;
	if (abi >= 6)
		r.scoped = SCOPE_ALL;
	return r;
}

/* a path that is not there needs no rule */
static int allow(int ruleset, const char *path, uint64_t access,
		 struct fault *f)
{
	autoclose int fd = open(path, O_PATH | O_CLOEXEC);
	struct landlock_path_beneath_attr rule = { .allowed_access = access,
						   .parent_fd = fd };
	struct stat st;

	if (fd < 0)
		return errno == ENOENT ? 0 : fault_set(f, errno, "%s", path);
	if (fstat(fd, &st) < 0)
		return fault_set(f, errno, "%s", path);
	/* rights over directories make a rule for a file invalid */
	if (!S_ISDIR(st.st_mode))
		rule.allowed_access &= FILE_READ;
	if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH,
		    &rule, 0) < 0)
		return fault_set(f, errno, "allow %s", path);
	return 0;
}

int landlock_enter(const struct view *v, struct fault *f)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0,
			   LANDLOCK_CREATE_RULESET_VERSION);
	struct ruleset attr = handled(abi);
	/* an older kernel takes no more than it knows */
	size_t len = abi >= 6 ? sizeof(attr) : sizeof(attr.fs);
	autoclose int fd = -1;
	const char *path;
	int rc = 0;

	if (abi < 1)
		return fault_set(f, errno, "use Landlock");
	fd = (int)syscall(SYS_landlock_create_ruleset, &attr, len, 0);
	if (fd < 0)
		return fault_set(f, errno, "make a Landlock ruleset");
	for (size_t i = 0; rc == 0 && (path = view_path(v, i)); i++)
		rc = allow(fd, path, READ, f);
	if (rc == 0)
		rc = allow(fd, v->state, STATE | (attr.fs & ACCESS_FS_TRUNCATE),
			   f);
	if (rc < 0)
		return rc;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return fault_set(f, errno, "set no_new_privs");
	if (syscall(SYS_landlock_restrict_self, fd, 0) < 0)
		return fault_set(f, errno, "enforce the Landlock ruleset");
	return 0;
}
