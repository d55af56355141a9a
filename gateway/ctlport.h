/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gateway/ctlport.h - connections to the filtered control port */
#ifndef GATEWAY_CTLPORT_H
#define GATEWAY_CTLPORT_H

#include "base/fault.h"
#include "base/gwmsg.h"

struct gateway;

/*
 * Connections at once; one more is closed at its accept. Each takes 5 KiB. Who
 * has not logged in, holds a line that is not whole, or does not take its
 * answers, for the handshake timeout, is closed; who has logged in and says
 * nothing may stay, as with tor.
 */
#define CTLPORT_MAX 8U

/**
 * ctlport_init() - where the configuration has a level for it
 *
 * Return: 0 or -errno.
 */
int ctlport_init(struct gateway *gw, const struct gwmsg_config *cfg,
		 struct fault *f);

/**
 * ctlport_add() - take over a descriptor of GWMSG_CONFIG
 * @fd: must be a listening TCP or unix stream socket; ownership passes on
 *      success
 *
 * Return: 0 or -errno.
 */
int ctlport_add(struct gateway *gw, int fd, const struct gwmsg_listener *l,
		struct fault *f);

/**
 * ctlport_start() - accept from now on
 *
 * Return: 0 or -ENOMEM.
 */
int ctlport_start(struct gateway *gw);

/**
 * ctlport_answer() - the supervisor answered a GWMSG_ASK
 * @m: may be for a connection that is gone
 *
 * Return: 0, or -EPROTO where it answers something else.
 */
int ctlport_answer(struct gateway *gw, const struct gwmsg *m);

/**
 * ctlport_event() - of an onion service of this sandbox
 */
void ctlport_event(struct gateway *gw, const struct gwmsg_event *e);

/**
 * ctlport_asks() - send the GWMSG_ASKs that had to wait
 */
void ctlport_asks(struct gateway *gw);

#endif
