/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ctl/log.c - isolatectl log: what was launched */
#include "ctl/commands.h"

#include <bsd/stdlib.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include "base/attr.h"
#include "ctl/command.h"
#include "ctl/json.h"
#include "ctl/ledger.h"
#include "ctl/table.h"
#include "ctl/text.h"

static int64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* How it ended, as words and as a tone. */
static enum table_tone say_end(const struct store_launch_row *row, char *buf,
			       size_t len)
{
	const char *signal_name;

	if (strcmp(row->how, "exit") == 0) {
		snprintf(buf, len, "exit %d", row->status);
		return row->status ? TABLE_WARN : TABLE_PLAIN;
	}
	if (strcmp(row->how, "signal") == 0) {
		signal_name = sigabbrev_np(row->status);
		snprintf(buf, len, "signal %d%s%s", row->status,
			 signal_name ? " " : "",
			 signal_name ? signal_name : "");
		return TABLE_BAD;
	}
	snprintf(buf, len, "%s", row->how);
	return strcmp(row->how, "running") == 0 ? TABLE_GOOD : TABLE_BAD;
}

static int add_row(void *arg, const struct store_launch_row *row)
{
	struct table *t = arg;
	char started[TEXT_TIME_LEN], lasted[TEXT_TIME_LEN], end[64];
	enum table_tone tone = say_end(row, end, sizeof(end));
	int64_t until = row->ended_us;

	if (strcmp(row->how, "running") == 0)
		until = now_us();
	text_time_local(row->started_us, started);
	text_duration(until ? until - row->started_us : -1, lasted);
	table_add(t, TABLE_PLAIN, started);
	table_add(t, TABLE_PLAIN, lasted);
	table_add(t, TABLE_PLAIN, row->identity);
	table_add(t, TABLE_PLAIN, row->profile);
	table_add(t, tone, end);
	table_add(t, TABLE_PLAIN, row->application);
	return 0;
}

static int add_json(void *arg, const struct store_launch_row *row)
{
	json_t *o = json_object();

	json_set_int(o, "id", row->id);
	json_set_time(o, "started", row->started_us);
	json_set_time(o, "ended", row->ended_us);
	json_set_text(o, "identity", row->identity);
	json_set_text(o, "profile", row->profile);
	json_set_text(o, "application", row->application);
	json_set_text(o, "how", row->how);
	if (row->ended_us)
		json_set_int(o, "status", row->status);
	else
		json_object_set_new(o, "status", json_null());
	json_set_int(o, "pid", row->pid);
	json_array_append_new(arg, o);
	return 0;
}

static int print_json(struct store *s, const char *identity, unsigned last,
		      const struct call *call, struct fault *f)
{
	json_t *rows = json_array();
	int rc = 0;

	if (s)
		rc = store_each_launch(s, identity, last, add_json, rows, f);
	if (rc < 0)
		json_decref(rows);
	else
		json_print(rows, call->out);
	return rc;
}

static int print_table(struct store *s, const char *identity, unsigned last,
		       const struct call *call, struct fault *f)
{
	static const char *const heads[] = {
		"STARTED", "LASTED", "IDENTITY",
		"PROFILE", "ENDED",  "APPLICATION"
	};
	struct table t = { .columns = ARRAY_SIZE(heads) };
	int rc = 0;

	for (size_t i = 0; i < ARRAY_SIZE(heads); i++)
		table_add(&t, TABLE_STRONG, heads[i]);
	if (s)
		rc = store_each_launch(s, identity, last, add_row, &t, f);
	if (rc == 0 && t.n == ARRAY_SIZE(heads))
		fprintf(call->out, "no launches yet%s%s\n",
			identity ? " of " : "", identity ? identity : "");
	else if (rc == 0)
		table_print(&t, call->out);
	table_free(&t);
	return rc;
}

int log_run(const struct call *call, struct fault *f)
{
	const char *identity = call->options[LOG_IDENTITY];
	const char *n = call->options[LOG_LAST], *wrong = NULL;
	autostore struct store *s = NULL;
	unsigned last = 0;
	int rc;

	if (n)
		last = (unsigned)strtonum(n, 1, INT_MAX, &wrong);
	if (wrong) {
		fault_set(f, 0, "log: --last %.40s is %s", n, wrong);
		fault_hint(f, "give a number from 1");
		return COMMAND_MISUSE;
	}
	if (identity && !identity_name_is_valid(identity)) {
		fault_set(f, 0, "log: \"%.64s\" is not an identity name",
			  identity);
		return COMMAND_MISUSE;
	}
	rc = ledger_open(&s, NULL, f);
	if (rc < 0)
		return rc;
	if (call->options[LOG_JSON])
		return print_json(s, identity, last, call, f);
	return print_table(s, identity, last, call, f);
}
