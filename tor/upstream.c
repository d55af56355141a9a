/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tor/upstream.c - the SocksPort that everything goes to */
#include "tor/upstream.h"

#include <arpa/inet.h>
#include <bsd/stdlib.h>
#include <bsd/string.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

#include "tor/bridges.h"
#include "tor/deadline.h"
#include "tor/instance.h"
#include "tor/own.h"
#include "tor/owner.h"

/* a tor that is busy with a consensus answers late */
#define FIND_TIMEOUT_MS 3000
/* a connection inside this machine needs no time */
#define LOCAL_TIMEOUT_MS 250

static const struct tor_places system_places = {
	.unix_path = "/run/tor/socks",
	.tcp = "127.0.0.1:9050",
	.start = tor_instance_start,
	.start_own = tor_own_start,
	.bridges = tor_bridges_are_set,
};

static int wrong(const char *text, const char *why, struct fault *f)
{
	int rc = fault_set(f, 0, "tor upstream '%.100s': %s", text, why);

	fault_hint(f, "write unix:/PATH, IPV4:PORT or [IPV6]:PORT");
	return rc;
}

/* for a terminal it would be more than text */
static bool has_control_char(const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s < ' ' || *s == '\x7f')
			return true;
	return false;
}

static int parse_unix(const char *text, const char *path,
		      struct tor_upstream *up, struct fault *f)
{
	struct sockaddr_un *sun = (struct sockaddr_un *)&up->addr;

	if (path[0] != '/')
		return wrong(text, "a socket's path begins with /", f);
	sun->sun_family = AF_UNIX;
	if (strlcpy(sun->sun_path, path, sizeof(sun->sun_path)) >=
	    sizeof(sun->sun_path))
		return wrong(text, "a socket's path has 107 bytes at most", f);
	up->kind = TOR_UPSTREAM_UNIX;
	up->addrlen = sizeof(*sun);
	return 0;
}

static int parse_port(const char *text, const char *digits, in_port_t *port,
		      struct fault *f)
{
	const char *error;

	/* strtonum() would take a sign and spaces too */
	if (digits[0] < '1' || digits[0] > '9')
		return wrong(text, "a port is a number from 1 to 65535", f);
	*port = htons((in_port_t)strtonum(digits, 1, 65535, &error));
	if (error)
		return wrong(text, "a port is a number from 1 to 65535", f);
	return 0;
}

static int parse_v4(const char *text, const char *host, const char *port,
		    struct tor_upstream *up, struct fault *f)
{
	struct sockaddr_in *sin = (struct sockaddr_in *)&up->addr;
	in_addr_t addr;

	if (strcmp(host, "localhost") == 0)
		host = "127.0.0.1";
	/* strict dotted decimal: "127.1" may mean something else elsewhere */
	if (inet_pton(AF_INET, host, &sin->sin_addr) != 1)
		return wrong(text, "names are never looked up", f);
	addr = ntohl(sin->sin_addr.s_addr);
	if (addr == INADDR_ANY || addr == INADDR_BROADCAST ||
	    IN_MULTICAST(addr))
		return wrong(text, "nobody has this address", f);
	sin->sin_family = AF_INET;
	up->kind = TOR_UPSTREAM_TCP;
	up->addrlen = sizeof(*sin);
	return parse_port(text, port, &sin->sin_port, f);
}

static int parse_v6(const char *text, const char *host, const char *port,
		    struct tor_upstream *up, struct fault *f)
{
	struct sockaddr_in6 *sin6 = (struct sockaddr_in6 *)&up->addr;

	if (inet_pton(AF_INET6, host, &sin6->sin6_addr) != 1)
		return wrong(text, "no IPv6 address", f);
	/* a link-local one needs a zone, and its peer changes with the link */
	if (IN6_IS_ADDR_UNSPECIFIED(&sin6->sin6_addr) ||
	    IN6_IS_ADDR_MULTICAST(&sin6->sin6_addr) ||
	    IN6_IS_ADDR_LINKLOCAL(&sin6->sin6_addr))
		return wrong(text, "not an address of one host", f);
	sin6->sin6_family = AF_INET6;
	up->kind = TOR_UPSTREAM_TCP;
	up->addrlen = sizeof(*sin6);
	return parse_port(text, port, &sin6->sin6_port, f);
}

static int parse_tcp(const char *text, struct tor_upstream *up, struct fault *f)
{
	char buf[sizeof(up->text)], *colon;

	strlcpy(buf, text, sizeof(buf));
	if (buf[0] == '[') {
		char *end = strchr(buf, ']');

		if (!end || end[1] != ':')
			return wrong(text, "the port is missing", f);
		*end = '\0';
		return parse_v6(text, buf + 1, end + 2, up, f);
	}
	colon = strchr(buf, ':');
	if (!colon)
		return wrong(text, "the port is missing", f);
	*colon = '\0';
	return parse_v4(text, buf, colon + 1, up, f);
}

int tor_upstream_parse(const char *text, struct tor_upstream *up,
		       struct fault *f)
{
	struct tor_upstream got = { .kind = TOR_UPSTREAM_UNSET };
	int rc;

	if (has_control_char(text))
		return wrong("?", "a control character", f);
	if (strlcpy(got.text, text, sizeof(got.text)) >= sizeof(got.text))
		return wrong(text, "too long", f);
	if (strncmp(text, "unix:", 5) == 0)
		rc = parse_unix(text, text + 5, &got, f);
	else
		rc = parse_tcp(text, &got, f);
	if (rc == 0)
		*up = got;
	return rc;
}

/* until @fd is connected */
static int await_connected(int fd, int64_t deadline)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	int err, rc = tor_deadline_poll(&p, 1, deadline);
	socklen_t len = sizeof(err);

	if (rc <= 0)
		return rc < 0 ? rc : -ETIMEDOUT;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len) < 0)
		return -errno;
	return -err;
}

/* Tor may have ended since the launch, and anybody may listen there now. */
static int check_owner(const struct tor_upstream *up, int *diag, int fd)
{
	int rc = tor_owner_check(diag, fd, up->owner);

	/* it is connected at once, unless the machine is very busy */
	if (rc != -ENOTCONN)
		return rc;
	rc = await_connected(fd, tor_deadline_in(LOCAL_TIMEOUT_MS));
	return rc < 0 ? rc : tor_owner_check(diag, fd, up->owner);
}

int tor_upstream_dial(const struct tor_upstream *up, int *diag)
{
	autoclose int fd =
		socket(up->addr.ss_family,
		       SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	const int on = 1;
	int rc = 0;

	if (fd < 0)
		return -errno;
	/* a relay: what is written is to be sent. Failing costs speed only. */
	if (up->kind == TOR_UPSTREAM_TCP)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (connect(fd, (const struct sockaddr *)&up->addr, up->addrlen) < 0 &&
	    !(errno == EINPROGRESS && up->kind == TOR_UPSTREAM_TCP))
		return -errno;
	if (up->is_owned)
		rc = check_owner(up, diag, fd);
	return rc < 0 ? rc : fd_steal(&fd);
}

static int dial_once(const struct tor_upstream *up)
{
	autoclose int diag = -1;

	return tor_upstream_dial(up, &diag);
}

/* why a connection failed, with the next action */
static int unreachable(const struct tor_upstream *up, int err, struct fault *f)
{
	int rc = fault_set(f, err, "connect to tor at %s", up->text);

	if (err == -EACCES)
		fault_hint(f, "if the socket's group is debian-tor: sudo "
			      "adduser $USER debian-tor, and log in again");
	else if (err == -ECONNREFUSED)
		fault_hint(f, "nothing listens there: is tor running? sudo "
			      "systemctl start tor");
	else if (err == -ENOENT)
		fault_hint(f, "there is no such socket: is tor running, and "
			      "is this its SocksPort?");
	return rc;
}

/* Return: bytes of @buf read (less than @len at the end), or -errno */
static ssize_t receive(int fd, char *buf, size_t len, int64_t deadline)
{
	size_t got = 0;

	while (got < len) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		int rc = tor_deadline_poll(&p, 1, deadline);
		ssize_t n;

		if (rc <= 0)
			return rc < 0 ? rc : -ETIMEDOUT;
		n = recv(fd, buf + got, len - got, 0);
		if (n == 0)
			break;
		if (n < 0 && errno != EINTR && errno != EAGAIN)
			return -errno;
		got += n > 0 ? (size_t)n : 0;
	}
	return (ssize_t)got;
}

static int not_socks(const struct tor_upstream *up, const char *why,
		     struct fault *f)
{
	fault_set(f, 0, "%s is no SocksPort of tor: %s", up->text, why);
	fault_hint(f, "some other service may listen there: name tor's "
		      "SocksPort with --tor");
	return -EPROTO;
}

int tor_upstream_check(const struct tor_upstream *up, int timeout_ms,
		       struct fault *f)
{
	/* version 5, one method: user name and password (RFC 1928 s3) */
	static const char greeting[] = { 5, 1, 2 };
	int64_t deadline = tor_deadline_in(timeout_ms);
	autoclose int fd = dial_once(up);
	char answer[2] = { 0, 0 };
	ssize_t n;
	int rc;

	if (fd < 0)
		return unreachable(up, fd, f);
	rc = await_connected(fd, deadline);
	if (rc < 0)
		return unreachable(up, rc, f);
	if (send(fd, greeting, sizeof(greeting), MSG_NOSIGNAL) !=
	    sizeof(greeting))
		return unreachable(up, -errno, f);
	n = receive(fd, answer, sizeof(answer), deadline);
	if (n == -ETIMEDOUT) {
		rc = fault_set(f, (int)n, "await an answer of %s", up->text);
		fault_hint(f, "is tor stopped, or is it something else that "
			      "listens there?");
		return rc;
	}
	if (n < 0)
		return fault_set(f, (int)n, "read from %s", up->text);
	if (n < 2)
		return not_socks(up, "it hung up", f);
	if (answer[0] != 5)
		return not_socks(up, "it does not speak SOCKS5", f);
	if (answer[1] != 2)
		return not_socks(up,
				 "it takes no user names, so it cannot "
				 "keep applications apart",
				 f);
	return 0;
}

/* whose it is, where that is one of this machine: nobody else's later */
static void find_owner(struct tor_upstream *up)
{
	up->is_owned =
		up->kind == TOR_UPSTREAM_TCP &&
		tor_owner_find((struct sockaddr *)&up->addr, &up->owner) == 0;
}

/* the upstream that was named: it must live */
static int find_named(const char *setting, struct tor_upstream *up,
		      struct fault *f)
{
	struct tor_upstream got = { .kind = TOR_UPSTREAM_UNSET };
	autoclose int fd = -1;
	int rc = tor_upstream_parse(setting, &got, f);

	if (rc < 0)
		return rc;
	fd = dial_once(&got);
	rc = fd;
	if (fd >= 0 && got.kind == TOR_UPSTREAM_TCP)
		rc = await_connected(fd, tor_deadline_in(FIND_TIMEOUT_MS));
	/* a full backlog is a sign of life too */
	if (rc < 0 && rc != -EAGAIN)
		return unreachable(&got, rc, f);
	find_owner(&got);
	*up = got;
	return 0;
}

static int find_unix(const char *path, struct tor_upstream *up)
{
	char text[sizeof(up->text)];
	struct tor_upstream got = { .kind = TOR_UPSTREAM_UNSET };
	autoclose int fd = -1;

	if (snprintf(text, sizeof(text), "unix:%s", path) >= (int)sizeof(text))
		return -ENAMETOOLONG;
	if (tor_upstream_parse(text, &got, NULL) < 0)
		return -EINVAL;
	fd = dial_once(&got);
	if (fd < 0 && fd != -EAGAIN)
		return fd;
	*up = got;
	return 0;
}

static int find_tcp(const char *text, struct tor_upstream *up)
{
	struct tor_upstream got = { .kind = TOR_UPSTREAM_UNSET };
	int rc = tor_upstream_parse(text, &got, NULL);

	if (rc < 0)
		return rc;
	rc = tor_upstream_check(&got, FIND_TIMEOUT_MS, NULL);
	if (rc < 0)
		return rc;
	find_owner(&got);
	if (!got.is_owned || !tor_owner_is_trusted(got.owner))
		return -EPERM;
	*up = got;
	return 0;
}

static int start(const struct tor_places *places, const char *identity,
		 const struct tor_progress *progress, struct tor_upstream *up,
		 struct fault *f)
{
	if (places->start)
		return places->start(identity, progress, up, f);
	fault_set(f, 0, "no tor");
	fault_hint(f, "install tor: sudo apt install tor");
	return -ENOENT;
}

static int start_own(const struct tor_places *places, const char *identity,
		     const struct tor_progress *progress,
		     struct tor_upstream *up, struct fault *f)
{
	if (identity && places->start_own)
		return places->start_own(identity, progress, up, f);
	return fault_set(f, 0, "there is no identity for a tor of its own");
}

static int find_system(const struct tor_places *places, struct tor_upstream *up)
{
	if (places->unix_path && find_unix(places->unix_path, up) == 0)
		return 0;
	return places->tcp && find_tcp(places->tcp, up) == 0 ? 0 : -ENOENT;
}

int tor_upstream_find_system(struct tor_upstream *up)
{
	/* bridges are for our own tor alone: then the system's is not used */
	if (tor_bridges_are_set(NULL) != 0)
		return -ENOENT;
	return find_system(&system_places, up);
}

int tor_upstream_find_in(const struct tor_places *places, const char *setting,
			 const char *identity,
			 const struct tor_progress *progress,
			 struct tor_upstream *up, struct fault *f)
{
	int rc;

	if (strcmp(setting, "embedded") == 0)
		return start(places, identity, progress, up, f);
	if (strcmp(setting, "own") == 0)
		return start_own(places, identity, progress, up, f);
	if (strcmp(setting, "auto") != 0)
		return find_named(setting, up, f);
	rc = places->bridges ? places->bridges(f) : 0;
	if (rc != 0)
		return rc < 0 ? rc : start(places, identity, progress, up, f);
	if (find_system(places, up) == 0)
		return 0;
	return start(places, identity, progress, up, f);
}

int tor_upstream_find(const char *setting, const char *identity,
		      const struct tor_progress *progress,
		      struct tor_upstream *up, struct fault *f)
{
	return tor_upstream_find_in(&system_places, setting, identity, progress,
				    up, f);
}
