/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/gwlive.h - a real gateway, with the test as supervisor and tor */
#ifndef TESTS_UNIT_GWLIVE_H
#define TESTS_UNIT_GWLIVE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/gwmsg.h"
#include "base/rule.h"

/* Bytes of a literal, and how many. */
#define LIT(s) (s), sizeof(s) - 1
/* A SOCKS5 client's greeting; what it asks of a.example.com:80; the answers. */
#define OPEN5 "\x05\x01\x00"
#define NAME5(cmd)                                                             \
	"\x05" cmd "\x00\x03\x0d"                                              \
	"a.example.com\x00\x50"
#define OK5 "\x05\x00\x00\x01\0\0\0\0\0\0"
#define FAIL5(code) "\x05" code "\x00\x01\0\0\0\0\0\0"
/* tor: method 2, logged in; and connected */
#define TOR_IN "\x05\x02\x01\x00"
#define TOR_OK TOR_IN OK5
#define GWLIVE_LISTENERS 9
#define GWLIVE_NONCE                                                           \
	"0123456789abcdef00000001"                                             \
	"00000000"                                                             \
	"0123456789abcdef0123456789abcdef"
/* Speaks HTTP CONNECT; 0 to 3 speak SOCKS. */
#define GWLIVE_HTTP 4
#define GWLIVE_TRANSPARENT 5
#define GWLIVE_DNS_UDP 6
#define GWLIVE_DNS_TCP 7
/* At the highest level. */
#define GWLIVE_CONTROL 8

struct gwlive {
	pid_t pid;
	int ctl; /* the supervisor's end */
	uint16_t ports[GWLIVE_LISTENERS];
	int listeners[GWLIVE_LISTENERS];
	struct gwmsg config;
};

/* What the fake tor read: method, login and request. */
struct gwlive_request {
	char user[256];
	char pass[256];
	uint8_t command;
	uint8_t atyp;
	char host[256]; /* name, or raw address */
	uint8_t host_len;
	uint16_t port;
};

/**
 * gwlive_enter() - user and network namespaces of our own, loopback up
 *
 * Exits with 77 where this machine does not allow them.
 */
void gwlive_enter(void);

/**
 * gwlive_prepare() - listeners and a configuration, nothing started
 */
void gwlive_prepare(struct gwlive *g);

/**
 * gwlive_spawn() - start the program, configuration not sent
 * @unprivileged: start it where it has no capability
 */
void gwlive_spawn(struct gwlive *g, int unprivileged);

/**
 * gwlive_configure() - send the configuration
 *
 * Return: the type of the answer; GWMSG_UNSET when it is gone.
 */
uint32_t gwlive_configure(struct gwlive *g, struct gwmsg *answer);

/** gwlive_start() - prepare, spawn, configure, READY */
void gwlive_start(struct gwlive *g);

/** gwlive_add_rule() - behind the others of a GWMSG_POLICY */
void gwlive_add_rule(struct gwmsg *m, const struct rule *r);

/**
 * gwlive_start_with() - spawn; configuration and @n messages with rules
 *
 * Return: the type of the answer; GWMSG_UNSET when it is gone.
 */
uint32_t gwlive_start_with(struct gwlive *g, const struct gwmsg *policies,
			   uint32_t n, struct gwmsg *answer);

/** gwlive_reported() - the next message is a GWMSG_REFUSED of this */
void gwlive_reported(struct gwlive *g, const char *host, uint16_t port,
		     enum gwmsg_reason reason);

/**
 * gwlive_setup(), gwlive_teardown() - one gateway for a group of tests
 *
 * Return: 0, as cmocka's fixtures do.
 */
int gwlive_setup(struct gwlive *g);
int gwlive_teardown(struct gwlive *g);

/** gwlive_stop() - close the control socket; asserts an exit status of 0 */
void gwlive_stop(struct gwlive *g);

/** gwlive_wait() - exit status as waitpid(2) gives it */
int gwlive_wait(struct gwlive *g);

/** gwlive_client() - a connected client with a receive timeout */
int gwlive_client(const struct gwlive *g, int listener);

/**
 * gwlive_recv() - the gateway's next message, or the test fails
 *
 * Those that ask for a spare socket are passed over, and never answered: the
 * gateway asks no more. test_gwspare.c is where they are tested.
 */
void gwlive_recv(struct gwlive *g, struct gwmsg *m);

/** gwlive_answer_dial() - hand over a socket for GWMSG_DIAL @m; tor's end */
int gwlive_answer_dial(struct gwlive *g, const struct gwmsg *m);

/** gwlive_refuse_dial() - answer GWMSG_DIAL @m with ECONNREFUSED */
void gwlive_refuse_dial(struct gwlive *g, const struct gwmsg *m);

/** gwlive_dial() - wait for GWMSG_DIAL, hand over a socket; tor's end */
int gwlive_dial(struct gwlive *g);

/** gwlive_tor_reads() - read method, login and request */
void gwlive_tor_reads(int tor, struct gwlive_request *r);

/** gwlive_open() - a whole SOCKS5 connection to a.example.com:80 */
void gwlive_open(struct gwlive *g, int *client, int *tor);

/** gwlive_stats() - ask for the counters */
struct gwmsg_stats gwlive_stats(struct gwlive *g);

/** gwlive_send(), gwlive_expect() - exactly these bytes, or the test fails */
void gwlive_send(int fd, const void *bytes, size_t len);
void gwlive_expect(int fd, const void *bytes, size_t len);

/** gwlive_close_both() - a client, and tor's end of its stream */
void gwlive_close_both(int client, int tor);

/** gwlive_is_eof() - 1: orderly end, 0: data or time out, -1: reset */
int gwlive_is_eof(int fd);

/** gwlive_rss_kib() - the gateway's resident memory, KiB */
long gwlive_rss_kib(const struct gwlive *g);

#endif
