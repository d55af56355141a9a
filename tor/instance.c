/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tor/instance.c - the user's own tor: start, stop, status */
#include "tor/instance.h"

#include <bsd/string.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tor/attach.h"
#include "tor/await.h"
#include "tor/bootstrap.h"
#include "tor/bridgeset.h"
#include "tor/bringup.h"
#include "tor/clock.h"
#include "tor/config.h"
#include "tor/holder.h"
#include "tor/home.h"
#include "tor/listeners.h"
#include "tor/own.h"
#include "tor/spawn.h"
#include "tor/talk.h"
#include "tor/torrc.h"
#include "tor/upstream.h"

/* a client ends within 50 ms; one that hangs is killed, by its keeper first */
#define END_TIMEOUT_MS (TOR_KEEPER_END_MS + 2000)

/* Return: 1 ended, 0 there was none, or -errno */
static int end_one(const struct tor_home *h, const char *lock, const char *word,
		   struct fault *f)
{
	autoclose int pidfd = -1;
	pid_t pid;
	int rc = tor_holder_find(h->fd, lock, word, &pidfd, &pid, f);

	if (rc <= 0)
		return rc;
	rc = tor_holder_end(pidfd, END_TIMEOUT_MS, f);
	return rc < 0 ? rc : 1;
}

/*
 * End what runs on our data directory: the keeper, which ends tor, and a tor
 * that it left. Return: 1, 0 (nothing) or -errno
 */
static int end_holder(const struct tor_home *h, struct fault *f)
{
	int keeper = end_one(h, TOR_KEEPER_LOCK, h->config->data_dir, f);
	int tor;

	if (keeper < 0)
		return keeper;
	tor = end_one(h, TOR_HOLDER_LOCK, h->torrc, f);
	return tor < 0 ? tor : keeper || tor;
}

/* have the keeper start tor with our torrc, after tor has verified it */
static int run(const struct tor_home *h, bool verify, struct fault *f)
{
	const struct tor_config *c = h->config;
	char keeper[PATH_MAX], data_dir[PATH_MAX], dropin_dir[PATH_MAX];
	char binary[PATH_MAX], socket_dir[TOR_SOCKET_DIR_MAX];
	char bridges_dir[PATH_MAX];
	char flag[] = TOR_KEEPER_VERIFY;
	char *argv[] = {
		keeper,      data_dir, socket_dir,           dropin_dir,
		bridges_dir, binary,   verify ? flag : NULL, NULL
	};
	char says[240];
	int rc;

	strlcpy(keeper, c->keeper, sizeof(keeper));
	strlcpy(data_dir, c->data_dir, sizeof(data_dir));
	strlcpy(socket_dir, c->socket_dir, sizeof(socket_dir));
	strlcpy(dropin_dir, c->dropin_dir, sizeof(dropin_dir));
	strlcpy(bridges_dir, c->bridges_dir[0] ? c->bridges_dir : c->data_dir,
		sizeof(bridges_dir));
	strlcpy(binary, c->binary, sizeof(binary));
	/* it verifies, then starts, each within the time for an answer */
	rc = tor_spawn_run(argv, c->lifeline, c->data_dir,
			   2 * c->answer_timeout_ms, says, sizeof(says), f);
	if (rc <= 0)
		return rc;
	if (rc == TOR_SPAWN_NO_EXEC)
		return fault_set(f, ENOEXEC, "run %.200s", c->keeper);
	fault_set(f, 0, "tor does not %s: %s",
		  rc == TOR_KEEPER_REFUSED ? "accept its configuration"
					   : "start",
		  says);
	if (verify)
		fault_hint(f, "see the files in %.200s", c->dropin_dir);
	return -EREMOTEIO;
}

static int bring_up(struct tor_home *h, bool verify, struct tor_talk *t,
		    struct fault *f)
{
	int rc = run(h, verify, f);

	if (rc < 0)
		return rc;
	rc = tor_attach(h, t, f);
	if (rc == 0)
		return fault_set(f, ECONNREFUSED,
				 "tor does not listen at %s/" TOR_CONTROL_NAME,
				 h->socket_dir);
	return rc < 0 ? rc : 0;
}

/* start it and log in; the lock is held, nothing answers */
static int launch(struct tor_home *h, struct tor_talk *t, struct fault *f)
{
	int rc;

	if (!h->config->binary[0]) {
		fault_set(f, 0, "no tor is running and none is installed");
		fault_hint(f, "install tor: sudo apt install tor");
		return -ENOENT;
	}
	/* one whose sockets are gone (a log-out removes them) is of no use,
	 * and would keep a new one from starting */
	rc = end_holder(h, f);
	if (rc >= 0)
		rc = tor_bringup_prepare(h, f);
	if (rc < 0)
		return rc;
	rc = bring_up(h, rc == 1, t, f);
	if (rc < 0) {
		tor_talk_close(t);
		end_holder(h, NULL);
	}
	return rc;
}

int tor_instance_launch(struct tor_home *h, struct fault *f)
{
	struct tor_talk t;
	int rc;

	tor_talk_init(&t);
	rc = launch(h, &t, f);
	tor_talk_close(&t);
	return rc;
}

static int set_upstream(const struct tor_home *h, const char *identity,
			struct tor_upstream *up, struct fault *f)
{
	char text[sizeof(up->text)];

	snprintf(text, sizeof(text), "unix:%s/%s%s", h->socket_dir,
		 identity ? TOR_PORT_PREFIX : TOR_SOCKS_NAME,
		 identity ? identity : "");
	return tor_upstream_parse(text, up, f);
}

/* Is it a SocksPort of this instance: the common one or an identity's. */
static bool is_upstream(const struct tor_home *h, const struct tor_upstream *up)
{
	const char *path = tor_listeners_name(up->text, h->socket_dir);

	return path && (tor_port_of(path, h->socket_dir) ||
			strcmp(path, TOR_SOCKS_NAME) == 0);
}

/* those who wait for the lock do so while others start or end it */
static int lock(struct tor_home *h, struct fault *f)
{
	return tor_home_enter(h, 4 * h->config->answer_timeout_ms, f);
}

/* what we started and could not bring up; others may have ended it since, and
 * started another one */
static void end_ours(struct tor_home *h, int keeper)
{
	struct pollfd p = { .fd = keeper, .events = POLLIN };

	if (keeper < 0 || poll(&p, 1, 0) != 0)
		return;
	if (lock(h, NULL) == 0 && poll(&p, 1, 0) == 0)
		end_holder(h, NULL);
}

static int start(struct tor_home *h, struct tor_talk *t,
		 const struct tor_progress *progress, struct fault *f)
{
	autoclose int keeper = -1;
	pid_t pid;
	int rc = lock(h, f);

	if (rc < 0)
		return rc;
	rc = tor_attach(h, t, f);
	if (rc == 0) {
		rc = launch(h, t, f);
		if (rc == 0)
			tor_holder_find(h->fd, TOR_KEEPER_LOCK,
					h->config->data_dir, &keeper, &pid,
					NULL);
	}
	/* not held during the bootstrap: others wait for that by themselves,
	 * and go on should this one be interrupted */
	tor_home_unlock(h);
	if (rc < 0)
		return rc;
	rc = tor_await_bootstrap(t, h, progress, f);
	if (rc < 0)
		end_ours(h, keeper);
	return rc;
}

/* start it, and the identity's SocksPort */
static int start_for(struct tor_home *h, const char *identity,
		     const struct tor_progress *progress, struct fault *f)
{
	struct tor_talk t;
	int rc;

	tor_talk_init(&t);
	rc = start(h, &t, progress, f);
	if (rc == 0 && identity) {
		rc = lock(h, f);
		tor_talk_limit(&t, h->config->answer_timeout_ms);
		if (rc == 0)
			rc = tor_port_open(h, &t, identity, f);
		tor_home_unlock(h);
	}
	tor_talk_close(&t);
	return rc;
}

int tor_instance_start_in(const struct tor_config *config, const char *identity,
			  const struct tor_progress *progress,
			  struct tor_upstream *up, struct fault *f)
{
	struct tor_home h;
	int rc = tor_home_open(&h, config, true, f);

	if (rc < 0)
		return rc;
	if (!identity || !tor_port_is_ready(&h, identity)) {
		rc = start_for(&h, identity, progress, f);
		/* somebody ended it just now, or tor itself did */
		if (rc == -ECONNRESET && identity)
			rc = start_for(&h, identity, progress, f);
	}
	if (rc == 0)
		rc = set_upstream(&h, identity, up, f);
	tor_home_close(&h);
	return rc;
}

int tor_instance_forget_in(const struct tor_config *config,
			   const char *identity, struct fault *f)
{
	struct tor_home h;
	struct tor_talk t;
	int rc = tor_home_open(&h, config, false, f);

	if (rc < 0)
		return rc == -ENOENT ? 1 : rc;
	tor_talk_init(&t);
	rc = lock(&h, f);
	if (rc == -ENOENT)
		return 1;
	if (rc == 0)
		rc = tor_attach(&h, &t, f);
	if (rc >= 0)
		rc = tor_port_close(&h, rc == 1 ? &t : NULL, identity, f);
	tor_talk_close(&t);
	tor_home_close(&h);
	return rc < 0 ? rc : !rc;
}

/* where /proc does not show the holder: ask it to end, and see it go */
static int end_by_control(const struct tor_home *h, struct fault *f)
{
	struct tor_line line;
	struct tor_talk t;
	int rc;

	tor_talk_init(&t);
	rc = tor_attach(h, &t, f);
	if (rc == 1) {
		rc = tor_talk_ask(&t, "SIGNAL SHUTDOWN", NULL, NULL, f);
		while (rc == 0)
			rc = tor_talk_next(&t, &line);
		if (rc == -ECONNRESET)
			rc = 1;
		else
			fault_set(f, rc, "wait for tor's end");
	}
	tor_talk_close(&t);
	return rc;
}

int tor_instance_end(const struct tor_home *h, struct fault *f)
{
	int rc = end_holder(h, f);

	return rc == 0 ? end_by_control(h, f) : rc;
}

int tor_instance_stop_in(const struct tor_config *config, struct fault *f)
{
	struct tor_home h;
	int rc = tor_home_open(&h, config, false, f);

	if (rc < 0)
		return rc == -ENOENT ? 1 : rc;
	rc = lock(&h, f);
	if (rc == -ENOENT)
		return 1;
	if (rc == 0)
		rc = tor_instance_end(&h, f);
	if (rc >= 0)
		tor_home_clear_sockets(&h);
	tor_home_close(&h);
	return rc < 0 ? rc : !rc;
}

static int read_status(const struct tor_home *h, struct tor_talk *t,
		       struct tor_status *s, struct fault *f)
{
	struct tor_bootstrap b = { .percent = 0 };
	autoclose int pidfd = -1;
	char phase[1024];
	int rc;

	rc = tor_talk_getinfo(t, "version", s->version, sizeof(s->version), f);
	if (rc == 0)
		rc = tor_talk_getinfo(t, "status/bootstrap-phase", phase,
				      sizeof(phase), f);
	if (rc == 0)
		rc = tor_listeners_read(h, t, &s->ports, f);
	if (rc == 0)
		rc = tor_clock_read(h, t, &s->clock_skew_s, f);
	if (rc == 0)
		rc = tor_bridgeset_in_use(t, f);
	if (rc < 0)
		return rc;
	s->uses_bridges = rc == 1;
	/* what tor says is its number in its own pid namespace */
	tor_holder_find(h->fd, TOR_HOLDER_LOCK, h->torrc, &pidfd, &s->pid,
			NULL);
	if (tor_bootstrap_update(&b, phase) < 0)
		return fault_set(f, EPROTO, "understand tor's status");
	tor_control_printable(s->version);
	s->bootstrap_percent = b.percent;
	strlcpy(s->summary, b.warning[0] ? b.warning : b.summary,
		sizeof(s->summary));
	s->running = true;
	return 0;
}

int tor_instance_status_in(const struct tor_config *config,
			   struct tor_status *status, struct fault *f)
{
	struct tor_status s = { .running = false };
	struct tor_home h;
	struct tor_talk t;
	int rc;

	strlcpy(s.data_dir, config->data_dir, sizeof(s.data_dir));
	rc = tor_home_open(&h, config, false, f);
	if (rc == 0) {
		tor_talk_init(&t);
		snprintf(s.socks, sizeof(s.socks), "%s/" TOR_SOCKS_NAME,
			 h.socket_dir);
		rc = tor_attach(&h, &t, f);
		if (rc == 1)
			rc = read_status(&h, &t, &s, f);
		tor_talk_close(&t);
		tor_home_close(&h);
	} else if (rc == -ENOENT) {
		rc = 0;
	}
	if (rc == 0)
		*status = s;
	return rc;
}

int tor_instance_open(const struct tor_upstream *up, int timeout_ms,
		      struct tor_talk *t, struct fault *f)
{
	char name[TOR_PORT_NAME_MAX + 1];
	struct tor_config config;
	struct tor_home h;
	int rc = tor_own_of(up->text, name)
			 ? tor_config_make_own(name, &config, f)
			 : tor_config_make(&config, f);

	config.answer_timeout_ms = timeout_ms;
	if (rc == 0)
		rc = tor_home_open(&h, &config, false, f);
	if (rc < 0)
		return rc;
	rc = is_upstream(&h, up) ? tor_attach(&h, t, f) : 0;
	tor_home_close(&h);
	return rc == 0 ? -ENOENT : rc < 0 ? rc : 0;
}

int tor_instance_start(const char *identity,
		       const struct tor_progress *progress,
		       struct tor_upstream *up, struct fault *f)
{
	struct tor_config config;
	int rc = tor_config_make(&config, f);

	return rc < 0 ? rc
		      : tor_instance_start_in(&config, identity, progress, up,
					      f);
}

int tor_instance_forget(const char *identity, struct fault *f)
{
	struct tor_config config;
	int rc = tor_config_make(&config, f);

	return rc < 0 ? rc : tor_instance_forget_in(&config, identity, f);
}

int tor_instance_stop(struct fault *f)
{
	struct tor_config config;
	int rc = tor_config_make(&config, f);

	return rc < 0 ? rc : tor_instance_stop_in(&config, f);
}

int tor_instance_status(struct tor_status *status, struct fault *f)
{
	struct tor_config config;
	int rc = tor_config_make(&config, f);

	return rc < 0 ? rc : tor_instance_status_in(&config, status, f);
}
