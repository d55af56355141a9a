/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_ctl.c - isolatectl: its words, what it prints */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <bsd/string.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/dirs.h"
#include "base/path.h"
#include "ctl/command.h"
#include "ctl/commands.h"
#include "identity/store.h"
#include "tests/unit/ledger.h"
#include "tests/unit/temp.h"

#define WORDS_MAX 8
#define LINE_LEN 128

/* Split @line at spaces and parse it. "" as a word is written ''. */
static int parse(const char *line, char *buf, struct call *call,
		 struct fault *f)
{
	char *argv[WORDS_MAX + 2] = { buf }, *word;
	int argc = 1;

	buf += strlcpy(buf, "isolatectl", LINE_LEN) + 1;
	assert_true(strlcpy(buf, line, LINE_LEN / 2) < LINE_LEN / 2);
	while ((word = strsep(&buf, " ")))
		if (*word)
			argv[argc++] =
				strcmp(word, "''") == 0 ? word + 2 : word;
	assert_true(argc <= WORDS_MAX);
	memset(f, 0, sizeof(*f));
	return command_parse(argc, argv, call, f);
}

static void test_ctl_parse(void **state)
{
	static const struct {
		const char *line;
		int rc;
		const char *words; /* NULL: no command */
	} rows[] = {
		{ "log", COMMAND_RUN, "log" },
		{ "log -n 3", COMMAND_RUN, "log" },
		{ "log --last=3 --json", COMMAND_RUN, "log" },
		{ "log --help", COMMAND_HELP, "log" },
		{ "log -h", COMMAND_HELP, "log" },
		{ "identity list", COMMAND_RUN, "identity list" },
		{ "identity show x --json", COMMAND_RUN, "identity show" },
		{ "identity show --json x", COMMAND_RUN, "identity show" },
		{ "identity show -- x", COMMAND_RUN, "identity show" },
		{ "identity show --help", COMMAND_HELP, "identity show" },
		{ "identity --help", COMMAND_HELP, NULL },
		{ "circuits --watch --json", COMMAND_RUN, "circuits" },
		{ "top --once", COMMAND_RUN, "top" },
		{ "tor start", COMMAND_RUN, "tor start" },
		{ "tor stop", COMMAND_RUN, "tor stop" },
		{ "tor status --json", COMMAND_RUN, "tor status" },
		{ "profile list", COMMAND_RUN, "profile list" },
		{ "profile show x", COMMAND_RUN, "profile show" },
		{ "--help", COMMAND_HELP, NULL },
		{ "-h", COMMAND_HELP, NULL },
		{ "--version", COMMAND_VERSION, NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char buf[LINE_LEN];
		struct call call;
		struct fault f;

		assert_int_equal(parse(rows[i].line, buf, &call, &f),
				 rows[i].rc);
		if (rows[i].words)
			assert_string_equal(call.command->words, rows[i].words);
		else
			assert_null(call.command);
	}
}

static void test_ctl_parse_values(void **state)
{
	char buf[LINE_LEN];
	struct call call;
	struct fault f;

	(void)state;
	assert_int_equal(parse("log --identity irc -n7", buf, &call, &f), 0);
	assert_string_equal(call.options[LOG_LAST], "7");
	assert_string_equal(call.options[LOG_IDENTITY], "irc");
	assert_null(call.options[LOG_JSON]);
	assert_int_equal(parse("identity show x", buf, &call, &f), 0);
	assert_string_equal(call.operand, "x");
	assert_null(call.options[JSON_JSON]);
	assert_int_equal(parse("tor status --json", buf, &call, &f), 0);
	assert_non_null(call.options[JSON_JSON]);
	assert_null(call.operand);
	/* "[IDENTITY]" may be there */
	assert_int_equal(parse("tor status x --json", buf, &call, &f), 0);
	assert_string_equal(call.operand, "x");
	assert_int_equal(parse("tor status x y", buf, &call, &f), -EINVAL);
}

static void test_ctl_parse_refuses(void **state)
{
	static const struct {
		const char *line, *message;
	} rows[] = {
		{ "", "a command is missing; see isolatectl --help" },
		{ "frob", "no such command: frob; see isolatectl --help" },
		{ "''", "no such command: ; see isolatectl --help" },
		{ "lo", "no such command: lo; see isolatectl --help" },
		{ "logs", "no such command: logs; see isolatectl --help" },
		{ "-x log", "no such option: -x; see isolatectl --help" },
		{ "identity", "identity: a command is missing; there is list, "
			      "show" },
		{ "identity frob", "identity: no command \"frob\"; there is "
				   "list, show" },
		{ "identity -x", "identity: a command is missing; there is "
				 "list, show" },
		{ "log x", "log: one word too many: x; see isolatectl log "
			   "--help" },
		{ "log --frob", "log: no such option: --frob; see isolatectl "
				"log --help" },
		{ "log --json=1", "log: no such option: --json=1; see "
				  "isolatectl log --help" },
		{ "top x", "top: one word too many: x; see isolatectl top "
			   "--help" },
		{ "circuits --once", "circuits: no such option: --once; see "
				     "isolatectl circuits --help" },
		{ "log -n", "log: no value for -n; see isolatectl log --help" },
		{ "log --last", "log: no value for --last; see isolatectl log "
				"--help" },
		{ "profile show", "profile show: what is missing is NAME; see "
				  "isolatectl profile show --help" },
		{ "profile show a b", "profile show: one word too many: b; see "
				      "isolatectl profile show --help" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char buf[LINE_LEN], line[512];
		struct call call;
		struct fault f;

		assert_int_equal(parse(rows[i].line, buf, &call, &f), -EINVAL);
		fault_format(&f, line, sizeof(line));
		assert_string_equal(line, rows[i].message);
	}
}

static void test_ctl_options_fit(void **state)
{
	(void)state;
	for (const struct command *c = commands; c->words; c++) {
		size_t n = 0;

		while (c->options && c->options[n].name)
			n++;
		assert_true(n <= COMMAND_OPTIONS_MAX);
		assert_non_null(c->run);
	}
}

/* Run @line with the data directory of the test; what it printed is *@text. */
static int run(const char *line, char **text, struct fault *f)
{
	char buf[LINE_LEN];
	struct call call;
	size_t len;
	int rc;

	*text = NULL;
	assert_int_equal(parse(line, buf, &call, f), COMMAND_RUN);
	call.out = open_memstream(text, &len);
	rc = call.command->run(&call, f);
	fclose(call.out);
	return rc;
}

static void assert_prints(const char *line, const char *expect)
{
	autofree char *text = NULL;
	struct fault f;

	assert_int_equal(run(line, &text, &f), 0);
	assert_string_equal(text, expect);
}

static int home_make(void **state)
{
	if (temp_make(state) < 0)
		return -1;
	setenv("TZ", "UTC0", 1);
	tzset();
	return setenv("XDG_DATA_HOME", *state, 1);
}

/* To look at nothing makes nothing. */
static void test_ctl_nothing_yet(void **state)
{
	autoclose int dir = ledger_dir(state);
	autofree char *text = NULL;
	struct fault f;

	assert_prints("log", "no launches yet\n");
	assert_prints("log --identity irc", "no launches yet of irc\n");
	assert_prints("log --json", "[]\n");
	assert_prints("identity list",
		      "no identities yet: the first launch makes one\n");
	assert_prints("identity list --json", "[]\n");
	assert_int_equal(run("identity show irc", &text, &f), -ENOENT);
	assert_string_equal(f.what, "there is no identity irc");
	assert_int_equal(faccessat(dir, "isolate", F_OK, 0), -1);
}

static const char fill[] =
	"INSERT INTO identity VALUES('irc', 1000000000000000);"
	"INSERT INTO identity VALUES('web', 1000000100000000);"
	"INSERT INTO binding VALUES('/usr/bin/irssi', 'irc',"
	" 1000000000000000);"
	"INSERT INTO launch VALUES(1, 'irc', 'irc', '/usr/bin/irssi', 9, 9,"
	" 'x', 1000000000000000, 1000000061000000, 'exit', 0);"
	"INSERT INTO launch VALUES(2, 'web', 'web-cli', '/usr/bin/curl', 9, 9,"
	" 'x', 1000000100000000, 1000000101000000, 'exit', 6);"
	"INSERT INTO launch VALUES(3, 'irc', 'irc', '/usr/bin/irssi', 9, 9,"
	" 'x', 1000000200000000, 1000000205000000, 'signal', 9);"
	"INSERT INTO launch VALUES(4, 'irc', 'irc', '/tmp/a' || char(27) ||"
	" '[2Jb', 9, 9, 'x', 1000000300000000, NULL, NULL, NULL);";

static void make_filled(void **state)
{
	autofree char *dir = NULL;
	struct fault f;
	void *at;
	int fd = dirs_open_data(&f);

	assert_true(fd >= 0);
	fd_close(fd);
	assert_true(asprintf(&dir, "%s/isolate", (char *)*state) > 0);
	at = dir;
	store_close(ledger_make(&at));
	ledger_run_sql(&at, fill);
}

static void test_ctl_log(void **state)
{
	make_filled(state);
	assert_prints(
		"log",
		"STARTED              LASTED  IDENTITY  PROFILE  ENDED"
		"          APPLICATION\n"
		"2001-09-09 01:46:40  1m01s   irc       irc      exit 0"
		"         /usr/bin/irssi\n"
		"2001-09-09 01:48:20  1s      web       web-cli  exit 6"
		"         /usr/bin/curl\n"
		"2001-09-09 01:50:00  5s      irc       irc      signal 9 KILL"
		"  /usr/bin/irssi\n"
		"2001-09-09 01:51:40  -       irc       irc      lost"
		"           /tmp/a\\x1b[2Jb\n");
	assert_prints("log -n 1 --identity web",
		      "STARTED              LASTED  IDENTITY  PROFILE  ENDED"
		      "   APPLICATION\n"
		      "2001-09-09 01:48:20  1s      web       web-cli  exit 6"
		      "  /usr/bin/curl\n");
	assert_prints("log -n 1 --json",
		      "[\n  {\n    \"id\": 4,\n"
		      "    \"started\": \"2001-09-09T01:51:40.000000Z\",\n"
		      "    \"ended\": null,\n"
		      "    \"identity\": \"irc\",\n"
		      "    \"profile\": \"irc\",\n"
		      "    \"application\": \"/tmp/a\\u001B[2Jb\",\n"
		      "    \"how\": \"lost\",\n"
		      "    \"status\": null,\n"
		      "    \"pid\": 9\n  }\n]\n");
}

static void test_ctl_log_refuses(void **state)
{
	static const char *const lines[] = {
		"log -n 0",         "log -n -1",           "log -n x",
		"log -n 1x",        "log -n ''",           "log -n 99999999999",
		"log --identity A", "log --identity ../x", "log --identity ''",
		"identity show A",  "identity show ..",    "identity show ''",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		autofree char *text = NULL;
		struct fault f;

		assert_int_equal(run(lines[i], &text, &f), COMMAND_MISUSE);
		assert_true(f.what[0]);
		assert_string_equal(text, "");
	}
}

static void test_ctl_identity(void **state)
{
	autoclose int dir = ledger_dir(state);
	autofree char *expect = NULL;
	int fd;

	make_filled(state);
	assert_prints("identity list",
		      "IDENTITY  APPLICATIONS  LAUNCHES  LAST LAUNCH"
		      "          CREATED\n"
		      "irc       1             3         2001-09-09 01:51:40"
		      "  2001-09-09 01:46:40\n"
		      "web       0             1         2001-09-09 01:48:20"
		      "  2001-09-09 01:48:20\n");
	fd = path_make_dirs(dir, "isolate/identities/irc/home/weechat", 0700);
	assert_true(fd >= 0);
	fd_close(fd);
	assert_true(asprintf(&expect,
			     "identity     irc\n"
			     "created      2001-09-09 01:46:40\n"
			     "launches     3\n"
			     "last launch  2001-09-09 01:51:40\n\n"
			     "Applications bound to it:\n"
			     "    /usr/bin/irssi  since  2001-09-09 01:46:40\n"
			     "\nHomes:\n"
			     "  %s/isolate/identities/irc/home/weechat\n",
			     (char *)*state) > 0);
	assert_prints("identity show irc", expect);
	assert_prints("identity show web --json",
		      "{\n  \"name\": \"web\",\n"
		      "  \"applications_bound\": 0,\n"
		      "  \"launches\": 1,\n"
		      "  \"last_launch\": \"2001-09-09T01:48:20.000000Z\",\n"
		      "  \"created\": \"2001-09-09T01:48:20.000000Z\",\n"
		      "  \"applications\": [],\n"
		      "  \"homes\": []\n}\n");
}

/* A ledger that cannot be read is a failure, not an empty one. */
static void test_ctl_refuses_ledger(void **state)
{
	autofree char *path = NULL, *text = NULL, *more = NULL;
	struct fault f;

	make_filled(state);
	assert_true(asprintf(&path, "%s/isolate/" STORE_FILE, (char *)*state) >
		    0);
	assert_int_equal(chmod(path, 0644), 0);
	assert_int_equal(run("log", &text, &f), -EPERM);
	assert_string_equal(text, "");
	assert_int_equal(chmod(path, 0600), 0);
	assert_int_equal(truncate(path, 10), 0);
	assert_int_equal(run("log --json", &more, &f), -EBADMSG);
	assert_string_equal(more, "");
}

#define IN_HOME(t) cmocka_unit_test_setup_teardown(t, home_make, temp_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ctl_parse),
		cmocka_unit_test(test_ctl_parse_values),
		cmocka_unit_test(test_ctl_parse_refuses),
		cmocka_unit_test(test_ctl_options_fit),
		IN_HOME(test_ctl_nothing_yet),
		IN_HOME(test_ctl_log),
		IN_HOME(test_ctl_log_refuses),
		IN_HOME(test_ctl_identity),
		IN_HOME(test_ctl_refuses_ledger),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
