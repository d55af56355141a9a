/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/leftover.h - what an overlay leaves in its work directory */
#ifndef LAUNCHER_LEFTOVER_H
#define LAUNCHER_LEFTOVER_H

/*
 * An overlay leaves a directory that the next one removes before it mounts
 * (fs/overlayfs/super.c, ovl_workdir_create()), which can take the file system
 * a millisecond. So it is moved aside, and removed when the application runs.
 * Where that fails the next overlay does what it always did: nothing here has
 * anything to report.
 */

/**
 * leftover_put_aside() - before an overlay is mounted
 * @workdir: the overlay's work directory; borrowed
 */
void leftover_put_aside(int workdir);

/**
 * leftover_remove() - once it is mounted
 */
void leftover_remove(int workdir);

/**
 * leftover_put_back() - none was mounted: as it was, or removed where an
 * overlay has made its own after all
 */
void leftover_put_back(int workdir);

#endif
