/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ctl/command.h - isolatectl's commands: one table, its parser and its help */
#ifndef CTL_COMMAND_H
#define CTL_COMMAND_H

#include <stdio.h>

#include "base/fault.h"

#define COMMAND_OPTIONS_MAX 4
/* What run() returns where the user's words are wrong; no errno has it. */
#define COMMAND_MISUSE (-4096)

struct command_option {
	char letter;          /* '\0': only the long name */
	const char *name;     /* without the dashes; NULL ends the table */
	const char *argument; /* what --help calls it; NULL: a flag */
	const char *help;
};

struct call;

struct command {
	const char *words; /* one to three, e.g. "identity list" */
	/* what --help calls it, "[IT]": it may be left out; NULL: there is
	 * none */
	const char *operand;
	const char *help;
	/* at most COMMAND_OPTIONS_MAX and an end; NULL: none */
	const struct command_option *options;
	/* 0, an exit status, or -errno or COMMAND_MISUSE with @f set */
	int (*run)(const struct call *call, struct fault *f);
};

/* One command as it was asked for. */
struct call {
	const struct command *command;
	/* by row of its options: the argument, "" for a flag, NULL: absent */
	const char *options[COMMAND_OPTIONS_MAX];
	const char *operand; /* NULL where there is none */
	FILE *out;           /* for results */
};

enum command_asked {
	COMMAND_RUN,
	COMMAND_HELP, /* for call->command, or of all where that is NULL */
	COMMAND_VERSION,
};

/* The end is the row without words. */
extern const struct command commands[];

/**
 * command_parse() - find the command, its options and its operand
 * @argv: as main() has it; borrowed
 * @call: set on success, but for @out
 *
 * Return: enum command_asked, or -EINVAL with @f set.
 */
int command_parse(int argc, char **argv, struct call *call, struct fault *f);

/**
 * command_print_help() - usage and options
 * @command: NULL: list all
 */
void command_print_help(const struct command *command, FILE *out);

#endif
