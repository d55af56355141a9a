/* SPDX-License-Identifier: GPL-3.0-or-later */
/* identity/identity.h - which identity a launch belongs to, and its homes */
#ifndef IDENTITY_IDENTITY_H
#define IDENTITY_IDENTITY_H

#include <stdbool.h>

#include "base/fault.h"

#define IDENTITY_NAME_MAX 32

/**
 * identity_name_is_valid() - may @name name an identity
 * @name: NUL-terminated
 *
 * [a-z0-9][a-z0-9_-]{0,31}: one directory name, never hidden, never an
 * option, and no two names that only case or a look-alike letter tells apart.
 */
bool identity_name_is_valid(const char *name);

struct identity_query {
	const char *asked;            /* -i NAME, or NULL */
	const char *profile_identity; /* its key `identity`, or NULL or "" */
	const char *profile;          /* its name */
	const char *bound;            /* by the ledger, or NULL */
	const char *application;      /* for messages, or NULL */
	bool exclusive;               /* the profile's key */
};

struct identity_choice {
	char name[IDENTITY_NAME_MAX + 1];
	bool binds;   /* the application has no identity yet: bind it */
	bool differs; /* it is bound to another one: say so on stderr */
	/* the binding won over the profile's `identity`: say so too */
	bool overrides;
};

/**
 * identity_choose() - the identity of a launch; pure
 * @q: what is known; strings are borrowed
 * @choice: set on success
 * @f: says what is wrong, with the next action
 *
 * -i, else the binding, else the profile's `identity`, else the profile's
 * name.
 *
 * Return: 0; -EINVAL: not a valid name; -EPERM: another identity was asked
 * for than the one the application is bound to, and the profile is exclusive.
 */
int identity_choose(const struct identity_query *q,
		    struct identity_choice *choice, struct fault *f);

/**
 * identity_home_open() - the private home of a profile in an identity
 * @data_dirfd: from dirs_open_data()
 * @identity: valid name
 * @profile: one path component, else -EINVAL
 *
 * identities/IDENTITY/home/PROFILE/, made if it is missing. No symlink on the
 * way is followed. The application may have changed the mode of its home:
 * it is 0700 again afterwards. It must belong to the caller (-EPERM), unless
 * that is root, who may have given it to the uid that root's launches run as.
 *
 * Return: O_RDONLY|O_DIRECTORY|O_CLOEXEC descriptor, the caller's, or -errno.
 */
int identity_home_open(int data_dirfd, const char *identity,
		       const char *profile, struct fault *f);

/**
 * identity_work_open() - overlayfs's work directory for that home
 *
 * identities/IDENTITY/work/PROFILE/, on the same file system, and as above.
 * What overlayfs leaves in it (a "work" of mode 000) is overlayfs's own.
 */
int identity_work_open(int data_dirfd, const char *identity,
		       const char *profile, struct fault *f);

#endif
