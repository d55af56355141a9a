/* SPDX-License-Identifier: GPL-3.0-or-later */
/* identity/identity.c - which identity a launch belongs to, and its homes */
#include "identity/identity.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bsd/string.h>

#include "base/path.h"

/*
 * DOC: Theory of Operation
 *
 * An identity is one person as the network sees it. What belongs to
 * different identities must not be linkable, so everything that lasts is kept
 * apart by identity first: homes here, SocksPorts by tor/, circuits by the
 * gateway's credentials.
 *
 * The danger is not that the rule is broken but that it is forgotten: a user
 * who starts the same application once with and once without -i. So the first
 * launch binds the application, in the ledger, and a later launch follows the
 * binding. -i overrides it for one launch, visibly, with another home; a
 * profile with `exclusive` forbids even that.
 *
 * The application controls everything inside its home, also the mode of the
 * home itself, and nothing above it: only that directory is mounted for it.
 * So a name on the way down is never a symlink (path_open_beneath()), and the
 * mode of the last one is set, not believed.
 */

static const char name_rule[] =
	"use 1 to 32 of a-z, 0-9, _ and -, the first a letter or digit";

static bool is_lower_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool identity_name_is_valid(const char *name)
{
	size_t n;

	if (!is_lower_alnum(name[0]))
		return false;
	for (n = 1; name[n]; n++) {
		if (n >= IDENTITY_NAME_MAX)
			return false;
		if (!is_lower_alnum(name[n]) && name[n] != '_' &&
		    name[n] != '-')
			return false;
	}
	return true;
}

static int refuse_name(struct fault *f, const char *from, const char *name)
{
	fault_set(f, 0, "%s \"%.64s\" is not an identity name", from, name);
	fault_hint(f, "%s", name_rule);
	return -EINVAL;
}

/* Which name, and where a person would find it. */
static const char *pick(const struct identity_query *q, const char **from)
{
	if (q->asked) {
		*from = "-i";
		return q->asked;
	}
	if (q->bound) {
		*from = "the binding in the ledger,";
		return q->bound;
	}
	if (q->profile_identity && *q->profile_identity) {
		*from = "the profile's identity =";
		return q->profile_identity;
	}
	*from = "the profile's name";
	return q->profile;
}

int identity_choose(const struct identity_query *q,
		    struct identity_choice *choice, struct fault *f)
{
	struct identity_choice c = { .binds = !q->bound };
	const char *from, *name = pick(q, &from);

	if (!identity_name_is_valid(name)) {
		int rc = refuse_name(f, from, name);

		if (name == q->profile)
			fault_hint(f, "choose one with -i NAME");
		return rc;
	}
	c.differs = q->bound && strcmp(name, q->bound) != 0;
	c.overrides = q->bound && !q->asked && q->profile_identity &&
		      *q->profile_identity &&
		      strcmp(q->profile_identity, q->bound) != 0;
	if (c.differs && q->exclusive) {
		fault_set(f, 0,
			  "%.80s belongs to identity %.32s and profile %.40s "
			  "is exclusive: not started as %s",
			  q->application ? q->application : "this application",
			  q->bound, q->profile, name);
		fault_hint(f, "start it without -i");
		return -EPERM;
	}
	strlcpy(c.name, name, sizeof(c.name));
	*choice = c;
	return 0;
}

static bool is_component(const char *s)
{
	size_t len = strlen(s);

	return len > 0 && len <= NAME_MAX && s[0] != '.' && !strchr(s, '/');
}

/*
 * Open @name in @parent as a directory of ours with mode 0700, whatever mode
 * it has now: an application may even have made its home unreadable.
 */
static int open_mended(int parent, const char *name)
{
	autoclose int fd = -1;
	char magic[32];
	struct stat st;

	if (mkdirat(parent, name, 0700) < 0 && errno != EEXIST)
		return -errno;
	fd = path_open_beneath(parent, name, O_PATH | O_DIRECTORY, 0);
	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0)
		return -errno;
	/* root's launches run as another uid, which is given the home: only
	 * root can have done so */
	if (st.st_uid != geteuid() && geteuid() != 0)
		return -EPERM;
	/* fchmod(2) refuses O_PATH; this names the very same inode */
	snprintf(magic, sizeof(magic), "/proc/self/fd/%d", fd);
	if ((st.st_mode & 07777) != 0700 && chmod(magic, 0700) < 0)
		return -errno;
	return path_open_beneath(fd, ".", O_RDONLY | O_DIRECTORY, 0);
}

static int open_kept(int data_dirfd, const char *identity, const char *kind,
		     const char *profile, struct fault *f)
{
	char above[64];
	autoclose int parent = -1;
	int fd;

	if (!identity_name_is_valid(identity))
		return refuse_name(f, "identity", identity);
	if (!is_component(profile)) {
		fault_set(f, 0, "profile name \"%.64s\" is no directory name",
			  profile);
		return -EINVAL;
	}
	snprintf(above, sizeof(above), "identities/%s/%s", identity, kind);
	parent = path_make_dirs(data_dirfd, above, 0700);
	fd = parent < 0 ? parent : open_mended(parent, profile);
	if (fd >= 0)
		return fd;
	fault_set(f, fd, "open %s/%.100s in the data directory", above,
		  profile);
	if (fd == -ELOOP)
		fault_hint(f, "a symlink is in the way: replace it by a "
			      "directory or a bind mount");
	else if (fd == -EPERM)
		fault_hint(f, "it must belong to uid %u", geteuid());
	else if (fd == -ENOSPC || fd == -EDQUOT)
		fault_hint(f, "free some space there, or use --amnesic");
	return fd;
}

int identity_home_open(int data_dirfd, const char *identity,
		       const char *profile, struct fault *f)
{
	return open_kept(data_dirfd, identity, "home", profile, f);
}

int identity_work_open(int data_dirfd, const char *identity,
		       const char *profile, struct fault *f)
{
	return open_kept(data_dirfd, identity, "work", profile, f);
}
