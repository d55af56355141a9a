/* SPDX-License-Identifier: GPL-3.0-or-later */
/* connect/main.c - isolate-connect: stdin and stdout to HOST PORT by SOCKS5 */
/*
 * Runs inside the sandbox, for programs that take a ProxyCommand instead of
 * a proxy (ssh). It holds no privilege and needs no trust: everything it can
 * reach the application can reach too.
 */
#include <arpa/inet.h>
#include <bsd/err.h>
#include <bsd/stdlib.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"

#define PROXY_ADDRESS "10.152.152.10"
#define PROXY_PORT 9050
#define NAME_MAX_BYTES 255 /* RFC 1928 s5: one byte of length */

static int dial_proxy(void)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
				   .sin_port = htons(PROXY_PORT) };
	int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	const int on = 1;

	inet_pton(AF_INET, PROXY_ADDRESS, &sin.sin_addr);
	if (s < 0 || connect(s, (struct sockaddr *)&sin, sizeof(sin)) < 0)
		err(1, "connect to the gateway, %s:%d", PROXY_ADDRESS,
		    PROXY_PORT);
	setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return s;
}

/* RFC 1928 s6; tor's codes for onion services stand behind the standard's */
static const char *reply_text(unsigned char code)
{
	static const char *const texts[] = {
		"succeeded",
		"the proxy failed",
		"refused by the gateway",
		"network unreachable",
		"host not found",
		"connection refused",
		"timed out",
		"command not supported",
		"address not supported",
	};

	return code < sizeof(texts) / sizeof(texts[0]) ? texts[code] : "failed";
}

static void request(int s, const char *host, uint16_t port)
{
	unsigned char msg[3 + 4 + 1 + NAME_MAX_BYTES + 2];
	unsigned char head[4], rest[1 + NAME_MAX_BYTES + 2];
	size_t len = strlen(host), n = 0, want;

	if (len == 0 || len > NAME_MAX_BYTES)
		errx(1, "%s: not a host name", host);
	/* greeting and request at once: one method is offered, none needed */
	memcpy(msg, "\x05\x01\x00\x05\x01\x00\x03", 7);
	n = 7;
	msg[n++] = (unsigned char)len;
	memcpy(msg + n, host, len);
	n += len;
	msg[n++] = (unsigned char)(port >> 8);
	msg[n++] = (unsigned char)port;
	if (fd_write_full(s, msg, n) < 0 || fd_read_full(s, head, 2) != 2 ||
	    head[0] != 5 || head[1] != 0 || fd_read_full(s, head, 4) != 4 ||
	    head[0] != 5)
		errx(1, "%s: the gateway did not answer", host);
	if (head[1] != 0)
		errx(1, "%s:%u: %s", host, port, reply_text(head[1]));
	/* the bound address: of no use, but it must be read */
	want = head[3] == 1 ? 4 : 16;
	if (head[3] == 3) {
		if (fd_read_full(s, rest, 1) != 1)
			errx(1, "%s: the gateway did not answer", host);
		want = rest[0];
	}
	if (fd_read_full(s, rest, want + 2) != (ssize_t)want + 2)
		errx(1, "%s: the gateway did not answer", host);
}

/* Moves what is there; 0 at the end of @from. */
static ssize_t move(int from, int to)
{
	static char buf[65536];
	ssize_t n = read(from, buf, sizeof(buf));

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return 1;
	if (n <= 0)
		return 0;
	return fd_write_full(to, buf, (size_t)n) < 0 ? 0 : n;
}

static void relay(int s)
{
	struct pollfd p[] = { { .fd = STDIN_FILENO, .events = POLLIN },
			      { .fd = s, .events = POLLIN } };

	while (poll(p, 2, -1) >= 0 || errno == EINTR) {
		if (p[0].revents && !move(STDIN_FILENO, s)) {
			shutdown(s, SHUT_WR);
			p[0].fd = -1;
		}
		if (p[1].revents && !move(s, STDOUT_FILENO))
			return;
	}
}

int main(int argc, char **argv)
{
	const char *problem;
	long long port;
	int s;

	if (argc != 3) {
		fputs("usage: isolate-connect HOST PORT\n", stderr);
		return 2;
	}
	port = strtonum(argv[2], 1, 65535, &problem);
	if (problem)
		errx(2, "port %s: %s", argv[2], problem);
	s = dial_proxy();
	request(s, argv[1], (uint16_t)port);
	relay(s);
	return 0;
}
