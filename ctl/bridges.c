/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ctl/bridges.c - isolatectl tor bridges: how our own tor reaches Tor */
#include "ctl/commands.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/attr.h"
#include "ctl/command.h"
#include "ctl/elsewhere.h"
#include "ctl/json.h"
#include "tor/bridgeset.h"
#include "tor/instance.h"

/* What those on the way to the bridge can tell. */
static const char *const seen[TOR_TRANSPORTS] = {
	[TOR_TRANSPORT_NONE] = "that it is Tor: its protocol is plain to see",
	[TOR_TRANSPORT_OBFS4] = "random bytes; it may be known or guessed that "
				"a bridge is there",
	[TOR_TRANSPORT_WEBTUNNEL] = "HTTPS to the web server of the line's url",
	[TOR_TRANSPORT_SNOWFLAKE] = "WebRTC with changing strangers, and a "
				    "broker behind the fronts",
};

static struct tor_bridges *new_bridges(void)
{
	struct tor_bridges *b = calloc(1, sizeof(*b));

	if (!b)
		abort();
	return b;
}

/* what a launch has chosen it keeps */
static void say_elsewhere(FILE *out)
{
	struct fault f = { .err = 0 };
	char text[512];
	size_t n;

	if (elsewhere_count(&n, &f) < 0) {
		fault_format(&f, text, sizeof(text));
		fprintf(out,
			"what runs may use another tor, without bridges: %s\n",
			text);
	} else if (n > 0) {
		fprintf(out,
			"%zu sandbox%s that run%s use%s another tor, without "
			"bridges, until %s: isolatectl top --json says "
			"which\n",
			n, n == 1 ? "" : "es", n == 1 ? "s" : "",
			n == 1 ? "s" : "", n == 1 ? "it ends" : "they end");
	}
}

/* to the terminal: where the tor that runs stands */
static void say_applied(const struct tor_bridges *b, bool restarted, FILE *out)
{
	if (restarted)
		fputs("tor was started anew: open connections are gone\n", out);
	if (b->n == 0) {
		fputs("no bridges are set: tor connects to Tor's guards, and "
		      "whoever watches this network sees that it is Tor\n",
		      out);
	} else {
		fprintf(out,
			"isolate's own tor connects to %zu bridge%s and to "
			"nothing else; launches that name another tor do not "
			"use them\n",
			b->n, b->n == 1 ? "" : "s");
		say_elsewhere(out);
	}
}

struct adding {
	const struct tor_bridge *v;
	size_t n;
};

static int add(void *arg, struct tor_bridges *b, struct fault *f)
{
	const struct adding *a = arg;

	for (size_t i = 0; i < a->n; i++)
		if (tor_bridges_add(b, &a->v[i]) < 0)
			return fault_set(f, 0, "more than %d bridges",
					 TOR_BRIDGES_MAX);
	return 1;
}

/* lines from stdin, as a bridge distributor gives several */
static int read_lines(struct tor_bridges *b, struct fault *f)
{
	struct fault why = { .err = 0 };
	autofree char *text = NULL;
	size_t len;
	char *rest, *line;
	int rc = fd_read_text(STDIN_FILENO,
			      (size_t)TOR_BRIDGES_MAX * TOR_BRIDGE_LINE_MAX,
			      &text, &len);

	if (rc < 0)
		return fault_set(f, rc, "read bridge lines");
	if (strlen(text) != len)
		return fault_set(f, 0, "a NUL byte among the bridge lines");
	rest = text;
	for (unsigned int n = 1; rc == 0 && (line = strsep(&rest, "\n")); n++) {
		struct tor_bridge one;

		if (!line[strspn(line, " \t")])
			continue;
		rc = tor_bridge_parse(line, &one, &why);
		if (rc == 0 && tor_bridges_add(b, &one) < 0)
			rc = fault_set(&why, 0, "too many bridges");
		if (rc < 0) {
			fault_set(f, 0, "line %u: %.200s", n, why.what);
			fault_hint(f, "%s", why.hint);
		}
	}
	if (rc == 0 && b->n == 0)
		rc = fault_set(f, 0, "there is no bridge line");
	return rc;
}

int bridges_add_run(const struct call *call, struct fault *f)
{
	struct tor_bridges *new = new_bridges(), *all = new_bridges();
	autofree void *new_owner = new;
	autofree void *owner = all;
	struct adding a = { .v = new->v };
	const struct tor_bridgeset_edit edit = { .run = add, .arg = &a };
	bool restarted;
	int rc;

	if (strcmp(call->operand, "-") == 0) {
		rc = read_lines(new, f);
	} else {
		rc = tor_bridge_parse(call->operand, &new->v[0], f);
		new->n = 1;
	}
	if (rc < 0)
		return COMMAND_MISUSE;
	a.n = new->n;
	rc = tor_bridgeset_change(NULL, &edit, all, &restarted, f);
	if (rc < 0)
		return rc;
	say_applied(all, restarted, call->out);
	return 0;
}

static int find(const struct tor_bridges *b, const char *which, struct fault *f)
{
	int i = tor_bridges_find(b, which);

	if (i == -EEXIST) {
		fault_set(f, 0, "more than one bridge is %.80s", which);
		fault_hint(f, "name its number: isolatectl tor bridges list");
	} else if (i < 0) {
		fault_set(f, 0, "no bridge that is set is %.80s", which);
		fault_hint(f, "isolatectl tor bridges list shows all");
	}
	return i;
}

static int drop(void *arg, struct tor_bridges *b, struct fault *f)
{
	const char *which = arg;
	int i;

	if (strcmp(which, "all") == 0) {
		bool had = b->n > 0;

		b->n = 0;
		return had;
	}
	i = find(b, which, f);
	if (i < 0)
		return i;
	tor_bridges_drop(b, (size_t)i);
	return 1;
}

int bridges_remove_run(const struct call *call, struct fault *f)
{
	struct tor_bridges *all = new_bridges();
	autofree void *owner = all;
	const struct tor_bridgeset_edit edit = {
		.run = drop,
		.arg = (void *)(uintptr_t)call->operand,
	};
	bool restarted;
	int rc = tor_bridgeset_change(NULL, &edit, all, &restarted, f);

	if (rc < 0)
		return rc;
	say_applied(all, restarted, call->out);
	return 0;
}

static json_t *make_json(const struct tor_bridge *b)
{
	char line[TOR_BRIDGE_LINE_MAX];
	json_t *o = json_object();

	tor_bridge_format(b, line);
	json_set_text(o, "transport", tor_transport_name(b->transport));
	json_set_text(o, "address", b->address);
	json_set_text(o, "fingerprint", b->fingerprint);
	json_set_text(o, "line", line);
	return o;
}

static void list_json(const struct tor_bridges *b, FILE *out)
{
	json_t *all = json_array();

	for (size_t i = 0; i < b->n; i++)
		json_array_append_new(all, make_json(&b->v[i]));
	json_print(all, out);
}

static void list_text(const struct tor_bridges *b, FILE *out)
{
	char line[TOR_BRIDGE_LINE_MAX];
	bool used[TOR_TRANSPORTS] = { false };

	if (b->n == 0) {
		fputs("no bridges are set\n", out);
		return;
	}
	for (size_t i = 0; i < b->n; i++) {
		tor_bridge_format(&b->v[i], line);
		fprintf(out, "%zu  %s\n", i + 1, line);
		used[b->v[i].transport] = true;
	}
	fputs("\nWhoever watches this network sees connections to these "
	      "addresses, when, and how much;\nwhat is in them looks like\n",
	      out);
	for (int i = 0; i < TOR_TRANSPORTS; i++)
		if (used[i])
			fprintf(out, "  %s: %s\n",
				i ? tor_transport_name((enum tor_transport)i)
				  : "no transport",
				seen[i]);
}

int bridges_list_run(const struct call *call, struct fault *f)
{
	struct tor_bridges *b = new_bridges();
	autofree void *owner = b;
	int rc = tor_bridgeset_read(NULL, b, f);

	if (rc < 0)
		return rc;
	if (call->options[JSON_JSON])
		list_json(b, call->out);
	else
		list_text(b, call->out);
	return 0;
}

/* On a terminal one line that is written over; a script waits. */
static void report(void *arg, int percent, const char *summary)
{
	const bool *over = arg;

	if (*over)
		fprintf(stderr, "\r\033[Ktor: %3d %% %s", percent, summary);
}

/* Return: whether it works */
static bool try_one(const struct tor_bridge *b, json_t *results, FILE *out)
{
	bool over = isatty(STDERR_FILENO);
	struct tor_progress progress = { .report = report, .arg = &over };
	struct fault why = { .err = 0 };
	char text[512] = "";
	bool works = tor_bridgeset_try(b, &progress, &why) == 0;

	if (over)
		fputs("\r\033[K", stderr);
	if (!works)
		fault_format(&why, text, sizeof(text));
	if (results) {
		json_t *o = make_json(b);

		json_object_set_new(o, "works", json_boolean(works));
		if (!works)
			json_set_text(o, "cause", text);
		json_array_append_new(results, o);
		return works;
	}
	fprintf(out, "%s %s: %s%s\n", tor_transport_name(b->transport),
		b->address, works ? "works" : "does not work: ", text);
	return works;
}

/* which of @b are meant; a line need not be set */
static int choose(const char *which, struct tor_bridges *b, struct fault *f)
{
	struct tor_bridge one;
	int i;

	if (!which) {
		if (b->n > 0)
			return 0;
		fault_set(f, 0, "no bridges are set");
		fault_hint(f, "isolatectl tor bridges test LINE tries one "
			      "before it is");
		return -ENOENT;
	}
	if (tor_bridge_parse(which, &one, f) < 0) {
		/* a line that has something wrong, or something short */
		if (strchr(which, ' '))
			return COMMAND_MISUSE;
		i = find(b, which, f);
		if (i < 0)
			return i;
		one = b->v[i];
	}
	b->v[0] = one;
	b->n = 1;
	return 0;
}

int bridges_test_run(const struct call *call, struct fault *f)
{
	struct tor_bridges *b = new_bridges();
	autofree void *owner = b;
	json_t *results = NULL;
	bool all_work = true;
	int rc = tor_bridgeset_read(NULL, b, f);

	if (rc == 0)
		rc = choose(call->operand, b, f);
	if (rc < 0)
		return rc;
	if (call->options[JSON_JSON])
		results = json_array();
	for (size_t i = 0; i < b->n; i++)
		all_work &= try_one(&b->v[i], results, call->out);
	if (results)
		json_print(results, call->out);
	return all_work ? 0 : 1;
}
