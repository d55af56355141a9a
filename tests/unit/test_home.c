/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_home.c - one home for those at once, and nobody else's */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mount.h>

#include <cmocka.h>

/* for its parser */
#include "launcher/home.c"

#include "base/fd.h"
#include "tests/unit/temp.h"

#define USERS "identities/a/work/b.users"

static const struct plan plan = {
	.identity = "a",
	.profile = (char[]){ "b" },
};

struct disk {
	void *path;
	int fd;
};

static int setup(void **state)
{
	struct disk *d = calloc(1, sizeof(*d));

	if (!d || temp_make(&d->path) < 0)
		return -1;
	d->fd = open(d->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	*state = d;
	return d->fd < 0 ? -1 : 0;
}

static int teardown(void **state)
{
	struct disk *d = *state;
	void *path = d->path;

	fd_close(d->fd);
	free(d);
	return temp_remove(&path);
}

static void prepare(struct disk *d, struct home *h)
{
	struct fault f = { 0 };

	home_init(h);
	if (home_prepare(h, d->fd, &plan, &f) < 0)
		fail_msg("%s: %d", f.what, f.err);
}

static void register_as(struct home *h, int userns, int mntns)
{
	struct fault f = { 0 };

	if (home_register(h, getppid(), userns, mntns, &f) < 0)
		fail_msg("%s: %d", f.what, f.err);
}

/* Slots of the registry, each a line, padded. */
static void write_slots(struct disk *d, const char *const *lines, size_t n)
{
	int fd = openat(d->fd, USERS, O_WRONLY | O_TRUNC | O_CLOEXEC);

	assert_true(fd >= 0);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(
			dprintf(fd, "%-*s\n", SLOT_BYTES - 1, lines[i]),
			SLOT_BYTES);
	fd_close(fd);
}

static void read_slot(struct disk *d, size_t i, char buf[SLOT_BYTES + 1])
{
	int fd = openat(d->fd, USERS, O_RDONLY | O_CLOEXEC);
	ssize_t n = pread(fd, buf, SLOT_BYTES, (off_t)(i * SLOT_BYTES));

	buf[n > 0 ? n : 0] = '\0';
	fd_close(fd);
}

static bool is_locked(struct disk *d)
{
	int fd = openat(d->fd, USERS, O_RDONLY | O_CLOEXEC);
	bool locked = flock(fd, LOCK_EX | LOCK_NB) < 0;

	fd_close(fd);
	return locked;
}

static void test_home_parses_strictly(void **state)
{
	static const char *const bad[] = {
		"",
		" ",
		"1",
		"1 2 3 4",
		"1 2 3 4 5",
		"1 2 3 4 5 6 7",
		"1  2 3 4 5 6",
		"0 2 3 4 5 6",
		"-1 2 3 4 5 6",
		"1 -2 3 4 5 6",
		"1 2 -3 4 5 6",
		"1 2 3 -4 5 6",
		"1 2 3 4 -5 6",
		"1 2 3 4 5 -6",
		"+1 2 3 4 5 6",
		" 1 2 3 4 5 6",
		"1 2 3 4x 5 6",
		"1 2 3 4 5 6x",
		"1 2 3 0x4 5 6",
		"4294967297 2 3 4 5 6",
		"99999999999999999999 2 3 4 5 6",
		"1 99999999999999999999 3 4 5 6",
		"1 2 3 4294967299 5 6",
		"1 2 3 4 4294967301 6",
		"1/../../2 2 3 4 5 6",
	};
	struct user u;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		if (parse_user(bad[i], &u) != -EBADMSG)
			fail_msg("\"%s\"", bad[i]);
	assert_int_equal(parse_user("17 123456789012 3 44 18 99999999999", &u),
			 0);
	assert_int_equal(u.supervisor.pid, 17);
	assert_true(u.supervisor.start_ticks == 123456789012);
	assert_int_equal(u.userns, 3);
	assert_int_equal(u.mntns, 44);
	assert_int_equal(u.init.pid, 18);
	assert_true(u.init.start_ticks == 99999999999);
}

static void test_home_is_locked_until_it_is_registered(void **state)
{
	char line[SLOT_BYTES + 1], pid[16];
	struct disk *d = *state;
	struct home h;

	prepare(d, &h);
	assert_int_equal(h.kind,
			 geteuid() ? SYNC_HOME_OWN : SYNC_HOME_DETACHED);
	assert_int_equal(h.nfds, 2);
	assert_true(is_locked(d));
	register_as(&h, 5, 6);
	assert_false(is_locked(d));
	read_slot(d, 0, line);
	snprintf(pid, sizeof(pid), "%d ", getpid());
	assert_int_equal(strncmp(line, pid, strlen(pid)), 0);
	home_unregister(&h);
	home_close(&h);

	/* a launch that fails in between lets go of it */
	prepare(d, &h);
	assert_true(is_locked(d));
	home_close(&h);
	assert_false(is_locked(d));
}

static void test_home_writes_over_who_is_gone(void **state)
{
	char line[SLOT_BYTES + 1], ours[64];
	static const char *const gone[] = {
		/* us, but started at another time: a pid used again */
		"garbage \x01\x02",
		"1 1 3 4 1 1",
		"999999999 5 3 4 0 0",
	};
	struct disk *d = *state;
	struct stat st;
	struct home h;

	prepare(d, &h);
	home_close(&h);
	write_slots(d, gone, ARRAY_SIZE(gone));
	snprintf(ours, sizeof(ours), "%d 1 0 0", getpid());
	prepare(d, &h);
	/* none of them leads anywhere */
	assert_int_not_equal(h.kind, SYNC_HOME_SHARED);
	register_as(&h, 5, 6);
	assert_int_equal(fstatat(d->fd, USERS, &st, 0), 0);
	assert_int_equal(st.st_size, 3 * SLOT_BYTES);
	read_slot(d, 0, line);
	assert_int_equal(strncmp(line, ours, strcspn(ours, " ") + 1), 0);
	read_slot(d, 1, line);
	assert_int_equal(strncmp(line, gone[1], strlen(gone[1])), 0);
	home_close(&h);
}

static void test_home_half_a_slot_is_written_over(void **state)
{
	struct disk *d = *state;
	struct home h;
	int fd;

	prepare(d, &h);
	home_close(&h);
	fd = openat(d->fd, USERS, O_WRONLY | O_TRUNC | O_CLOEXEC);
	assert_int_equal(write(fd, "1 2 3", 5), 5);
	fd_close(fd);
	prepare(d, &h);
	assert_int_equal(h.slot, 0);
	home_close(&h);
}

/* The slot of a launch whose supervisor is gone, but @init is not. */
static void write_orphan(struct disk *d, pid_t init)
{
	struct process_mark mark;
	char line[SLOT_BYTES];
	const char *const lines[] = { line };

	assert_int_equal(process_mark(init, &mark), 0);
	snprintf(line, sizeof(line), "999999999 5 3 4 %d %" PRId64, init,
		 mark.start_ticks);
	write_slots(d, lines, 1);
}

static pid_t start_process(int life_ms)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	poll(NULL, 0, life_ms);
	_exit(0);
}

static void test_home_is_in_use_until_pid_1_is_gone(void **state)
{
	struct disk *d = *state;
	struct fault f = { 0 };
	struct home h;
	pid_t pid;

	prepare(d, &h);
	home_close(&h);
	/* which ends in a while, as one does that is killed: waited for */
	pid = start_process(300);
	write_orphan(d, pid);
	prepare(d, &h);
	assert_int_not_equal(h.kind, SYNC_HOME_SHARED);
	assert_int_equal(h.slot, 0);
	/* it was reaped by nobody yet, but is over */
	assert_int_equal(waitpid(pid, NULL, WNOHANG), pid);
	home_close(&h);
	/* which does not */
	pid = start_process(-1);
	write_orphan(d, pid);
	home_init(&h);
	assert_int_equal(home_prepare(&h, d->fd, &plan, &f), -EBUSY);
	assert_true(f.what[0] && f.hint[0]);
	home_close(&h);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	prepare(d, &h);
	home_close(&h);
}

static void test_home_registers_pid_1(void **state)
{
	char line[SLOT_BYTES + 1], end[64];
	struct process_mark mark;
	struct disk *d = *state;
	struct home h;

	prepare(d, &h);
	register_as(&h, 5, 6);
	assert_int_equal(process_mark(getppid(), &mark), 0);
	snprintf(end, sizeof(end), " 5 6 %d %" PRId64 " ", getppid(),
		 mark.start_ticks);
	read_slot(d, 0, line);
	assert_non_null(strstr(line, end));
	home_unregister(&h);
	home_close(&h);
}

static void test_home_descriptors_that_are_no_namespaces(void **state)
{
	struct disk *d = *state;
	struct home first, second;
	struct fault f = { 0 };
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	prepare(d, &first);
	register_as(&first, null, null);
	/* alive, and two overlays over one directory would be wrong */
	home_init(&second);
	assert_int_equal(home_prepare(&second, d->fd, &plan, &f), -EBUSY);
	assert_true(f.what[0]);
	assert_int_equal(second.nfds, 0);
	home_close(&second);
	home_close(&first);
	fd_close(null);
}

/* A process with a mount at /home/user, as a sandbox has; its end of @p is
 * closed when that is ready. */
static pid_t start_sandbox(int ready)
{
	char map[32], gmap[32];
	pid_t pid = fork();
	int fd;

	if (pid != 0)
		return pid;
	snprintf(map, sizeof(map), "0 %u 1", geteuid());
	snprintf(gmap, sizeof(gmap), "0 %u 1", getegid());
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0 ||
	    fd_write_file(AT_FDCWD, "/proc/self/uid_map", 0, map) < 0 ||
	    fd_write_file(AT_FDCWD, "/proc/self/setgroups", 0, "deny") < 0 ||
	    fd_write_file(AT_FDCWD, "/proc/self/gid_map", 0, gmap) < 0 ||
	    mount("t", "/home", "tmpfs", 0, NULL) < 0 ||
	    mkdir("/home/user", 0755) < 0 ||
	    mount("t", "/home/user", "tmpfs", 0, NULL) < 0)
		_exit(1);
	fd = open("/home/user/mark", O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
	if (fd < 0 || write(ready, "", 1) != 1)
		_exit(1);
	for (;;)
		pause();
}

static int open_ns(pid_t pid, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/ns/%s", pid, name);
	return open(path, O_RDONLY | O_CLOEXEC);
}

static void test_home_is_shared_with_who_runs(void **state)
{
	struct disk *d = *state;
	struct home first, second, third;
	int p[2], userns, mntns;
	char byte, line[SLOT_BYTES + 1];
	pid_t pid;

	assert_int_equal(pipe2(p, O_CLOEXEC), 0);
	pid = start_sandbox(p[1]);
	fd_close(p[1]);
	if (read(p[0], &byte, 1) != 1) {
		waitpid(pid, NULL, 0);
		fd_close(p[0]);
		skip();
	}
	fd_close(p[0]);
	userns = open_ns(pid, "user");
	mntns = open_ns(pid, "mnt");
	prepare(d, &first);
	register_as(&first, userns, mntns);
	prepare(d, &second);
	assert_int_equal(second.kind, SYNC_HOME_SHARED);
	assert_int_equal(second.nfds, 1);
	/* the very mount, not the directory below it */
	assert_int_equal(faccessat(second.fds[0], "mark", F_OK, 0), 0);
	home_close(&second);
	/* who says it is gone is not asked any more */
	home_unregister(&first);
	read_slot(d, 0, line);
	assert_int_equal(strspn(line, " \n"), SLOT_BYTES);
	prepare(d, &third);
	assert_int_not_equal(third.kind, SYNC_HOME_SHARED);
	home_close(&third);
	home_close(&first);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	fd_close(userns);
	fd_close(mntns);
}

static void test_home_refuses_planted_files(void **state)
{
	struct disk *d = *state;
	struct fault f = { 0 };
	struct home h;
	int fd;

	prepare(d, &h);
	home_close(&h);
	/* who can write here has the data directory, but it costs nothing */
	assert_int_equal(unlinkat(d->fd, USERS, 0), 0);
	assert_int_equal(symlinkat("/etc/passwd", d->fd, USERS), 0);
	home_init(&h);
	assert_int_equal(home_prepare(&h, d->fd, &plan, &f), -ELOOP);
	home_close(&h);
	assert_int_equal(unlinkat(d->fd, USERS, 0), 0);
	fd = openat(d->fd, USERS, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	assert_int_equal(ftruncate(fd, REGISTRY_MAX_BYTES + 1), 0);
	fd_close(fd);
	home_init(&h);
	assert_int_equal(home_prepare(&h, d->fd, &plan, &f), -EFBIG);
	home_close(&h);
}

static bool has(struct disk *d, const char *path)
{
	return faccessat(d->fd, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static void test_home_puts_aside_what_an_overlay_left(void **state)
{
#define WORK "identities/a/work/b/"
	struct disk *d = *state;
	struct home h;

	prepare(d, &h);
	home_close(&h);
	assert_int_equal(mkdirat(d->fd, WORK "work", 0), 0);
	prepare(d, &h);
	assert_false(has(d, WORK "work"));
	assert_true(has(d, WORK "left"));
	/* the next overlay's is not touched */
	assert_int_equal(mkdirat(d->fd, WORK "work", 0), 0);
	register_as(&h, 1, 2);
	assert_false(has(d, WORK "left"));
	assert_true(has(d, WORK "work"));
	home_unregister(&h);
	home_close(&h);

	/* a launch that fails puts it back, unless an overlay was made */
	prepare(d, &h);
	home_close(&h);
	assert_true(has(d, WORK "work"));
	assert_false(has(d, WORK "left"));
	prepare(d, &h);
	assert_int_equal(mkdirat(d->fd, WORK "work", 0), 0);
	home_close(&h);
	assert_true(has(d, WORK "work"));
	assert_false(has(d, WORK "left"));

	/* a launch that was killed, and an overlay that was: both are mended */
	assert_int_equal(mkdirat(d->fd, WORK "left", 0700), 0);
	assert_int_equal(mkdirat(d->fd, WORK "left/#1", 0700), 0);
	assert_int_equal(symlinkat("/", d->fd, WORK "left/#2"), 0);
	assert_int_equal(mknodat(d->fd, WORK "left/#3", S_IFREG | 0600, 0), 0);
	prepare(d, &h);
	assert_true(has(d, WORK "work"));
	register_as(&h, 1, 2);
	assert_false(has(d, WORK "left"));
	home_unregister(&h);
	home_close(&h);
#undef WORK
}

#define disk_test(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_home_parses_strictly),
		disk_test(test_home_is_locked_until_it_is_registered),
		disk_test(test_home_writes_over_who_is_gone),
		disk_test(test_home_half_a_slot_is_written_over),
		disk_test(test_home_is_in_use_until_pid_1_is_gone),
		disk_test(test_home_registers_pid_1),
		disk_test(test_home_descriptors_that_are_no_namespaces),
		disk_test(test_home_is_shared_with_who_runs),
		disk_test(test_home_refuses_planted_files),
		disk_test(test_home_puts_aside_what_an_overlay_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
