/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tor/cookiefile.h - the cookie that tor keeps in a file */
#ifndef TOR_COOKIEFILE_H
#define TOR_COOKIEFILE_H

#include <stdint.h>
#include <sys/types.h>

#include "base/fault.h"
#include "tor/cookie.h"

/**
 * tor_cookiefile_read() - read it, if it can be the cookie of who listens
 * @fd: the file; borrowed
 * @listener: uid of the control socket's other end. Root may give its
 *            rights up after it has opened the socket: it may be anybody's
 * @cookie: set on success
 *
 * Only a regular file of that user's with exactly a cookie's bytes: else the
 * other end could have us prove what we know of any file.
 *
 * Return: 0; -EPERM; -EPROTO; or -errno.
 */
int tor_cookiefile_read(int fd, uid_t listener, uint8_t cookie[TOR_COOKIE_LEN],
			struct fault *f);

#endif
