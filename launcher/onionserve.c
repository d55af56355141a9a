/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/onionserve.c - the profile's onion service, with the identity's key
 */
#include "launcher/onionserve.h"

#include <errno.h>
#include <string.h>

#include "launcher/onionkey.h"
#include "launcher/onions.h"

/* Two at once would have to share its visitors. */
static int taken(const struct plan *p, struct fault *f)
{
	int rc = fault_set(f, EEXIST, "serve the onion service of %s",
			   p->identity);

	fault_hint(f, "another launch does: end it, or use --set "
		      "onion-key=discard");
	return rc;
}

static int keep(const struct plan *p, int data_dirfd, const struct onion *s,
		struct fault *f)
{
	int rc = onionkey_write(data_dirfd, p->identity, p->profile,
				s->wanted.key, f);

	if (rc == -EEXIST)
		fault_hint(f, "another launch has just made the key: "
			      "start this one again");
	return rc;
}

int onionserve(struct onions *o, int data_dirfd,
	       char name[GWMSG_ONION_ID_LEN + 1], struct fault *f)
{
	const struct plan *p = o->plan;
	struct gwmsg_onion wanted = p->onion;
	const struct onion *s;
	int rc = 0;

	if (p->onion_keep)
		rc = onionkey_read(data_dirfd, p->identity, p->profile,
				   wanted.key, f);
	if (rc < 0)
		return rc;
	wanted.has_key = (uint32_t)rc;
	s = onions_add(o, &wanted, NULL, f);
	explicit_bzero(wanted.key, sizeof(wanted.key));
	if (!s && fault_errno(f) == -EEXIST)
		return taken(p, f);
	if (!s)
		return fault_errno(f);
	/* before anybody is told of it */
	rc = p->onion_keep && !wanted.has_key ? keep(p, data_dirfd, s, f) : 0;
	memcpy(name, s->service, sizeof(s->service));
	return rc;
}
