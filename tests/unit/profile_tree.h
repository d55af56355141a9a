/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/profile_tree.h - profile directories made for one test */
#ifndef TESTS_UNIT_PROFILE_TREE_H
#define TESTS_UNIT_PROFILE_TREE_H

#include <stddef.h>

#include "profiles/profile.h"

/* Three profile directories below one of our own, lowest first. */
struct tree {
	char root[64];
	char low[80], mid[80], high[80];
	struct profile_dirs dirs;
};

/* cmocka's setup and teardown: *state is a struct tree */
int tree_setup(void **state);
int tree_teardown(void **state);

/* Path of what is @name below the root. */
void tree_path(const struct tree *t, const char *name, char *buf, size_t len);

/* Make a file, and the directories above it. */
void tree_put(const struct tree *t, const char *name, const char *text);

/* Load a profile that must be good. */
struct profile *tree_load(const struct tree *t, const char *name);

/* What the message is, with the root's name taken out; valid until next. */
const char *tree_refused(const struct tree *t, const char *name, int want);

#define tree_test(t)                                                           \
	cmocka_unit_test_setup_teardown(t, tree_setup, tree_teardown)

#endif
