/* SPDX-License-Identifier: GPL-3.0-or-later */
/* base/caps.c - giving up capabilities for good */
/*
 * By the system calls themselves: libcap-ng reads /proc/self/status for each
 * set it applies, and asks for each capability by itself; a launch gives them
 * up three times, twice with everybody waiting for it.
 */
#include "base/caps.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* By name: what the header calls all of them grows with the kernel, and one
 * that does not know a bit refuses the rest with it. */
#define SECUREBITS                                                             \
	(SECBIT_NOROOT | SECBIT_NO_SETUID_FIXUP | SECBIT_KEEP_CAPS |           \
	 SECBIT_NO_CAP_AMBIENT_RAISE)
#define SECUREBITS_LOCKS                                                       \
	(SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP_LOCKED |                \
	 SECBIT_KEEP_CAPS_LOCKED | SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED)

int caps_drop_all(struct fault *f)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	const struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {
		{ 0 }
	};

	/* while CAP_SETPCAP is still there */
	if (prctl(PR_SET_SECUREBITS, SECUREBITS | SECUREBITS_LOCKS, 0, 0, 0) <
	    0)
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

int caps_check_none(struct fault *f)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct is[_LINUX_CAPABILITY_U32S_3];

	if (syscall(SYS_capget, &head, is) < 0)
		return fault_set(f, errno, "read the capability sets");
	for (int i = 0; i < _LINUX_CAPABILITY_U32S_3; i++)
		if (is[i].effective || is[i].permitted || is[i].inheritable)
			return fault_set(f, EPERM, "capabilities are left");
	for (unsigned long cap = 0;; cap++) {
		int bound = prctl(PR_CAPBSET_READ, cap, 0, 0, 0);

		if (bound < 0 && errno == EINVAL && cap > CAP_SETFCAP)
			return 0;
		if (bound < 0)
			return fault_set(f, errno, "read the bounding set");
		if (bound || prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, cap,
				   0, 0) != 0)
			return fault_set(f, EPERM, "capability %lu is left",
					 cap);
	}
}
