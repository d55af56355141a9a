/* SPDX-License-Identifier: GPL-3.0-or-later */
/* base/trim.h - give back the memory that only the launch needed */
#ifndef BASE_TRIM_H
#define BASE_TRIM_H

/* How long a process is left alone before it is worth the work. */
#define TRIM_AFTER_MS 500

/**
 * trim_memory() - unmap the pages of code and constants, and free heap
 *
 * A launch touches most of the program, and what comes after it a few pages:
 * those are mapped again at the next touch, from the page cache. The
 * supervisor, the gateway and pid 1 live as long as the application does.
 * A seccomp filter has to let brk(2), munmap(2) and madvise(2) with
 * MADV_DONTNEED through.
 */
void trim_memory(void);

#endif
