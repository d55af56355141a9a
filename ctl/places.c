/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ctl/places.c - the tors that are in use, and where to log in to them */
#include "ctl/places.h"

#include <bsd/err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "ctl/control.h"
#include "ctl/sandboxes.h"

/* A tor that is busy answers late; what happens while it is lost is unseen. */
#define ANSWER_TIMEOUT_MS 20000
#define RETRY_MIN_MS 200
#define RETRY_MAX_MS 2000

static struct place empty_place(void)
{
	return (struct place){ .control = {
				       .timeout_ms = ANSWER_TIMEOUT_MS,
				       .retry_min_ms = RETRY_MIN_MS,
				       .retry_max_ms = RETRY_MAX_MS,
			       } };
}

static void add(struct places *p, const struct place *place)
{
	for (size_t i = 0; i < p->n; i++)
		if (strcmp(p->v[i].control.path, place->control.path) == 0)
			return;
	p->v = xreallocarray(p->v, p->n + 1, sizeof(*p->v));
	p->v[p->n++] = *place;
}

static void leave_out(struct places *p, const char *upstream)
{
	for (size_t i = 0; i < p->nunwatched; i++)
		if (strcmp(p->unwatched[i], upstream) == 0)
			return;
	p->unwatched = xreallocarray(p->unwatched, p->nunwatched + 1,
				     sizeof(*p->unwatched));
	p->unwatched[p->nunwatched++] = xstrdup(upstream);
	warnx("what uses the tor at %s is left out: no control port of it is "
	      "known, or it does not run",
	      upstream);
}

/* Does one before it use the same tor? */
static bool is_earlier(const struct sandboxes *s, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (strcmp(s->v[k].answer.upstream, s->v[i].answer.upstream) ==
		    0)
			return true;
	return false;
}

static int find_of(struct places *p, const char *upstream, bool again,
		   struct fault *f)
{
	struct place place = empty_place();
	int rc = control_find(upstream, &place.control, f);

	if (rc == 0)
		add(p, &place);
	/* isolate's own, which will be there again */
	if (rc == -ENOENT && again)
		return 0;
	if (rc != -EOPNOTSUPP && rc != -ENOENT)
		return rc;
	leave_out(p, upstream);
	return 0;
}

int places_find(struct places *p, int timeout_ms, bool again, struct fault *f)
{
	struct place own = empty_place();
	struct sandboxes s = { .n = 0 };
	int rc = control_own(&own.control, own.socket_dir, f);

	if (rc == 0)
		add(p, &own);
	if (rc == 0 || rc == -ENOENT)
		rc = sandboxes_status(&s, timeout_ms, f);
	for (size_t i = 0; rc == 0 && i < s.n; i++)
		if (s.v[i].answer.upstream[0] && !is_earlier(&s, i))
			rc = find_of(p, s.v[i].answer.upstream, again, f);
	sandboxes_free(&s);
	return rc;
}

void places_free(struct places *p)
{
	for (size_t i = 0; i < p->nunwatched; i++)
		free(p->unwatched[i]);
	free(p->unwatched);
	free(p->v);
}
