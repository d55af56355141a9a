/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gateway/filter_gen.c - writes the gateway's seccomp filter, at build time */
#include <err.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/socket.h>

/* after <netinet/in.h>, or both define the same */
#include <linux/netfilter_ipv4.h>

#include "base/attr.h"
#include "base/gwmsg.h"
#include "gateway/pipes.h"
#include "seccomp/rows.h"

/*
 * Allowed whatever the arguments: nothing here opens, connects, makes a
 * process, or changes what the process may do.
 */
static const char *const plain[] = {
	"accept4",
	"brk",
	"clock_gettime",
	"close",
	"epoll_ctl",
	"epoll_pwait",
	"epoll_wait",
	"exit",
	"exit_group",
	/* newer C libraries seed malloc with it */
	"getrandom",
	"gettimeofday",
	"mremap",
	"munmap",
	"pipe2",
	"poll",
	"ppoll",
	"restart_syscall",
	"rt_sigreturn",
	"shutdown",
	"splice",
};

static const struct rows_checked checked[] = {
	/* the supervisor, and nobody else: descriptors travel this way, and
	 * on TCP a name with MSG_FASTOPEN would be a connect(2) */
	{ "sendmsg", 2, { INT_IS(0, GWMSG_FD), INT_IS(2, MSG_NOSIGNAL) } },
	{ "recvmsg", 2, { INT_IS(0, GWMSG_FD), INT_IS(2, MSG_CMSG_CLOEXEC) } },
	/* without a name, and without MSG_FASTOPEN: to the peer only */
	{ "sendto",
	  2,
	  { INT_IS(2 + 1, MSG_NOSIGNAL), SCMP_CMP(4, SCMP_CMP_EQ, 0) } },
	/*
	 * With a name, of IPv4's size: DNS answers by UDP. Never with
	 * MSG_FASTOPEN, so on TCP a name is not looked at, and a unix stream
	 * refuses it. Only a datagram socket obeys it, and those there are
	 * were bound in the gateway's own netns, where nobody but the
	 * application can be reached; the supervisor hands over streams.
	 */
	{ "sendto",
	  2,
	  { INT_IS(2 + 1, MSG_NOSIGNAL),
	    INT_IS(5, sizeof(struct sockaddr_in)) } },
	/* who sent it may be asked: it opens nothing */
	{ "recvfrom", 1, { INT_IS(2 + 1, 0) } },
	{ "setsockopt", 2, { INT_IS(1, IPPROTO_TCP), INT_IS(2, TCP_NODELAY) } },
	{ "setsockopt", 2, { INT_IS(1, SOL_SOCKET), INT_IS(2, SO_LINGER) } },
	{ "getsockopt", 2, { INT_IS(1, SOL_SOCKET), INT_IS(2, SO_TYPE) } },
	{ "getsockopt", 2, { INT_IS(1, SOL_SOCKET), INT_IS(2, SO_DOMAIN) } },
	{ "getsockopt",
	  2,
	  { INT_IS(1, SOL_SOCKET), INT_IS(2, SO_ACCEPTCONN) } },
	/* where a redirected connection was going */
	{ "getsockopt", 2, { INT_IS(1, SOL_IP), INT_IS(2, SO_ORIGINAL_DST) } },
	{ "fcntl", 1, { INT_IS(1, F_GETFL) } },
	{ "fcntl", 1, { INT_IS(1, F_SETFL) } },
	{ "fcntl", 2, { INT_IS(1, F_SETPIPE_SZ), INT_IS(2, PIPE_LARGE) } },
	/* memory without a file behind it, never executable */
	{ "mmap",
	  2,
	  { INT_IS(2, PROT_READ | PROT_WRITE),
	    INT_IS(3, MAP_PRIVATE | MAP_ANONYMOUS) } },
	/* its own pages, to be read again from where they were: base/trim.h */
	{ "madvise", 1, { INT_IS(2, MADV_DONTNEED) } },
};

#ifdef FILTER_SANITIZED
/* For `make asan` only: what the sanitizers' own runtime does. */
static const char *const sanitized[] = {
	"futex",       "getpid",       "gettid", "madvise",
	"mmap",        "rt_sigaction", "read",   "rt_sigprocmask",
	"sched_yield", "sigaltstack",  "write",
};
#endif

int main(void)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_KILL_PROCESS);

	if (!ctx)
		errx(1, "seccomp_init failed");
	rows_allow_plain(ctx, plain, ARRAY_SIZE(plain));
	rows_allow_checked(ctx, checked, ARRAY_SIZE(checked));
#ifdef FILTER_SANITIZED
	rows_allow_plain(ctx, sanitized, ARRAY_SIZE(sanitized));
#endif
	rows_print(ctx);
	seccomp_release(ctx);
	return 0;
}
