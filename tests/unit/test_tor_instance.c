/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_tor_instance.c - start, stop, status against a false tor */
#include "tor/instance.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <bsd/string.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tor/config.h"
#include "tor/cookie.h"
#include "tor/upstream.h"

static char dir[] = "/tmp/isolate-inst-XXXXXX";
static struct tor_config config;

static void write_file(const char *name, const char *text, size_t len,
		       mode_t mode)
{
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	assert_true(fd >= 0);
	assert_int_equal(fd_write_full(fd, text, len), 0);
	close(fd);
}

/* a program in place of tor's keeper */
static void false_tor(const char *script)
{
	write_file("keeper", script, strlen(script), 0700);
	snprintf(config.keeper, sizeof(config.keeper), "%s/keeper", dir);
	strlcpy(config.binary, "/nowhere/tor", sizeof(config.binary));
}

static int remove_tree(const char *path)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		execlp("rm", "rm", "-rf", path, NULL);
		_exit(1);
	}
	return waitpid(pid, &status, 0) == pid ? status : -1;
}

static int fresh(void **state)
{
	static const char *const dirs[] = { "data", "run", "run/tor",
					    "torrc.d" };
	char path[64];

	(void)state;
	strlcpy(dir, "/tmp/isolate-inst-XXXXXX", sizeof(dir));
	assert_non_null(mkdtemp(dir));
	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, dirs[i]);
		assert_int_equal(mkdir(path, 0700), 0);
	}
	config = (struct tor_config){ .answer_timeout_ms = 400,
				      .stall_timeout_ms = 200,
				      .bootstrap_timeout_ms = 1000 };
	snprintf(config.data_dir, PATH_MAX, "%s/data", dir);
	snprintf(config.socket_dir, sizeof(config.socket_dir), "%s/run/tor",
		 dir);
	snprintf(config.dropin_dir, PATH_MAX, "%s/torrc.d", dir);
	return 0;
}

static int cleanup(void **state)
{
	(void)state;
	return remove_tree(dir);
}

/* What the false control port does; see serve(). */
enum manner {
	GOOD,
	WRONG_COOKIE,   /* does not know it */
	NO_CHALLENGE,   /* refuses SAFECOOKIE */
	OTHER_TORRC,    /* somebody else's tor */
	SILENT,         /* accepts and says nothing */
	GARBAGE,        /* is no control port */
	ENDLESS,        /* a line without an end */
	STALLS,         /* bootstrap stands still, with a warning */
	DIES,           /* in the middle of the bootstrap */
	REFUSES_EVENTS, /* an error in place of an answer */
};

static const uint8_t cookie[TOR_COOKIE_LEN] = "0123456789abcdef0123456789abcde";

static void say(FILE *to, const char *text)
{
	fputs(text, to);
	fflush(to);
}

static void answer_challenge(FILE *to, const char *line, enum manner how)
{
	static const char key[] =
		"Tor safe cookie authentication server-to-controller hash";
	char hash[2 * TOR_COOKIE_LEN + 1], nonce[2 * TOR_COOKIE_LEN + 1];
	uint8_t mac[TOR_COOKIE_LEN];
	struct tor_cookie c;

	memcpy(c.cookie, cookie, sizeof(cookie));
	if (how == WRONG_COOKIE)
		c.cookie[3] ^= 1;
	memset(c.server_nonce, 7, sizeof(c.server_nonce));
	if (tor_cookie_unhex(line + strlen("AUTHCHALLENGE SAFECOOKIE "),
			     c.client_nonce) < 0)
		_exit(1);
	tor_cookie_hmac(key, strlen(key), &c, sizeof(c), mac);
	tor_cookie_hex(mac, hash);
	tor_cookie_hex(c.server_nonce, nonce);
	fprintf(to, "250 AUTHCHALLENGE SERVERHASH=%s SERVERNONCE=%s\r\n", hash,
		nonce);
	fflush(to);
}

static void answer_phase(FILE *to, enum manner how)
{
	say(to, "650 STATUS_CLIENT NOTICE BOOTSTRAP PROGRESS=10 TAG=conn_done "
		"SUMMARY=\"Connected\"\r\n"
		"250-status/bootstrap-phase=NOTICE BOOTSTRAP PROGRESS=14 "
		"TAG=handshake SUMMARY=\"Handshaking\"\r\n250 OK\r\n");
	if (how == STALLS)
		say(to, "650 STATUS_GENERAL WARN CLOCK_SKEW SKEW=90000\r\n"
			"650 STATUS_CLIENT WARN BOOTSTRAP PROGRESS=14 "
			"TAG=handshake SUMMARY=\"Handshaking\" WARNING=\"Clock "
			"skew \\033[2J\" REASON=CLOCK_SKEW\r\n");
	else if (how == DIES)
		_exit(0);
	else
		say(to, "650 STATUS_CLIENT NOTICE BOOTSTRAP PROGRESS=100 "
			"TAG=done SUMMARY=\"Done\"\r\n");
}

static void converse(FILE *from, FILE *to, enum manner how)
{
	char line[1024];

	while (fgets(line, sizeof(line), from)) {
		line[strcspn(line, "\r\n")] = '\0';
		if (strncmp(line, "AUTHCHALLENGE ", 14) == 0) {
			if (how == NO_CHALLENGE)
				say(to, "513 No such \033[2Jmethod\r\n");
			else
				answer_challenge(to, line, how);
		} else if (strcmp(line, "GETINFO config-file") == 0) {
			fprintf(to, "250-config-file=%s/%s\r\n250 OK\r\n",
				config.data_dir,
				how == OTHER_TORRC ? "../torrc" : "torrc");
			fflush(to);
		} else if (strcmp(line, "GETINFO status/bootstrap-phase") ==
			   0) {
			answer_phase(to, how);
		} else if (how == REFUSES_EVENTS &&
			   strncmp(line, "SETEVENTS", 9) == 0) {
			say(to, "551 no events today\r\n");
		} else {
			say(to, "250 OK\r\n");
		}
	}
}

static int listen_control(void)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s/run/tor/control", dir);
	unlink(sun.sun_path);
	assert_int_equal(bind(fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
	assert_int_equal(listen(fd, 4), 0);
	return fd;
}

/* a false control port in a process of its own, for one conversation */
static pid_t serve(enum manner how)
{
	int fd = listen_control();
	pid_t pid;

	write_file("data/control_auth_cookie", (const char *)cookie,
		   sizeof(cookie), 0600);
	pid = fork();
	if (pid == 0) {
		FILE *from, *to;
		int c;

		alarm(10);
		c = accept(fd, NULL, NULL);
		from = fdopen(c, "r");
		to = fdopen(fcntl(c, F_DUPFD_CLOEXEC, 0), "w");
		if (how == GARBAGE)
			say(to, "SSH-2.0-OpenSSH_9.2\r\n");
		for (int i = 0; how == ENDLESS && i < 20000; i++)
			if (fputs("250 aaaaa", to) == EOF)
				break;
		if (how == SILENT)
			pause();
		converse(from, to, how);
		_exit(0);
	}
	close(fd);
	return pid;
}

static int start_against(enum manner how, struct fault *f)
{
	struct tor_upstream up;
	pid_t pid = serve(how);
	int rc = tor_instance_start_in(&config, NULL, NULL, &up, f);

	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return rc;
}

struct reports {
	int n, last;
	char text[128];
};

static void note(void *arg, int percent, const char *summary)
{
	struct reports *r = arg;

	r->n++;
	r->last = percent;
	strlcpy(r->text, summary, sizeof(r->text));
}

static void test_instance_joins_the_running_one(void **state)
{
	struct reports r = { .n = 0 };
	struct tor_progress progress = { .report = note, .arg = &r };
	struct fault f = { .err = 0 };
	struct tor_upstream up;
	pid_t pid = serve(GOOD);
	char want[128];

	(void)state;
	assert_int_equal(
		tor_instance_start_in(&config, NULL, &progress, &up, &f), 0);
	waitpid(pid, NULL, 0);
	snprintf(want, sizeof(want), "unix:%s/run/tor/socks", dir);
	assert_string_equal(up.text, want);
	assert_int_equal(r.n, 3);
	assert_int_equal(r.last, 100);
}

static void test_instance_adopts_no_other(void **state)
{
	static const struct {
		enum manner how;
		int rc;
		const char *what;
	} t[] = {
		{ WRONG_COOKIE, -EKEYREJECTED, "not the tor of this cookie" },
		{ NO_CHALLENGE, -EREMOTEIO, "513 No such ?[2Jmethod" },
		{ OTHER_TORRC, -EKEYREJECTED, "was not started by isolate" },
		{ SILENT, -ETIMEDOUT, "await tor's answer to AUTHCHALLENGE" },
		{ GARBAGE, -EPROTO, "" },
		{ ENDLESS, -EMSGSIZE, "" },
		{ REFUSES_EVENTS, -EREMOTEIO, "551 no events today" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		struct fault f = { .err = 0 };
		int rc = start_against(t[i].how, &f);

		if (rc != t[i].rc)
			fail_msg("%zu: %d %s", i, rc, f.what);
		assert_non_null(strstr(f.what, t[i].what));
		/* an answer to the challenge is a secret */
		assert_null(strstr(f.what, "AUTHENTICATE "));
	}
}

static void test_instance_says_why_it_stalls(void **state)
{
	struct fault f = { .err = 0 };

	(void)state;
	assert_int_equal(start_against(STALLS, &f), -ETIMEDOUT);
	assert_non_null(strstr(f.what, "14 % (Handshaking): Clock skew ?[2J"));
	assert_non_null(strstr(f.hint, "25 hours ahead"));
	assert_int_equal(start_against(DIES, &f), -ECONNRESET);
	assert_non_null(strstr(f.what, "tor ended at 14 %"));
}

static void test_instance_needs_a_tor(void **state)
{
	struct fault f = { .err = 0 };
	struct tor_upstream up;

	(void)state;
	assert_int_equal(tor_instance_start_in(&config, NULL, NULL, &up, &f),
			 -ENOENT);
	assert_non_null(strstr(f.hint, "apt install tor"));
	/* a socket that nobody serves is no tor either */
	close(listen_control());
	assert_int_equal(tor_instance_start_in(&config, NULL, NULL, &up, &f),
			 -ENOENT);
}

static void test_instance_tells_tors_own_words(void **state)
{
	struct fault f = { .err = 0 };
	struct tor_upstream up;

	(void)state;
	false_tor("#!/bin/sh\n"
		  "echo 'Nov 20 18:04:04.123 [warn] the cause'\n"
		  "echo 'Nov 20 18:04:04.124 [err] Reading config failed--see "
		  "warnings above.'\n"
		  "exit 1\n");
	assert_int_equal(tor_instance_start_in(&config, NULL, NULL, &up, &f),
			 -EREMOTEIO);
	assert_string_equal(f.what, "tor does not start: the cause");
	false_tor("#!/bin/sh\nkill -9 $$\n");
	assert_int_equal(tor_instance_start_in(&config, NULL, NULL, &up, &f),
			 -ECHILD);
	false_tor("#!/bin/sh\nexec sleep 9\n");
	assert_int_equal(tor_instance_start_in(&config, NULL, NULL, &up, &f),
			 -ETIMEDOUT);
	false_tor("#!/bin/sh\nexit 0\n");
	assert_int_equal(tor_instance_start_in(&config, NULL, NULL, &up, &f),
			 -ECONNREFUSED);
	strlcpy(config.keeper, "/nowhere/keeper", sizeof(config.keeper));
	assert_int_equal(tor_instance_start_in(&config, NULL, NULL, &up, &f),
			 -ENOEXEC);
	assert_non_null(strstr(f.what, "/nowhere/keeper"));
}

static void test_instance_verifies_dropins(void **state)
{
	struct fault f = { .err = 0 };
	struct tor_upstream up;

	(void)state;
	false_tor("#!/bin/sh\n[ \"$6\" = verify ] && exit 2\n");
	write_file("torrc.d/a.conf", "NumCPUs many\n", 13, 0600);
	assert_int_equal(tor_instance_start_in(&config, NULL, NULL, &up, &f),
			 -EREMOTEIO);
	assert_non_null(strstr(f.what, "accept its configuration"));
	assert_non_null(strstr(f.hint, "torrc.d"));
	write_file("torrc.d/a.conf", "SocksPort 1\n", 12, 0600);
	assert_int_equal(tor_instance_start_in(&config, NULL, NULL, &up, &f),
			 -EINVAL);
}

static void test_instance_waits_for_the_lock(void **state)
{
	struct fault f = { .err = 0 };
	struct tor_upstream up;
	char path[PATH_MAX + 32];
	int fd;

	(void)state;
	snprintf(path, sizeof(path), "%s/isolate.lock", config.data_dir);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	config.answer_timeout_ms = 30;
	assert_int_equal(tor_instance_start_in(&config, NULL, NULL, &up, &f),
			 -ETIMEDOUT);
	assert_non_null(strstr(f.what, "another start or stop"));
	close(fd);
}

/* where others can write, the socket may be anybody's */
static void test_instance_refuses_open_directories(void **state)
{
	struct fault f = { .err = 0 };
	struct tor_upstream up;
	char path[64];
	pid_t pid = serve(GOOD);

	(void)state;
	snprintf(path, sizeof(path), "%s/run", dir);
	chmod(path, 0777);
	assert_int_equal(tor_instance_start_in(&config, NULL, NULL, &up, &f),
			 -EPERM);
	chmod(path, 0700);
	chmod(config.data_dir, 0777);
	assert_int_equal(tor_instance_start_in(&config, NULL, NULL, &up, &f),
			 -EPERM);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void test_instance_planted_links_lead_nowhere(void **state)
{
	struct fault f = { .err = 0 };
	struct tor_upstream up;
	char path[PATH_MAX + 32], victim[64];
	struct stat st;

	(void)state;
	false_tor("#!/bin/sh\nexit 1\n");
	write_file("victim", "x", 1, 0600);
	snprintf(victim, sizeof(victim), "%s/victim", dir);
	snprintf(path, sizeof(path), "%s/torrc.new", config.data_dir);
	assert_int_equal(symlink(victim, path), 0);
	assert_int_equal(tor_instance_start_in(&config, NULL, NULL, &up, &f),
			 -ELOOP);
	assert_int_equal(stat(victim, &st), 0);
	assert_int_equal(st.st_size, 1);
}

static void test_instance_stop_and_status_of_none(void **state)
{
	struct tor_status s = { .running = true };
	struct fault f = { .err = 0 };
	struct stat st;

	(void)state;
	assert_int_equal(tor_instance_stop_in(&config, &f), 1);
	assert_int_equal(tor_instance_status_in(&config, &s, &f), 0);
	assert_false(s.running);
	/* and where there is not even a directory, none is made */
	snprintf(config.data_dir, sizeof(config.data_dir), "%s/none", dir);
	assert_int_equal(tor_instance_stop_in(&config, &f), 1);
	assert_int_equal(tor_instance_status_in(&config, &s, &f), 0);
	assert_int_equal(lstat(config.data_dir, &st), -1);
}

#define WITH_DIR(t) cmocka_unit_test_setup_teardown(t, fresh, cleanup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_DIR(test_instance_joins_the_running_one),
		WITH_DIR(test_instance_adopts_no_other),
		WITH_DIR(test_instance_says_why_it_stalls),
		WITH_DIR(test_instance_needs_a_tor),
		WITH_DIR(test_instance_tells_tors_own_words),
		WITH_DIR(test_instance_verifies_dropins),
		WITH_DIR(test_instance_waits_for_the_lock),
		WITH_DIR(test_instance_refuses_open_directories),
		WITH_DIR(test_instance_planted_links_lead_nowhere),
		WITH_DIR(test_instance_stop_and_status_of_none),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
