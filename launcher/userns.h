/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/userns.h - the outer user namespace, and why there is none */
#ifndef LAUNCHER_USERNS_H
#define LAUNCHER_USERNS_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/fault.h"

/**
 * userns_write_maps() - map uid and gid 0 of a child's user namespace
 * @pid: a child of ours, just cloned with CLONE_NEWUSER
 * @uid, @gid: of the host; another one than ours needs privilege
 *
 * Return: 0 or -errno.
 */
int userns_write_maps(pid_t pid, uid_t uid, gid_t gid, struct fault *f);

/**
 * userns_has_id() - may a map of ours name this uid and gid
 * @id: both
 *
 * Not in a container, or `unshare -r`, whose root has a few numbers only.
 */
bool userns_has_id(unsigned long id);

/**
 * userns_explain() - find out what forbids user namespaces, and the fix
 * @f: a fault whose err is set; gets a hint that names the setting
 */
void userns_explain(struct fault *f);

#endif
