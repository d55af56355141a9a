/* SPDX-License-Identifier: GPL-3.0-or-later */
/* transport/filter.c - the seccomp filter of pluggable transports */
#include "transport/filter.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/attr.h"

/* written by filter_gen.c with libseccomp */
static const struct sock_filter filter_rows[] = {
#include "gen/transport_filter.h"
};

static int load(const struct sock_filter *rows, unsigned short n)
{
	const struct sock_fprog prog = {
		.len = n,
		/* the kernel only reads it, its type does not say so */
		.filter = (struct sock_filter *)(size_t)rows,
	};

	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog) < 0)
		return -errno;
	return 0;
}

/*
 * Go interrupts its own threads with tgkill(2). Which process is ours is
 * known only now, and an execve(2) does not change it. Other architectures
 * are the first filter's business.
 */
static int load_signals(void)
{
	const struct sock_filter rows[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_tgkill, 0, 3),
		/* an int: the kernel looks at the low half alone */
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, args[0])
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
				 + 4
#endif
			 ),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned int)getpid(), 1,
			 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};

	return load(rows, ARRAY_SIZE(rows));
}

int filter_install(void)
{
	/* the other one allows no seccomp(2) any more */
	int rc = load_signals();

	return rc < 0 ? rc : load(filter_rows, ARRAY_SIZE(filter_rows));
}
