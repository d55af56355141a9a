/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/data/sysprobe.c - system calls by name, and what a sandbox answers */
#include "tests/data/sysprobe.h"

#include <asm/ioctls.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <linux/netlink.h>
#include <linux/prctl.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/attr.h"

/* Arguments are chosen so that each is harmless without a filter, as root
 * too: it fails on a bad pointer, descriptor or flag. */

#define HIGH (1ul << 32)
#define BAD (-1ul)
/* clone refuses it without CLONE_VM: no process comes of these probes */
#define HARMLESS_CLONE (CLONE_SIGHAND | SIGCHLD)
/* unshare does not know it: EINVAL before anything is done */
#define HARMLESS_UNSHARE CLONE_CHILD_SETTID

#define DIFFERS PROBE_PLAIN_DIFFERS
#define ROOT PROBE_PLAIN_DIFFERS_TO_ROOT
#define MAY_LACK PROBE_PLAIN_MAY_LACK

#define REFUSED(name, want, plain, nr, ...)                                    \
	{                                                                      \
		(name), -(want), (plain), NULL, (nr),                          \
		{                                                              \
			__VA_ARGS__                                            \
		}                                                              \
	}
#define ALLOWED(name, nr, ...)                                                 \
	{                                                                      \
		(name), 0, PROBE_PLAIN_SAME, NULL, (nr),                       \
		{                                                              \
			__VA_ARGS__                                            \
		}                                                              \
	}

#ifdef __x86_64__
/* The 32-bit door: numbers and arguments of i386. */
static long int80(long nr, long a, long b)
{
	long rc;

	__asm__ volatile("int $0x80"
			 : "=a"(rc)
			 : "a"(nr), "b"(a), "c"(b), "d"(0L)
			 : "memory", "r8", "r9", "r10", "r11");
	return rc < 0 ? rc : 0;
}

static long int80_getpid(void)
{
	return int80(20, 0, 0);
}

/* socketcall(SYS_SOCKET): its arguments are in memory */
static long int80_socketcall(void)
{
	/* a 32-bit caller's pointer: below 4 GiB */
	unsigned int *args =
		mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);

	if (args == MAP_FAILED)
		return -errno;
	args[0] = AF_INET;
	args[1] = SOCK_STREAM;
	args[2] = 0;
	return int80(102, 1, (long)args);
}

/* write in i386 is ptrace's neighbour: 4 is stat in x86_64 */
static long int80_write(void)
{
	return int80(4, -1, 0);
}
#endif

static long anonymous_mmap(int prot)
{
	void *p = mmap(NULL, 4096, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? -errno : 0;
}

static long mmap_wx(void)
{
	return anonymous_mmap(PROT_READ | PROT_WRITE | PROT_EXEC);
}

static long mmap_x(void)
{
	return anonymous_mmap(PROT_READ | PROT_EXEC);
}

static long mmap_w(void)
{
	return anonymous_mmap(PROT_READ | PROT_WRITE);
}

const struct probe probes[] = {
/* other doors to the kernel */
#ifdef __x86_64__
	{ "int80-getpid", PROBE_KILLED, DIFFERS, int80_getpid, 0, { 0 } },
	{ "int80-socketcall",
	  PROBE_KILLED,
	  DIFFERS,
	  int80_socketcall,
	  0,
	  { 0 } },
	{ "int80-write", PROBE_KILLED, DIFFERS, int80_write, 0, { 0 } },
	{ "x32-getpid",
	  PROBE_KILLED,
	  DIFFERS,
	  NULL,
	  0x40000000 | SYS_getpid,
	  { 0 } },
	{ "x32-ptrace", PROBE_KILLED, DIFFERS, NULL, 0x40000000 | 521, { 0 } },
	REFUSED("iopl", EPERM, DIFFERS, SYS_iopl, 4),
	REFUSED("ioperm", EPERM, DIFFERS, SYS_ioperm, BAD, 2, 1),
	REFUSED("modify_ldt", EPERM, DIFFERS, SYS_modify_ldt, 0, 0, 0),
#endif
	REFUSED("io_uring_setup", ENOSYS, MAY_LACK, SYS_io_uring_setup, 1, 0),
	REFUSED("io_uring_enter", ENOSYS, MAY_LACK, SYS_io_uring_enter, BAD),
	REFUSED("io_uring_register", ENOSYS, MAY_LACK, SYS_io_uring_register,
		BAD),

	/* namespaces */
	REFUSED("clone3", ENOSYS, DIFFERS, SYS_clone3, 0, 0),
	REFUSED("clone-newuser", EPERM, DIFFERS, SYS_clone,
		CLONE_NEWUSER | HARMLESS_CLONE),
	REFUSED("clone-newuser-high-bits", EPERM, DIFFERS, SYS_clone,
		HIGH | CLONE_NEWUSER | HARMLESS_CLONE),
	REFUSED("clone-newns", EPERM, DIFFERS, SYS_clone,
		CLONE_NEWNS | HARMLESS_CLONE),
	REFUSED("clone-newpid", EPERM, DIFFERS, SYS_clone,
		CLONE_NEWPID | HARMLESS_CLONE),
	REFUSED("clone-newnet", EPERM, DIFFERS, SYS_clone,
		CLONE_NEWNET | HARMLESS_CLONE),
	REFUSED("clone-newipc", EPERM, DIFFERS, SYS_clone,
		CLONE_NEWIPC | HARMLESS_CLONE),
	REFUSED("clone-newuts", EPERM, DIFFERS, SYS_clone,
		CLONE_NEWUTS | HARMLESS_CLONE),
	REFUSED("clone-newcgroup", EPERM, DIFFERS, SYS_clone,
		CLONE_NEWCGROUP | HARMLESS_CLONE),
	REFUSED("unshare-newuser", EPERM, DIFFERS, SYS_unshare,
		CLONE_NEWUSER | HARMLESS_UNSHARE),
	REFUSED("unshare-newuser-high-bits", EPERM, DIFFERS, SYS_unshare,
		HIGH | CLONE_NEWUSER | HARMLESS_UNSHARE),
	REFUSED("unshare-newnet", EPERM, DIFFERS, SYS_unshare,
		CLONE_NEWNET | HARMLESS_UNSHARE),
	REFUSED("unshare-newns", EPERM, DIFFERS, SYS_unshare,
		CLONE_NEWNS | HARMLESS_UNSHARE),
	REFUSED("unshare-newtime", EPERM, DIFFERS, SYS_unshare,
		CLONE_NEWTIME | HARMLESS_UNSHARE),
	REFUSED("setns", EPERM, DIFFERS, SYS_setns, BAD, 0),
	REFUSED("chroot", EPERM, DIFFERS, SYS_chroot, 0),
	REFUSED("pivot_root", EPERM, ROOT, SYS_pivot_root, 0, 0),
	REFUSED("mount", EPERM, DIFFERS, SYS_mount, 0, 0, 0, 0, 0),
	REFUSED("umount2", EPERM, DIFFERS, SYS_umount2, 0, 0),
	REFUSED("fsopen", ENOSYS, DIFFERS, SYS_fsopen, 0, 0),
	REFUSED("fsconfig", ENOSYS, DIFFERS, SYS_fsconfig, BAD, 0, 0, 0, 0),
	REFUSED("fsmount", ENOSYS, DIFFERS, SYS_fsmount, BAD, 0, 0),
	REFUSED("fspick", ENOSYS, DIFFERS, SYS_fspick, BAD, 0, 0),
	REFUSED("open_tree", ENOSYS, DIFFERS, SYS_open_tree, BAD, 0, 0),
	REFUSED("move_mount", ENOSYS, DIFFERS, SYS_move_mount, BAD, 0, BAD, 0,
		0),
	REFUSED("mount_setattr", ENOSYS, MAY_LACK, SYS_mount_setattr, BAD, 0, 0,
		0, 0),
	REFUSED("statmount", ENOSYS, MAY_LACK, 457, 0, 0, 0, 0),
	REFUSED("listmount", ENOSYS, MAY_LACK, 458, 0, 0, 0, 0),
	REFUSED("sethostname", EPERM, ROOT, SYS_sethostname, 0, BAD),
	REFUSED("setdomainname", EPERM, ROOT, SYS_setdomainname, 0, BAD),

	/* the kernel's richest attack surfaces */
	REFUSED("bpf", EPERM, ROOT, SYS_bpf, 9999, 0, 0),
	REFUSED("perf_event_open", EPERM, MAY_LACK, SYS_perf_event_open, 0, 0,
		BAD, BAD, 0),
	REFUSED("userfaultfd", EPERM, ROOT, SYS_userfaultfd, 0x7fffffff),
	REFUSED("keyctl", EPERM, DIFFERS, SYS_keyctl, 9999),
	REFUSED("add_key", EPERM, DIFFERS, SYS_add_key, 0, 0, 0, 0, 0),
	REFUSED("request_key", EPERM, DIFFERS, SYS_request_key, 0, 0, 0, 0),
	REFUSED("vmsplice", EPERM, DIFFERS, SYS_vmsplice, BAD, 0, 0, 0),

	/* other processes */
	REFUSED("ptrace", EPERM, DIFFERS, SYS_ptrace, 1, BAD, 0, 0),
	REFUSED("process_vm_readv", EPERM, DIFFERS, SYS_process_vm_readv, BAD,
		0, 0, 0, 0, 1),
	REFUSED("process_vm_writev", EPERM, DIFFERS, SYS_process_vm_writev, BAD,
		0, 0, 0, 0, 1),
	REFUSED("process_madvise", EPERM, MAY_LACK, SYS_process_madvise, BAD, 0,
		0, 0, 0),
	REFUSED("pidfd_getfd", EPERM, MAY_LACK, SYS_pidfd_getfd, BAD, BAD, 0),
	REFUSED("kcmp", EPERM, MAY_LACK, SYS_kcmp, BAD, BAD, 0, 0, 0),

	/* the machine, its clocks and its log */
	REFUSED("adjtimex", EPERM, DIFFERS, SYS_adjtimex, 0),
	REFUSED("clock_adjtime", EPERM, DIFFERS, SYS_clock_adjtime, 9999, 0),
	REFUSED("clock_settime", EPERM, DIFFERS, SYS_clock_settime, 9999, 0),
	REFUSED("settimeofday", EPERM, DIFFERS, SYS_settimeofday, 1, 0),
	REFUSED("syslog", EPERM, ROOT, SYS_syslog, 9999, 0, 0),
	REFUSED("acct", EPERM, ROOT, SYS_acct, 1),
	REFUSED("init_module", EPERM, ROOT, SYS_init_module, 0, 0, 0),
	REFUSED("finit_module", EPERM, ROOT, SYS_finit_module, BAD, 0, 0),
	REFUSED("delete_module", EPERM, ROOT, SYS_delete_module, 0, 0),
	REFUSED("kexec_load", EPERM, ROOT, SYS_kexec_load, 0, 999, 0, 0),
	REFUSED("reboot", EPERM, ROOT, SYS_reboot, 0, 0, 0, 0),
	REFUSED("swapon", EPERM, ROOT, SYS_swapon, 0, 0),
	REFUSED("swapoff", EPERM, ROOT, SYS_swapoff, 0),
	REFUSED("vhangup", EPERM, PROBE_PLAIN_NEVER, SYS_vhangup, 0),

	/* identity of file systems */
	REFUSED("name_to_handle_at", EPERM, DIFFERS, SYS_name_to_handle_at, BAD,
		0, 0, 0, 0),
	REFUSED("open_by_handle_at", EPERM, ROOT, SYS_open_by_handle_at, BAD, 0,
		0),
	REFUSED("fanotify_init", EPERM, ROOT, SYS_fanotify_init, 0xffffffff, 0),
	REFUSED("fanotify_mark", EPERM, MAY_LACK, SYS_fanotify_mark, BAD, 0, 0,
		BAD, 0),
	REFUSED("quotactl", EPERM, MAY_LACK, SYS_quotactl, 0, 0, 0, 0),
	REFUSED("mknod-device", EPERM, DIFFERS, SYS_mknodat, BAD,
		(unsigned long)"x", S_IFCHR | 0600, 0x103),
	REFUSED("mknod-block", EPERM, DIFFERS, SYS_mknodat, BAD,
		(unsigned long)"x", S_IFBLK | 0600, 0x801),

	/* ioctl: fd -1, so the kernel alone says EBADF */
	REFUSED("tiocsti", EPERM, DIFFERS, SYS_ioctl, BAD, TIOCSTI,
		(unsigned long)"x"),
	REFUSED("tiocsti-high-bits", EPERM, DIFFERS, SYS_ioctl, BAD,
		HIGH | TIOCSTI, (unsigned long)"x"),
	REFUSED("tiocsti-all-high-bits", EPERM, DIFFERS, SYS_ioctl, BAD,
		0xffffffff00000000ul | TIOCSTI, (unsigned long)"x"),
	REFUSED("tioclinux", EPERM, DIFFERS, SYS_ioctl, BAD, TIOCLINUX, 0),
	REFUSED("tioclinux-high-bits", EPERM, DIFFERS, SYS_ioctl, BAD,
		HIGH | TIOCLINUX, 0),
	REFUSED("tiocsetd", ENOTTY, DIFFERS, SYS_ioctl, BAD, TIOCSETD, 0),
	REFUSED("tioccons", ENOTTY, DIFFERS, SYS_ioctl, BAD, TIOCCONS, 0),
	REFUSED("tiocvhangup", ENOTTY, DIFFERS, SYS_ioctl, BAD, TIOCVHANGUP),
	/* KDSETLED */
	REFUSED("kdsetled", ENOTTY, DIFFERS, SYS_ioctl, BAD, 0x4b32, 0),
	/* FS_IOC_GETFSUUID, FS_IOC_GETFSSYSFSPATH, FS_IOC_GETFSLABEL */
	REFUSED("getfsuuid", ENOTTY, DIFFERS, SYS_ioctl, BAD, 0x80111500, 0),
	REFUSED("getfsuuid-high-bits", ENOTTY, DIFFERS, SYS_ioctl, BAD,
		HIGH | 0x80111500, 0),
	REFUSED("getfssysfspath", ENOTTY, DIFFERS, SYS_ioctl, BAD, 0x80811501,
		0),
	REFUSED("getfslabel", ENOTTY, DIFFERS, SYS_ioctl, BAD, 0x81009431, 0),
	/* EXT4_IOC_GETFSUUID, BTRFS_IOC_FS_INFO, FS_IOC_GETVERSION */
	REFUSED("ext4-getfsuuid", ENOTTY, DIFFERS, SYS_ioctl, BAD, 0x8008662c,
		0),
	REFUSED("btrfs-fs-info", ENOTTY, DIFFERS, SYS_ioctl, BAD, 0x8400941f,
		0),
	REFUSED("getversion", ENOTTY, DIFFERS, SYS_ioctl, BAD,
		FS_IOC_GETVERSION, 0),
	REFUSED("fiemap", ENOTTY, DIFFERS, SYS_ioctl, BAD, FS_IOC_FIEMAP, 0),
	REFUSED("setflags", ENOTTY, DIFFERS, SYS_ioctl, BAD, FS_IOC_SETFLAGS,
		0),
	REFUSED("siocethtool", ENOTTY, DIFFERS, SYS_ioctl, BAD, SIOCETHTOOL, 0),
	REFUSED("siocsifaddr", ENOTTY, DIFFERS, SYS_ioctl, BAD, SIOCSIFADDR, 0),
	REFUSED("siocgskns", ENOTTY, DIFFERS, SYS_ioctl, BAD, 0x894c, 0),
	/* NS_GET_USERNS, DRM_IOCTL_VERSION, loop, tun */
	REFUSED("ns-get-userns", ENOTTY, DIFFERS, SYS_ioctl, BAD, 0xb701, 0),
	REFUSED("drm-version", ENOTTY, DIFFERS, SYS_ioctl, BAD, 0xc0406400, 0),
	REFUSED("loop-set-fd", ENOTTY, DIFFERS, SYS_ioctl, BAD, 0x4c00, 0),
	REFUSED("tunsetiff", ENOTTY, DIFFERS, SYS_ioctl, BAD, 0x400454ca, 0),

	/* sockets */
	REFUSED("socket-vsock", EAFNOSUPPORT, MAY_LACK, SYS_socket, AF_VSOCK,
		SOCK_STREAM, 0),
	REFUSED("socket-packet", EAFNOSUPPORT, MAY_LACK, SYS_socket, AF_PACKET,
		SOCK_RAW, 0),
	REFUSED("socket-alg", EAFNOSUPPORT, MAY_LACK, SYS_socket, AF_ALG,
		SOCK_SEQPACKET, 0),
	REFUSED("socket-bluetooth", EAFNOSUPPORT, MAY_LACK, SYS_socket,
		AF_BLUETOOTH, SOCK_RAW, 1),
	REFUSED("socket-tipc", EAFNOSUPPORT, MAY_LACK, SYS_socket, AF_TIPC,
		SOCK_STREAM, 0),
	REFUSED("socket-xdp", EAFNOSUPPORT, MAY_LACK, SYS_socket, AF_XDP,
		SOCK_RAW, 0),
	REFUSED("socket-can", EAFNOSUPPORT, MAY_LACK, SYS_socket, AF_CAN,
		SOCK_RAW, 1),
	REFUSED("socket-netlink-route", EAFNOSUPPORT, DIFFERS, SYS_socket,
		AF_NETLINK, SOCK_RAW, NETLINK_ROUTE),
	REFUSED("socket-netlink-audit", EAFNOSUPPORT, DIFFERS, SYS_socket,
		AF_NETLINK, SOCK_RAW, NETLINK_AUDIT),
	REFUSED("socket-netlink-netfilter", EAFNOSUPPORT, DIFFERS, SYS_socket,
		AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER),
	REFUSED("socket-netlink-uevent", EAFNOSUPPORT, DIFFERS, SYS_socket,
		AF_NETLINK, SOCK_RAW, NETLINK_KOBJECT_UEVENT),
	REFUSED("socket-inet-raw", EAFNOSUPPORT, DIFFERS, SYS_socket, AF_INET,
		SOCK_RAW, IPPROTO_ICMP),
	REFUSED("socket-inet-raw-flags", EAFNOSUPPORT, DIFFERS, SYS_socket,
		AF_INET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_RAW),
	REFUSED("socket-inet-raw-high-bits", EAFNOSUPPORT, DIFFERS, SYS_socket,
		HIGH | AF_INET, HIGH | SOCK_RAW, HIGH | IPPROTO_RAW),
	REFUSED("socket-inet6-raw", EAFNOSUPPORT, MAY_LACK, SYS_socket,
		AF_INET6, SOCK_RAW, IPPROTO_ICMPV6),
	REFUSED("socket-inet-packet", EAFNOSUPPORT, MAY_LACK, SYS_socket,
		AF_INET, SOCK_PACKET, 0x300),
	REFUSED("socket-icmp", EAFNOSUPPORT, DIFFERS, SYS_socket, AF_INET,
		SOCK_DGRAM, IPPROTO_ICMP),
	REFUSED("socket-sctp", EAFNOSUPPORT, DIFFERS, SYS_socket, AF_INET,
		SOCK_STREAM, IPPROTO_SCTP),
	REFUSED("socket-mptcp", EAFNOSUPPORT, DIFFERS, SYS_socket, AF_INET,
		SOCK_STREAM, IPPROTO_MPTCP),
	REFUSED("socket-udplite", EAFNOSUPPORT, DIFFERS, SYS_socket, AF_INET,
		SOCK_DGRAM, IPPROTO_UDPLITE),
	REFUSED("socketpair-inet", EAFNOSUPPORT, DIFFERS, SYS_socketpair,
		AF_INET, SOCK_STREAM, 0, 0),
	REFUSED("setsockopt-ipt-replace", ENOPROTOOPT, DIFFERS, SYS_setsockopt,
		BAD, IPPROTO_IP, 64, 0, 0),
	REFUSED("setsockopt-ipt-high-bits", ENOPROTOOPT, DIFFERS,
		SYS_setsockopt, BAD, HIGH | IPPROTO_IP, HIGH | 64, 0, 0),
	REFUSED("setsockopt-ip6t-replace", ENOPROTOOPT, DIFFERS, SYS_setsockopt,
		BAD, IPPROTO_IPV6, 64, 0, 0),
	REFUSED("setsockopt-tcp-ulp", ENOPROTOOPT, DIFFERS, SYS_setsockopt, BAD,
		IPPROTO_TCP, 31, 0, 0),
	REFUSED("setsockopt-udp-encap", ENOPROTOOPT, DIFFERS, SYS_setsockopt,
		BAD, IPPROTO_UDP, 100, 0, 0),
	REFUSED("setsockopt-netlink", ENOPROTOOPT, DIFFERS, SYS_setsockopt, BAD,
		270, 1, 0, 0),

	/* personality, prctl, madvise */
	REFUSED("personality-linux32", EPERM, DIFFERS, SYS_personality,
		PER_LINUX32),
	REFUSED("personality-high-bits", EPERM, DIFFERS, SYS_personality,
		HIGH | READ_IMPLIES_EXEC),
	REFUSED("personality-read-implies-exec", EPERM, DIFFERS,
		SYS_personality, READ_IMPLIES_EXEC),
	REFUSED("personality-no-randomize", EPERM, DIFFERS, SYS_personality,
		ADDR_NO_RANDOMIZE),
	/* 15: PR_SET_MM_MAP_SIZE */
	REFUSED("prctl-set-mm", EINVAL, MAY_LACK, SYS_prctl, PR_SET_MM, 15, 0,
		0, 0),
	REFUSED("prctl-set-mm-high-bits", EINVAL, MAY_LACK, SYS_prctl,
		HIGH | PR_SET_MM, 15, 0, 0, 0),
	REFUSED("prctl-set-securebits", EINVAL, DIFFERS, SYS_prctl,
		PR_SET_SECUREBITS, 0, 0, 0, 0),
	/* PR_SET_MEMORY_MERGE */
	REFUSED("prctl-memory-merge", EINVAL, MAY_LACK, SYS_prctl, 67, 0, 0, 0,
		0),
	/* PR_SET_SYSCALL_USER_DISPATCH, off */
	REFUSED("prctl-user-dispatch", EINVAL, MAY_LACK, SYS_prctl, 59, 0, 0, 0,
		0),
	REFUSED("prctl-set-ptracer", EINVAL, MAY_LACK, SYS_prctl,
		PR_SET_PTRACER, 0, 0, 0, 0),
	REFUSED("madvise-mergeable", EINVAL, MAY_LACK, SYS_madvise, 0, 0,
		MADV_MERGEABLE),

	/* groups that are off, and what is new: as if it did not exist */
	REFUSED("mq_open", ENOSYS, MAY_LACK, SYS_mq_open, 0, 0, 0, 0),
	REFUSED("io_setup", ENOSYS, MAY_LACK, SYS_io_setup, 0, 0),
	REFUSED("get_mempolicy", ENOSYS, MAY_LACK, SYS_get_mempolicy, 0, 0, 0,
		0, BAD),
	/* cachestat */
	REFUSED("cachestat", ENOSYS, MAY_LACK, 451, BAD, 0, 0, 0),
	REFUSED("remap_file_pages", ENOSYS, DIFFERS, SYS_remap_file_pages, 0, 0,
		0, 0, 0),
	ALLOWED("syscall-minus-one", -1, 0),
	ALLOWED("syscall-unknown", 1023, 0),

	/* what must work */
	ALLOWED("getpid", SYS_getpid, 0),
	ALLOWED("read", SYS_read, BAD, 0, 0),
	ALLOWED("openat2", SYS_openat2, BAD, 0, 0, 0),
	ALLOWED("clone-plain", SYS_clone, HARMLESS_CLONE),
	ALLOWED("clone-thread", SYS_clone,
		(CLONE_VM | CLONE_FS | CLONE_THREAD | CLONE_SYSVSEM)),
	ALLOWED("unshare-files", SYS_unshare, CLONE_FILES),
	ALLOWED("socket-unix", SYS_socket, AF_UNIX, SOCK_STREAM, 0),
	ALLOWED("socket-unix-pf", SYS_socket, AF_UNIX,
		SOCK_SEQPACKET | SOCK_CLOEXEC, PF_UNIX),
	ALLOWED("socket-inet", SYS_socket, AF_INET,
		SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP),
	ALLOWED("socket-inet-high-bits", SYS_socket, HIGH | AF_INET,
		HIGH | SOCK_STREAM, HIGH),
	ALLOWED("socket-inet-udp", SYS_socket, AF_INET, SOCK_DGRAM, 0),
	ALLOWED("socket-inet6", SYS_socket, AF_INET6, SOCK_STREAM, 0),
	ALLOWED("ioctl-tcgets", SYS_ioctl, BAD, TCGETS, 0),
	ALLOWED("ioctl-winsize", SYS_ioctl, BAD, TIOCGWINSZ, 0),
	/* musl passes the request as a signed int */
	ALLOWED("ioctl-sign-extended", SYS_ioctl, BAD,
		0xffffffff00000000ul | TIOCGPTN, 0),
	ALLOWED("ioctl-ficlone", SYS_ioctl, BAD, FICLONE, 0),
	ALLOWED("prctl-set-name", SYS_prctl, PR_SET_NAME,
		(unsigned long)"probe", 0, 0, 0),
	ALLOWED("prctl-high-bits", SYS_prctl, HIGH | PR_GET_DUMPABLE, 0, 0, 0,
		0),
	ALLOWED("personality-query", SYS_personality, 0xffffffff),
	ALLOWED("personality-linux", SYS_personality, PER_LINUX),
	ALLOWED("madvise-dontneed", SYS_madvise, 0, 0, MADV_DONTNEED),
	ALLOWED("madvise-free", SYS_madvise, 0, 0, MADV_FREE),
	ALLOWED("madvise-hugepage", SYS_madvise, 0, 0, MADV_HUGEPAGE),
	ALLOWED("madvise-populate", SYS_madvise, 0, 0, 22),
	ALLOWED("setsockopt-socket", SYS_setsockopt, BAD, SOL_SOCKET, 2, 0, 0),
	ALLOWED("setsockopt-nodelay", SYS_setsockopt, BAD, IPPROTO_TCP, 1, 0,
		0),
	ALLOWED("setsockopt-tos", SYS_setsockopt, BAD, IPPROTO_IP, 1, 0, 0),
	ALLOWED("setsockopt-tclass", SYS_setsockopt, BAD, IPPROTO_IPV6, 67, 0,
		0),
	ALLOWED("mknod-fifo", SYS_mknodat, BAD, (unsigned long)"x",
		S_IFIFO | 0600, 0),
	ALLOWED("seccomp", SYS_seccomp, 9999, 0, 0),
	{ "mmap-wx", 0, PROBE_PLAIN_SAME, mmap_wx, 0, { 0 } },
	{ "mmap-x", 0, PROBE_PLAIN_SAME, mmap_x, 0, { 0 } },
	{ "mmap-w", 0, PROBE_PLAIN_SAME, mmap_w, 0, { 0 } },
	ALLOWED("mprotect-x", SYS_mprotect, 0, 0, PROT_EXEC),
	ALLOWED("mprotect-w", SYS_mprotect, 0, 0, PROT_WRITE),
	ALLOWED("pkey_mprotect-x", SYS_pkey_mprotect, 0, 0, PROT_EXEC, BAD),
	ALLOWED("shmat-exec", SYS_shmat, BAD, 0, 0100000),
	ALLOWED("shmat", SYS_shmat, BAD, 0, 0),
	ALLOWED("memfd", SYS_memfd_create, 0, 0),
	/* MFD_NOEXEC_SEAL */
	ALLOWED("memfd-noexec", SYS_memfd_create, 0, 8),
};
const size_t nprobes = ARRAY_SIZE(probes);

const struct probe *probe_find(const char *name)
{
	for (size_t i = 0; i < nprobes; i++)
		if (strcmp(probes[i].name, name) == 0)
			return &probes[i];
	return NULL;
}

static int probe_call(const struct probe *p)
{
	const unsigned long *a = p->args;

	if (p->run)
		return (int)p->run();
	if (syscall(p->nr, a[0], a[1], a[2], a[3], a[4], a[5]) == -1)
		return -errno;
	return 0;
}

/* The result goes back as exit status: errno values are below 250. */
static int probe_child(const struct probe *p, int (*prepare)(void *), void *arg)
{
	const struct rlimit none = { 0, 0 };

	/* SIGSYS would dump core */
	setrlimit(RLIMIT_CORE, &none);
	if (prepare && prepare(arg) != 0)
		return 255;
	return -probe_call(p);
}

int probe_run(const struct probe *p, int (*prepare)(void *), void *arg)
{
	pid_t pid = fork();
	int status;

	if (pid < 0)
		return PROBE_BROKEN;
	if (pid == 0)
		_exit(probe_child(p, prepare, arg));
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return PROBE_BROKEN;
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
		return PROBE_KILLED;
	if (!WIFEXITED(status) || WEXITSTATUS(status) == 255)
		return PROBE_BROKEN;
	return -WEXITSTATUS(status);
}

const char *probe_result_name(int result)
{
	const char *name;

	if (result == PROBE_KILLED)
		return "KILLED";
	if (result == PROBE_BROKEN)
		return "BROKEN";
	if (result == 0)
		return "OK";
	name = strerrorname_np(-result);
	return name ? name : "UNKNOWN";
}
