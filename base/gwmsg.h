/* SPDX-License-Identifier: GPL-3.0-or-later */
/* base/gwmsg.h - the messages between supervisor and isolate-gateway */
#ifndef BASE_GWMSG_H
#define BASE_GWMSG_H

#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"

/*
 * Both ends are of one build. Every message is one SOCK_SEQPACKET datagram
 * on descriptor GWMSG_FD of the gateway: the head of struct gwmsg and the
 * payload of its type, gwmsg_size() bytes; descriptors travel with it
 * (SCM_RIGHTS) as the type says. Neither end trusts the other: a datagram
 * of another size, type or number of descriptors ends the conversation.
 */
#define GWMSG_FD 3
#define GWMSG_LISTENERS_MAX 160
#define GWMSG_POLICIES_MAX 32
#define GWMSG_POLICY_BYTES 1020
#define GWMSG_HOST_BYTES 256
#define GWMSG_NONCE_LEN 32 /* hexadecimal digits */

enum gwmsg_type {
	GWMSG_UNSET = 0,
	/* supervisor -> gateway, first and once: struct gwmsg_config; the
	 * descriptors are the listeners, in the order of @listeners. As many
	 * GWMSG_POLICY follow as it says, before GWMSG_READY */
	GWMSG_CONFIG,
	/* gateway -> supervisor: confined, listening from now on */
	GWMSG_READY,
	/* gateway -> supervisor: cannot start; @fault says why; it exits */
	GWMSG_FAULT,
	/* gateway -> supervisor: one upstream socket, please; @id is echoed */
	GWMSG_DIAL,
	/* supervisor -> gateway: answer to @id; @err 0 and one descriptor
	 * (a connected, non-blocking SOCK_STREAM socket to the SocksPort),
	 * or a positive errno and none */
	GWMSG_DIALED,
	/* supervisor -> gateway: @nonce for connections from now on */
	GWMSG_NONCE,
	/* supervisor -> gateway: counters, please */
	GWMSG_STATS,
	/* gateway -> supervisor: @stats */
	GWMSG_STATS_ARE,
	/* supervisor -> gateway: some of the rules about destinations */
	GWMSG_POLICY,
	/* gateway -> supervisor, where the configuration asks for it: a
	 * destination was refused, for the first time; @refused */
	GWMSG_REFUSED,
};

/* What a listener speaks. */
enum gwmsg_listener_kind {
	GWMSG_LISTEN_UNSET = 0,
	GWMSG_LISTEN_SOCKS,
	GWMSG_LISTEN_HTTP, /* HTTP CONNECT */
	/* TCP whose destination is the connection's original one */
	GWMSG_LISTEN_TRANSPARENT,
	GWMSG_LISTEN_DNS_UDP, /* a UDP socket */
	GWMSG_LISTEN_DNS_TCP,
};

/* What names are answered with. */
enum gwmsg_dns {
	GWMSG_DNS_UNSET = 0, /* there is no listener for DNS */
	/* virtual addresses that stand for names; nobody is asked */
	GWMSG_DNS_NAMES,
	/* the addresses that tor's RESOLVE says */
	GWMSG_DNS_RESOLVE,
};

/* What separates circuits, beside the launch's nonce (design.md). */
enum gwmsg_isolate {
	GWMSG_BY_DESTINATION = 1 << 0,
	GWMSG_BY_PORT = 1 << 1,
	GWMSG_BY_CONNECTION = 1 << 2,
};

enum gwmsg_listener_flag {
	/* tor's reply codes 0xf0-0xf7 are passed on; else they become 1 */
	GWMSG_EXTENDED_ERRORS = 1 << 0,
};

struct gwmsg_listener {
	uint32_t kind;    /* enum gwmsg_listener_kind */
	uint32_t isolate; /* enum gwmsg_isolate bits added for this port */
	uint32_t flags;   /* enum gwmsg_listener_flag bits */
};

struct gwmsg_config {
	char nonce[GWMSG_NONCE_LEN + 1]; /* random, lower-case hexadecimal */
	uint32_t isolate;                /* bits for every listener */
	uint32_t max_connections;        /* of the application at once */
	uint32_t handshake_timeout_ms;
	/* 1 in tests only: let internal destinations through */
	uint32_t allow_internal;
	uint32_t dns;            /* enum gwmsg_dns */
	uint32_t report_refused; /* 1: send GWMSG_REFUSED */
	uint32_t npolicies;      /* GWMSG_POLICY messages that follow */
	uint32_t nlisteners;
	struct gwmsg_listener listeners[GWMSG_LISTENERS_MAX];
};

struct gwmsg_stats {
	uint64_t accepted;         /* connections from the application */
	uint64_t refused_internal; /* internal destinations refused */
	uint64_t refused_policy;   /* destinations that the rules refuse */
	uint64_t refused_limit;    /* over max_connections, or no memory */
	uint64_t refused_protocol; /* malformed handshakes */
	uint64_t timeouts;         /* handshakes that took too long */
	uint64_t dial_failures;
	uint64_t open; /* connections now */
	uint64_t bytes_up, bytes_down;
	uint64_t dns_queries;  /* with an answer, whatever it says */
	uint64_t dns_refused;  /* malformed, or not queries at all */
	uint64_t dns_failures; /* SERVFAIL: tor, a limit, or no memory */
};

/* Whole rules of base/rule.h, one behind the other. */
struct gwmsg_policy {
	uint32_t len; /* bytes of @rules, at least one */
	uint8_t rules[GWMSG_POLICY_BYTES];
};

enum gwmsg_reason {
	GWMSG_REASON_UNSET = 0,
	GWMSG_REASON_INTERNAL, /* of this machine or its surroundings */
	GWMSG_REASON_POLICY,   /* the profile's rules */
	GWMSG_REASONS,
};

struct gwmsg_refused {
	uint16_t reason; /* enum gwmsg_reason */
	uint16_t port;   /* host order; 0: only a name or address was asked */
	/* as the gateway says: any bytes before the NUL, but at least one */
	char host[GWMSG_HOST_BYTES];
};

struct gwmsg {
	uint32_t type;     /* enum gwmsg_type */
	uint32_t id;       /* of GWMSG_DIAL and its answer, else 0 */
	int32_t err;       /* GWMSG_DIALED: 0 or a positive errno, else 0 */
	uint32_t reserved; /* 0; the payload starts at a multiple of 8 */
	union {
		struct gwmsg_config config;
		struct gwmsg_stats stats;
		char nonce[GWMSG_NONCE_LEN + 1];
		struct fault fault;
		struct gwmsg_policy policy;
		struct gwmsg_refused refused;
	};
};

/**
 * gwmsg_size() - bytes of a whole message of one type
 * @type: enum gwmsg_type
 *
 * Return: its size, 0 for a type that does not exist.
 */
size_t gwmsg_size(uint32_t type);

/**
 * gwmsg_check() - is this a message; pure
 * @m: what was received; bytes behind @len are zero
 * @len: bytes received
 * @nfds: descriptors that came with it
 *
 * Return: 0 or -EPROTO.
 */
int gwmsg_check(const struct gwmsg *m, size_t len, size_t nfds);

/**
 * gwmsg_send() - send one message; only the bytes of its type travel
 * @sock: connected SOCK_SEQPACKET socket
 * @m: @m->type says which part of it is sent
 * @fds: @nfds descriptors, still the caller's afterwards; as many as
 *       @m->type asks for, else -EINVAL and nothing is sent
 *
 * Return: 0 or -errno (-EPIPE: the other end is gone, and its last words,
 * a GWMSG_FAULT perhaps, can still be received; -EAGAIN: @sock is
 * non-blocking and the other end does not read).
 */
int gwmsg_send(int sock, const struct gwmsg *m, const int *fds, size_t nfds);

/**
 * gwmsg_recv() - receive and check one message
 * @sock: connected SOCK_SEQPACKET socket
 * @m: overwritten; what the type does not carry is zero; strings in it are
 *     NUL-terminated
 * @fds: room for @max_fds, may be NULL when that is 0; those received are
 *       O_CLOEXEC and the caller's
 * @nfds: set to how many came, on success; may be NULL when @max_fds is 0
 *
 * Which end may send which type is the caller's to check.
 *
 * Return: 0; -EPIPE when the other end is gone; -EPROTO for a datagram that
 * is not a message or brings a wrong number of descriptors (none is kept);
 * or another -errno (-EAGAIN).
 */
int gwmsg_recv(int sock, struct gwmsg *m, int *fds, size_t max_fds,
	       size_t *nfds);

#endif
