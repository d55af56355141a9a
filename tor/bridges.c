/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tor/bridges.c - the bridges of our own tor: their file, and the torrc */
#include "tor/bridges.h"

#include <bsd/stdlib.h>
#include <bsd/string.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"
#include "base/where.h"
#include "tor/config.h"
#include "tor/home.h"

#define FILE_BYTES ((size_t)TOR_BRIDGES_MAX * (TOR_BRIDGE_LINE_MAX + 1))

static const char *const system_dirs[] = {
	"/usr/bin",
	"/usr/sbin",
	"/usr/local/bin",
	NULL,
};

/* Who can carry a transport, the usual one first. */
static const struct {
	const char *programs[3];
	const char *install;
	bool names; /* looks up names and checks certificates */
} carriers[TOR_TRANSPORTS] = {
	[TOR_TRANSPORT_OBFS4] = { { "obfs4proxy", "lyrebird" },
				  "sudo apt install obfs4proxy",
				  false },
	[TOR_TRANSPORT_WEBTUNNEL] = { { "webtunnel-client", "lyrebird" },
				      "webtunnel-client or lyrebird, into "
				      "/usr/local/bin",
				      true },
	[TOR_TRANSPORT_SNOWFLAKE] = { { "snowflake-client", "lyrebird" },
				      "sudo apt install snowflake-client",
				      true },
};

int tor_bridges_add(struct tor_bridges *b, const struct tor_bridge *one)
{
	for (size_t i = 0; i < b->n; i++)
		if (tor_bridge_is_same(&b->v[i], one)) {
			b->v[i] = *one;
			return 0;
		}
	if (b->n == TOR_BRIDGES_MAX)
		return -ENOSPC;
	b->v[b->n++] = *one;
	return 1;
}

int tor_bridges_find(const struct tor_bridges *b, const char *text)
{
	struct tor_bridge line;
	bool is_line = tor_bridge_parse(text, &line, NULL) == 0;
	const char *error;
	int found = -ENOENT, number;

	number = (int)strtonum(text, 1, TOR_BRIDGES_MAX, &error);
	if (!error)
		return (size_t)number <= b->n ? number - 1 : -ENOENT;
	for (size_t i = 0; i < b->n; i++) {
		const struct tor_bridge *one = &b->v[i];

		if (!(is_line && tor_bridge_is_same(one, &line)) &&
		    strcmp(text, one->address) != 0 &&
		    strcasecmp(text, one->fingerprint) != 0)
			continue;
		if (found >= 0)
			return -EEXIST;
		found = (int)i;
	}
	return found;
}

void tor_bridges_drop(struct tor_bridges *b, size_t index)
{
	b->n--;
	memmove(&b->v[index], &b->v[index + 1],
		(b->n - index) * sizeof(b->v[0]));
}

static const char start_over[] =
	"isolatectl tor bridges remove all, then add them again";

static int parse_file(const struct tor_home *h, char *text,
		      struct tor_bridges *b, struct fault *f)
{
	struct tor_bridge one;
	struct fault why = { .err = 0 };
	const char *line;
	int empty;

	for (unsigned int number = 1; (line = strsep(&text, "\n")); number++) {
		int rc;

		if (!*line)
			continue;
		rc = tor_bridge_parse(line, &one, &why);
		if (rc == 0 && tor_bridges_add(b, &one) < 0)
			rc = fault_set(&why, 0, "too many bridges");
		if (rc < 0) {
			fault_set(f, 0, "%.120s/" TOR_BRIDGES_NAME ":%u: %.80s",
				  h->config->data_dir, number, why.what);
			fault_hint(f, "%s", start_over);
			b->n = 0;
			return rc;
		}
	}
	if (b->n > 0)
		return 0;
	/* no bridges is no file: this one has lost what was in it, and tor
	 * would go around the bridges */
	empty = fault_set(f, 0, "%.120s/" TOR_BRIDGES_NAME ": no bridge in it",
			  h->config->data_dir);
	fault_hint(f, "%s", start_over);
	return empty;
}

int tor_bridges_read(const struct tor_home *h, struct tor_bridges *b,
		     struct fault *f)
{
	autoclose int fd = path_open_beneath(
		h->fd, TOR_BRIDGES_NAME, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
	autofree char *text = NULL;
	struct stat st;
	size_t len = 0;
	int rc = 0;

	b->n = 0;
	if (fd == -ENOENT)
		return 0;
	if (fd < 0 || fstat(fd, &st) < 0)
		return fault_set(f, fd < 0 ? fd : errno,
				 "read %s/" TOR_BRIDGES_NAME,
				 h->config->data_dir);
	if (!S_ISREG(st.st_mode) || st.st_uid != geteuid() ||
	    (st.st_mode & 022)) {
		rc = fault_set(f, EPERM, "read %s/" TOR_BRIDGES_NAME,
			       h->config->data_dir);
		fault_hint(f, "it must be a file of yours that only you may "
			      "write to");
		return rc;
	}
	rc = fd_read_text(fd, FILE_BYTES, &text, &len);
	if (rc < 0)
		return fault_set(f, rc, "read %s/" TOR_BRIDGES_NAME,
				 h->config->data_dir);
	if (strlen(text) != len)
		return fault_set(f, 0, "%s/" TOR_BRIDGES_NAME ": a NUL byte",
				 h->config->data_dir);
	return parse_file(h, text, b, f);
}

int tor_bridges_write(const struct tor_home *h, const struct tor_bridges *b,
		      struct fault *f)
{
	autofree char *text = malloc(FILE_BYTES + 1);
	char *at = text;

	if (!text)
		return fault_set(f, ENOMEM, "write the bridges");
	if (b->n == 0) {
		if (unlinkat(h->fd, TOR_BRIDGES_NAME, 0) < 0 && errno != ENOENT)
			return fault_set(f, errno,
					 "remove %s/" TOR_BRIDGES_NAME,
					 h->config->data_dir);
		return 0;
	}
	for (size_t i = 0; i < b->n; i++) {
		tor_bridge_format(&b->v[i], at);
		at += strlen(at);
		*at++ = '\n';
	}
	*at = '\0';
	return tor_home_write_durably(h, TOR_BRIDGES_NAME, text, f);
}

static int find_carrier(enum tor_transport transport, const char *const *dirs,
			char path[PATH_MAX], struct fault *f)
{
	const char *program;
	int rc;

	for (size_t i = 0; (program = carriers[transport].programs[i]); i++)
		for (size_t d = 0; dirs[d]; d++) {
			struct stat st;
			int n = snprintf(path, PATH_MAX, "%s/%s", dirs[d],
					 program);

			if (n > 0 && n < PATH_MAX && stat(path, &st) == 0 &&
			    S_ISREG(st.st_mode) && access(path, X_OK) == 0)
				return 0;
		}
	fault_set(f, 0,
		  "bridges are set that need %s, and no program for it "
		  "is installed",
		  tor_transport_name(transport));
	rc = -ENOENT;
	fault_hint(f, "install it: %s", carriers[transport].install);
	return rc;
}

/* what tor runs for a transport: the program, confined */
static int print_carrier(FILE *out, enum tor_transport transport,
			 const char *const *dirs, struct fault *f)
{
	char program[PATH_MAX], launcher[PATH_MAX];
	int rc = find_carrier(transport, dirs, program, f);

	if (rc < 0)
		return rc;
	rc = where_libexec("isolate-transport", launcher, sizeof(launcher));
	if (rc < 0 || access(launcher, X_OK) < 0)
		return fault_set(f, rc < 0 ? rc : errno,
				 "find isolate-transport");
	/* tor splits the line at spaces and knows no quotes here */
	if (launcher[strcspn(launcher, " \t\n#\"\\")])
		return fault_set(f, 0,
				 "%.200s: tor cannot run a program with a "
				 "space or a quote in its path",
				 launcher);
	fprintf(out, "ClientTransportPlugin %s exec %s%s %s\n",
		tor_transport_name(transport), launcher,
		carriers[transport].names ? " --names" : "", program);
	return 0;
}

static int print_all(FILE *out, const struct tor_bridges *b,
		     const char *const *dirs, struct fault *f)
{
	bool used[TOR_TRANSPORTS] = { false };
	char line[TOR_BRIDGE_LINE_MAX];
	int rc = 0;

	if (b->n == 0)
		return 0;
	fputs("UseBridges 1\n", out);
	for (size_t i = 0; i < b->n; i++) {
		used[b->v[i].transport] = true;
		tor_bridge_format(&b->v[i], line);
		fprintf(out, "Bridge %s\n", line);
	}
	for (int i = TOR_TRANSPORT_NONE + 1; rc == 0 && i < TOR_TRANSPORTS; i++)
		if (used[i])
			rc = print_carrier(out, (enum tor_transport)i, dirs, f);
	return rc;
}

int tor_bridges_compose(const struct tor_bridges *b, const char *const *dirs,
			char **text, struct fault *f)
{
	size_t len;
	char *all = NULL;
	FILE *out = open_memstream(&all, &len);
	int rc;

	if (!out)
		return fault_set(f, ENOMEM, "make tor's configuration");
	rc = print_all(out, b, dirs ? dirs : system_dirs, f);
	if (fclose(out) != 0 && rc == 0)
		rc = fault_set(f, ENOMEM, "make tor's configuration");
	if (rc < 0)
		free(all);
	else
		*text = all;
	return rc;
}

/* tor takes any unambiguous beginning of a name, "ClientT" is the shortest */
static bool has_plugin(const char *lines)
{
	static const char name[] = "ClientTransportPlugin";

	while (lines) {
		size_t len;

		lines += strspn(lines, " \t\n");
		len = strcspn(lines, " \t\n");
		if (len >= strlen("ClientT") && len < sizeof(name) &&
		    strncasecmp(lines, name, len) == 0)
			return true;
		lines = strchr(lines, '\n');
	}
	return false;
}

/* those of all, for a tor that one identity has alone */
static int read_common(const struct tor_home *h, struct tor_bridges *b,
		       struct fault *f)
{
	const struct tor_config *mine = h->config;
	struct tor_config c = *mine;
	struct tor_home common;
	int rc;

	if (!mine->bridges_dir[0] ||
	    strcmp(mine->bridges_dir, mine->data_dir) == 0)
		return tor_bridges_read(h, b, f);
	b->n = 0;
	strlcpy(c.data_dir, mine->bridges_dir, sizeof(c.data_dir));
	rc = tor_home_open(&common, &c, false, f);
	if (rc < 0)
		return rc == -ENOENT ? 0 : rc;
	rc = tor_bridges_read(&common, b, f);
	tor_home_close(&common);
	return rc;
}

int tor_bridges_append(const struct tor_home *h, const char *dropins,
		       char **torrc, struct fault *f)
{
	struct tor_bridges *b = malloc(sizeof(*b));
	autofree void *owner = b;
	autofree char *lines = NULL;
	char *longer;
	int rc;

	if (!b)
		return fault_set(f, ENOMEM, "make tor's configuration");
	rc = read_common(h, b, f);
	if (rc < 0 || b->n == 0)
		return rc;
	if (has_plugin(dropins)) {
		fault_set(f, 0,
			  "bridges are set, and ClientTransportPlugin in "
			  "torrc.d too");
		fault_hint(f, "take that line out: isolate runs transports "
			      "itself, confined");
		return -EINVAL;
	}
	rc = tor_bridges_compose(b, NULL, &lines, f);
	if (rc < 0)
		return rc;
	if (asprintf(&longer, "%s%s", *torrc, lines) < 0)
		return fault_set(f, ENOMEM, "make tor's configuration");
	free(*torrc);
	*torrc = longer;
	return 0;
}

int tor_bridges_are_set(struct fault *f)
{
	struct tor_bridges *b = malloc(sizeof(*b));
	autofree void *owner = b;
	struct tor_config config;
	struct tor_home h;
	int rc;

	if (!b)
		return fault_set(f, ENOMEM, "read the bridges");
	rc = tor_config_make(&config, f);
	if (rc != 0)
		return rc;
	rc = tor_home_open(&h, &config, false, f);
	if (rc != 0)
		return rc == -ENOENT ? 0 : rc;
	rc = tor_bridges_read(&h, b, f);
	tor_home_close(&h);
	return rc < 0 ? rc : b->n > 0;
}
