/* SPDX-License-Identifier: GPL-3.0-or-later */
/* seccomp/policy.h - what an application may ask of the kernel, as data */
#ifndef SECCOMP_POLICY_H
#define SECCOMP_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "seccomp/digest.h"

/*
 * The system-call groups: identifier, table of names, profile name, on by
 * default, one line of help. The row's place is its bit in seccomp_spec.
 */
/* clang-format off */
#define SECCOMP_GROUPS(X)                                                   \
	X(BASE_IO, base_io, "base-io", true,                                \
	  "read, write, poll, pipes and event descriptors")                 \
	X(FILE_SYSTEM, file_system, "file-system", true,                    \
	  "open, stat, rename, links, modes, extended attributes")          \
	X(FILE_NOTIFY, file_notify, "file-notify", false,                   \
	  "inotify: be told when a file changes")                           \
	X(PROCESS, process, "process", true,                                \
	  "fork, exec, exit, wait, limits; no new namespaces")              \
	X(SIGNAL, signal, "signal", true,                                   \
	  "send and handle signals")                                        \
	X(TIME, time, "time", true,                                         \
	  "read clocks, sleep, timers; never set a clock")                  \
	X(MEMORY, memory, "memory", true,                                   \
	  "map, protect and lock memory, memfd")                            \
	X(THREAD, thread, "thread", true,                                   \
	  "futexes, restartable sequences, membarrier")                     \
	X(CREDENTIALS, credentials, "credentials", true,                    \
	  "read ids; set them, which gains nothing without capabilities")   \
	X(SYSTEM_INFO, system_info, "system-info", true,                    \
	  "uname, sysinfo (memory size), getcpu, random numbers")           \
	X(SCHED, sched, "sched", true,                                      \
	  "priorities and CPU affinity of own processes")                   \
	X(TERMINAL, terminal, "terminal", true,                             \
	  "ioctl by allow-list: terminals, sockets, files; no injection")   \
	X(NETWORK_CLIENT, network_client, "network-client", true,           \
	  "sockets of the allowed families: connect, send, receive")        \
	X(NETWORK_SERVER, network_server, "network-server", true,           \
	  "bind, listen, accept, also on unix sockets (ssh-agent, tmux)")   \
	X(IPC_SYSV, ipc_sysv, "ipc-sysv", true,                             \
	  "System V shared memory, semaphores, messages (own namespace)")   \
	X(SELF_SANDBOX, self_sandbox, "self-sandbox", true,                 \
	  "seccomp and landlock: an application may tighten its own")       \
	X(IPC_POSIX, ipc_posix, "ipc-posix", false,                         \
	  "POSIX message queues")                                           \
	X(AIO, aio, "aio", false,                                           \
	  "kernel asynchronous I/O (databases); io_uring is never allowed") \
	X(NUMA, numa, "numa", false,                                        \
	  "memory policy of NUMA nodes")                                    \
	X(PTRACE, ptrace, "ptrace", false,                                  \
	  "debug own processes: ptrace, process_vm_readv, no ASLR")         \
	X(USERNS, userns, "userns", false,                                  \
	  "new namespaces and chroot, as browsers' own sandboxes need")     \
	X(NESTED_MOUNT, nested_mount, "nested-mount", false,                \
	  "mount, umount, pivot_root in a nested namespace (bwrap inside)") \
	X(GPU, gpu, "gpu", false,                                           \
	  "ioctls of DRM render nodes, dma-buf and sync files")             \
	X(AUDIO, audio, "audio", false,                                     \
	  "ioctls of ALSA devices")                                         \
	X(CAMERA, camera, "camera", false,                                  \
	  "ioctls of video4linux and media devices")

/* Socket families: identifier, profile name, on by default. */
#define SECCOMP_FAMILIES(X)                                                 \
	X(UNIX, "unix", true)                                               \
	X(INET, "inet", true)                                               \
	X(INET6, "inet6", true)                                             \
	X(NETLINK, "netlink", false)
/* clang-format on */

#define SECCOMP_GROUP_ID(id, table, name, on, help) SECCOMP_GROUP_##id,
enum seccomp_group_id {
	SECCOMP_GROUPS(SECCOMP_GROUP_ID) SECCOMP_NGROUPS
};

/* Indexes: in struct seccomp_spec each is the bit 1 << index. */
#define SECCOMP_FAMILY_ID(id, name, on) SECCOMP_FAMILY_##id,
enum seccomp_family {
	SECCOMP_FAMILIES(SECCOMP_FAMILY_ID) SECCOMP_NFAMILIES
};

struct seccomp_group {
	const char *name;
	const char *description;
	bool default_on;
	const char *const *syscalls; /* NULL-terminated */
};

extern const struct seccomp_group seccomp_groups[SECCOMP_NGROUPS];

/* What a profile asks for. */
struct seccomp_spec {
	uint64_t groups;   /* bit i: seccomp_groups[i] */
	uint32_t families; /* bit i: enum seccomp_family i; netlink is
			      NETLINK_ROUTE only */
	bool wx;           /* refuse writable and executable memory */
};

/* A system call that has a known answer of its own when it is refused. */
struct seccomp_closed {
	const char *syscall;
	int err;    /* positive errno; what callers expect */
	bool never; /* no group may ever list it (a unit test checks) */
};

extern const struct seccomp_closed seccomp_closed[];
extern const size_t seccomp_nclosed;

/* When a check, or one of its rules, is in force. */
enum seccomp_when {
	SECCOMP_WHEN_UNSET = 0,
	SECCOMP_WHEN_ALWAYS,
	SECCOMP_WHEN_GROUP,     /* @of: enum seccomp_group_id, is on */
	SECCOMP_WHEN_NOT_GROUP, /* @of: enum seccomp_group_id, is off */
	SECCOMP_WHEN_FAMILY,    /* @of: enum seccomp_family, is on */
	SECCOMP_WHEN_WX,        /* spec.wx is set */
};

/*
 * (low 32 bits of argument @arg & @mask) == @value. The kernel truncates
 * these arguments to 32 bits, so bits above must never decide anything:
 * they would be a way round (CVE-2019-10063). @mask 0: not compared.
 */
struct seccomp_cmp {
	uint32_t arg;
	uint32_t mask;
	uint32_t value;
};

#define SECCOMP_NCMP 3

struct seccomp_rule {
	enum seccomp_when when;
	int of;
	int err; /* 0: allow; else a positive errno for this very case */
	struct seccomp_cmp cmp[SECCOMP_NCMP];
};

/* A system call whose arguments are looked at: an allow-list of rules. */
struct seccomp_check {
	const char *syscall;
	int err; /* positive errno when no rule matches */
	enum seccomp_when when;
	int of;
	const struct seccomp_rule *rules;
	size_t nrules;
};

extern const struct seccomp_check seccomp_checks[];
extern const size_t seccomp_nchecks;

/**
 * seccomp_spec_default() - the groups and families that are on by default
 */
void seccomp_spec_default(struct seccomp_spec *spec);

/**
 * seccomp_group_find() - Return: index in seccomp_groups[] or -1
 */
int seccomp_group_find(const char *name);

/**
 * seccomp_family_find() - Return: enum seccomp_family or -1
 */
int seccomp_family_find(const char *name);

/**
 * seccomp_family_name() - Return: its profile name, NULL if out of range
 */
const char *seccomp_family_name(int family);

/**
 * seccomp_spec_in_force() - does a condition hold under this spec
 */
bool seccomp_spec_in_force(const struct seccomp_spec *spec,
			   enum seccomp_when when, int of);

/**
 * seccomp_policy_digest() - add all of the tables' content to a digest
 */
void seccomp_policy_digest(struct seccomp_digest *d);

#endif
