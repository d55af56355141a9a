/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_progress.c - a bar for a person, nothing for a program */
#include "launcher/progress.h"

#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fd.h"
#include "tor/instance.h"

/* So long without anything more is the end of it. */
#define QUIET_MS 200

/* Reports with @err as stderr; what came out at @from. */
static size_t report_to(int err, int from, const int *percents, size_t n,
			const char *summary, char *buf, size_t len)
{
	int saved = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 100);
	struct tor_progress report;
	struct pollfd in = { .fd = from, .events = POLLIN };
	struct progress p;
	size_t have = 0;
	ssize_t got;

	dup2(err, STDERR_FILENO);
	progress_init(&p, &report);
	for (size_t i = 0; i < n; i++)
		report.report(report.arg, percents[i], summary);
	progress_end(&p);
	progress_end(&p);
	dup2(saved, STDERR_FILENO);
	fd_close(saved);
	/* a pty passes on what was written a little later, and in parts */
	while (have < len - 1 && poll(&in, 1, QUIET_MS) > 0 &&
	       (got = read(from, buf + have, len - 1 - have)) > 0)
		have += (size_t)got;
	buf[have] = '\0';
	return have;
}

static void test_progress_says_nothing_to_a_program(void **state)
{
	const int percents[] = { 0, 50, 100 };
	char buf[1000];
	int p[2];

	(void)state;
	assert_int_equal(pipe2(p, O_CLOEXEC), 0);
	assert_int_equal(
		report_to(p[1], p[0], percents, 3, "Done", buf, sizeof(buf)),
		0);
	fd_close(p[0]);
	fd_close(p[1]);
}

static void test_progress_draws_and_takes_it_away(void **state)
{
	const int percents[] = { 0, 50, 100, -5, 300 };
	char buf[4000];
	int master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
	int unlock = 0, slave;

	(void)state;
	assert_true(master >= 0);
	assert_int_equal(ioctl(master, TIOCSPTLCK, &unlock), 0);
	slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	report_to(slave, master, percents, 5, "Loading", buf, sizeof(buf));
	assert_non_null(strstr(buf, "[........................]   0% Loading"));
	assert_non_null(strstr(buf, "[############............]  50%"));
	assert_non_null(strstr(buf, "[########################] 100%"));
	/* one line, and at the end none */
	assert_null(strchr(buf, '\n'));
	assert_string_equal(buf + strlen(buf) - 4, "\r\033[K");
	report_to(slave, master, NULL, 0, "", buf, sizeof(buf));
	assert_string_equal(buf, "");
	fd_close(slave);
	fd_close(master);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_progress_says_nothing_to_a_program),
		cmocka_unit_test(test_progress_draws_and_takes_it_away),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
