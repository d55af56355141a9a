/* SPDX-License-Identifier: GPL-3.0-or-later */
/* seccomp/groups.c - tables: the groups' system calls, and the closed ones */
#include <errno.h>

#include "base/attr.h"
#include "seccomp/policy.h"

/*
 * A name that libseccomp or this architecture does not know is left out and
 * so gets ENOSYS: libc has a fall-back for every call that is newer than the
 * library. One name a row would be long: rows hold what belongs together.
 */

static const char *const base_io[] = { "read",
				       "write",
				       "readv",
				       "writev",
				       "pread64",
				       "pwrite64",
				       "preadv",
				       "pwritev",
				       "preadv2",
				       "pwritev2",
				       "close",
				       "close_range",
				       "lseek",
				       "poll",
				       "ppoll",
				       "select",
				       "pselect6",
				       "epoll_create",
				       "epoll_create1",
				       "epoll_ctl",
				       "epoll_wait",
				       "epoll_pwait",
				       "epoll_pwait2",
				       "eventfd",
				       "eventfd2",
				       "pipe",
				       "pipe2",
				       "dup",
				       "dup2",
				       "dup3",
				       "fcntl",
				       "splice",
				       "tee",
				       "sendfile",
				       "copy_file_range",
				       "sync_file_range",
				       "readahead",
				       "fadvise64",
				       NULL };

static const char *const file_system[] = {
	"open", "openat", "openat2", "creat", "access", "faccessat",
	"faccessat2", "stat", "fstat", "lstat", "newfstatat", "statx", "statfs",
	"fstatfs", "getdents", "getdents64", "getcwd", "chdir", "fchdir",
	"mkdir", "mkdirat", "rmdir", "unlink", "unlinkat", "rename", "renameat",
	"renameat2", "link", "linkat", "symlink", "symlinkat", "readlink",
	"readlinkat", "chmod", "fchmod", "fchmodat", "fchmodat2", "chown",
	"fchown", "lchown", "fchownat", "truncate", "ftruncate", "fallocate",
	"utime", "utimes", "utimensat", "futimesat", "umask", "flock", "fsync",
	"fdatasync", "sync", "syncfs",
	/* checked: pipes, sockets and plain files only */
	"mknod", "mknodat", "setxattr", "lsetxattr", "fsetxattr", "getxattr",
	"lgetxattr", "fgetxattr", "listxattr", "llistxattr", "flistxattr",
	"removexattr", "lremovexattr", "fremovexattr", NULL
};

static const char *const file_notify[] = { "inotify_init", "inotify_init1",
					   "inotify_add_watch",
					   "inotify_rm_watch", NULL };

static const char *const process[] = {
	"fork", "vfork", "execve", "execveat", "exit", "exit_group", "wait4",
	"waitid", "getpid", "getppid", "gettid", "getpgid", "getpgrp",
	"setpgid", "getsid", "setsid", "arch_prctl", "set_tid_address",
	"getrlimit", "setrlimit", "prlimit64", "getrusage", "restart_syscall",
	"pidfd_open",
	/* checked: no namespaces; see seccomp_checks[] */
	"clone", "unshare", "prctl", "personality", NULL
};

static const char *const signal[] = { "kill",
				      "tkill",
				      "tgkill",
				      "rt_sigaction",
				      "rt_sigprocmask",
				      "rt_sigreturn",
				      "rt_sigpending",
				      "rt_sigsuspend",
				      "rt_sigtimedwait",
				      "rt_sigqueueinfo",
				      "rt_tgsigqueueinfo",
				      "sigaltstack",
				      "signalfd",
				      "signalfd4",
				      "pause",
				      "pidfd_send_signal",
				      NULL };

static const char *const time[] = { "clock_gettime",
				    "clock_getres",
				    "clock_nanosleep",
				    "nanosleep",
				    "gettimeofday",
				    "time",
				    "times",
				    "alarm",
				    "getitimer",
				    "setitimer",
				    "timer_create",
				    "timer_settime",
				    "timer_gettime",
				    "timer_getoverrun",
				    "timer_delete",
				    "timerfd_create",
				    "timerfd_settime",
				    "timerfd_gettime",
				    NULL };

static const char *const memory[] = {
	"brk",          "mmap",       "munmap",           "mremap",
	"mprotect",     "pkey_alloc", "pkey_free",        "pkey_mprotect",
	"msync",        "madvise",    "mincore",          "mlock",
	"mlock2",       "munlock",    "mlockall",         "munlockall",
	"memfd_create", "mseal",      "map_shadow_stack", NULL
};

static const char *const thread[] = { "futex",           "futex_waitv",
				      "futex_wake",      "futex_wait",
				      "futex_requeue",   "get_robust_list",
				      "set_robust_list", "rseq",
				      "membarrier",      NULL };

static const char *const credentials[] = {
	"getuid",    "geteuid",   "getgid",    "getegid",   "getresuid",
	"getresgid", "getgroups", "capget",    "capset",    "setuid",
	"setgid",    "setreuid",  "setregid",  "setresuid", "setresgid",
	"setfsuid",  "setfsgid",  "setgroups", NULL
};

/*
 * sysinfo tells memory size and load. It cannot be left out: glibc ignores
 * its failure and would compute a memory size from what is on the stack.
 */
static const char *const system_info[] = { "uname", "sysinfo", "getcpu",
					   "getrandom", NULL };

static const char *const sched[] = { "sched_yield",
				     "sched_getaffinity",
				     "sched_setaffinity",
				     "sched_getparam",
				     "sched_setparam",
				     "sched_getscheduler",
				     "sched_setscheduler",
				     "sched_get_priority_max",
				     "sched_get_priority_min",
				     "sched_rr_get_interval",
				     "sched_getattr",
				     "sched_setattr",
				     "getpriority",
				     "setpriority",
				     "ioprio_get",
				     "ioprio_set",
				     NULL };

static const char *const terminal[] = { "ioctl", NULL };

static const char *const network_client[] = {
	"socket",   "socketpair", "connect",    "getsockname", "getpeername",
	"sendto",   "recvfrom",   "sendmsg",    "recvmsg",     "sendmmsg",
	"recvmmsg", "shutdown",   "getsockopt", "setsockopt",  NULL
};

static const char *const network_server[] = { "bind", "listen", "accept",
					      "accept4", NULL };

static const char *const ipc_sysv[] = {
	"shmget", "shmat",  "shmctl", "shmdt",  "semget", "semop", "semtimedop",
	"semctl", "msgget", "msgsnd", "msgrcv", "msgctl", NULL
};

/* What they add can only refuse more: ours is never lifted (seccomp(2)). */
static const char *const self_sandbox[] = { "seccomp",
					    "landlock_create_ruleset",
					    "landlock_add_rule",
					    "landlock_restrict_self", NULL };

static const char *const ipc_posix[] = { "mq_open",
					 "mq_unlink",
					 "mq_timedsend",
					 "mq_timedreceive",
					 "mq_notify",
					 "mq_getsetattr",
					 NULL };

static const char *const aio[] = { "io_setup",  "io_destroy",   "io_submit",
				   "io_cancel", "io_getevents", "io_pgetevents",
				   NULL };

static const char *const numa[] = { "get_mempolicy", "set_mempolicy", "mbind",
				    "move_pages",    "migrate_pages", NULL };

/* Looser: one process of the sandbox may own another one's memory. */
static const char *const ptrace[] = {
	"ptrace", "process_vm_readv", "process_vm_writev",
	"kcmp",   "pidfd_getfd",      "process_madvise",
	NULL
};

/* Looser: all of the kernel that root of a user namespace can reach. */
static const char *const userns[] = { "chroot", NULL };

/* Looser: the mount code; the new mount API stays closed. */
static const char *const nested_mount[] = { "mount", "umount2", "pivot_root",
					    NULL };

/* Looser: device drivers' ioctls, for devices that were granted by name. */
static const char *const gpu[] = { NULL };
static const char *const audio[] = { NULL };
static const char *const camera[] = { NULL };

#define GROUP_ROW(id, table, title, on, help)                                  \
	[SECCOMP_GROUP_##id] = { title, help, on, table },
const struct seccomp_group seccomp_groups[SECCOMP_NGROUPS] = { SECCOMP_GROUPS(
	GROUP_ROW) };

_Static_assert(SECCOMP_NGROUPS <= 64, "seccomp_spec.groups has 64 bits");

/* "never" rows first, each with its reason; then those a group can open. */
const struct seccomp_closed seccomp_closed[] = {
	/* its requests are system calls that no filter sees: connect, openat,
	 * socket; libuv and others fall back on ENOSYS */
	{ "io_uring_setup", ENOSYS, true },
	{ "io_uring_enter", ENOSYS, true },
	{ "io_uring_register", ENOSYS, true },
	/* flags are in memory, where a filter cannot look; glibc falls back
	 * to clone */
	{ "clone3", ENOSYS, true },
	/* the kernel's richest attack surfaces; nothing in a sandbox needs
	 * them */
	{ "bpf", EPERM, true },
	{ "perf_event_open", EPERM, true },
	{ "userfaultfd", EPERM, true },
	/* keyrings are not namespaced: a channel between sandboxes */
	{ "keyctl", EPERM, true },
	{ "add_key", EPERM, true },
	{ "request_key", EPERM, true },
	/* the host's clocks: writing needs root, reading tells the machine by
	 * its frequency error */
	{ "adjtimex", EPERM, true },
	{ "clock_adjtime", EPERM, true },
	{ "clock_settime", EPERM, true },
	{ "settimeofday", EPERM, true },
	/* other namespaces' descriptors */
	{ "setns", EPERM, true },
	/* the new mount API: as a kernel without it, libmount then tries
	 * mount(2) */
	{ "fsopen", ENOSYS, true },
	{ "fsconfig", ENOSYS, true },
	{ "fsmount", ENOSYS, true },
	{ "fspick", ENOSYS, true },
	{ "open_tree", ENOSYS, true },
	{ "open_tree_attr", ENOSYS, true },
	{ "move_mount", ENOSYS, true },
	{ "mount_setattr", ENOSYS, true },
	/* tell the sources and identity of mounts */
	{ "statmount", ENOSYS, true },
	{ "listmount", ENOSYS, true },
	/* file handles: identity of file systems, and access past paths */
	{ "name_to_handle_at", EPERM, true },
	{ "open_by_handle_at", EPERM, true },
	{ "fanotify_init", EPERM, true },
	{ "fanotify_mark", EPERM, true },
	{ "file_getattr", ENOSYS, true },
	{ "file_setattr", ENOSYS, true },
	{ "quotactl", EPERM, true },
	{ "quotactl_fd", EPERM, true },
	{ "lookup_dcookie", EPERM, true },
	/* the host's kernel log */
	{ "syslog", EPERM, true },
	/* root's business */
	{ "init_module", EPERM, true },
	{ "finit_module", EPERM, true },
	{ "delete_module", EPERM, true },
	{ "kexec_load", EPERM, true },
	{ "kexec_file_load", EPERM, true },
	{ "reboot", EPERM, true },
	{ "swapon", EPERM, true },
	{ "swapoff", EPERM, true },
	{ "acct", EPERM, true },
	{ "sethostname", EPERM, true },
	{ "setdomainname", EPERM, true },
	{ "vhangup", EPERM, true },
	{ "iopl", EPERM, true },
	{ "ioperm", EPERM, true },
	/* x86 segments: 16-bit code, and a history of holes */
	{ "modify_ldt", EPERM, true },
	/* gifts user pages to pipes: a history of holes, hardly a user */
	{ "vmsplice", EPERM, true },
	{ "uselib", EPERM, true },
	{ "nfsservctl", EPERM, true },
	{ "remap_file_pages", ENOSYS, true },
	/* opened by userns, nested-mount, ptrace */
	{ "chroot", EPERM, false },
	{ "mount", EPERM, false },
	{ "umount2", EPERM, false },
	{ "pivot_root", EPERM, false },
	{ "ptrace", EPERM, false },
	{ "process_vm_readv", EPERM, false },
	{ "process_vm_writev", EPERM, false },
	{ "kcmp", EPERM, false },
	{ "pidfd_getfd", EPERM, false },
	{ "process_madvise", EPERM, false },
	/* libnuma takes only ENOSYS for "no NUMA here": those of the group
	 * numa, of aio and ipc-posix are simply unknown when it is off */
};
const size_t seccomp_nclosed = ARRAY_SIZE(seccomp_closed);
