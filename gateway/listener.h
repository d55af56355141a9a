/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gateway/listener.h - accepting, and when not to */
#ifndef GATEWAY_LISTENER_H
#define GATEWAY_LISTENER_H

#include <stdbool.h>

#include "base/fault.h"
#include "base/gwmsg.h"

struct gateway;

/**
 * listener_prepare() - check a descriptor, and set what is the same for all
 * @type: SOCK_STREAM: a listening TCP socket; SOCK_DGRAM: a UDP socket
 *
 * Return: 0 or -errno.
 */
int listener_prepare(int fd, int type, struct fault *f);

/**
 * listener_error_passes() - is this error of accept(2) about one connection
 * only, not the listener
 */
bool listener_error_passes(int err);

/**
 * listener_prepare_control() - the same for the control port, which may be a
 * unix stream socket too
 */
int listener_prepare_control(int fd, struct fault *f);

/**
 * listener_add() - take over a descriptor of GWMSG_CONFIG
 * @fd: must be a listening TCP socket; ownership passes on success
 *
 * Return: 0 or -errno.
 */
int listener_add(struct gateway *gw, int fd, const struct gwmsg_listener *l,
		 struct fault *f);

/**
 * listener_start() - accept from now on
 *
 * Return: 0 or -ENOMEM.
 */
int listener_start(struct gateway *gw);

/**
 * listener_resume() - a connection ended: accept again if that was too many
 */
void listener_resume(struct gateway *gw);

#endif
