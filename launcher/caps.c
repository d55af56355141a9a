/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/caps.c - giving up capabilities for good */
/*
 * By the system calls themselves: libcap-ng reads /proc/self/status for each
 * set it applies, three times here, and a launch does this twice, once with
 * everybody waiting for it. The canary reads what came of it.
 */
#include "launcher/caps.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

int caps_drop_all(struct fault *f)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	const struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {
		{ 0 }
	};

	/* while CAP_SETPCAP is still there */
	if (prctl(PR_SET_SECUREBITS, SECURE_ALL_BITS | SECURE_ALL_LOCKS, 0, 0,
		  0) < 0)
		return fault_set(f, errno, "lock the securebits");
	/* the kernel's own list, not the header's: EINVAL is past its end */
	for (unsigned long cap = 0;; cap++)
		if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0) {
			if (errno == EINVAL && cap > CAP_SETFCAP)
				break;
			return fault_set(f, errno, "empty the bounding set");
		}
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
		return fault_set(f, errno, "empty the ambient set");
	/* effective, permitted, inheritable */
	if (syscall(SYS_capset, &head, none) < 0)
		return fault_set(f, errno, "empty the capability sets");
	return 0;
}
