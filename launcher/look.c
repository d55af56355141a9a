/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/look.c - what the canary reads, and how it says what differs */
#include "launcher/look.h"

#include <errno.h>
#include <fcntl.h>

#include "base/fd.h"

int look_differs(struct fault *f, const char *what, const char *is)
{
	return fault_set(f, EPERM, "%s: %s", what, is);
}

int look_slurp(const char *path, char *buf, size_t len, struct fault *f)
{
	autoclose int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -errno : fd_read_full(fd, buf, len - 1);

	if (n < 0)
		return fault_set(f, (int)n, "read %s", path);
	if ((size_t)n == len - 1)
		return fault_set(f, EFBIG, "read %s", path);
	buf[n] = '\0';
	return 0;
}
