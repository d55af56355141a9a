/* SPDX-License-Identifier: GPL-3.0-or-later */
/* transport/landlock.h - a transport's files, where there is no namespace */
#ifndef TRANSPORT_LANDLOCK_H
#define TRANSPORT_LANDLOCK_H

#include "base/fault.h"

struct view; /* transport/view.h */

/**
 * landlock_enter() - what view_enter() shows can be opened, and nothing else
 * @v: as for view_enter()
 *
 * For tor's own namespaces, in which no others can be made. Other files can
 * be named and looked at with stat(2), not read or written. Sets
 * no_new_privs, which it needs.
 *
 * Return: 0 or -errno (-EOPNOTSUPP or -ENOSYS: this kernel has no Landlock).
 */
int landlock_enter(const struct view *v, struct fault *f);

#endif
