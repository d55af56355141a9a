/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gateway/main.c - isolate-gateway: from descriptor 3 to the event loop */
#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "base/trim.h"
#include "gateway/confine.h"
#include "gateway/conn.h"
#include "gateway/control.h"
#include "gateway/ctlport.h"
#include "gateway/gateway.h"
#include "gateway/listener.h"
#include "gateway/resolver.h"

/* Only what was made here or came over descriptor 3 is ever open. */
static int close_others(struct fault *f)
{
	if (close_range(GWMSG_FD + 1, ~0U, 0) < 0)
		return fault_set(f, errno, "close inherited descriptors");
	/* splice(2) to a closed socket raises it, there is no flag */
	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		return fault_set(f, errno, "ignore SIGPIPE");
	return 0;
}

/* Needs descriptors of its own, which the filter would refuse. */
static int make_base(struct gateway *gw, struct fault *f)
{
	struct event_config *cfg = event_config_new();

	if (cfg &&
	    event_config_set_flag(cfg, EVENT_BASE_FLAG_NOLOCK |
					       EVENT_BASE_FLAG_IGNORE_ENV) ==
		    0 &&
	    event_config_require_features(cfg, EV_FEATURE_ET) == 0)
		gw->base = event_base_new_with_config(cfg);
	if (cfg)
		event_config_free(cfg);
	return gw->base ? 0 : fault_set(f, errno, "make an event base");
}

static int start(struct gateway *gw, struct fault *f)
{
	unsigned int nofile = 0;
	int rc = close_others(f);

	if (rc == 0)
		rc = make_base(gw, f);
	/* before the configuration is there: the supervisor need not wait */
	if (rc == 0)
		rc = confine_enter(&nofile, f);
	if (rc == 0)
		rc = control_configure(gw, nofile, f);
	if (rc == 0)
		rc = control_ready(gw, f);
	return rc;
}

static void on_trim(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	trim_memory();
}

/* Later: the application is waited for, and this costs some page faults. */
static void trim_later(struct gateway *gw)
{
	struct timeval wait = { .tv_usec = TRIM_AFTER_MS * 1000 };

	event_assign(&gw->trim, gw->base, -1, 0, on_trim, NULL);
	/* refused for want of memory: then there is less to give back */
	event_add(&gw->trim, &wait);
}

static void serve(struct gateway *gw)
{
	trim_later(gw);
	for (;;) {
		int flags =
			TAILQ_EMPTY(&gw->ready) ? EVLOOP_ONCE : EVLOOP_NONBLOCK;

		if (event_base_loop(gw->base, flags) != 0)
			return;
		conn_run_ready(gw);
	}
}

int main(void)
{
	static struct gateway gw; /* large, and most of it stays unused */
	struct fault f = { 0 };

	if (start(&gw, &f) < 0)
		control_fail(&f);
	else if (listener_start(&gw) == 0 && resolver_start(&gw) == 0 &&
		 ctlport_start(&gw) == 0)
		serve(&gw);
	/* no handlers, no streams: the kernel closes what there is */
	_exit(1);
}
