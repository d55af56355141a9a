/* SPDX-License-Identifier: GPL-3.0-or-later */
/* base/account.h - accounts of this machine: passwd(5), and nothing else */
#ifndef BASE_ACCOUNT_H
#define BASE_ACCOUNT_H

#include <stddef.h>
#include <sys/types.h>

/*
 * Not getpwnam(3): it may load a module and ask a daemon or the network (sssd,
 * LDAP), which a statically linked program should not, and this one least of
 * all.
 */

/**
 * account_home() - home directory of a user
 * @buf: room for @len bytes, set to the path with a NUL on success
 *
 * Return: 0, -ENOENT for a user who is not in /etc/passwd or has no absolute
 * home there, -ENAMETOOLONG or another -errno.
 */
int account_home(uid_t uid, char *buf, size_t len);

/**
 * account_uid() - number of an account
 *
 * Return: 0 with @uid set, -ENOENT where there is none, or another -errno.
 */
int account_uid(const char *name, uid_t *uid);

#endif
