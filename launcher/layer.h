/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/layer.h - overlays whose layers are named by descriptor */
#ifndef LAUNCHER_LAYER_H
#define LAUNCHER_LAYER_H

#include "base/fault.h"

/* The numbers that overlays show in mountinfo: the same in every launch. */
#define LAYER_BASE 99 /* the skeleton, or nothing */
#define LAYER_EMPTY 100
#define LAYER_MEMORY 101
#define LAYER_HOME 103
#define LAYER_GRANTS 105 /* and up */

/**
 * layer_fd() - give a layer of an overlay a descriptor with a fixed number
 * @dirfd, @path: the layer's directory, found without following a symlink
 *
 * Return: @number, which stays open until it is closed, or -errno.
 */
int layer_fd(int dirfd, const char *path, int number, struct fault *f);

/**
 * layer_mount() - a writable overlay of fixed descriptors, attached nowhere
 * @source: what mountinfo shows as its device
 * @lower: layer that is only read
 * @first: the upper layer; @first + 1 is the work directory
 *
 * What mountinfo shows of it is the same for everybody: neither paths nor a
 * device of the host, and not the uid that a tmpfs would show.
 *
 * Return: descriptor of its root, the caller's, or -errno.
 */
int layer_mount(const char *source, int lower, int first, struct fault *f);

#endif
