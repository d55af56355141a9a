/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tor/client.c - a lasting conversation with a control socket (libevent) */
/*
 * DOC: Theory of Operation
 *
 * One timer serves all: it is the deadline of the log-in, then that of the
 * oldest question, and after a failure it starts the next attempt. What comes
 * in goes through tor/control.c line by line and is put together by
 * tor/reply.c, replies and events apart. A peer that breaks the protocol,
 * sends without an end, or is late, is left; nothing of it is taken over
 * into the next connection.
 */
#include "tor/client.h"

#include <bsd/string.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/attr.h"
#include "tor/auth.h"
#include "tor/control.h"
#include "tor/cookiefile.h"

#define QUESTIONS_MAX 1024
/* Bytes read before others have their turn. */
#define TURN_BYTES (256 * 1024)

enum stage {
	STAGE_IDLE = 0, /* not connected; the timer connects */
	STAGE_INFO,     /* PROTOCOLINFO is asked */
	STAGE_CHALLENGE,
	STAGE_LOGIN,
	STAGE_EVENTS,
	STAGE_READY,
};

struct question {
	STAILQ_ENTRY(question) next;
	void (*answered)(void *arg, int err, const struct tor_reply *reply);
	void *arg;
};

STAILQ_HEAD(questions, question);

struct tor_client {
	struct tor_client_config config;
	struct tor_client_hooks hooks;
	void *arg; /* of hooks */
	struct event_base *base;
	struct event *readable, *writable; /* NULL where not connected */
	struct event *timer;
	struct evbuffer *out;
	int fd; /* -1 where not connected */
	uid_t listener;
	enum stage stage;
	int retry_ms;
	struct questions questions;
	size_t nquestions;
	struct tor_cookie cookie;
	struct tor_reply reply, event; /* as far as they have come */
	struct tor_control in;
};

static void set_timer(struct tor_client *c, int ms)
{
	const struct timeval tv = { .tv_sec = ms / 1000,
				    .tv_usec = ms % 1000 * 1000 };

	event_add(c->timer, &tv);
}

static void disconnect(struct tor_client *c)
{
	if (c->readable)
		event_free(c->readable);
	if (c->writable)
		event_free(c->writable);
	c->readable = c->writable = NULL;
	fd_replace(&c->fd, -1);
	evbuffer_drain(c->out, evbuffer_get_length(c->out));
	tor_reply_clear(&c->reply);
	tor_reply_clear(&c->event);
	explicit_bzero(&c->cookie, sizeof(c->cookie));
	c->stage = STAGE_IDLE;
}

static struct question *take_question(struct tor_client *c)
{
	struct question *q = STAILQ_FIRST(&c->questions);

	if (q) {
		STAILQ_REMOVE_HEAD(&c->questions, next);
		c->nquestions--;
	}
	return q;
}

/* @rc: what ended it; @f says more, or NULL */
static void lose(struct tor_client *c, int rc, const struct fault *f)
{
	struct fault why = { .err = 0 };
	int retry_ms = c->retry_ms;
	struct question *q;

	if (f)
		why = *f;
	else
		fault_set(&why, rc, "talk to tor at %s", c->config.path);
	disconnect(c);
	while ((q = take_question(c))) {
		q->answered(q->arg, rc, NULL);
		free(q);
	}
	c->retry_ms = retry_ms > c->config.retry_max_ms / 2
			      ? c->config.retry_max_ms
			      : 2 * retry_ms;
	set_timer(c, retry_ms);
	c->hooks.lost(c->arg, &why, retry_ms);
}

static int flush(struct tor_client *c)
{
	/* not evbuffer_write(): SIGPIPE would come with it */
	while (evbuffer_get_length(c->out) > 0) {
		size_t len = evbuffer_get_contiguous_space(c->out);
		ssize_t n = send(c->fd, evbuffer_pullup(c->out, (ssize_t)len),
				 len, MSG_NOSIGNAL);

		if (n < 0 && errno == EAGAIN)
			return event_add(c->writable, NULL) < 0 ? -ENOMEM : 0;
		if (n < 0 && errno != EINTR)
			return errno == EPIPE ? -ECONNRESET : -errno;
		if (n > 0)
			evbuffer_drain(c->out, (size_t)n);
	}
	return 0;
}

static int send_command(struct tor_client *c, const char *command)
{
	if (evbuffer_add(c->out, command, strlen(command)) < 0 ||
	    evbuffer_add(c->out, "\r\n", 2) < 0)
		return -ENOMEM;
	return flush(c);
}

static int open_cookie(struct tor_client *c, const char *path, struct fault *f)
{
	autoclose int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK |
					      O_NOCTTY | O_NOFOLLOW);

	if (fd < 0)
		return fault_set(f, errno, "open tor's cookie %s", path);
	return tor_cookiefile_read(fd, c->listener, c->cookie.cookie, f);
}

/* The reply to PROTOCOLINFO is there: begin to log in. */
static int choose(struct tor_client *c, struct fault *f)
{
	struct tor_auth_info info = { .methods = 0 };
	const char *file = c->config.cookie_file;
	char command[TOR_AUTH_COMMAND_MAX] = "AUTHENTICATE";
	enum tor_auth_method method;
	struct tor_line line;
	size_t at = 0;
	int rc = 0;

	while (rc == 0 && tor_reply_next(&c->reply, &at, &line))
		rc = tor_auth_read_info(&info, &line);
	if (rc < 0)
		return rc;
	method = tor_auth_choose(&info);
	c->stage = STAGE_LOGIN;
	/* one that is known by its cookie has to prove that it knows it */
	if (method == TOR_AUTH_UNSET ||
	    (file[0] && method != TOR_AUTH_SAFECOOKIE))
		return fault_set(f, EKEYREJECTED,
				 "tor at %s offers no way to log in",
				 c->config.path);
	if (method != TOR_AUTH_NULL)
		rc = open_cookie(c, file[0] ? file : info.cookie_file, f);
	if (rc < 0)
		return rc;
	if (method == TOR_AUTH_SAFECOOKIE) {
		c->stage = STAGE_CHALLENGE;
		if (getrandom(c->cookie.client_nonce, TOR_COOKIE_LEN, 0) !=
		    TOR_COOKIE_LEN)
			return -EIO;
		tor_auth_challenge(c->cookie.client_nonce, command);
	} else if (method == TOR_AUTH_COOKIE) {
		tor_auth_tell(c->cookie.cookie, command);
	}
	return send_command(c, command);
}

static int prove(struct tor_client *c, struct fault *f)
{
	struct tor_auth_challenge ch = { .hash = { 0 } };
	char command[TOR_AUTH_COMMAND_MAX];
	struct tor_line line;
	size_t at = 0;
	int rc = 0;

	while (rc == 0 && tor_reply_next(&c->reply, &at, &line))
		rc = tor_auth_read_challenge(&ch, &line);
	if (rc != 1)
		return -EPROTO;
	rc = tor_auth_prove(&c->cookie, &ch, command);
	if (rc < 0)
		return fault_set(f, rc,
				 "what listens at %s is not the tor of this "
				 "cookie",
				 c->config.path);
	c->stage = STAGE_LOGIN;
	return send_command(c, command);
}

static void become_ready(struct tor_client *c)
{
	c->stage = STAGE_READY;
	c->retry_ms = c->config.retry_min_ms;
	event_del(c->timer);
	explicit_bzero(&c->cookie, sizeof(c->cookie));
	c->hooks.ready(c->arg);
}

static int ask_events(struct tor_client *c)
{
	char command[sizeof(c->config.events) + 16] = "SETEVENTS ";

	if (!c->config.events[0]) {
		become_ready(c);
		return 0;
	}
	strlcat(command, c->config.events, sizeof(command));
	c->stage = STAGE_EVENTS;
	return send_command(c, command);
}

static int refused(const struct tor_client *c, struct fault *f)
{
	struct tor_line line = { .text = "" };
	char words[160];
	size_t at = 0;

	while (tor_reply_next(&c->reply, &at, &line))
		continue;
	strlcpy(words, line.text, sizeof(words));
	tor_control_printable(words);
	fault_set(f, 0, "tor at %s refuses the log-in: %d %s", c->config.path,
		  c->reply.code, words);
	return -EREMOTEIO;
}

static int give_answer(struct tor_client *c)
{
	struct question *q = take_question(c);
	struct tor_reply reply = c->reply;

	/* an answer that nobody asked for */
	if (!q)
		return -EPROTO;
	/* the next one's time begins */
	if (c->nquestions > 0)
		set_timer(c, c->config.timeout_ms);
	else
		event_del(c->timer);
	c->reply = (struct tor_reply){ .lines = NULL };
	q->answered(q->arg, 0, &reply);
	tor_reply_clear(&reply);
	free(q);
	return 0;
}

/* A whole reply is there. */
static int take_reply(struct tor_client *c, struct fault *f)
{
	int rc;

	if (c->stage == STAGE_READY)
		return give_answer(c);
	if (c->reply.code / 100 != 2)
		return refused(c, f);
	switch (c->stage) {
	case STAGE_INFO:
		rc = choose(c, f);
		break;
	case STAGE_CHALLENGE:
		rc = prove(c, f);
		break;
	case STAGE_LOGIN:
		rc = ask_events(c);
		break;
	case STAGE_EVENTS:
		become_ready(c);
		rc = 0;
		break;
	case STAGE_IDLE:
	case STAGE_READY:
	default:
		rc = -EPROTO;
	}
	tor_reply_clear(&c->reply);
	return rc;
}

static int take_line(struct tor_client *c, const struct tor_line *line,
		     struct fault *f)
{
	bool is_event = line->code >= 600;
	int rc = tor_reply_add(is_event ? &c->event : &c->reply, line);

	if (rc <= 0)
		return rc;
	if (!is_event)
		return take_reply(c, f);
	/* before its time: nobody has asked for events yet */
	if (c->stage < STAGE_EVENTS)
		return -EPROTO;
	if (c->hooks.event)
		c->hooks.event(c->arg, &c->event);
	tor_reply_clear(&c->event);
	return 0;
}

static int take_lines(struct tor_client *c, struct fault *f)
{
	struct tor_line line;
	int rc;

	while ((rc = tor_control_next(&c->in, &line)) == 1) {
		rc = take_line(c, &line, f);
		if (rc < 0)
			return rc;
	}
	return rc;
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct tor_client *c = arg;
	struct fault f = { .err = 0 };
	int rc = 0;

	(void)what;
	for (size_t got = 0; rc == 0 && got < TURN_BYTES;) {
		size_t room;
		char *at = tor_control_room(&c->in, &room);
		ssize_t n = recv(fd, at, room, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n <= 0) {
			rc = n < 0 ? -errno : -ECONNRESET;
			break;
		}
		got += (size_t)n;
		tor_control_filled(&c->in, (size_t)n);
		rc = take_lines(c, &f);
	}
	if (rc < 0)
		lose(c, rc, f.what[0] ? &f : NULL);
}

static void on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct tor_client *c = arg;
	int rc = flush(c);

	(void)fd;
	(void)what;
	if (rc < 0)
		lose(c, rc, NULL);
}

static int connect_now(struct tor_client *c)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	struct ucred peer;
	socklen_t len = sizeof(peer);

	memcpy(sun.sun_path, c->config.path, sizeof(sun.sun_path));
	c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (c->fd < 0 ||
	    connect(c->fd, (struct sockaddr *)&sun, sizeof(sun)) < 0 ||
	    getsockopt(c->fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) < 0)
		return -errno;
	/* ours is nobody else's */
	if (c->config.cookie_file[0] && peer.uid != geteuid())
		return -EPERM;
	c->listener = peer.uid;
	tor_control_init(&c->in);
	c->readable =
		event_new(c->base, c->fd, EV_READ | EV_PERSIST, on_readable, c);
	c->writable = event_new(c->base, c->fd, EV_WRITE, on_writable, c);
	if (!c->readable || !c->writable || event_add(c->readable, NULL) < 0)
		return -ENOMEM;
	c->stage = STAGE_INFO;
	set_timer(c, c->config.timeout_ms);
	return send_command(c, "PROTOCOLINFO 1");
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct tor_client *c = arg;
	int rc = c->stage == STAGE_IDLE ? connect_now(c) : -ETIMEDOUT;

	(void)fd;
	(void)what;
	if (rc < 0)
		lose(c, rc, NULL);
}

struct tor_client *tor_client_new(struct event_base *base,
				  const struct tor_client_config *config,
				  const struct tor_client_hooks *hooks,
				  void *arg)
{
	struct tor_client *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->config = *config;
	c->hooks = *hooks;
	c->arg = arg;
	c->base = base;
	c->fd = -1;
	c->retry_ms = config->retry_min_ms;
	STAILQ_INIT(&c->questions);
	c->out = evbuffer_new();
	c->timer = evtimer_new(base, on_timer, c);
	if (!c->out || !c->timer) {
		tor_client_free(c);
		return NULL;
	}
	set_timer(c, 0);
	return c;
}

static void on_failed_write(struct tor_client *c)
{
	/* the loop hears of it: nothing is called from here */
	if (c->readable)
		event_active(c->readable, EV_READ, 0);
}

int tor_client_ask(struct tor_client *c, const char *command,
		   void (*answered)(void *arg, int err,
				    const struct tor_reply *reply),
		   void *arg)
{
	struct question *q;

	if (c->stage != STAGE_READY)
		return -ENOTCONN;
	if (strpbrk(command, "\r\n"))
		return -EINVAL;
	if (c->nquestions >= QUESTIONS_MAX)
		return -EBUSY;
	q = malloc(sizeof(*q));
	if (!q)
		return -ENOMEM;
	*q = (struct question){ .answered = answered, .arg = arg };
	STAILQ_INSERT_TAIL(&c->questions, q, next);
	if (c->nquestions++ == 0)
		set_timer(c, c->config.timeout_ms);
	if (send_command(c, command) < 0)
		on_failed_write(c);
	return 0;
}

void tor_client_free(struct tor_client *c)
{
	struct question *q;

	if (!c)
		return;
	if (c->out)
		disconnect(c);
	while ((q = take_question(c)))
		free(q);
	if (c->timer)
		event_free(c->timer);
	if (c->out)
		evbuffer_free(c->out);
	free(c);
}
