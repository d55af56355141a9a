/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/trim.h - give back the memory that only the launch needed */
#ifndef LAUNCHER_TRIM_H
#define LAUNCHER_TRIM_H

/* How long a process is left alone before it is worth the work. */
#define TRIM_AFTER_MS 500

/**
 * trim_memory() - unmap the pages of code and constants, and free heap
 *
 * A launch touches most of the program, and what comes after it a few pages:
 * those are mapped again at the next touch, from the page cache. The
 * supervisor and pid 1 live as long as the application does.
 */
void trim_memory(void);

#endif
