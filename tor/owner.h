/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tor/owner.h - whose listener a local TCP port is */
#ifndef TOR_OWNER_H
#define TOR_OWNER_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

/* One line of /proc/net/tcp that is a listener. */
struct tor_listener {
	struct in_addr addr; /* network order */
	uint16_t port;       /* host order */
	uid_t uid;
};

/**
 * tor_owner_parse() - one line of /proc/net/tcp
 * @l: set on true
 *
 * Return: is it a listener. Pure.
 */
bool tor_owner_parse(const char *line, struct tor_listener *l);

/**
 * tor_owner_is_trusted() - may our traffic go to what listens as this user
 *
 * Root, the caller, and the accounts that tor is packaged with. While no tor
 * runs, any local user can listen on its port.
 */
bool tor_owner_is_trusted(uid_t uid);

/**
 * tor_owner_find() - who listens on this machine at an address
 * @addr: IPv4 or IPv6, and a port
 * @uid: set on success
 *
 * By sock_diag(7), or /proc/net/tcp where the kernel has none; in the network
 * namespace of the caller. Does not block.
 *
 * Return: 0, -ENOENT (nobody here) or -errno.
 */
int tor_owner_find(const struct sockaddr *addr, uid_t *uid);

/**
 * tor_owner_check() - is the other end of a connection still that user's
 * @diag: what the kernel is asked by, opened if it is -1 and kept for the next
 *        time (to open one takes 25 us, and every connection asks); the
 *        caller's to close, and not to be shared with another process
 * @fd: connected to a TCP port of this machine
 * @uid: who listened there before, by tor_owner_find()
 *
 * To be asked before anything is sent. Does not block.
 *
 * Return: 0, -EPERM (somebody else's, or nobody listens), -ENOTCONN (not yet)
 * or -errno.
 */
int tor_owner_check(int *diag, int fd, uid_t uid);

#endif
