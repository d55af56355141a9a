/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_terminal.c - between two ptys nothing is lost or left */
#include "launcher/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fd.h"

/*
 * The person's end of the user's terminal, and the application's of the
 * sandbox's. Neither is a controlling terminal: there is no job control.
 */
struct desk {
	int person, application;
	struct terminal t;
};

static int open_pty(int *master, int *slave)
{
	int unlock = 0;

	*master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (*master < 0 || ioctl(*master, TIOCSPTLCK, &unlock) < 0)
		return -1;
	*slave = ioctl(*master, TIOCGPTPEER,
		       O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	return *slave < 0 ? -1 : 0;
}

static int setup(void **state)
{
	struct desk *d = calloc(1, sizeof(*d));
	struct winsize size = { .ws_row = 33, .ws_col = 101 };
	int master;

	if (!d)
		return -1;
	*state = d;
	d->t.master = -1;
	if (open_pty(&d->person, &d->t.tty) < 0 ||
	    open_pty(&master, &d->application) < 0)
		return -1;
	ioctl(d->t.tty, TIOCSWINSZ, &size);
	terminal_attach(&d->t, master);
	return 0;
}

static int teardown(void **state)
{
	struct desk *d = *state;

	fd_close(d->person);
	fd_close(d->application);
	fd_close(d->t.tty);
	fd_close(d->t.master);
	free(d);
	return 0;
}

/* Runs it until nothing happens for a while; how often it ran. */
static int settle(struct terminal *t)
{
	struct pollfd p[2];
	int n = 0;

	for (;;) {
		terminal_poll_fds(t, p);
		if (poll(p, 2, 50) <= 0)
			return n;
		terminal_run(t, p);
		/* a busy loop */
		if (++n > 10000)
			fail_msg("it spins");
	}
}

static void test_terminal_moves_both_ways(void **state)
{
	struct desk *d = *state;
	struct winsize size;
	char buf[64] = "";

	assert_true(terminal_take_keyboard(&d->t));
	assert_int_equal(write(d->person, "ls\r", 3), 3);
	settle(&d->t);
	/* typed in canonical mode there: a line */
	assert_int_equal(read(d->application, buf, sizeof(buf)), 3);
	assert_int_equal(memcmp(buf, "ls\n", 3), 0);
	assert_int_equal(write(d->application, "file\n", 5), 5);
	settle(&d->t);
	fd_set_nonblock(d->person, 1);
	memset(buf, 0, sizeof(buf));
	assert_true(read(d->person, buf, sizeof(buf) - 1) > 0);
	/* where stdout is a pipe, lines end once more */
	for (char *p = buf; (p = strchr(p, '\r'));)
		memmove(p, p + 1, strlen(p));
	assert_string_equal(buf, "ls\nfile\n");
	assert_int_equal(ioctl(d->application, TIOCGWINSZ, &size), 0);
	assert_int_equal(size.ws_row, 33);
	assert_int_equal(size.ws_col, 101);
}

static void test_terminal_modes_come_back(void **state)
{
	struct desk *d = *state;
	struct termios before, raw, after;

	assert_int_equal(tcgetattr(d->t.tty, &before), 0);
	assert_true(terminal_take_keyboard(&d->t));
	assert_int_equal(tcgetattr(d->t.tty, &raw), 0);
	assert_false(raw.c_lflag & (ICANON | ECHO | ISIG));
	/* the shell changes it while we are stopped */
	assert_int_equal(tcsetattr(d->t.tty, TCSANOW, &before), 0);
	assert_true(terminal_take_keyboard(&d->t));
	assert_int_equal(tcgetattr(d->t.tty, &raw), 0);
	assert_false(raw.c_lflag & ICANON);
	terminal_restore(&d->t);
	terminal_restore(&d->t);
	assert_int_equal(tcgetattr(d->t.tty, &after), 0);
	assert_int_equal(before.c_iflag, after.c_iflag);
	assert_int_equal(before.c_oflag, after.c_oflag);
	assert_int_equal(before.c_cflag, after.c_cflag);
	assert_int_equal(before.c_lflag, after.c_lflag);
	assert_int_equal(memcmp(before.c_cc, after.c_cc, NCCS), 0);
}

static void test_terminal_reads_nothing_without_the_keyboard(void **state)
{
	struct desk *d = *state;
	struct pollfd p[2];

	assert_int_equal(write(d->person, "x\r", 2), 2);
	terminal_poll_fds(&d->t, p);
	assert_true(p[0].fd < 0);
	assert_int_equal(settle(&d->t), 0);
}

static void test_terminal_holds_what_is_not_read(void **state)
{
	struct desk *d = *state;
	char block[1000];
	int n;

	assert_true(terminal_take_keyboard(&d->t));
	memset(block, 'a', sizeof(block));
	fd_set_nonblock(d->person, 1);
	/* the application reads nothing: typing fills up, and that is all */
	for (int i = 0; i < 100; i++) {
		(void)!write(d->person, block, sizeof(block));
		settle(&d->t);
	}
	/* nobody looks at the screen */
	for (int i = 0; i < 100; i++) {
		(void)!write(d->application, block, sizeof(block));
		n = settle(&d->t);
		assert_true(n < 100);
	}
}

static void test_terminal_gone_is_gone_for_the_application(void **state)
{
	struct desk *d = *state;
	char byte;

	assert_true(terminal_take_keyboard(&d->t));
	fd_replace(&d->person, -1);
	settle(&d->t);
	assert_true(d->t.master < 0);
	assert_false(d->t.keyboard);
	/* hung up */
	assert_true(read(d->application, &byte, 1) <= 0);
	terminal_drain(&d->t);
	terminal_restore(&d->t);
}

static void test_terminal_end_of_the_application(void **state)
{
	struct desk *d = *state;

	assert_true(terminal_take_keyboard(&d->t));
	fd_replace(&d->application, -1);
	settle(&d->t);
	assert_true(d->t.master < 0);
}

static void test_terminal_drain_loses_nothing(void **state)
{
	struct desk *d = *state;
	char buf[100];
	int total = 0, wrote = 0, status;
	pid_t pid;

	/* more than the terminal takes at once, read late and slowly */
	for (int i = 0; i < 30; i++) {
		char line[100];

		memset(line, 'a' + i % 26, sizeof(line));
		if (write(d->application, line, sizeof(line)) > 0)
			wrote += (int)sizeof(line);
	}
	fd_replace(&d->application, -1);
	pid = fork();
	if (pid == 0) {
		usleep(1200000);
		while (total < wrote) {
			ssize_t n = read(d->person, buf, sizeof(buf));

			if (n <= 0)
				_exit(1);
			total += (int)n;
			usleep(1000);
		}
		_exit(0);
	}
	/* the terminal is full before we begin */
	alarm(20);
	terminal_drain(&d->t);
	alarm(0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

#define desk_test(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		desk_test(test_terminal_moves_both_ways),
		desk_test(test_terminal_modes_come_back),
		desk_test(test_terminal_reads_nothing_without_the_keyboard),
		desk_test(test_terminal_holds_what_is_not_read),
		desk_test(test_terminal_gone_is_gone_for_the_application),
		desk_test(test_terminal_end_of_the_application),
		desk_test(test_terminal_drain_loses_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
