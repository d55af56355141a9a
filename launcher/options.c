/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/options.c - the command line of isolate */
#include "launcher/options.h"

#include <errno.h>
#include <getopt.h>
#include <string.h>

#include "base/alloc.h"
#include "profiles/keys.h"

enum option_id {
	OPTION_UNSET = 0,
#define OPTION(id, long_name, short_name, argument, key, help) OPTION_##id,
#include "launcher/options.def"
#undef OPTION
	OPTION_COUNT,
};

struct option_row {
	enum option_id id;
	const char *long_name;
	char short_name;      /* 0: none */
	const char *argument; /* NULL: takes none */
	const char *key;      /* profile key it sets, or NULL */
	const char *help;
};

static const struct option_row rows[] = {
#define OPTION(id, long_name, short_name, argument, key, help)                 \
	{ OPTION_##id, long_name, short_name, argument, key, help },
#include "launcher/options.def"
#undef OPTION
};

/* getopt_long(3)'s value of a row: beyond any short option's character */
#define ROW_VALUE(i) (256 + (int)(i))

static const struct option_row *row_of(int value)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (value == ROW_VALUE(i) ||
		    (rows[i].short_name && value == rows[i].short_name))
			return &rows[i];
	return NULL;
}

static void add_set(struct options *o, const struct option_row *row,
		    const char *argument)
{
	if (row->key)
		strv_add_take(&o->sets, xasprintf("%s=%s", row->key,
						  argument ? argument : "yes"));
	else
		strv_add(&o->sets, argument ? argument : "");
	strv_add_take(&o->origins, xasprintf("--%s", row->long_name));
}

static void take(struct options *o, const struct option_row *row,
		 const char *argument)
{
	switch (row->id) {
	case OPTION_IDENTITY:
		o->identity = argument;
		break;
	case OPTION_PROFILE:
		o->profile = argument;
		break;
	case OPTION_EXPLAIN:
		o->explain = argument;
		break;
	case OPTION_DRY_RUN:
		o->dry_run = true;
		break;
	case OPTION_VERBOSE:
		o->verbose = true;
		break;
	case OPTION_VERSION:
		o->version = true;
		break;
	case OPTION_HELP:
		o->help = true;
		break;
	case OPTION_NETWORK:
	case OPTION_TOR:
	case OPTION_AMNESIC:
	case OPTION_BIND:
	case OPTION_RO_BIND:
	case OPTION_ENV:
	case OPTION_SET:
		add_set(o, row, argument);
		break;
	case OPTION_UNSET:
	case OPTION_COUNT:
		break;
	}
}

int options_parse(int argc, char **argv, struct options *o, struct fault *f)
{
	struct option longs[ARRAY_SIZE(rows) + 1] = { 0 };
	/* + stops at the command; : tells a missing argument apart */
	char shorts[2 + 2 * ARRAY_SIZE(rows) + 1] = "+:";
	const struct option_row *row;
	size_t n = strlen(shorts);
	int c;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		longs[i] = (struct option){
			.name = rows[i].long_name,
			.has_arg = rows[i].argument ? required_argument
						    : no_argument,
			.val = ROW_VALUE(i),
		};
		if (!rows[i].short_name)
			continue;
		shorts[n++] = rows[i].short_name;
		if (rows[i].argument)
			shorts[n++] = ':';
	}
	optind = 0;
	opterr = 0;
	while ((c = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		if (c == '?' || c == ':') {
			int rc = fault_set(f, 0, "%s: %s", argv[optind - 1],
					   c == ':' ? "needs an argument"
						    : "no such option");

			fault_hint(f, "see isolate --help");
			return rc;
		}
		row = row_of(c);
		if (row)
			take(o, row, optarg);
	}
	o->command = argv + optind;
	o->ncommand = argc - optind;
	return 0;
}

void options_print_help(FILE *out)
{
	size_t nkeys;
	const struct profile_key *keys = profile_keys(&nkeys);

	fputs("usage: isolate [-i IDENTITY] [-p PROFILE] [options] [--] "
	      "COMMAND [ARG...]\n\n"
	      "Runs COMMAND sealed off: the only thing it can reach is a "
	      "gateway that speaks\nto one Tor SocksPort.\n\noptions:\n",
	      out);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char left[64], s[8] = "    ";

		if (rows[i].short_name)
			snprintf(s, sizeof(s), "-%c, ", rows[i].short_name);
		snprintf(left, sizeof(left), "%s--%s%s%s", s, rows[i].long_name,
			 rows[i].argument ? " " : "",
			 rows[i].argument ? rows[i].argument : "");
		fprintf(out, "  %-26s %s\n", left, rows[i].help);
	}
	fputs("\nprofile keys, for --set and profile files "
	      "(isolate-profile(5)):\n",
	      out);
	for (size_t i = 0; i < nkeys; i++)
		fprintf(out, "  %-18s %s%s%s%s\n", keys[i].name, keys[i].help,
			keys[i].default_text[0] ? " [" : "",
			keys[i].default_text,
			keys[i].default_text[0] ? "]" : "");
	fputs("\nexit status: COMMAND's; 128+n when signal n ended it; "
	      "125 isolate failed,\n126 COMMAND cannot be run, 127 not found\n",
	      out);
}

void options_free(struct options *o)
{
	strv_free(&o->sets);
	strv_free(&o->origins);
}
