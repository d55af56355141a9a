/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/onionserve.h - the profile's onion service, with the identity's key
 */
#ifndef LAUNCHER_ONIONSERVE_H
#define LAUNCHER_ONIONSERVE_H

#include "base/fault.h"
#include "base/gwmsg.h"

struct onions; /* launcher/onions.h */

/**
 * onionserve() - have tor serve what the plan says
 * @o: its plan has an onion service, and its identity
 * @data_dirfd: isolate's data directory; not used where no key is kept
 * @name: set to the service's, without ".onion"
 *
 * With a key that is kept it is the same at each launch, else another one.
 *
 * Return: 0 or -errno: without its service the application does not run.
 */
int onionserve(struct onions *o, int data_dirfd,
	       char name[GWMSG_ONION_ID_LEN + 1], struct fault *f);

#endif
