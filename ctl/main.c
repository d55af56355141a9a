/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ctl/main.c - isolatectl: looks after what isolate leaves behind */
#include <bsd/err.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/fd.h"
#include "ctl/command.h"
#include "ctl/text.h"

#define EXIT_USAGE 2

static int complain(const struct fault *f, int status)
{
	char line[512];
	char *printable;

	fault_format(f, line, sizeof(line));
	/* it may quote the ledger, tor or a file name */
	printable = text_printable(line);
	warnx("%s", printable);
	free(printable);
	return status;
}

int main(int argc, char **argv)
{
	struct fault f = { .err = 0 };
	struct call call;
	int rc;

	/* else the ledger could become descriptor 2, and hear our messages */
	if (fd_fill_std() < 0)
		return EXIT_FAILURE;
	setlocale(LC_CTYPE, "");
	rc = command_parse(argc, argv, &call, &f);
	if (rc < 0)
		return complain(&f, EXIT_USAGE);
	call.out = stdout;
	if (rc == COMMAND_RUN) {
		rc = call.command->run(&call, &f);
	} else {
		if (rc == COMMAND_HELP)
			command_print_help(call.command, stdout);
		else
			puts("isolatectl " ISOLATE_VERSION);
		rc = 0;
	}
	if (rc == COMMAND_MISUSE)
		return complain(&f, EXIT_USAGE);
	if (rc < 0)
		return complain(&f, EXIT_FAILURE);
	if (fflush(stdout) || ferror(stdout))
		err(EXIT_FAILURE, "write to standard output");
	return rc;
}
