/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/gwlive.c - a real gateway, with the test as supervisor and tor */
#include "tests/unit/gwlive.h"

#include <setjmp.h>
#include <stdarg.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "gateway/spare.h"

static void skip_all(const char *why)
{
	fprintf(stderr, "skipped: %s: %s\n", why, strerror(errno));
	exit(77);
}

static void write_map(const char *path, unsigned int id)
{
	char map[32];

	snprintf(map, sizeof(map), "0 %u 1", id);
	if (fd_write_file(AT_FDCWD, path, 0, map) < 0)
		skip_all(path);
}

void gwlive_enter(void)
{
	struct ifreq ifr = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	unsigned int uid = getuid(), gid = getgid();
	int s;

	if (unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0)
		skip_all("no user namespaces");
	fd_write_file(AT_FDCWD, "/proc/self/setgroups", 0, "deny");
	write_map("/proc/self/uid_map", uid);
	write_map("/proc/self/gid_map", gid);
	s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (s < 0 || ioctl(s, SIOCSIFFLAGS, &ifr) < 0)
		skip_all("loopback");
	close(s);
}

static int listen_any(int type, uint16_t *port)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);
	int s = socket(AF_INET, type | SOCK_CLOEXEC, 0);

	assert_true(s >= 0);
	assert_int_equal(bind(s, (struct sockaddr *)&a, sizeof(a)), 0);
	if (type == SOCK_STREAM)
		assert_int_equal(listen(s, 1024), 0);
	assert_int_equal(getsockname(s, (struct sockaddr *)&a, &len), 0);
	*port = ntohs(a.sin_port);
	return s;
}

void gwlive_prepare(struct gwlive *g)
{
	static const struct gwmsg_listener kinds[GWLIVE_LISTENERS] = {
		{ GWMSG_LISTEN_SOCKS, 0, 0 },
		{ GWMSG_LISTEN_SOCKS, GWMSG_BY_DESTINATION, 0 },
		{ GWMSG_LISTEN_SOCKS, GWMSG_BY_PORT, 0 },
		{ GWMSG_LISTEN_SOCKS, GWMSG_BY_CONNECTION, 0 },
		[GWLIVE_HTTP] = { GWMSG_LISTEN_HTTP, 0, 0 },
		[GWLIVE_TRANSPARENT] = { GWMSG_LISTEN_TRANSPARENT, 0, 0 },
		[GWLIVE_DNS_UDP] = { GWMSG_LISTEN_DNS_UDP, 0, 0 },
		[GWLIVE_DNS_TCP] = { GWMSG_LISTEN_DNS_TCP, 0, 0 },
		[GWLIVE_CONTROL] = { GWMSG_LISTEN_CONTROL, 0, 0 },
	};

	memset(g, 0, sizeof(*g));
	g->config.type = GWMSG_CONFIG;
	memcpy(g->config.config.nonce, GWLIVE_NONCE, sizeof(GWLIVE_NONCE));
	g->config.config.max_connections = 1024;
	g->config.config.handshake_timeout_ms = 10000;
	g->config.config.dns = GWMSG_DNS_NAMES;
	g->config.config.control = GWMSG_LEVEL_ONION_SERVICE;
	g->config.config.control_socks[0] = 9050;
	g->config.config.nlisteners = GWLIVE_LISTENERS;
	for (int i = 0; i < GWLIVE_LISTENERS; i++) {
		g->config.config.listeners[i] = kinds[i];
		g->listeners[i] = listen_any(i == GWLIVE_DNS_UDP ? SOCK_DGRAM
								 : SOCK_STREAM,
					     &g->ports[i]);
	}
}

/* Beside this program's directory: build/unit/test_x, build/isolate-gateway */
static void program_path(char *path, size_t size)
{
	ssize_t n = readlink("/proc/self/exe", path, size - 1);
	char *slash;

	assert_true(n > 0);
	path[n] = '\0';
	slash = strrchr(path, '/');
	assert_non_null(slash);
	snprintf(slash, size - (size_t)(slash - path), "/../isolate-gateway");
}

static void limit_time(int fd)
{
	struct timeval tv = { .tv_sec = 10 };

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv));
}

void gwlive_spawn(struct gwlive *g, int unprivileged)
{
	char path[4096];
	int sv[2];

	program_path(path, sizeof(path));
	assert_int_equal(
		socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sv), 0);
	g->pid = fork();
	assert_true(g->pid >= 0);
	if (g->pid == 0) {
		/* no map: uid 65534, which loses all at execve(2) */
		if (unprivileged && unshare(CLONE_NEWUSER) < 0)
			_exit(98);
		if (dup2(sv[1], GWMSG_FD) < 0)
			_exit(99);
		if (sv[1] == GWMSG_FD)
			fcntl(GWMSG_FD, F_SETFD, 0);
		execl(path, "isolate-gateway", (char *)NULL);
		_exit(97);
	}
	close(sv[1]);
	g->ctl = sv[0];
	limit_time(g->ctl);
}

uint32_t gwlive_configure(struct gwlive *g, struct gwmsg *answer)
{
	gwmsg_send(g->ctl, &g->config, g->listeners,
		   g->config.config.nlisteners);
	if (gwmsg_recv(g->ctl, answer, NULL, 0, NULL) < 0)
		return GWMSG_UNSET;
	return answer->type;
}

void gwlive_start(struct gwlive *g)
{
	struct gwmsg m;

	if (g->ctl == 0)
		gwlive_prepare(g);
	gwlive_spawn(g, 0);
	if (gwlive_configure(g, &m) != GWMSG_READY)
		fail_msg("%s: %s: %d", m.fault.stage, m.fault.what,
			 m.fault.err);
}

void gwlive_add_rule(struct gwmsg *m, const struct rule *r)
{
	struct gwmsg_policy *p = &m->policy;
	size_t size =
		rule_encode(r, p->rules + p->len, sizeof(p->rules) - p->len);

	assert_true(size > 0);
	p->len += (uint32_t)size;
}

uint32_t gwlive_start_with(struct gwlive *g, const struct gwmsg *policies,
			   uint32_t n, struct gwmsg *answer)
{
	g->config.config.npolicies = n;
	gwlive_spawn(g, 0);
	assert_int_equal(gwmsg_send(g->ctl, &g->config, g->listeners,
				    g->config.config.nlisteners),
			 0);
	for (uint32_t i = 0; i < n; i++)
		assert_int_equal(gwmsg_send(g->ctl, &policies[i], NULL, 0), 0);
	if (gwmsg_recv(g->ctl, answer, NULL, 0, NULL) < 0)
		return GWMSG_UNSET;
	return answer->type;
}

void gwlive_reported(struct gwlive *g, const char *host, uint16_t port,
		     enum gwmsg_reason reason)
{
	struct gwmsg m;

	gwlive_recv(g, &m);
	assert_int_equal(m.type, GWMSG_REFUSED);
	assert_string_equal(m.refused.host, host);
	assert_int_equal(m.refused.port, port);
	assert_int_equal(m.refused.reason, reason);
}

int gwlive_wait(struct gwlive *g)
{
	int status = -1;

	assert_int_equal(waitpid(g->pid, &status, 0), g->pid);
	for (int i = 0; i < GWLIVE_LISTENERS; i++)
		close(g->listeners[i]);
	fd_replace(&g->ctl, -1);
	return status;
}

void gwlive_stop(struct gwlive *g)
{
	fd_replace(&g->ctl, -1);
	assert_int_equal(gwlive_wait(g), 0);
}

int gwlive_setup(struct gwlive *g)
{
	memset(g, 0, sizeof(*g));
	gwlive_start(g);
	return 0;
}

int gwlive_teardown(struct gwlive *g)
{
	gwlive_stop(g);
	return 0;
}

void gwlive_close_both(int client, int tor)
{
	close(client);
	close(tor);
}

int gwlive_client(const struct gwlive *g, int listener)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
				 .sin_port = htons(g->ports[listener]) };
	int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(s >= 0);
	limit_time(s);
	assert_int_equal(connect(s, (struct sockaddr *)&a, sizeof(a)), 0);
	return s;
}

void gwlive_recv(struct gwlive *g, struct gwmsg *m)
{
	do
		assert_int_equal(gwmsg_recv(g->ctl, m, NULL, 0, NULL), 0);
	while (m->type == GWMSG_DIAL && m->id == SPARE_ID);
}

int gwlive_answer_dial(struct gwlive *g, const struct gwmsg *m)
{
	struct gwmsg answer = { .type = GWMSG_DIALED, .id = m->id };
	int sv[2];

	assert_int_equal(m->type, GWMSG_DIAL);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv),
			 0);
	assert_int_equal(gwmsg_send(g->ctl, &answer, &sv[1], 1), 0);
	close(sv[1]);
	limit_time(sv[0]);
	return sv[0];
}

void gwlive_refuse_dial(struct gwlive *g, const struct gwmsg *m)
{
	const struct gwmsg answer = { .type = GWMSG_DIALED,
				      .id = m->id,
				      .err = ECONNREFUSED };

	assert_int_equal(m->type, GWMSG_DIAL);
	assert_int_equal(gwmsg_send(g->ctl, &answer, NULL, 0), 0);
}

int gwlive_dial(struct gwlive *g)
{
	struct gwmsg m;

	gwlive_recv(g, &m);
	return gwlive_answer_dial(g, &m);
}

static void read_exactly(int fd, void *buf, size_t len)
{
	assert_int_equal(fd_read_full(fd, buf, len), len);
}

static void read_string(int fd, char *s)
{
	uint8_t len;

	read_exactly(fd, &len, 1);
	read_exactly(fd, s, len);
	s[len] = '\0';
}

void gwlive_tor_reads(int tor, struct gwlive_request *r)
{
	uint8_t head[4], port[2];

	memset(r, 0, sizeof(*r));
	read_exactly(tor, head, 4);
	assert_memory_equal(head, "\x05\x01\x02\x01", 4);
	read_string(tor, r->user);
	read_string(tor, r->pass);
	read_exactly(tor, head, 4);
	assert_int_equal(head[0], 5);
	r->command = head[1];
	r->atyp = head[3];
	r->host_len = r->atyp == 4 ? 16 : 4;
	if (r->atyp == 3)
		read_exactly(tor, &r->host_len, 1);
	read_exactly(tor, r->host, r->host_len);
	read_exactly(tor, port, 2);
	r->port = (uint16_t)(port[0] << 8 | port[1]);
}

void gwlive_send(int fd, const void *bytes, size_t len)
{
	assert_int_equal(fd_write_full(fd, bytes, len), 0);
}

void gwlive_expect(int fd, const void *bytes, size_t len)
{
	uint8_t got[4096];

	assert_true(len <= sizeof(got));
	read_exactly(fd, got, len);
	assert_memory_equal(got, bytes, len);
}

void gwlive_open(struct gwlive *g, int *client, int *tor)
{
	static const char hello[] = "\x05\x01\x00"
				    "\x05\x01\x00\x03\x0d"
				    "a.example.com\x00\x50";
	struct gwlive_request r;

	*client = gwlive_client(g, 0);
	gwlive_send(*client, hello, sizeof(hello) - 1);
	*tor = gwlive_dial(g);
	gwlive_tor_reads(*tor, &r);
	/* tor on a unix socket answers with ATYP 4 */
	gwlive_send(*tor,
		    "\x05\x02\x01\x00\x05\x00\x00\x04"
		    "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
		    26);
	gwlive_expect(*client, "\x05\x00\x05\x00\x00\x01\0\0\0\0\0\0", 12);
}

struct gwmsg_stats gwlive_stats(struct gwlive *g)
{
	struct gwmsg m = { .type = GWMSG_STATS };

	assert_int_equal(gwmsg_send(g->ctl, &m, NULL, 0), 0);
	gwlive_recv(g, &m);
	assert_int_equal(m.type, GWMSG_STATS_ARE);
	return m.stats;
}

int gwlive_is_eof(int fd)
{
	char c;
	ssize_t n = recv(fd, &c, 1, 0);

	if (n == 0)
		return 1;
	return n < 0 && errno != EAGAIN ? -1 : 0;
}

long gwlive_rss_kib(const struct gwlive *g)
{
	char path[64], line[256];
	long kib = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)g->pid);
	f = fopen(path, "re");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f))
		if (strncmp(line, "VmRSS:", 6) == 0)
			kib = strtol(line + 6, NULL, 10);
	fclose(f);
	return kib;
}
