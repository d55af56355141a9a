/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/spread.c - processes that work at once, spread over processors */
#include "launcher/spread.h"

void spread_init(struct spread *s)
{
	s->known = sched_getaffinity(0, sizeof(s->all), &s->all) == 0;
}

void spread_child(const struct spread *s, pid_t pid)
{
	int cpu = sched_getcpu();
	cpu_set_t others;

	if (!s->known || cpu < 0 || cpu >= CPU_SETSIZE)
		return;
	others = s->all;
	CPU_CLR((size_t)cpu, &others);
	/* only one processor: EINVAL */
	if (sched_setaffinity(pid, sizeof(others), &others) == 0)
		(void)sched_setaffinity(pid, sizeof(s->all), &s->all);
}

void spread_restore(const struct spread *s)
{
	if (s->known)
		(void)sched_setaffinity(0, sizeof(s->all), &s->all);
}
