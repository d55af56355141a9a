/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_guard.c - no spelling of a grant opens our own directories */
#include "launcher/guard.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
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

struct world {
	char home[128];
	struct guard guard;
};

static void at(const struct world *w, const char *name, char *buf, size_t len)
{
	assert_true(snprintf(buf, len, "%s/%s", w->home, name) < (int)len);
}

static void make_dir(const struct world *w, const char *name)
{
	char path[256];

	at(w, name, path, sizeof(path));
	for (char *p = path + strlen(w->home) + 1; (p = strchr(p, '/')); p++) {
		*p = '\0';
		mkdir(path, 0700);
		*p = '/';
	}
	assert_true(mkdir(path, 0700) == 0 || errno == EEXIST);
}

static void make_link(const struct world *w, const char *target,
		      const char *name)
{
	char path[256];

	at(w, name, path, sizeof(path));
	assert_int_equal(symlink(target, path), 0);
}

static void make_file(const struct world *w, const char *name)
{
	char path[256];

	at(w, name, path, sizeof(path));
	assert_int_equal(fd_write_file(AT_FDCWD, path, O_CREAT, "x"), 0);
}

static void prepare(struct world *w)
{
	struct fault f = { 0 };

	if (guard_prepare(&w->guard, &f) < 0)
		fail_msg("%s: %d", f.what, f.err);
}

/* The message, or "" where the grant is allowed; valid until the next. */
static const char *check(const struct world *w, const char *path)
{
	static struct fault f;
	char full[256];
	int fd, rc;

	f = (struct fault){ 0 };
	if (path[0] != '/') {
		at(w, path, full, sizeof(full));
		path = full;
	}
	fd = open(path, O_PATH | O_CLOEXEC);
	if (fd < 0)
		fail_msg("open %s", path);
	rc = guard_check(&w->guard, fd, path, false, &f);
	fd_close(fd);
	assert_true(rc == 0 || rc == -EINVAL);
	assert_int_equal(rc == 0, f.what[0] == '\0');
	return f.what;
}

static void refuses(const struct world *w, const char *path, const char *why)
{
	if (!strstr(check(w, path), why))
		fail_msg("%s: \"%s\", not \"%s\"", path, check(w, path), why);
}

static void allows(const struct world *w, const char *path)
{
	const char *said = check(w, path);

	if (said[0])
		fail_msg("%s: %s", path, said);
}

static int setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	void *home;

	if (!w || temp_make(&home) < 0)
		return -1;
	/* the test may run below a symlink */
	if (!realpath(home, w->home))
		return -1;
	free(home);
	setenv("HOME", w->home, 1);
	unsetenv("XDG_CONFIG_HOME");
	unsetenv("XDG_DATA_HOME");
	unsetenv("XDG_CACHE_HOME");
	unsetenv("XDG_RUNTIME_DIR");
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;
	void *home = strdup(w->home);

	free(w);
	return temp_remove(&home);
}

static void test_guard_refuses_our_own(void **state)
{
	struct world *w = *state;

	make_dir(w, ".config/isolate/profiles");
	make_dir(w, ".local/share/isolate/identities/a/home/b");
	make_dir(w, ".cache/isolate");
	make_dir(w, "doc/sub");
	make_file(w, ".local/share/isolate/isolate.db");
	make_file(w, "doc/file");
	make_link(w, ".", "self");
	make_link(w, ".config/isolate/profiles", "innocent");
	make_link(w, "../.local/share/isolate/isolate.db", "doc/db");
	prepare(w);

	refuses(w, ".config/isolate", "profiles are in it");
	refuses(w, ".config/isolate/profiles", "profiles are in it");
	refuses(w, "innocent", "profiles are in it");
	refuses(w, "self/innocent", "profiles are in it");
	refuses(w, ".local/share/isolate/identities/a/home/b", "identities");
	refuses(w, ".local/share/isolate/isolate.db", "identities");
	refuses(w, "doc/db", "identities");
	refuses(w, ".cache/isolate", "filters");
	/* above them: they could be replaced */
	refuses(w, ".config", "in it");
	refuses(w, ".local/share", "identities");
	refuses(w, ".local", "identities");
	refuses(w, ".cache", "filters");
	refuses(w, "self", "in it");
	refuses(w, "", "in it");
	refuses(w, "/", "in it");

	allows(w, "doc");
	allows(w, "doc/sub");
	allows(w, "doc/file");
	allows(w, "self/doc");
}

/* Who can write there decides what the next launch runs. */
static void test_guard_keeps_the_program_from_writers(void **state)
{
	struct world *w = *state;
	char dir[PATH_MAX], file[PATH_MAX + 8];
	const char *paths[] = { dir, file };
	ssize_t n = readlink("/proc/self/exe", dir, sizeof(dir) - 1);

	assert_true(n > 0);
	dir[n] = '\0';
	snprintf(file, sizeof(file), "%s", dir);
	*strrchr(dir, '/') = '\0';
	prepare(w);
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		int fd = open(paths[i], O_PATH | O_CLOEXEC);
		struct fault f = { 0 };

		assert_true(fd >= 0);
		assert_int_equal(guard_check(&w->guard, fd, "x", true, &f),
				 -EINVAL);
		assert_non_null(strstr(f.what, "isolate itself is in it"));
		/* to read it does no harm */
		assert_int_equal(guard_check(&w->guard, fd, "x", false, &f), 0);
		fd_close(fd);
	}
	/* nor does another directory of the user's */
	make_dir(w, "doc");
	at(w, "doc", file, sizeof(file));
	{
		int fd = open(file, O_PATH | O_CLOEXEC);
		struct fault f = { 0 };

		assert_int_equal(guard_check(&w->guard, fd, "x", true, &f), 0);
		fd_close(fd);
	}
}

static void test_guard_covers_what_is_yet_to_come(void **state)
{
	struct world *w = *state;

	make_dir(w, ".config/other");
	make_dir(w, ".local");
	prepare(w);
	/* who can write there makes our profiles */
	refuses(w, ".config", "profiles");
	refuses(w, ".local", "identities");
	refuses(w, "", "in it");
	allows(w, ".config/other");
}

static void test_guard_covers_the_symlinks_on_the_way(void **state)
{
	struct world *w = *state;

	make_dir(w, "disk/config/isolate");
	make_dir(w, "disk/other");
	make_dir(w, "dots/links");
	make_link(w, "links/config", "dots/config");
	make_link(w, "../../disk/config", "dots/links/config");
	make_link(w, "dots/config", ".config");
	prepare(w);
	/* a link in there could be changed to lead to planted profiles */
	refuses(w, "dots", "profiles");
	refuses(w, "dots/links", "profiles");
	refuses(w, "disk/config/isolate", "profiles");
	refuses(w, "disk/config", "profiles");
	refuses(w, "disk", "profiles");
	allows(w, "disk/other");
}

static void test_guard_follows_the_environment(void **state)
{
	struct world *w = *state;
	char path[256];

	make_dir(w, "elsewhere/isolate");
	make_dir(w, "run/isolate/tor");
	at(w, "elsewhere", path, sizeof(path));
	setenv("XDG_CONFIG_HOME", path, 1);
	at(w, "run", path, sizeof(path));
	setenv("XDG_RUNTIME_DIR", path, 1);
	prepare(w);
	refuses(w, "elsewhere/isolate", "profiles");
	refuses(w, "elsewhere", "profiles");
	refuses(w, "run/isolate/tor", "sockets");
	refuses(w, "run", "sockets");
}

static void test_guard_refuses_kernel_file_systems(void **state)
{
	static const struct {
		const char *path, *name;
	} rows[] = {
		{ "/proc", "procfs" },       { "/proc/self", "procfs" },
		{ "/proc/1/net", "procfs" }, { "/proc/version", "procfs" },
		{ "/sys", "sysfs" },         { "/sys/class", "sysfs" },
		{ "/dev/pts", "devpts" },    { "/proc/self/ns/net", "nsfs" },
	};
	struct world *w = *state;

	prepare(w);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char name[16];

		if (access(rows[i].path, F_OK) < 0)
			continue;
		refuses(w, rows[i].path, rows[i].name);
		snprintf(name, sizeof(name), "link%zu", i);
		make_link(w, rows[i].path, name);
		/* a link to /proc/self/ns is followed to the namespace */
		refuses(w, name, rows[i].name);
	}
}

static void test_guard_refuses_system_directories(void **state)
{
	static const char *const paths[] = { "/etc", "/dev", "/run", "/tmp",
					     "/home" };
	struct world *w = *state;

	prepare(w);
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		char name[16];

		if (access(paths[i], F_OK) < 0)
			continue;
		snprintf(name, sizeof(name), "link%zu", i);
		make_link(w, paths[i], name);
		refuses(w, name, "refused");
	}
	allows(w, "/etc/hostname");
	allows(w, "/usr/share");
}

static void test_guard_fails_closed(void **state)
{
	struct world *w = *state;
	struct fault f = { 0 };
	int fd;

	make_dir(w, "doc");
	fd = open(w->home, O_PATH | O_CLOEXEC);
	/* never prepared */
	assert_int_equal(guard_check(&w->guard, fd, "x", false, &f), -EPERM);
	fd_close(fd);
	/* a loop of links is no way to anywhere */
	make_link(w, ".config", ".config");
	assert_int_equal(guard_prepare(&w->guard, &f), -ELOOP);
}

#define world_test(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		world_test(test_guard_refuses_our_own),
		world_test(test_guard_keeps_the_program_from_writers),
		world_test(test_guard_covers_what_is_yet_to_come),
		world_test(test_guard_covers_the_symlinks_on_the_way),
		world_test(test_guard_follows_the_environment),
		world_test(test_guard_refuses_kernel_file_systems),
		world_test(test_guard_refuses_system_directories),
		world_test(test_guard_fails_closed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
