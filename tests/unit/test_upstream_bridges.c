/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_upstream_bridges.c - no other tor where there are bridges */
#include "tor/upstream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

static int started;

static int fake_start(const char *identity, const struct tor_progress *progress,
		      struct tor_upstream *up, struct fault *f)
{
	(void)identity;
	(void)progress;
	started++;
	return tor_upstream_parse("unix:/embedded", up, f);
}

static int some(struct fault *f)
{
	(void)f;
	return 1;
}

static int none(struct fault *f)
{
	(void)f;
	return 0;
}

static int unreadable(struct fault *f)
{
	return fault_set(f, 0, "cannot be read");
}

static int listen_unix(const char *path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", path);
	assert_int_equal(bind(fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
	assert_int_equal(listen(fd, 8), 0);
	return fd;
}

static void test_upstream_bridges_need_our_own_tor(void **state)
{
	struct tor_places places = { .start = fake_start };
	struct tor_upstream up;
	char path[64], text[80];
	int fd;

	(void)state;
	snprintf(path, sizeof(path), "/tmp/isolate-bridges-%d", getpid());
	snprintf(text, sizeof(text), "unix:%s", path);
	fd = listen_unix(path);
	places.unix_path = path;
	places.bridges = none;
	assert_int_equal(
		tor_upstream_find_in(&places, "auto", NULL, NULL, &up, NULL),
		0);
	assert_string_equal(up.text, text);
	places.bridges = some;
	assert_int_equal(
		tor_upstream_find_in(&places, "auto", NULL, NULL, &up, NULL),
		0);
	assert_string_equal(up.text, "unix:/embedded");
	assert_int_equal(started, 1);
	/* named by the user: that one is meant */
	assert_int_equal(
		tor_upstream_find_in(&places, text, NULL, NULL, &up, NULL), 0);
	assert_string_equal(up.text, text);
	places.bridges = unreadable;
	assert_int_equal(
		tor_upstream_find_in(&places, "auto", NULL, NULL, &up, NULL),
		-EINVAL);
	assert_int_equal(started, 1);
	close(fd);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_upstream_bridges_need_our_own_tor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
