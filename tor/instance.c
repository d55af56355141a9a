/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tor/instance.c - the user's own tor: start, stop, status */
#include "tor/instance.h"

#include <bsd/stdlib.h>
#include <bsd/string.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tor/await.h"
#include "tor/bootstrap.h"
#include "tor/config.h"
#include "tor/holder.h"
#include "tor/home.h"
#include "tor/spawn.h"
#include "tor/talk.h"
#include "tor/torrc.h"
#include "tor/upstream.h"

/* a client ends within 50 ms; one that hangs is killed */
#define END_TIMEOUT_MS 5000

/* is what answers there configured by our torrc */
static int check_is_ours(const struct tor_home *h, struct tor_talk *t,
			 struct fault *f)
{
	char file[PATH_MAX];
	int rc = tor_talk_getinfo(t, "config-file", file, sizeof(file), f);

	if (rc < 0)
		return rc;
	if (strcmp(file, h->torrc) != 0)
		return fault_set(f, EKEYREJECTED,
				 "the tor at %s was not started by isolate",
				 h->socket_dir);
	return 0;
}

/*
 * Log in to the instance. Who answers has to know the cookie that lies in our
 * data directory: no pid file and no socket path is believed.
 *
 * Return: 1, 0 (it does not run) or -errno
 */
static int attach(const struct tor_home *h, struct tor_talk *t, struct fault *f)
{
	char path[TOR_SOCKET_DIR_MAX + 16];
	int rc;

	snprintf(path, sizeof(path), "%s/" TOR_CONTROL_NAME, h->socket_dir);
	tor_talk_limit(t, h->config->answer_timeout_ms);
	if (access(path, F_OK) < 0 && errno == ENOENT)
		return 0;
	if (!tor_home_sockets_are_private(h)) {
		rc = fault_set(f, EPERM, "use tor's sockets in %s",
			       h->socket_dir);
		fault_hint(f, "others can write there or above: look who "
			      "made it, then remove it");
		return rc;
	}
	rc = tor_talk_open(t, path, f);
	if (rc == -ENOENT || rc == -ECONNREFUSED)
		return 0;
	if (rc == 0)
		rc = tor_talk_login(t, h->fd, TOR_COOKIE_NAME, f);
	if (rc == 0)
		rc = check_is_ours(h, t, f);
	if (rc < 0)
		tor_talk_close(t);
	/* it ends just now */
	if (rc == -ECONNRESET)
		return 0;
	return rc < 0 ? rc : 1;
}

/* end what runs on our data directory; Return: 1, 0 (nothing) or -errno */
static int end_holder(const struct tor_home *h, struct fault *f)
{
	autoclose int pidfd = -1;
	pid_t pid;
	int rc = tor_holder_find(h->fd, h->torrc, &pidfd, &pid, f);

	if (rc <= 0)
		return rc;
	rc = tor_holder_end(pidfd, END_TIMEOUT_MS, f);
	return rc < 0 ? rc : 1;
}

/* Return: 1 where there are drop-ins, 0, or -errno */
static int write_torrc(const struct tor_home *h, struct fault *f)
{
	const struct tor_config *c = h->config;
	autofree char *dropins = NULL;
	autofree char *text = NULL;
	int rc;

	rc = tor_torrc_read_dropins(c->dropin_dir, &dropins, f);
	if (rc < 0)
		return rc;
	rc = tor_torrc_compose(c->data_dir, c->socket_dir, dropins, &text);
	if (rc < 0)
		return fault_set(f, rc, "make tor's configuration");
	rc = tor_home_write(h, TOR_TORRC_NAME, text, f);
	if (rc < 0)
		return rc;
	return dropins[0] != '\0';
}

/* run tor with our torrc, and @verify it only or start it */
static int run(const struct tor_home *h, bool verify, struct fault *f)
{
	const struct tor_config *c = h->config;
	char defaults[] = "--defaults-torrc", none[] = "/dev/null";
	char file[] = "-f", hush[] = "--hush", only[] = "--verify-config";
	char binary[PATH_MAX], torrc[PATH_MAX];
	char *argv[] = {
		binary, defaults, none, file, torrc, hush, verify ? only : NULL,
		NULL
	};
	char says[160];
	int rc;

	/* nothing of the system's tor is read: its configuration is not ours */
	strlcpy(binary, c->binary, sizeof(binary));
	strlcpy(torrc, h->torrc, sizeof(torrc));
	rc = tor_spawn_run(argv, c->data_dir, c->answer_timeout_ms, says,
			   sizeof(says), f);
	if (rc <= 0)
		return rc;
	fault_set(f, 0, "tor does not %s: %s",
		  verify ? "accept its configuration" : "start", says);
	if (verify)
		fault_hint(f, "see the files in %.200s", c->dropin_dir);
	return -EREMOTEIO;
}

struct listeners {
	const char *socks, *control; /* "unix:/PATH", the only ones allowed */
	char other[160];             /* the first that is neither */
};

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
		if (strcmp(one, l->socks) != 0 && strcmp(one, l->control) != 0)
			strlcpy(l->other, one, sizeof(l->other));
	return rc < 0 ? rc : 0;
}

/* whatever the drop-ins said: two unix sockets, and nothing on the network */
static int check_listeners(const struct tor_home *h, struct tor_talk *t,
			   struct fault *f)
{
	static const char question[] =
		"GETINFO net/listeners/or net/listeners/extor "
		"net/listeners/dir net/listeners/socks net/listeners/trans "
		"net/listeners/natd net/listeners/dns net/listeners/control "
		"net/listeners/httptunnel net/listeners/metrics";
	char socks[TOR_SOCKET_DIR_MAX + 32], control[TOR_SOCKET_DIR_MAX + 32];
	struct listeners l = { .socks = socks, .control = control };
	int rc;

	snprintf(socks, sizeof(socks), "unix:%s/" TOR_SOCKS_NAME,
		 h->socket_dir);
	snprintf(control, sizeof(control), "unix:%s/" TOR_CONTROL_NAME,
		 h->socket_dir);
	rc = tor_talk_ask(t, question, take_listeners, &l, f);
	if (rc < 0)
		return rc;
	if (l.other[0]) {
		tor_control_printable(l.other);
		fault_set(f, 0,
			  "tor listens at %s, which isolate did not ask "
			  "for: ended",
			  l.other);
		fault_hint(f, "see the files in %.200s", h->config->dropin_dir);
		return -EPERM;
	}
	return 0;
}

static int bring_up(struct tor_home *h, struct tor_talk *t, struct fault *f)
{
	int rc = run(h, false, f);

	if (rc < 0)
		return rc;
	rc = attach(h, t, f);
	if (rc == 0)
		return fault_set(f, ECONNREFUSED,
				 "tor does not listen at %s/" TOR_CONTROL_NAME,
				 h->socket_dir);
	return rc < 0 ? rc : check_listeners(h, t, f);
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
		rc = tor_home_make_sockets(h, f);
	if (rc == 0)
		rc = write_torrc(h, f);
	if (rc == 1)
		rc = run(h, true, f);
	if (rc < 0)
		return rc;
	rc = bring_up(h, t, f);
	if (rc < 0) {
		tor_talk_close(t);
		end_holder(h, NULL);
	}
	return rc;
}

static int set_upstream(const struct tor_home *h, struct tor_upstream *up,
			struct fault *f)
{
	char text[TOR_SOCKET_DIR_MAX + 16];

	snprintf(text, sizeof(text), "unix:%s/" TOR_SOCKS_NAME, h->socket_dir);
	return tor_upstream_parse(text, up, f);
}

/* those who wait for the lock do so while others start or end it */
static int lock(struct tor_home *h, struct fault *f)
{
	return tor_home_lock(h, 4 * h->config->answer_timeout_ms, f);
}

static int start(struct tor_home *h, struct tor_talk *t,
		 const struct tor_progress *progress, struct fault *f)
{
	const struct tor_config *c = h->config;
	bool started = false;
	int rc = lock(h, f);

	if (rc < 0)
		return rc;
	rc = attach(h, t, f);
	if (rc == 0) {
		rc = launch(h, t, f);
		started = rc == 0;
	}
	/* not held during the bootstrap: others wait for that by themselves,
	 * and go on should this one be interrupted */
	tor_home_unlock(h);
	if (rc < 0)
		return rc;
	rc = tor_await_bootstrap(t, c->stall_timeout_ms,
				 c->bootstrap_timeout_ms, progress, f);
	if (rc < 0 && started && lock(h, NULL) == 0)
		end_holder(h, NULL);
	return rc;
}

int tor_instance_start_in(const struct tor_config *config,
			  const struct tor_progress *progress,
			  struct tor_upstream *up, struct fault *f)
{
	struct tor_home h;
	struct tor_talk t;
	int rc = tor_home_open(&h, config, true, f);

	if (rc < 0)
		return rc;
	tor_talk_init(&t);
	rc = start(&h, &t, progress, f);
	if (rc == 0)
		rc = set_upstream(&h, up, f);
	tor_talk_close(&t);
	tor_home_close(&h);
	return rc;
}

/* where /proc does not show the holder: ask it to end, and see it go */
static int end_by_control(const struct tor_home *h, struct fault *f)
{
	struct tor_line line;
	struct tor_talk t;
	int rc;

	tor_talk_init(&t);
	rc = attach(h, &t, f);
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

int tor_instance_stop_in(const struct tor_config *config, struct fault *f)
{
	struct tor_home h;
	int rc = tor_home_open(&h, config, false, f);

	if (rc < 0)
		return rc == -ENOENT ? 1 : rc;
	rc = lock(&h, f);
	if (rc == 0)
		rc = end_holder(&h, f);
	if (rc == 0)
		rc = end_by_control(&h, f);
	if (rc >= 0)
		tor_home_clear_sockets(&h);
	tor_home_close(&h);
	return rc < 0 ? rc : !rc;
}

static int read_status(struct tor_talk *t, struct tor_status *s,
		       struct fault *f)
{
	struct tor_bootstrap b = { .percent = 0 };
	char phase[1024], pid[16];
	const char *error;
	int rc;

	rc = tor_talk_getinfo(t, "version", s->version, sizeof(s->version), f);
	if (rc == 0)
		rc = tor_talk_getinfo(t, "process/pid", pid, sizeof(pid), f);
	if (rc == 0)
		rc = tor_talk_getinfo(t, "status/bootstrap-phase", phase,
				      sizeof(phase), f);
	if (rc < 0)
		return rc;
	s->pid = (pid_t)strtonum(pid, 1, INT_MAX, &error);
	if (error || tor_bootstrap_update(&b, phase) < 0)
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
		rc = attach(&h, &t, f);
		if (rc == 1)
			rc = read_status(&t, &s, f);
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
	struct tor_config config;
	struct tor_upstream ours;
	struct tor_home h;
	int rc = tor_config_make(&config, f);

	config.answer_timeout_ms = timeout_ms;
	if (rc == 0)
		rc = tor_home_open(&h, &config, false, f);
	if (rc < 0)
		return rc;
	rc = set_upstream(&h, &ours, f);
	if (rc == 0 && strcmp(ours.text, up->text) != 0)
		rc = -ENOENT;
	if (rc == 0) {
		rc = attach(&h, t, f);
		rc = rc == 0 ? -ENOENT : rc < 0 ? rc : 0;
	}
	tor_home_close(&h);
	return rc;
}

int tor_instance_start(const struct tor_progress *progress,
		       struct tor_upstream *up, struct fault *f)
{
	struct tor_config config;
	int rc = tor_config_make(&config, f);

	return rc < 0 ? rc : tor_instance_start_in(&config, progress, up, f);
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
