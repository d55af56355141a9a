/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/onionkey.h - the keys of onion services, kept by identity */
#ifndef LAUNCHER_ONIONKEY_H
#define LAUNCHER_ONIONKEY_H

#include <stdint.h>

#include "base/fault.h"
#include "base/gwmsg.h"

/*
 * identities/IDENTITY/onion/PROFILE.key, 0600, one line: as ADD_ONION has it.
 * It is the service: whoever has it can be it. Nothing of that directory is
 * ever mounted into a sandbox.
 */

/**
 * onionkey_read() - the key of an identity's service, if it has one
 * @data_dirfd: isolate's data directory
 *
 * No symlink is followed; a file that is another user's, that others can read,
 * or that is no key, is refused: a new key would be another service.
 *
 * Return: 1 and @key set, 0, or -errno.
 */
int onionkey_read(int data_dirfd, const char *identity, const char *profile,
		  uint8_t key[GWMSG_ONION_KEY_BYTES], struct fault *f);

/**
 * onionkey_write() - keep a new one; it is on the disk on return
 *
 * Waits for another launch that is writing one.
 *
 * Return: 0; -EEXIST (there is one meanwhile); or -errno.
 */
int onionkey_write(int data_dirfd, const char *identity, const char *profile,
		   const uint8_t key[GWMSG_ONION_KEY_BYTES], struct fault *f);

#endif
