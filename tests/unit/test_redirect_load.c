/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_redirect_load.c - the rules get in as they are, or not at all
 */
#include <arpa/inet.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* for what it says of kernels that we have not got */
#include "netns/redirect.c"

#include "netns/link.h"
#include "tests/unit/ns.h"

#define GOLDEN "tests/data/redirect.nft"

/* `nft list ruleset` in the caller's netns. */
static const char *list_rules(char *text, size_t len)
{
	int p[2], status;
	ssize_t n;
	pid_t pid;

	if (pipe2(p, O_CLOEXEC) < 0)
		return "pipe";
	pid = fork();
	if (pid == 0) {
		dup2(p[1], STDOUT_FILENO);
		execlp("/usr/sbin/nft", "nft", "list", "ruleset", NULL);
		_exit(127);
	}
	fd_close(p[1]);
	n = fd_read_full(p[0], text, len - 1);
	text[n > 0 ? n : 0] = '\0';
	fd_close(p[0]);
	if (waitpid(pid, &status, 0) != pid || status != 0)
		return "nft list ruleset";
	return NULL;
}

/* UPDATE=1 writes the file anew: look at the difference then. */
static const char *golden(void *arg)
{
	char got[8192], want[8192] = "";
	struct fault f = { 0 };
	const char *wrong;
	FILE *file;
	int nfnl;

	(void)arg;
	NS_CHECK(unshare(CLONE_NEWNET) == 0);
	nfnl = redirect_open(&f);
	NS_CHECK(nfnl >= 0 && fcntl(nfnl, F_GETFD) & FD_CLOEXEC);
	NS_CHECK(redirect_load(nfnl, &f) == 0);
	wrong = list_rules(got, sizeof(got));
	if (wrong)
		return wrong;
	file = fopen(GOLDEN, getenv("UPDATE") ? "w+" : "r");
	NS_CHECK(file);
	if (getenv("UPDATE")) {
		fputs(got, file);
		rewind(file);
	}
	NS_CHECK(fread(want, 1, sizeof(want) - 1, file) > 0);
	fclose(file);
	NS_CHECK(strcmp(got, want) == 0);
	return NULL;
}

/* A netns has them once, and is left as it was by what fails. */
static const char *load_wrongly(void *arg)
{
	struct fault f = { 0 };
	char text[8192];
	int nfnl, other, p[2];

	(void)arg;
	NS_CHECK(unshare(CLONE_NEWNET) == 0);
	nfnl = redirect_open(&f);
	NS_CHECK(nfnl >= 0);
	NS_CHECK(unshare(CLONE_NEWNET) == 0);
	/* not a socket, and one of another protocol */
	NS_CHECK(pipe2(p, O_CLOEXEC) == 0);
	NS_CHECK(redirect_load(p[0], &f) == -ENOTSOCK);
	NS_CHECK(f.what[0]);
	other = netns_rtnl_open();
	NS_CHECK(redirect_load(other, &f) < 0);
	/* into the socket's netns, not the caller's */
	NS_CHECK(redirect_load(nfnl, &f) == 0);
	NS_CHECK(!list_rules(text, sizeof(text)) && text[0] == '\0');
	return NULL;
}

/* Without the right to, it is refused and says at what. */
static const char *load_without_right(void *arg)
{
	struct fault f = { 0 };
	int nfnl;

	(void)arg;
	NS_CHECK(unshare(CLONE_NEWNET) == 0);
	nfnl = redirect_open(&f);
	NS_CHECK(nfnl >= 0);
	/* a user namespace below: no capability in the one that owns us */
	NS_CHECK(unshare(CLONE_NEWUSER) == 0);
	NS_CHECK(redirect_load(nfnl, &f) == -EPERM);
	NS_CHECK(strstr(f.what, "the batch"));
	NS_CHECK(!f.hint[0]);
	return NULL;
}

/* Should IPv6 come on against all, nothing is said in it. */
static const char *send_ipv6(void *arg)
{
	static const char off[] = "/proc/sys/net/ipv6/conf/lo/disable_ipv6";
	const struct sockaddr_in6 to = { .sin6_family = AF_INET6,
					 .sin6_port = htons(7),
					 .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	struct fault f = { 0 };
	int nfnl, s;

	(void)arg;
	if (access("/proc/sys/net/ipv6", F_OK) < 0)
		return NULL;
	NS_CHECK(unshare(CLONE_NEWNET) == 0);
	nfnl = redirect_open(&f);
	NS_CHECK(fd_write_file(AT_FDCWD, off, 0, "0") == 0);
	NS_CHECK(netns_lo_up(netns_rtnl_open(), &f) == 0);
	s = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	NS_CHECK(sendto(s, "x", 1, 0, (const struct sockaddr *)&to,
			sizeof(to)) == 1);
	NS_CHECK(redirect_load(nfnl, &f) == 0);
	NS_CHECK(sendto(s, "x", 1, 0, (const struct sockaddr *)&to,
			sizeof(to)) < 0);
	NS_CHECK(errno == EPERM);
	return NULL;
}

static void test_redirect_load_names_what_the_kernel_lacks(void **state)
{
	static const struct {
		uint32_t row;
		int err;
		const char *what, *hint;
	} rows[] = {
		{ 0, EOPNOTSUPP, "the batch", "modprobe nf_tables" },
		{ 1, EAFNOSUPPORT, "table ip6", "modprobe nf_tables" },
		{ 5, ENOENT, "chain ip dstnat", "modprobe nft_chain_nat" },
		{ 6, ENOENT, "a rule of chain ip dstnat",
		  "modprobe nft_redir" },
		{ 10, ENOENT, "a rule of chain ip arrive", "modprobe nft_ct" },
		{ LAST_ROW - 1, ENOENT, "a rule of chain ip arrive",
		  "modprobe nft_reject_ipv4" },
		/* no reason to load a module */
		{ 0, EPERM, "the batch", "" },
		{ 6, ENOMEM, "a rule of chain ip dstnat", "" },
		/* an answer to what was never sent */
		{ 10000, EINVAL, "the batch", "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct fault f = { 0 };

		assert_int_equal(refused(&f, rows[i].row, rows[i].err),
				 -rows[i].err);
		assert_non_null(strstr(f.what, rows[i].what));
		assert_non_null(strstr(f.hint, rows[i].hint));
		assert_int_equal(!f.hint[0], !rows[i].hint[0]);
	}
}

#define NS_TEST(name, fn)                                                      \
	static void name(void **state)                                         \
	{                                                                      \
		(void)state;                                                   \
		ns_run_in(0, fn, NULL);                                        \
	}

NS_TEST(test_redirect_load_is_what_the_file_says, golden)
NS_TEST(test_redirect_load_all_or_nothing, load_wrongly)
NS_TEST(test_redirect_load_needs_the_right, load_without_right)
NS_TEST(test_redirect_load_drops_ipv6, send_ipv6)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_redirect_load_is_what_the_file_says),
		cmocka_unit_test(test_redirect_load_all_or_nothing),
		cmocka_unit_test(test_redirect_load_needs_the_right),
		cmocka_unit_test(test_redirect_load_drops_ipv6),
		cmocka_unit_test(
			test_redirect_load_names_what_the_kernel_lacks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
