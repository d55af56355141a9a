/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ctl/command.c - isolatectl's commands: the parser and the help */
#include "ctl/command.h"

#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <string.h>

#include "base/attr.h"

#define HELP_COLUMN 32

/*
 * Does argv name @words, wholly? Return how many words that took, 0: no,
 * -n: only the first n of them.
 */
static int match(const char *words, int argc, char **argv)
{
	int n = 0;

	for (;;) {
		size_t len = strcspn(words, " ");

		if (n >= argc || strlen(argv[n]) != len ||
		    strncmp(words, argv[n], len) != 0)
			return -n;
		n++;
		if (!words[len])
			return n;
		words += len + 1;
	}
}

static int refuse(struct fault *f, const char *words, const char *what,
		  const char *operand)
{
	fault_set(f, 0, "%s%s%s%.100s", words ? words : "", words ? ": " : "",
		  what, operand);
	fault_hint(f, "see isolatectl%s%s --help", words ? " " : "",
		   words ? words : "");
	return -EINVAL;
}

/* the first @n words of argv name a group of commands, and no command */
static int refuse_group(struct fault *f, int n, int argc, char **argv)
{
	char known[200] = "", group[64] = "";
	size_t len = 0;

	for (int i = 0; i < n; i++)
		snprintf(group + strlen(group), sizeof(group) - strlen(group),
			 "%s%s", i ? " " : "", argv[i]);
	for (const struct command *c = commands; c->words; c++)
		if (match(c->words, argc, argv) == -n && len < sizeof(known))
			len += (size_t)snprintf(
				known + len, sizeof(known) - len, "%s%s",
				len ? ", " : "", c->words + strlen(group) + 1);
	if (argc > n && argv[n][0] != '-')
		fault_set(f, 0, "%s: no command \"%.60s\"", group, argv[n]);
	else
		fault_set(f, 0, "%s: a command is missing", group);
	fault_hint(f, "there is %s", known);
	return -EINVAL;
}

/* getopt_long(3)'s tables from ours; @letters starts with "+:" room */
static void make_getopt(const struct command_option *options,
			struct option *longs, char *letters)
{
	size_t n = 0;

	letters = stpcpy(letters, ":h");
	for (; options && options[n].name; n++) {
		bool arg = options[n].argument;

		longs[n] = (struct option){
			.name = options[n].name,
			.has_arg = arg ? required_argument : no_argument,
			.val = 256 + (int)n,
		};
		if (options[n].letter) {
			*letters++ = options[n].letter;
			if (arg)
				*letters++ = ':';
		}
	}
	longs[n++] = (struct option){ .name = "help", .val = 'h' };
	longs[n] = (struct option){ .name = NULL };
	*letters = '\0';
}

static int row_of(const struct command_option *options, int key)
{
	if (key >= 256)
		return key - 256;
	for (int i = 0; options && options[i].name; i++)
		if (options[i].letter == key)
			return i;
	return -1;
}

/* @argv[0] is the last word of the command. */
static int parse_options(int argc, char **argv, struct call *call,
			 struct fault *f)
{
	const struct command *c = call->command;
	struct option longs[COMMAND_OPTIONS_MAX + 2];
	char letters[2 * COMMAND_OPTIONS_MAX + 3];
	int key;

	make_getopt(c->options, longs, letters);
	optind = 0; /* 0: begin anew, also after another call */
	opterr = 0;
	while ((key = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		int row = row_of(c->options, key);

		if (key == 'h')
			return COMMAND_HELP;
		if (key == ':')
			return refuse(f, c->words, "no value for ",
				      argv[optind - 1]);
		if (row < 0)
			return refuse(f, c->words, "no such option: ",
				      argv[optind - (optind > 1)]);
		call->options[row] = optarg ? optarg : "";
	}
	call->operand = argv[optind];
	if (c->operand && c->operand[0] != '[' && !call->operand)
		return refuse(f, c->words, "what is missing is ", c->operand);
	if (call->operand && argv[optind + (c->operand ? 1 : 0)])
		return refuse(f, c->words, "one word too many: ",
			      argv[optind + (c->operand ? 1 : 0)]);
	return COMMAND_RUN;
}

int command_parse(int argc, char **argv, struct call *call, struct fault *f)
{
	int group = 0;

	*call = (struct call){ .command = NULL };
	if (argc < 2)
		return refuse(f, NULL, "a command is missing", "");
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
		return COMMAND_HELP;
	if (strcmp(argv[1], "--version") == 0)
		return COMMAND_VERSION;
	if (argv[1][0] == '-')
		return refuse(f, NULL, "no such option: ", argv[1]);
	for (const struct command *c = commands; c->words; c++) {
		int taken = match(c->words, argc - 1, argv + 1);

		if (taken > 0) {
			call->command = c;
			return parse_options(argc - taken, argv + taken, call,
					     f);
		}
		group = -taken > group ? -taken : group;
	}
	if (!group)
		return refuse(f, NULL, "no such command: ", argv[1]);
	if (argc > group + 1 && (strcmp(argv[group + 1], "--help") == 0 ||
				 strcmp(argv[group + 1], "-h") == 0))
		return COMMAND_HELP;
	return refuse_group(f, group, argc - 1, argv + 1);
}

static void print_option(const struct command_option *o, FILE *out)
{
	char left[64], letter[8] = "    ";

	if (o->letter)
		snprintf(letter, sizeof(letter), "-%c, ", o->letter);
	snprintf(left, sizeof(left), "  %s--%s%s%s", letter, o->name,
		 o->argument ? " " : "", o->argument ? o->argument : "");
	fprintf(out, "%-*s%s\n", HELP_COLUMN, left, o->help);
}

static void print_all(FILE *out)
{
	fputs("Usage: isolatectl COMMAND [OPTION...]\n\nCommands:\n", out);
	for (const struct command *c = commands; c->words; c++) {
		char left[64];

		snprintf(left, sizeof(left), "  %s%s%s", c->words,
			 c->operand ? " " : "", c->operand ? c->operand : "");
		fprintf(out, "%-*s%s\n", HELP_COLUMN, left, c->help);
	}
	fprintf(out, "\n%-*sthis help, or that of a command\n%-*sthe version\n",
		HELP_COLUMN, "  -h, --help", HELP_COLUMN, "      --version");
}

void command_print_help(const struct command *c, FILE *out)
{
	static const struct command_option help = { 'h', "help", NULL,
						    "this help" };

	if (!c) {
		print_all(out);
		return;
	}
	fprintf(out, "Usage: isolatectl %s%s%s%s\n%s\n\nOptions:\n", c->words,
		c->options ? " [OPTION...]" : "", c->operand ? " " : "",
		c->operand ? c->operand : "", c->help);
	for (const struct command_option *o = c->options; o && o->name; o++)
		print_option(o, out);
	print_option(&help, out);
}
