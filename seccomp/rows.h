/* SPDX-License-Identifier: GPL-3.0-or-later */
/* seccomp/rows.h - a filter compiled at build time, as rows of C */
#ifndef SECCOMP_ROWS_H
#define SECCOMP_ROWS_H

#include <seccomp.h>

/* Both end the program where they fail: it runs at build time only. */

/**
 * rows_allow() - allow a system call, whatever its arguments or with these
 * @args: @nargs comparisons, all of which must hold
 *
 * One that this architecture does without is passed over.
 */
void rows_allow(scmp_filter_ctx ctx, const char *name, unsigned int nargs,
		const struct scmp_arg_cmp *args);

/**
 * rows_print() - the filter on stdout, rows of an array of struct sock_filter
 *
 * Other architectures' calls kill the process.
 */
void rows_print(scmp_filter_ctx ctx);

#endif
