/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tor/ports.c - a SocksPort for each identity, on our own tor */
#include "tor/ports.h"

#include <bsd/string.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/path.h"
#include "tor/home.h"
#include "tor/talk.h"
#include "tor/torrc.h"

/* in the data directory: names, one a line */
#define RECORD_NAME "isolate.ports"
#define RECORD_BYTES (TOR_PORTS_MAX * (TOR_PORT_NAME_MAX + 1) + 1)

_Static_assert(TOR_SOCKET_DIR_MAX + sizeof(TOR_PORT_PREFIX) - 1 +
			       TOR_PORT_NAME_MAX + 1 <=
		       sizeof(((struct sockaddr_un *)0)->sun_path),
	       "every identity's socket has an address");

static void path_of(const char *socket_dir, const char *name,
		    char path[sizeof(((struct sockaddr_un *)0)->sun_path)])
{
	/* both are short enough: see the assertion above */
	snprintf(path, sizeof(((struct sockaddr_un *)0)->sun_path), "%s/%s%s",
		 socket_dir, name ? TOR_PORT_PREFIX : TOR_SOCKS_NAME,
		 name ? name : "");
}

int tor_port_value(const char *socket_dir, const char *name,
		   char value[TOR_PORT_VALUE_MAX])
{
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];

	path_of(socket_dir, name, path);
	strlcpy(value, "unix:", TOR_PORT_VALUE_MAX);
	return tor_control_quote(path, value + 5, TOR_PORT_VALUE_MAX - 5);
}

static size_t find(const struct tor_ports *p, const char *name)
{
	size_t i = 0;

	while (i < p->n && strcmp(p->names[i], name) != 0)
		i++;
	return i;
}

int tor_ports_add(struct tor_ports *p, const char *name)
{
	if (find(p, name) < p->n)
		return 0;
	if (p->n == TOR_PORTS_MAX)
		return -ENOSPC;
	strlcpy(p->names[p->n++], name, sizeof(p->names[0]));
	return 0;
}

void tor_ports_read(const struct tor_home *h, struct tor_ports *p)
{
	autoclose int fd = path_open_beneath(h->fd, RECORD_NAME, O_RDONLY, 0);
	autofree char *text = NULL;
	char *rest, *name;

	p->n = 0;
	if (fd < 0 || fd_read_text(fd, RECORD_BYTES, &text, NULL) < 0)
		return;
	rest = text;
	while ((name = strsep(&rest, "\n")))
		if (tor_port_name_is_valid(name))
			tor_ports_add(p, name);
}

static int write_record(const struct tor_home *h, const struct tor_ports *p,
			struct fault *f)
{
	autofree char *text = malloc(RECORD_BYTES);
	char *at = text;

	if (!text)
		return fault_set(f, ENOMEM, "record tor's SocksPorts");
	*at = '\0';
	for (size_t i = 0; i < p->n; i++)
		at += sprintf(at, "%s\n", p->names[i]);
	return tor_home_write(h, RECORD_NAME, text, f);
}

/* does our tor listen there */
static bool is_open(const struct tor_home *h, const char *name)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	autoclose int fd =
		socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct ucred peer;
	socklen_t len = sizeof(peer);

	path_of(h->socket_dir, name, sun.sun_path);
	return fd >= 0 &&
	       connect(fd, (struct sockaddr *)&sun, sizeof(sun)) == 0 &&
	       getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 &&
	       peer.uid == geteuid();
}

bool tor_port_is_ready(const struct tor_home *h, const char *name)
{
	return tor_port_name_is_valid(name) &&
	       tor_home_sockets_are_private(h) && tor_home_is_ready(h) &&
	       is_open(h, name);
}

/* The list as tor has it, and the SETCONF that replaces it. */
struct change {
	const char *value; /* of the one that is to be left out or added */
	bool listed;
	char *command;
	size_t len, room;
	bool overflow;
};

static void append(struct change *c, const char *text)
{
	size_t n = strlen(text);

	if (c->len + n >= c->room) {
		c->overflow = true;
		return;
	}
	memcpy(c->command + c->len, text, n + 1);
	c->len += n;
}

static int append_port(struct change *c, const char *value)
{
	char quoted[4 * TOR_PORT_VALUE_MAX];
	int rc = tor_control_quote(value, quoted, sizeof(quoted));

	if (rc < 0)
		return rc;
	append(c, " SocksPort=");
	append(c, quoted);
	return 0;
}

static int take_port(void *arg, const struct tor_line *line)
{
	static const char key[] = "SocksPort=";
	struct change *c = arg;
	const char *value = line->text + sizeof(key) - 1;

	if (strncmp(line->text, key, sizeof(key) - 1) != 0)
		return line->kind == TOR_LINE_END ? 0 : -EPROTO;
	if (strcmp(value, c->value) == 0) {
		c->listed = true;
		return 0;
	}
	return append_port(c, value);
}

/* tor's list without @value */
static int read_list(struct tor_talk *t, struct change *c, struct fault *f)
{
	c->room = TOR_PORTS_MAX * sizeof(" SocksPort=\"unix:\\042\\042\"") +
		  TOR_CONTROL_LINE_MAX;
	c->command = malloc(c->room);
	if (!c->command)
		return fault_set(f, ENOMEM, "read tor's SocksPorts");
	append(c, "SETCONF");
	return tor_talk_ask(t, "GETCONF SocksPort", take_port, c, f);
}

static int set_list(struct tor_talk *t, const struct change *c, struct fault *f)
{
	if (c->overflow)
		return fault_set(f, E2BIG, "change tor's SocksPorts");
	return tor_talk_ask(t, c->command, NULL, NULL, f);
}

/* Into tor's list, or out of it; Return: 1 it was in it, 0, or -errno */
static int change_list(const struct tor_home *h, struct tor_talk *t,
		       const char *name, bool open, struct fault *f)
{
	char value[TOR_PORT_VALUE_MAX];
	struct change c = { .value = value };
	int rc = tor_port_value(h->socket_dir, name, value);
	bool stays;

	if (rc < 0)
		return fault_set(f, rc, "name the SocksPort of %s", name);
	rc = read_list(t, &c, f);
	stays = open && c.listed && is_open(h, name);
	/* one whose socket somebody has removed is opened anew only after it
	 * has left the list */
	if (rc == 0 && c.listed && !stays)
		rc = set_list(t, &c, f);
	if (rc == 0 && open && !stays)
		rc = append_port(&c, value);
	if (rc == 0 && open && !stays)
		rc = set_list(t, &c, f);
	free(c.command);
	return rc < 0 ? rc : c.listed;
}

int tor_port_open(const struct tor_home *h, struct tor_talk *t,
		  const char *name, struct fault *f)
{
	struct tor_ports *p = malloc(sizeof(*p));
	autofree void *owner = p;
	size_t before;
	int rc;

	if (!p)
		return fault_set(f, ENOMEM, "open a SocksPort");
	if (!tor_port_name_is_valid(name))
		return fault_set(f, EINVAL, "open a SocksPort");
	tor_ports_read(h, p);
	before = p->n;
	rc = tor_ports_add(p, name);
	if (rc < 0) {
		fault_set(f, rc,
			  "open a SocksPort for %s: %d identities have "
			  "one",
			  name, TOR_PORTS_MAX);
		fault_hint(f, "take one away that is not used: isolatectl tor "
			      "forget NAME");
		return rc;
	}
	rc = change_list(h, t, name, true, f);
	if (rc >= 0 && p->n > before)
		rc = write_record(h, p, f);
	return rc < 0 ? rc : tor_home_set_ready(h, f);
}

int tor_port_close(const struct tor_home *h, struct tor_talk *t,
		   const char *name, struct fault *f)
{
	struct tor_ports *p = malloc(sizeof(*p));
	autofree void *owner = p;
	int rc = 0, closed = 0;
	size_t at;

	if (!p)
		return fault_set(f, ENOMEM, "close a SocksPort");
	if (!tor_port_name_is_valid(name))
		return fault_set(f, EINVAL, "close a SocksPort");
	/* first: what is not listed does not come back */
	tor_ports_read(h, p);
	at = find(p, name);
	if (at < p->n) {
		memmove(p->names[at], p->names[at + 1],
			(p->n - at - 1) * sizeof(p->names[0]));
		p->n--;
		rc = write_record(h, p, f);
		closed = 1;
	}
	if (rc == 0 && t)
		rc = change_list(h, t, name, false, f);
	return rc < 0 ? rc : rc || closed;
}
