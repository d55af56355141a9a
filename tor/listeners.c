/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tor/listeners.c - where our own tor listens, as it says itself */
#include "tor/listeners.h"

#include <bsd/string.h>
#include <errno.h>
#include <string.h>

#include "tor/home.h"
#include "tor/talk.h"
#include "tor/torrc.h"

struct listeners {
	const char *dir;         /* of the sockets that are allowed */
	struct tor_ports *ports; /* set to the identities'; may be NULL */
	char other[160];         /* the first that should not be */
};

const char *tor_listeners_name(const char *text, const char *dir)
{
	size_t len = strlen(dir);

	if (strncmp(text, "unix:", strlen("unix:")) != 0)
		return NULL;
	text += strlen("unix:");
	return strncmp(text, dir, len) == 0 && text[len] == '/' ? text + len + 1
								: NULL;
}

static void take_listener(struct listeners *l, const char *one)
{
	const char *path = tor_listeners_name(one, l->dir);
	const char *name = path ? tor_port_of(path, l->dir) : NULL;

	if (name && l->ports)
		tor_ports_add(l->ports, name);
	else if (!path || (!name && strcmp(path, TOR_SOCKS_NAME) != 0 &&
			   strcmp(path, TOR_CONTROL_NAME) != 0))
		strlcpy(l->other, one, sizeof(l->other));
}

static int take_listeners(void *arg, const struct tor_line *line)
{
	struct listeners *l = arg;
	const char *rest = strchr(line->text, '=');
	char one[sizeof(l->other)];
	int rc = 0;

	if (line->kind == TOR_LINE_END)
		return 0;
	if (line->kind != TOR_LINE_MID || !rest)
		return -EPROTO;
	rest++;
	while (!l->other[0] &&
	       (rc = tor_control_quoted_next(&rest, one, sizeof(one))) == 1)
		take_listener(l, one);
	return rc < 0 ? rc : 0;
}

int tor_listeners_check(const struct tor_home *h, struct tor_talk *t,
			struct fault *f)
{
	static const char question[] =
		"GETINFO net/listeners/or net/listeners/extor "
		"net/listeners/dir net/listeners/socks net/listeners/trans "
		"net/listeners/natd net/listeners/dns net/listeners/control "
		"net/listeners/httptunnel net/listeners/metrics";
	struct listeners l = { .dir = h->socket_dir };
	int rc;

	rc = tor_talk_ask(t, question, take_listeners, &l, f);
	if (rc < 0)
		return rc;
	if (l.other[0]) {
		tor_control_printable(l.other);
		fault_set(f, 0,
			  "tor listens at %s, which isolate did not ask "
			  "for: ended",
			  l.other);
		return -EPERM;
	}
	return 0;
}

int tor_listeners_read(const struct tor_home *h, struct tor_talk *t,
		       struct tor_ports *ports, struct fault *f)
{
	struct listeners l = { .dir = h->socket_dir, .ports = ports };

	return tor_talk_ask(t, "GETINFO net/listeners/socks", take_listeners,
			    &l, f);
}
