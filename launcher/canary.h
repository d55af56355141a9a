/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/canary.h - the last look from inside: is what was promised so? */
#ifndef LAUNCHER_CANARY_H
#define LAUNCHER_CANARY_H

#include "base/fault.h"
#include "launcher/sandbox.h"

/**
 * canary_check_mounts() - compare the mounts with the plan
 *
 * Pid 1's part, while the application's process, which shares its mount
 * namespace, gets ready: to list the mounts is what takes longest, and none
 * is made or changed any more.
 *
 * Return: 0, or -errno with what differs in @f.
 */
int canary_check_mounts(struct sandbox *sb, struct fault *f);

/**
 * canary_check() - compare the sandbox with the plan, just before exec
 *
 * Asks the kernel, not our own variables: ids, capability sets,
 * no_new_privs, interfaces, routes, IPv6, descriptors, namespaces.
 * A step of the child's side; the first mismatch ends the launch.
 *
 * Return: 0, or -errno with what differs in @f.
 */
int canary_check(struct sandbox *sb, struct fault *f);

/**
 * canary_check_filter() - the system-call filter is in force
 *
 * The canary's last word: what comes after can only be exec.
 */
int canary_check_filter(struct sandbox *sb, struct fault *f);

#endif
