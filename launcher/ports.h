/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/ports.h - Whonix's SocksPorts, and which of them are opened */
#ifndef LAUNCHER_PORTS_H
#define LAUNCHER_PORTS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/fault.h"

struct plan;
struct profile;

/**
 * ports_make() - the listeners of a plan, by the profile's socks-ports and
 * for what is redirected; pure
 * @p: @p->transparent is said; @p->listeners is set, allocated
 *
 * Return: 0 or -EINVAL with who said it in @f: a number that is no SocksPort.
 */
int ports_make(struct plan *p, const struct profile *profile, struct fault *f);

/**
 * ports_is_open() - is a port among those
 * @text: of socks-ports, valid
 */
bool ports_is_open(const char *text, uint16_t port);

/**
 * ports_print() - the listeners, neighbours that are alike on one line
 */
void ports_print(const struct plan *p, FILE *out);

/**
 * ports_are_gateways() - does the gateway listen there, on 127.0.0.1 of the
 * sandbox: nobody's to publish
 */
bool ports_are_gateways(const struct plan *p, uint16_t port);

#endif
