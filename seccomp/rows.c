/* SPDX-License-Identifier: GPL-3.0-or-later */
/* seccomp/rows.c - a filter compiled at build time, as rows of C */
#include "seccomp/rows.h"

#include <err.h>
#include <errno.h>
#include <linux/filter.h>
#include <stdio.h>

static void allow(scmp_filter_ctx ctx, const char *name, unsigned int nargs,
		  const struct scmp_arg_cmp *args)
{
	int nr = seccomp_syscall_resolve_name(name);
	int rc;

	if (nr == __NR_SCMP_ERROR)
		errx(1, "%s: no such system call", name);
	/* negative: this architecture does without it (epoll_wait on arm64) */
	if (nr < 0)
		return;
	rc = seccomp_rule_add_array(ctx, SCMP_ACT_ALLOW, nr, nargs, args);
	if (rc < 0) {
		errno = -rc;
		err(1, "%s", name);
	}
}

void rows_allow_plain(scmp_filter_ctx ctx, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		allow(ctx, names[i], 0, NULL);
}

void rows_allow_checked(scmp_filter_ctx ctx, const struct rows_checked *rows,
			size_t n)
{
	for (size_t i = 0; i < n; i++)
		allow(ctx, rows[i].name, rows[i].nargs, rows[i].args);
}

void rows_print(scmp_filter_ctx ctx)
{
	struct sock_filter row;
	FILE *tmp = tmpfile();
	int rc;

	if (!tmp)
		err(1, "tmpfile");
	if (seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH,
			     SCMP_ACT_KILL_PROCESS) < 0 ||
	    seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2) < 0)
		errx(1, "seccomp_attr_set failed");
	rc = seccomp_export_bpf(ctx, fileno(tmp));
	if (rc < 0) {
		errno = -rc;
		err(1, "seccomp_export_bpf");
	}
	rewind(tmp);
	while (fread(&row, sizeof(row), 1, tmp) == 1)
		printf("{ 0x%02x, %u, %u, 0x%08x },\n", row.code, row.jt,
		       row.jf, row.k);
	if (ferror(tmp) || fflush(stdout) != 0)
		err(1, "cannot copy the filter");
	fclose(tmp);
}
