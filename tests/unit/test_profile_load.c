/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_profile_load.c - directories, includes, hostile files */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "profiles/profile.h"

/* Three profile directories below one of our own, lowest first. */
struct tree {
	char root[64];
	char low[80], mid[80], high[80];
	struct profile_dirs dirs;
};

static void path_in(const struct tree *t, const char *name, char *buf,
		    size_t len)
{
	assert_true(snprintf(buf, len, "%s/%s", t->root, name) < (int)len);
}

/* Make a file, and the directories above it. */
static void put(const struct tree *t, const char *name, const char *text)
{
	char path[256];
	FILE *out;

	path_in(t, name, path, sizeof(path));
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

/* Inode that another user is made to own, 0 for none; as root may not be. */
static ino_t foreign_ino;

int __real_fstat(int fd, struct stat *st);
int __wrap_fstat(int fd, struct stat *st);

int __wrap_fstat(int fd, struct stat *st)
{
	int rc = __real_fstat(fd, st);

	if (rc == 0 && foreign_ino && st->st_ino == foreign_ino)
		st->st_uid = 4711;
	return rc;
}

static void foreign(const struct tree *t, const char *name)
{
	char path[256];
	struct stat st;

	foreign_ino = 0;
	if (!name)
		return;
	path_in(t, name, path, sizeof(path));
	assert_int_equal(stat(path, &st), 0);
	foreign_ino = st.st_ino;
}

static int setup(void **state)
{
	struct tree *t = xcalloc(1, sizeof(*t));

	umask(022);
	strcpy(t->root, "/tmp/test-profile-XXXXXX");
	if (!mkdtemp(t->root))
		return -1;
	chmod(t->root, 0755);
	path_in(t, "low", t->low, sizeof(t->low));
	path_in(t, "mid", t->mid, sizeof(t->mid));
	path_in(t, "high", t->high, sizeof(t->high));
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

static int teardown(void **state)
{
	struct tree *t = *state;

	foreign_ino = 0;
	nftw(t->root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(t);
	return 0;
}

static struct profile *load(const struct tree *t, const char *name)
{
	struct profile *p = NULL;
	struct fault f = { 0 };

	if (profile_load(&t->dirs, name, &p, &f) < 0)
		fail_msg("%s; %s", f.what, f.hint);
	return p;
}

/* What the message is, with the root's name taken out; valid until next. */
static const char *refused(const struct tree *t, const char *name, int want)
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

static void test_load_takes_the_highest_precedence(void **state)
{
	struct tree *t = *state;
	struct profile *p;

	put(t, "low/a.profile", "tor = 127.0.0.1:1\nmax-files = 7\n");
	put(t, "mid/a.profile", "tor = 127.0.0.1:2\n");
	p = load(t, "a");
	assert_string_equal(p->tor, "127.0.0.1:2");
	assert_int_equal(p->max_files, 1024);
	profile_free(p);
	put(t, "high/a.profile", "tor = 127.0.0.1:3\n");
	p = load(t, "a");
	assert_string_equal(p->tor, "127.0.0.1:3");
	assert_string_equal(p->name, "a");
	profile_free(p);
}

static void test_load_reads_includes_first(void **state)
{
	struct tree *t = *state;
	struct profile *p;

	put(t, "low/base.profile", "bind = /base\nmax-files = 1\n");
	put(t, "high/mid.profile", "include = base\nbind = /mid\n");
	put(t, "high/top.profile",
	    "include = mid base\nbind = /top\nmax-files = 2\n");
	p = load(t, "top");
	assert_int_equal(p->bind.n, 3); /* base is read once */
	assert_string_equal(p->bind.v[0], "/base");
	assert_string_equal(p->bind.v[1], "/mid");
	assert_string_equal(p->bind.v[2], "/top");
	assert_int_equal(p->max_files, 2);
	profile_free(p);
}

/* A later include of what came before must not undo what is between. */
static void test_load_reads_a_shared_include_once(void **state)
{
	struct tree *t = *state;
	struct profile *p;

	put(t, "low/d.profile", "network = socks\n");
	put(t, "low/b.profile", "include = d\nnetwork = none\n");
	put(t, "low/c.profile", "include = d\n");
	put(t, "low/a.profile", "include = b\ninclude = c\n");
	p = load(t, "a");
	assert_int_equal(p->network, PROFILE_NETWORK_NONE);
	profile_free(p);
}

static void test_load_reads_drop_ins_in_order(void **state)
{
	struct tree *t = *state;
	struct profile *p;

	put(t, "mid/a.profile", "bind = /base\ntor = 127.0.0.1:1\n");
	put(t, "high/a.profile.d/10-z.conf", "bind = /high\n");
	put(t, "low/a.profile.d/20-b.conf", "bind = /low2\n");
	put(t, "low/a.profile.d/10-a.conf",
	    "bind = /low1\ntor = 127.0.0.1:2\n");
	put(t, "low/a.profile.d/.hidden.conf", "no such key\n");
	put(t, "low/a.profile.d/10-a.conf~", "no such key\n");
	put(t, "low/a.profile.d/.conf", "no such key\n");
	p = load(t, "a");
	assert_int_equal(p->bind.n, 4);
	assert_string_equal(p->bind.v[1], "/low1");
	assert_string_equal(p->bind.v[2], "/low2");
	assert_string_equal(p->bind.v[3], "/high");
	assert_string_equal(p->tor, "127.0.0.1:2");
	assert_non_null(strstr(profile_origin(p, PROFILE_KEY_tor, 0),
			       "/low/a.profile.d/10-a.conf:2"));
	profile_free(p);
}

static void test_load_gives_included_profiles_their_drop_ins(void **state)
{
	struct tree *t = *state;
	struct profile *p;

	put(t, "low/b.profile", "max-files = 1\nmax-processes = 1\n");
	put(t, "mid/b.profile.d/x.conf", "max-files = 2\nmax-processes = 2\n");
	put(t, "low/a.profile", "include = b\nmax-processes = 3\n");
	p = load(t, "a");
	assert_int_equal(p->max_files, 2);
	assert_int_equal(p->max_processes, 3);
	profile_free(p);
}

static void test_load_names_near_profiles(void **state)
{
	struct tree *t = *state;
	struct profile *p = NULL;
	struct fault f = { 0 };

	put(t, "low/irssi.profile", "");
	put(t, "low/lonely.profile.d/x.conf", "");
	assert_int_equal(profile_load(&t->dirs, "irsi", &p, &f), -ENOENT);
	assert_string_equal(f.what, "no profile \"irsi\"");
	assert_string_equal(f.hint, "did you mean \"irssi\"?");
	/* drop-ins alone are no profile */
	assert_int_equal(profile_load(&t->dirs, "lonely", &p, &f), -ENOENT);
	assert_string_equal(f.hint, "`isolatectl profile list` lists them");
}

static void test_load_refuses_what_is_not_a_name(void **state)
{
	static const char *const names[] = {
		"",         ".",           "..",
		"../low/a", "/etc/passwd", "a/b",
		".a",       "a.profile",   "-a",
		"_a",       "A",           "a b",
		"a\n",      "\xc3\xa4",    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	};
	struct tree *t = *state;

	put(t, "low/a.profile", "");
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		char want[128];

		snprintf(want, sizeof(want), "\"%s\" is not a profile's name",
			 names[i]);
		assert_string_equal(refused(t, names[i], -EINVAL), want);
		assert_false(profile_exists(&t->dirs, names[i]));
	}
}

static const struct {
	const char *file, *text, *what;
} bad[] = {
	{ "low/a.profile", "include = b",
	  "/low/a.profile:1: no profile \"b\" to include" },
	{ "low/a.profile", "\ninclude = a",
	  "/low/a.profile:2: include cycle: a -> a" },
	{ "low/a.profile", "include = ../a",
	  "/low/a.profile:1: include: \"../a\" is not a profile's name" },
	{ "low/a.profile", "include = /etc/passwd",
	  "/low/a.profile:1: include: \"/etc/passwd\" is not a profile's "
	  "name" },
	{ "low/a.profile", "include =",
	  "/low/a.profile:1: include: no value, wanted names of profiles" },
	{ "low/a.profile", "tor = auto\ninclude = b",
	  "/low/a.profile:2: include must come before other keys" },
	{ "low/a.profile.d/x.conf", "include = b",
	  "/low/a.profile.d/x.conf:1: include is not possible here" },
	{ "low/a.profile.d/x.conf", "\nx = y",
	  "/low/a.profile.d/x.conf:2: unknown key \"x\"" },
};

static void test_load_refuses_with_file_and_line(void **state)
{
	struct tree *t = *state;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		put(t, "low/a.profile", "");
		put(t, bad[i].file, bad[i].text);
		assert_string_equal(refused(t, "a", -EINVAL), bad[i].what);
	}
}

static void test_load_refuses_an_include_cycle(void **state)
{
	struct tree *t = *state;
	struct profile *p = NULL;
	struct fault f = { 0 };

	put(t, "low/a.profile", "include = b\n");
	put(t, "low/b.profile", "include = c\n");
	put(t, "low/c.profile", "include = a\n");
	assert_string_equal(refused(t, "a", -EINVAL),
			    "/low/c.profile:1: include cycle: a -> b -> c -> "
			    "a");
	/* what people try: their a on top of the shipped one */
	put(t, "high/a.profile", "include = a\n");
	assert_int_equal(profile_load(&t->dirs, "a", &p, &f), -EINVAL);
	assert_string_equal(f.hint, "to change a profile, put a file in "
				    "a.profile.d");
}

static void test_load_bounds_includes(void **state)
{
	struct tree *t = *state;
	char file[32], text[32];

	for (int i = 0; i < 12; i++) {
		snprintf(file, sizeof(file), "low/p%d.profile", i);
		snprintf(text, sizeof(text), "include = p%d\n", i + 1);
		put(t, file, i < 11 ? text : "");
	}
	profile_free(load(t, "p3"));
	assert_string_equal(refused(t, "p2", -EINVAL),
			    "/low/p10.profile:1: include is over 8 deep");
	put(t, "low/wide.profile", "");
	for (int i = 0; i < 40; i++) {
		snprintf(file, sizeof(file), "low/w%d.profile", i);
		put(t, file, "");
	}
	put(t, "low/wide.profile",
	    "include = w0 w1 w2 w3 w4 w5 w6 w7 w8 w9 w10 w11 w12 w13 w14 w15\n"
	    "include = w16 w17 w18 w19 w20 w21 w22 w23 w24 w25 w26 w27 w28\n"
	    "include = w29 w30 w31 w32\n");
	assert_string_equal(refused(t, "wide", -EINVAL),
			    "/low/wide.profile:3: over 32 profiles included");
}

static void test_load_refuses_what_is_not_a_file(void **state)
{
	struct tree *t = *state;
	char path[256];

	path_in(t, "high/a.profile", path, sizeof(path));
	put(t, "low/a.profile", ""); /* never fallen back to */
	assert_int_equal(mkfifo(path, 0644), 0);
	assert_string_equal(refused(t, "a", -EINVAL),
			    "/high/a.profile is not a regular file");
	unlink(path);
	assert_int_equal(mkdir(path, 0755), 0);
	assert_string_equal(refused(t, "a", -EINVAL),
			    "/high/a.profile is not a regular file");
	rmdir(path);
	assert_int_equal(symlink("../low/a.profile", path), 0);
	assert_string_equal(refused(t, "a", -ELOOP),
			    "/high/a.profile is a symlink");
	unlink(path);
	assert_int_equal(symlink("/dev/zero", path), 0);
	assert_string_equal(refused(t, "a", -ELOOP),
			    "/high/a.profile is a symlink");
	unlink(path);
	assert_int_equal(symlink("nowhere", path), 0);
	assert_string_equal(refused(t, "a", -ELOOP),
			    "/high/a.profile is a symlink");
	assert_true(profile_exists(&t->dirs, "a"));
}

static void test_load_refuses_what_is_too_large(void **state)
{
	struct tree *t = *state;
	char path[256];

	put(t, "low/a.profile", "# x\n");
	path_in(t, "low/a.profile", path, sizeof(path));
	assert_int_equal(truncate(path, PROFILE_FILE_MAX_BYTES + 1), 0);
	assert_string_equal(refused(t, "a", -EFBIG),
			    "/low/a.profile is larger than 64 KiB");
}

static void test_load_refuses_what_others_can_write(void **state)
{
	struct tree *t = *state;
	char file[256], drop[256];

	put(t, "low/a.profile", "");
	put(t, "low/a.profile.d/x.conf", "");
	path_in(t, "low/a.profile", file, sizeof(file));
	path_in(t, "low/a.profile.d", drop, sizeof(drop));
	chmod(file, 0664);
	assert_string_equal(refused(t, "a", -EPERM),
			    "/low/a.profile can be written by others (mode "
			    "664)");
	chmod(file, 0646);
	assert_string_equal(refused(t, "a", -EPERM),
			    "/low/a.profile can be written by others (mode "
			    "646)");
	chmod(file, 0644);
	chmod(drop, 0775);
	assert_string_equal(refused(t, "a", -EPERM),
			    "/low/a.profile.d can be written by others (mode "
			    "775)");
	chmod(drop, 0755);
	chmod(t->high, 0757); /* empty: a profile could come at any time */
	assert_string_equal(refused(t, "a", -EPERM),
			    "/high can be written by others (mode 757)");
	chmod(t->high, 0755);
	profile_free(load(t, "a"));
	chmod(t->root, 0757);
	assert_string_equal(refused(t, "a", -EPERM),
			    "a directory above /low can be replaced by "
			    "others");
	chmod(t->root, 0755);
}

static void test_load_refuses_another_owner(void **state)
{
	struct tree *t = *state;

	put(t, "low/a.profile", "");
	put(t, "low/a.profile.d/x.conf", "");
	foreign(t, "low/a.profile");
	assert_string_equal(refused(t, "a", -EPERM),
			    "/low/a.profile belongs to uid 4711, neither to "
			    "you nor to root");
	foreign(t, "low/a.profile.d");
	assert_string_equal(refused(t, "a", -EPERM),
			    "/low/a.profile.d belongs to uid 4711, neither to "
			    "you nor to root");
	foreign(t, "low/a.profile.d/x.conf");
	assert_string_equal(refused(t, "a", -EPERM),
			    "/low/a.profile.d/x.conf belongs to uid 4711, "
			    "neither to you nor to root");
	foreign(t, "mid");
	assert_string_equal(refused(t, "a", -EPERM),
			    "/mid belongs to uid 4711, neither to you nor to "
			    "root");
	foreign(t, "");
	assert_string_equal(refused(t, "a", -EPERM),
			    "a directory above /low can be replaced by "
			    "others");
	foreign(t, NULL);
	profile_free(load(t, "a"));
}

static void test_load_reports_what_it_cannot_read(void **state)
{
	struct tree *t = *state;
	bool root = geteuid() == 0;
	const char *what;
	char file[256];

	put(t, "low/a.profile", "");
	put(t, "high/a.profile", "");
	path_in(t, "high/a.profile", file, sizeof(file));
	chmod(file, 0);
	if (root) /* who can read everything */
		assert_int_equal(seteuid(65534), 0);
	what = refused(t, "a", -EACCES);
	if (root)
		assert_int_equal(seteuid(0), 0);
	assert_string_equal(what, "open /high/a.profile");
}

static void test_load_never_reads_the_current_directory(void **state)
{
	struct tree *t = *state;
	struct profile_dirs relative = { .dirs = { "low" }, .n = 1 };
	struct profile_dirs many = { .n = PROFILE_DIRS_MAX + 1 };
	struct profile *p = NULL;
	struct fault f = { 0 };
	char cwd[PATH_MAX];

	put(t, "a.profile", "");
	put(t, "low/b.profile", "");
	assert_non_null(getcwd(cwd, sizeof(cwd)));
	assert_int_equal(chdir(t->root), 0);
	assert_false(profile_exists(&t->dirs, "a"));
	refused(t, "a", -ENOENT);
	assert_int_equal(profile_load(&relative, "b", &p, &f), -EINVAL);
	assert_string_equal(f.what, "low: profile directories are absolute");
	assert_int_equal(chdir(cwd), 0);
	assert_int_equal(profile_load(&many, "b", &p, &f), -E2BIG);
}

static void test_load_skips_missing_directories(void **state)
{
	struct tree *t = *state;

	put(t, "low/a.profile", "");
	rmdir(t->mid);
	rmdir(t->high);
	profile_free(load(t, "a"));
	put(t, "high", "a file");
	assert_string_equal(refused(t, "a", -ENOTDIR), "open /high");
}

static void test_list_is_sorted_and_unique(void **state)
{
	struct tree *t = *state;
	struct strv names = { 0 };

	put(t, "low/b.profile", "");
	put(t, "high/b.profile", "");
	put(t, "mid/a.profile", "");
	put(t, "mid/No.profile", "");
	put(t, "mid/x.profile.d/y.conf", "");
	put(t, "mid/.profile", "");
	assert_int_equal(profile_list(&t->dirs, &names, NULL), 0);
	assert_int_equal(names.n, 2);
	assert_string_equal(names.v[0], "a");
	assert_string_equal(names.v[1], "b");
	assert_true(profile_exists(&t->dirs, "a"));
	assert_false(profile_exists(&t->dirs, "x"));
	strv_free(&names);
}

static void test_dirs_follow_the_environment(void **state)
{
	autofree struct profile_dirs *d = xcalloc(1, sizeof(*d));

	(void)state;
	setenv("XDG_CONFIG_HOME", "/x/config", 1);
	assert_int_equal(profile_dirs_init(d, NULL), 0);
	assert_int_equal(d->n, 3);
	assert_string_equal(d->dirs[1], ISOLATE_SYSCONFDIR "/isolate/profiles");
	assert_string_equal(d->dirs[2], "/x/config/isolate/profiles");
	/* relative: the current directory */
	setenv("XDG_CONFIG_HOME", ".", 1);
	setenv("HOME", "/x/home", 1);
	assert_int_equal(profile_dirs_init(d, NULL), 0);
	assert_string_equal(d->dirs[2], "/x/home/.config/isolate/profiles");
	setenv("HOME", "", 1);
	assert_int_equal(profile_dirs_init(d, NULL), 0);
	assert_true(d->n == 2 || d->dirs[2][0] == '/');
}

/* Each profile we ship loads, includes default and opens no path. */
static void test_shipped_profiles_load(void **state)
{
	char cwd[PATH_MAX - 32], path[PATH_MAX];
	struct profile_dirs dirs = { .dirs = { path }, .n = 1 };
	struct strv names = { 0 };
	struct fault f = { 0 };
	struct profile *p;

	(void)state;
	assert_non_null(getcwd(cwd, sizeof(cwd)));
	snprintf(path, sizeof(path), "%s/profiles/data", cwd);
	if (profile_list(&dirs, &names, &f) < 0)
		fail_msg("%s; %s", f.what, f.hint);
	assert_true(names.n >= 8);
	for (size_t i = 0; i < names.n; i++) {
		p = NULL;
		if (profile_load(&dirs, names.v[i], &p, &f) < 0)
			fail_msg("%s; %s", f.what, f.hint);
		assert_true(p->description[0]);
		assert_int_equal(p->network, PROFILE_NETWORK_SOCKS);
		assert_int_equal(p->bind.n + p->ro_bind.n + p->env_keep.n, 0);
		assert_false(p->userns || p->ptrace);
		assert_non_null(
			strstr(profile_origin(p, PROFILE_KEY_network, 0),
			       "/default.profile:"));
		profile_free(p);
	}
	strv_free(&names);
}

#define in_tree(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_tree(test_load_takes_the_highest_precedence),
		in_tree(test_load_reads_includes_first),
		in_tree(test_load_reads_a_shared_include_once),
		in_tree(test_load_reads_drop_ins_in_order),
		in_tree(test_load_gives_included_profiles_their_drop_ins),
		in_tree(test_load_names_near_profiles),
		in_tree(test_load_refuses_what_is_not_a_name),
		in_tree(test_load_refuses_with_file_and_line),
		in_tree(test_load_refuses_an_include_cycle),
		in_tree(test_load_bounds_includes),
		in_tree(test_load_refuses_what_is_not_a_file),
		in_tree(test_load_refuses_what_is_too_large),
		in_tree(test_load_refuses_what_others_can_write),
		in_tree(test_load_refuses_another_owner),
		in_tree(test_load_reports_what_it_cannot_read),
		in_tree(test_load_never_reads_the_current_directory),
		in_tree(test_load_skips_missing_directories),
		in_tree(test_list_is_sorted_and_unique),
		cmocka_unit_test(test_dirs_follow_the_environment),
		cmocka_unit_test(test_shipped_profiles_load),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
