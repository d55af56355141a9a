/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ctl/owners.c - whose circuit is it, and is it only theirs */
#include "ctl/owners.h"

#include <bsd/string.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "ctl/sandboxes.h"
#include "tor/circmap.h"

/* What the gateway logs in as: the label, and a SHA-256. */
#define USERNAME "<torS0X>0"
#define PASSWORD_LEN (GWMSG_LABEL_LEN + 64)

static bool is_ours(const struct tor_user *u)
{
	return strcmp(u->username, USERNAME) == 0 &&
	       strlen(u->password) == PASSWORD_LEN &&
	       strspn(u->password, "0123456789abcdef") == PASSWORD_LEN;
}

void owners_add(struct owners *o, const struct sandboxes *s)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct ctlmsg_answer *a = &s->v[i].answer;
		struct owner one = { .pid = s->v[i].pid };
		size_t known = 0;

		strlcpy(one.launch, a->launch, sizeof(one.launch));
		strlcpy(one.identity, a->identity, sizeof(one.identity));
		strlcpy(one.application, a->application,
			sizeof(one.application));
		while (known < o->n &&
		       (o->v[known].pid != one.pid ||
			strcmp(o->v[known].launch, one.launch) != 0))
			known++;
		/* without a network it has no label */
		if (known < o->n || !one.launch[0])
			continue;
		o->v = xreallocarray(o->v, o->n + 1, sizeof(*o->v));
		o->v[o->n++] = one;
	}
}

int owners_update(struct owners *o, int timeout_ms, struct fault *f)
{
	struct sandboxes s = { .n = 0 };
	int rc = sandboxes_status(&s, timeout_ms, f);

	if (rc == 0)
		owners_add(o, &s);
	sandboxes_free(&s);
	return rc;
}

/* Adds @name to a list, unless it is there. Return: was it added? */
static bool add_name(char *list, size_t size, const char *name)
{
	size_t len = strlen(name);

	if (len == 0)
		return false;
	for (const char *at = list; (at = strstr(at, name)); at++)
		if ((at == list || at[-1] == ' ') &&
		    (at[len] == '\0' || at[len] == ','))
			return false;
	if (list[0])
		strlcat(list, ", ", size);
	strlcat(list, name, size);
	return true;
}

struct tally {
	struct ownership *who;
	unsigned int identities;
	/* the first credentials; are there others */
	const struct tor_user *first;
	bool others;
	bool foreign; /* some are not isolate's */
};

static void count_user(const struct owners *o, const struct tor_user *u,
		       struct tally *t)
{
	struct ownership *who = t->who;
	bool ours = is_ours(u);

	who->ours |= ours;
	t->foreign |= !ours;
	if (!t->first)
		t->first = u;
	else if (strcmp(t->first->username, u->username) != 0 ||
		 strcmp(t->first->password, u->password) != 0)
		t->others = true;
	if (u->port[0])
		t->identities += add_name(who->identities,
					  sizeof(who->identities), u->port);
	for (size_t i = 0; ours && i < o->n; i++) {
		if (strncmp(o->v[i].launch, u->password, GWMSG_LAUNCH_LEN) != 0)
			continue;
		t->identities +=
			add_name(who->identities, sizeof(who->identities),
				 o->v[i].identity);
		add_name(who->applications, sizeof(who->applications),
			 o->v[i].application);
	}
}

void owners_judge(const struct owners *o, const struct tor_circset *set,
		  struct ownership *who)
{
	struct tally t = { .who = who };

	*who = (struct ownership){ .ours = false };
	for (size_t i = 0; i < set->nlegs; i++)
		for (size_t k = 0; k < set->legs[i]->nusers; k++)
			count_user(o, &set->legs[i]->users[k], &t);
	if (t.identities > 1)
		snprintf(who->why, sizeof(who->why), "the identities %s",
			 who->identities);
	else if (t.others && who->ours && t.foreign)
		snprintf(who->why, sizeof(who->why),
			 "%s and somebody who is not of isolate",
			 who->identities[0] ? who->identities : "one");
	else if (t.others && who->ours)
		snprintf(who->why, sizeof(who->why),
			 "two who isolate keeps apart, of %s: %s",
			 who->identities[0] ? who->identities : "what ended",
			 who->applications[0] ? who->applications : "-");
	who->is_shared = who->why[0];
}

void owners_free(struct owners *o)
{
	free(o->v);
	*o = (struct owners){ .v = NULL };
}
