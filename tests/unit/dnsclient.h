/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/dnsclient.h - a DNS client of a live gateway, and dig(1) */
#ifndef TESTS_UNIT_DNSCLIENT_H
#define TESTS_UNIT_DNSCLIENT_H

#include "tests/unit/gwlive.h"

#define DNSCLIENT_A 1
#define DNSCLIENT_PTR 12
#define DNSCLIENT_AAAA 28

struct dnsclient_answer {
	uint16_t id;
	int rcode;
	int answers;
	uint16_t type;   /* of the first answer */
	uint32_t ttl_s;  /* of the first answer */
	char text[1024]; /* address or name of the first answer, or "" */
};

/** dnsclient_encode() - a query; bytes in @out, which has room for 512 */
size_t dnsclient_encode(uint16_t id, const char *name, uint16_t type,
			uint8_t *out);

/** dnsclient_udp() - a socket connected to the gateway's */
int dnsclient_udp(const struct gwlive *g);

/** dnsclient_send() - one query by UDP */
void dnsclient_send(int s, uint16_t id, const char *name, uint16_t type);

/** dnsclient_receive() - one answer by UDP; the test fails without one */
struct dnsclient_answer dnsclient_receive(int s);

/** dnsclient_send_tcp(), dnsclient_receive_tcp() - with a length before it */
void dnsclient_send_tcp(int s, uint16_t id, const char *name, uint16_t type);
struct dnsclient_answer dnsclient_receive_tcp(int s);

/** dnsclient_ask() - both, on a socket of its own */
struct dnsclient_answer dnsclient_ask(const struct gwlive *g, const char *name,
				      uint16_t type);

/**
 * dnsclient_shell() - run a command line
 * @text: set to its output and errors, as much as there is room for
 *
 * Return: its wait status.
 */
int dnsclient_shell(const char *command, char *text, size_t size);

/**
 * dnsclient_dig() - what dig(1) says
 * @listener: GWLIVE_DNS_UDP or GWLIVE_DNS_TCP
 * @args: words of a shell
 *
 * Return: all its output, valid until the next.
 */
const char *dnsclient_dig(const struct gwlive *g, int listener,
			  const char *args);

#endif
