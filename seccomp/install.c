/* SPDX-License-Identifier: GPL-3.0-or-later */
/* seccomp/install.c - put a program into force on the calling thread */
#include "seccomp/install.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

int seccomp_install(const struct seccomp_program *prog)
{
	struct sock_fprog fprog = {
		.len = prog->len,
		.filter = prog->insns,
	};

	if (!prog->len || !prog->insns)
		return -EINVAL;
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
		return -EPERM;
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &fprog) < 0)
		return -errno;
	return 0;
}
