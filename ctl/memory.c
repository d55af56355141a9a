/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ctl/memory.c - what a process and all below it have of the memory */
#include "ctl/memory.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/fd.h"

/* Deeper trees, or those that form a ring while we look, are cut off. */
#define DEPTH_MAX 64

struct process {
	pid_t pid, parent;
};

struct processes {
	struct process *v;
	size_t n;
};

/* A number from 0, and what comes behind it. */
static bool number(const char **at, long *n)
{
	char *end;

	if (!isdigit((unsigned char)**at))
		return false;
	errno = 0;
	*n = strtol(*at, &end, 10);
	*at = end;
	return errno == 0 && *n <= INT_MAX;
}

int memory_parse_stat(const char *line, pid_t *pid, pid_t *parent)
{
	const char *name_end = strrchr(line, ')');
	long id, above;

	/* "12 (a ) name) S 1 ..." */
	if (!name_end || !number(&line, &id) || id == 0 ||
	    strlen(name_end) < sizeof(") S 1") - 1)
		return -EBADMSG;
	name_end += sizeof(") S ") - 1;
	if (!number(&name_end, &above))
		return -EBADMSG;
	*pid = (pid_t)id;
	*parent = (pid_t)above;
	return 0;
}

/* Return: 0 or -errno; @text is NUL-terminated, and cut where it is longer */
static int read_text(const char *pid, const char *name, char *text, size_t len)
{
	char path[64];
	autoclose int fd = -1;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%.20s/%s", pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = fd_read_full(fd, text, len - 1);
	if (n < 0)
		return (int)n;
	text[n] = '\0';
	return 0;
}

static void list(struct processes *all)
{
	DIR *dir = opendir("/proc");
	const struct dirent *e;

	while (dir && (e = readdir(dir))) {
		struct process p;
		char line[512] = "";

		if (e->d_name[0] < '1' || e->d_name[0] > '9' ||
		    read_text(e->d_name, "stat", line, sizeof(line)) < 0 ||
		    memory_parse_stat(line, &p.pid, &p.parent) < 0)
			continue;
		all->v = xreallocarray(all->v, all->n + 1, sizeof(*all->v));
		all->v[all->n++] = p;
	}
	if (dir)
		closedir(dir);
}

static const struct process *find(const struct processes *all, pid_t pid)
{
	for (size_t i = 0; i < all->n; i++)
		if (all->v[i].pid == pid)
			return &all->v[i];
	return NULL;
}

/* Whose is it: the index in @v, or @n */
static size_t belongs_to(const struct processes *all, pid_t pid,
			 const struct memory_of *v, size_t n)
{
	for (int depth = 0; depth < DEPTH_MAX && pid > 0; depth++) {
		const struct process *p;

		for (size_t i = 0; i < n; i++)
			if (v[i].pid == pid)
				return i;
		p = find(all, pid);
		pid = p ? p->parent : 0;
	}
	return n;
}

static uint64_t read_pss(pid_t pid)
{
	static const char key[] = "\nPss:";
	char name[16], text[1024];
	const char *at;

	snprintf(name, sizeof(name), "%d", pid);
	if (read_text(name, "smaps_rollup", text, sizeof(text)) < 0)
		return 0;
	at = strstr(text, key);
	/* in kB; ULLONG_MAX cannot be, it is the kernel's */
	return at ? strtoull(at + sizeof(key) - 1, NULL, 10) * 1024 : 0;
}

void memory_read(struct memory_of *v, size_t n)
{
	struct processes all = { .n = 0 };

	for (size_t i = 0; i < n; i++) {
		v[i].pss = 0;
		v[i].processes = 0;
	}
	list(&all);
	for (size_t i = 0; i < all.n; i++) {
		size_t whose = belongs_to(&all, all.v[i].pid, v, n);

		if (whose == n)
			continue;
		v[whose].pss += read_pss(all.v[i].pid);
		v[whose].processes++;
	}
	free(all.v);
}
