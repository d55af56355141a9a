/* SPDX-License-Identifier: GPL-3.0-or-later */
/* identity/process.h - is a recorded process still the same one */
#ifndef IDENTITY_PROCESS_H
#define IDENTITY_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define PROCESS_BOOT_LEN 36 /* a UUID */

/* A pid is used again; with its start and the boot it is not. */
struct process_mark {
	pid_t pid;
	int64_t start_ticks; /* since boot, proc_pid_stat(5) field 22 */
	char boot[PROCESS_BOOT_LEN + 1];
};

/**
 * process_parse_start() - field 22 of a line of /proc/PID/stat; pure
 * @line: NUL-terminated; the name in it is hostile
 *
 * Return: 0 or -EBADMSG.
 */
int process_parse_start(const char *line, int64_t *start_ticks);

/**
 * process_mark() - what tells @pid from a later process of that number
 *
 * Return: 0; -ESRCH: no such process, or a dead one; or -errno.
 */
int process_mark(pid_t pid, struct process_mark *mark);

/**
 * process_is_alive() - does the process that was marked still run
 *
 * Where that cannot be known the answer is no.
 */
bool process_is_alive(const struct process_mark *mark);

#endif
