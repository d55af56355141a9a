/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gateway/ctlonion.h - the arguments of ADD_ONION (pure) */
#ifndef GATEWAY_CTLONION_H
#define GATEWAY_CTLONION_H

#include "base/gwmsg.h"
#include "gateway/ctltext.h"

/**
 * ctl_onion_parse() - read what follows ADD_ONION (control-spec s3.27)
 * @o: zeroed by the caller; filled as far as it went on failure
 *
 * NEW:BEST, NEW:ED25519-V3 or ED25519-V3:KEY, then once at most
 * Flags=DiscardPK,V3Auth, one Port=N[,[HOST:]N] or more, and ClientAuthV3=KEY
 * with V3Auth. HOST is 127.0.0.1, localhost or the sandbox's own address. No
 * service outlives its control connection, so Detach is refused.
 */
bool ctl_onion_parse(struct ctl_text args, struct gwmsg_onion *o);

#endif
