/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ctl/profile.c - isolatectl profile: what there is, and what is in it */
#include "ctl/commands.h"

#include <stdlib.h>

#include "base/attr.h"
#include "base/strv.h"
#include "ctl/command.h"
#include "ctl/json.h"
#include "ctl/table.h"
#include "profiles/profile.h"

/* What a profile is for; where it cannot be loaded, why, and true. */
static bool describe(const struct profile_dirs *dirs, const char *name,
		     char *buf, size_t len)
{
	struct fault f = { .err = 0 };
	struct profile *p = NULL;
	int rc = profile_load(dirs, name, &p, &f);

	if (rc < 0)
		fault_format(&f, buf, len);
	else
		snprintf(buf, len, "%s", p->description ? p->description : "");
	profile_free(p);
	return rc < 0;
}

int profile_list_run(const struct call *call, struct fault *f)
{
	struct table t = { .columns = 2 };
	json_t *rows = json_array();
	struct strv names = { NULL };
	struct profile_dirs dirs;
	int rc = profile_dirs_init(&dirs, f);

	if (rc == 0)
		rc = profile_list(&dirs, &names, f);
	table_add(&t, TABLE_STRONG, "PROFILE");
	table_add(&t, TABLE_STRONG, "DESCRIPTION");
	for (size_t i = 0; rc == 0 && i < names.n; i++) {
		json_t *o = json_object();
		char text[600];
		bool bad = describe(&dirs, names.v[i], text, sizeof(text));

		table_add(&t, TABLE_PLAIN, names.v[i]);
		table_add(&t, bad ? TABLE_BAD : TABLE_PLAIN, text);
		json_set_text(o, "name", names.v[i]);
		json_set_text(o, bad ? "error" : "description", text);
		json_array_append_new(rows, o);
	}
	if (rc == 0 && call->options[JSON_JSON])
		json_print(json_incref(rows), call->out);
	else if (rc == 0 && !names.n)
		fputs("no profiles: isolate is not installed whole\n",
		      call->out);
	else if (rc == 0)
		table_print(&t, call->out);
	json_decref(rows);
	table_free(&t);
	strv_free(&names);
	return rc;
}

int profile_show_run(const struct call *call, struct fault *f)
{
	struct profile *p = NULL;
	struct profile_dirs dirs;
	int rc = profile_dirs_init(&dirs, f);

	if (rc == 0)
		rc = profile_load(&dirs, call->operand, &p, f);
	if (rc == 0)
		rc = profile_explain(p, NULL, call->out, f);
	profile_free(p);
	return rc;
}
