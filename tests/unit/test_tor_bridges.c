/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_tor_bridges.c - the file of bridges, and what tor is told */
#include "tor/bridges.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/temp.h"
#include "tor/home.h"

#define FPR "0123456789ABCDEF0123456789ABCDEF01234567"
#define CERT                                                                   \
	"cert=AAAAAAAAAABBBBBBBBBBCCCCCCCCCCDDDDDDDDDDEEEEEEEEEE"              \
	"ffffffffff01234567+/"
#define OBFS4 "obfs4 192.0.2.1:443 " FPR " " CERT " iat-mode=0"
#define PLAIN "192.0.2.2:9001 " FPR

enum {
	SYNCED_FILE = 1,
	SYNCED_DIRECTORY = 2
};

static int synced;

/* a directory comes after its file */
int __wrap_fsync(int fd);
int __wrap_fsync(int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -1;
	if (S_ISREG(st.st_mode) && st.st_size > 0)
		synced = SYNCED_FILE;
	else if (S_ISDIR(st.st_mode) && synced)
		synced |= SYNCED_DIRECTORY;
	return 0;
}

static void add(struct tor_bridges *b, const char *line, int want)
{
	struct tor_bridge one;

	assert_int_equal(tor_bridge_parse(line, &one, NULL), 0);
	assert_int_equal(tor_bridges_add(b, &one), want);
}

static void open_home(const char *dir, struct tor_config *c, struct tor_home *h)
{
	snprintf(c->data_dir, sizeof(c->data_dir), "%s/data", dir);
	assert_int_equal(tor_home_open(h, c, true, NULL), 0);
}

static void test_bridges_are_found_and_dropped(void **state)
{
	struct tor_bridges *b = calloc(1, sizeof(*b));

	(void)state;
	assert_non_null(b);
	add(b, OBFS4, 1);
	add(b, OBFS4, 0);
	add(b, PLAIN, 1);
	assert_int_equal(b->n, 2);
	assert_int_equal(tor_bridges_find(b, "1"), 0);
	assert_int_equal(tor_bridges_find(b, "2"), 1);
	assert_int_equal(tor_bridges_find(b, "3"), -ENOENT);
	assert_int_equal(tor_bridges_find(b, "0"), -ENOENT);
	assert_int_equal(tor_bridges_find(b, ""), -ENOENT);
	assert_int_equal(tor_bridges_find(b, "192.0.2.2:9001"), 1);
	assert_int_equal(tor_bridges_find(b, "Bridge " OBFS4), 0);
	assert_int_equal(tor_bridges_find(b, FPR), -EEXIST);
	tor_bridges_drop(b, 0);
	assert_int_equal(tor_bridges_find(b, FPR), 0);
	assert_int_equal(b->n, 1);
	free(b);
}

static void test_bridges_are_kept(void **state)
{
	struct tor_config c = { .binary = "" };
	struct tor_bridges *b = calloc(1, sizeof(*b));
	struct tor_bridges *again = calloc(1, sizeof(*b));
	struct tor_home h;
	struct stat st;

	assert_true(b && again);
	open_home(*state, &c, &h);
	assert_int_equal(tor_bridges_read(&h, again, NULL), 0);
	assert_int_equal(again->n, 0);
	add(b, OBFS4, 1);
	add(b, PLAIN, 1);
	synced = 0;
	assert_int_equal(tor_bridges_write(&h, b, NULL), 0);
	/* a loss of power leaves none without its lines */
	assert_int_equal(synced, SYNCED_FILE | SYNCED_DIRECTORY);
	assert_int_equal(fstatat(h.fd, TOR_BRIDGES_NAME, &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(tor_bridges_read(&h, again, NULL), 0);
	assert_int_equal(again->n, 2);
	assert_memory_equal(&b->v[1], &again->v[1], sizeof(b->v[1]));
	b->n = 0;
	assert_int_equal(tor_bridges_write(&h, b, NULL), 0);
	assert_int_equal(faccessat(h.fd, TOR_BRIDGES_NAME, F_OK, 0), -1);
	free(b);
	free(again);
	tor_home_close(&h);
}

static void test_bridges_file_is_not_trusted(void **state)
{
	static const char nul[] = PLAIN "\0\n";
	struct tor_config c = { .binary = "" };
	struct tor_bridges *b = calloc(1, sizeof(*b));
	struct fault f = { .err = 0 };
	struct tor_home h;
	int fd;

	assert_non_null(b);
	open_home(*state, &c, &h);
	fd_write_file(h.fd, TOR_BRIDGES_NAME, O_CREAT, PLAIN "\nORPort 9\n");
	assert_int_equal(tor_bridges_read(&h, b, &f), -EINVAL);
	assert_non_null(strstr(f.what, TOR_BRIDGES_NAME ":2: "));
	fd = openat(h.fd, TOR_BRIDGES_NAME, O_WRONLY | O_TRUNC | O_CLOEXEC);
	assert_int_equal(fd_write_full(fd, nul, sizeof(nul)), 0);
	assert_int_equal(tor_bridges_read(&h, b, &f), -EINVAL);
	assert_int_equal(fchmod(fd, 0620), 0);
	assert_int_equal(tor_bridges_read(&h, b, &f), -EPERM);
	close(fd);
	unlinkat(h.fd, TOR_BRIDGES_NAME, 0);
	assert_int_equal(symlinkat("/etc/passwd", h.fd, TOR_BRIDGES_NAME), 0);
	assert_int_equal(tor_bridges_read(&h, b, &f), -ELOOP);
	unlinkat(h.fd, TOR_BRIDGES_NAME, 0);
	assert_int_equal(mkdirat(h.fd, TOR_BRIDGES_NAME, 0700), 0);
	assert_int_equal(tor_bridges_read(&h, b, &f), -EPERM);
	tor_home_close(&h);
	free(b);
}

/* Without this tor would connect to its guards: no bridges is no file. */
static void test_bridges_file_without_a_bridge_is_an_error(void **state)
{
	static const char *const none[] = { "", "\n", "\n\n\n" };
	struct tor_config c = { .binary = "" };
	struct tor_bridges *b = calloc(1, sizeof(*b));
	struct fault f;
	struct tor_home h;

	assert_non_null(b);
	open_home(*state, &c, &h);
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		char *torrc = strdup("SocksPort 0\n");

		f = (struct fault){ .err = 0 };
		fd_write_file(h.fd, TOR_BRIDGES_NAME, O_CREAT | O_TRUNC,
			      none[i]);
		assert_int_equal(tor_bridges_read(&h, b, &f), -EINVAL);
		assert_non_null(strstr(f.hint, "remove all"));
		assert_int_equal(tor_bridges_append(&h, "", &torrc, &f),
				 -EINVAL);
		free(torrc);
	}
	/* what is before a bad line does not count */
	fd_write_file(h.fd, TOR_BRIDGES_NAME, O_TRUNC, PLAIN "\nbad\n");
	assert_int_equal(tor_bridges_read(&h, b, &f), -EINVAL);
	assert_int_equal(b->n, 0);
	tor_home_close(&h);
	free(b);
}

static void test_bridges_need_their_program(void **state)
{
	const char *dirs[] = { *state, NULL };
	struct tor_bridges *b = calloc(1, sizeof(*b));
	struct fault f = { .err = 0 };
	char *text = NULL, program[64];

	assert_non_null(b);
	assert_int_equal(tor_bridges_compose(b, dirs, &text, &f), 0);
	assert_string_equal(text, "");
	free(text);
	/* without a transport none is needed */
	add(b, PLAIN, 1);
	assert_int_equal(tor_bridges_compose(b, dirs, &text, &f), 0);
	assert_string_equal(text, "UseBridges 1\nBridge " PLAIN "\n");
	free(text);
	text = NULL;
	add(b, OBFS4, 1);
	assert_int_equal(tor_bridges_compose(b, dirs, &text, &f), -ENOENT);
	assert_null(text);
	assert_non_null(strstr(f.hint, "apt install obfs4proxy"));
	/* what cannot be run is none */
	snprintf(program, sizeof(program), "%s/lyrebird", (char *)*state);
	fd_write_file(AT_FDCWD, program, O_CREAT, "");
	assert_int_equal(tor_bridges_compose(b, dirs, &text, &f), -ENOENT);
	free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bridges_are_found_and_dropped),
		cmocka_unit_test_setup_teardown(test_bridges_are_kept,
						temp_make, temp_remove),
		cmocka_unit_test_setup_teardown(
			test_bridges_file_is_not_trusted, temp_make,
			temp_remove),
		cmocka_unit_test_setup_teardown(
			test_bridges_file_without_a_bridge_is_an_error,
			temp_make, temp_remove),
		cmocka_unit_test_setup_teardown(test_bridges_need_their_program,
						temp_make, temp_remove),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
