/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ctl/tor.c - isolatectl tor: isolate's own tor */
#include "ctl/commands.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/attr.h"
#include "ctl/command.h"
#include "ctl/elsewhere.h"
#include "ctl/json.h"
#include "ctl/systemd.h"
#include "ctl/table.h"
#include "tor/clock.h"
#include "tor/instance.h"
#include "tor/own.h"
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

static void warn_clock(void *arg, long skew_s)
{
	const bool *over = arg;
	char text[256];

	tor_clock_say(skew_s, text, sizeof(text));
	fprintf(stderr, "%sisolatectl: warning: %s\n", *over ? "\r\033[K" : "",
		text);
}

/* An identity's name, or NULL: the tor of all. */
static int check_operand(const struct call *call, struct fault *f)
{
	if (!call->operand || tor_port_name_is_valid(call->operand))
		return 0;
	fault_set(f, 0, "%s: \"%.64s\" is not an identity name",
		  call->command->words, call->operand);
	return COMMAND_MISUSE;
}

/* " of NAME", for messages */
static const char *of(const char *identity, char text[TOR_PORT_NAME_MAX + 8])
{
	snprintf(text, TOR_PORT_NAME_MAX + 8, identity ? " of %s" : "",
		 identity);
	return text;
}

/*
 * By the user's systemd, where tor does not run yet and nobody wants a plain
 * process. Return: 1, 0: there is none, or -errno
 */
static int start_unit(const struct call *call, struct fault *f)
{
	struct tor_status *st = calloc(1, sizeof(*st));
	autofree void *owner = st;

	if (call->operand || call->options[START_PLAIN] || !st ||
	    tor_instance_status(st, f) < 0 || st->running)
		return 0;
	return systemd_start("isolate-tor.service", f);
}

static int start(const struct call *call, struct fault *f)
{
	int unit = start_unit(call, f);
	bool over = isatty(STDERR_FILENO);
	struct tor_progress progress = { .report = report,
					 .clock = warn_clock,
					 .arg = &over };
	char whose[TOR_PORT_NAME_MAX + 8];
	struct tor_upstream up;
	int rc;

	if (unit < 0)
		return unit;
	rc = call->operand ? tor_own_start(call->operand, &progress, &up, f)
			   : tor_instance_start(NULL, &progress, &up, f);
	if (over)
		fputs("\r\033[K", stderr);
	if (rc == 0)
		fprintf(call->out, "tor%s is ready on %s%s\n",
			of(call->operand, whose), up.text,
			unit ? ", a unit of the user's systemd" : "");
	return rc;
}

static int stop(const struct call *call, struct fault *f)
{
	return call->operand ? tor_own_stop(call->operand, f)
			     : tor_instance_stop(f);
}

int tor_start_run(const struct call *call, struct fault *f)
{
	int rc = check_operand(call, f);

	return rc < 0 ? rc : start(call, f);
}

int tor_stop_run(const struct call *call, struct fault *f)
{
	char whose[TOR_PORT_NAME_MAX + 8];
	int rc = check_operand(call, f);

	if (rc == 0)
		rc = stop(call, f);
	if (rc < 0)
		return rc;
	fprintf(call->out, rc ? "tor%s was not running\n" : "tor%s stopped\n",
		of(call->operand, whose));
	return 0;
}

int tor_restart_run(const struct call *call, struct fault *f)
{
	int rc = check_operand(call, f);

	if (rc == 0)
		rc = stop(call, f);
	return rc < 0 ? rc : start(call, f);
}

int tor_forget_run(const struct call *call, struct fault *f)
{
	int port, own, rc = check_operand(call, f);

	if (rc < 0)
		return rc;
	port = tor_instance_forget(call->operand, f);
	if (port < 0)
		return port;
	own = tor_own_remove(call->operand, f);
	if (own < 0)
		return own;
	if (own == 0)
		fprintf(call->out,
			"the own tor of %s is gone, guards and all\n",
			call->operand);
	if (port == 0)
		fprintf(call->out,
			"the SocksPort of %s is gone until its next launch\n",
			call->operand);
	if (port && own)
		fprintf(call->out, "%s has no SocksPort of its own\n",
			call->operand);
	return 0;
}

static json_t *make_json(const struct tor_status *st)
{
	json_t *names = json_array(), *o = json_object();

	json_object_set_new(o, "running", json_boolean(st->running));
	if (st->running) {
		json_set_int(o, "pid", st->pid);
		json_set_int(o, "bootstrap_percent", st->bootstrap_percent);
		json_set_text(o, "summary", st->summary);
		json_set_text(o, "version", st->version);
		json_set_text(o, "socks", st->socks);
		json_object_set_new(o, "uses_bridges",
				    json_boolean(st->uses_bridges));
		json_set_int(o, "clock_skew_s", st->clock_skew_s);
	}
	for (size_t i = 0; i < st->ports.n; i++)
		json_array_append_new(names, json_string(st->ports.names[i]));
	if (st->running)
		json_object_set_new(o, "socks_of_identities", names);
	else
		json_decref(names);
	json_set_text(o, "data_dir", st->data_dir);
	return o;
}

static int append_own(void *arg, const char *identity)
{
	struct tor_status *st = calloc(1, sizeof(*st));
	autofree void *owner = st;
	struct fault f = { .err = 0 };
	json_t *o;

	/* one that does not answer is told of as well */
	if (!st || tor_own_status(identity, st, &f) < 0) {
		o = json_object();
		json_set_text(o, "error", f.what);
	} else {
		o = make_json(st);
	}
	json_set_text(o, "identity", identity);
	json_array_append_new(arg, o);
	return 0;
}

static int print_json(const struct tor_status *st, const char *identity,
		      FILE *out, struct fault *f)
{
	struct tor_upstream up = { .kind = TOR_UPSTREAM_UNSET };
	json_t *o = make_json(st), *own;
	int rc;

	if (identity) {
		json_set_text(o, "identity", identity);
		json_print(o, out);
		return 0;
	}
	if (st->uses_bridges) {
		size_t n;

		rc = elsewhere_count(&n, f);
		if (rc < 0) {
			json_decref(o);
			return rc;
		}
		json_set_int(o, "sandboxes_without_bridges", (long)n);
	}
	own = json_array();
	rc = tor_own_each(append_own, own, f);
	json_object_set_new(o, "own", own);
	if (tor_upstream_find_system(&up) == 0)
		json_set_text(o, "auto", up.text);
	else
		json_object_set_new(o, "auto", json_null());
	json_object_set_new(o, "auto_by_credentials_alone",
			    json_boolean(up.kind != TOR_UPSTREAM_UNSET));
	if (rc < 0)
		json_decref(o);
	else
		json_print(o, out);
	return rc;
}

static void add(struct table *t, const char *name, const char *value)
{
	table_add(t, TABLE_STRONG, name);
	table_add(t, TABLE_PLAIN, value);
}

static int add_own(void *arg, const char *identity)
{
	struct tor_status *st = calloc(1, sizeof(*st));
	autofree void *owner = st;
	struct fault f = { .err = 0 };
	char text[TOR_PORT_NAME_MAX + 64];

	if (!st || tor_own_status(identity, st, &f) < 0)
		snprintf(text, sizeof(text), "%s: does not answer", identity);
	else if (st->running)
		snprintf(text, sizeof(text), "%s: running, pid %d, %d %%",
			 identity, st->pid, st->bootstrap_percent);
	else
		snprintf(text, sizeof(text), "%s: not running", identity);
	add(arg, "own tor of", text);
	return 0;
}

static int add_elsewhere(struct table *t, struct fault *f)
{
	size_t n;
	int rc = elsewhere_count(&n, f);
	char text[96];

	if (rc < 0 || n == 0)
		return rc;
	snprintf(text, sizeof(text),
		 "%zu that run: by another tor, see isolatectl top --json", n);
	table_add(t, TABLE_STRONG, "without bridges");
	table_add(t, TABLE_WARN, text);
	return 0;
}

/* What else is of interest where it is the tor of all. */
static int add_others(struct table *t, struct fault *f)
{
	struct tor_upstream up;
	char text[sizeof(up.text) + 96];

	if (tor_upstream_find_system(&up) == 0) {
		snprintf(text, sizeof(text),
			 "%s, not isolate's: identities are kept apart by "
			 "credentials alone",
			 up.text);
		table_add(t, TABLE_STRONG, "auto is");
		table_add(t, TABLE_WARN, text);
	} else {
		add(t, "auto is", "this one: identities have a SocksPort each");
	}
	return tor_own_each(add_own, t, f);
}

static int print_table(const struct tor_status *st, const char *identity,
		       FILE *out, struct fault *f)
{
	struct table t = { .columns = 2 };
	char text[192];
	int rc = 0;

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
		if (st->clock_skew_s) {
			char clock[256];

			tor_clock_say(st->clock_skew_s, clock, sizeof(clock));
			table_add(&t, TABLE_STRONG, "clock");
			table_add(&t, TABLE_BAD, clock);
		}
		add(&t, "bridges",
		    st->uses_bridges ? "in use: isolatectl tor bridges list"
				     : "none: it connects to Tor's guards");
		add(&t, "socks", st->socks);
		/* each is named like the common one, and the identity */
		for (size_t i = 0; i < st->ports.n; i++) {
			snprintf(text, sizeof(text), "%s.%s", st->socks,
				 st->ports.names[i]);
			add(&t, i ? "" : "socks of identities", text);
		}
	}
	add(&t, "data", st->data_dir);
	if (!identity && st->uses_bridges)
		rc = add_elsewhere(&t, f);
	if (!identity && rc == 0)
		rc = add_others(&t, f);
	if (rc == 0)
		table_print(&t, out);
	table_free(&t);
	return rc;
}

int tor_status_run(const struct call *call, struct fault *f)
{
	struct tor_status *st = calloc(1, sizeof(*st));
	autofree void *owner = st;
	int rc = check_operand(call, f);

	if (rc < 0)
		return rc;
	if (!st)
		return fault_set(f, ENOMEM, "look at tor");
	rc = call->operand ? tor_own_status(call->operand, st, f)
			   : tor_instance_status(st, f);
	if (rc == 0)
		rc = (call->options[JSON_JSON] ? print_json : print_table)(
			st, call->operand, call->out, f);
	if (rc < 0)
		return rc;
	return st->running ? 0 : STATUS_NOT_RUNNING;
}
