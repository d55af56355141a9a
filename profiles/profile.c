/* SPDX-License-Identifier: GPL-3.0-or-later */
/* profiles/profile.c - a profile in memory: defaults, merging, explaining */
#include "profiles/profile.h"

#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "profiles/near.h"
#include "profiles/parse.h"
#include "profiles/value.h"

#define PROFILE_INCLUDE "include"
#define PROFILE_SPACE " \t"
#define PROFILE_EXPLAIN_WIDTH 40

/* One file on its way into a profile. */
struct reading {
	struct profile *p;
	const char *file;
	profile_include_fn *include;
	void *ctx;
	bool seen_key; /* includes come first */
};

static void *field_of(struct profile *p, const struct profile_key *key)
{
	return (char *)p + key->offset;
}

static const void *field_of_const(const struct profile *p,
				  const struct profile_key *key)
{
	return (const char *)p + key->offset;
}

bool profile_name_is_valid(const char *name)
{
	return value_name_is_valid(name);
}

struct profile *profile_new(const char *name)
{
	struct profile *p = xcalloc(1, sizeof(*p));
	const struct profile_key *keys = profile_keys(NULL);

	p->name = xstrdup(name);
	for (size_t i = 0; i < PROFILE_NKEYS; i++) {
		const struct profile_key *key = &keys[i];

		/* "" is no value to value_parse(), and what free text is */
		if (key->default_text[0])
			value_parse(key->type, key->default_text,
				    field_of(p, key), NULL);
		else if (!value_is_list(key->type))
			*(char **)field_of(p, key) = xstrdup("");
	}
	return p;
}

void profile_free(struct profile *p)
{
	const struct profile_key *keys = profile_keys(NULL);

	if (!p)
		return;
	for (size_t i = 0; i < PROFILE_NKEYS; i++) {
		value_free(keys[i].type, field_of(p, &keys[i]));
		strv_free(&p->origins[i]);
	}
	free(p->name);
	free(p);
}

static int unknown_key(const char *name, const char *origin, struct fault *f)
{
	const struct profile_key *keys = profile_keys(NULL);
	const char *names[PROFILE_NKEYS + 1], *near;

	for (size_t i = 0; i < PROFILE_NKEYS; i++)
		names[i] = keys[i].name;
	names[PROFILE_NKEYS] = PROFILE_INCLUDE;
	near = near_find(name, names, ARRAY_SIZE(names));
	if (origin)
		parse_fault(f, origin, "unknown key \"%.80s\"", name);
	else
		fault_set(f, 0, "unknown key \"%.80s\"", name);
	if (near)
		fault_hint(f, "did you mean \"%s\"?", near);
	else
		fault_hint(f, "see isolate-profile(5)");
	return -EINVAL;
}

/* Twice in one file is a mistake: which one did they mean? */
static const char *set_before(const struct profile *p, size_t i,
			      const char *file)
{
	size_t len = strlen(file);

	if (p->origins[i].n == 0 ||
	    strncmp(p->origins[i].v[0], file, len) != 0 ||
	    p->origins[i].v[0][len] != ':')
		return NULL;
	return p->origins[i].v[0] + len + 1;
}

/* Items added since @had get this origin; an emptied list one for itself. */
static void note_origin(struct profile *p, size_t i, size_t had, size_t has,
			const char *origin)
{
	struct strv *origins = &p->origins[i];

	if (has == 0 || had == 0)
		strv_free(origins);
	/* what the defaults brought */
	while (has > 0 && origins->n < had)
		strv_add(origins, "default");
	while (origins->n < (has ? has : 1))
		strv_add(origins, origin);
}

static int apply_list(struct profile *p, const struct profile_key *key,
		      const char *text, const char *origin, struct fault *f)
{
	struct strv *list = field_of(p, key);
	size_t i = (size_t)(key - profile_keys(NULL)), had;
	int rc;

	if (!text[strspn(text, PROFILE_SPACE)])
		strv_free(list);
	had = list->n;
	rc = value_parse(key->type, text, list, f);
	if (rc == 0)
		note_origin(p, i, had, list->n, origin);
	return rc;
}

/* @file: where the line stands, NULL for an option */
static int apply(struct profile *p, const char *name, const char *text,
		 const char *file, const char *origin, struct fault *f)
{
	const struct profile_key *key = profile_key_find(name);
	const char *before;
	size_t i;
	int rc;

	if (!key)
		return unknown_key(name, origin, f);
	i = (size_t)(key - profile_keys(NULL));
	before = file && key->merge == PROFILE_MERGE_REPLACE
			 ? set_before(p, i, file)
			 : NULL;
	if (before)
		return parse_fault(f, origin, "%s is already set in line %s",
				   name, before);
	if (key->merge == PROFILE_MERGE_APPEND) {
		rc = apply_list(p, key, text, origin, f);
	} else {
		rc = value_parse(key->type, text, field_of(p, key), f);
		if (rc == 0)
			note_origin(p, i, 0, 1, origin);
	}
	if (rc < 0) {
		parse_fault_prefix(f, name);
		parse_fault_prefix(f, origin);
	}
	return rc;
}

static int include_names(struct reading *r, const char *text,
			 const char *origin, struct fault *f)
{
	autofree char *copy = xstrdup(text);
	char *rest = copy, *name;
	size_t n = 0;

	if (!r->include)
		return parse_fault(f, origin, "include is not possible here");
	if (r->seen_key)
		return parse_fault(f, origin,
				   "include must come before other keys");
	while ((name = strsep(&rest, PROFILE_SPACE))) {
		int rc;

		if (!*name)
			continue;
		n++;
		if (!profile_name_is_valid(name)) {
			parse_fault(f, origin,
				    "include: \"%.80s\" is not a "
				    "profile's name",
				    name);
			fault_hint(f, "a name, not a path: a-z, 0-9, - and _");
			return -EINVAL;
		}
		rc = r->include(r->ctx, name, origin, f);
		if (rc < 0)
			return rc;
	}
	return n ? 0
		 : parse_fault(f, origin,
			       "include: no value, wanted "
			       "names of profiles");
}

static int take_line(void *ctx, const char *key, const char *value,
		     const char *origin, struct fault *f)
{
	struct reading *r = ctx;

	if (strcmp(key, PROFILE_INCLUDE) == 0)
		return include_names(r, value, origin, f);
	r->seen_key = true;
	return apply(r->p, key, value, r->file, origin, f);
}

int profile_parse_text(struct profile *p, const char *file, const char *text,
		       size_t len, profile_include_fn *include, void *ctx,
		       struct fault *f)
{
	struct reading r = {
		.p = p,
		.file = file,
		.include = include,
		.ctx = ctx,
	};

	return parse_text(file, text, len, take_line, &r, f);
}

static char *trim(char *s)
{
	size_t len;

	s += strspn(s, PROFILE_SPACE);
	len = strlen(s);
	while (len > 0 && strchr(PROFILE_SPACE, s[len - 1]))
		s[--len] = '\0';
	return s;
}

int profile_set(struct profile *p, const char *key_equals_value,
		const char *origin, struct fault *f)
{
	autofree char *copy = xstrdup(key_equals_value);
	char *eq = strchr(copy, '='), *name;

	if (!eq || eq == copy)
		return parse_fault(f, origin, "\"%.80s\" is not KEY=VALUE",
				   key_equals_value);
	*eq = '\0';
	name = trim(copy);
	if (value_has_control(name))
		return parse_fault(f, origin, "control character in the key");
	if (strcmp(name, PROFILE_INCLUDE) == 0)
		return parse_fault(f, origin,
				   "include works in profile files only");
	return apply(p, name, trim(eq + 1), NULL, origin, f);
}

const char *profile_origin(const struct profile *p, enum profile_key_index key,
			   size_t i)
{
	const struct strv *origins = &p->origins[key];

	return i < origins->n ? origins->v[i] : "default";
}

static int explain_line(const struct profile *p, size_t k, size_t item,
			FILE *out)
{
	const struct profile_key *key = &profile_keys(NULL)[k];
	autofree char *line = NULL;
	size_t len = 0;
	FILE *mem = open_memstream(&line, &len);
	int n;

	if (!mem)
		return -errno;
	fprintf(mem, "%s = ", key->name);
	value_print(key->type, field_of_const(p, key), item, mem);
	if (fclose(mem) != 0)
		return -errno;
	n = fprintf(out, "%-*s  # %s\n", PROFILE_EXPLAIN_WIDTH, line,
		    profile_origin(p, (enum profile_key_index)k, item));
	return n < 0 ? -errno : 0;
}

static int explain_key(const struct profile *p, size_t k, FILE *out)
{
	const struct profile_key *key = &profile_keys(NULL)[k];
	const struct strv *list = field_of_const(p, key);
	size_t n = value_is_list(key->type) && list->n > 1 ? list->n : 1;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = explain_line(p, k, i, out);
	return rc;
}

int profile_explain(const struct profile *p, const char *key, FILE *out,
		    struct fault *f)
{
	const struct profile_key *keys = profile_keys(NULL), *one = NULL;
	int rc = 0;

	if (key) {
		one = profile_key_find(key);
		if (!one)
			return unknown_key(key, NULL, f);
	}
	for (size_t k = 0; rc == 0 && k < PROFILE_NKEYS; k++)
		if (!one || one == &keys[k])
			rc = explain_key(p, k, out);
	if (rc == 0 && fflush(out) != 0)
		rc = -errno;
	return rc < 0 ? fault_set(f, rc, "write the explanation") : 0;
}
