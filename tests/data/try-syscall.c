/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/data/try-syscall.c - try named system calls, print the answers */
#include <err.h>
#include <stdio.h>
#include <string.h>

#include "tests/data/sysprobe.h"

/*
 * try-syscall NAME... - prints "NAME: OK", "NAME: EPERM", "NAME: KILLED"
 * try-syscall --refused - all that the default filter refuses, as
 *	"NAME: GOT WANTED"; status 1 if one was answered otherwise
 * try-syscall --list - the names
 */
static int try_refused(void)
{
	int bad = 0;

	for (size_t i = 0; i < nprobes; i++) {
		const struct probe *p = &probes[i];
		int got;

		if (p->plain == PROBE_PLAIN_SAME)
			continue;
		got = probe_run(p, NULL, NULL);
		printf("%s: %s %s\n", p->name, probe_result_name(got),
		       probe_result_name(p->want));
		bad |= got != p->want;
	}
	return bad;
}

int main(int argc, char **argv)
{
	if (argc < 2)
		errx(2, "usage: try-syscall NAME... | --refused | --list");
	/* a probe's child must not print what the parent has buffered */
	setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
	if (strcmp(argv[1], "--refused") == 0)
		return try_refused();
	for (size_t i = 0; i < nprobes && !strcmp(argv[1], "--list"); i++)
		puts(probes[i].name);
	for (int i = 1; i < argc && argv[i][0] != '-'; i++) {
		const struct probe *p = probe_find(argv[i]);

		if (!p)
			errx(2, "%s: no such probe", argv[i]);
		printf("%s: %s\n", p->name,
		       probe_result_name(probe_run(p, NULL, NULL)));
	}
	return 0;
}
