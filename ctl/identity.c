/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ctl/identity.c - isolatectl identity: who there is */
#include "ctl/commands.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/dirs.h"
#include "base/path.h"
#include "base/strv.h"
#include "ctl/command.h"
#include "ctl/json.h"
#include "ctl/ledger.h"
#include "ctl/table.h"
#include "ctl/text.h"

static void add_time(struct table *t, int64_t us)
{
	char buf[TEXT_TIME_LEN];

	text_time_local(us, buf);
	table_add(t, TABLE_PLAIN, buf);
}

static void add_number(struct table *t, int64_t n)
{
	char buf[24];

	snprintf(buf, sizeof(buf), "%lld", (long long)n);
	table_add(t, TABLE_PLAIN, buf);
}

static int add_row(void *arg, const struct store_identity_row *row)
{
	struct table *t = arg;

	table_add(t, TABLE_PLAIN, row->name);
	add_number(t, row->applications);
	add_number(t, row->launches);
	add_time(t, row->last_launch_us);
	add_time(t, row->created_us);
	return 0;
}

static json_t *make_json(const struct store_identity_row *row)
{
	json_t *o = json_object();

	json_set_text(o, "name", row->name);
	json_set_int(o, "applications_bound", row->applications);
	json_set_int(o, "launches", row->launches);
	json_set_time(o, "last_launch", row->last_launch_us);
	json_set_time(o, "created", row->created_us);
	return o;
}

static int append_json(void *arg, const struct store_identity_row *row)
{
	json_array_append_new(arg, make_json(row));
	return 0;
}

static int list_json(struct store *s, FILE *out, struct fault *f)
{
	json_t *rows = json_array();
	int rc = 0;

	if (s)
		rc = store_each_identity(s, NULL, append_json, rows, f);
	if (rc < 0)
		json_decref(rows);
	else
		json_print(rows, out);
	return rc;
}

int identity_list_run(const struct call *call, struct fault *f)
{
	static const char *const heads[] = { "IDENTITY", "APPLICATIONS",
					     "LAUNCHES", "LAST LAUNCH",
					     "CREATED" };
	struct table t = { .columns = ARRAY_SIZE(heads) };
	autostore struct store *s = NULL;
	int rc = ledger_open(&s, NULL, f);

	if (rc < 0)
		return rc;
	if (call->options[JSON_JSON])
		return list_json(s, call->out, f);
	for (size_t i = 0; i < ARRAY_SIZE(heads); i++)
		table_add(&t, TABLE_STRONG, heads[i]);
	if (s)
		rc = store_each_identity(s, NULL, add_row, &t, f);
	if (rc == 0 && t.n == ARRAY_SIZE(heads))
		fputs("no identities yet: the first launch makes one\n",
		      call->out);
	else if (rc == 0)
		table_print(&t, call->out);
	table_free(&t);
	return rc;
}

/* All that `identity show` tells. */
struct shown {
	bool found;
	struct table facts;
	struct table applications;
	struct strv homes; /* profile names */
	json_t *json;
};

static int show_facts(void *arg, const struct store_identity_row *row)
{
	struct shown *shown = arg;

	shown->found = true;
	shown->json = make_json(row);
	table_add(&shown->facts, TABLE_STRONG, "identity");
	table_add(&shown->facts, TABLE_PLAIN, row->name);
	table_add(&shown->facts, TABLE_STRONG, "created");
	add_time(&shown->facts, row->created_us);
	table_add(&shown->facts, TABLE_STRONG, "launches");
	add_number(&shown->facts, row->launches);
	table_add(&shown->facts, TABLE_STRONG, "last launch");
	add_time(&shown->facts, row->last_launch_us);
	return 0;
}

static int show_binding(void *arg, const struct store_binding_row *row)
{
	struct shown *shown = arg;
	json_t *o = json_object();

	json_set_text(o, "application", row->application);
	json_set_time(o, "bound", row->bound_us);
	json_array_append_new(json_object_get(shown->json, "applications"), o);
	table_add(&shown->applications, TABLE_PLAIN, "  ");
	table_add(&shown->applications, TABLE_PLAIN, row->application);
	table_add(&shown->applications, TABLE_PLAIN, "since");
	add_time(&shown->applications, row->bound_us);
	return 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Profiles that have a home in this identity; there may be none. */
static int read_homes(int data_dirfd, const char *name, struct strv *homes,
		      struct fault *f)
{
	char path[64];
	struct dirent *e;
	DIR *dir;
	int fd;

	snprintf(path, sizeof(path), "identities/%s/home", name);
	fd = path_open_beneath(data_dirfd, path, O_RDONLY | O_DIRECTORY, 0);
	if (fd == -ENOENT)
		return 0;
	if (fd < 0)
		return fault_set(f, fd, "open %s", path);
	dir = fdopendir(fd);
	if (!dir) {
		int err = errno;

		fd_close(fd);
		return fault_set(f, err, "read %s", path);
	}
	while ((e = readdir(dir)))
		if (e->d_name[0] != '.')
			strv_add(homes, e->d_name);
	closedir(dir);
	if (homes->n)
		qsort(homes->v, homes->n, sizeof(*homes->v), by_name);
	return 0;
}

static void print_shown(const struct shown *shown, const char *name, FILE *out)
{
	char data[PATH_MAX];

	table_print(&shown->facts, out);
	fputs("\nApplications bound to it:\n", out);
	if (shown->applications.n)
		table_print(&shown->applications, out);
	else
		fputs("  none\n", out);
	fputs("\nHomes:\n", out);
	if (!shown->homes.n || dirs_data(data, sizeof(data)) < 0)
		fputs("  none\n", out);
	for (size_t i = 0; i < shown->homes.n; i++) {
		autofree char *home = text_printable(shown->homes.v[i]);
		autofree char *base = text_printable(data);

		fprintf(out, "  %s/identities/%s/home/%s\n", base, name, home);
	}
}

static int collect(struct store *s, int data_dirfd, const char *name,
		   struct shown *shown, struct fault *f)
{
	json_t *homes;
	int rc = 0;

	if (s)
		rc = store_each_identity(s, name, show_facts, shown, f);
	if (rc < 0)
		return rc;
	if (!shown->found) {
		fault_set(f, 0, "there is no identity %s", name);
		fault_hint(f, "isolatectl identity list shows all");
		return -ENOENT;
	}
	json_object_set_new(shown->json, "applications", json_array());
	rc = store_each_binding(s, name, show_binding, shown, f);
	if (rc == 0)
		rc = read_homes(data_dirfd, name, &shown->homes, f);
	homes = json_array();
	for (size_t i = 0; i < shown->homes.n; i++) {
		autofree char *home = text_utf8(shown->homes.v[i]);

		json_array_append_new(homes, json_string(home));
	}
	json_object_set_new(shown->json, "homes", homes);
	return rc;
}

int identity_show_run(const struct call *call, struct fault *f)
{
	struct shown shown = { .facts.columns = 2, .applications.columns = 4 };
	const char *name = call->operand;
	autostore struct store *s = NULL;
	autoclose int data_dirfd = -1;
	int rc;

	if (!identity_name_is_valid(name)) {
		fault_set(f, 0,
			  "identity show: \"%.64s\" is not an identity "
			  "name",
			  name);
		return COMMAND_MISUSE;
	}
	rc = ledger_open(&s, &data_dirfd, f);
	if (rc == 0)
		rc = collect(s, data_dirfd, name, &shown, f);
	if (rc == 0 && call->options[JSON_JSON])
		json_print(json_incref(shown.json), call->out);
	else if (rc == 0)
		print_shown(&shown, name, call->out);
	json_decref(shown.json);
	table_free(&shown.facts);
	table_free(&shown.applications);
	strv_free(&shown.homes);
	return rc;
}
