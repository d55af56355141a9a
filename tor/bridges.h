/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tor/bridges.h - the bridges of our own tor: their file, and the torrc */
/*
 * DOC: Theory of Operation
 *
 * The file "bridges" in the data directory holds one bridge line a row. It is
 * read at every start, each line parsed as strictly as when it came, and its
 * lines go into the torrc with UseBridges 1, behind the user's drop-ins: tor
 * then connects to nothing but these bridges. A file that cannot be read, or
 * in which there is none (no bridges is no file), or a transport that is not
 * installed, fails the start. There is no way back to a direct connection but
 * removing the bridges.
 *
 * A change is made while tor is down: SETCONF would leave the connections to
 * guards open that it has, and the streams on them. So the old tor ends
 * first, then the file is written, then a new tor starts. What is
 * interrupted in between leaves no tor.
 */
#ifndef TOR_BRIDGES_H
#define TOR_BRIDGES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/fault.h"
#include "tor/bridge.h"

struct tor_home; /* tor/home.h */

#define TOR_BRIDGES_MAX 64
#define TOR_BRIDGES_NAME "bridges" /* in the data directory */

/* Large: from malloc(3). Zero-initialised is empty. */
struct tor_bridges {
	size_t n;
	struct tor_bridge v[TOR_BRIDGES_MAX];
};

/**
 * tor_bridges_add() - add one, or replace the same one
 *
 * Return: 1 added, 0 replaced, or -ENOSPC.
 */
int tor_bridges_add(struct tor_bridges *b, const struct tor_bridge *one);

/**
 * tor_bridges_find() - which one is meant
 * @text: its number from 1, its ADDRESS:PORT, its fingerprint, or its line
 *
 * Return: index, -ENOENT, or -EEXIST: more than one is meant.
 */
int tor_bridges_find(const struct tor_bridges *b, const char *text);

/**
 * tor_bridges_drop() - take one out
 */
void tor_bridges_drop(struct tor_bridges *b, size_t index);

/**
 * tor_bridges_read() - the file
 * @b: set on success; empty where there is no file
 *
 * Return: 0 or -errno, with "FILE:LINE: why" in @f: a file that others can
 * write, a symlink, a line that is none, or a file without one is refused.
 */
int tor_bridges_read(const struct tor_home *h, struct tor_bridges *b,
		     struct fault *f);

/**
 * tor_bridges_write() - replace the file, 0600, whole; remove it when empty
 *
 * On the disk when it returns: a loss of power leaves the old or the new.
 *
 * Return: 0 or -errno; the old one is then as it was.
 */
int tor_bridges_write(const struct tor_home *h, const struct tor_bridges *b,
		      struct fault *f);

/**
 * tor_bridges_compose() - the lines for a torrc
 * @dirs: where transports' programs are looked for, ends with NULL; NULL: the
 *        system's
 * @text: set to malloc'd text, "" where there are no bridges; caller frees
 *
 * Return: 0; -ENOENT (a transport's program is missing; @f says what to
 * install); or -errno.
 */
int tor_bridges_compose(const struct tor_bridges *b, const char *const *dirs,
			char **text, struct fault *f);

/**
 * tor_bridges_append() - read the file and add its lines to a torrc
 * @dropins: the user's lines, checked; none may start a transport of its own
 *           beside ours, because tor might take that
 * @torrc: replaced by a longer malloc'd text
 *
 * Return: 0 or -errno.
 */
int tor_bridges_append(const struct tor_home *h, const char *dropins,
		       char **torrc, struct fault *f);

/**
 * tor_bridges_are_set() - has the user bridges for our own tor
 *
 * Return: 1, 0 or -errno: they cannot be read.
 */
int tor_bridges_are_set(struct fault *f);

#endif
