/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tor/holder.c - the processes that run on our DataDirectory, by their locks */
#include "tor/holder.h"

#include <bsd/stdlib.h>
#include <bsd/string.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/path.h"
#include "tor/deadline.h"

/* fields of "1: FLOCK  ADVISORY  WRITE 19806 fe:00:10952920 0 EOF" */
enum {
	FIELD_KIND = 1,
	FIELD_ACCESS = 3,
	FIELD_PID = 4,
	FIELD_FILE = 5,
	FIELDS,
};

pid_t tor_holder_parse_lock(const char *line, uint64_t ino)
{
	char copy[128], *field[FIELDS], *rest = copy, *inode, *end;
	const char *error;
	pid_t pid;

	/* a longer line is cut short where nothing is read any more */
	strlcpy(copy, line, sizeof(copy));
	for (int i = 0; i < FIELDS;) {
		field[i] = strsep(&rest, " \n");
		if (!field[i])
			return 0;
		i += field[i][0] != '\0';
	}
	/* a waiter has "->" in the place of the kind */
	if ((strcmp(field[FIELD_KIND], "FLOCK") != 0 &&
	     strcmp(field[FIELD_KIND], "POSIX") != 0) ||
	    strcmp(field[FIELD_ACCESS], "WRITE") != 0)
		return 0;
	/* 1 is never it, 0 is out of our pid namespace, -1 has no pid */
	pid = (pid_t)strtonum(field[FIELD_PID], 2, INT_MAX, &error);
	/* the device is not compared: what stat(2) says of it differs on
	 * btrfs and overlayfs. Whose process it is is looked at instead */
	inode = strrchr(field[FIELD_FILE], ':');
	if (error || !inode || inode[1] < '0' || inode[1] > '9')
		return 0;
	return strtoull(inode + 1, &end, 10) == ino && !*end ? pid : 0;
}

/*
 * Is it a process of ours: anybody can have a file with that inode number on
 * a file system of his own, and lock it. tor makes itself undumpable, so its
 * files in /proc belong to root, but this one says whose it is.
 */
static bool is_of_us(pid_t pid)
{
	unsigned long real, effective;
	autofree char *text = NULL;
	autoclose int fd = -1;
	const char *line;
	char path[48], *end;
	size_t len;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fd_read_text(fd, 65536, &text, &len) < 0)
		return false;
	line = strstr(text, "\nUid:\t");
	if (!line)
		return false;
	/* the name before it cannot hold a line end */
	real = strtoul(line + strlen("\nUid:\t"), &end, 10);
	effective = strtoul(end, &end, 10);
	return real == geteuid() && effective == geteuid();
}

/* the first holder of ours after @skip of them, or 0 */
static pid_t lock_holder(uint64_t ino, unsigned int skip)
{
	autofree char *line = NULL;
	FILE *locks = fopen("/proc/locks", "re");
	size_t room = 0;
	pid_t pid = 0;

	if (!locks)
		return 0;
	while (getline(&line, &room, locks) > 0) {
		pid_t holder = tor_holder_parse_lock(line, ino);

		if (holder > 0 && is_of_us(holder) && skip-- == 0) {
			pid = holder;
			break;
		}
	}
	fclose(locks);
	return pid;
}

/* was it started with the argument @word */
static bool is_started_with(pid_t pid, const char *word)
{
	autofree char *args = NULL;
	autoclose int fd = -1;
	char path[48];
	size_t len;

	snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fd_read_text(fd, 65536, &args, &len) < 0)
		return false;
	for (const char *s = args; s < args + len; s += strlen(s) + 1)
		if (strcmp(s, word) == 0)
			return true;
	return false;
}

static bool may_end(int pidfd)
{
	return syscall(SYS_pidfd_send_signal, pidfd, 0, NULL, 0) == 0 ||
	       errno != EPERM;
}

int tor_holder_find(int dirfd, const char *lock_name, const char *word,
		    int *pidfd, pid_t *pid, struct fault *f)
{
	autoclose int lock = path_open_beneath(dirfd, lock_name, O_RDONLY, 0);
	struct stat st;
	pid_t holder;

	if (lock == -ENOENT)
		return 0;
	if (lock < 0 || fstat(lock, &st) < 0)
		return fault_set(f, lock < 0 ? lock : errno,
				 "look at the lock of tor's data directory");
	for (unsigned int i = 0; (holder = lock_holder(st.st_ino, i)); i++) {
		autoclose int fd = (int)syscall(SYS_pidfd_open, holder, 0);

		/* looked at again: now the number cannot be given anew */
		if (fd < 0 || lock_holder(st.st_ino, i) != holder ||
		    !is_started_with(holder, word) || !may_end(fd))
			continue;
		*pidfd = fd_steal(&fd);
		*pid = holder;
		return 1;
	}
	return 0;
}

int tor_holder_end(int pidfd, int timeout_ms, struct fault *f)
{
	static const int signals[] = { SIGTERM, SIGKILL };

	for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
		struct pollfd p = { .fd = pidfd, .events = POLLIN };
		int rc;

		if (syscall(SYS_pidfd_send_signal, pidfd, signals[i], NULL, 0) <
		    0)
			return errno == ESRCH ? 0
					      : fault_set(f, errno, "end tor");
		rc = tor_deadline_poll(&p, 1, tor_deadline_in(timeout_ms));
		if (rc < 0)
			return fault_set(f, rc, "wait for tor's end");
		if (rc > 0)
			return 0;
	}
	return fault_set(f, ETIMEDOUT, "wait for tor's end");
}
