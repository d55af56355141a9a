/* SPDX-License-Identifier: GPL-3.0-or-later */
/* base/account.c - accounts of this machine: passwd(5), and nothing else */
#include "base/account.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>

#define ACCOUNTS "/etc/passwd"

int account_home(uid_t uid, char *buf, size_t len)
{
	FILE *in = fopen(ACCOUNTS, "re");
	const struct passwd *pw;
	int rc = -ENOENT;

	if (!in)
		return -errno;
	while ((pw = fgetpwent(in)))
		if (pw->pw_uid == uid)
			break;
	if (pw && pw->pw_dir[0] == '/')
		rc = snprintf(buf, len, "%s", pw->pw_dir) < (int)len
			     ? 0
			     : -ENAMETOOLONG;
	fclose(in);
	return rc;
}

int account_uid(const char *name, uid_t *uid)
{
	FILE *in = fopen(ACCOUNTS, "re");
	const struct passwd *pw;

	if (!in)
		return -errno;
	while ((pw = fgetpwent(in)))
		if (strcmp(pw->pw_name, name) == 0)
			break;
	if (pw)
		*uid = pw->pw_uid;
	fclose(in);
	return pw ? 0 : -ENOENT;
}
