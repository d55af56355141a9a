/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/dnsclient.c - a DNS client of a live gateway, and dig(1) */
#include "tests/unit/dnsclient.h"

#include <setjmp.h>
#include <stdarg.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"

size_t dnsclient_encode(uint16_t id, const char *name, uint16_t type,
			uint8_t *out)
{
	uint8_t *at = out;

	memcpy(at, "\0\0\x01\x00\0\x01\0\0\0\0\0\0", 12);
	at[0] = (uint8_t)(id >> 8);
	at[1] = (uint8_t)id;
	at += 12;
	while (*name) {
		size_t len = strcspn(name, ".");

		*at++ = (uint8_t)len;
		memcpy(at, name, len);
		at += len;
		name += len + (name[len] == '.');
	}
	memcpy(at, "\0\0\0\0\x01", 5);
	at[1] = (uint8_t)(type >> 8);
	at[2] = (uint8_t)type;
	return (size_t)(at + 5 - out);
}

int dnsclient_udp(const struct gwlive *g)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
				 .sin_port = htons(g->ports[GWLIVE_DNS_UDP]) };
	struct timeval tv = { .tv_sec = 10 };
	int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	assert_true(s >= 0);
	setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	assert_int_equal(connect(s, (struct sockaddr *)&a, sizeof(a)), 0);
	return s;
}

void dnsclient_send(int s, uint16_t id, const char *name, uint16_t type)
{
	uint8_t out[512];
	size_t len = dnsclient_encode(id, name, type, out);

	assert_int_equal(send(s, out, len, 0), len);
}

static uint16_t load(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static size_t skip_name(const uint8_t *in, size_t at)
{
	while (in[at] != 0) {
		if (in[at] >= 0xc0)
			return at + 2;
		at += 1U + in[at];
	}
	return at + 1;
}

static void read_name(const uint8_t *in, size_t at, char *text)
{
	while (in[at] != 0) {
		memcpy(text, in + at + 1, in[at]);
		text += in[at];
		at += 1U + in[at];
		if (in[at] != 0)
			*text++ = '.';
	}
	*text = '\0';
}

static struct dnsclient_answer decode(const uint8_t *in, size_t len)
{
	struct dnsclient_answer a = { 0 };
	size_t at = 12;

	assert_true(len >= 12);
	assert_true(in[2] & 0x80);
	a.id = load(in);
	a.rcode = in[3] & 15;
	a.answers = load(in + 6);
	if (load(in + 4) > 0)
		at = skip_name(in, at) + 4;
	if (a.answers == 0)
		return a;
	at = skip_name(in, at);
	a.type = load(in + at);
	a.ttl_s = (uint32_t)load(in + at + 4) << 16 | load(in + at + 6);
	at += 10;
	assert_true(at < len);
	if (a.type == DNSCLIENT_A)
		inet_ntop(AF_INET, in + at, a.text, sizeof(a.text));
	else
		read_name(in, at, a.text);
	return a;
}

struct dnsclient_answer dnsclient_receive(int s)
{
	uint8_t in[1232] = { 0 };
	ssize_t n = recv(s, in, sizeof(in), 0);

	assert_true(n > 0);
	return decode(in, (size_t)n);
}

void dnsclient_send_tcp(int s, uint16_t id, const char *name, uint16_t type)
{
	uint8_t out[514];
	size_t len = dnsclient_encode(id, name, type, out + 2);

	out[0] = (uint8_t)(len >> 8);
	out[1] = (uint8_t)len;
	gwlive_send(s, out, len + 2);
}

struct dnsclient_answer dnsclient_receive_tcp(int s)
{
	uint8_t head[2], in[1232] = { 0 };
	size_t len;

	assert_int_equal(fd_read_full(s, head, 2), 2);
	len = load(head);
	assert_true(len <= sizeof(in));
	assert_int_equal(fd_read_full(s, in, len), len);
	return decode(in, len);
}

struct dnsclient_answer dnsclient_ask(const struct gwlive *g, const char *name,
				      uint16_t type)
{
	struct dnsclient_answer a;
	int s = dnsclient_udp(g);

	dnsclient_send(s, 0x1234, name, type);
	a = dnsclient_receive(s);
	assert_int_equal(a.id, 0x1234);
	close(s);
	return a;
}

int dnsclient_shell(const char *command, char *text, size_t size)
{
	int p[2], status = -1;
	ssize_t n;
	pid_t pid;

	assert_int_equal(pipe2(p, O_CLOEXEC), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		dup2(p[1], STDOUT_FILENO);
		dup2(p[1], STDERR_FILENO);
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	close(p[1]);
	n = fd_read_full(p[0], text, size - 1);
	assert_true(n >= 0);
	text[n] = '\0';
	close(p[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

const char *dnsclient_dig(const struct gwlive *g, int listener,
			  const char *args)
{
	static char text[8192];
	char command[512];

	snprintf(command, sizeof(command),
		 "dig @127.0.0.1 -p %u %s +tries=1 +time=5 %s",
		 (unsigned int)g->ports[listener],
		 listener == GWLIVE_DNS_TCP ? "+tcp" : "+notcp", args);
	dnsclient_shell(command, text, sizeof(text));
	return text;
}
