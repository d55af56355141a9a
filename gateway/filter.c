/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gateway/filter.c - the gateway's own seccomp filter, compiled beforehand */
#include "gateway/filter.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/attr.h"

/* struct sock_filter rows, written by filter_gen.c with libseccomp */
static const struct sock_filter filter_rows[] = {
#include "gen/gateway_filter.h"
};

static const struct sock_fprog filter_prog = {
	.len = ARRAY_SIZE(filter_rows),
	/* the kernel only reads it, its type does not say so */
	.filter = (struct sock_filter *)(size_t)filter_rows,
};

const struct sock_fprog *filter_program(void)
{
	return &filter_prog;
}

int filter_install(void)
{
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter_prog) < 0)
		return -errno;
	return 0;
}
