/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gateway/listener.h - accepting, and when not to */
#ifndef GATEWAY_LISTENER_H
#define GATEWAY_LISTENER_H

#include "base/fault.h"
#include "base/gwmsg.h"

struct gateway;

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
