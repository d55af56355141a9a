/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/stdio.h - what stands behind the application's descriptors 0-2 */
#ifndef LAUNCHER_STDIO_H
#define LAUNCHER_STDIO_H

#include <poll.h>
#include <stdbool.h>
#include <sys/types.h>

#include "launcher/sandbox.h"

/*
 * The application gets its own pty, a pipe of our own or /dev/null, never
 * the caller's file, pipe, socket or terminal: an open file shows its path
 * (/proc/self/fd), an open directory is a way out, a socket is a network
 * connection, a terminal can be typed into. What is none of the three is
 * pumped through a pipe by the supervisor.
 */

/* One direction of one pump: from @from to @to until either end closes. */
struct stdio_pump {
	int from, to;   /* -1 when it has ended */
	bool input;     /* towards the application */
	bool is_socket; /* @to is one */
	/* @from is a pipe or a stream socket: see stdio.c, lend() */
	bool lends;
	size_t lent;       /* of what @from still has */
	size_t start, end; /* of what is in @buf */
	char *buf;         /* malloc'd, NULL when it has ended */
};

struct stdio {
	struct stdio_pump pumps[3]; /* by descriptor; unused: from -1 */
	int stdin_keep; /* read end of the stdin pump's pipe, or -1 */
	int child[3];   /* the application's ends, closed after the clone */
};

/**
 * stdio_init() - no pumps
 */
void stdio_init(struct stdio *s);

/**
 * stdio_prepare() - look at descriptors 0-2 and decide
 * @s: set; stdio_finish() it
 * @sb: its stdio, pty and foreground are set
 * @f: says which descriptor cannot be used and why
 *
 * Return: 0; -EPERM: a directory or block device; or -errno.
 */
int stdio_prepare(struct stdio *s, struct sandbox *sb, struct fault *f);

/**
 * stdio_close_child() - close the application's ends, after the clone
 */
void stdio_close_child(struct stdio *s);

/**
 * stdio_poll_fd() - what to wait for on a pump
 *
 * Return: its descriptor with events set, fd -1 when it has ended.
 */
struct pollfd stdio_poll_fd(const struct stdio_pump *pump);

/**
 * stdio_pump_run() - move what is there; ends the pump at end of file
 *
 * Does not block, whoever reads slowly: the sandbox needs its supervisor.
 * Changes no flag of the caller's own open files.
 */
void stdio_pump_run(struct stdio_pump *pump);

/**
 * stdio_finish() - after the application's end: move the rest of its output,
 * and give back to a seekable stdin what was read ahead of it
 *
 * Nothing may run in the sandbox any more: what comes later is lost. Blocks
 * as drain_wait() does.
 */
void stdio_finish(struct stdio *s);

#endif
