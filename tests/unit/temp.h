/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/temp.h - a directory for one test (cmocka setup and teardown) */
#ifndef TESTS_UNIT_TEMP_H
#define TESTS_UNIT_TEMP_H

/** temp_make() - sets *state to the path (char *) of a new directory, 0700 */
int temp_make(void **state);

/** temp_remove() - removes it with all that is in it */
int temp_remove(void **state);

#endif
