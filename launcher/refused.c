/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/refused.c - which destinations the gateway refused, for the user */
#include "launcher/refused.h"

#include <bsd/err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "base/path.h"

static const char *const reasons[GWMSG_REASONS] = {
	[GWMSG_REASON_INTERNAL] = "internal",
	[GWMSG_REASON_POLICY] = "allow-destinations, deny-destinations",
};

/* The same for a file, one word. */
static const char *const reason_words[GWMSG_REASONS] = {
	[GWMSG_REASON_INTERNAL] = "internal",
	[GWMSG_REASON_POLICY] = "policy",
};

void refused_init(struct refused *r, const struct plan *plan)
{
	*r = (struct refused){ .plan = plan, .log = -1 };
}

int refused_open_log(struct refused *r, int data_dirfd, struct fault *f)
{
	char path[IDENTITY_NAME_MAX + 40];
	struct stat st;

	if (!r->plan->log_refused)
		return 0;
	snprintf(path, sizeof(path), "identities/%s/destinations.log",
		 r->plan->identity);
	/* O_NONBLOCK: whatever a pipe of that name waits for */
	r->log = path_open_beneath(data_dirfd, path,
				   O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK,
				   0600);
	if (r->log < 0)
		return fault_set(f, r->log, "open %s", path);
	if (fstat(r->log, &st) < 0 || !S_ISREG(st.st_mode) ||
	    fchmod(r->log, 0600) < 0)
		return fault_set(f, EPERM, "write %s, which must be a file",
				 path);
	return 0;
}

bool refused_is_wanted(const struct refused *r)
{
	return r->verbose || r->log >= 0;
}

static bool is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || strchr("-._:", c);
}

/* Room for four times @text and a NUL. */
static size_t escape(const char *text, char *out)
{
	char *at = out;

	for (; *text; text++) {
		if (is_plain(*text))
			*at++ = *text;
		else
			at += sprintf(at, "\\x%02x", (unsigned char)*text);
	}
	*at = '\0';
	return (size_t)(at - out);
}

void refused_text(const struct gwmsg_refused *m, char *text)
{
	bool v6 = strchr(m->host, ':') != NULL;

	if (v6)
		*text++ = '[';
	text += escape(m->host, text);
	if (v6)
		*text++ = ']';
	*text = '\0';
	if (m->port != 0)
		sprintf(text, ":%u", m->port);
}

/* The user's terminal while the application has it: a line feed alone does
 * not go to the first column. */
static bool is_raw(int fd)
{
	struct termios t;

	return tcgetattr(fd, &t) == 0 && !(t.c_oflag & OPOST);
}

static void say(const char *text)
{
	warnx("%s%s", text, is_raw(STDERR_FILENO) ? "\r" : "");
}

static void write_log(struct refused *r, const char *reason, const char *text)
{
	autofree char *application =
		xcalloc(1, 4 * strlen(r->plan->application) + 1);
	autofree char *line = NULL;
	time_t now = time(NULL);
	char when[32];
	struct tm tm;

	escape(r->plan->application, application);
	strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &tm));
	line = xasprintf("%s %s %s %s %s\n", when, r->plan->profile,
			 application, reason, text);
	if (write(r->log, line, strlen(line)) == (ssize_t)strlen(line))
		return;
	/* a full disk is no reason to end the application */
	say("the log of refused destinations cannot be written any more");
	fd_replace(&r->log, -1);
}

void refused_take(struct refused *r, const struct gwmsg_refused *m)
{
	char text[REFUSED_TEXT_BYTES];
	autofree char *line = NULL;

	refused_text(m, text);
	if (strv_has(&r->told, text) || r->full)
		return;
	r->full = r->told.n == REFUSED_MAX;
	if (r->full) {
		if (r->verbose)
			say("more destinations are refused");
		return;
	}
	strv_add(&r->told, text);
	line = xasprintf("refused %s (%s)", text, reasons[m->reason]);
	if (r->verbose)
		say(line);
	if (r->log >= 0)
		write_log(r, reason_words[m->reason], text);
}

void refused_close(struct refused *r)
{
	fd_replace(&r->log, -1);
	strv_free(&r->told);
}
