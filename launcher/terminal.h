/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/terminal.h - between the user's terminal and the sandbox's pty */
#ifndef LAUNCHER_TERMINAL_H
#define LAUNCHER_TERMINAL_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <termios.h>

#include "base/fault.h"

#define TERMINAL_BUFFER_BYTES 16384

struct terminal_buffer {
	size_t start, end;
	char data[TERMINAL_BUFFER_BYTES];
};

struct terminal {
	int tty;        /* the user's, opened anew and non-blocking; -1: none */
	int master;     /* of the sandbox's pty; -1: none, or hung up */
	bool keyboard;  /* we read what the user types */
	bool pipeline;  /* stdout is a pipe: others may use the terminal too */
	bool wanted;    /* the application is stopped until it gets it */
	bool has_modes; /* the pty has been given the user's */
	bool saved_is_set;
	struct termios saved;           /* of the user's terminal */
	struct terminal_buffer in, out; /* typed; to be shown */
};

/**
 * terminal_open() - find the user's terminal among descriptors 0-2
 * @t: set; terminal_restore() before the end
 *
 * Return: 0 (also where there is none: @tty stays -1) or -errno.
 */
int terminal_open(struct terminal *t, struct fault *f);

/**
 * terminal_attach() - the sandbox's pty is there: give it size and modes
 * @master: the pty's master, the terminal's from now on
 */
void terminal_attach(struct terminal *t, int master);

/**
 * terminal_is_foreground() - may we read what is typed
 *
 * False for a background job; true where there is no job control.
 */
bool terminal_is_foreground(const struct terminal *t);

/**
 * terminal_take_keyboard() - raw mode, and read what is typed
 *
 * Also after a stop, when the shell may have changed the modes. A background
 * job does not get it, and leaves its modes alone from then on.
 *
 * Return: whether it is ours now.
 */
bool terminal_take_keyboard(struct terminal *t);

/**
 * terminal_restore() - the user's terminal as it was; may be called at any time
 */
void terminal_restore(struct terminal *t);

/**
 * terminal_resize() - the window's size has changed
 */
void terminal_resize(struct terminal *t);

/**
 * terminal_poll_fds() - what to wait for
 * @fds: two entries: the terminal, the master
 */
void terminal_poll_fds(const struct terminal *t, struct pollfd fds[2]);

/**
 * terminal_run() - move what can be moved, without blocking
 * @fds: as terminal_poll_fds() made them, after poll(2)
 */
void terminal_run(struct terminal *t, const struct pollfd fds[2]);

/**
 * terminal_drain() - after the application's end: show what is left
 */
void terminal_drain(struct terminal *t);

#endif
