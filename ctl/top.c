/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ctl/top.c - isolatectl top: what runs, and what it does */
#include "ctl/commands.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "ctl/command.h"
#include "ctl/json.h"
#include "ctl/memory.h"
#include "ctl/sandboxes.h"
#include "ctl/screen.h"
#include "ctl/table.h"
#include "ctl/text.h"

#define TICK_MS 1000
/* A gateway's answer takes a millisecond: the second question has it. */
#define ANSWER_MS 50
/* A supervisor answers at once, too; one that is stopped is left out. */
#define TIMEOUT_MS 500

/* What one sandbox did between two looks. */
struct row {
	const struct ctlmsg_answer *now;
	pid_t pid;
	bool has_rates;
	uint64_t up, down; /* bytes in a second */
	uint64_t pss;      /* bytes; 0: not known */
	unsigned int processes;
};

struct rows {
	struct row *v;
	size_t n;
};

static int look(struct sandboxes *s, struct fault *f)
{
	struct sandboxes asked = { .n = 0 };
	int rc = sandboxes_status(&asked, TIMEOUT_MS, f);

	sandboxes_free(&asked);
	if (rc < 0)
		return rc;
	poll(NULL, 0, ANSWER_MS);
	return sandboxes_status(s, TIMEOUT_MS, f);
}

static const struct ctlmsg_answer *same(const struct sandboxes *s,
					const struct sandbox_found *one)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->v[i].pid == one->pid &&
		    strcmp(s->v[i].answer.launch, one->answer.launch) == 0)
			return &s->v[i].answer;
	return NULL;
}

/* A gateway that was started again counts from 0. */
static void set_rates(struct row *r, const struct ctlmsg_answer *was)
{
	const struct ctlmsg_answer *is = r->now;
	uint64_t ms;

	if (!was || !was->stats_ms || is->stats_ms <= was->stats_ms ||
	    is->stats.bytes_up < was->stats.bytes_up ||
	    is->stats.bytes_down < was->stats.bytes_down)
		return;
	ms = is->stats_ms - was->stats_ms;
	r->up = (is->stats.bytes_up - was->stats.bytes_up) * 1000 / ms;
	r->down = (is->stats.bytes_down - was->stats.bytes_down) * 1000 / ms;
	r->has_rates = true;
}

static int by_name(const void *a, const void *b)
{
	const struct row *x = a, *y = b;
	int order = strcmp(x->now->identity, y->now->identity);

	if (order == 0)
		order = strcmp(x->now->application, y->now->application);
	return order ? order : (x->pid > y->pid) - (x->pid < y->pid);
}

static struct rows make_rows(const struct sandboxes *was,
			     const struct sandboxes *is)
{
	struct rows rows = { .v = xcalloc(is->n + 1, sizeof(*rows.v)),
			     .n = is->n };
	struct memory_of *memory = xcalloc(is->n + 1, sizeof(*memory));

	for (size_t i = 0; i < is->n; i++)
		memory[i].pid = is->v[i].pid;
	memory_read(memory, is->n);
	for (size_t i = 0; i < is->n; i++) {
		rows.v[i] = (struct row){ .now = &is->v[i].answer,
					  .pid = is->v[i].pid,
					  .pss = memory[i].pss,
					  .processes = memory[i].processes };
		set_rates(&rows.v[i], same(was, &is->v[i]));
	}
	free(memory);
	qsort(rows.v, rows.n, sizeof(*rows.v), by_name);
	return rows;
}

/* "-" where it is not known */
static void add_bytes(struct table *t, bool known, uint64_t n, const char *unit)
{
	char number[TEXT_TIME_LEN], text[TEXT_TIME_LEN + 8];

	text_bytes(n, number);
	snprintf(text, sizeof(text), "%s%s", number, unit);
	table_add(t, known && n > 0 ? TABLE_GOOD : TABLE_PLAIN,
		  known ? text : "-");
}

static void print_summary(const struct rows *rows, FILE *out)
{
	unsigned long long streams = 0;
	uint64_t up = 0, down = 0;
	char up_text[TEXT_TIME_LEN], down_text[TEXT_TIME_LEN];

	for (size_t i = 0; i < rows->n; i++) {
		streams += rows->v[i].now->stats.open;
		up += rows->v[i].up;
		down += rows->v[i].down;
	}
	text_bytes(up, up_text);
	text_bytes(down, down_text);
	fprintf(out, "%zu %s, %llu %s, up %s/s, down %s/s\n", rows->n,
		rows->n == 1 ? "sandbox" : "sandboxes", streams,
		streams == 1 ? "stream" : "streams", up_text, down_text);
}

static void print_table(const struct rows *rows, FILE *out)
{
	static const char *const heads[] = { "IDENTITY", "APPLICATION", "AGE",
					     "STREAMS",  "UP",          "DOWN",
					     "MEMORY",   "PID" };
	struct table t = { .columns = ARRAY_SIZE(heads) };

	print_summary(rows, out);
	if (rows->n == 0)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(heads); i++)
		table_add(&t, TABLE_STRONG, heads[i]);
	for (size_t i = 0; i < rows->n; i++) {
		const struct row *r = &rows->v[i];
		char age[TEXT_TIME_LEN], streams[24], pid[16];

		text_duration((int64_t)r->now->age_ms * 1000, age);
		snprintf(streams, sizeof(streams), "%llu",
			 (unsigned long long)r->now->stats.open);
		snprintf(pid, sizeof(pid), "%d", r->pid);
		table_add(&t, TABLE_PLAIN, r->now->identity);
		table_add(&t, TABLE_PLAIN, r->now->application);
		table_add(&t, TABLE_PLAIN, age);
		table_add(&t, TABLE_PLAIN, r->now->stats_ms ? streams : "-");
		add_bytes(&t, r->has_rates, r->up, "/s");
		add_bytes(&t, r->has_rates, r->down, "/s");
		add_bytes(&t, r->pss > 0, r->pss, "");
		table_add(&t, TABLE_PLAIN, pid);
	}
	table_print(&t, out);
	table_free(&t);
}

static void set_known(json_t *o, const char *key, bool known, uint64_t n)
{
	json_object_set_new(o, key,
			    known ? json_integer((json_int_t)n) : json_null());
}

static json_t *row_json(const struct row *r)
{
	bool has_stats = r->now->stats_ms > 0;
	json_t *o = json_object();

	json_set_text(o, "identity", r->now->identity);
	json_set_text(o, "application", r->now->application);
	json_set_int(o, "pid", r->pid);
	json_set_int(o, "age_ms", (int64_t)r->now->age_ms);
	if (r->now->upstream[0])
		json_set_text(o, "tor", r->now->upstream);
	else
		json_object_set_new(o, "tor", json_null());
	set_known(o, "streams", has_stats, r->now->stats.open);
	set_known(o, "streams_ever", has_stats, r->now->stats.accepted);
	set_known(o, "bytes_up", has_stats, r->now->stats.bytes_up);
	set_known(o, "bytes_down", has_stats, r->now->stats.bytes_down);
	set_known(o, "up_per_s", r->has_rates, r->up);
	set_known(o, "down_per_s", r->has_rates, r->down);
	set_known(o, "memory", r->pss > 0, r->pss);
	json_set_int(o, "processes", r->processes);
	return o;
}

static void print_json(const struct rows *rows, FILE *out)
{
	json_t *all = json_array();

	for (size_t i = 0; i < rows->n; i++)
		json_array_append_new(all, row_json(&rows->v[i]));
	json_print(all, out);
}

static int look_once(const struct call *call, struct fault *f)
{
	struct sandboxes was = { .n = 0 }, is = { .n = 0 };
	struct rows rows;
	int rc = look(&was, f);

	if (rc == 0 && was.n > 0)
		poll(NULL, 0, TICK_MS);
	if (rc == 0)
		rc = look(&is, f);
	if (rc == 0) {
		rows = make_rows(&was, &is);
		if (call->options[TOP_JSON])
			print_json(&rows, call->out);
		else
			print_table(&rows, call->out);
		free(rows.v);
	}
	sandboxes_free(&was);
	sandboxes_free(&is);
	return rc;
}

static void draw(struct screen *screen, const struct sandboxes *was,
		 const struct sandboxes *is)
{
	struct rows rows = make_rows(was, is);
	autofree char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (out) {
		print_table(&rows, out);
		fputs("\nq leaves\n", out);
		fclose(out);
		screen_draw(screen, text);
	}
	free(rows.v);
}

/* Until somebody leaves. */
static int look_on(struct screen *screen, struct fault *f)
{
	struct sandboxes was = { .n = 0 }, is = { .n = 0 };
	enum screen_event event = SCREEN_NOTHING;
	int rc = 0;

	while (rc == 0 && event != SCREEN_LEAVE) {
		struct pollfd p = { .fd = screen->fd, .events = POLLIN };

		/* of a size that has changed only the drawing is new */
		if (event == SCREEN_NOTHING) {
			sandboxes_free(&was);
			was = is;
			is = (struct sandboxes){ .n = 0 };
			rc = look(&is, f);
		}
		if (rc == 0) {
			draw(screen, &was, &is);
			event = SCREEN_NOTHING;
			if (poll(&p, 1, TICK_MS) > 0)
				event = screen_read(screen);
		}
	}
	sandboxes_free(&was);
	sandboxes_free(&is);
	return rc;
}

int top_run(const struct call *call, struct fault *f)
{
	struct screen screen;
	int rc;

	if (call->options[TOP_ONCE] || call->options[TOP_JSON] ||
	    !screen_may(call->out))
		return look_once(call, f);
	rc = screen_open(&screen, call->out, f);
	if (rc < 0)
		return rc;
	rc = look_on(&screen, f);
	screen_close(&screen);
	return rc < 0 ? rc : screen_status(&screen);
}
