/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tor/bootstrap.c - how far tor's bootstrap is, and what holds it up */
#include "tor/bootstrap.h"

#include <bsd/stdlib.h>
#include <bsd/string.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tor/clock.h"
#include "tor/control.h"

static const struct {
	const char *reason; /* control-spec s4.1.10.1, BOOTSTRAP */
	const char *hint;
} advice[] = {
	{ "CLOCK_SKEW", "set the clock of this computer, with sudo timedatectl "
			"set-ntp true or sudo chronyc makestep; date shows it "
			"and its time zone" },
	{ "PT_CONNECT", "a bridge that does not answer, or a mistake in its "
			"line? isolatectl tor bridges test tries each" },
	{ "PT_DIED", "does its program run on this computer? isolatectl tor "
		     "bridges list shows what needs it" },
	{ "IDENTITY", "another one answers there than the line says: get the "
		      "bridge's line anew" },
	{ "CONNECTREFUSED", "is there a firewall or a proxy in the way? "
			    "set bridges: isolatectl tor bridges add" },
	{ "NOROUTE", "is this computer connected to the network?" },
	{ "TIMEOUT", "is the network slow, or is Tor blocked in it? set "
		     "bridges: isolatectl tor bridges add" },
	{ "PT_MISSING", "install the pluggable transport that torrc.d "
			"names, e.g. sudo apt install obfs4proxy" },
};

/* as tor_control_keyword(), and fit to be printed */
static int keyword(const char *text, const char *key, char *value, size_t len)
{
	int rc = tor_control_keyword(text, key, value, len);

	if (rc == 1)
		tor_control_printable(value);
	return rc < 0 ? -EPROTO : rc;
}

static int read_phase(struct tor_bootstrap *b, const char *text)
{
	const char *error;
	char number[16];

	if (keyword(text, "PROGRESS", number, sizeof(number)) != 1 ||
	    keyword(text, "TAG", b->tag, sizeof(b->tag)) != 1 ||
	    keyword(text, "SUMMARY", b->summary, sizeof(b->summary)) != 1)
		return -EPROTO;
	b->percent = (int)strtonum(number, 0, 100, &error);
	if (error)
		return -EPROTO;
	b->warning[0] = '\0';
	b->reason[0] = '\0';
	if (keyword(text, "WARNING", b->warning, sizeof(b->warning)) < 0 ||
	    keyword(text, "REASON", b->reason, sizeof(b->reason)) < 0)
		return -EPROTO;
	return 0;
}

static int read_skew(struct tor_bootstrap *b, const char *text)
{
	const char *error;
	char number[24];

	/* tor knows the amount for some sources only */
	if (keyword(text, "SKEW", number, sizeof(number)) != 1)
		return 0;
	b->skew_s =
		(long)strtonum(number, -10000000000LL, 10000000000LL, &error);
	if (error || keyword(text, "SOURCE", b->clock, sizeof(b->clock)) < 0)
		return -EPROTO;
	return 0;
}

/*
 * Of transports tor tells in its log alone. What went wrong with a connection
 * is in quotes at the end of the line.
 */
static void read_log(struct tor_bootstrap *b, const char *text)
{
	static const char reported[] = " reported: ";
	const char *cause = strstr(text, reported), *quote = strrchr(text, '(');

	if (strncmp(text, "Proxy Client: unable to connect", 31) == 0) {
		snprintf(b->warning, sizeof(b->warning),
			 "the transport or proxy could not connect%s%s",
			 quote ? " " : "", quote ? quote : "");
		strlcpy(b->reason, "PT_CONNECT", sizeof(b->reason));
	} else if (strncmp(text, "Managed proxy ", 14) == 0 && cause) {
		strlcpy(b->warning, cause + strlen(reported),
			sizeof(b->warning));
		strlcpy(b->reason, "PT_DIED", sizeof(b->reason));
	} else if (strncmp(text, "Managed proxy ", 14) == 0 &&
		   strstr(text, " terminated with status") &&
		   strcmp(b->reason, "PT_DIED") != 0) {
		strlcpy(b->warning, "the pluggable transport ended",
			sizeof(b->warning));
		strlcpy(b->reason, "PT_DIED", sizeof(b->reason));
	}
	tor_control_printable(b->warning);
}

/* the text behind @word and a space, or NULL */
static const char *behind(const char *text, const char *word)
{
	size_t len = strlen(word);

	if (strncmp(text, word, len) != 0 || text[len] != ' ')
		return NULL;
	return text + len + 1;
}

int tor_bootstrap_update(struct tor_bootstrap *b, const char *text)
{
	struct tor_bootstrap next = *b;
	const char *s = text, *t;
	int rc = 0;

	if ((t = behind(s, "STATUS_CLIENT")) ||
	    (t = behind(s, "STATUS_GENERAL")))
		s = t;
	if ((t = behind(s, "NOTICE")) || (t = behind(s, "WARN")) ||
	    (t = behind(s, "ERR")))
		s = t;
	if ((t = behind(s, "BOOTSTRAP")))
		rc = read_phase(&next, t);
	else if ((t = behind(s, "CLOCK_SKEW")))
		rc = read_skew(&next, t);
	else
		read_log(&next, s);
	if (rc < 0)
		return rc;
	rc = next.percent != b->percent || strcmp(next.tag, b->tag) != 0 ||
	     strcmp(next.warning, b->warning) != 0;
	*b = next;
	return rc;
}

static const char *advice_for(const char *reason)
{
	for (size_t i = 0; i < ARRAY_SIZE(advice); i++)
		if (strcmp(advice[i].reason, reason) == 0)
			return advice[i].hint;
	return NULL;
}

int tor_bootstrap_fault(const struct tor_bootstrap *b, const char *how,
			struct fault *f)
{
	const char *hint = advice_for(b->reason);
	char clock[sizeof(f->hint)];

	fault_set(f, 0, "tor's bootstrap: %s at %d %% (%s)%s%s", how,
		  b->percent, b->summary[0] ? b->summary : "not begun",
		  b->warning[0] ? ": " : "", b->warning);
	if (tor_clock_is_off(b->skew_s)) {
		tor_clock_say(b->skew_s, clock, sizeof(clock));
		fault_hint(f, "%s", clock);
	} else if (hint) {
		fault_hint(f, "%s", hint);
	} else {
		fault_hint(f, "see what tor says in its log: "
			      "isolatectl tor status names it");
	}
	return -ETIMEDOUT;
}
