/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tor/state.c - how our own tor is, for a sandbox that asks */
#include "tor/state.h"

#include <errno.h>
#include <string.h>

#include "base/attr.h"
#include "tor/bootstrap.h"
#include "tor/instance.h"
#include "tor/talk.h"

static int read_flag(struct tor_talk *t, const char *key, const char *yes,
		     uint32_t *flag)
{
	char value[64];
	int rc = tor_talk_getinfo(t, key, value, sizeof(value), NULL);

	*flag = rc == 0 && strcmp(value, yes) == 0;
	return rc;
}

static int read_percent(struct tor_talk *t, uint32_t *percent)
{
	struct tor_bootstrap b = { .percent = 0 };
	char phase[1024];
	int rc = tor_talk_getinfo(t, "status/bootstrap-phase", phase,
				  sizeof(phase), NULL);

	if (rc == 0)
		rc = tor_bootstrap_update(&b, phase);
	if (rc >= 0 && (b.percent < 0 || b.percent > 100))
		rc = -EPROTO;
	*percent = rc < 0 ? 0 : (uint32_t)b.percent;
	return rc < 0 ? rc : 0;
}

/* "" where there is no consensus; a longer one is not of this form anyway */
static int read_time(struct tor_talk *t, const char *key, char *time)
{
	return tor_talk_getinfo(t, key, time, GWMSG_TIME_LEN + 1, NULL);
}

static int read_all(struct tor_talk *t, struct gwmsg_state *s)
{
	const struct {
		const char *key, *yes;
		uint32_t *flag;
	} flags[] = {
		{ "status/circuit-established", "1", &s->circuit },
		{ "status/enough-dir-info", "1", &s->enough_dir_info },
		{ "network-liveness", "up", &s->live },
	};
	const struct {
		const char *key;
		char *time;
	} times[] = {
		{ "consensus/valid-after", s->valid_after },
		{ "consensus/fresh-until", s->fresh_until },
		{ "consensus/valid-until", s->valid_until },
	};
	int rc = read_percent(t, &s->percent);

	for (size_t i = 0; rc == 0 && i < ARRAY_SIZE(flags); i++)
		rc = read_flag(t, flags[i].key, flags[i].yes, flags[i].flag);
	for (size_t i = 0; rc == 0 && i < ARRAY_SIZE(times); i++)
		rc = read_time(t, times[i].key, times[i].time);
	return rc;
}

int tor_state_read(const struct tor_upstream *up, int timeout_ms,
		   struct gwmsg_state *state)
{
	struct gwmsg m = { .type = GWMSG_ANSWER,
			   .answer = { .kind = GWMSG_ASK_STATE } };
	struct tor_talk t;
	int rc;

	tor_talk_init(&t);
	rc = tor_instance_open(up, timeout_ms, &t, NULL);
	if (rc == 0)
		rc = read_all(&t, &m.answer.state);
	tor_talk_close(&t);
	if (rc == 0)
		rc = gwmsg_check(&m, gwmsg_size(m.type), 0);
	if (rc == 0)
		*state = m.answer.state;
	return rc;
}
