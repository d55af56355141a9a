/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/ns.h - a part of a test in a process and namespaces of its own */
#ifndef TESTS_UNIT_NS_H
#define TESTS_UNIT_NS_H

/*
 * What the child finds wrong, NULL where all is well. It must not use
 * cmocka's asserts: they would go on with the parent's tests.
 */
typedef const char *ns_test(void *arg);

/** ns_run() - run @test in a child; fails the test with what it says */
void ns_run(ns_test *test, void *arg);

/**
 * ns_run_in() - as ns_run(), in a new user namespace, as its root
 * @flags: CLONE_NEW... of more namespaces
 *
 * Skips the test where that is forbidden.
 */
void ns_run_in(int flags, ns_test *test, void *arg);

/* In a child: what is wrong, with the values. */
#define NS_CHECK(cond)                                                         \
	do {                                                                   \
		if (!(cond))                                                   \
			return "not so: " #cond;                               \
	} while (0)

#endif
