/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ctl/screen.h - a whole terminal that is drawn again and again */
#ifndef CTL_SCREEN_H
#define CTL_SCREEN_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <termios.h>

#include "base/fault.h"

enum screen_event {
	SCREEN_NOTHING = 0,
	SCREEN_REDRAW, /* its size has changed, or we were stopped */
	SCREEN_LEAVE,  /* q, Ctrl-C, or a signal that ends a program */
};

/* Made by screen_open(). */
struct screen {
	FILE *out;
	int fd;      /* readable: screen_read(); an epoll(7) of the two below */
	int signals; /* a signalfd */
	int keyboard; /* -1: standard input is no terminal */
	int signal;   /* which ends us; 0: a key, or none yet */
	struct termios saved;
	sigset_t mask; /* as it was */
};

/** screen_may() - is it a terminal that can be drawn on */
bool screen_may(FILE *out);

/**
 * screen_open() - take the terminal over, until screen_close()
 *
 * Signals that would end or stop us are read by screen_read() from now on.
 *
 * Return: 0 or -errno; then the terminal is as it was.
 */
int screen_open(struct screen *s, FILE *out, struct fault *f);

/** screen_read() - what @s->fd has for us; does not wait */
enum screen_event screen_read(struct screen *s);

/**
 * screen_draw() - these lines, cut to what is there to draw on
 * @text: printable lines; the first one is emphasised
 */
void screen_draw(struct screen *s, const char *text);

/** screen_close() - the terminal as it was */
void screen_close(struct screen *s);

/**
 * screen_status() - the exit status for how it was left
 *
 * Return: 0 for a key and for Ctrl-C, else 128 and the signal's number.
 */
int screen_status(const struct screen *s);

/**
 * screen_cut() - how much of a line fits; pure
 * @line: printable; ends in NUL or a line break
 * @columns: of the terminal
 *
 * Return: bytes.
 */
size_t screen_cut(const char *line, int columns);

#endif
