/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/data/probe_escape.c - probes that reach for other namespaces, kernel */
#include "tests/data/probe.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/keyctl.h>
#include <linux/nsfs.h>
#include <linux/sched.h>
#include <mqueue.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/ptrace.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static int try_userns(const struct probe_target *t)
{
	(void)t;
	return probe_result(unshare(CLONE_NEWUSER));
}

static int try_netns(const struct probe_target *t)
{
	(void)t;
	return probe_result(unshare(CLONE_NEWNET));
}

/* A child of a raw clone must not run libc's half-updated state. */
static int clone_result(long pid)
{
	if (pid == 0)
		_exit(0);
	if (pid < 0)
		return errno;
	waitpid((pid_t)pid, NULL, 0);
	return 0;
}

static int try_userns_clone(const struct probe_target *t)
{
	(void)t;
	return clone_result(
		syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0));
}

static int try_userns_clone3(const struct probe_target *t)
{
	struct clone_args args = { .flags = CLONE_NEWUSER,
				   .exit_signal = SIGCHLD };

	(void)t;
	return clone_result(syscall(SYS_clone3, &args, sizeof(args)));
}

static int try_setns_pid1(const struct probe_target *t)
{
	int fd = open("/proc/1/ns/net", O_RDONLY | O_CLOEXEC);

	(void)t;
	return fd < 0 ? errno : probe_result(setns(fd, CLONE_NEWNET));
}

/* Given only to who is in the user namespace that owns the network, or above:
 * where root is only a uid_map away. */
static int try_ns_owner(const struct probe_target *t)
{
	int fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);

	(void)t;
	return fd < 0 ? errno : probe_result(ioctl(fd, NS_GET_USERNS));
}

static int try_proc1_root(const struct probe_target *t)
{
	(void)t;
	return probe_result(
		open("/proc/1/root/", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

static int try_file(const struct probe_target *t)
{
	int rc = PROBE_UNASKED;
	size_t i;

	for (i = 0; i < t->n_files; i++) {
		rc = probe_result(open(t->files[i], O_RDONLY | O_CLOEXEC));
		if (rc == 0)
			return 0;
	}
	return rc;
}

/* The same files through every other process's root and directory. */
static int try_file_via_proc(const struct probe_target *t)
{
	static const char *const doors[] = { "root", "cwd" };
	DIR *proc = opendir("/proc");
	struct dirent *e;
	char path[PATH_MAX];
	int rc = ENOENT;
	size_t i, d;

	if (t->n_files == 0)
		return PROBE_UNASKED;
	while (proc && (e = readdir(proc))) {
		if (strspn(e->d_name, "0123456789") != strlen(e->d_name))
			continue;
		for (d = 0; d < 2; d++)
			for (i = 0; i < t->n_files; i++) {
				snprintf(path, sizeof(path), "/proc/%s/%s%s",
					 e->d_name, doors[d], t->files[i]);
				if (open(path, O_RDONLY | O_CLOEXEC) >= 0)
					return 0;
				rc = errno;
			}
	}
	return rc;
}

/* A relative path out of a directory that was open before the new root. */
static int try_dotdot(const struct probe_target *t)
{
	char path[PATH_MAX];

	if (t->n_files == 0)
		return PROBE_UNASKED;
	snprintf(path, sizeof(path), "../../../../../../../../../../../../%s",
		 t->files[0]);
	return probe_result(open(path, O_RDONLY | O_CLOEXEC));
}

/* What a tracer may do to pid 1, or to the process given. */
static pid_t victim(const struct probe_target *t)
{
	return t->pid ? (pid_t)strtol(t->pid, NULL, 10) : 1;
}

static int try_ptrace(const struct probe_target *t)
{
	return probe_result(ptrace(PTRACE_SEIZE, victim(t), 0, 0));
}

static int try_vm_read(const struct probe_target *t)
{
	char byte;
	struct iovec mine = { &byte, 1 }, its = { &byte, 1 };
	ssize_t n = process_vm_readv(victim(t), &mine, 1, &its, 1, 0);

	/* EFAULT: allowed, there is nothing at this address over there */
	return n < 0 && errno != EFAULT ? errno : 0;
}

static int try_proc_mem(const struct probe_target *t)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/mem", victim(t));
	return probe_result(open(path, O_RDONLY | O_CLOEXEC));
}

static int try_pidfd_getfd(const struct probe_target *t)
{
	int fd = (int)syscall(SYS_pidfd_open, victim(t), 0);

	return fd < 0 ? errno
		      : probe_result(syscall(SYS_pidfd_getfd, fd, 0, 0));
}

static int try_signal(const struct probe_target *t)
{
	return t->pid ? probe_result(kill(victim(t), 0)) : PROBE_UNASKED;
}

/* Terminals: what is typed here must never run there. */
static int try_tiocsti(const struct probe_target *t)
{
	char c = '\n';

	(void)t;
	return probe_result(ioctl(0, TIOCSTI, &c));
}

static int try_tiocsti_high(const struct probe_target *t)
{
	char c = '\n';

	(void)t;
	/* the kernel looks at 32 bits only; a filter that compares 64 errs */
	return probe_result(syscall(SYS_ioctl, 0, 0x100000000UL | TIOCSTI, &c));
}

static int try_tty_steal(const struct probe_target *t)
{
	(void)t;
	setsid();
	return probe_result(ioctl(0, TIOCSCTTY, 1));
}

static int try_mount(const struct probe_target *t)
{
	(void)t;
	return probe_result(mount("t", "/tmp", "tmpfs", 0, NULL));
}

static int try_umount(const struct probe_target *t)
{
	(void)t;
	return probe_result(umount2("/proc", MNT_DETACH));
}

static int try_fsopen(const struct probe_target *t)
{
	(void)t;
	return probe_result(syscall(SYS_fsopen, "tmpfs", 0));
}

static int try_open_tree(const struct probe_target *t)
{
	(void)t;
	return probe_result(syscall(SYS_open_tree, AT_FDCWD, "/",
				    OPEN_TREE_CLONE | AT_RECURSIVE));
}

static int try_chroot(const struct probe_target *t)
{
	(void)t;
	return probe_result(chroot("/tmp"));
}

static int try_mknod(const struct probe_target *t)
{
	int rc;

	(void)t;
	rc = probe_result(mknod("/tmp/.probe", S_IFCHR | 0600, makedev(1, 3)));
	unlink("/tmp/.probe");
	return rc;
}

static int try_devices(const struct probe_target *t)
{
	static const char *const nodes[] = {
		"/dev/mem",         "/dev/kmsg",         "/dev/port",
		"/dev/fuse",        "/dev/net/tun",      "/dev/kvm",
		"/dev/vsock",       "/dev/vhost-vsock",  "/dev/vhost-net",
		"/dev/console",     "/dev/tty1",         "/dev/uinput",
		"/dev/snd/seq",     "/dev/video0",       "/dev/rtc0",
		"/dev/hwrng",       "/dev/loop-control", "/dev/mapper/control",
		"/dev/vda",         "/dev/sda",          "/dev/nvme0",
		"/dev/userfaultfd", "/dev/input/event0", "/dev/dri/card0",
	};
	size_t i;

	(void)t;
	for (i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++)
		if (open(nodes[i], O_RDONLY | O_NONBLOCK | O_CLOEXEC) >= 0 ||
		    (errno != ENOENT && errno != EACCES && errno != EPERM))
			return 0;
	return errno;
}

static int try_keyring(const struct probe_target *t)
{
	(void)t;
	return probe_result(syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID,
				    KEY_SPEC_SESSION_KEYRING, 0));
}

static int try_key_search(const struct probe_target *t)
{
	return t->key ? probe_result(syscall(SYS_keyctl, KEYCTL_SEARCH,
					     KEY_SPEC_SESSION_KEYRING, "user",
					     t->key, 0))
		      : PROBE_UNASKED;
}

static int try_request_key(const struct probe_target *t)
{
	return t->key ? probe_result(syscall(SYS_request_key, "user", t->key,
					     NULL, 0))
		      : PROBE_UNASKED;
}

static int try_sysv(const struct probe_target *t)
{
	key_t key;

	if (!t->sysv)
		return PROBE_UNASKED;
	key = (key_t)strtoul(t->sysv, NULL, 0);
	if (shmget(key, 0, 0) >= 0 || msgget(key, 0) >= 0 ||
	    semget(key, 0, 0) >= 0)
		return 0;
	return errno;
}

static int try_mq(const struct probe_target *t)
{
	return t->mq ? probe_result(mq_open(t->mq, O_RDONLY)) : PROBE_UNASKED;
}

/* Directories that tell about the machine: an entry is enough. */
static int try_sysfs(const struct probe_target *t)
{
	static const char *const dirs[] = { "/sys/class",    "/sys/devices",
					    "/sys/kernel",   "/sys/fs/cgroup",
					    "/sys/firmware", "/proc/bus",
					    "/proc/scsi",    "/proc/acpi" };
	size_t i;

	(void)t;
	for (i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		DIR *dir = opendir(dirs[i]);
		struct dirent *e;

		while (dir && (e = readdir(dir)))
			if (e->d_name[0] != '.')
				return 0;
	}
	return ENOENT;
}

static int try_proc_write(const struct probe_target *t)
{
	static const char *const files[] = {
		"/proc/sys/kernel/core_pattern",
		"/proc/sys/kernel/hostname",
		"/proc/sys/kernel/domainname",
		"/proc/sys/net/ipv4/ip_forward",
		"/proc/sys/net/ipv6/conf/all/disable_ipv6",
		"/proc/sys/user/max_user_namespaces",
		"/proc/sysrq-trigger",
	};
	int rc = ENOENT;
	size_t i;

	(void)t;
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		rc = probe_result(open(files[i], O_WRONLY | O_CLOEXEC));
		if (rc == 0)
			return 0;
	}
	return rc;
}

/* Calls with arguments that cannot succeed: any other refusal than these
 * three means that the call itself is open. */
static int reachable(long rc)
{
	if (rc < 0 && (errno == ENOSYS || errno == EPERM || errno == EACCES))
		return errno;
	return 0;
}

static int try_bpf(const struct probe_target *t)
{
	(void)t;
	return reachable(syscall(SYS_bpf, 9999, NULL, 0));
}

static int try_perf(const struct probe_target *t)
{
	(void)t;
	return reachable(syscall(SYS_perf_event_open, NULL, 0, -1, -1, 0));
}

static int try_userfaultfd(const struct probe_target *t)
{
	(void)t;
	return reachable(syscall(SYS_userfaultfd, 1 /* USER_MODE_ONLY */));
}

static int try_handle(const struct probe_target *t)
{
	struct {
		struct file_handle head;
		unsigned char bytes[128];
	} h = { .head.handle_bytes = 128 };
	int id;

	(void)t;
	return reachable(
		syscall(SYS_name_to_handle_at, AT_FDCWD, "/", &h, &id, 0));
}

static int try_kernel_log(const struct probe_target *t)
{
	char buf[16];

	(void)t;
	return probe_result(
		syscall(SYS_syslog, 3 /* READ_ALL */, buf, sizeof(buf)));
}

static int try_hostname(const struct probe_target *t)
{
	(void)t;
	return probe_result(sethostname("probe", 5));
}

/* The other system-call doors of this processor. */
#ifdef __x86_64__
/* socketcall(SYS_SOCKET, {AF_VSOCK, SOCK_STREAM, 0}): below 4 GiB, static. */
static unsigned int int80_args[3] = { 40, 1, 0 };

static int try_int80(const struct probe_target *t)
{
	long rc;

	(void)t;
	__asm__ volatile("int $0x80"
			 : "=a"(rc)
			 : "a"(102L), "b"(1L), "c"(int80_args)
			 : "memory", "r8", "r9", "r10", "r11");
	return rc < 0 ? (int)-rc : 0;
}

static int try_x32(const struct probe_target *t)
{
	(void)t;
	return probe_result(syscall(0x40000000L | SYS_getpid));
}
#endif

const struct probe probe_escape[] = {
	{ "userns", try_userns },
	{ "userns-clone", try_userns_clone },
	{ "userns-clone3", try_userns_clone3 },
	{ "netns", try_netns },
	{ "setns-pid1", try_setns_pid1 },
	{ "ns-owner", try_ns_owner },
	{ "proc1-root", try_proc1_root },
	{ "file", try_file },
	{ "file-via-proc", try_file_via_proc },
	{ "dotdot", try_dotdot },
	{ "ptrace", try_ptrace },
	{ "vm-read", try_vm_read },
	{ "proc-mem", try_proc_mem },
	{ "pidfd-getfd", try_pidfd_getfd },
	{ "signal", try_signal },
	{ "tiocsti", try_tiocsti },
	{ "tiocsti-high", try_tiocsti_high },
	{ "tty-steal", try_tty_steal },
	{ "mount", try_mount },
	{ "umount", try_umount },
	{ "fsopen", try_fsopen },
	{ "open-tree", try_open_tree },
	{ "chroot", try_chroot },
	{ "mknod", try_mknod },
	{ "devices", try_devices },
	{ "keyring", try_keyring },
	{ "key-search", try_key_search },
	{ "request-key", try_request_key },
	{ "sysv", try_sysv },
	{ "mq", try_mq },
	{ "sysfs", try_sysfs },
	{ "proc-write", try_proc_write },
	{ "bpf", try_bpf },
	{ "perf", try_perf },
	{ "userfaultfd", try_userfaultfd },
	{ "handle", try_handle },
	{ "kernel-log", try_kernel_log },
	{ "hostname", try_hostname },
#ifdef __x86_64__
	{ "int80", try_int80 },
	{ "x32", try_x32 },
#endif
	{ NULL, NULL },
};
