/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_tor_owner.c - whose a TCP port of this machine is */
#include "tor/owner.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/tcp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/attr.h"
#include "base/fd.h"

#define STRANGER 54321

int __real_socket(int domain, int type, int protocol);
int __wrap_socket(int domain, int type, int protocol);
uid_t __real_geteuid(void);
uid_t __wrap_geteuid(void);

static bool no_sock_diag;
static uid_t pretended_euid; /* 0: the real one */

int __wrap_socket(int domain, int type, int protocol)
{
	if (no_sock_diag && domain == AF_NETLINK) {
		errno = EPROTONOSUPPORT;
		return -1;
	}
	return __real_socket(domain, type, protocol);
}

uid_t __wrap_geteuid(void)
{
	return pretended_euid ? pretended_euid : __real_geteuid();
}

static int listen_at(struct sockaddr *addr, socklen_t len)
{
	int fd = socket(addr->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, addr, len), 0);
	assert_int_equal(listen(fd, 4), 0);
	assert_int_equal(getsockname(fd, addr, &len), 0);
	return fd;
}

static int listen_v4(struct sockaddr_in *sin, in_addr_t at)
{
	*sin = (struct sockaddr_in){ .sin_family = AF_INET,
				     .sin_addr.s_addr = htonl(at) };
	return listen_at((struct sockaddr *)sin, sizeof(*sin));
}

static int connect_to(const struct sockaddr_in *sin)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(
		connect(fd, (const struct sockaddr *)sin, sizeof(*sin)), 0);
	return fd;
}

static int find(const struct sockaddr_in *sin, uid_t *uid)
{
	return tor_owner_find((const struct sockaddr *)sin, uid);
}

static void test_owner_parses_listeners(void **state)
{
	struct tor_listener l;

	(void)state;
	assert_true(tor_owner_parse(
		"   0: 0100007F:235A 00000000:0000 0A 00000000:00000000 "
		"00:00000000 00000000   107        0 38411 1 0000 100 0 0 10 0",
		&l));
	assert_int_equal(l.port, 9050);
	assert_int_equal(l.uid, 107);
	assert_int_equal(l.addr.s_addr, inet_addr("127.0.0.1"));
	/* a connection is no listener */
	assert_false(tor_owner_parse(
		"   1: 0100007F:235A 0100007F:A222 01 00000000:00000000 "
		"00:00000000 00000000   107        0 38412 1",
		&l));
	assert_false(tor_owner_parse("  sl  local_address rem_address st", &l));
	assert_false(tor_owner_parse("", &l));
}

static void test_owner_trusts_only_known_accounts(void **state)
{
	(void)state;
	assert_true(tor_owner_is_trusted(0));
	assert_true(tor_owner_is_trusted(geteuid()));
	assert_false(tor_owner_is_trusted(STRANGER));
	pretended_euid = STRANGER;
	assert_true(tor_owner_is_trusted(STRANGER));
	pretended_euid = 0;
}

/* with sock_diag(7) and without */
static void test_owner_is_found(void **state)
{
	struct sockaddr_in6 sin6 = { .sin6_family = AF_INET6,
				     .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	struct sockaddr_in sin, at = { .sin_family = AF_INET };
	uid_t uid;
	int fd;

	(void)state;
	for (int i = 0; i < 2; i++) {
		no_sock_diag = i == 1;
		fd = listen_v4(&sin, INADDR_LOOPBACK);
		uid = STRANGER;
		assert_int_equal(find(&sin, &uid), 0);
		assert_int_equal(uid, geteuid());
		/* the port alone is not enough */
		at.sin_port = sin.sin_port;
		at.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1);
		assert_int_equal(find(&at, &uid), -ENOENT);
		close(fd);
		assert_int_equal(find(&sin, &uid), -ENOENT);
		/* one for all addresses has this one too */
		fd = listen_v4(&sin, INADDR_ANY);
		at.sin_port = sin.sin_port;
		uid = STRANGER;
		assert_int_equal(find(&at, &uid), 0);
		assert_int_equal(uid, geteuid());
		close(fd);
	}
	no_sock_diag = false;
	fd = __real_socket(AF_INET6, SOCK_STREAM, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&sin6, sizeof(sin6)) < 0) {
		print_message("no IPv6 here\n");
		return;
	}
	close(fd);
	fd = listen_at((struct sockaddr *)&sin6, sizeof(sin6));
	assert_int_equal(tor_owner_find((struct sockaddr *)&sin6, &uid), 0);
	assert_int_equal(uid, geteuid());
	close(fd);
	assert_int_equal(tor_owner_find((struct sockaddr *)&sin6, &uid),
			 -ENOENT);
}

static int kept_diag = -1;

/* As a supervisor does, with one question after the other. */
static int check(int fd, uid_t uid)
{
	if (no_sock_diag)
		fd_replace(&kept_diag, -1);
	return tor_owner_check(&kept_diag, fd, uid);
}

static void test_owner_of_a_connection(void **state)
{
	struct sockaddr_in sin;
	int fd = listen_v4(&sin, INADDR_LOOPBACK), s = connect_to(&sin), peer;

	(void)state;
	/* waits in the backlog, and is accepted */
	assert_int_equal(check(s, geteuid()), 0);
	assert_int_equal(check(s, STRANGER), -EPERM);
	peer = accept(fd, NULL, NULL);
	assert_true(peer >= 0);
	assert_int_equal(check(s, geteuid()), 0);
	assert_int_equal(check(s, STRANGER), -EPERM);
	no_sock_diag = true;
	assert_int_equal(check(s, geteuid()), 0);
	assert_int_equal(check(s, STRANGER), -EPERM);
	no_sock_diag = false;
	/* who has it may be anybody, once nobody listens */
	close(fd);
	assert_int_equal(check(s, geteuid()), -EPERM);
	close(peer);
	assert_true(check(s, geteuid()) < 0);
	close(s);
}

/* An answer that is none may be followed by the one to the last question. */
static void test_owner_is_asked_anew_when_out_of_step(void **state)
{
	struct sockaddr_in sin;
	int fd = listen_v4(&sin, INADDR_LOOPBACK), s = connect_to(&sin);
	int peer = accept(fd, NULL, NULL), pair[2];

	(void)state;
	fd_replace(&kept_diag, -1);
	/* nothing to read, then what is no answer to this */
	for (size_t len = 0; len <= 64; len += 16) {
		struct nlmsghdr head[4] = {
			{ .nlmsg_type = NLMSG_NOOP, .nlmsg_len = sizeof(head) },
		};

		assert_int_equal(socketpair(AF_UNIX,
					    SOCK_SEQPACKET | SOCK_CLOEXEC, 0,
					    pair),
				 0);
		kept_diag = pair[0];
		if (len > 0)
			assert_int_equal(send(pair[1], head, len, 0), len);
		assert_int_equal(check(s, STRANGER), -EPERM);
		assert_int_equal(recv(pair[1], head, 1, 0), 1);
		assert_int_equal(recv(pair[1], head, 1, 0), 0);
		close(pair[1]);
		/* the next question opens one that is kept */
		assert_int_equal(check(s, geteuid()), 0);
		assert_true(kept_diag >= 0);
		fd_replace(&kept_diag, -1);
	}
	/* an answer that nobody is there is one */
	close(fd);
	assert_int_equal(check(s, geteuid()), -EPERM);
	fd = kept_diag;
	assert_int_equal(check(s, geteuid()), -EPERM);
	assert_int_equal(kept_diag, fd);
	close(peer);
	close(s);
}

/* What the kernel is made to say of the listener, and of the connection. */
static int check_with_answers(int s, int error)
{
	struct {
		struct nlmsghdr head;
		struct inet_diag_msg found;
	} listener = {
		.head = { .nlmsg_type = SOCK_DIAG_BY_FAMILY,
			  .nlmsg_len = sizeof(listener) },
		.found.idiag_state = TCP_LISTEN,
		.found.idiag_uid = geteuid(),
	};
	struct {
		struct nlmsghdr head;
		struct nlmsgerr err;
	} connection = {
		.head = { .nlmsg_type = NLMSG_ERROR,
			  .nlmsg_len = sizeof(connection) },
		.err.error = error,
	};
	int pair[2], rc;

	assert_int_equal(
		socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	fd_replace(&kept_diag, pair[0]);
	assert_int_equal(send(pair[1], &listener, sizeof(listener), 0),
			 sizeof(listener));
	assert_int_equal(send(pair[1], &connection, sizeof(connection), 0),
			 sizeof(connection));
	rc = check(s, geteuid());
	close(pair[1]);
	fd_replace(&kept_diag, -1);
	return rc;
}

/* Where the listener was told, the connection is to be told as well. */
static void test_owner_of_half_an_answer(void **state)
{
	struct sockaddr_in sin;
	int fd = listen_v4(&sin, INADDR_LOOPBACK), s = connect_to(&sin);

	(void)state;
	assert_int_equal(check_with_answers(s, -ENOENT), -ECONNRESET);
	assert_int_equal(check_with_answers(s, -ENOBUFS), -ENOBUFS);
	close(fd);
	close(s);
}

/* In a child, as somebody else: accept or listen, and stay until @hold ends. */
static pid_t be_stranger(int listener, struct sockaddr_in *sin, int ready,
			 int hold, int unhold)
{
	pid_t pid = fork();
	char c;

	if (pid != 0)
		return pid;
	close(unhold);
	if (setuid(STRANGER) < 0)
		_exit(1);
	if (listener >= 0 ? accept(listener, NULL, NULL) < 0
			  : listen_v4(sin, INADDR_LOOPBACK) < 0)
		_exit(1);
	if (write(ready, sin, sizeof(*sin)) != sizeof(*sin))
		_exit(1);
	_exit(read(hold, &c, 1) != 0);
}

static void check_stranger(bool accepts)
{
	struct sockaddr_in sin;
	int ready[2], hold[2], status,
		s = -1, fd = accepts ? listen_v4(&sin, INADDR_LOOPBACK) : -1;
	uid_t uid;
	pid_t pid;

	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	assert_int_equal(pipe2(hold, O_CLOEXEC), 0);
	if (accepts)
		s = connect_to(&sin);
	pid = be_stranger(fd, &sin, ready[1], hold[0], hold[1]);
	assert_int_equal(read(ready[0], &sin, sizeof(sin)), sizeof(sin));
	if (!accepts) {
		assert_int_equal(find(&sin, &uid), 0);
		assert_int_equal(uid, STRANGER);
		s = connect_to(&sin);
		assert_int_equal(check(s, STRANGER), 0);
	}
	assert_int_equal(check(s, geteuid()), -EPERM);
	close(hold[1]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	close(s);
	close(hold[0]);
	close(ready[0]);
	close(ready[1]);
	if (fd >= 0)
		close(fd);
}

/* Only root can be somebody else: then the real thing, too. */
static void test_owner_of_a_strangers_port(void **state)
{
	(void)state;
	if (geteuid() != 0)
		return;
	check_stranger(false);
	check_stranger(true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_owner_parses_listeners),
		cmocka_unit_test(test_owner_trusts_only_known_accounts),
		cmocka_unit_test(test_owner_is_found),
		cmocka_unit_test(test_owner_of_a_connection),
		cmocka_unit_test(test_owner_is_asked_anew_when_out_of_step),
		cmocka_unit_test(test_owner_of_half_an_answer),
		cmocka_unit_test(test_owner_of_a_strangers_port),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
