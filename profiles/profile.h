/* SPDX-License-Identifier: GPL-3.0-or-later */
/* profiles/profile.h - profiles: what an application is given, typed */
#ifndef PROFILES_PROFILE_H
#define PROFILES_PROFILE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/fault.h"
#include "base/strv.h"
#include "profiles/keys.h"

#define PROFILE_DIRS_MAX 3
#define PROFILE_NAME_MAX 32 /* as IDENTITY_NAME_MAX: it may become one */
#define PROFILE_FILE_MAX_BYTES 65536
#define PROFILE_LINE_MAX_BYTES 196 /* fits libinih's own limit of 197 */
#define PROFILE_INCLUDE_DEPTH_MAX 8

struct profile {
	char *name; /* as it was asked for, never NULL */
#define PROFILE_KEY(field, name, type, dflt, merge, help)                      \
	PROFILE_C_##type field;
#include "profiles/keys.def"
#undef PROFILE_KEY
	/*
	 * Who set each key, by enum profile_key_index: "FILE:LINE",
	 * "default" or what profile_set() was told. A list has one for
	 * each item; an empty list the one that emptied it.
	 */
	struct strv origins[PROFILE_NKEYS];
};

/* Where profiles are looked for, lowest precedence first; absolute paths. */
struct profile_dirs {
	const char *dirs[PROFILE_DIRS_MAX];
	size_t n;
	/* what profile_dirs_init() points @dirs to: do not copy the struct */
	char shipped[PATH_MAX], user[PATH_MAX];
};

/**
 * profile_dirs_init() - the directories of this machine and user
 * @d: set to those we ship, ISOLATE_SYSCONFDIR/isolate/profiles and
 *     $XDG_CONFIG_HOME/isolate/profiles (~/.config where that is unset or
 *     relative)
 *
 * Return: 0 or -errno.
 */
int profile_dirs_init(struct profile_dirs *d, struct fault *f);

/**
 * profile_name_is_valid() - [a-z0-9][a-z0-9_-]*, at most PROFILE_NAME_MAX
 *
 * No path can be one, so nothing is read from the current directory.
 */
bool profile_name_is_valid(const char *name);

/**
 * profile_load() - read a profile, what it includes, and their drop-ins
 * @dirs: lowest precedence first; those that do not exist are skipped
 * @name: a name, never a path
 * @out: set on success; profile_free() it
 *
 * The NAME.profile of the highest precedence is read, after what it
 * includes; then the .conf files in NAME.profile.d of every directory, the
 * lowest precedence first and by name within. A profile that is included twice
 * is read once. Every file and directory must belong to root, the caller or the
 * owner of the running program's directory, and be writable to its owner only.
 *
 * Return: 0; -ENOENT: no such profile (the hint names near ones); or -errno
 * with "FILE:LINE: message" in @f.
 */
int profile_load(const struct profile_dirs *dirs, const char *name,
		 struct profile **out, struct fault *f);

/**
 * profile_exists() - is there a NAME.profile in any of the directories
 *
 * Says nothing of whether it is any good. False for what is not a name.
 */
bool profile_exists(const struct profile_dirs *dirs, const char *name);

/**
 * profile_list() - names of all profiles
 * @names: appended to, sorted, each once
 *
 * Return: 0 or -errno.
 */
int profile_list(const struct profile_dirs *dirs, struct strv *names,
		 struct fault *f);

/**
 * profile_new() - a profile that has the defaults only
 * @name: copied
 *
 * Return: the caller's; profile_free() it.
 */
struct profile *profile_new(const char *name);

/**
 * profile_set() - set one key, as an option does
 * @key_equals_value: "KEY=VALUE"; replaces a scalar, adds to a list, and
 *                    an empty value empties a list
 * @origin: whom --explain names, e.g. "--set"; messages begin with it
 *
 * Return: 0 or -EINVAL; after that @p can only be freed.
 */
int profile_set(struct profile *p, const char *key_equals_value,
		const char *origin, struct fault *f);

/**
 * profile_origin() - who set a key
 * @i: item of a list, 0 for others
 *
 * Return: "FILE:LINE", "default" or an option; for messages about values that
 * only the caller can judge.
 */
const char *profile_origin(const struct profile *p, enum profile_key_index key,
			   size_t i);

/**
 * profile_explain() - print "key = value    # who set it"
 * @key: a key's name, NULL for all; lists print one line an item
 *
 * Return: 0, -EINVAL for an unknown key (hint: the nearest), or -errno of
 * writing.
 */
int profile_explain(const struct profile *p, const char *key, FILE *out,
		    struct fault *f);

/**
 * profile_free() - release a profile; NULL is fine
 */
void profile_free(struct profile *p);

/**
 * profile_include_fn - reads the profile that an include line names
 *
 * Return: 0 or -errno with @f set (its text is complete).
 */
typedef int profile_include_fn(void *ctx, const char *name, const char *origin,
			       struct fault *f);

/**
 * profile_parse_text() - read the text of one file into a profile
 * @file: its path, for messages
 * @text: @len bytes, any bytes at all
 * @include: called for each name that is included; NULL: refused
 *
 * Pure: touches nothing but @p. After an error @p can only be freed.
 *
 * Return: 0, or -errno with "FILE:LINE: message" in @f.
 */
int profile_parse_text(struct profile *p, const char *file, const char *text,
		       size_t len, profile_include_fn *include, void *ctx,
		       struct fault *f);

#endif
