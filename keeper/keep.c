/* SPDX-License-Identifier: GPL-3.0-or-later */
/* keeper/keep.c - start tor, and start it again when it crashes */
#include "keeper/keep.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "base/path.h"
#include "keeper/cell.h"
#include "tor/attach.h"
#include "tor/bringup.h"
#include "tor/deadline.h"
#include "tor/home.h"
#include "tor/listeners.h"
#include "tor/spawn.h"
#include "tor/talk.h"

/* The first restart comes at once for a person, the others soon enough for a
 * network that is back; a tor that cannot run costs nothing. */
#define BACKOFF_FIRST_MS 100
#define BACKOFF_MOST_MS 30000
#define BACKOFF_CRASHES 16
/* one that ran for so long was all right */
#define RAN_WELL_MS 60000
/* how often a tor that starts is looked at */
#define LOOK_MS 10
/* ... and whether others are done with the lock */
#define LOCK_RETRY_MS 100

int keep_backoff_next(struct keep_backoff *b, int64_t ran_ms)
{
	int ms = BACKOFF_FIRST_MS;

	if (ran_ms >= RAN_WELL_MS)
		b->crashes = 0;
	if (b->crashes == BACKOFF_CRASHES)
		return -1;
	for (unsigned int i = 0; i < b->crashes && ms < BACKOFF_MOST_MS; i++)
		ms *= 2;
	b->crashes++;
	return ms < BACKOFF_MOST_MS ? ms : BACKOFF_MOST_MS;
}

struct keep {
	struct tor_home h;
	struct cell cell;
	int lock;     /* says that we run */
	int signals;  /* signalfd(2) */
	int told;     /* to the first start's caller; -1 once it is told */
	bool refused; /* tor did not accept its configuration */
};

enum happened {
	NOTHING,
	TOR_ENDED,
	TO_END, /* we are told to, or who needs it is gone */
};

/* to the caller of the first start, later to our log */
static void say(const char *format, ...) attr_printf(1, 2);
static void say(const char *format, ...)
{
	time_t now = time(NULL);
	char when[32] = "";
	struct tm tm;
	va_list ap;

	if (localtime_r(&now, &tm))
		strftime(when, sizeof(when), "%b %d %H:%M:%S", &tm);
	dprintf(STDERR_FILENO, "%s ", when);
	va_start(ap, format);
	vdprintf(STDERR_FILENO, format, ap);
	va_end(ap);
	dprintf(STDERR_FILENO, "\n");
}

/* as tor marks an error: it is preferred to what tor said before it */
static void say_fault(const struct fault *f)
{
	char line[600];

	fault_format(f, line, sizeof(line));
	say("[err] %s", line);
}

static enum happened wait_some(struct keep *k, int ms)
{
	/* of pipes: only that the other end is gone; our stdin is one where
	 * tor is to end with who started it (tor/config.h, lifeline) */
	struct pollfd p[] = { { .fd = k->signals, .events = POLLIN },
			      { .fd = k->told },
			      { .fd = STDIN_FILENO },
			      { .fd = k->cell.pidfd, .events = POLLIN } };
	int n = ms < 0 ? poll(p, ARRAY_SIZE(p), -1)
		       : tor_deadline_poll(p, ARRAY_SIZE(p),
					   tor_deadline_in(ms));

	if (n > 0 && (p[0].revents || p[1].revents || p[2].revents))
		return TO_END;
	return n > 0 && p[3].revents ? TOR_ENDED : NOTHING;
}

static const char *how(int status, char text[48])
{
	if (status == TOR_SPAWN_NO_EXEC)
		return "cannot be executed";
	snprintf(text, 48,
		 status > 128 ? "was killed by signal %d"
			      : "ended with status %d",
		 status > 128 ? status - 128 : status);
	return text;
}

static int end_cell(struct keep *k)
{
	int64_t deadline = tor_deadline_in(TOR_KEEPER_END_MS);
	struct pollfd p = { .fd = k->cell.pidfd, .events = POLLIN };

	cell_stop(&k->cell);
	if (tor_deadline_poll(&p, 1, deadline) > 0)
		return cell_wait(&k->cell);
	cell_kill(&k->cell);
	return 0;
}

static int verify(struct keep *k, struct fault *f)
{
	int64_t deadline = tor_deadline_in(k->h.config->answer_timeout_ms);
	enum happened what = NOTHING;
	int rc = cell_open(&k->h, 1, STDERR_FILENO, &k->cell, f);
	char text[48];

	if (rc < 0)
		return rc;
	while (what == NOTHING && tor_deadline_left(deadline) > 0)
		what = wait_some(k, tor_deadline_left(deadline));
	if (what != TOR_ENDED) {
		cell_kill(&k->cell);
		return fault_set(f, what == TO_END ? ECANCELED : ETIMEDOUT,
				 "verify tor's configuration");
	}
	rc = cell_wait(&k->cell);
	k->refused = rc == 1;
	/* tor has said why */
	return rc == 0 ? 0
		       : fault_set(f, ECHILD, "tor --verify-config %s",
				   how(rc, text));
}

/* does it listen, and where */
static int check(struct keep *k, struct fault *f)
{
	struct tor_talk t;
	int rc;

	tor_talk_init(&t);
	rc = tor_attach(&k->h, &t, f);
	if (rc == 1)
		rc = tor_listeners_check(&k->h, &t, f) < 0 ? -EPERM : 1;
	tor_talk_close(&t);
	return rc;
}

static int await_up(struct keep *k, struct fault *f)
{
	int64_t deadline = tor_deadline_in(k->h.config->answer_timeout_ms);
	char text[48];

	for (;;) {
		enum happened what = wait_some(k, LOOK_MS);
		int rc;

		if (what == TO_END) {
			cell_kill(&k->cell);
			return fault_set(f, ECANCELED, "start tor");
		}
		if (what == TOR_ENDED)
			return fault_set(f, ECHILD, "tor %s",
					 how(cell_wait(&k->cell), text));
		rc = check(k, f);
		if (rc == 1)
			return 0;
		/* the cookie comes after the socket */
		if (rc != -EPERM && tor_deadline_left(deadline) > 0)
			continue;
		cell_kill(&k->cell);
		return rc < 0 ? rc
			      : fault_set(f, ETIMEDOUT,
					  "wait for tor to come "
					  "up");
	}
}

static int start(struct keep *k, bool with_verify, struct fault *f)
{
	int rc = with_verify ? verify(k, f) : 0;

	if (rc == 0)
		rc = cell_open(&k->h, 0, STDERR_FILENO, &k->cell, f);
	return rc < 0 ? rc : await_up(k, f);
}

static int begin(struct keep *k, const struct tor_config *c, struct fault *f)
{
	sigset_t set;
	int rc = tor_home_open(&k->h, c, false, f);

	if (rc < 0)
		return rc;
	k->lock = path_open_beneath(k->h.fd, TOR_KEEPER_LOCK, O_RDWR | O_CREAT,
				    0600);
	if (k->lock < 0)
		return fault_set(f, k->lock, "open %s/" TOR_KEEPER_LOCK,
				 c->data_dir);
	if (flock(k->lock, LOCK_EX | LOCK_NB) < 0)
		return fault_set(f, errno, "lock %s/" TOR_KEEPER_LOCK,
				 c->data_dir);
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	k->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return k->signals < 0 ? fault_set(f, errno, "wait for signals") : 0;
}

/* the first start is over: who waits for it goes on, and we go on alone */
static void tell(struct keep *k, int status)
{
	char byte = (char)status;
	int log = path_open_beneath(k->h.fd, TOR_KEEPER_LOG,
				    O_WRONLY | O_CREAT | O_TRUNC | O_APPEND,
				    0600);

	/* what cannot be logged is not worth a tor */
	if (log < 0)
		log = open("/dev/null", O_WRONLY | O_CLOEXEC);
	dup2(log, STDOUT_FILENO);
	dup2(STDOUT_FILENO, STDERR_FILENO);
	fd_close(log);
	fd_write_full(k->told, &byte, 1);
	fd_replace(&k->told, -1);
}

static int restart(struct keep *k, struct fault *f)
{
	int rc;

	/* who has the lock for long may be about to end us */
	while ((rc = tor_home_lock(&k->h, 0, f)) == -ETIMEDOUT)
		if (wait_some(k, LOCK_RETRY_MS) == TO_END)
			return -ECANCELED;
	if (rc == 0)
		rc = tor_bringup_prepare(&k->h, f);
	if (rc >= 0)
		rc = start(k, rc == 1, f);
	tor_home_unlock(&k->h);
	return rc;
}

/* Return: 0 it runs, or -errno: it will not */
static int start_again(struct keep *k, struct keep_backoff *b, int64_t ran_ms)
{
	for (;;) {
		struct fault f = { .err = 0 };
		int rc, ms = keep_backoff_next(b, ran_ms);

		if (ms < 0) {
			say("tor is not started again: it crashed %u times in "
			    "a row",
			    b->crashes);
			return -ECHILD;
		}
		say("tor is started again in %d ms", ms);
		if (wait_some(k, ms) == TO_END)
			return -ECANCELED;
		rc = restart(k, &f);
		if (rc == 0)
			say("tor runs again");
		if (rc == 0 || rc == -ECANCELED)
			return rc;
		say_fault(&f);
		ran_ms = 0;
	}
}

static int keep(struct keep *k)
{
	struct keep_backoff b = { .crashes = 0 };

	for (;;) {
		/* a deadline is a point in time, and so is this */
		int64_t since = tor_deadline_in(0);
		enum happened what = NOTHING;
		char text[48];
		int status;

		while (what == NOTHING)
			what = wait_some(k, -1);
		if (what == TO_END) {
			end_cell(k);
			return 0;
		}
		status = cell_wait(&k->cell);
		say("tor %s", how(status, text));
		/* somebody asked it to end */
		if (status == 0)
			return 0;
		if (start_again(k, &b, tor_deadline_in(0) - since) < 0)
			return 1;
	}
}

int keep_run(const struct tor_config *c, bool with_verify, int told)
{
	struct keep k = {
		.cell.pidfd = -1, .lock = -1, .signals = -1, .told = told
	};
	struct fault f = { .err = 0 };
	int rc = begin(&k, c, &f);

	if (rc == 0)
		rc = start(&k, with_verify, &f);
	if (rc == -ECHILD) /* tor's own words say more */
		say("%s", f.what);
	else if (rc < 0)
		say_fault(&f);
	tell(&k, rc == 0 ? 0 : k.refused ? TOR_KEEPER_REFUSED : 1);
	if (rc == 0)
		rc = keep(&k);
	fd_close(k.signals);
	fd_close(k.lock);
	tor_home_close(&k.h);
	return rc ? 1 : 0;
}
