/* SPDX-License-Identifier: GPL-3.0-or-later */
/* identity/process.c - is a recorded process still the same one */
#include "identity/process.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/fd.h"

/* proc_pid_stat(5): "(comm) STATE ppid ..."; the start is field 22 */
#define STATE_FIELD 3
#define START_FIELD 22

int process_parse_start(const char *line, int64_t *start_ticks)
{
	const char *at = strrchr(line, ')');
	long long value;
	char state, *end;

	/* only the last ')' is the kernel's: a name may hold others */
	if (!at || at[1] != ' ')
		return -EBADMSG;
	at += 2;
	state = *at;
	if (state == 'Z' || state == 'X')
		return -ESRCH;
	for (int field = STATE_FIELD; field < START_FIELD; field++) {
		at = strchr(at, ' ');
		if (!at)
			return -EBADMSG;
		at++;
	}
	if (*at < '0' || *at > '9')
		return -EBADMSG;
	errno = 0;
	value = strtoll(at, &end, 10);
	if (errno || *end != ' ')
		return -EBADMSG;
	*start_ticks = value;
	return 0;
}

static int read_small(const char *path, char *buf, size_t len)
{
	autoclose int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = fd_read_full(fd, buf, len - 1);
	if (n < 0)
		return (int)n;
	buf[n] = '\0';
	return 0;
}

int process_mark(pid_t pid, struct process_mark *mark)
{
	struct process_mark m = { .pid = pid };
	char path[32], line[1024];
	int rc;

	if (pid <= 0)
		return -ESRCH;
	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	rc = read_small(path, line, sizeof(line));
	if (rc < 0)
		return rc == -ENOENT ? -ESRCH : rc;
	rc = process_parse_start(line, &m.start_ticks);
	if (rc < 0)
		return rc;
	rc = read_small("/proc/sys/kernel/random/boot_id", m.boot,
			sizeof(m.boot));
	if (rc < 0)
		return rc;
	*mark = m;
	return 0;
}

bool process_is_alive(const struct process_mark *mark)
{
	struct process_mark now;

	return process_mark(mark->pid, &now) == 0 &&
	       now.start_ticks == mark->start_ticks &&
	       strcmp(now.boot, mark->boot) == 0;
}
