/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/home.c - the private home of a launch, shared by those at once */
#include "launcher/home.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mountapi.h"
#include "base/path.h"
#include "identity/identity.h"
#include "identity/process.h"
#include "launcher/facade.h"
#include "launcher/leftover.h"
#include "launcher/userns.h"

/*
 * The registry is a row of slots, each a line of this length, padded with
 * spaces. It is never shortened: a dead one's slot is written over, in place
 * (truncation makes some file systems write to the disk, and wait for it).
 */
#define SLOT_BYTES 64
/* For another launch to get over the same part. */
#define LOCK_LIMIT_S 10
#define LONG_REGISTRY_BYTES (SLOT_BYTES * 512)
#define REGISTRY_MAX_BYTES (SLOT_BYTES * 4096)

/* For a sandbox to end whose supervisor is gone; less than the above, because
 * others wait for us meanwhile. */
#define ORPHAN_LIMIT_MS 3000

/* Tells a process from a later one of that number. */
struct who {
	pid_t pid;
	int64_t start_ticks;
};

/* One launch that has the home mounted. */
struct user {
	struct who supervisor;
	int userns, mntns; /* descriptors of the supervisor's */
	/* of the sandbox, which may outlive the supervisor for a moment, its
	 * mounts with it; its pid 1 ends last. 0: could not be seen (proc(5),
	 * hidepid) */
	struct who init;
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
	int64_t pid, userns, mntns, init;

	if (!take_number(&line, INT_MAX, ' ', &pid) || pid == 0 ||
	    !take_number(&line, INT64_MAX, ' ', &u->supervisor.start_ticks) ||
	    !take_number(&line, INT_MAX, ' ', &userns) ||
	    !take_number(&line, INT_MAX, ' ', &mntns) ||
	    !take_number(&line, INT_MAX, ' ', &init) ||
	    !take_number(&line, INT64_MAX, '\0', &u->init.start_ticks))
		return -EBADMSG;
	u->supervisor.pid = (pid_t)pid;
	u->userns = (int)userns;
	u->mntns = (int)mntns;
	u->init.pid = (pid_t)init;
	return 0;
}

static bool is_alive(const struct who *who)
{
	struct process_mark mark;

	return process_mark(who->pid, &mark) == 0 &&
	       mark.start_ticks == who->start_ticks;
}

/* The end of its supervisor kills it; false where it does not end. */
static bool wait_for_end(const struct who *init)
{
	autoclose int fd = init->pid > 0 ? pidfd_open(init->pid, 0) : -1;
	struct pollfd p = { .fd = fd, .events = POLLIN };

	/* it must still be who it was after the opening */
	if (!is_alive(init))
		return true;
	return (fd >= 0 && poll(&p, 1, ORPHAN_LIMIT_MS) > 0) || !is_alive(init);
}

static int open_theirs(const struct user *u, int number)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", u->supervisor.pid,
		 number);
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
	if (userns < 0 || mntns < 0 || !is_alive(&u->supervisor))
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

static int in_use(const struct user *u, struct fault *f)
{
	bool orphan = !is_alive(&u->supervisor);

	fault_set(f, EBUSY, "share the home with process %d",
		  orphan ? u->init.pid : u->supervisor.pid);
	if (orphan)
		fault_hint(f, "its isolate is gone: kill it, or use --amnesic");
	else
		fault_hint(f, "end that isolate, or use --amnesic");
	return -EBUSY;
}

/* Looks for one who has the home mounted, and for a slot of our own. */
static int find_users(struct home *h, int *tree, struct fault *f)
{
	autofree char *text = NULL;
	size_t len;
	int rc = fd_read_text(h->registry, REGISTRY_MAX_BYTES, &text, &len);

	if (rc < 0)
		return fault_set(f, rc, "read who has the home");
	h->slot = (off_t)(len - len % SLOT_BYTES);
	for (size_t at = len / SLOT_BYTES; at-- > 0;) {
		char *line = text + at * SLOT_BYTES;
		struct user u;

		line[SLOT_BYTES - 1] = '\0';
		for (char *p = line + SLOT_BYTES - 2; p > line && *p == ' ';)
			*p-- = '\0';
		if (parse_user(line, &u) < 0) {
			h->slot = (off_t)(at * SLOT_BYTES);
			continue;
		}
		if (!is_alive(&u.supervisor)) {
			/* a mount of ours beside its one: not yet */
			if (*tree < 0 && !wait_for_end(&u.init))
				return in_use(&u, f);
			if (!is_alive(&u.init))
				h->slot = (off_t)(at * SLOT_BYTES);
			continue;
		}
		if (*tree < 0)
			*tree = share_from(&u);
		/* one is enough; to look at all of them only pays to find
		 * a free slot where the row has grown long */
		if (*tree >= 0 && len < LONG_REGISTRY_BYTES)
			break;
		/* two overlays over one home would not see each other */
		if (*tree < 0 &&
		    (is_alive(&u.supervisor) || !wait_for_end(&u.init)))
			return in_use(&u, f);
	}
	return 0;
}

static void nothing(int number)
{
	(void)number;
}

/* Waits a while for another launch of this home: they take milliseconds. */
static int lock(int fd, const char *path, struct fault *f)
{
	/* without SA_RESTART: flock(2) ends with EINTR, and has no limit of
	 * its own */
	const struct sigaction wake = { .sa_handler = nothing };
	struct sigaction old;
	int rc;

	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return 0;
	sigaction(SIGALRM, &wake, &old);
	alarm(LOCK_LIMIT_S);
	rc = flock(fd, LOCK_EX) < 0 ? -errno : 0;
	alarm(0);
	sigaction(SIGALRM, &old, NULL);
	if (rc == 0)
		return 0;
	fault_set(f, rc == -EINTR ? ETIMEDOUT : rc, "lock %s", path);
	fault_hint(f, "another isolate is starting with this home and does "
		      "not get on: end it");
	return -f->err;
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
	return lock(h->registry, path, f);
}

/*
 * Root's launch runs as another uid: the directories become that one's, and
 * a detached copy of the mount leads there past root's own, closed ones.
 */
static int give_away(int identity, const struct plan *plan, struct fault *f)
{
	char home[64], work[64];
	const char *const paths[] = { ".", "home", "work", home, work };

	snprintf(home, sizeof(home), "home/%s", plan->profile);
	snprintf(work, sizeof(work), "work/%s", plan->profile);
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		autoclose int fd = path_open_beneath(identity, paths[i],
						     O_RDONLY | O_DIRECTORY, 0);

		if (fd < 0 ||
		    fchown(fd, HOME_ROOT_RUN_ID, HOME_ROOT_RUN_ID) < 0)
			return fault_set(f, fd < 0 ? fd : errno,
					 "give away the identity's %s",
					 paths[i]);
	}
	return 0;
}

void home_init(struct home *h)
{
	*h = (struct home){ .registry = -1, .work = -1, .fds = { -1, -1 } };
}

/* What leads the setup process to a home that nobody has mounted. */
static int lead_to(struct home *h, int data_dirfd, const struct plan *plan,
		   int home, struct fault *f)
{
	char path[64];
	int identity, rc;

	snprintf(path, sizeof(path), "identities/%s", plan->identity);
	identity =
		path_open_beneath(data_dirfd, path, O_RDONLY | O_DIRECTORY, 0);
	if (identity < 0)
		return fault_set(f, identity, "open %s", path);
	h->kind = SYNC_HOME_OWN;
	h->fds[0] = identity;
	h->fds[1] = home;
	h->nfds = 2;
	/* the root of a container is one user more */
	if (geteuid() != 0 || !userns_has_id(HOME_ROOT_RUN_ID))
		return 0;
	rc = give_away(identity, plan, f);
	if (rc < 0)
		return rc;
	h->kind = SYNC_HOME_DETACHED;
	h->fds[0] = mount_clone(identity, "", 0, 0, f);
	fd_close(identity);
	return h->fds[0] < 0 ? h->fds[0] : 0;
}

int home_prepare(struct home *h, int data_dirfd, const struct plan *plan,
		 struct fault *f)
{
	autoclose int work = -1;
	autoclose int home = -1;
	int tree = -1, rc;

	home = identity_home_open(data_dirfd, plan->identity, plan->profile, f);
	if (home < 0)
		return home;
	work = identity_work_open(data_dirfd, plan->identity, plan->profile, f);
	if (work < 0)
		return work;
	rc = lock_registry(h, data_dirfd, plan, f);
	if (rc == 0)
		rc = find_users(h, &tree, f);
	if (rc < 0)
		return rc;
	if (tree < 0) {
		h->work = fd_steal(&work);
		leftover_put_aside(h->work);
		return lead_to(h, data_dirfd, plan, fd_steal(&home), f);
	}
	h->kind = SYNC_HOME_SHARED;
	h->fds[0] = tree;
	h->nfds = 1;
	return 0;
}

int home_register(struct home *h, pid_t init, int userns, int mntns,
		  struct fault *f)
{
	char line[SLOT_BYTES], slot[SLOT_BYTES + 1];
	struct process_mark mark, inner = { 0 };
	int rc;

	if (h->registry < 0)
		return 0;
	rc = process_mark(getpid(), &mark);
	if (rc < 0)
		return fault_set(f, rc, "look at ourselves");
	/* it may have ended since; the supervisor will know in time */
	(void)process_mark(init, &inner);
	rc = snprintf(line, sizeof(line), "%d %" PRId64 " %d %d %d %" PRId64,
		      getpid(), mark.start_ticks, userns, mntns, inner.pid,
		      inner.start_ticks);
	if (rc >= (int)sizeof(line))
		return fault_set(f, EOVERFLOW, "write who has the home");
	snprintf(slot, sizeof(slot), "%-*s\n", SLOT_BYTES - 1, line);
	if (pwrite(h->registry, slot, SLOT_BYTES, h->slot) != SLOT_BYTES)
		return fault_set(f, errno, "write who has the home");
	h->shared = true;
	if (flock(h->registry, LOCK_UN) < 0)
		return fault_set(f, errno, "unlock who has the home");
	if (h->work >= 0)
		leftover_remove(h->work);
	fd_replace(&h->work, -1);
	return 0;
}

void home_unregister(struct home *h)
{
	char slot[SLOT_BYTES];

	if (!h->shared)
		return;
	h->shared = false;
	memset(slot, ' ', sizeof(slot));
	slot[SLOT_BYTES - 1] = '\n';
	/* without the lock too: who finds us here then finds us gone */
	(void)flock(h->registry, LOCK_EX);
	(void)!pwrite(h->registry, slot, sizeof(slot), h->slot);
	fd_replace(&h->registry, -1);
}

void home_close(struct home *h)
{
	if (h->work >= 0)
		leftover_put_back(h->work);
	fd_replace(&h->registry, -1);
	fd_replace(&h->work, -1);
	fd_replace(&h->fds[0], -1);
	fd_replace(&h->fds[1], -1);
}
