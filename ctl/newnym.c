/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ctl/newnym.c - isolatectl newnym: new circuits for one identity */
#include "ctl/commands.h"

#include <bsd/string.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "ctl/command.h"
#include "ctl/control.h"
#include "ctl/ledger.h"
#include "ctl/sandboxes.h"
#include "tor/circuits.h"
#include "tor/client.h"

_Static_assert(TOR_CIRCUIT_LAUNCH_LEN == GWMSG_LAUNCH_LEN,
	       "what the gateway sends is what is looked for");

#define ANSWER_TIMEOUT_MS 5000

/* Launches that the ledger knows to run, and whether they answered. */
struct roll {
	const struct sandboxes *answered;
	unsigned int missing;
	pid_t pid; /* the first of the missing */
	bool known;
};

static int call_up(void *arg, const struct store_launch_row *row)
{
	struct roll *r = arg;

	r->known = true;
	if (strcmp(row->how, "running") != 0)
		return 0;
	for (size_t i = 0; i < r->answered->n; i++)
		if (r->answered->v[i].pid == row->pid)
			return 0;
	if (r->missing++ == 0)
		r->pid = row->pid;
	return 0;
}

static int know(void *arg, const struct store_identity_row *row)
{
	struct roll *r = arg;

	(void)row;
	r->known = true;
	return 0;
}

/* Who should have answered and did not keeps its circuits: that is said. */
static int check_roll(const struct sandboxes *s, const char *identity,
		      struct fault *f)
{
	struct roll r = { .answered = s, .known = s->n > 0 };
	autostore struct store *store = NULL;
	int rc = ledger_open(&store, NULL, f);

	if (rc == 0 && store)
		rc = store_each_identity(store, identity, know, &r, f);
	if (rc == 0 && store)
		rc = store_each_launch(store, identity, 0, call_up, &r, f);
	if (rc < 0)
		return rc;
	if (!r.known) {
		fault_set(f, 0, "there is no identity %s", identity);
		fault_hint(f, "isolatectl identity list shows all");
		return -ENOENT;
	}
	if (r.missing > 0) {
		fault_set(f, 0,
			  "%u of the running applications of %s did not "
			  "answer: isolate with pid %d",
			  r.missing, identity, r.pid);
		fault_hint(f, "is it stopped, or of another login session?");
		return -ETIMEDOUT;
	}
	return 0;
}

static int find_control(const char *upstream, struct tor_client_config *c,
			struct fault *f)
{
	int rc = control_find(upstream, c, f);

	if (rc != -EOPNOTSUPP && rc != -ENOENT)
		return rc;
	fault_set(f, 0,
		  "the old circuits stay: no control port is known of the tor "
		  "at %s",
		  upstream);
	fault_hint(f, "new streams have new circuits all the same");
	return rc;
}

/* Those of one tor, which is that of the first; they are left out then. */
static int close_of_one_tor(struct sandboxes *s, unsigned int *closed,
			    struct fault *f)
{
	struct tor_client_config control = { .timeout_ms = ANSWER_TIMEOUT_MS,
					     .retry_min_ms = 100,
					     .retry_max_ms = 100 };
	struct sandbox_found first = s->v[0];
	struct tor_circuits_of *of = calloc(s->n, sizeof(*of));
	size_t n = 0, left = 0;
	unsigned int here = 0;
	int rc;

	if (!of)
		return fault_set(f, ENOMEM, "close circuits");
	for (size_t i = 0; i < s->n; i++) {
		const struct ctlmsg_answer *a = &s->v[i].answer;

		if (strcmp(a->upstream, first.answer.upstream) != 0) {
			s->v[left++] = s->v[i];
			continue;
		}
		strlcpy(of[n].launch, a->launch, sizeof(of[n].launch));
		of[n++].before = a->number;
	}
	s->n = left;
	rc = 0;
	if (first.answer.upstream[0]) {
		rc = find_control(first.answer.upstream, &control, f);
		if (rc == 0)
			rc = tor_circuits_close(&control, of, n, &here, f);
	}
	*closed += here;
	free(of);
	return rc;
}

static int report(const struct call *call, struct sandboxes *s, struct fault *f)
{
	unsigned int closed = 0;
	int rc = 0;

	if (s->n == 0)
		fprintf(call->out, "nothing of %s is running\n", call->operand);
	else
		fprintf(call->out,
			"%zu running %s of %s: circuits are new from now on\n",
			s->n, s->n == 1 ? "application" : "applications",
			call->operand);
	if (!call->options[NEWNYM_CLOSE])
		return 0;
	while (rc == 0 && s->n > 0)
		rc = close_of_one_tor(s, &closed, f);
	if (rc == 0)
		fprintf(call->out, "%u old circuits closed\n", closed);
	return rc;
}

int newnym_run(const struct call *call, struct fault *f)
{
	struct sandboxes s = { .n = 0 };
	int rc;

	if (!identity_name_is_valid(call->operand)) {
		fault_set(f, 0, "newnym: \"%.64s\" is not an identity name",
			  call->operand);
		return COMMAND_MISUSE;
	}
	rc = sandboxes_newnym(&s, call->operand, f);
	if (rc == 0)
		rc = check_roll(&s, call->operand, f);
	if (rc == 0)
		rc = report(call, &s, f);
	sandboxes_free(&s);
	return rc;
}
