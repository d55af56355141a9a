/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/options.h - the command line of isolate */
#ifndef LAUNCHER_OPTIONS_H
#define LAUNCHER_OPTIONS_H

#include <stdbool.h>
#include <stdio.h>

#include "base/fault.h"
#include "base/strv.h"

struct options {
	const char *identity; /* -i, or NULL */
	const char *profile;  /* -p, or NULL */
	const char *explain;  /* --explain, or NULL */
	struct strv sets;     /* "KEY=VALUE", in order */
	struct strv origins;  /* the option that said each of @sets */
	bool dry_run;
	bool verbose;
	bool version;
	bool help;
	char **command; /* rest of argv, NULL-terminated, borrowed */
	int ncommand;
};

/**
 * options_parse() - read the command line
 * @argv: borrowed for as long as @o lives
 * @o: zeroed by the caller; options_free() it, after an error too
 *
 * Options end at the first word that is none, or at `--`.
 *
 * Return: 0, or -EINVAL with one line in @f.
 */
int options_parse(int argc, char **argv, struct options *o, struct fault *f);

/**
 * options_print_help() - what --help says
 */
void options_print_help(FILE *out);

/**
 * options_free() - release what options_parse() allocated
 */
void options_free(struct options *o);

#endif
