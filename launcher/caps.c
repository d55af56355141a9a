/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/caps.c - giving up capabilities for good (libcap-ng) */
#include "launcher/caps.h"

#include <cap-ng.h>
#include <errno.h>
#include <linux/securebits.h>
#include <sys/prctl.h>

int caps_drop_all(struct fault *f)
{
	/* while CAP_SETPCAP is still there */
	if (prctl(PR_SET_SECUREBITS, SECURE_ALL_BITS | SECURE_ALL_LOCKS, 0, 0,
		  0) < 0)
		return fault_set(f, errno, "lock the securebits");
	capng_clear(CAPNG_SELECT_ALL);
	if (capng_apply(CAPNG_SELECT_BOUNDS) < 0)
		return fault_set(f, errno, "empty the bounding set");
	if (capng_apply(CAPNG_SELECT_CAPS) < 0)
		return fault_set(f, errno, "empty the capability sets");
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
		return fault_set(f, errno, "empty the ambient set");
	return 0;
}
