/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_refused.c - what a gateway says, on stderr and in a file */
#include "launcher/refused.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fd.h"
#include "tests/unit/temp.h"

static char word[] = "x\x1b[2J y";
static struct plan plan = {
	.application = word,
	.profile = word + 6,
	.identity = "work",
	.log_refused = true,
};

static struct gwmsg_refused refused(const char *host, uint16_t port)
{
	struct gwmsg_refused m = { .reason = GWMSG_REASON_POLICY,
				   .port = port };

	snprintf(m.host, sizeof(m.host), "%s", host);
	return m;
}

static void test_refused_text(void **state)
{
	static const struct {
		const char *host;
		uint16_t port;
		const char *text;
	} rows[] = {
		{ "example.org", 80, "example.org:80" },
		{ "example.org", 0, "example.org" },
		{ "2001:db8::1", 443, "[2001:db8::1]:443" },
		{ "2001:db8::1", 0, "[2001:db8::1]" },
		{ "a\x1b]0;evil\x07", 1, "a\\x1b\\x5d0\\x3bevil\\x07:1" },
		{ "a b\n\r\t\\", 1, "a\\x20b\\x0a\\x0d\\x09\\x5c:1" },
		{ "\xe2\x80\xae%s", 1, "\\xe2\\x80\\xae\\x25s:1" },
	};
	char text[REFUSED_TEXT_BYTES];
	struct gwmsg_refused m;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		m = refused(rows[i].host, rows[i].port);
		refused_text(&m, text);
		assert_string_equal(text, rows[i].text);
	}
	/* the longest */
	m = refused("", 65535);
	memset(m.host, 0x1b, sizeof(m.host) - 1);
	m.host[0] = ':';
	refused_text(&m, text);
	assert_true(strlen(text) < sizeof(text));
}

/* Runs with stderr in a file; what was said, the caller's. */
static char *said(struct refused *r, const struct gwmsg_refused *m, size_t n)
{
	int keep = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	FILE *file = tmpfile();
	char *text = NULL;

	assert_non_null(file);
	dup2(fileno(file), STDERR_FILENO);
	for (size_t i = 0; i < n; i++)
		refused_take(r, &m[i]);
	dup2(keep, STDERR_FILENO);
	close(keep);
	rewind(file);
	assert_int_equal(fd_read_text(fileno(file), 1 << 20, &text, NULL), 0);
	fclose(file);
	return text;
}

static void test_refused_says_each_once(void **state)
{
	const struct gwmsg_refused m[] = {
		refused("a.org", 80), refused("a.org", 80),
		refused("a.org", 81), refused("\x1b[31m", 80),
		refused("a.org", 80),
	};
	struct refused r;
	char *text;

	(void)state;
	refused_init(&r, &plan);
	assert_false(refused_is_wanted(&r));
	text = said(&r, m, ARRAY_SIZE(m));
	assert_string_equal(text, "");
	free(text);
	refused_close(&r);
	refused_init(&r, &plan);
	r.verbose = true;
	assert_true(refused_is_wanted(&r));
	text = said(&r, m, ARRAY_SIZE(m));
	assert_null(strchr(text, 0x1b));
	assert_non_null(strstr(text, "refused a.org:80 (allow-destinations, "
				     "deny-destinations)\n"));
	assert_null(strstr(strstr(text, "a.org:80 ") + 1, "a.org:80 "));
	assert_non_null(strstr(text, "refused a.org:81 "));
	assert_non_null(strstr(text, "refused \\x1b\\x5b31m:80 "));
	free(text);
	refused_close(&r);
}

static void test_refused_is_bounded(void **state)
{
	struct gwmsg_refused m[2 * REFUSED_MAX];
	size_t lines = 0;
	struct refused r;
	char *text;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(m); i++)
		m[i] = refused("a.org", (uint16_t)(i + 1));
	refused_init(&r, &plan);
	r.verbose = true;
	text = said(&r, m, ARRAY_SIZE(m));
	for (const char *p = text; (p = strchr(p, '\n')); p++)
		lines++;
	assert_int_equal(lines, REFUSED_MAX + 1);
	assert_non_null(strstr(text, "more destinations are refused\n"));
	assert_int_equal(r.told.n, REFUSED_MAX);
	free(text);
	refused_close(&r);
}

static void test_refused_log(void **state)
{
	const struct gwmsg_refused m[] = { refused("a.org", 80),
					   refused("a.org", 80),
					   refused("b\n.org", 80) };
	char *dir = *state, *text = NULL, path[256];
	int dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), fd;
	struct fault f = { 0 };
	struct refused r;
	struct stat st;

	assert_int_equal(mkdirat(dirfd, "identities", 0700), 0);
	assert_int_equal(mkdirat(dirfd, "identities/work", 0700), 0);
	/* twice: the second run appends */
	for (int run = 0; run < 2; run++) {
		refused_init(&r, &plan);
		assert_int_equal(refused_open_log(&r, dirfd, &f), 0);
		assert_true(refused_is_wanted(&r));
		text = said(&r, m, ARRAY_SIZE(m));
		assert_string_equal(text, "");
		free(text);
		refused_close(&r);
	}
	snprintf(path, sizeof(path), "%s/identities/work/destinations.log",
		 dir);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_int_equal(fd_read_text(fd, 4096, &text, NULL), 0);
	close(fd);
	/* TIME PROFILE APPLICATION REASON HOST:PORT, four lines */
	assert_non_null(
		strstr(text, "Z y x\\x1b\\x5b2J\\x20y policy a.org:80\n"));
	assert_non_null(strstr(text, " policy b\\x0a.org:80\n"));
	assert_int_equal(text[10], 'T');
	free(text);
	/* not through a link, not into what is no file */
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("elsewhere", path), 0);
	refused_init(&r, &plan);
	assert_true(refused_open_log(&r, dirfd, &f) < 0);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_true(refused_open_log(&r, dirfd, &f) < 0);
	refused_close(&r);
	assert_int_equal(unlink(path), 0);
	/* nor where nobody asked for it */
	plan.log_refused = false;
	refused_init(&r, &plan);
	assert_int_equal(refused_open_log(&r, dirfd, &f), 0);
	assert_false(refused_is_wanted(&r));
	assert_true(access(path, F_OK) < 0);
	plan.log_refused = true;
	close(dirfd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused_text),
		cmocka_unit_test(test_refused_says_each_once),
		cmocka_unit_test(test_refused_is_bounded),
		cmocka_unit_test_setup_teardown(test_refused_log, temp_make,
						temp_remove),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
