/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/home.c - the private home of a launch, shared by those at once */
#include "launcher/home.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/path.h"
#include "identity/identity.h"
#include "identity/process.h"
#include "launcher/facade.h"
#include "launcher/mountapi.h"

#define REGISTRY_MAX_BYTES 65536

/* One supervisor that has the home mounted. */
struct user {
	long pid;
	int64_t start_ticks;
	int userns, mntns;
};

/* The next number of @*at, up to @max, and what ends it. */
static bool take_number(const char **at, int64_t max, char end, int64_t *value)
{
	char *after;

	if (**at < '0' || **at > '9')
		return false;
	errno = 0;
	*value = strtoll(*at, &after, 10);
	if (errno || *value > max || *after != end)
		return false;
	*at = after + (end != '\0');
	return true;
}

static int parse_user(const char *line, struct user *u)
{
	int64_t pid, userns, mntns;

	if (!take_number(&line, INT_MAX, ' ', &pid) || pid == 0 ||
	    !take_number(&line, INT64_MAX, ' ', &u->start_ticks) ||
	    !take_number(&line, INT_MAX, ' ', &userns) ||
	    !take_number(&line, INT_MAX, '\0', &mntns))
		return -EBADMSG;
	u->pid = pid;
	u->userns = (int)userns;
	u->mntns = (int)mntns;
	return 0;
}

static bool is_alive(const struct user *u)
{
	struct process_mark mark;

	return process_mark((pid_t)u->pid, &mark) == 0 &&
	       mark.start_ticks == u->start_ticks;
}

static int open_theirs(const struct user *u, int number)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%ld/fd/%d", u->pid, number);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* In a child: from inside the other sandbox, a copy of its home's mount. */
static _Noreturn void send_home(int userns, int mntns, int sock)
{
	int tree;

	if (setns(userns, CLONE_NEWUSER) < 0 || setns(mntns, CLONE_NEWNS) < 0)
		_exit(1);
	tree = mount_clone(AT_FDCWD, FACADE_HOME, 0, 0, NULL);
	_exit(tree >= 0 && fd_send_msg(sock, "", 1, &tree, 1) == 0 ? 0 : 1);
}

/* A copy of the mount that @u has, or -errno. */
static int share_from(const struct user *u)
{
	autoclose int userns = open_theirs(u, u->userns);
	autoclose int mntns = open_theirs(u, u->mntns);
	int pair[2], tree = -1;
	size_t n = 0;
	char byte;
	pid_t pid;

	/* the pid must still be who it was after the opening */
	if (userns < 0 || mntns < 0 || !is_alive(u))
		return -ESRCH;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	pid = fork();
	if (pid == 0)
		send_home(userns, mntns, pair[1]);
	fd_close(pair[1]);
	if (pid > 0) {
		if (fd_recv_msg(pair[0], &byte, 1, &tree, 1, &n) != 1)
			n = 0;
		waitpid(pid, NULL, 0);
	}
	fd_close(pair[0]);
	return n == 1 ? tree : -ESRCH;
}

/* Looks for one who has the home mounted; forgets those who are gone. */
static int find_users(struct home *h, struct sandbox *sb, struct fault *f)
{
	autofree char *text = NULL;
	char *line, *rest;
	int rc = fd_read_text(h->registry, REGISTRY_MAX_BYTES, &text, NULL);

	if (rc < 0)
		return fault_set(f, rc, "read who has the home");
	if (ftruncate(h->registry, 0) < 0 ||
	    lseek(h->registry, 0, SEEK_SET) < 0)
		return fault_set(f, errno, "write who has the home");
	rest = text;
	while ((line = strsep(&rest, "\n"))) {
		struct user u;

		if (parse_user(line, &u) < 0 || !is_alive(&u))
			continue;
		if (sb->home_tree < 0)
			sb->home_tree = share_from(&u);
		if (dprintf(h->registry, "%s\n", line) < 0)
			return fault_set(f, errno, "write who has the home");
	}
	if (sb->home_tree < 0)
		sb->home_tree = -1;
	return 0;
}

static int lock_registry(struct home *h, int data_dirfd,
			 const struct plan *plan, struct fault *f)
{
	char path[160];

	snprintf(path, sizeof(path), "identities/%s/work/%s.users",
		 plan->identity, plan->profile);
	h->registry =
		path_open_beneath(data_dirfd, path, O_RDWR | O_CREAT, 0600);
	if (h->registry < 0)
		return fault_set(f, h->registry, "open %s", path);
	if (flock(h->registry, LOCK_EX) < 0)
		return fault_set(f, errno, "lock %s", path);
	return 0;
}

/*
 * Root's launch runs as another uid: the directories become that one's, and
 * a detached copy of the mount leads there past root's own, closed ones.
 */
static int give_away(struct home *h, int data_dirfd, const struct plan *plan,
		     struct sandbox *sb, struct fault *f)
{
	const char *const parts[] = { "", "/home", "/work", "/home/",
				      "/work/" };
	char path[160];

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		autoclose int fd = -1;

		snprintf(path, sizeof(path), "identities/%s%s%s",
			 plan->identity, parts[i],
			 parts[i][0] && parts[i][strlen(parts[i]) - 1] == '/'
				 ? plan->profile
				 : "");
		fd = path_open_beneath(data_dirfd, path, O_RDONLY | O_DIRECTORY,
				       0);
		if (fd < 0 ||
		    fchown(fd, HOME_ROOT_RUN_ID, HOME_ROOT_RUN_ID) < 0)
			return fault_set(f, fd < 0 ? fd : errno, "give away %s",
					 path);
	}
	sb->identity_tree = mount_clone(AT_FDCWD, h->path, 0, 0, f);
	return sb->identity_tree < 0 ? sb->identity_tree : 0;
}

int home_prepare(struct home *h, int data_dirfd, const char *data_path,
		 const struct plan *plan, struct sandbox *sb, struct fault *f)
{
	autoclose int work = -1;
	int rc;

	h->registry = -1;
	if (snprintf(h->path, sizeof(h->path), "%s/identities/%s", data_path,
		     plan->identity) >= (int)sizeof(h->path))
		return fault_set(f, ENAMETOOLONG, "use %s", data_path);
	sb->identity_path = h->path;
	sb->home_fd = identity_home_open(data_dirfd, plan->identity,
					 plan->profile, f);
	if (sb->home_fd < 0)
		return sb->home_fd;
	work = identity_work_open(data_dirfd, plan->identity, plan->profile, f);
	if (work < 0)
		return work;
	rc = lock_registry(h, data_dirfd, plan, f);
	if (rc == 0)
		rc = find_users(h, sb, f);
	if (rc == 0 && geteuid() == 0)
		rc = give_away(h, data_dirfd, plan, sb, f);
	return rc;
}

int home_register(struct home *h, int userns, int mntns, struct fault *f)
{
	struct process_mark mark;
	int rc;

	if (h->registry < 0)
		return 0;
	rc = process_mark(getpid(), &mark);
	if (rc < 0)
		return fault_set(f, rc, "look at ourselves");
	if (lseek(h->registry, 0, SEEK_END) < 0 ||
	    dprintf(h->registry, "%ld %" PRId64 " %d %d\n", (long)getpid(),
		    mark.start_ticks, userns, mntns) < 0)
		return fault_set(f, errno, "write who has the home");
	home_close(h);
	return 0;
}

void home_close(struct home *h)
{
	/* closing drops the lock */
	fd_replace(&h->registry, -1);
}
