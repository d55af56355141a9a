/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_identity.c - names, the choice, homes */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/fd.h"
#include "identity/identity.h"
#include "identity/process.h"
#include "tests/unit/temp.h"

static void test_identity_names(void **state)
{
	static const char *const good[] = {
		"a",   "7",   "irc", "web-cli",
		"a_b", "a--", "0-_", "abcdefghijklmnopqrstuvwxyz012345",
	};
	static const char *const bad[] = {
		"",     "-",        "-i",
		"_a",   ".",        "..",
		"../x", "a/b",      "/",
		"/etc", "a.b",      ".hidden",
		"A",    "iRC",      "a b",
		"a\n",  "a\tb",     "a\x1b[m",
		"a:b",  "a,b",      "a%n",
		"a\\b", "\xc3\xa4", "a\xff",
		"a*",   "~",        "abcdefghijklmnopqrstuvwxyz0123456",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		assert_true(identity_name_is_valid(good[i]));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		if (identity_name_is_valid(bad[i]))
			fail_msg("\"%s\" is taken", bad[i]);
}

static void test_identity_choose(void **state)
{
	static const struct {
		const char *asked, *profile_identity, *profile, *bound;
		bool exclusive;
		int rc;
		const char *name;
		bool binds, differs, overrides;
	} rows[] = {
		/* nothing is known yet */
		{ NULL, NULL, "irc", NULL, false, 0, "irc", true, false,
		  false },
		{ NULL, "", "irc", NULL, false, 0, "irc", true, false, false },
		{ NULL, "me", "irc", NULL, false, 0, "me", true, false, false },
		{ "x", "me", "irc", NULL, false, 0, "x", true, false, false },
		{ "x", NULL, "irc", NULL, true, 0, "x", true, false, false },
		/* bound */
		{ NULL, NULL, "irc", "b", false, 0, "b", false, false, false },
		{ NULL, NULL, "irc", "b", true, 0, "b", false, false, false },
		{ NULL, "me", "irc", "b", false, 0, "b", false, false, true },
		{ NULL, "b", "irc", "b", false, 0, "b", false, false, false },
		{ "b", NULL, "irc", "b", true, 0, "b", false, false, false },
		{ "x", NULL, "irc", "b", false, 0, "x", false, true, false },
		{ "x", "me", "irc", "b", false, 0, "x", false, true, false },
		/* refused */
		{ "x", NULL, "irc", "b", true, -EPERM, NULL, 0, 0, 0 },
		{ "", NULL, "irc", NULL, false, -EINVAL, NULL, 0, 0, 0 },
		{ "../x", NULL, "irc", "b", false, -EINVAL, NULL, 0, 0, 0 },
		{ "a/b", NULL, "irc", NULL, false, -EINVAL, NULL, 0, 0, 0 },
		{ NULL, "A", "irc", NULL, false, -EINVAL, NULL, 0, 0, 0 },
		{ NULL, NULL, "a.b", NULL, false, -EINVAL, NULL, 0, 0, 0 },
		{ NULL, NULL, "irc", "..", false, -EINVAL, NULL, 0, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct identity_query q = {
			.asked = rows[i].asked,
			.profile_identity = rows[i].profile_identity,
			.profile = rows[i].profile,
			.bound = rows[i].bound,
			.application = "/usr/bin/irssi",
			.exclusive = rows[i].exclusive,
		};
		struct identity_choice c = { .name = "untouched" };
		struct fault f = { .err = 0 };

		assert_int_equal(identity_choose(&q, &c, &f), rows[i].rc);
		if (rows[i].rc < 0) {
			assert_string_equal(c.name, "untouched");
			assert_true(f.what[0] && f.hint[0]);
			continue;
		}
		assert_string_equal(c.name, rows[i].name);
		assert_int_equal(c.binds, rows[i].binds);
		assert_int_equal(c.differs, rows[i].differs);
		assert_int_equal(c.overrides, rows[i].overrides);
	}
}

static void test_identity_choose_messages(void **state)
{
	struct identity_query q = {
		.asked = "x",
		.profile = "irc",
		.bound = "b",
		.application = "/usr/bin/irssi",
		.exclusive = true,
	};
	struct identity_choice c;
	struct fault f = { .err = 0 };
	char line[512];

	(void)state;
	assert_int_equal(identity_choose(&q, &c, &f), -EPERM);
	fault_format(&f, line, sizeof(line));
	assert_string_equal(line,
			    "/usr/bin/irssi belongs to identity b and profile "
			    "irc is exclusive: not started as x; start it "
			    "without -i");
	q.asked = "a/b";
	assert_int_equal(identity_choose(&q, &c, &f), -EINVAL);
	fault_format(&f, line, sizeof(line));
	assert_string_equal(line,
			    "-i \"a/b\" is not an identity name; use 1 to 32 "
			    "of a-z, 0-9, _ and -, the first a letter or "
			    "digit");
}

static int open_temp(void **state)
{
	return open(*state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void assert_mode(int fd, mode_t mode)
{
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_mode & 07777, mode);
}

static void test_identity_home_is_made(void **state)
{
	autoclose int data = open_temp(state);
	struct fault f = { .err = 0 };
	struct stat a, b;
	mode_t old = umask(0);
	int home = identity_home_open(data, "irc", "weechat", &f);
	int work = identity_work_open(data, "irc", "weechat", &f);

	umask(old);
	assert_true(home >= 0);
	assert_true(work >= 0);
	assert_mode(home, 0700);
	assert_mode(work, 0700);
	assert_int_equal(fstat(home, &a), 0);
	assert_int_equal(fstatat(data, "identities/irc/home/weechat", &b, 0),
			 0);
	assert_int_equal(a.st_ino, b.st_ino);
	assert_int_equal(fstat(work, &a), 0);
	assert_int_equal(fstatat(data, "identities/irc/work/weechat", &b, 0),
			 0);
	assert_int_equal(a.st_ino, b.st_ino);
	assert_true(fcntl(home, F_GETFD) & FD_CLOEXEC);
	fd_close(home);
	fd_close(work);

	home = identity_home_open(data, "irc", "weechat", &f);
	assert_true(home >= 0);
	fd_close(home);
}

/* The application owns its home and may have changed its mode. */
static void test_identity_home_mode_is_mended(void **state)
{
	static const mode_t modes[] = { 0777, 0000, 07777, 0111, 0755 };
	autoclose int data = open_temp(state);
	struct fault f = { .err = 0 };

	fd_close(identity_home_open(data, "a", "p", &f));
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		int fd;

		assert_int_equal(
			fchmodat(data, "identities/a/home/p", modes[i], 0), 0);
		fd = identity_home_open(data, "a", "p", &f);
		assert_true(fd >= 0);
		assert_mode(fd, 0700);
		fd_close(fd);
	}
}

/* What overlayfs leaves: a directory of mode 000 in the work directory. */
static void test_identity_work_is_used_again(void **state)
{
	autoclose int data = open_temp(state);
	struct fault f = { .err = 0 };
	int fd = identity_work_open(data, "a", "p", &f);

	assert_true(fd >= 0);
	assert_int_equal(mkdirat(fd, "work", 0000), 0);
	fd_close(fd);
	fd = identity_work_open(data, "a", "p", &f);
	assert_true(fd >= 0);
	fd_close(fd);
}

static void test_identity_home_refuses_names(void **state)
{
	static const char *const profiles[] = { "",    ".",       "..",  ".ssh",
						"a/b", "../../x", "/etc" };
	autoclose int data = open_temp(state);
	struct fault f = { .err = 0 };
	char too_long[300];

	for (size_t i = 0; i < ARRAY_SIZE(profiles); i++)
		assert_int_equal(identity_home_open(data, "a", profiles[i], &f),
				 -EINVAL);
	memset(too_long, 'p', sizeof(too_long));
	too_long[sizeof(too_long) - 1] = '\0';
	assert_int_equal(identity_home_open(data, "a", too_long, &f), -EINVAL);
	assert_int_equal(identity_home_open(data, "..", "p", &f), -EINVAL);
	assert_int_equal(identity_home_open(data, "a/b", "p", &f), -EINVAL);
	assert_int_equal(identity_work_open(data, "", "p", &f), -EINVAL);
	assert_int_equal(faccessat(data, "identities", F_OK, 0), -1);
}

/* Planted at every level in turn; nothing is made behind it. */
static void test_identity_home_follows_no_symlink(void **state)
{
	static const char *const levels[] = { "identities", "identities/a",
					      "identities/a/home",
					      "identities/a/home/p" };
	autoclose int data = open_temp(state);
	struct fault f = { .err = 0 };

	assert_int_equal(mkdirat(data, "elsewhere", 0700), 0);
	for (size_t i = 0; i < ARRAY_SIZE(levels); i++) {
		int fd;

		assert_int_equal(symlinkat("/proc/self/cwd", data, levels[i]),
				 0);
		fd = identity_home_open(data, "a", "p", &f);
		assert_true(fd == -ELOOP || fd == -ENOTDIR);
		assert_int_equal(unlinkat(data, levels[i], 0), 0);
		assert_int_equal(mkdirat(data, levels[i], 0700), 0);
	}
	assert_int_equal(unlinkat(data, "identities/a/home/p", AT_REMOVEDIR),
			 0);
	assert_int_equal(mkfifoat(data, "identities/a/home/p", 0600), 0);
	assert_int_equal(identity_home_open(data, "a", "p", &f), -ENOTDIR);
}

/* Another owner and another caller than there are, so that any user can
 * test this. */
static uid_t fake_owner, fake_euid;
static bool is_faked;

int __real_fstat(int fd, struct stat *st);
int __wrap_fstat(int fd, struct stat *st);
uid_t __real_geteuid(void);
uid_t __wrap_geteuid(void);

int __wrap_fstat(int fd, struct stat *st)
{
	int rc = __real_fstat(fd, st);

	if (is_faked)
		st->st_uid = fake_owner;
	return rc;
}

uid_t __wrap_geteuid(void)
{
	return is_faked ? fake_euid : __real_geteuid();
}

/* Not the caller's: refused. Root's launches run as another uid: fine. */
static void test_identity_home_of_another_user(void **state)
{
	static const struct {
		uid_t owner, euid;
		bool ok;
	} rows[] = {
		{ 1000, 1000, true },    { 1001, 1000, false },
		{ 0, 1000, false },      { 0, 0, true },
		{ 2000152152, 0, true },
	};
	autoclose int data = open_temp(state);

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct fault f = { .err = 0 };
		int fd;

		fake_owner = rows[i].owner;
		fake_euid = rows[i].euid;
		is_faked = true;
		fd = identity_home_open(data, "a", "p", &f);
		is_faked = false;
		if (rows[i].ok) {
			assert_true(fd >= 0);
			fd_close(fd);
			continue;
		}
		assert_int_equal(fd, -EPERM);
		assert_string_equal(f.hint, "it must belong to uid 1000");
	}
}

static void test_process_parse_start(void **state)
{
#define TAIL " 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 "
	static const struct {
		const char *line;
		int rc;
		int64_t start;
	} rows[] = {
		{ "7 (sh) S" TAIL "4711 99 100\n", 0, 4711 },
		{ "7 (a) S 1 (b) S" TAIL "4711 99\n", 0, 4711 },
		{ "7 (x) R 1 2 3) S" TAIL "4711 99\n", 0, 4711 },
		{ "7 (\n)) (S) D" TAIL "9223372036854775807 9", 0, INT64_MAX },
		{ "7 (sh) Z" TAIL "4711 99", -ESRCH, 0 },
		{ "7 (sh) X" TAIL "4711 99", -ESRCH, 0 },
		{ "7 (sh) S" TAIL "9223372036854775808 9", -EBADMSG, 0 },
		{ "7 (sh) S" TAIL "-1 9", -EBADMSG, 0 },
		{ "7 (sh) S" TAIL "x 9", -EBADMSG, 0 },
		{ "7 (sh) S" TAIL "4711", -EBADMSG, 0 },
		{ "7 (sh) S 1 2 3", -EBADMSG, 0 },
		{ "7 (sh)", -EBADMSG, 0 },
		{ "7 (sh", -EBADMSG, 0 },
		{ "", -EBADMSG, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int64_t start = 0;

		assert_int_equal(process_parse_start(rows[i].line, &start),
				 rows[i].rc);
		assert_int_equal(start, rows[i].start);
	}
}

static void test_process_alive(void **state)
{
	struct process_mark mark, other;
	pid_t pid = fork();

	(void)state;
	assert_true(pid >= 0);
	if (pid == 0) {
		pause();
		_exit(0);
	}
	assert_int_equal(process_mark(pid, &mark), 0);
	assert_int_equal(mark.pid, pid);
	assert_int_equal(strlen(mark.boot), PROCESS_BOOT_LEN);
	assert_true(process_is_alive(&mark));

	/* the same number, another process or another boot */
	other = mark;
	other.start_ticks++;
	assert_false(process_is_alive(&other));
	other = mark;
	other.boot[0] ^= 1;
	assert_false(process_is_alive(&other));

	kill(pid, SIGKILL);
	/* a zombie is dead enough */
	assert_int_equal(waitid(P_PID, (id_t)pid, NULL, WEXITED | WNOWAIT), 0);
	assert_false(process_is_alive(&mark));
	assert_int_equal(process_mark(pid, &other), -ESRCH);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(process_mark(pid, &other), -ESRCH);
	assert_int_equal(process_mark(0, &other), -ESRCH);
	assert_int_equal(process_mark(-1, &other), -ESRCH);
}

#define IN_TEMP(t) cmocka_unit_test_setup_teardown(t, temp_make, temp_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_identity_names),
		cmocka_unit_test(test_identity_choose),
		cmocka_unit_test(test_identity_choose_messages),
		IN_TEMP(test_identity_home_is_made),
		IN_TEMP(test_identity_home_mode_is_mended),
		IN_TEMP(test_identity_work_is_used_again),
		IN_TEMP(test_identity_home_refuses_names),
		IN_TEMP(test_identity_home_follows_no_symlink),
		IN_TEMP(test_identity_home_of_another_user),
		cmocka_unit_test(test_process_parse_start),
		cmocka_unit_test(test_process_alive),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
