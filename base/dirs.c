/* SPDX-License-Identifier: GPL-3.0-or-later */
/* base/dirs.c - where the user's own state is (XDG base directories) */
#include "base/dirs.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/account.h"
#include "base/path.h"

static int format(char *buf, size_t len, const char *fmt, ...)
	attr_printf(3, 4);

static int format(char *buf, size_t len, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(buf, len, fmt, ap);
	va_end(ap);
	return n < 0 || (size_t)n >= len ? -ENAMETOOLONG : 0;
}

static const char *absolute_env(const char *name)
{
	const char *v = getenv(name);

	return v && v[0] == '/' ? v : NULL;
}

int dirs_home(char *buf, size_t len)
{
	const char *v = absolute_env("HOME");

	return v ? format(buf, len, "%s", v)
		 : account_home(geteuid(), buf, len);
}

static int below(const char *variable, const char *below_home, char *buf,
		 size_t len)
{
	const char *base = absolute_env(variable);
	char dir[PATH_MAX];
	int rc;

	if (base)
		return format(buf, len, "%s/isolate", base);
	rc = dirs_home(dir, sizeof(dir));
	if (rc < 0)
		return rc;
	return format(buf, len, "%s/%s/isolate", dir, below_home);
}

int dirs_data(char *buf, size_t len)
{
	return below("XDG_DATA_HOME", ".local/share", buf, len);
}

int dirs_cache(char *buf, size_t len)
{
	return below("XDG_CACHE_HOME", ".cache", buf, len);
}

int dirs_config(char *buf, size_t len)
{
	return below("XDG_CONFIG_HOME", ".config", buf, len);
}

static int is_ours_alone(const char *dir)
{
	struct stat st;

	return stat(dir, &st) == 0 && S_ISDIR(st.st_mode) &&
	       st.st_uid == geteuid() && !(st.st_mode & 077);
}

int dirs_runtime(char *buf, size_t len)
{
	const char *base = absolute_env("XDG_RUNTIME_DIR");
	char of_login[32];

	if (base && is_ours_alone(base))
		return format(buf, len, "%s/isolate", base);
	/* what systemd and elogind make: su(1), sudo(8) and cron(8) do not
	 * tell, but should find the same tor as the desktop session */
	snprintf(of_login, sizeof(of_login), "/run/user/%u", geteuid());
	if (is_ours_alone(of_login))
		return format(buf, len, "%s/isolate", of_login);
	return format(buf, len, "/tmp/isolate-%u", geteuid());
}

static int open_private(const char *path, struct fault *f)
{
	autoclose int fd = path_open_private(path);
	struct stat st;

	if (fd == -EPERM) {
		fault_set(f, EPERM, "open directory %s", path);
		fault_hint(f,
			   "it must belong to uid %u and be writable by "
			   "nobody else: look who made it, then remove it or "
			   "chown and chmod 0700 it",
			   geteuid());
		return -EPERM;
	}
	if (fd == -ELOOP || fd == -ENOTDIR) {
		int rc = fault_set(f, fd, "open directory %s", path);

		fault_hint(f, "it must be a directory and no symlink");
		return rc;
	}
	if (fd < 0)
		return fault_set(f, fd, "open directory %s", path);
	/* the user's umask, or an old copy: what is inside is nobody's */
	if (fstat(fd, &st) < 0)
		return fault_set(f, errno, "look at %s", path);
	if ((st.st_mode & 07777) != 0700 && fchmod(fd, 0700) < 0)
		return fault_set(f, errno, "close %s to others", path);
	return fd_steal(&fd);
}

static int open_as(int (*name)(char *buf, size_t len), const char *what,
		   const char *variable, struct fault *f)
{
	char path[PATH_MAX];
	int rc = name(path, sizeof(path));

	if (rc < 0) {
		fault_set(f, rc, "find the %s directory", what);
		fault_hint(f, "set HOME or %s to an absolute path", variable);
		return rc;
	}
	return open_private(path, f);
}

int dirs_open_data(struct fault *f)
{
	return open_as(dirs_data, "data", "XDG_DATA_HOME", f);
}

int dirs_open_cache(struct fault *f)
{
	return open_as(dirs_cache, "cache", "XDG_CACHE_HOME", f);
}

int dirs_open_runtime(struct fault *f)
{
	return open_as(dirs_runtime, "runtime", "XDG_RUNTIME_DIR", f);
}
