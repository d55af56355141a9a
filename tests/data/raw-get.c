/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/data/raw-get.c - fetch over HTTP with system calls alone */
/*
 *   raw-get HOST PORT PATH [RESOLVER]
 *
 * Static, with a resolver of its own: what a program does that no preloaded
 * library and no configuration of the C library reaches. HOST is an address,
 * or a name that RESOLVER (an address) is asked for. Prints the body.
 */
#include <arpa/inet.h>
#include <err.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static long must(long rc, const char *what)
{
	if (rc < 0)
		err(1, "%s", what);
	return rc;
}

static int open_to(int type, struct in_addr to, uint16_t port)
{
	const struct sockaddr_in sin = { .sin_family = AF_INET,
					 .sin_port = htons(port),
					 .sin_addr = to };
	int fd = (int)must(syscall(SYS_socket, AF_INET, type, 0), "socket");

	must(syscall(SYS_connect, fd, &sin, sizeof(sin)), "connect");
	return fd;
}

/* A query for an A record (RFC 1035 s4); its length. */
static size_t write_query(unsigned char *q, const char *name)
{
	static const unsigned char head[] = { 0x12, 0x34, 1, 0, 0, 1,
					      0,    0,    0, 0, 0, 0 };
	static const unsigned char tail[] = { 0, 0, 1, 0, 1 };
	size_t n = sizeof(head);

	if (strlen(name) > 200)
		errx(2, "%s: too long", name);
	memcpy(q, head, sizeof(head));
	while (*name) {
		size_t len = strcspn(name, ".");

		q[n++] = (unsigned char)len;
		memcpy(q + n, name, len);
		n += len;
		name += len + (name[len] == '.');
	}
	memcpy(q + n, tail, sizeof(tail));
	return n + sizeof(tail);
}

static struct in_addr resolve(const char *name, const char *resolver)
{
	unsigned char q[300], a[512];
	struct in_addr to, found;
	size_t n = write_query(q, name);
	long got;
	int fd;

	if (inet_pton(AF_INET, resolver, &to) != 1)
		errx(2, "%s: no address", resolver);
	fd = open_to(SOCK_DGRAM, to, 53);
	must(syscall(SYS_write, fd, q, n), "ask");
	got = must(syscall(SYS_read, fd, a, sizeof(a)), "hear");
	/* the first answer follows the question: name (a pointer), type,
	 * class, ttl, length, address */
	if ((size_t)got < n + 16 || a[0] != q[0] || a[1] != q[1] ||
	    (a[3] & 15) != 0 || a[7] == 0)
		errx(1, "%s: no address, code %d", name, a[3] & 15);
	memcpy(&found, a + n + 12, sizeof(found));
	syscall(SYS_close, fd);
	return found;
}

int main(int argc, char **argv)
{
	char buf[4096];
	struct in_addr to;
	const char *body;
	size_t n = 0;
	long got;
	int fd;

	if (argc < 4)
		errx(2, "raw-get HOST PORT PATH [RESOLVER]");
	if (inet_pton(AF_INET, argv[1], &to) != 1)
		to = resolve(argv[1], argc > 4 ? argv[4] : "10.152.152.10");
	fd = open_to(SOCK_STREAM, to, (uint16_t)strtoul(argv[2], NULL, 10));
	n = (size_t)snprintf(buf, sizeof(buf),
			     "GET %s HTTP/1.0\r\nHost: %s\r\n\r\n", argv[3],
			     argv[1]);
	must(syscall(SYS_write, fd, buf, n), "ask");
	for (n = 0; n < sizeof(buf) - 1; n += (size_t)got) {
		got = must(syscall(SYS_read, fd, buf + n, sizeof(buf) - 1 - n),
			   "read");
		if (got == 0)
			break;
	}
	buf[n] = '\0';
	body = strstr(buf, "\r\n\r\n");
	if (!body)
		errx(1, "no answer");
	fputs(body + 4, stdout);
	return 0;
}
