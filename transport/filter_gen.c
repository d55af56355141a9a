/* SPDX-License-Identifier: GPL-3.0-or-later */
/* transport/filter_gen.c - the seccomp filter of transports, at build time */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "base/attr.h"
#include "seccomp/rows.h"

/*
 * What programs in Go and in C need to wait, compute, keep a few files and
 * talk TCP and UDP. Everything else answers EPERM: no new process, no unix
 * socket, no signal to others, no mount, no key, no tracing.
 */
static const char *const plain[] = {
	"accept",
	"accept4",
	"access",
	"arch_prctl",
	"bind",
	"brk",
	"clock_getres",
	"clock_gettime",
	"clock_nanosleep",
	"close",
	"connect",
	"dup",
	"dup2",
	"dup3",
	"epoll_create1",
	"epoll_ctl",
	"epoll_pwait",
	"epoll_wait",
	"eventfd2",
	/* the transport itself; what programs it finds below /usr/lib run
	 * with the same files, filter and lack of privileges */
	"execve",
	"exit",
	"exit_group",
	"faccessat",
	"faccessat2",
	"fdatasync",
	"flock",
	"fstat",
	"fsync",
	"ftruncate",
	"futex",
	"getcwd",
	"getdents64",
	"getegid",
	"geteuid",
	"getgid",
	"getpeername",
	"getpid",
	"getppid",
	"getrandom",
	"getrlimit",
	"getrusage",
	"getsockname",
	"getsockopt",
	"gettid",
	"gettimeofday",
	"getuid",
	"listen",
	"lseek",
	"lstat",
	"madvise",
	"membarrier",
	"mincore",
	"mkdir",
	"mkdirat",
	"mremap",
	"munmap",
	"nanosleep",
	"newfstatat",
	"pipe2",
	"poll",
	"ppoll",
	"pread64",
	"pwrite64",
	"read",
	"readlink",
	"readlinkat",
	"readv",
	"recvfrom",
	"recvmmsg",
	"recvmsg",
	"rename",
	"renameat",
	"renameat2",
	"restart_syscall",
	"rseq",
	"rt_sigaction",
	"rt_sigprocmask",
	"rt_sigreturn",
	"sched_getaffinity",
	"sched_yield",
	"sendmmsg",
	"sendmsg",
	"sendto",
	"set_robust_list",
	"set_tid_address",
	"setitimer",
	"setsockopt",
	"shutdown",
	"sigaltstack",
	"stat",
	"statx",
	"sysinfo",
	/* to threads of its own only: a second filter sees to it (filter.c) */
	"tgkill",
	"timer_create",
	"timer_delete",
	"timer_settime",
	"uname",
	"unlink",
	"unlinkat",
	"write",
	"writev",
};

/* without SOCK_CLOEXEC and SOCK_NONBLOCK */
#define TYPE_IS(n, v) MASK_IS(n, 0xfU, v)
/* how open(2) gets at what is in a file */
#define OPENS(n, v) MASK_IS(n, O_ACCMODE | O_TRUNC, v)
#define COMMAND_IS(v) INT_IS(1, v)

static const struct rows_checked checked[] = {
	{ "socket", 2, { INT_IS(0, AF_INET), TYPE_IS(1, SOCK_STREAM) } },
	{ "socket", 2, { INT_IS(0, AF_INET), TYPE_IS(1, SOCK_DGRAM) } },
	{ "socket", 2, { INT_IS(0, AF_INET6), TYPE_IS(1, SOCK_STREAM) } },
	{ "socket", 2, { INT_IS(0, AF_INET6), TYPE_IS(1, SOCK_DGRAM) } },
	/* which addresses are ours: name resolution and WebRTC ask; without
	 * a capability it can only be read */
	{ "socket", 2, { INT_IS(0, AF_NETLINK), INT_IS(2, NETLINK_ROUTE) } },
	/* Landlock sees a truncation only of what is opened for writing
	 * before its version 3; the fourth access mode asks it for nothing */
	{ "open", 1, { OPENS(1, O_RDONLY) } },
	{ "open", 1, { OPENS(1, O_WRONLY) } },
	{ "open", 1, { OPENS(1, O_RDWR) } },
	{ "open", 1, { OPENS(1, O_WRONLY | O_TRUNC) } },
	{ "open", 1, { OPENS(1, O_RDWR | O_TRUNC) } },
	{ "openat", 1, { OPENS(2, O_RDONLY) } },
	{ "openat", 1, { OPENS(2, O_WRONLY) } },
	{ "openat", 1, { OPENS(2, O_RDWR) } },
	{ "openat", 1, { OPENS(2, O_WRONLY | O_TRUNC) } },
	{ "openat", 1, { OPENS(2, O_RDWR | O_TRUNC) } },
	/* none that has a signal sent (F_SETOWN, F_SETSIG, O_ASYNC): it could
	 * go to tor, which Landlock sees from its version 6 on */
	{ "fcntl", 1, { COMMAND_IS(F_DUPFD) } },
	{ "fcntl", 1, { COMMAND_IS(F_DUPFD_CLOEXEC) } },
	{ "fcntl", 1, { COMMAND_IS(F_GETFD) } },
	{ "fcntl", 1, { COMMAND_IS(F_SETFD) } },
	{ "fcntl", 1, { COMMAND_IS(F_GETFL) } },
	{ "fcntl", 2, { COMMAND_IS(F_SETFL), MASK_IS(2, O_ASYNC, 0) } },
	{ "fcntl", 1, { COMMAND_IS(F_GETLK) } },
	{ "fcntl", 1, { COMMAND_IS(F_SETLK) } },
	{ "fcntl", 1, { COMMAND_IS(F_SETLKW) } },
	{ "fcntl", 1, { COMMAND_IS(F_OFD_GETLK) } },
	{ "fcntl", 1, { COMMAND_IS(F_OFD_SETLK) } },
	{ "fcntl", 1, { COMMAND_IS(F_OFD_SETLKW) } },
	/* a thread, never a process */
	{ "clone",
	  1,
	  { MASK_IS(0, CLONE_THREAD | CLONE_VM, CLONE_THREAD | CLONE_VM) } },
	/* never memory that is written and executed */
	{ "mmap", 1, { MASK_IS(2, PROT_EXEC, 0) } },
	{ "mmap", 1, { MASK_IS(2, PROT_WRITE | PROT_EXEC, PROT_EXEC) } },
	{ "mprotect", 1, { MASK_IS(2, PROT_EXEC, 0) } },
	/* its own limits only */
	{ "prlimit64", 1, { INT_IS(0, 0) } },
};

#ifdef FILTER_SANITIZED
/* For `make asan` only: what the sanitizers' own runtime does at the exit of
 * the launcher, which has the filter by then if it fails. */
static const char *const sanitized[] = { "mprotect", "prctl" };
#endif

int main(void)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ERRNO(EPERM));

	if (!ctx)
		errx(1, "seccomp_init failed");
	rows_allow_plain(ctx, plain, ARRAY_SIZE(plain));
	rows_allow_checked(ctx, checked, ARRAY_SIZE(checked));
#ifdef FILTER_SANITIZED
	rows_allow_plain(ctx, sanitized, ARRAY_SIZE(sanitized));
#endif
	/* its flags are behind a pointer: the C library then uses clone() */
	if (seccomp_rule_add(ctx, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0) <
	    0)
		errx(1, "clone3");
	rows_print(ctx);
	seccomp_release(ctx);
	return 0;
}
