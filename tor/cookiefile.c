/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tor/cookiefile.c - the cookie that tor keeps in a file */
#include "tor/cookiefile.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fd.h"

int tor_cookiefile_read(int fd, uid_t listener, uint8_t cookie[TOR_COOKIE_LEN],
			struct fault *f)
{
	uint8_t bytes[TOR_COOKIE_LEN + 1];
	struct stat st;
	ssize_t n;

	if (fstat(fd, &st) < 0)
		return fault_set(f, errno, "look at tor's cookie");
	if (!S_ISREG(st.st_mode) || (listener != 0 && st.st_uid != listener))
		return fault_set(f, EPERM, "tor's cookie is not its file");
	n = fd_read_full(fd, bytes, sizeof(bytes));
	if (n < 0)
		return fault_set(f, (int)n, "read tor's cookie");
	if (n != TOR_COOKIE_LEN)
		return fault_set(f, EPROTO, "tor's cookie has a wrong length");
	memcpy(cookie, bytes, TOR_COOKIE_LEN);
	return 0;
}
