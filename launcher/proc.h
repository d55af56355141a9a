/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/proc.h - /proc of the sandbox: its own processes and a facade */
#ifndef LAUNCHER_PROC_H
#define LAUNCHER_PROC_H

#include "base/fault.h"
#include "launcher/sandbox.h"

/**
 * proc_fill_facade() - write the files that proc_mount() shows
 * @dirfd: empty directory
 *
 * Return: 0 or -errno.
 */
int proc_fill_facade(const struct sandbox *sb, int dirfd, struct fault *f);

/**
 * proc_mount() - a proc of this pid namespace in the new root, all of it yet
 *
 * A step of the child's side, before root_pivot().
 *
 * Return: 0 or -errno.
 */
int proc_mount(struct sandbox *sb, struct fault *f);

/**
 * proc_mask() - leave of /proc what the facade shows
 *
 * By allow-list: of what is not a process only facade_proc_visible stays;
 * files with a text of their own show that, all else is empty. A step of the
 * child's side, between root_pivot() and root_leave_old(): /proc has a path
 * then, and the facade is there still. Changes the current directory.
 *
 * Return: 0 or -errno.
 */
int proc_mask(struct sandbox *sb, struct fault *f);

#endif
