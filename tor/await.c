/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tor/await.c - wait for tor's bootstrap, by its events */
#include "tor/await.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "tor/bootstrap.h"
#include "tor/clock.h"
#include "tor/config.h"
#include "tor/deadline.h"
#include "tor/home.h"
#include "tor/instance.h"
#include "tor/talk.h"

/* a clock that is so far off stops a bootstrap: no consensus is live */
#define SKEW_HOPELESS_S (20L * 3600)
/* ... and what it stops does not go on */
#define CLOCK_PATIENCE_MS 6000

/* before "Connected to a relay" (control-spec s5.5) */
#define EARLY_PERCENT 10

struct waiting {
	struct tor_bootstrap b;
	const struct tor_progress *progress;
	int64_t stalled_at, over_at; /* deadlines */
	const struct tor_config *config;
	bool was_early; /* no relay had been spoken to */
};

static void tell(const struct waiting *w)
{
	char text[300];

	if (!w->progress)
		return;
	snprintf(text, sizeof(text), "%s%s%s", w->b.summary,
		 w->b.warning[0] ? ": " : "", w->b.warning);
	w->progress->report(w->progress->arg, w->b.percent, text);
}

/* tor says what is wrong, and tries on: not worth the whole time */
static void hurry(struct waiting *w)
{
	bool is_clock = strcmp(w->b.reason, "CLOCK_SKEW") == 0 ||
			w->b.skew_s >= SKEW_HOPELESS_S ||
			w->b.skew_s <= -SKEW_HOPELESS_S;
	int ms = is_clock ? CLOCK_PATIENCE_MS : w->config->warned_timeout_ms;
	int64_t sooner = tor_deadline_in(ms);

	if (ms && sooner < w->stalled_at)
		w->stalled_at = sooner;
}

static int take_text(struct waiting *w, const char *text)
{
	int before = w->b.percent;
	int rc = tor_bootstrap_update(&w->b, text);

	if (rc < 0)
		return rc;
	if (w->b.percent != before)
		w->stalled_at = tor_deadline_in(w->config->stall_timeout_ms);
	if (w->b.warning[0] || w->b.skew_s)
		hurry(w);
	if (rc)
		tell(w);
	return 0;
}

static void take_event(void *arg, const struct tor_line *line)
{
	/* one that makes no sense is no progress, and the time runs on */
	if (line->kind == TOR_LINE_END)
		take_text(arg, line->text);
}

static int await_done(struct tor_talk *t, struct waiting *w, struct fault *f)
{
	while (w->b.percent < 100) {
		struct tor_line line;
		int rc;

		t->deadline_ms =
			w->stalled_at < w->over_at ? w->stalled_at : w->over_at;
		rc = tor_talk_next(t, &line);
		if (rc == -ETIMEDOUT)
			return tor_bootstrap_fault(&w->b, "no progress", f);
		if (rc == -ECONNRESET) {
			tor_bootstrap_fault(&w->b, "tor ended", f);
			return rc;
		}
		if (rc < 0)
			return fault_set(f, rc, "read tor's events");
		take_event(w, &line);
	}
	return 0;
}

/* to whom it concerns, and for later */
static void judge_clock(const struct tor_home *h, struct tor_talk *t,
			const struct waiting *w)
{
	long skew = w->b.skew_s;

	/* who came later may have missed what they said */
	if (skew || w->was_early)
		tor_clock_record(h, skew);
	if (w->b.percent < 100 || !w->progress || !w->progress->clock)
		return;
	/* the relays said nothing: the consensus may */
	if (tor_clock_read(h, t, &skew, NULL) == 0 && tor_clock_is_off(skew))
		w->progress->clock(w->progress->arg, skew);
}

int tor_await_bootstrap(struct tor_talk *t, const struct tor_home *h,
			const struct tor_progress *progress, struct fault *f)
{
	const struct tor_config *config = h->config;
	struct waiting w = {
		.progress = progress,
		.stalled_at = tor_deadline_in(config->stall_timeout_ms),
		.over_at = tor_deadline_in(config->bootstrap_timeout_ms),
		.config = config,
	};
	char phase[1024];
	int rc;

	/* events first: what happens between the two is not missed */
	t->event = take_event;
	t->arg = &w;
	rc = tor_talk_ask(t, "SETEVENTS STATUS_CLIENT STATUS_GENERAL WARN",
			  NULL, NULL, f);
	if (rc == 0)
		rc = tor_talk_getinfo(t, "status/bootstrap-phase", phase,
				      sizeof(phase), f);
	if (rc == 0) {
		rc = take_text(&w, phase);
		if (rc < 0)
			fault_set(f, rc, "understand tor's bootstrap phase");
		w.was_early = w.b.percent < EARLY_PERCENT;
	}
	if (rc == 0)
		rc = await_done(t, &w, f);
	t->event = NULL;
	t->arg = NULL;
	judge_clock(h, t, &w);
	return rc;
}
