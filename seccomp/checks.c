/* SPDX-License-Identifier: GPL-3.0-or-later */
/* seccomp/checks.c - tables: system calls that depend on their arguments */
#include <asm/ioctls.h>
#include <asm/termbits.h>
#include <errno.h>
#include <linux/fs.h>
#include <linux/ipv6.h>
#include <linux/netlink.h>
#include <linux/prctl.h>
#include <linux/random.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/attr.h"
#include "seccomp/policy.h"

/* argument @a, compared in 32 bits, is @v; or is @v in the bits of @m */
#define IS(a, v)                                                               \
	{                                                                      \
		(a), UINT32_MAX, (uint32_t)(v)                                 \
	}
#define BITS(a, m, v)                                                          \
	{                                                                      \
		(a), (uint32_t)(m), (uint32_t)(v)                              \
	}
/* argument @a is from @v to @v + @n - 1; @n a power of 2 that divides @v */
#define SPAN(a, v, n) BITS(a, ~((n)-1u), v)

/* clang-format off */
#define RULE(when, of, err, ...) \
	{ SECCOMP_WHEN_##when, (of), (err), { __VA_ARGS__ } }
/* clang-format on */
#define ALLOW(...) RULE(ALWAYS, 0, 0, __VA_ARGS__)
#define REFUSE(e, ...) RULE(ALWAYS, 0, e, __VA_ARGS__)
#define IF_GROUP(g, ...) RULE(GROUP, SECCOMP_GROUP_##g, 0, __VA_ARGS__)
#define IF_FAMILY(f, ...) RULE(FAMILY, SECCOMP_FAMILY_##f, 0, __VA_ARGS__)

/* newer than Debian 12's headers */
#define ISOLATE_MFD_NOEXEC_SEAL 0x0008u
#define ISOLATE_MFD_EXEC 0x0010u
#define ISOLATE_PR_SET_MDWE 65
#define ISOLATE_PR_GET_MDWE 66
#define ISOLATE_PR_GET_AUXV 0x41555856

/* clone takes its low 8 bits as the signal, so CLONE_NEWTIME is not there */
#define NAMESPACES                                                             \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC |         \
	 CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET)

static const struct seccomp_rule clone_rules[] = {
	ALLOW(BITS(0, NAMESPACES, 0)),
};

static const struct seccomp_rule unshare_rules[] = {
	ALLOW(BITS(0, NAMESPACES | CLONE_NEWTIME, 0)),
};

/* READ_IMPLIES_EXEC undoes W^X; old personalities are old kernel code. */
static const struct seccomp_rule personality_rules[] = {
	ALLOW(IS(0, PER_LINUX)),
	/* asks only */
	ALLOW(IS(0, 0xffffffff)),
	/* gdb starts its programs so */
	IF_GROUP(PTRACE, IS(0, ADDR_NO_RANDOMIZE)),
};

/*
 * Left out on purpose: PR_SET_MM (rewrites what /proc says of a process),
 * PR_SET_MEMORY_MERGE (KSM: shares pages with other sandboxes, which timing
 * then tells), PR_SET_SECUREBITS, PR_SCHED_CORE, PR_SET_SYSCALL_USER_DISPATCH.
 */
static const struct seccomp_rule prctl_rules[] = {
	ALLOW(IS(0, PR_SET_PDEATHSIG)),
	ALLOW(IS(0, PR_GET_PDEATHSIG)),
	ALLOW(IS(0, PR_GET_DUMPABLE)),
	ALLOW(IS(0, PR_SET_DUMPABLE)),
	ALLOW(IS(0, PR_GET_KEEPCAPS)),
	ALLOW(IS(0, PR_SET_KEEPCAPS)),
	ALLOW(IS(0, PR_SET_NAME)),
	ALLOW(IS(0, PR_GET_NAME)),
	ALLOW(IS(0, PR_GET_SECCOMP)),
	IF_GROUP(SELF_SANDBOX, IS(0, PR_SET_SECCOMP)),
	ALLOW(IS(0, PR_CAPBSET_READ)),
	ALLOW(IS(0, PR_CAPBSET_DROP)),
	ALLOW(IS(0, PR_GET_TSC)),
	ALLOW(IS(0, PR_GET_SECUREBITS)),
	ALLOW(IS(0, PR_SET_TIMERSLACK)),
	ALLOW(IS(0, PR_GET_TIMERSLACK)),
	ALLOW(IS(0, PR_SET_CHILD_SUBREAPER)),
	ALLOW(IS(0, PR_GET_CHILD_SUBREAPER)),
	ALLOW(IS(0, PR_SET_NO_NEW_PRIVS)),
	ALLOW(IS(0, PR_GET_NO_NEW_PRIVS)),
	ALLOW(IS(0, PR_GET_TID_ADDRESS)),
	ALLOW(IS(0, PR_SET_THP_DISABLE)),
	ALLOW(IS(0, PR_GET_THP_DISABLE)),
	ALLOW(IS(0, PR_CAP_AMBIENT)),
	ALLOW(IS(0, PR_GET_SPECULATION_CTRL)),
	ALLOW(IS(0, PR_SET_SPECULATION_CTRL)),
	/* aarch64: vector length, pointer authentication, tagged addresses */
	ALLOW(IS(0, PR_SVE_SET_VL)),
	ALLOW(IS(0, PR_SVE_GET_VL)),
	ALLOW(IS(0, PR_PAC_RESET_KEYS)),
	ALLOW(IS(0, PR_SET_TAGGED_ADDR_CTRL)),
	ALLOW(IS(0, PR_GET_TAGGED_ADDR_CTRL)),
	ALLOW(IS(0, ISOLATE_PR_SET_MDWE)),
	ALLOW(IS(0, ISOLATE_PR_GET_MDWE)),
	ALLOW(IS(0, PR_SET_VMA)),
	ALLOW(IS(0, ISOLATE_PR_GET_AUXV)),
	/* lets others trace the caller: of use only to debuggers */
	IF_GROUP(PTRACE, IS(0, PR_SET_PTRACER)),
};

/* devices are the launcher's to bind; S_IFREG and 0 both mean a file */
static const struct seccomp_rule mknod_rules[] = {
	ALLOW(BITS(1, S_IFMT, 0)),
	ALLOW(BITS(1, S_IFMT, S_IFREG)),
	ALLOW(BITS(1, S_IFMT, S_IFIFO)),
	ALLOW(BITS(1, S_IFMT, S_IFSOCK)),
};

static const struct seccomp_rule mknodat_rules[] = {
	ALLOW(BITS(2, S_IFMT, 0)),
	ALLOW(BITS(2, S_IFMT, S_IFREG)),
	ALLOW(BITS(2, S_IFMT, S_IFIFO)),
	ALLOW(BITS(2, S_IFMT, S_IFSOCK)),
};

/*
 * Without MADV_MERGEABLE (12; KSM, as above), the hardware poison ones
 * (100, 101) and what is unknown.
 */
static const struct seccomp_rule madvise_rules[] = {
	/* MADV_NORMAL to MADV_WILLNEED */
	ALLOW(SPAN(2, 0, 4)),
	ALLOW(IS(2, MADV_DONTNEED)),
	/* MADV_FREE to MADV_DOFORK */
	ALLOW(SPAN(2, 8, 4)),
	ALLOW(IS(2, MADV_UNMERGEABLE)),
	/* MADV_HUGEPAGE, MADV_NOHUGEPAGE */
	ALLOW(SPAN(2, 14, 2)),
	/* MADV_DONTDUMP to MADV_POPULATE_WRITE */
	ALLOW(SPAN(2, 16, 8)),
	/* MADV_DONTNEED_LOCKED, MADV_COLLAPSE */
	ALLOW(SPAN(2, 24, 2)),
	/* MADV_GUARD_INSTALL, MADV_GUARD_REMOVE */
	ALLOW(SPAN(2, 102, 2)),
};

/*
 * W^X. Sequences are closed too (write, then make executable): code comes
 * from files that are mapped so from the start. Two mappings of one file
 * stay possible: a filter cannot see them.
 */
static const struct seccomp_rule mmap_rules[] = {
	ALLOW(BITS(2, PROT_WRITE, 0)),
	ALLOW(BITS(2, PROT_EXEC, 0)),
};

static const struct seccomp_rule mprotect_rules[] = {
	ALLOW(BITS(2, PROT_EXEC, 0)),
};

static const struct seccomp_rule shmat_rules[] = {
	ALLOW(BITS(2, SHM_EXEC, 0)),
};

static const struct seccomp_rule memfd_rules[] = {
	ALLOW(BITS(1, ISOLATE_MFD_NOEXEC_SEAL | ISOLATE_MFD_EXEC,
		   ISOLATE_MFD_NOEXEC_SEAL)),
};

/* socket(2): the type with its flags taken away, so RAW and PACKET are not */
#define TYPE(t) BITS(1, ~(uint32_t)(SOCK_CLOEXEC | SOCK_NONBLOCK), t)
#define PROTO(p) IS(2, p)
/* PF_UNIX is 1: 0 or 1 */
#define PROTO_UNIX SPAN(2, 0, 2)

/*
 * Not namespaced or not needed, so closed with every other family: vsock
 * (reaches the hypervisor from any netns), packet, alg, bluetooth, tipc,
 * xdp, can, smc. Of inet: no ICMP, SCTP, UDP-Lite, MPTCP, DCCP.
 */
static const struct seccomp_rule socket_rules[] = {
	IF_FAMILY(UNIX, IS(0, AF_UNIX), TYPE(SOCK_STREAM), PROTO_UNIX),
	IF_FAMILY(UNIX, IS(0, AF_UNIX), TYPE(SOCK_DGRAM), PROTO_UNIX),
	IF_FAMILY(UNIX, IS(0, AF_UNIX), TYPE(SOCK_SEQPACKET), PROTO_UNIX),
	IF_FAMILY(INET, IS(0, AF_INET), TYPE(SOCK_STREAM), PROTO(0)),
	IF_FAMILY(INET, IS(0, AF_INET), TYPE(SOCK_STREAM), PROTO(IPPROTO_TCP)),
	IF_FAMILY(INET, IS(0, AF_INET), TYPE(SOCK_DGRAM), PROTO(0)),
	IF_FAMILY(INET, IS(0, AF_INET), TYPE(SOCK_DGRAM), PROTO(IPPROTO_UDP)),
	IF_FAMILY(INET6, IS(0, AF_INET6), TYPE(SOCK_STREAM), PROTO(0)),
	IF_FAMILY(INET6, IS(0, AF_INET6), TYPE(SOCK_STREAM),
		  PROTO(IPPROTO_TCP)),
	IF_FAMILY(INET6, IS(0, AF_INET6), TYPE(SOCK_DGRAM), PROTO(0)),
	IF_FAMILY(INET6, IS(0, AF_INET6), TYPE(SOCK_DGRAM), PROTO(IPPROTO_UDP)),
	/* getifaddrs(3) asks with SOCK_RAW; to netlink it is the same */
	IF_FAMILY(NETLINK, IS(0, AF_NETLINK), TYPE(SOCK_RAW),
		  PROTO(NETLINK_ROUTE)),
	IF_FAMILY(NETLINK, IS(0, AF_NETLINK), TYPE(SOCK_DGRAM),
		  PROTO(NETLINK_ROUTE)),
};

static const struct seccomp_rule socketpair_rules[] = {
	IF_FAMILY(UNIX, IS(0, AF_UNIX), TYPE(SOCK_STREAM), PROTO_UNIX),
	IF_FAMILY(UNIX, IS(0, AF_UNIX), TYPE(SOCK_DGRAM), PROTO_UNIX),
	IF_FAMILY(UNIX, IS(0, AF_UNIX), TYPE(SOCK_SEQPACKET), PROTO_UNIX),
};

/*
 * Kernel code that options lead to and no client needs: 64 and above of IP
 * is netfilter (IPT_SO_SET_REPLACE), TCP_ULP is 31 (kernel TLS), UDP_ENCAP
 * is 100 (IPsec, L2TP); other levels are other protocols'.
 */
/*
 * Of SOL_SOCKET all but SO_COOKIE (57) and SO_NETNS_COOKIE (71): counters of
 * the whole machine, by which sandboxes could be linked.
 */
static const struct seccomp_rule getsockopt_rules[] = {
	ALLOW(IS(1, SOL_SOCKET), SPAN(2, 0, 32)),
	ALLOW(IS(1, SOL_SOCKET), SPAN(2, 32, 16)),
	ALLOW(IS(1, SOL_SOCKET), SPAN(2, 48, 8)),
	ALLOW(IS(1, SOL_SOCKET), IS(2, 56)),
	ALLOW(IS(1, SOL_SOCKET), SPAN(2, 58, 2)),
	ALLOW(IS(1, SOL_SOCKET), SPAN(2, 60, 4)),
	ALLOW(IS(1, SOL_SOCKET), SPAN(2, 64, 4)),
	ALLOW(IS(1, SOL_SOCKET), SPAN(2, 68, 2)),
	ALLOW(IS(1, SOL_SOCKET), IS(2, 70)),
	ALLOW(IS(1, SOL_SOCKET), SPAN(2, 72, 8)),
	ALLOW(IS(1, SOL_SOCKET), SPAN(2, 80, 16)),
	ALLOW(IS(1, IPPROTO_IP)),
	ALLOW(IS(1, IPPROTO_IPV6)),
	ALLOW(IS(1, IPPROTO_TCP)),
	ALLOW(IS(1, IPPROTO_UDP)),
	IF_FAMILY(NETLINK, IS(1, SOL_NETLINK)),
};

static const struct seccomp_rule setsockopt_rules[] = {
	ALLOW(IS(1, SOL_SOCKET)),
	ALLOW(IS(1, IPPROTO_IP), SPAN(2, 0, 64)),
	ALLOW(IS(1, IPPROTO_IPV6), SPAN(2, 0, 64)),
	/* ..RECVTCLASS, TCLASS */
	ALLOW(IS(1, IPPROTO_IPV6), SPAN(2, 66, 2)),
	/* AUTOFLOWLABEL */
	ALLOW(IS(1, IPPROTO_IPV6), SPAN(2, 70, 2)),
	/* ADDR_PREFERENCES.. */
	ALLOW(IS(1, IPPROTO_IPV6), SPAN(2, 72, 8)),
	ALLOW(IS(1, IPPROTO_TCP), SPAN(2, 0, 16)),
	ALLOW(IS(1, IPPROTO_TCP), SPAN(2, 16, 8)),
	ALLOW(IS(1, IPPROTO_TCP), SPAN(2, 24, 4)),
	ALLOW(IS(1, IPPROTO_TCP), SPAN(2, 28, 2)),
	ALLOW(IS(1, IPPROTO_TCP), IS(2, TCP_FASTOPEN_CONNECT)),
	ALLOW(IS(1, IPPROTO_TCP), SPAN(2, 32, 8)),
	ALLOW(IS(1, IPPROTO_UDP), IS(2, UDP_CORK)),
	/* NO_CHECK6_RX, SEGMENT */
	ALLOW(IS(1, IPPROTO_UDP), SPAN(2, 102, 2)),
	ALLOW(IS(1, IPPROTO_UDP), IS(2, UDP_GRO)),
	IF_FAMILY(NETLINK, IS(1, SOL_NETLINK)),
};

/* requests of one driver type: _IOC_TYPE */
#define IOC_TYPE(t) BITS(1, 0xff00, (t) << 8)

/*
 * Left out on purpose: TIOCSETD (line disciplines), TIOCCONS, TIOCVHANGUP,
 * KD* and VT* (consoles), FS_IOC_GETFSUUID, FS_IOC_GETFSLABEL, FIEMAP,
 * FS_IOC_GETVERSION, BTRFS_IOC_FS_INFO (tell file systems apart), FIBMAP,
 * FS_IOC_SETFLAGS, SIOCS* and SIOCETHTOOL, NS_* and PIDFD_* (name spaces).
 */
static const struct seccomp_rule ioctl_rules[] = {
	/* types keys into the terminal, for whoever reads it next */
	REFUSE(EPERM, IS(1, TIOCSTI)),
	/* the same by the console's selection */
	REFUSE(EPERM, IS(1, TIOCLINUX)),
	/* terminals: modes, size, foreground group */
	ALLOW(IS(1, TCGETS)),
	ALLOW(IS(1, TCSETS)),
	ALLOW(IS(1, TCSETSW)),
	ALLOW(IS(1, TCSETSF)),
	ALLOW(IS(1, TCGETA)),
	ALLOW(IS(1, TCSETA)),
	ALLOW(IS(1, TCSETAW)),
	ALLOW(IS(1, TCSETAF)),
	ALLOW(IS(1, TCSBRK)),
	ALLOW(IS(1, TCSBRKP)),
	ALLOW(IS(1, TCXONC)),
	ALLOW(IS(1, TCFLSH)),
	ALLOW(IS(1, TCGETS2)),
	ALLOW(IS(1, TCSETS2)),
	ALLOW(IS(1, TCSETSW2)),
	ALLOW(IS(1, TCSETSF2)),
	ALLOW(IS(1, TIOCEXCL)),
	ALLOW(IS(1, TIOCNXCL)),
	ALLOW(IS(1, TIOCGEXCL)),
	ALLOW(IS(1, TIOCSCTTY)),
	ALLOW(IS(1, TIOCNOTTY)),
	ALLOW(IS(1, TIOCGPGRP)),
	ALLOW(IS(1, TIOCSPGRP)),
	ALLOW(IS(1, TIOCGSID)),
	ALLOW(IS(1, TIOCGWINSZ)),
	ALLOW(IS(1, TIOCSWINSZ)),
	ALLOW(IS(1, TIOCOUTQ)),
	ALLOW(IS(1, TIOCMGET)),
	ALLOW(IS(1, TIOCGETD)),
	/* own pty pairs: tmux, script, ssh */
	ALLOW(IS(1, TIOCGPTN)),
	ALLOW(IS(1, TIOCSPTLCK)),
	ALLOW(IS(1, TIOCGPTLCK)),
	ALLOW(IS(1, TIOCGPTPEER)),
	ALLOW(IS(1, TIOCPKT)),
	ALLOW(IS(1, TIOCGPKT)),
	ALLOW(IS(1, TIOCSIG)),
	/* any descriptor */
	ALLOW(IS(1, FIONREAD)),
	ALLOW(IS(1, FIONBIO)),
	ALLOW(IS(1, FIOASYNC)),
	ALLOW(IS(1, FIONCLEX)),
	ALLOW(IS(1, FIOCLEX)),
	ALLOW(IS(1, FIOQSIZE)),
	/* files */
	ALLOW(IS(1, FIGETBSZ)),
	ALLOW(IS(1, FICLONE)),
	ALLOW(IS(1, FICLONERANGE)),
	ALLOW(IS(1, FS_IOC_GETFLAGS)),
	/* sockets; what they tell of interfaces is of the own netns */
	ALLOW(IS(1, SIOCATMARK)),
	ALLOW(IS(1, SIOCGPGRP)),
	ALLOW(IS(1, SIOCSPGRP)),
	ALLOW(IS(1, SIOCOUTQNSD)),
	ALLOW(IS(1, SIOCGIFNAME)),
	ALLOW(IS(1, SIOCGIFCONF)),
	ALLOW(IS(1, SIOCGIFFLAGS)),
	ALLOW(IS(1, SIOCGIFADDR)),
	ALLOW(IS(1, SIOCGIFDSTADDR)),
	ALLOW(IS(1, SIOCGIFBRDADDR)),
	ALLOW(IS(1, SIOCGIFNETMASK)),
	ALLOW(IS(1, SIOCGIFMETRIC)),
	ALLOW(IS(1, SIOCGIFMTU)),
	ALLOW(IS(1, SIOCGIFHWADDR)),
	ALLOW(IS(1, SIOCGIFINDEX)),
	ALLOW(IS(1, SIOCGIFTXQLEN)),
	ALLOW(IS(1, SIOCGIFMAP)),
	ALLOW(IS(1, RNDGETENTCNT)),
	/* DRM, dma-buf, sync_file */
	IF_GROUP(GPU, IOC_TYPE('d')),
	IF_GROUP(GPU, IOC_TYPE('b')),
	IF_GROUP(GPU, IOC_TYPE('>')),
	/* PCM, control */
	IF_GROUP(AUDIO, IOC_TYPE('A')),
	IF_GROUP(AUDIO, IOC_TYPE('U')),
	/* video4linux, media */
	IF_GROUP(CAMERA, IOC_TYPE('V')),
	IF_GROUP(CAMERA, IOC_TYPE('|')),
};

#define RULES(r) (r), ARRAY_SIZE(r)
#define ALWAYS SECCOMP_WHEN_ALWAYS, 0
#define IF_WX SECCOMP_WHEN_WX, 0
#define NO_USERNS SECCOMP_WHEN_NOT_GROUP, SECCOMP_GROUP_USERNS

/* The errno is what the kernel itself says to an argument it does not know */
const struct seccomp_check seccomp_checks[] = {
	{ "clone", EPERM, NO_USERNS, RULES(clone_rules) },
	{ "unshare", EPERM, NO_USERNS, RULES(unshare_rules) },
	{ "personality", EPERM, ALWAYS, RULES(personality_rules) },
	{ "mknod", EPERM, ALWAYS, RULES(mknod_rules) },
	{ "mknodat", EPERM, ALWAYS, RULES(mknodat_rules) },
	{ "prctl", EINVAL, ALWAYS, RULES(prctl_rules) },
	{ "madvise", EINVAL, ALWAYS, RULES(madvise_rules) },
	{ "socket", EAFNOSUPPORT, ALWAYS, RULES(socket_rules) },
	{ "socketpair", EAFNOSUPPORT, ALWAYS, RULES(socketpair_rules) },
	{ "getsockopt", ENOPROTOOPT, ALWAYS, RULES(getsockopt_rules) },
	{ "setsockopt", ENOPROTOOPT, ALWAYS, RULES(setsockopt_rules) },
	{ "ioctl", ENOTTY, ALWAYS, RULES(ioctl_rules) },
	{ "mmap", EACCES, IF_WX, RULES(mmap_rules) },
	{ "mprotect", EACCES, IF_WX, RULES(mprotect_rules) },
	{ "pkey_mprotect", EACCES, IF_WX, RULES(mprotect_rules) },
	{ "shmat", EACCES, IF_WX, RULES(shmat_rules) },
	{ "memfd_create", EACCES, IF_WX, RULES(memfd_rules) },
};
const size_t seccomp_nchecks = ARRAY_SIZE(seccomp_checks);
