/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gateway/transparent.h - where a redirected connection was going */
#ifndef GATEWAY_TRANSPARENT_H
#define GATEWAY_TRANSPARENT_H

struct conn;

/**
 * transparent_begin() - stage CLIENT of a connection that was redirected
 *
 * The destination is the one before the redirect. A virtual address becomes
 * its name, which is held from now on; other addresses are judged like those
 * in a SOCKS request, and internal ones are internal whatever the
 * configuration allows: the gateway's own address is one, so that whoever
 * connects to the listener directly gets nowhere. What is refused is reset.
 */
void transparent_begin(struct conn *c);

#endif
