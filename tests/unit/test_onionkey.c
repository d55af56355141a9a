/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_onionkey.c - keys of onion services, and launches at once */
#include "launcher/onionkey.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/attr.h"
#include "tests/unit/temp.h"

#define DIR_OF_KEY "identities/alpha/onion"
#define FILE_OF_KEY DIR_OF_KEY "/py.key"

/* What happens within the next fsync(2), once. */
static int (*within_fsync)(void);

int __real_fsync(int fd);
int __wrap_fsync(int fd);
int __wrap_fsync(int fd)
{
	int (*within)(void) = within_fsync;

	within_fsync = NULL;
	if (within && within() < 0)
		return -1;
	return __real_fsync(fd);
}

static int data = -1; /* the data directory */

static int setup(void **state)
{
	if (temp_make(state) < 0)
		return -1;
	data = open(*state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return data < 0 ? -1 : 0;
}

static int teardown(void **state)
{
	fd_replace(&data, -1);
	return temp_remove(state);
}

static int write_key(uint8_t letter)
{
	uint8_t key[GWMSG_ONION_KEY_BYTES];
	struct fault f = { 0 };

	memset(key, letter, sizeof(key));
	return onionkey_write(data, "alpha", "py", key, &f);
}

/* Its letter; 0: there is none; or -errno. */
static int kept_key(void)
{
	uint8_t key[GWMSG_ONION_KEY_BYTES];
	struct fault f = { 0 };
	int rc = onionkey_read(data, "alpha", "py", key, &f);

	return rc == 1 ? key[0] : rc;
}

static int count_files(void)
{
	int fd = openat(data, DIR_OF_KEY, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fdopendir(fd);
	int n = 0;

	assert_non_null(dir);
	for (struct dirent *d; (d = readdir(dir));)
		n += d->d_name[0] != '.';
	closedir(dir);
	return n;
}

static void test_onionkey_is_kept(void **state)
{
	autoclose int part = -1;

	(void)state;
	assert_int_equal(kept_key(), 0);
	assert_int_equal(write_key('A'), 0);
	assert_int_equal(kept_key(), 'A');
	assert_int_equal(write_key('B'), -EEXIST);
	assert_int_equal(kept_key(), 'A');
	assert_int_equal(count_files(), 1);
	/* what a killed launch has left, longer than a key */
	assert_int_equal(unlinkat(data, FILE_OF_KEY, 0), 0);
	part = openat(data, FILE_OF_KEY ".part",
		      O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	assert_int_equal(ftruncate(part, 4096), 0);
	assert_int_equal(kept_key(), 0);
	assert_int_equal(write_key('B'), 0);
	assert_int_equal(kept_key(), 'B');
	assert_int_equal(count_files(), 1);
}

static int fail_with_eio(void)
{
	errno = EIO;
	return -1;
}

static void test_onionkey_leaves_nothing_after_an_error(void **state)
{
	(void)state;
	within_fsync = fail_with_eio;
	assert_int_equal(write_key('A'), -EIO);
	assert_int_equal(kept_key(), 0);
	assert_int_equal(count_files(), 0);
}

static pid_t other;

static int pause_here(void)
{
	usleep(300000);
	return 0;
}

/* It comes as far as its own fsync(2), if nothing keeps it from that. */
static int start_another(void)
{
	other = fork();
	if (other == 0) {
		/* not what the first one holds */
		closefrom(data + 1);
		within_fsync = pause_here;
		_exit(-write_key('B'));
	}
	usleep(150000);
	return 0;
}

/* Two first launches at once: who is told "kept" has kept its own. */
static void test_onionkey_of_two_at_once(void **state)
{
	int status;

	(void)state;
	alarm(30);
	within_fsync = start_another;
	assert_int_equal(write_key('A'), 0);
	assert_int_equal(kept_key(), 'A');
	assert_int_equal(waitpid(other, &status, 0), other);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), EEXIST);
	assert_int_equal(kept_key(), 'A');
	assert_int_equal(count_files(), 1);
}

int main(void)
{
#define key_test(t) cmocka_unit_test_setup_teardown(t, setup, teardown)
	const struct CMUnitTest tests[] = {
		key_test(test_onionkey_is_kept),
		key_test(test_onionkey_leaves_nothing_after_an_error),
		key_test(test_onionkey_of_two_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
