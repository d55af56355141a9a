/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_gwfilter.c - what the gateway's filter ends, and what not */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/bpf_common.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/attr.h"
#include "gateway/filter.h"
#include "gateway/pipes.h"

struct call {
	const char *name;
	long nr;
	long args[6];
};

#define CALL(name, ...)                                                        \
	{                                                                      \
#name, SYS_##name,                                             \
		{                                                              \
			__VA_ARGS__                                            \
		}                                                              \
	}

static const struct call ended[] = {
	/* a way out */
	CALL(socket, AF_INET, SOCK_STREAM, 0),
	CALL(socket, AF_UNIX, SOCK_STREAM, 0),
	CALL(socketpair, AF_UNIX, SOCK_STREAM, 0, 0),
	CALL(connect, 0, 0, 0),
	CALL(bind, 0, 0, 0),
	CALL(listen, 0, 0),
	CALL(io_uring_setup, 1, 0),
	/* sendmsg: only on 3, only without MSG_FASTOPEN */
	CALL(sendmsg, 4, 0, MSG_NOSIGNAL),
	CALL(sendmsg, 3, 0, MSG_NOSIGNAL | MSG_FASTOPEN),
	CALL(sendmmsg, 3, 0, 0, MSG_NOSIGNAL),
	CALL(recvmsg, 4, 0, MSG_CMSG_CLOEXEC),
	CALL(sendto, 4, 0, 0, MSG_NOSIGNAL | MSG_FASTOPEN, 0, 0),
	/* a name: of IPv4 only, and never a connect(2) */
	CALL(sendto, 4, 0, 0, MSG_NOSIGNAL | MSG_FASTOPEN, 4096, 16),
	CALL(sendto, 4, 0, 0, 0, 4096, 16),
	CALL(sendto, 4, 0, 0, MSG_NOSIGNAL, 4096, 28),
	CALL(sendto, 4, 0, 0, MSG_NOSIGNAL, 4096, 110),
	CALL(recvfrom, 4, 0, 0, MSG_PEEK, 0, 0),
	CALL(recvmmsg, 4, 0, 0, 0, 0),
	CALL(getsockopt, 4, IPPROTO_IP, IP_OPTIONS, 0, 0),
	CALL(getsockopt, 4, IPPROTO_IPV6, 80, 0, 0),
	CALL(setsockopt, 4, IPPROTO_IP, IP_TRANSPARENT, 0, 0),
	CALL(setsockopt, 4, IPPROTO_IP, 80, 0, 0),
	CALL(getsockname, 4, 0, 0),
	CALL(getpeername, 4, 0, 0),
	CALL(setsockopt, 4, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 0, 0),
	CALL(setsockopt, 4, IPPROTO_TCP, TCP_REPAIR, 0, 0),
	CALL(setsockopt, 4, SOL_SOCKET, SO_BINDTODEVICE, 0, 0),
	CALL(ioctl, 4, 0, 0),
	CALL(setns, 4, 0),
	CALL(unshare, 0),
	/* files */
	CALL(open, 0, 0, 0),
	CALL(openat, AT_FDCWD, 0, 0),
	CALL(openat2, AT_FDCWD, 0, 0, 0),
	CALL(creat, 0, 0),
	CALL(readlink, 0, 0, 0),
	CALL(getdents64, 4, 0, 0),
	CALL(chroot, 0),
	CALL(mount, 0, 0, 0, 0, 0),
	CALL(memfd_create, 0, 0),
	/* processes */
	CALL(fork),
	CALL(vfork),
	CALL(clone, SIGCHLD, 0, 0, 0, 0),
	CALL(clone3, 0, 0),
	CALL(execve, 0, 0, 0),
	CALL(execveat, 0, 0, 0, 0, 0),
	CALL(ptrace, 0, 0, 0, 0),
	CALL(process_vm_readv, 1, 0, 0, 0, 0, 0),
	CALL(pidfd_open, 1, 0),
	CALL(pidfd_getfd, 4, 0, 0),
	CALL(kill, 1, 0),
	CALL(prctl, PR_SET_DUMPABLE, 1, 0, 0, 0),
	CALL(setrlimit, RLIMIT_NOFILE, 0),
	CALL(prlimit64, 0, RLIMIT_NOFILE, 0, 0),
	CALL(seccomp, 0, 0, 0),
	CALL(bpf, 0, 0, 0),
	CALL(keyctl, 0, 0, 0, 0, 0),
/* memory */
#ifndef __SANITIZE_ADDRESS__
	/* the sanitizers' runtime does these itself (filter_gen.c) */
	CALL(read, 4, 0, 0),
	CALL(write, 4, 0, 0),
	CALL(mmap, 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS,
	     -1, 0),
	CALL(mmap, 0, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
	     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
	CALL(mmap, 0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, 4, 0),
	CALL(madvise, 0, 4096, MADV_FREE),
	CALL(madvise, 0, 4096, MADV_HUGEPAGE),
#endif
	CALL(mprotect, 0, 4096, PROT_READ | PROT_EXEC),
	CALL(pkey_mprotect, 0, 4096, PROT_READ | PROT_EXEC, 0),
	/* descriptors */
	CALL(dup, 4),
	CALL(dup2, 4, 5),
	CALL(dup3, 4, 5, 0),
	CALL(fcntl, 4, F_DUPFD, 0),
	CALL(fcntl, 4, F_DUPFD_CLOEXEC, 0),
	CALL(fcntl, 4, F_SETOWN, 1),
	CALL(fcntl, 4, F_SETPIPE_SZ, 2 * PIPE_LARGE),
	/* a number that no kernel has */
	{ "4000", 4000, { 0 } },
#ifdef __x86_64__
	{ "x32 socket", 0x40000000 | SYS_socket, { AF_INET, SOCK_STREAM } },
	{ "x32 close", 0x40000000 | SYS_close, { 4 } },
#endif
};

static const struct call passing[] = {
	CALL(close, 900),
	CALL(accept4, 900, 0, 0, SOCK_NONBLOCK),
	CALL(sendmsg, 3, 0, MSG_NOSIGNAL),
	CALL(recvmsg, 3, 0, MSG_CMSG_CLOEXEC),
	CALL(sendto, 900, 0, 0, MSG_NOSIGNAL, 0, 0),
	CALL(sendto, 900, 0, 0, MSG_NOSIGNAL, 4096, 16),
	CALL(recvfrom, 900, 0, 0, 0, 0, 0),
	CALL(recvfrom, 900, 0, 0, 0, 4096, 0),
	/* SO_ORIGINAL_DST */
	CALL(getsockopt, 900, IPPROTO_IP, 80, 0, 0),
	CALL(setsockopt, 900, IPPROTO_TCP, TCP_NODELAY, 0, 0),
	CALL(setsockopt, 900, SOL_SOCKET, SO_LINGER, 0, 0),
	CALL(epoll_ctl, 900, EPOLL_CTL_ADD, 0, 0),
	CALL(splice, 900, 0, 900, 0, 0, 0),
	CALL(shutdown, 900, 0),
	CALL(fcntl, 900, F_GETFL, 0),
	CALL(fcntl, 900, F_SETPIPE_SZ, PIPE_LARGE),
	CALL(mmap, 0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
	     -1, 0),
	CALL(madvise, 0, 4096, MADV_DONTNEED),
	CALL(poll, 0, 0, 0),
};

/* waitpid(2) status of a child that makes this one call under the filter. */
static int status_of(const struct call *c)
{
	struct rlimit none = { 0 };
	int status = -1;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		setrlimit(RLIMIT_CORE, &none);
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
		    filter_install() < 0)
			_exit(99);
		syscall(c->nr, c->args[0], c->args[1], c->args[2], c->args[3],
			c->args[4], c->args[5]);
		_exit(7);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void test_gwfilter_ends(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ended); i++) {
		int status = status_of(&ended[i]);

		if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGSYS)
			fail_msg("%s (row %zu): status %x", ended[i].name, i,
				 (unsigned int)status);
	}
}

static void test_gwfilter_passes(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(passing); i++) {
		int status = status_of(&passing[i]);

		if (!WIFEXITED(status) || WEXITSTATUS(status) != 7)
			fail_msg("%s: status %x", passing[i].name,
				 (unsigned int)status);
	}
}

/* The first thing the program looks at is the architecture. */
static void test_gwfilter_checks_architecture(void **state)
{
	const struct sock_fprog *p = filter_program();

	(void)state;
	assert_int_equal(p->filter[0].code, BPF_LD | BPF_W | BPF_ABS);
	assert_int_equal(p->filter[0].k, offsetof(struct seccomp_data, arch));
#ifdef __x86_64__
	assert_int_equal(p->filter[1].code, BPF_JMP | BPF_JEQ | BPF_K);
	assert_int_equal(p->filter[1].k, AUDIT_ARCH_X86_64);
#endif
}

/* It can do two things, and what is not allowed ends the process. */
static void test_gwfilter_returns(void **state)
{
	const struct sock_fprog *p = filter_program();
	int kills = 0;

	(void)state;
	for (size_t i = 0; i < p->len; i++) {
		if (BPF_CLASS(p->filter[i].code) != BPF_RET)
			continue;
		if (p->filter[i].k == SECCOMP_RET_KILL_PROCESS)
			kills++;
		else
			assert_int_equal(p->filter[i].k, SECCOMP_RET_ALLOW);
	}
	assert_true(kills > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_gwfilter_ends),
		cmocka_unit_test(test_gwfilter_passes),
		cmocka_unit_test(test_gwfilter_checks_architecture),
		cmocka_unit_test(test_gwfilter_returns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
