/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tor/talk.h - a blocking conversation with tor's control socket */
#ifndef TOR_TALK_H
#define TOR_TALK_H

#include <stdint.h>
#include <sys/types.h>

#include "base/fault.h"
#include "tor/control.h"

/*
 * Every call ends by the deadline. Made by tor_talk_init(), so that it can
 * be closed at any time.
 */
struct tor_talk {
	int fd;              /* -1 where not connected */
	int64_t deadline_ms; /* CLOCK_MONOTONIC */
	int code;            /* of tor's last refusal */
	/* told of lines with code 650 while an answer is awaited */
	void (*event)(void *arg, const struct tor_line *line);
	void *arg;
	struct tor_control in;
};

void tor_talk_init(struct tor_talk *t);

/**
 * tor_talk_close() - end the conversation; may be called again
 */
void tor_talk_close(struct tor_talk *t);

/**
 * tor_talk_limit() - move the deadline to @ms from now
 */
void tor_talk_limit(struct tor_talk *t, int ms);

/**
 * tor_talk_open() - connect
 * @path: of the control socket
 *
 * Return: 0; -ECONNREFUSED or -ENOENT (nobody listens); -EPERM (it belongs
 * to another user); or -errno.
 */
int tor_talk_open(struct tor_talk *t, const char *path, struct fault *f);

/**
 * tor_talk_login() - SAFECOOKIE, both ways
 * @dirfd: directory of the cookie
 * @name: its file name there
 *
 * Return: 0; -EKEYREJECTED (the other end does not know the cookie: it is
 * not the tor that wrote it); -ECONNRESET (it ended); or -errno.
 */
int tor_talk_login(struct tor_talk *t, int dirfd, const char *name,
		   struct fault *f);

/**
 * tor_talk_send() - send one command, CRLF is added
 * @command: of any length
 *
 * Return: 0, -EINVAL (it has a line break) or -errno.
 */
int tor_talk_send(struct tor_talk *t, const char *command);

/**
 * tor_talk_next() - take the next line, whatever it is
 *
 * Return: 0, -ECONNRESET (the other end closed), -ETIMEDOUT, or -errno.
 */
int tor_talk_next(struct tor_talk *t, struct tor_line *line);

/**
 * tor_talk_ask() - send one command and take its answer
 * @take: called for each line of a good answer, may be NULL; not 0 ends
 *        the call with that
 *
 * Return: 0; -EREMOTEIO (tor refused; @f has its words); or -errno.
 */
int tor_talk_ask(struct tor_talk *t, const char *command,
		 int (*take)(void *arg, const struct tor_line *line), void *arg,
		 struct fault *f);

/**
 * tor_talk_getinfo() - the value of one GETINFO key, on one line
 * @value: NUL-terminated, as tor sent it
 *
 * Return: as tor_talk_ask(); -ENOBUFS where it is longer than @value.
 */
int tor_talk_getinfo(struct tor_talk *t, const char *key, char *value,
		     size_t len, struct fault *f);

#endif
