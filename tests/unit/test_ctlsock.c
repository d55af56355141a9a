/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_ctlsock.c - who may ask a supervisor, and for what */
#include "launcher/ctlsock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <bsd/string.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/ctlmsg.h"
#include "tests/unit/temp.h"

static char application[] = "irssi\033";
static struct plan plan = { .identity = "work",
			    .application = application,
			    .network = true };
static struct tor_upstream upstream = { .text = "unix:/run/tor/socks" };
static struct ctlsock sock;
static struct gwlink link_;

static int setup(void **state)
{
	struct fault f = { 0 };

	if (temp_make(state) < 0)
		return -1;
	setenv("XDG_RUNTIME_DIR", *state, 1);
	gwlink_init(&link_);
	link_.plan = &plan;
	link_.upstream = &upstream;
	assert_int_equal(gwlink_new_nonce(&link_), 0);
	ctlsock_init(&sock);
	assert_int_equal(ctlsock_open(&sock, &f), 0);
	return 0;
}

static int teardown(void **state)
{
	ctlsock_close(&sock);
	gwlink_close(&link_);
	return temp_remove(state);
}

static void path_of(const void *dir, char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "%s/isolate/" CTLMSG_DIR "/%s",
		 (const char *)dir, sock.name);
}

static int connect_to(const void *dir)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	char path[PATH_MAX];

	path_of(dir, path);
	assert_true(strlcpy(sun.sun_path, path, sizeof(sun.sun_path)) <
		    sizeof(sun.sun_path));
	assert_int_equal(connect(fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
	return fd;
}

static void turn(void)
{
	struct pollfd p[CTLSOCK_POLL_FDS];

	ctlsock_poll_fds(&sock, p);
	if (poll(p, CTLSOCK_POLL_FDS, 0) > 0)
		ctlsock_run(&sock, p, &link_);
}

static ssize_t ask(const void *dir, const void *bytes, size_t len,
		   struct ctlmsg_answer *a)
{
	int fd = connect_to(dir);
	ssize_t n;

	turn();
	/* where it has hung up already there is nothing to send to */
	send(fd, bytes, len, MSG_NOSIGNAL);
	turn();
	n = recv(fd, a, sizeof(*a), MSG_DONTWAIT);
	close(fd);
	return n;
}

static void test_ctlsock_is_the_users_alone(void **state)
{
	struct stat st;
	char path[PATH_MAX];

	path_of(*state, path);
	assert_int_equal(lstat(path, &st), 0);
	assert_true(S_ISSOCK(st.st_mode));
	*strrchr(path, '/') = '\0';
	assert_int_equal(lstat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
}

static void test_ctlsock_gives_a_new_nonce(void **state)
{
	struct ctlmsg_request m = { .type = CTLMSG_NEWNYM, .identity = "work" };
	char before[GWMSG_NONCE_LEN + 1];
	struct ctlmsg_answer a;

	memcpy(before, link_.nonce, sizeof(before));
	assert_int_equal(ask(*state, &m, sizeof(m), &a), sizeof(a));
	assert_true(ctlmsg_answer_is_valid(&a, sizeof(a)));
	assert_int_equal(a.err, 0);
	assert_int_equal(a.number, 2);
	assert_string_equal(a.upstream, "unix:/run/tor/socks");
	/* the launch is the same, number and secret are not */
	assert_memory_equal(a.launch, before, GWMSG_LAUNCH_LEN);
	assert_memory_equal(link_.nonce, before, GWMSG_LAUNCH_LEN);
	assert_int_equal(strlen(link_.nonce), GWMSG_NONCE_LEN);
	assert_memory_equal(link_.nonce + GWMSG_LAUNCH_LEN, "00000002", 8);
	assert_memory_not_equal(link_.nonce + GWMSG_LABEL_LEN,
				before + GWMSG_LABEL_LEN, 32);
	/* of the secret nothing is told */
	assert_null(memmem(&a, sizeof(a), link_.nonce + GWMSG_LABEL_LEN, 32));
}

static void test_ctlsock_of_another_identity_says_nothing(void **state)
{
	struct ctlmsg_request m = { .type = CTLMSG_NEWNYM, .identity = "wor" };
	struct ctlmsg_answer a;

	assert_int_equal(ask(*state, &m, sizeof(m), &a), sizeof(a));
	assert_int_equal(a.err, ENOENT);
	assert_int_equal(a.launch[0], '\0');
	assert_int_equal(a.upstream[0], '\0');
	assert_int_equal(link_.number, 1);
}

static void test_ctlsock_tells_what_it_is(void **state)
{
	struct ctlmsg_request m = { .type = CTLMSG_STATUS };
	struct ctlmsg_answer a;

	assert_int_equal(ask(*state, &m, sizeof(m), &a), sizeof(a));
	assert_true(ctlmsg_answer_is_valid(&a, sizeof(a)));
	assert_int_equal(a.err, 0);
	assert_string_equal(a.identity, "work");
	assert_string_equal(a.application, application);
	assert_memory_equal(a.launch, link_.nonce, GWMSG_LAUNCH_LEN);
	assert_null(memmem(&a, sizeof(a), link_.nonce + GWMSG_LABEL_LEN, 32));
	assert_true(a.age_ms < 60000);
	assert_int_equal(a.stats_ms, 0);
	/* it is only a question */
	assert_int_equal(a.number, 1);
	assert_int_equal(link_.number, 1);
	strlcpy(m.identity, "wor", sizeof(m.identity));
	assert_int_equal(ask(*state, &m, sizeof(m), &a), sizeof(a));
	assert_int_equal(a.err, ENOENT);
	assert_string_equal(a.identity, "");
}

/* The counters are those of the question before. */
static void test_ctlsock_tells_counters(void **state)
{
	struct ctlmsg_request m = { .type = CTLMSG_STATUS };
	struct gwmsg said = { .type = GWMSG_STATS_ARE,
			      .stats = { .open = 3, .bytes_up = 70000 } };
	struct ctlmsg_answer a;
	struct gwmsg heard;
	int pair[2];

	assert_int_equal(
		socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, pair),
		0);
	link_.control = pair[0];
	link_.ready = true;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(ask(*state, &m, sizeof(m), &a), sizeof(a));
		assert_int_equal(a.stats_ms, 0);
	}
	/* it is asked once, however often we are */
	assert_int_equal(gwmsg_recv(pair[1], &heard, NULL, 0, NULL), 0);
	assert_int_equal(heard.type, GWMSG_STATS);
	assert_int_equal(gwmsg_recv(pair[1], &heard, NULL, 0, NULL), -EAGAIN);
	assert_int_equal(gwmsg_send(pair[1], &said, NULL, 0), 0);
	assert_int_equal(gwlink_run(&link_), 0);
	assert_int_equal(ask(*state, &m, sizeof(m), &a), sizeof(a));
	assert_true(a.stats_ms > 0);
	assert_int_equal(a.stats.open, 3);
	assert_int_equal(a.stats.bytes_up, 70000);
	/* one that says it unasked is not heard on */
	assert_int_equal(gwmsg_send(pair[1], &said, NULL, 0), 0);
	assert_int_equal(gwmsg_send(pair[1], &said, NULL, 0), 0);
	assert_int_equal(gwlink_run(&link_), -EPIPE);
	close(pair[1]);
}

static void test_ctlsock_refuses_what_is_no_request(void **state)
{
	struct {
		struct ctlmsg_request m;
		char more;
	} b = { .m = { .type = CTLMSG_NEWNYM, .identity = "work" } };
	struct ctlmsg_answer a;

	assert_true(ask(*state, &b, sizeof(b.m) - 1, &a) <= 0);
	assert_true(ask(*state, &b, sizeof(b), &a) <= 0);
	assert_true(ask(*state, &b, 1, &a) <= 0);
	b.m.type = 99;
	assert_true(ask(*state, &b, sizeof(b.m), &a) <= 0);
	b.m.type = CTLMSG_NEWNYM;
	b.m.reserved = 1;
	assert_true(ask(*state, &b, sizeof(b.m), &a) <= 0);
	b.m.reserved = 0;
	memset(b.m.identity, 'a', sizeof(b.m.identity));
	assert_true(ask(*state, &b, sizeof(b.m), &a) <= 0);
	assert_int_equal(link_.number, 1);
}

/* who says nothing keeps nobody waiting */
static void test_ctlsock_is_not_held_up(void **state)
{
	struct ctlmsg_request m = { .type = CTLMSG_NEWNYM, .identity = "work" };
	int silent[2 * CTLSOCK_CLIENTS];
	struct ctlmsg_answer a;
	char byte;

	for (size_t i = 0; i < ARRAY_SIZE(silent); i++) {
		silent[i] = connect_to(*state);
		turn();
	}
	assert_int_equal(ask(*state, &m, sizeof(m), &a), sizeof(a));
	/* ... and those that came first have made room */
	assert_int_equal(recv(silent[0], &byte, 1, MSG_DONTWAIT), 0);
	for (size_t i = 0; i < ARRAY_SIZE(silent); i++)
		close(silent[i]);
}

/* an isolatectl that is slow to ask is heard although another came later */
static void test_ctlsock_hears_several(void **state)
{
	struct ctlmsg_request m = { .type = CTLMSG_NEWNYM, .identity = "work" };
	int slow = connect_to(*state);
	struct ctlmsg_answer a;

	turn();
	assert_int_equal(ask(*state, &m, sizeof(m), &a), sizeof(a));
	assert_int_equal(a.number, 2);
	assert_int_equal(send(slow, &m, sizeof(m), MSG_NOSIGNAL), sizeof(m));
	turn();
	assert_int_equal(recv(slow, &a, sizeof(a), MSG_DONTWAIT), sizeof(a));
	assert_int_equal(a.number, 3);
	close(slow);
}

/* what runs in a sandbox has our uid, but another user namespace */
static void test_ctlsock_hears_nobody_from_a_sandbox(void **state)
{
	struct ctlmsg_request m = { .type = CTLMSG_NEWNYM, .identity = "work" };
	int ready[2], status;
	pid_t pid;
	char ok = 0;

	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		int fd;

		alarm(10);
		if (unshare(CLONE_NEWUSER) < 0)
			_exit(77);
		fd = connect_to(*state);
		send(fd, &m, sizeof(m), MSG_NOSIGNAL);
		if (write(ready[1], "1", 1) != 1)
			_exit(1);
		_exit(recv(fd, &m, sizeof(m), 0) > 0);
	}
	close(ready[1]);
	if (read(ready[0], &ok, 1) == 1) {
		turn();
		turn();
	}
	close(ready[0]);
	ctlsock_close(&sock);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(status, 0);
	assert_int_equal(link_.number, 1);
}

static void test_ctlsock_leaves_nothing(void **state)
{
	char path[PATH_MAX];
	struct dirent *e;
	DIR *dir;

	path_of(*state, path);
	ctlsock_close(&sock);
	*strrchr(path, '/') = '\0';
	dir = opendir(path);
	assert_non_null(dir);
	while ((e = readdir(dir)))
		assert_int_equal(e->d_name[strspn(e->d_name, ".")], '\0');
	closedir(dir);
}

#define CTLSOCK_TEST(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CTLSOCK_TEST(test_ctlsock_is_the_users_alone),
		CTLSOCK_TEST(test_ctlsock_gives_a_new_nonce),
		CTLSOCK_TEST(test_ctlsock_of_another_identity_says_nothing),
		CTLSOCK_TEST(test_ctlsock_tells_what_it_is),
		CTLSOCK_TEST(test_ctlsock_tells_counters),
		CTLSOCK_TEST(test_ctlsock_refuses_what_is_no_request),
		CTLSOCK_TEST(test_ctlsock_is_not_held_up),
		CTLSOCK_TEST(test_ctlsock_hears_several),
		CTLSOCK_TEST(test_ctlsock_hears_nobody_from_a_sandbox),
		CTLSOCK_TEST(test_ctlsock_leaves_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
