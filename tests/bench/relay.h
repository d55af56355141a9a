/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/bench/relay.h - what the roles of relay.c share */
#ifndef TESTS_BENCH_RELAY_H
#define TESTS_BENCH_RELAY_H

#include <netinet/in.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

/* The port that is asked of the SOCKS server says what it then is. */
enum relay_port {
	RELAY_SOURCE = 7001, /* sends without end */
	RELAY_SINK,          /* discards; ends its half when the client has */
	RELAY_BYTE,          /* sends one byte and closes */
	RELAY_HOLD,          /* says nothing until the client ends */
};

/* One read or write of bulk data, by the client and the server alike. */
#define RELAY_BLOCK (256 * 1024)

struct relay_address {
	union {
		struct sockaddr sa;
		struct sockaddr_in in;
		struct sockaddr_un un;
	};
	socklen_t len;
};

/**
 * relay_parse() - unix:/PATH or IPV4:PORT; what is neither ends the program
 */
void relay_parse(const char *text, struct relay_address *a);

/**
 * relay_listen() - a listener; accepted TCP sockets are TCP_NODELAY
 *
 * Return: a non-blocking descriptor; failure ends the program.
 */
int relay_listen(const struct relay_address *a);

/**
 * relay_watch() - add @fd to an epoll set; failure ends the program
 */
void relay_watch(int epoll, int fd, uint32_t events, void *arg);

/**
 * relay_serve() - the SOCKS server that stands for tor; says "ready"
 * @addresses: listened on, all of them; NULL ends them
 */
_Noreturn void relay_serve(char *const *addresses);

/**
 * relay_splice() - a plain splice relay, and a command on the other side
 * @upstream: where every connection goes
 * @argv: run in a netns from which a veth leads to 10.152.152.10:9050
 *
 * Return: the command's exit status.
 */
int relay_splice(const char *upstream, char *const *argv);

/**
 * relay_client() - measure, and print FIGURE VALUE lines
 * @speaks: "socks", or "plain": it is taken where it wants to by others
 * @address: of the SOCKS port, or of the destination, whose port is ignored
 * @ms: how long each figure is measured
 *
 * Waits for a line on standard input first. Then the idle connections are
 * open when it prints "idle COUNT", until standard input ends.
 *
 * Return: exit status.
 */
int relay_client(const char *speaks, const char *address, const char *ms);

#endif
