/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/progress.c - how far tor's bootstrap is, for a person */
#include "launcher/progress.h"

#include <bsd/err.h>
#include <stdio.h>
#include <unistd.h>

#include "tor/clock.h"
#include "tor/instance.h"

#define BAR_WIDTH 24

static void report(void *arg, int percent, const char *summary)
{
	struct progress *p = arg;
	char bar[BAR_WIDTH + 1];

	if (!p->is_terminal)
		return;
	for (int i = 0; i < BAR_WIDTH; i++)
		bar[i] = i * 100 < percent * BAR_WIDTH ? '#' : '.';
	bar[BAR_WIDTH] = '\0';
	/* back to the start of the line, and clear what is left of it */
	fprintf(stderr, "\rtor: [%s] %3d%% %s\033[K", bar, percent, summary);
	fflush(stderr);
	p->shown = true;
}

static void warn_clock(void *arg, long skew_s)
{
	char text[256];

	tor_clock_say(skew_s, text, sizeof(text));
	progress_end(arg);
	warnx("warning: %s", text);
}

void progress_init(struct progress *p, struct tor_progress *r)
{
	p->is_terminal = isatty(STDERR_FILENO);
	p->shown = false;
	r->report = report;
	r->clock = warn_clock;
	r->arg = p;
}

void progress_end(struct progress *p)
{
	if (p->shown)
		fputs("\r\033[K", stderr);
	p->shown = false;
}
