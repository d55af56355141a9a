/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_tor_circuits.c - whose circuit is it */
#include "tor/circuits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/attr.h"
#include "tests/unit/temp.h"
#include "tor/client.h"

#define OURS "0123456789abcdef01234567"
#define REST "deadbeef"
#define LINE(id, password)                                                     \
	id " BUILT $AA~a PURPOSE=GENERAL SOCKS_USERNAME=\"<torS0X>0\" "        \
	   "SOCKS_PASSWORD=\"" password "\" TIME_CREATED=2026"

static const struct tor_circuits_of of[] = {
	{ OURS, 0x10 }, { "ffffffffffffffffffffffff", 2 }
};

static void test_circuits_match_old_ones_only(void **state)
{
	static const struct {
		const char *line, *id;
	} t[] = {
		{ LINE("7", OURS "0000000f" REST), "7" },
		{ LINE("12", OURS "00000001"), "12" },
		{ LINE("3", "ffffffffffffffffffffffff00000001x"), "3" },
		/* the one in use, and later ones */
		{ LINE("7", OURS "00000010" REST), NULL },
		{ LINE("7", OURS "ffffffff" REST), NULL },
		{ LINE("3", "ffffffffffffffffffffffff00000002"), NULL },
		/* somebody else's */
		{ LINE("7", "0123456789abcdef01234568"
			    "00000001"),
		  NULL },
		{ LINE("7", "x" OURS "00000001"), NULL },
		{ LINE("7", OURS "0000000"), NULL },
		{ LINE("7", OURS "0000000 "), NULL },
		{ LINE("7", OURS "+0000001"), NULL },
		{ LINE("7", OURS), NULL },
		{ LINE("7", ""), NULL },
		{ "7 BUILT $AA~a PURPOSE=GENERAL", NULL },
		/* where the password is not the password */
		{ "7 BUILT $AA SOCKS_USERNAME=\"SOCKS_PASSWORD=" OURS
		  "00000001\"",
		  NULL },
		/* not lines of it */
		{ "", NULL },
		{ LINE("", OURS "00000001"), NULL },
		{ LINE("x", OURS "00000001"), NULL },
		{ LINE("-7", OURS "00000001"), NULL },
		{ LINE("7\r\nSIGNAL HALT", OURS "00000001"), NULL },
		{ LINE("123456789012345678901", OURS "00000001"), NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		char id[TOR_CIRCUIT_ID_MAX] = "";
		bool is = tor_circuits_match(t[i].line, of, ARRAY_SIZE(of), id);

		if (is != (t[i].id != NULL))
			fail_msg("%zu: %s", i, t[i].line);
		if (is)
			assert_string_equal(id, t[i].id);
	}
}

/* The leg without credentials goes with the one that has them. */
static const char sets[] =
	"250+circuit-status=\r\n"
	"1 BUILT $AA~a PURPOSE=CONFLUX_LINKED CONFLUX_ID=F0\r\n"
	"2 BUILT $AA~a PURPOSE=CONFLUX_LINKED SOCKS_USERNAME=\"<torS0X>0\" "
	"SOCKS_PASSWORD=\"" OURS "00000001\" CONFLUX_ID=F0\r\n"
	"3 BUILT $AA~a PURPOSE=CONFLUX_LINKED CONFLUX_ID=F1\r\n"
	"4 BUILT $AA~a PURPOSE=CONFLUX_LINKED SOCKS_USERNAME=\"<torS0X>0\" "
	"SOCKS_PASSWORD=\"" OURS "00000010\" CONFLUX_ID=F1\r\n"
	"5 BUILT $AA~a PURPOSE=GENERAL\r\n"
	".\r\n250 OK\r\n";

/* What is closed is gone the next time. */
static _Noreturn void be_tor_with_sets(int listener, int report)
{
	FILE *from = fdopen(accept(listener, NULL, NULL), "r+");
	bool closed = false;
	char line[256];

	alarm(10);
	setvbuf(from, NULL, _IONBF, 0);
	while (fgets(line, sizeof(line), from)) {
		bool lists = strncmp(line, "GETINFO circuit-status", 22) == 0;

		if (strncmp(line, "PROTOCOLINFO", 12) == 0)
			fputs("250-AUTH METHODS=NULL\r\n", from);
		if (strncmp(line, "CLOSECIRCUIT ", 13) == 0) {
			dprintf(report, "%c", line[13]);
			closed = true;
		}
		fputs(lists && !closed ? sets : "250 OK\r\n", from);
	}
	_exit(0);
}

/* A tor with two of ours; @stubborn: whatever is closed, there is another. */
static _Noreturn void be_tor(int listener, int report, bool stubborn)
{
	int conn = accept(listener, NULL, NULL);
	FILE *from = fdopen(conn, "r+");
	bool seven = true, nine = true;
	char line[256];

	alarm(10);
	setvbuf(from, NULL, _IONBF, 0);
	while (fgets(line, sizeof(line), from)) {
		if (strncmp(line, "PROTOCOLINFO", 12) == 0) {
			fputs("250-AUTH METHODS=NULL\r\n250 OK\r\n", from);
		} else if (strncmp(line, "GETINFO circuit-status", 22) == 0) {
			fprintf(from,
				"250+circuit-status=\r\n%s%s%s.\r\n250 OK\r\n",
				seven ? LINE("7", OURS "00000001") "\r\n" : "",
				LINE("8", OURS "00000010") "\r\n",
				nine ? LINE("9", OURS "0000000f") "\r\n" : "");
		} else if (strncmp(line, "CLOSECIRCUIT ", 13) == 0) {
			dprintf(report, "%c", line[13]);
			seven &= stubborn || line[13] != '7';
			nine &= stubborn || line[13] != '9';
			/* one has gone by itself */
			fputs(line[13] == '9' ? "552 Unknown circuit\r\n"
					      : "250 OK\r\n",
			      from);
		} else {
			fputs("250 OK\r\n", from);
		}
	}
	_exit(0);
}

enum kind {
	PLAIN = 0,
	STUBBORN,
	SETS
};

static int close_on(const char *dir, enum kind kind, unsigned int *closed,
		    char *asked, size_t len)
{
	struct tor_client_config config = { .timeout_ms = 1000,
					    .retry_min_ms = 10,
					    .retry_max_ms = 10 };
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), report[2], rc;
	pid_t pid;
	ssize_t n;

	snprintf(config.path, sizeof(config.path), "%s/c%d", dir, kind);
	memcpy(sun.sun_path, config.path, sizeof(sun.sun_path));
	assert_int_equal(bind(fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(pipe2(report, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		close(report[0]);
		if (kind == SETS)
			be_tor_with_sets(fd, report[1]);
		be_tor(fd, report[1], kind == STUBBORN);
	}
	close(report[1]);
	close(fd);
	rc = tor_circuits_close(&config, of, ARRAY_SIZE(of), closed, NULL);
	n = fd_read_full(report[0], asked, len - 1);
	asked[n] = '\0';
	close(report[0]);
	waitpid(pid, NULL, 0);
	return rc;
}

static void test_circuits_close_ours_and_no_other(void **state)
{
	unsigned int closed = 99;
	char asked[64];

	assert_int_equal(close_on(*state, PLAIN, &closed, asked, sizeof(asked)),
			 0);
	assert_string_equal(asked, "79");
	assert_int_equal(closed, 1);
	/* it ends, and says that it was not done */
	assert_int_equal(
		close_on(*state, STUBBORN, &closed, asked, sizeof(asked)),
		-EBUSY);
	assert_int_equal(close_on(*state, SETS, &closed, asked, sizeof(asked)),
			 0);
	assert_string_equal(asked, "12");
	assert_int_equal(closed, 2);
}

static void test_circuits_need_a_tor(void **state)
{
	struct tor_client_config config = { .timeout_ms = 100,
					    .retry_min_ms = 10,
					    .retry_max_ms = 10 };
	struct fault f = { .err = 0 };
	unsigned int closed;

	snprintf(config.path, sizeof(config.path), "%s/none", (char *)*state);
	assert_int_equal(tor_circuits_close(&config, of, 1, &closed, &f),
			 -ENOENT);
	assert_non_null(strstr(f.what, "/none"));
}

#define WITH_DIR(t) cmocka_unit_test_setup_teardown(t, temp_make, temp_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_circuits_match_old_ones_only),
		WITH_DIR(test_circuits_close_ours_and_no_other),
		WITH_DIR(test_circuits_need_a_tor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
