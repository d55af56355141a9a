/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tor/talk.c - a blocking conversation with tor's control socket */
#include "tor/talk.h"

#include <bsd/string.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/path.h"
#include "tor/auth.h"
#include "tor/cookiefile.h"
#include "tor/deadline.h"

void tor_talk_init(struct tor_talk *t)
{
	t->fd = -1;
	t->deadline_ms = 0;
	t->code = 0;
	t->event = NULL;
	t->arg = NULL;
	tor_control_init(&t->in);
}

void tor_talk_close(struct tor_talk *t)
{
	fd_replace(&t->fd, -1);
}

void tor_talk_limit(struct tor_talk *t, int ms)
{
	t->deadline_ms = tor_deadline_in(ms);
}

/* wait for @events until the deadline */
static int await(const struct tor_talk *t, short events)
{
	struct pollfd p = { .fd = t->fd, .events = events };
	int n = tor_deadline_poll(&p, 1, t->deadline_ms);

	if (n == 0)
		return -ETIMEDOUT;
	return n < 0 ? n : 0;
}

int tor_talk_open(struct tor_talk *t, const char *path, struct fault *f)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	struct ucred peer;
	socklen_t len = sizeof(peer);
	autoclose int fd = -1;

	if (strlcpy(sun.sun_path, path, sizeof(sun.sun_path)) >=
	    sizeof(sun.sun_path))
		return fault_set(f, ENAMETOOLONG, "connect to %s", path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return fault_set(f, errno, "make a socket for %s", path);
	if (connect(fd, (struct sockaddr *)&sun, sizeof(sun)) < 0)
		return fault_set(f, errno, "connect to %s", path);
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) < 0)
		return fault_set(f, errno, "see who listens at %s", path);
	/* our directory is ours alone: somebody broke in, or we were led */
	if (peer.uid != geteuid())
		return fault_set(f, EPERM, "%s belongs to uid %u", path,
				 peer.uid);
	t->fd = fd_steal(&fd);
	tor_control_init(&t->in);
	return 0;
}

static int send_all(struct tor_talk *t, const char *s, size_t len)
{
	while (len > 0) {
		ssize_t n = send(t->fd, s, len, MSG_NOSIGNAL);
		int rc;

		if (n > 0) {
			s += n;
			len -= (size_t)n;
			continue;
		}
		if (n < 0 && errno == EPIPE)
			return -ECONNRESET;
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return -errno;
		rc = await(t, POLLOUT);
		if (rc < 0)
			return rc;
	}
	return 0;
}

int tor_talk_send(struct tor_talk *t, const char *command)
{
	autofree char *line = NULL;
	int n;

	/* it would be two commands */
	if (strpbrk(command, "\r\n"))
		return -EINVAL;
	n = asprintf(&line, "%s\r\n", command);
	if (n < 0) {
		line = NULL;
		return -ENOMEM;
	}
	return send_all(t, line, (size_t)n);
}

int tor_talk_next(struct tor_talk *t, struct tor_line *line)
{
	for (;;) {
		size_t room;
		char *at;
		ssize_t n;
		int rc = tor_control_next(&t->in, line);

		if (rc != 0)
			return rc < 0 ? rc : 0;
		rc = await(t, POLLIN);
		if (rc < 0)
			return rc;
		at = tor_control_room(&t->in, &room);
		n = recv(t->fd, at, room, 0);
		if (n == 0)
			return -ECONNRESET;
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return -errno;
		if (n > 0)
			tor_control_filled(&t->in, (size_t)n);
	}
}

/* tor's own words for why it refused */
static int refused(const char *command, const struct tor_line *line,
		   struct fault *f)
{
	char words[160];

	strlcpy(words, line->text, sizeof(words));
	tor_control_printable(words);
	fault_set(f, 0, "tor refuses %.*s: %d %s", (int)strcspn(command, " "),
		  command, line->code, words);
	return -EREMOTEIO;
}

int tor_talk_ask(struct tor_talk *t, const char *command,
		 int (*take)(void *arg, const struct tor_line *line), void *arg,
		 struct fault *f)
{
	/* not the arguments: AUTHENTICATE's are a secret */
	int word = (int)strcspn(command, " ");
	struct tor_line line;
	int rc = tor_talk_send(t, command);

	if (rc < 0)
		return fault_set(f, rc, "send tor %.*s", word, command);
	do {
		rc = tor_talk_next(t, &line);
		if (rc < 0)
			return fault_set(f, rc, "await tor's answer to %.*s",
					 word, command);
		if (line.code >= 600) {
			if (t->event)
				t->event(t->arg, &line);
			line.kind = TOR_LINE_MID;
			continue;
		}
		if (line.code / 100 != 2) {
			t->code = line.code;
			return refused(command, &line, f);
		}
		rc = take ? take(arg, &line) : 0;
		if (rc < 0)
			return fault_set(f, rc, "take tor's answer to %.*s",
					 word, command);
	} while (line.kind != TOR_LINE_END);
	return 0;
}

struct wanted {
	const char *key;
	char *value;
	size_t len; /* of value */
	bool found;
};

static int take_value(void *arg, const struct tor_line *line)
{
	struct wanted *w = arg;
	size_t n = strlen(w->key);

	if (line->kind != TOR_LINE_MID || strncmp(line->text, w->key, n) != 0 ||
	    line->text[n] != '=')
		return 0;
	if (strlcpy(w->value, line->text + n + 1, w->len) >= w->len)
		return -ENOBUFS;
	w->found = true;
	return 0;
}

int tor_talk_getinfo(struct tor_talk *t, const char *key, char *value,
		     size_t len, struct fault *f)
{
	struct wanted w = { .key = key, .value = value, .len = len };
	char command[128];
	int rc;

	snprintf(command, sizeof(command), "GETINFO %s", key);
	rc = tor_talk_ask(t, command, take_value, &w, f);
	if (rc < 0)
		return rc;
	if (!w.found)
		return fault_set(f, EPROTO, "ask tor for %s", key);
	return 0;
}

static int read_cookie(int dirfd, const char *name, struct tor_cookie *c,
		       struct fault *f)
{
	autoclose int fd = path_open_beneath(dirfd, name, O_RDONLY, 0);

	if (fd < 0)
		return fault_set(f, fd, "open tor's cookie");
	return tor_cookiefile_read(fd, geteuid(), c->cookie, f);
}

struct challenged {
	struct tor_auth_challenge challenge;
	bool answered;
};

static int take_challenge(void *arg, const struct tor_line *line)
{
	struct challenged *c = arg;
	int rc = tor_auth_read_challenge(&c->challenge, line);

	c->answered |= rc == 1;
	return rc < 0 ? rc : 0;
}

int tor_talk_login(struct tor_talk *t, int dirfd, const char *name,
		   struct fault *f)
{
	struct challenged ch = { .answered = false };
	char command[TOR_AUTH_COMMAND_MAX];
	struct tor_cookie c;
	int rc;

	if (getrandom(c.client_nonce, sizeof(c.client_nonce), 0) !=
	    sizeof(c.client_nonce))
		return fault_set(f, EIO, "get random bytes");
	tor_auth_challenge(c.client_nonce, command);
	rc = tor_talk_ask(t, command, take_challenge, &ch, f);
	if (rc < 0)
		return rc;
	if (!ch.answered)
		return fault_set(f, EPROTO, "tor answers no challenge");
	/* not before: a tor that has just started listens first, and writes
	 * its cookie over the one before it then; it answers after both */
	rc = read_cookie(dirfd, name, &c, f);
	if (rc < 0)
		return rc;
	rc = tor_auth_prove(&c, &ch.challenge, command);
	if (rc < 0)
		return fault_set(f, rc,
				 "what listens is not the tor of this cookie");
	return tor_talk_ask(t, command, NULL, NULL, f);
}
