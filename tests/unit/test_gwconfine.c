/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_gwconfine.c - the real gateway is confined, or not there */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "tests/unit/gwlive.h"

static struct gwlive g;

/*
 * A process that stayed outside of our user namespace: only it may look
 * into one that is not dumpable, and only if the test was started by root.
 */
static int outside = -1;

struct look {
	int err;
	int entries; /* of the gateway's root */
	int fds;
};

static int count_entries(const char *path, int *n)
{
	DIR *d = opendir(path);
	struct dirent *e;

	if (!d)
		return errno;
	for (*n = 0; (e = readdir(d));)
		*n += e->d_name[0] != '.';
	closedir(d);
	return 0;
}

static void serve_outside(int sock)
{
	pid_t pid;

	while (fd_read_full(sock, &pid, sizeof(pid)) == sizeof(pid)) {
		struct look l = { 0 };
		char path[64];

		snprintf(path, sizeof(path), "/proc/%d/root", (int)pid);
		l.err = count_entries(path, &l.entries);
		snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
		if (l.err == 0)
			l.err = count_entries(path, &l.fds);
		fd_write_full(sock, &l, sizeof(l));
	}
	_exit(0);
}

static void start_outside(void)
{
	int sv[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv) < 0)
		exit(1);
	switch (fork()) {
	case -1:
		exit(1);
	case 0:
		close(sv[0]);
		serve_outside(sv[1]);
		break;
	default:
		close(sv[1]);
		outside = sv[0];
	}
}

static struct look look(pid_t pid)
{
	struct look l;

	assert_int_equal(fd_write_full(outside, &pid, sizeof(pid)), 0);
	assert_int_equal(fd_read_full(outside, &l, sizeof(l)), sizeof(l));
	return l;
}

static void status_line(pid_t pid, const char *key, char value[64])
{
	char path[64], line[256];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	f = fopen(path, "re");
	assert_non_null(f);
	snprintf(value, 64, "missing");
	while (fgets(line, sizeof(line), f)) {
		size_t n = strlen(key);

		if (strncmp(line, key, n) == 0 && line[n] == ':')
			sscanf(line + n + 1, " %63s", value);
	}
	fclose(f);
}

static void test_gwconfine_status(void **state)
{
	static const char *const want[][2] = {
		{ "CapInh", "0000000000000000" },
		{ "CapPrm", "0000000000000000" },
		{ "CapEff", "0000000000000000" },
		{ "CapBnd", "0000000000000000" },
		{ "CapAmb", "0000000000000000" },
		{ "NoNewPrivs", "1" },
		{ "Seccomp", "2" },
		{ "Threads", "1" },
	};

	(void)state;
	memset(&g, 0, sizeof(g));
	gwlive_start(&g);
	for (size_t i = 0; i < ARRAY_SIZE(want); i++) {
		char value[64];

		status_line(g.pid, want[i][0], value);
		assert_string_equal(value, want[i][1]);
	}
	gwlive_stop(&g);
}

static void test_gwconfine_limits(void **state)
{
	static const char *const none[] = { "Max core file size",
					    "Max processes", "Max file size" };
	char path[64], line[256];
	size_t found = 0;
	FILE *f;

	(void)state;
	memset(&g, 0, sizeof(g));
	gwlive_start(&g);
	snprintf(path, sizeof(path), "/proc/%d/limits", (int)g.pid);
	f = fopen(path, "re");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		for (size_t i = 0; i < ARRAY_SIZE(none); i++) {
			if (strncmp(line, none[i], strlen(none[i])) != 0)
				continue;
			/* columns: name, soft, hard, unit */
			assert_memory_equal(line + 26, "0 ", 2);
			assert_memory_equal(line + 47, "0 ", 2);
			found++;
		}
	}
	assert_int_equal(found, ARRAY_SIZE(none));
	fclose(f);
	gwlive_stop(&g);
}

static void test_gwconfine_root_is_empty(void **state)
{
	int leak, c, tor;
	struct look l;

	(void)state;
	memset(&g, 0, sizeof(g));
	gwlive_prepare(&g);
	/* inherited on purpose */
	leak = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(leak >= 0);
	assert_int_equal(fcntl(leak, F_SETFD, 0), 0);
	gwlive_spawn(&g, 0);
	assert_int_equal(gwlive_configure(&g, &(struct gwmsg){ 0 }),
			 GWMSG_READY);
	gwlive_open(&g, &c, &tor);
	/* the relay has its pipe for sure once a byte went through it */
	gwlive_send(c, "x", 1);
	gwlive_expect(tor, "x", 1);
	l = look(g.pid);
	if (l.err == 0) {
		assert_int_equal(l.entries, 0);
		/* 0-2, control, epoll and its pipe, listeners, one stream */
		assert_int_equal(l.fds, 3 + 1 + 3 + GWLIVE_LISTENERS + 2 + 2);
	} else {
		/* which is what not being dumpable is for */
		assert_int_equal(l.err, EACCES);
	}
	close(c);
	close(tor);
	gwlive_stop(&g);
	close(leak);
}

/* In a child without capabilities: errno of a look into the gateway. */
static int errno_of_look(pid_t pid)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};
	struct __user_cap_data_struct none[2] = { 0 };
	char path[64], buf[64];
	int status = -1;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		if (syscall(SYS_capset, &head, none) < 0)
			_exit(99);
		snprintf(path, sizeof(path), "/proc/%d/root", (int)pid);
		_exit(readlink(path, buf, sizeof(buf)) < 0 ? errno : 0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return WEXITSTATUS(status);
}

/* Another process of the same user cannot look into it. */
static void test_gwconfine_not_dumpable(void **state)
{
	(void)state;
	memset(&g, 0, sizeof(g));
	gwlive_start(&g);
	assert_int_equal(errno_of_look(g.pid), EACCES);
	gwlive_stop(&g);
}

static void test_gwconfine_unprivileged_is_a_fault(void **state)
{
	struct gwmsg m;
	int status, c;

	(void)state;
	memset(&g, 0, sizeof(g));
	gwlive_prepare(&g);
	gwlive_spawn(&g, 1);
	assert_int_equal(gwlive_configure(&g, &m), GWMSG_FAULT);
	assert_string_equal(m.fault.stage, "namespaces");
	assert_int_equal(m.fault.err, EPERM);
	/* nobody answers: only our own end of the backlog is there */
	c = gwlive_client(&g, 0);
	assert_int_equal(recv(c, &status, 1, MSG_DONTWAIT), -1);
	close(c);
	status = gwlive_wait(&g);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) != 0);
}

static void expect_fault(void)
{
	struct gwmsg m;
	int status;

	gwlive_spawn(&g, 0);
	assert_int_equal(gwlive_configure(&g, &m), GWMSG_FAULT);
	assert_string_not_equal(m.fault.what, "");
	status = gwlive_wait(&g);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) != 0);
}

static void prepare(void)
{
	memset(&g, 0, sizeof(g));
	gwlive_prepare(&g);
}

static void test_gwconfine_bad_configuration(void **state)
{
	(void)state;
	prepare();
	g.config.config.nonce[0] = 'g';
	expect_fault();
	prepare();
	g.config.config.nonce[5] = '\0';
	expect_fault();
	prepare();
	g.config.config.max_connections = 0;
	expect_fault();
	prepare();
	g.config.config.max_connections = 65536;
	expect_fault();
	prepare();
	g.config.config.handshake_timeout_ms = 0;
	expect_fault();
	prepare();
	g.config.config.isolate = 8;
	expect_fault();
	prepare();
	g.config.config.allow_internal = 2;
	expect_fault();
	prepare();
	g.config.config.listeners[1].kind = GWMSG_LISTEN_UNSET;
	expect_fault();
	/* one more than there are */
	prepare();
	g.config.config.listeners[1].kind = GWMSG_LISTEN_CONTROL + 1;
	expect_fault();
	prepare();
	g.config.config.dns = GWMSG_DNS_UNSET;
	expect_fault();
	prepare();
	g.config.config.dns = GWMSG_DNS_RESOLVE + 1;
	expect_fault();
	/* the other kind of socket */
	prepare();
	g.config.config.listeners[0].kind = GWMSG_LISTEN_DNS_UDP;
	expect_fault();
	prepare();
	g.config.config.listeners[GWLIVE_DNS_UDP].kind = GWMSG_LISTEN_DNS_TCP;
	expect_fault();
	prepare();
	g.config.config.listeners[GWLIVE_DNS_UDP].kind =
		GWMSG_LISTEN_TRANSPARENT;
	expect_fault();
	/* more than there is room for */
	prepare();
	for (int i = 0; i < 4; i++)
		g.config.config.listeners[i].kind = GWMSG_LISTEN_DNS_TCP;
	expect_fault();
	prepare();
	g.config.config.listeners[1].isolate = 0x80;
	expect_fault();
	/* a socket that does not listen */
	prepare();
	fd_replace(&g.listeners[2], socket(AF_INET, SOCK_STREAM, 0));
	expect_fault();
	prepare();
	fd_replace(&g.listeners[2], open("/dev/null", O_RDONLY | O_CLOEXEC));
	expect_fault();
}

static void dies_of(const struct gwmsg *m, size_t len, const int *fds,
		    size_t nfds)
{
	int status;

	memset(&g, 0, sizeof(g));
	gwlive_start(&g);
	assert_int_equal(fd_send_msg(g.ctl, m, len, fds, nfds), 0);
	status = gwlive_wait(&g);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) != 0);
}

static void test_gwconfine_bad_message_ends_it(void **state)
{
	struct gwmsg m = { .type = GWMSG_DIALED };
	int zero = 0;

	(void)state;
	dies_of(&m, gwmsg_size(GWMSG_DIALED), NULL, 0);
	dies_of(&m, 5, NULL, 0);
	m.type = GWMSG_STATS;
	dies_of(&m, gwmsg_size(GWMSG_STATS), &zero, 1);
	m.type = GWMSG_READY;
	dies_of(&m, gwmsg_size(GWMSG_READY), NULL, 0);
	m.type = 99;
	dies_of(&m, gwmsg_size(GWMSG_READY), NULL, 0);
	m.type = GWMSG_NONCE;
	memset(m.nonce, 'Z', GWMSG_NONCE_LEN);
	dies_of(&m, gwmsg_size(GWMSG_NONCE), NULL, 0);
}

static void test_gwconfine_dies_with_supervisor(void **state)
{
	int c, tor;

	(void)state;
	/* before the configuration came */
	prepare();
	gwlive_spawn(&g, 0);
	fd_replace(&g.ctl, -1);
	assert_int_not_equal(gwlive_wait(&g), 0);
	/* with a stream open */
	memset(&g, 0, sizeof(g));
	gwlive_start(&g);
	gwlive_open(&g, &c, &tor);
	gwlive_stop(&g);
	assert_int_not_equal(gwlive_is_eof(c), 0);
	assert_int_equal(gwlive_is_eof(tor), 1);
	close(c);
	close(tor);
}

/* The listeners survive it: another gateway goes on with them. */
static void test_gwconfine_restart(void **state)
{
	int c, tor, status;

	(void)state;
	prepare();
	gwlive_spawn(&g, 0);
	assert_int_equal(gwlive_configure(&g, &(struct gwmsg){ 0 }),
			 GWMSG_READY);
	kill(g.pid, SIGKILL);
	assert_int_equal(waitpid(g.pid, &status, 0), g.pid);
	fd_replace(&g.ctl, -1);
	gwlive_spawn(&g, 0);
	assert_int_equal(gwlive_configure(&g, &(struct gwmsg){ 0 }),
			 GWMSG_READY);
	gwlive_open(&g, &c, &tor);
	close(c);
	close(tor);
	gwlive_stop(&g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_gwconfine_status),
		cmocka_unit_test(test_gwconfine_limits),
		cmocka_unit_test(test_gwconfine_root_is_empty),
		cmocka_unit_test(test_gwconfine_not_dumpable),
		cmocka_unit_test(test_gwconfine_unprivileged_is_a_fault),
		cmocka_unit_test(test_gwconfine_bad_configuration),
		cmocka_unit_test(test_gwconfine_bad_message_ends_it),
		cmocka_unit_test(test_gwconfine_dies_with_supervisor),
		cmocka_unit_test(test_gwconfine_restart),
	};

	signal(SIGPIPE, SIG_IGN);
	start_outside();
	gwlive_enter();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
