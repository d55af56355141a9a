/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gateway/control.h - the gateway's end of the supervisor's socket */
#ifndef GATEWAY_CONTROL_H
#define GATEWAY_CONTROL_H

#include <stdint.h>

#include "base/fault.h"
#include "base/gwmsg.h"

struct gateway;

/**
 * control_configure() - wait for GWMSG_CONFIG and take it over
 * @gw: zero but for @gw->base
 * @nofile: descriptors that may be open: fewer connections where too few
 * @f: says what is wrong with it
 *
 * Return: 0 or -errno.
 */
int control_configure(struct gateway *gw, unsigned int nofile, struct fault *f);

/**
 * control_ready() - tell the supervisor that service begins, then hear it
 *
 * From now on a message that should not be, or the end of the supervisor,
 * ends this process.
 *
 * Return: 0 or -errno.
 */
int control_ready(struct gateway *gw, struct fault *f);

/**
 * control_fail() - tell the supervisor why there will be no service
 */
void control_fail(const struct fault *f);

/**
 * control_dial() - ask for an upstream socket
 * @id: what conn_dialed() will be called with
 *
 * Return: 0, or -EAGAIN while the supervisor does not keep up: conn_dials()
 * is called when it does.
 */
int control_dial(struct gateway *gw, uint32_t id);

/**
 * control_ask() - send a GWMSG_ASK
 *
 * Return: 0, or -EAGAIN while the supervisor does not keep up: ctlport_asks()
 * is called when it does.
 */
int control_ask(struct gateway *gw, const struct gwmsg *m);

/**
 * control_refused() - send a GWMSG_REFUSED
 *
 * Return: 0, or -EAGAIN while the supervisor does not keep up.
 */
int control_refused(struct gateway *gw, const struct gwmsg *m);

#endif
