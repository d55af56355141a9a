/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gateway/zone.h - what kind of answer a DNS question gets */
#ifndef GATEWAY_ZONE_H
#define GATEWAY_ZONE_H

#include "gateway/dns.h"

enum zone_verdict {
	ZONE_EMPTY = 0,   /* the name is there, nothing of this type */
	ZONE_NXDOMAIN,    /* no such name, here at least */
	ZONE_NOTIMP,      /* not a question for data */
	ZONE_REFUSED,     /* not the internet's class */
	ZONE_LOOPBACK,    /* 127.0.0.1 */
	ZONE_KNOWN,       /* ZONE_EMPTY for the name @d, an ordinary one */
	ZONE_ASSIGN,      /* a virtual address for the name @d */
	ZONE_NAME_OF,     /* the name that has the virtual address @d */
	ZONE_RESOLVE,     /* tor is asked for the address of @d */
	ZONE_RESOLVE_PTR, /* tor is asked for the name of @d */
};

/**
 * zone_judge() - decide a question
 * @q: of dns_parse(), DNS_QUERY
 * @resolve: tor may be asked (GWMSG_DNS_RESOLVE)
 * @d: set to what the verdict is about, in canonical form, port 0
 *
 * A name that destination_from_name() does not take is there for nobody: what
 * is assigned or looked up has passed it. Special names are treated as RFC
 * 6761, 6762, 7686, 8375 and 9476 want, but for "test", which is like any
 * other. AAAA is empty: there is no IPv6 in a sandbox. Pure.
 */
enum zone_verdict zone_judge(const struct dns_query *q, bool resolve,
			     struct destination *d);

#endif
