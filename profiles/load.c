/* SPDX-License-Identifier: GPL-3.0-or-later */
/* profiles/load.c - a profile, what it includes, and their drop-ins */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "profiles/find.h"
#include "profiles/near.h"
#include "profiles/parse.h"
#include "profiles/profile.h"

/* Bounds what a chain of wide includes can make us read. */
#define LOAD_PROFILES_MAX 32

struct load {
	struct profile *p;
	struct find find;
	struct strv open; /* being read now, outermost first */
	struct strv done;
};

static int load_one(struct load *l, const char *name, struct fault *f);

static void pop(struct strv *sv)
{
	free(sv->v[--sv->n]);
	sv->v[sv->n] = NULL;
}

static int refuse_cycle(const struct load *l, const char *name,
			const char *origin, struct fault *f)
{
	autofree char *chain = NULL;

	for (size_t i = 0; i < l->open.n; i++) {
		char *longer =
			xasprintf("%s%s -> ", chain ? chain : "", l->open.v[i]);

		free(chain);
		chain = longer;
	}
	parse_fault(f, origin, "include cycle: %s%s", chain ? chain : "", name);
	fault_hint(f, "to change a profile, put a file in %s.profile.d", name);
	return -EINVAL;
}

static int refuse_missing(const struct load *l, const char *name,
			  const char *origin, struct fault *f)
{
	struct strv names = { 0 };
	const char *near = NULL;

	if (origin)
		parse_fault(f, origin, "no profile \"%.80s\" to include", name);
	else
		fault_set(f, 0, "no profile \"%.80s\"", name);
	if (profile_list(l->find.dirs, &names, NULL) == 0)
		near = near_find(name, (const char *const *)names.v, names.n);
	if (near)
		fault_hint(f, "did you mean \"%s\"?", near);
	else
		fault_hint(f, "`isolatectl profile list` lists them");
	strv_free(&names);
	/* -ENOENT is for the name that the caller gave */
	return origin ? -EINVAL : -ENOENT;
}

static int include_one(void *ctx, const char *name, const char *origin,
		       struct fault *f)
{
	struct load *l = ctx;
	int rc;

	if (strv_has(&l->open, name))
		return refuse_cycle(l, name, origin, f);
	if (strv_has(&l->done, name))
		return 0;
	if (l->open.n > PROFILE_INCLUDE_DEPTH_MAX)
		return parse_fault(f, origin, "include is over %d deep",
				   PROFILE_INCLUDE_DEPTH_MAX);
	if (l->done.n + l->open.n >= LOAD_PROFILES_MAX)
		return parse_fault(f, origin, "over %d profiles included",
				   LOAD_PROFILES_MAX);
	rc = load_one(l, name, f);
	return rc == -ENOENT ? refuse_missing(l, name, origin, f) : rc;
}

static int load_drop_ins(struct load *l, size_t dir, const char *name,
			 struct fault *f)
{
	autofree char *at = NULL;
	autoclose int dirfd = -1;
	struct strv names = { 0 };
	int rc = find_drop_ins(&l->find, dir, name, &dirfd, &at, &names, f);

	for (size_t i = 0; rc == 0 && i < names.n; i++) {
		autofree char *file = xasprintf("%s.conf", names.v[i]);
		autofree char *path = xasprintf("%s/%s", at, file);
		autofree char *text = NULL;
		size_t len;

		rc = find_read_at(&l->find, dirfd, file, path, &text, &len, f);
		if (rc == -ENOENT) /* gone since it was listed */
			rc = fault_set(f, EAGAIN, "read %s", path);
		else if (rc == 0)
			rc = profile_parse_text(l->p, path, text, len, NULL,
						NULL, f);
	}
	strv_free(&names);
	return rc;
}

/* The file of the highest precedence; -ENOENT without a fault. */
static int load_base(struct load *l, const char *name, struct fault *f)
{
	autofree char *path = NULL, *text = NULL;
	size_t len = 0;
	int rc = -ENOENT;

	for (size_t i = l->find.dirs->n; rc == -ENOENT && i-- > 0;)
		rc = find_read(&l->find, i, name, &path, &text, &len, f);
	if (rc < 0)
		return rc;
	return profile_parse_text(l->p, path, text, len, include_one, l, f);
}

static int load_one(struct load *l, const char *name, struct fault *f)
{
	int rc;

	strv_add(&l->open, name);
	rc = load_base(l, name, f);
	for (size_t i = 0; rc == 0 && i < l->find.dirs->n; i++)
		rc = load_drop_ins(l, i, name, f);
	pop(&l->open);
	if (rc == 0)
		strv_add(&l->done, name);
	return rc;
}

static int check_name(const char *name, struct fault *f)
{
	if (profile_name_is_valid(name))
		return 0;
	fault_set(f, 0, "\"%.80s\" is not a profile's name", name);
	fault_hint(f, "a name, not a path: a-z, 0-9, - and _, at most %d",
		   PROFILE_NAME_MAX);
	return -EINVAL;
}

int profile_load(const struct profile_dirs *dirs, const char *name,
		 struct profile **out, struct fault *f)
{
	struct load l = { 0 };
	int rc = check_name(name, f);

	if (rc < 0)
		return rc;
	l.p = profile_new(name);
	rc = find_open(dirs, &l.find, f);
	if (rc == 0) {
		rc = load_one(&l, name, f);
		if (rc == -ENOENT)
			rc = refuse_missing(&l, name, NULL, f);
	}
	find_close(&l.find);
	strv_free(&l.open);
	strv_free(&l.done);
	if (rc < 0) {
		profile_free(l.p);
		return rc;
	}
	*out = l.p;
	return 0;
}

bool profile_exists(const struct profile_dirs *dirs, const char *name)
{
	bool found = false;

	if (!profile_name_is_valid(name))
		return false;
	for (size_t i = 0; !found && i < dirs->n; i++) {
		autofree char *path =
			xasprintf("%s/%s.profile", dirs->dirs[i], name);

		/* whatever is there, a dangling link even, or what cannot be
		 * looked at: loading says what is wrong with it */
		found = faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) ==
				0 ||
			errno != ENOENT;
	}
	return found;
}

static void add_names(struct strv *names, const struct strv *from)
{
	for (size_t i = 0; i < from->n; i++)
		if (profile_name_is_valid(from->v[i]) &&
		    !strv_has(names, from->v[i]))
			strv_add(names, from->v[i]);
}

int profile_list(const struct profile_dirs *dirs, struct strv *names,
		 struct fault *f)
{
	struct strv found = { 0 };
	struct find find;
	int rc = find_open(dirs, &find, f);

	for (size_t i = 0; rc == 0 && i < dirs->n; i++) {
		if (find.fds[i] < 0)
			continue;
		rc = find_list(find.fds[i], ".profile", &found);
		if (rc < 0)
			fault_set(f, rc, "list %s", dirs->dirs[i]);
	}
	find_close(&find);
	if (rc == 0)
		add_names(names, &found);
	strv_free(&found);
	find_sort(names);
	return rc;
}
