/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_seccomp_cache.c - what the cache gives back, and refuses */
#include <dirent.h>
#include <errno.h>
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

#include "base/attr.h"
#include "seccomp/cache.h"

struct fixture {
	char path[64];
	int dirfd;
	struct seccomp_spec spec;
	struct seccomp_program want; /* compiled without a cache */
	char name[128];              /* of the cache's file */
};

static int compiles;

void *__real_seccomp_init(uint32_t action);
void *__wrap_seccomp_init(uint32_t action);

void *__wrap_seccomp_init(uint32_t action)
{
	compiles++;
	return __real_seccomp_init(action);
}

static bool disk_is_full;
static bool as_another_user;

uid_t __real_geteuid(void);
uid_t __wrap_geteuid(void);

/* To another user the files are foreign: no need to be root to try it. */
uid_t __wrap_geteuid(void)
{
	return __real_geteuid() + as_another_user;
}

int __real_fd_write_full(int fd, const void *buf, size_t len);
int __wrap_fd_write_full(int fd, const void *buf, size_t len);

int __wrap_fd_write_full(int fd, const void *buf, size_t len)
{
	if (!disk_is_full)
		return __real_fd_write_full(fd, buf, len);
	__real_fd_write_full(fd, buf, len / 2);
	return -ENOSPC;
}

static bool on_another_machine;

uint32_t __real_seccomp_arch_native(void);
uint32_t __wrap_seccomp_arch_native(void);

uint32_t __wrap_seccomp_arch_native(void)
{
	/* AUDIT_ARCH_S390X */
	return on_another_machine ? 0x80000016u : __real_seccomp_arch_native();
}

/* The number of files; the last one's name is in @name if it is not NULL. */
static int count_files(const struct fixture *fx, char *name, size_t len)
{
	DIR *dir = opendir(fx->path);
	struct dirent *e;
	int n = 0;

	assert_non_null(dir);
	while ((e = readdir(dir))) {
		if (e->d_name[0] == '.')
			continue;
		n++;
		if (name)
			assert_true(snprintf(name, len, "%s", e->d_name) <
				    (int)len);
	}
	closedir(dir);
	return n;
}

/* Asks the cache, and that it answers with the right program. */
static bool ask(const struct fixture *fx)
{
	struct seccomp_program prog;
	struct fault f = { 0 };
	bool cached;

	if (seccomp_get(&fx->spec, fx->dirfd, &prog, &cached, &f) != 0)
		fail_msg("%s", f.what);
	assert_int_equal(prog.len, fx->want.len);
	assert_memory_equal(prog.insns, fx->want.insns,
			    prog.len * sizeof(*prog.insns));
	seccomp_program_free(&prog);
	return cached;
}

static int setup(void **state)
{
	struct fixture *fx = calloc(1, sizeof(*fx));

	if (!fx)
		return -1;
	*state = fx;
	strcpy(fx->path, "/tmp/test-seccomp-cache-XXXXXX");
	assert_non_null(mkdtemp(fx->path));
	fx->dirfd = open(fx->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(fx->dirfd >= 0);
	seccomp_spec_default(&fx->spec);
	assert_int_equal(seccomp_compile(&fx->spec, &fx->want, NULL), 0);
	assert_false(ask(fx));
	assert_int_equal(count_files(fx, fx->name, sizeof(fx->name)), 1);
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fx = *state;
	DIR *dir = opendir(fx->path);
	struct dirent *e;

	while (dir && (e = readdir(dir)))
		if (unlinkat(fx->dirfd, e->d_name, 0) < 0)
			unlinkat(fx->dirfd, e->d_name, AT_REMOVEDIR);
	if (dir)
		closedir(dir);
	rmdir(fx->path);
	close(fx->dirfd);
	seccomp_program_free(&fx->want);
	free(fx);
	return 0;
}

/* The file was not used, and what is there now is good and used. */
static void assert_healed(const struct fixture *fx)
{
	struct stat st;

	assert_false(ask(fx));
	assert_int_equal(fstatat(fx->dirfd, fx->name, &st, AT_SYMLINK_NOFOLLOW),
			 0);
	assert_true(S_ISREG(st.st_mode));
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_true(ask(fx));
	assert_int_equal(count_files(fx, NULL, 0), 1);
}

static void test_seccomp_cache_hit_does_not_compile(void **state)
{
	const struct fixture *fx = *state;
	int before = compiles;

	assert_true(ask(fx));
	assert_true(ask(fx));
	assert_int_equal(compiles, before);
	assert_int_equal(count_files(fx, NULL, 0), 1);
}

static void test_seccomp_cache_keys_every_field(void **state)
{
	struct fixture *fx = *state;
	const struct seccomp_spec base = fx->spec;

	for (int i = 0; i < 3; i++) {
		struct seccomp_program prog;
		bool cached = true;

		fx->spec = base;
		if (i == 0)
			fx->spec.groups ^= UINT64_C(1) << SECCOMP_GROUP_PTRACE;
		if (i == 1)
			fx->spec.families ^= 1u << SECCOMP_FAMILY_NETLINK;
		if (i == 2)
			fx->spec.wx = true;
		assert_int_equal(
			seccomp_get(&fx->spec, fx->dirfd, &prog, &cached, NULL),
			0);
		assert_false(cached);
		seccomp_program_free(&prog);
		assert_int_equal(count_files(fx, NULL, 0), 2 + i);
	}
	fx->spec = base;
	assert_true(ask(fx));
}

static void test_seccomp_cache_none(void **state)
{
	struct fixture *fx = *state;
	int dirfd = fx->dirfd;

	fx->dirfd = -1;
	assert_false(ask(fx));
	assert_false(ask(fx));
	fx->dirfd = dirfd;
}

static void test_seccomp_cache_refuses_any_changed_byte(void **state)
{
	const struct fixture *fx = *state;
	struct stat st;
	int fd;

	fd = openat(fx->dirfd, fx->name, O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	close(fd);
	/* all of the header, then here and there */
	for (off_t at = 0; at < st.st_size; at += at < 64 ? 1 : 131) {
		unsigned char byte;

		fd = openat(fx->dirfd, fx->name, O_RDWR | O_CLOEXEC);
		assert_true(fd >= 0);
		assert_int_equal(pread(fd, &byte, 1, at), 1);
		byte ^= (unsigned char)(1u << (at % 8));
		assert_int_equal(pwrite(fd, &byte, 1, at), 1);
		close(fd);
		assert_healed(fx);
	}
}

static void test_seccomp_cache_refuses_other_sizes(void **state)
{
	const struct fixture *fx = *state;
	static const off_t sizes[] = { 0,     1,     8,     55,     56,
				       57,    64,    1000,  1001,   32768,
				       32824, 32825, 40000, 1 << 20 };
	struct stat st;

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		int fd = openat(fx->dirfd, fx->name, O_RDWR | O_CLOEXEC);

		assert_int_equal(ftruncate(fd, sizes[i]), 0);
		close(fd);
		assert_healed(fx);
	}
	/* one instruction less, one more */
	for (int d = -8; d <= 8; d += 16) {
		int fd = openat(fx->dirfd, fx->name, O_RDWR | O_CLOEXEC);

		assert_int_equal(fstat(fd, &st), 0);
		assert_int_equal(ftruncate(fd, st.st_size + d), 0);
		close(fd);
		assert_healed(fx);
	}
}

static void test_seccomp_cache_refuses_another_specs_file(void **state)
{
	struct fixture *fx = *state;
	const struct seccomp_spec base = fx->spec;
	struct seccomp_program prog;
	char other[128] = "";
	struct dirent *e;
	DIR *dir;

	fx->spec.groups |= UINT64_C(1) << SECCOMP_GROUP_PTRACE;
	assert_int_equal(seccomp_get(&fx->spec, fx->dirfd, &prog, NULL, NULL),
			 0);
	seccomp_program_free(&prog);
	fx->spec = base;
	dir = opendir(fx->path);
	assert_non_null(dir);
	while ((e = readdir(dir)))
		if (e->d_name[0] != '.' && strcmp(e->d_name, fx->name) != 0)
			snprintf(other, sizeof(other), "%.127s", e->d_name);
	closedir(dir);
	assert_int_equal(renameat(fx->dirfd, other, fx->dirfd, fx->name), 0);
	assert_healed(fx);
}

static void test_seccomp_cache_refuses_writable_by_others(void **state)
{
	const struct fixture *fx = *state;

	assert_int_equal(fchmodat(fx->dirfd, fx->name, 0620, 0), 0);
	assert_healed(fx);
	assert_int_equal(fchmodat(fx->dirfd, fx->name, 0602, 0), 0);
	assert_healed(fx);
	/* readable is no harm */
	assert_int_equal(fchmodat(fx->dirfd, fx->name, 0644, 0), 0);
	assert_true(ask(fx));
}

static void test_seccomp_cache_refuses_foreign_owner(void **state)
{
	const struct fixture *fx = *state;

	as_another_user = true;
	assert_false(ask(fx));
	as_another_user = false;
	assert_true(ask(fx));
}

static void test_seccomp_cache_refuses_symlink(void **state)
{
	const struct fixture *fx = *state;
	char target[256];
	struct stat st;

	snprintf(target, sizeof(target), "%s-target", fx->path);
	assert_int_equal(renameat(fx->dirfd, fx->name, AT_FDCWD, target), 0);
	assert_int_equal(symlinkat(target, fx->dirfd, fx->name), 0);
	assert_healed(fx);
	/* what it pointed to was neither written nor removed */
	assert_int_equal(stat(target, &st), 0);
	assert_int_equal(unlink(target), 0);
}

static void test_seccomp_cache_refuses_hard_link(void **state)
{
	const struct fixture *fx = *state;
	char other[256];

	snprintf(other, sizeof(other), "%s-link", fx->path);
	assert_int_equal(linkat(fx->dirfd, fx->name, AT_FDCWD, other, 0), 0);
	assert_healed(fx);
	assert_int_equal(unlink(other), 0);
}

static void test_seccomp_cache_refuses_fifo(void **state)
{
	const struct fixture *fx = *state;

	assert_int_equal(unlinkat(fx->dirfd, fx->name, 0), 0);
	assert_int_equal(mkfifoat(fx->dirfd, fx->name, 0600), 0);
	alarm(10);
	assert_healed(fx);
	alarm(0);
}

static void test_seccomp_cache_directory_in_the_way(void **state)
{
	const struct fixture *fx = *state;

	assert_int_equal(unlinkat(fx->dirfd, fx->name, 0), 0);
	assert_int_equal(mkdirat(fx->dirfd, fx->name, 0700), 0);
	assert_false(ask(fx));
	assert_false(ask(fx));
	/* and no temporary file stays */
	assert_int_equal(count_files(fx, NULL, 0), 1);
}

static void test_seccomp_cache_stale_temporary_file(void **state)
{
	const struct fixture *fx = *state;
	char tmp[160];

	snprintf(tmp, sizeof(tmp), "%s.%d", fx->name, (int)getpid());
	assert_int_equal(unlinkat(fx->dirfd, fx->name, 0), 0);
	assert_int_equal(symlinkat("/nonexistent/x", fx->dirfd, tmp), 0);
	assert_healed(fx);
}

static void test_seccomp_cache_full_disk_is_no_error(void **state)
{
	const struct fixture *fx = *state;

	assert_int_equal(unlinkat(fx->dirfd, fx->name, 0), 0);
	disk_is_full = true;
	assert_false(ask(fx));
	disk_is_full = false;
	/* neither half a file nor a temporary one */
	assert_int_equal(count_files(fx, NULL, 0), 0);
	assert_false(ask(fx));
	assert_true(ask(fx));
}

static void test_seccomp_cache_removed_directory_is_no_error(void **state)
{
	const struct fixture *fx = *state;

	assert_int_equal(unlinkat(fx->dirfd, fx->name, 0), 0);
	assert_int_equal(rmdir(fx->path), 0);
	assert_false(ask(fx));
	assert_false(ask(fx));
}

static void test_seccomp_cache_bad_spec_is_not_cached(void **state)
{
	const struct fixture *fx = *state;
	struct seccomp_spec bad = { .groups = UINT64_MAX };
	struct seccomp_program prog = { NULL, 0 };
	struct fault f = { 0 };

	assert_int_equal(seccomp_get(&bad, fx->dirfd, &prog, NULL, &f),
			 -EINVAL);
	assert_null(prog.insns);
	assert_int_equal(f.err, EINVAL);
	assert_int_equal(count_files(fx, NULL, 0), 1);
}

/* Not ours to filter, and not answered with a file of this machine. */
static void test_seccomp_cache_another_architecture(void **state)
{
	const struct fixture *fx = *state;
	struct seccomp_program prog = { NULL, 0 };
	struct fault f = { 0 };
	int rc;

	on_another_machine = true;
	rc = seccomp_get(&fx->spec, fx->dirfd, &prog, NULL, &f);
	on_another_machine = false;
	assert_int_equal(rc, -ENOTSUP);
	assert_null(prog.insns);
	assert_true(ask(fx));
}

#define CACHE_TEST(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CACHE_TEST(test_seccomp_cache_hit_does_not_compile),
		CACHE_TEST(test_seccomp_cache_keys_every_field),
		CACHE_TEST(test_seccomp_cache_none),
		CACHE_TEST(test_seccomp_cache_refuses_any_changed_byte),
		CACHE_TEST(test_seccomp_cache_refuses_other_sizes),
		CACHE_TEST(test_seccomp_cache_refuses_another_specs_file),
		CACHE_TEST(test_seccomp_cache_refuses_writable_by_others),
		CACHE_TEST(test_seccomp_cache_refuses_foreign_owner),
		CACHE_TEST(test_seccomp_cache_refuses_symlink),
		CACHE_TEST(test_seccomp_cache_refuses_hard_link),
		CACHE_TEST(test_seccomp_cache_refuses_fifo),
		CACHE_TEST(test_seccomp_cache_directory_in_the_way),
		CACHE_TEST(test_seccomp_cache_stale_temporary_file),
		CACHE_TEST(test_seccomp_cache_full_disk_is_no_error),
		CACHE_TEST(test_seccomp_cache_removed_directory_is_no_error),
		CACHE_TEST(test_seccomp_cache_bad_spec_is_not_cached),
		CACHE_TEST(test_seccomp_cache_another_architecture),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
