/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ctl/memory.h - what a process and all below it have of the memory */
#ifndef CTL_MEMORY_H
#define CTL_MEMORY_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct memory_of {
	pid_t pid; /* the first of them */
	/* bytes, each page divided among those that share it (PSS); 0: not
	 * known */
	uint64_t pss;
	unsigned int processes;
};

/**
 * memory_read() - for each of @v, of one look at /proc
 */
void memory_read(struct memory_of *v, size_t n);

/**
 * memory_parse_stat() - pid and parent of a line of /proc/PID/stat; pure
 * @line: the name in it is hostile
 *
 * Return: 0 or -EBADMSG.
 */
int memory_parse_stat(const char *line, pid_t *pid, pid_t *parent);

#endif
