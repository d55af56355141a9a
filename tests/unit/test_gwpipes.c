/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_gwpipes.c - how many pipes are kept, and how large */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "gateway/pipes.h"

static unsigned int size_of(const struct pipe *p)
{
	int size = fcntl(p->rd, F_GETPIPE_SZ);

	assert_true(size > 0);
	return (unsigned int)size;
}

static void close_kept(struct pipes *ps)
{
	struct pipe p;

	pipes_rest(ps);
	while (ps->n > 0) {
		assert_int_equal(pipes_take(ps, &p, false), 0);
		pipes_give(ps, &p, 1);
	}
	assert_int_equal(ps->large_open, 0);
}

static void test_gwpipes_kept(void **state)
{
	struct pipes ps = { .n = 0 };
	struct pipe p[PIPES_KEPT + 1];
	int last;

	(void)state;
	for (int i = 0; i <= PIPES_KEPT; i++)
		assert_int_equal(pipes_take(&ps, &p[i], i % 2), 0);
	last = p[PIPES_KEPT].rd;
	for (int i = 0; i <= PIPES_KEPT; i++) {
		pipes_give(&ps, &p[i], 0);
		assert_int_equal(p[i].rd, -1);
		/* given once only */
		pipes_give(&ps, &p[i], 0);
	}
	assert_int_equal(ps.n, PIPES_KEPT);
	assert_int_equal(fcntl(last, F_GETFD), -1);
	/* what is not empty is for nobody else */
	assert_int_equal(pipes_take(&ps, &p[0], false), 0);
	last = p[0].rd;
	assert_int_equal(write(p[0].wr, "x", 1), 1);
	pipes_give(&ps, &p[0], 1);
	assert_int_equal(fcntl(last, F_GETFD), -1);
	close_kept(&ps);
}

/* One more than there may be; on a machine with large pages, none. */
static void take_all(struct pipes *ps, struct pipe p[PIPES_LARGE_MAX + 1])
{
	bool small_pages = sysconf(_SC_PAGESIZE) == 4096;
	char byte = 0;

	for (int i = 0; i <= PIPES_LARGE_MAX; i++) {
		assert_int_equal(pipes_take(ps, &p[i], true), 0);
		assert_int_equal(write(p[i].wr, "x", 1), 1);
		pipes_enlarge(ps, &p[i]);
		pipes_enlarge(ps, &p[i]);
		assert_int_equal(p[i].is_large,
				 small_pages && i < PIPES_LARGE_MAX);
		if (small_pages)
			assert_int_equal(size_of(&p[i]) >= PIPE_LARGE,
					 p[i].is_large);
		/* with what was in it */
		assert_int_equal(read(p[i].rd, &byte, 1), 1);
		assert_int_equal(byte, 'x');
	}
}

static void test_gwpipes_large(void **state)
{
	struct pipe p[PIPES_LARGE_MAX + 1], other;
	struct pipes ps = { .n = 0 };
	int fd;

	(void)state;
	take_all(&ps, p);
	if (p[0].is_large) {
		/* one that is given back serves the next who wants it */
		fd = p[0].rd;
		pipes_give(&ps, &p[0], 0);
		assert_int_equal(pipes_take(&ps, &other, false), 0);
		assert_int_not_equal(other.rd, fd);
		assert_int_equal(pipes_take(&ps, &p[0], true), 0);
		assert_int_equal(p[0].rd, fd);
		pipes_give(&ps, &other, 0);
		/* one that is closed makes room for another */
		pipes_give(&ps, &p[0], 1);
		pipes_enlarge(&ps, &p[PIPES_LARGE_MAX]);
		assert_true(p[PIPES_LARGE_MAX].is_large);
		/* none is kept while nothing is relayed */
		fd = p[PIPES_LARGE_MAX].rd;
		pipes_give(&ps, &p[PIPES_LARGE_MAX], 0);
		pipes_rest(&ps);
		assert_int_equal(fcntl(fd, F_GETFD), -1);
	}
	for (int i = 0; i <= PIPES_LARGE_MAX; i++)
		pipes_give(&ps, &p[i], 0);
	close_kept(&ps);
}

/* The kernel refuses: it stays as it is. */
static void test_gwpipes_refused(void **state)
{
	struct pipes ps = { .n = 0 };
	struct pipe closed = { .rd = -1, .wr = -1 };

	(void)state;
	pipes_enlarge(&ps, &closed);
	assert_false(closed.is_large);
	assert_int_equal(ps.large_open, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_gwpipes_kept),
		cmocka_unit_test(test_gwpipes_large),
		cmocka_unit_test(test_gwpipes_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
