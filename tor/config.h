/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tor/config.h - where our own tor lives, and which tor it is */
#ifndef TOR_CONFIG_H
#define TOR_CONFIG_H

#include <limits.h>

#include "base/fault.h"

/* With NUL: "DIR/socks.NAME" fits sun_path for every identity's name. */
#define TOR_SOCKET_DIR_MAX 69

/* Where the instance lives; made by tor_config_make(), tests make theirs.
 */
struct tor_config {
	char data_dir[PATH_MAX]; /* 0700: DataDirectory, torrc, our lock */
	char socket_dir[TOR_SOCKET_DIR_MAX]; /* 0700: the sockets */
	char dropin_dir[PATH_MAX]; /* *.conf of the user's; need not exist */
	/* where tor/bridges.h finds its file; "": data_dir */
	char bridges_dir[PATH_MAX];
	char binary[PATH_MAX];    /* of tor; "" where there is none */
	char keeper[PATH_MAX];    /* isolate-tor */
	int answer_timeout_ms;    /* for anything but the bootstrap */
	int stall_timeout_ms;     /* bootstrap without any progress */
	int bootstrap_timeout_ms; /* for the whole bootstrap */
	/* without progress once tor has said what is wrong; 0: no less */
	int warned_timeout_ms;
	/* reading end of a pipe of the starter's, borrowed: the instance ends
	 * when nobody has the other end; 0: it lives on */
	int lifeline;
};

/**
 * tor_config_make() - the user's directories and the tor that is there
 * @config: set on success
 *
 * $XDG_DATA_HOME/isolate/tor, $XDG_RUNTIME_DIR/isolate/tor (or a shorter one
 * below /tmp where that does not fit a socket's address) and
 * $XDG_CONFIG_HOME/isolate/torrc.d. Nothing is made.
 *
 * Return: 0 or -errno.
 */
int tor_config_make(struct tor_config *config, struct fault *f);

/* Of a socket directory, beside that of the common one; the identity follows.
 */
#define TOR_OWN_PREFIX "tor-"

/**
 * tor_config_make_own() - the same of the tor of one identity alone
 * @identity: any text; what is no name is refused
 *
 * identities/NAME/tor and tor-NAME in the directories above; the drop-ins are
 * those of all.
 *
 * Return: 0 or -errno.
 */
int tor_config_make_own(const char *identity, struct tor_config *config,
			struct fault *f);

#endif
