/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ctl/tor.c - isolatectl tor: isolate's own tor */
#include "ctl/commands.h"

#include <string.h>
#include <unistd.h>

#include "base/attr.h"
#include "ctl/command.h"
#include "ctl/json.h"
#include "ctl/table.h"
#include "tor/instance.h"
#include "tor/upstream.h"

/* LSB: the status of a program that does not run */
#define STATUS_NOT_RUNNING 3

/* On a terminal one line that is written over, else a line for each. */
static void report(void *arg, int percent, const char *summary)
{
	const bool *over = arg;

	fprintf(stderr, *over ? "\r\033[Ktor: %3d %% %s" : "tor: %3d %% %s\n",
		percent, summary);
}

int tor_start_run(const struct call *call, struct fault *f)
{
	bool over = isatty(STDERR_FILENO);
	struct tor_progress progress = { .report = report, .arg = &over };
	struct tor_upstream up;
	int rc = tor_instance_start(NULL, &progress, &up, f);

	if (over)
		fputs("\r\033[K", stderr);
	if (rc == 0)
		fprintf(call->out, "tor is ready on %s\n", up.text);
	return rc;
}

int tor_stop_run(const struct call *call, struct fault *f)
{
	int rc = tor_instance_stop(f);

	if (rc < 0)
		return rc;
	fputs(rc ? "tor was not running\n" : "tor stopped\n", call->out);
	return 0;
}

int tor_forget_run(const struct call *call, struct fault *f)
{
	int rc;

	if (!tor_port_name_is_valid(call->operand)) {
		fault_set(f, 0, "tor forget: \"%.64s\" is not an identity name",
			  call->operand);
		return COMMAND_MISUSE;
	}
	rc = tor_instance_forget(call->operand, f);
	if (rc < 0)
		return rc;
	fprintf(call->out,
		rc ? "%s has no SocksPort of its own\n"
		   : "the SocksPort of %s is gone until its next launch\n",
		call->operand);
	return 0;
}

static void print_json(const struct tor_status *st, FILE *out)
{
	json_t *o = json_object();

	json_object_set_new(o, "running", json_boolean(st->running));
	if (st->running) {
		json_set_int(o, "pid", st->pid);
		json_set_int(o, "bootstrap_percent", st->bootstrap_percent);
		json_set_text(o, "summary", st->summary);
		json_set_text(o, "version", st->version);
		json_set_text(o, "socks", st->socks);
	}
	if (st->running) {
		json_t *names = json_array();

		for (size_t i = 0; i < st->ports.n; i++)
			json_array_append_new(names,
					      json_string(st->ports.names[i]));
		json_object_set_new(o, "socks_of_identities", names);
	}
	json_set_text(o, "data_dir", st->data_dir);
	json_print(o, out);
}

static void add(struct table *t, const char *name, const char *value)
{
	table_add(t, TABLE_STRONG, name);
	table_add(t, TABLE_PLAIN, value);
}

static void print_table(const struct tor_status *st, FILE *out)
{
	struct table t = { .columns = 2 };
	char text[192];

	table_add(&t, TABLE_STRONG, "tor");
	table_add(&t, st->running ? TABLE_GOOD : TABLE_WARN,
		  st->running ? "running" : "not running");
	if (st->running) {
		snprintf(text, sizeof(text), "%d", st->pid);
		add(&t, "pid", text);
		add(&t, "version", st->version);
		snprintf(text, sizeof(text), "%d %% %s", st->bootstrap_percent,
			 st->summary);
		add(&t, "bootstrap", text);
		add(&t, "socks", st->socks);
		/* each is named like the common one, and the identity */
		for (size_t i = 0; i < st->ports.n; i++) {
			snprintf(text, sizeof(text), "%s.%s", st->socks,
				 st->ports.names[i]);
			add(&t, i ? "" : "socks of identities", text);
		}
	}
	add(&t, "data", st->data_dir);
	table_print(&t, out);
	table_free(&t);
}

int tor_status_run(const struct call *call, struct fault *f)
{
	struct tor_status st = { .running = false };
	int rc = tor_instance_status(&st, f);

	if (rc < 0)
		return rc;
	if (call->options[JSON_JSON])
		print_json(&st, call->out);
	else
		print_table(&st, call->out);
	return st.running ? 0 : STATUS_NOT_RUNNING;
}
