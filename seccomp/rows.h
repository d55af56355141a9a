/* SPDX-License-Identifier: GPL-3.0-or-later */
/* seccomp/rows.h - a filter compiled at build time, as rows of C */
#ifndef SECCOMP_ROWS_H
#define SECCOMP_ROWS_H

#include <seccomp.h>
#include <stddef.h>

/* int arguments: the upper half of the register is not the kernel's */
#define MASK_IS(n, mask, v) SCMP_CMP(n, SCMP_CMP_MASKED_EQ, mask, v)
#define INT_IS(n, v) MASK_IS(n, 0xffffffffU, v)

#define ROWS_ARGS_MAX 4

/* Rows of one name are alternatives; the comparisons of a row all hold. */
struct rows_checked {
	const char *name;
	unsigned int nargs;
	struct scmp_arg_cmp args[ROWS_ARGS_MAX];
};

/* All end the program where they fail: it runs at build time only. */

/**
 * rows_allow_plain() - allow system calls whatever their arguments
 *
 * One that this architecture does without is passed over, here and below.
 */
void rows_allow_plain(scmp_filter_ctx ctx, const char *const *names, size_t n);

/**
 * rows_allow_checked() - allow system calls with these arguments
 */
void rows_allow_checked(scmp_filter_ctx ctx, const struct rows_checked *rows,
			size_t n);

/**
 * rows_print() - the filter on stdout, rows of an array of struct sock_filter
 *
 * Other architectures' calls kill the process.
 */
void rows_print(scmp_filter_ctx ctx);

#endif
