/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/prepare.c - what a launch needs before the first clone */
#include "launcher/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/dirs.h"
#include "base/where.h"
#include "launcher/guard.h"
#include "launcher/skeleton.h"
#include "seccomp/cache.h"

/* Uptime that a sandbox shows when it starts: a machine up for hours. */
#define UPTIME_MIN_S 600
#define UPTIME_SPAN_S 86400

void sandbox_init(struct sandbox *sb)
{
	*sb = (struct sandbox){
		.connect_fd = -1,
		.skeleton = -1,
		.sync = -1,
		.outer = -1,
		.exec_pipe = -1,
		.init_ready = { -1, -1 },
		.root = -1,
		.memory = -1,
		.empty = -1,
		.host_dev = -1,
		.pty_slave = -1,
	};
}

void launch_init(struct launch *l, const struct plan *plan)
{
	l->plan = plan;
	l->data_dirfd = -1;
	l->setup_sync = l->outer_sync = l->exec_pipe = l->mntns = -1;
	l->terminal.tty = l->terminal.master = -1;
	l->outer.sync = l->outer.setup = l->outer.gateway = -1;
	l->outer.gateway_exe = -1;
	home_init(&l->home);
	sandbox_init(&l->sb);
	l->sb.plan = plan;
	wire_init(&l->outer.wire, plan);
	l->outer.sb = &l->sb;
	gwlink_init(&l->gateway);
	ctlsock_init(&l->ctlsock);
	l->gateway.plan = plan;
	refused_init(&l->refused, plan);
	l->gateway.refused = &l->refused;
	onions_init(&l->onions, plan);
	l->gateway.onions = &l->onions;
	stdio_init(&l->stdio);
}

/* All that differs by launch: boot_id, uptime, the circuits' nonce. */
static int draw_random(struct launch *l, struct fault *f)
{
	unsigned char r[16 + 8 + 8];
	uint64_t span, ns;
	char *p = l->sb.boot_id;
	int rc = gwlink_new_nonce(&l->gateway);

	if (rc < 0)
		return fault_set(f, rc, "get random numbers");

	if (getrandom(r, sizeof(r), 0) != (ssize_t)sizeof(r))
		return fault_set(f, errno, "get random numbers");
	r[6] = (r[6] & 0x0f) | 0x40; /* RFC 4122: a random UUID */
	r[8] = (r[8] & 0x3f) | 0x80;
	for (int i = 0; i < 16; i++)
		p += sprintf(p, "%s%02x",
			     i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "",
			     r[i]);
	memcpy(&span, r + 16, sizeof(span));
	memcpy(&ns, r + 24, sizeof(ns));
	/* to the nanosecond: equal fractions of a second would link sandboxes
	 */
	l->sb.uptime.tv_sec = UPTIME_MIN_S + (time_t)(span % UPTIME_SPAN_S);
	l->sb.uptime.tv_nsec = (long)(ns % 1000000000);
	return 0;
}

static int open_program(const char *name, struct fault *f)
{
	char path[PATH_MAX];
	int rc = where_libexec(name, path, sizeof(path));
	int fd = rc < 0 ? rc : open(path, O_RDONLY | O_CLOEXEC);

	if (rc < 0)
		return fault_set(f, rc, "find %s", name);
	if (fd < 0) {
		rc = fault_set(f, errno, "open %s", path);
		fault_hint(f, "isolate is not installed completely");
		return rc;
	}
	return fd;
}

static int open_programs(struct launch *l, struct fault *f)
{
	if (!l->plan->network)
		return 0;
	l->gateway.exe = open_program("isolate-gateway", f);
	if (l->gateway.exe < 0)
		return l->gateway.exe;
	l->sb.connect_fd = open_program("isolate-connect", f);
	return l->sb.connect_fd < 0 ? l->sb.connect_fd : 0;
}

static void find_skeleton(struct launch *l)
{
	char path[PATH_MAX];

	if (where_data(SKELETON_NAME, path, sizeof(path)) == 0)
		l->sb.skeleton = skeleton_open(path);
}

static int share_onion(struct launch *l, struct fault *f)
{
	void *page;

	if (l->plan->onion.nports == 0)
		return 0;
	page = mmap(NULL, GWMSG_ONION_ID_LEN, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (page == MAP_FAILED)
		return fault_set(f, errno, "share memory");
	l->sb.onion = page;
	return 0;
}

static int get_filter(struct launch *l, struct fault *f)
{
	/* without a cache it only takes longer, and leaves no trace */
	autoclose int cache = l->plan->amnesic ? -1 : dirs_open_cache(NULL);
	bool was_cached;

	return seccomp_get(&l->plan->filter, cache, &l->sb.filter, &was_cached,
			   f);
}

static int make_channels(struct launch *l, struct fault *f)
{
	const int type = SOCK_SEQPACKET | SOCK_CLOEXEC;
	int p[2];

	if (socketpair(AF_UNIX, type, 0, p) < 0)
		return fault_set(f, errno, "make a socket pair");
	l->setup_sync = p[0];
	l->sb.sync = p[1];
	if (socketpair(AF_UNIX, type, 0, p) < 0)
		return fault_set(f, errno, "make a socket pair");
	l->outer_sync = p[0];
	l->outer.sync = p[1];
	if (socketpair(AF_UNIX, type, 0, p) < 0)
		return fault_set(f, errno, "make a socket pair");
	l->sb.outer = p[0];
	l->outer.setup = p[1];
	if (socketpair(AF_UNIX, type, 0, p) < 0)
		return fault_set(f, errno, "make a socket pair");
	l->gateway.control = p[0];
	l->outer.gateway = p[1];
	l->outer.gateway_exe = l->gateway.exe;
	if (pipe2(p, O_CLOEXEC) < 0)
		return fault_set(f, errno, "make a pipe");
	l->exec_pipe = p[0];
	l->sb.exec_pipe = p[1];
	return 0;
}

int launch_prepare(struct launch *l, const struct tor_upstream *upstream,
		   struct fault *f)
{
	int rc = stdio_prepare(&l->stdio, &l->sb, f);

	l->gateway.upstream = l->onions.upstream = upstream;
	if (rc == 0 && l->sb.pty)
		rc = terminal_open(&l->terminal, f);
	/* in a pipeline or in the background the keyboard may be somebody
	 * else's: ask first */
	l->sb.foreground = l->sb.stdio[STDIN_FILENO].kind == SANDBOX_STD_PTY &&
			   !l->terminal.pipeline &&
			   terminal_is_foreground(&l->terminal);
	if (rc == 0)
		rc = draw_random(l, f);
	if (rc == 0)
		rc = open_programs(l, f);
	if (rc == 0)
		rc = get_filter(l, f);
	if (rc == 0)
		rc = share_onion(l, f);
	if (rc == 0)
		find_skeleton(l);
	if (rc == 0 && l->plan->ngrants > 0)
		rc = guard_prepare(&l->sb.guard, f);
	if (rc == 0)
		rc = make_channels(l, f);
	return rc;
}
