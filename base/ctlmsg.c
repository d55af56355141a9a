/* SPDX-License-Identifier: GPL-3.0-or-later */
/* base/ctlmsg.c - what isolatectl asks of a supervisor that runs */
#include "base/ctlmsg.h"

#include <string.h>

bool ctlmsg_request_is_valid(const struct ctlmsg_request *m, size_t len)
{
	return len == sizeof(*m) &&
	       (m->type == CTLMSG_NEWNYM || m->type == CTLMSG_STATUS) &&
	       m->reserved == 0 &&
	       memchr(m->identity, '\0', sizeof(m->identity));
}

bool ctlmsg_answer_is_valid(const struct ctlmsg_answer *m, size_t len)
{
	return len == sizeof(*m) && m->err >= 0 &&
	       memchr(m->launch, '\0', sizeof(m->launch)) &&
	       memchr(m->upstream, '\0', sizeof(m->upstream)) &&
	       memchr(m->identity, '\0', sizeof(m->identity)) &&
	       memchr(m->application, '\0', sizeof(m->application));
}
