/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ctl/torlog.c - isolatectl tor log, tor config: what it says and is told */
#include "ctl/commands.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/attr.h"
#include "base/path.h"
#include "ctl/command.h"
#include "ctl/text.h"
#include "tor/dropin.h"
#include "tor/home.h"
#include "tor/ports.h"
#include "tor/torrc.h"

/* of a log, as much as a person may want; tor writes some lines an hour */
#define FILE_BYTES_MAX (16 * 1024 * 1024)

/* Line by line: relays and directories have a say in what tor logs. */
static void print_text(const char *text, FILE *out)
{
	autofree char *copy = strdup(text);
	char *rest = copy, *line;

	while (rest && (line = strsep(&rest, "\n"))) {
		autofree char *safe = text_printable(line);

		if (*line || rest)
			fprintf(out, "%s\n", safe);
	}
}

/* Return: 0, also where there is none, or -errno */
static int print_file(const struct tor_home *h, const char *name, FILE *out,
		      struct fault *f)
{
	autoclose int fd = path_open_beneath(h->fd, name, O_RDONLY, 0);
	autofree char *text = NULL;
	int rc;

	if (fd == -ENOENT)
		return 0;
	rc = fd < 0 ? fd : fd_read_text(fd, FILE_BYTES_MAX, &text, NULL);
	if (rc < 0)
		return fault_set(f, rc, "read %.150s/%s", h->config->data_dir,
				 name);
	print_text(text, out);
	return 0;
}

static int open_home(const struct call *call, struct tor_home *h,
		     struct tor_config *c, struct fault *f)
{
	const char *identity = call->operand;
	int rc;

	if (identity && !tor_port_name_is_valid(identity)) {
		fault_set(f, 0, "%s: \"%.64s\" is not an identity name",
			  call->command->words, identity);
		return COMMAND_MISUSE;
	}
	rc = identity ? tor_config_make_own(identity, c, f)
		      : tor_config_make(c, f);
	if (rc == 0)
		rc = tor_home_open(h, c, false, f);
	if (rc == -ENOENT) {
		fault_set(f, 0, "%s%sthis tor has never been started",
			  identity ? identity : "", identity ? ": " : "");
		fault_hint(f, "isolatectl tor start%s%s", identity ? " " : "",
			   identity ? identity : "");
	}
	return rc;
}

int tor_log_run(const struct call *call, struct fault *f)
{
	struct tor_config c;
	struct tor_home h;
	int rc = open_home(call, &h, &c, f);

	if (rc)
		return rc;
	rc = print_file(&h, TOR_KEEPER_LOG, call->out, f);
	if (rc == 0)
		rc = print_file(&h, TOR_LOG_NAME, call->out, f);
	tor_home_close(&h);
	return rc;
}

/* are the drop-ins as the last start found them, and would they do */
static void print_dropins(const struct tor_config *c, FILE *out)
{
	autofree char *dir = text_printable(c->dropin_dir);
	autofree char *text = NULL;
	struct fault f = { .err = 0 };
	char line[600];

	if (tor_dropin_read_all(c->dropin_dir, &text, &f) < 0) {
		autofree char *safe = NULL;

		fault_format(&f, line, sizeof(line));
		safe = text_printable(line);
		fprintf(out, "# %s/*.conf: the next start fails: %s\n", dir,
			safe);
		return;
	}
	fprintf(out, "# %s/*.conf, for the next start:%s\n", dir,
		text[0] ? "" : " none");
	print_text(text, out);
}

int tor_config_run(const struct call *call, struct fault *f)
{
	struct tor_config c;
	struct tor_home h;
	int rc = open_home(call, &h, &c, f);

	if (rc)
		return rc;
	rc = print_file(&h, TOR_TORRC_NAME, call->out, f);
	if (rc == 0)
		print_dropins(&c, call->out);
	tor_home_close(&h);
	return rc;
}
