/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/data/with-seccomp.c - run a command under the default filter */
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "seccomp/compile.h"
#include "seccomp/install.h"

/* with-seccomp [+GROUP|-GROUP|+FAMILY|-FAMILY|+wx]... COMMAND [ARG...] */
static int spec_change(struct seccomp_spec *spec, const char *word)
{
	bool on = word[0] == '+';
	int i;

	if (strcmp(word + 1, "wx") == 0) {
		spec->wx = on;
		return 0;
	}
	i = seccomp_group_find(word + 1);
	if (i >= 0) {
		spec->groups &= ~(UINT64_C(1) << i);
		spec->groups |= (uint64_t)on << i;
		return 0;
	}
	i = seccomp_family_find(word + 1);
	if (i < 0)
		return -ENOENT;
	spec->families &= ~(1u << i);
	spec->families |= (uint32_t)on << i;
	return 0;
}

int main(int argc, char **argv)
{
	struct seccomp_program prog;
	struct seccomp_spec spec;
	struct fault f = { 0 };
	char line[600];
	int i, rc;

	seccomp_spec_default(&spec);
	for (i = 1; i < argc && (*argv[i] == '+' || *argv[i] == '-'); i++)
		if (spec_change(&spec, argv[i]) < 0)
			errx(125, "%s: no such group or family", argv[i]);
	if (i >= argc)
		errx(125, "usage: with-seccomp [+NAME|-NAME]... COMMAND");
	rc = seccomp_compile(&spec, &prog, &f);
	if (rc < 0) {
		fault_format(&f, line, sizeof(line));
		errx(125, "%s", line);
	}
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		err(125, "no_new_privs");
	rc = seccomp_install(&prog);
	if (rc < 0)
		errx(125, "seccomp: %s", strerrordesc_np(-rc));
	execvp(argv[i], argv + i);
	err(errno == ENOENT ? 127 : 126, "%s", argv[i]);
}
