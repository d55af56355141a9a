/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/profile_tree.c - profile directories made for one test */
#include "tests/unit/profile_tree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"

void tree_path(const struct tree *t, const char *name, char *buf, size_t len)
{
	assert_true(snprintf(buf, len, "%s/%s", t->root, name) < (int)len);
}

void tree_put(const struct tree *t, const char *name, const char *text)
{
	char path[256];
	FILE *out;

	tree_path(t, name, path, sizeof(path));
	for (char *p = path + strlen(t->root) + 1; (p = strchr(p, '/')); p++) {
		*p = '\0';
		mkdir(path, 0755);
		*p = '/';
	}
	out = fopen(path, "w");
	assert_non_null(out);
	fputs(text, out);
	assert_int_equal(fclose(out), 0);
}

int tree_setup(void **state)
{
	struct tree *t = xcalloc(1, sizeof(*t));

	umask(022);
	strcpy(t->root, "/tmp/test-profile-XXXXXX");
	if (!mkdtemp(t->root))
		return -1;
	chmod(t->root, 0755);
	tree_path(t, "low", t->low, sizeof(t->low));
	tree_path(t, "mid", t->mid, sizeof(t->mid));
	tree_path(t, "high", t->high, sizeof(t->high));
	mkdir(t->low, 0755);
	mkdir(t->mid, 0755);
	mkdir(t->high, 0755);
	t->dirs = (struct profile_dirs){
		.dirs = { t->low, t->mid, t->high },
		.n = 3,
	};
	*state = t;
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int kind,
		      struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

int tree_teardown(void **state)
{
	struct tree *t = *state;

	nftw(t->root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(t);
	return 0;
}

struct profile *tree_load(const struct tree *t, const char *name)
{
	struct profile *p = NULL;
	struct fault f = { 0 };

	if (profile_load(&t->dirs, name, &p, &f) < 0)
		fail_msg("%s; %s", f.what, f.hint);
	return p;
}

const char *tree_refused(const struct tree *t, const char *name, int want)
{
	static struct fault f;
	struct profile *p = NULL;
	size_t len = strlen(t->root);
	char *at;
	int rc;

	memset(&f, 0, sizeof(f));
	rc = profile_load(&t->dirs, name, &p, &f);
	if (rc != want)
		fail_msg("%d for %d: %s", rc, want, f.what);
	assert_null(p);
	assert_true(f.what[0] || want == 0);
	while ((at = strstr(f.what, t->root)))
		memmove(at, at + len, strlen(at + len) + 1);
	return f.what;
}
