/* SPDX-License-Identifier: GPL-3.0-or-later */
/* base/gwmsg.h - the messages between supervisor and isolate-gateway */
#ifndef BASE_GWMSG_H
#define BASE_GWMSG_H

#include <stdbool.h>
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
#define GWMSG_ONION_PORTS_MAX 8
#define GWMSG_ONION_CLIENTS_MAX 4
#define GWMSG_ONION_KEY_BYTES 64    /* expanded ed25519 secret key */
#define GWMSG_ONION_CLIENT_BYTES 32 /* x25519 public key */
#define GWMSG_ONION_ID_LEN 56       /* version 3, without ".onion" */
#define GWMSG_TIME_LEN 19           /* YYYY-MM-DD HH:MM:SS */
#define GWMSG_CONTROL_SOCKS_MAX 2
/*
 * A nonce is hexadecimal digits: the label, which is in clear in what tor is
 * sent, so that the circuits of one launch can be found, and the secret. The
 * label is random digits of the launch and the number of the nonce in it.
 */
#define GWMSG_LAUNCH_LEN 24
#define GWMSG_LABEL_LEN (GWMSG_LAUNCH_LEN + 8)
#define GWMSG_NONCE_LEN (GWMSG_LABEL_LEN + 32)

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
	/* gateway -> supervisor: what a client of the control port wants and
	 * the gateway cannot do alone; @ask; @id is the client's, echoed */
	GWMSG_ASK,
	/* supervisor -> gateway: answer to @id; @err 0 and @answer, or a
	 * positive errno and an @answer that is zero but for its kind */
	GWMSG_ANSWER,
	/* supervisor -> gateway: somebody connects to an onion service of this
	 * sandbox; two descriptors, non-blocking SOCK_STREAM sockets: to tor,
	 * and to the application, which may still be connecting */
	GWMSG_INBOUND,
	/* supervisor -> gateway: what became of a service's descriptor;
	 * @event */
	GWMSG_EVENT,
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
	GWMSG_LISTEN_CONTROL, /* tor's control protocol, filtered */
};

/* What a client of the control port may ask; each allows what the one before
 * it does. */
enum gwmsg_level {
	GWMSG_LEVEL_UNSET = 0,     /* there is no listener for it */
	GWMSG_LEVEL_MINIMAL,       /* does tor work */
	GWMSG_LEVEL_BROWSER,       /* NEWNYM too */
	GWMSG_LEVEL_ONION_SERVICE, /* onion services too */
	GWMSG_LEVELS,
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
	uint32_t control;        /* enum gwmsg_level */
	/* what net/listeners/socks tells: ports of 127.0.0.1 in the sandbox,
	 * 0 where there is none */
	uint32_t control_socks[GWMSG_CONTROL_SOCKS_MAX];
	uint32_t npolicies; /* GWMSG_POLICY messages that follow */
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

enum gwmsg_ask_kind {
	GWMSG_ASK_UNSET = 0,
	GWMSG_ASK_STATE,     /* how tor is */
	GWMSG_ASK_NEWNYM,    /* a new nonce for this sandbox */
	GWMSG_ASK_ADD_ONION, /* @onion */
	GWMSG_ASK_DEL_ONION, /* @service, one that this client added */
	/* the client is gone, and so are its services; no answer */
	GWMSG_ASK_END,
	GWMSG_ASKS,
};

enum gwmsg_onion_flag {
	/* the key is not told: it ends with the service */
	GWMSG_ONION_DISCARD_KEY = 1 << 0,
};

/* Where in the sandbox; nothing else can be named. */
enum gwmsg_target {
	GWMSG_TARGET_UNSET = 0,
	GWMSG_TARGET_LOOPBACK, /* 127.0.0.1 */
	GWMSG_TARGET_SELF,     /* 10.152.152.11 */
	GWMSG_TARGETS,
};

struct gwmsg_onion_port {
	uint16_t onion;  /* of the service; host order, not 0 */
	uint16_t target; /* of the sandbox; host order, not 0 */
	uint32_t where;  /* enum gwmsg_target */
};

struct gwmsg_onion {
	uint32_t flags;  /* enum gwmsg_onion_flag bits */
	uint32_t nports; /* 1 and up */
	struct gwmsg_onion_port ports[GWMSG_ONION_PORTS_MAX];
	uint32_t nclients; /* who alone may connect; 0: everybody */
	uint8_t clients[GWMSG_ONION_CLIENTS_MAX][GWMSG_ONION_CLIENT_BYTES];
	uint32_t has_key; /* 0: a new one, please */
	uint8_t key[GWMSG_ONION_KEY_BYTES];
};

struct gwmsg_ask {
	uint32_t kind; /* enum gwmsg_ask_kind */
	char service[GWMSG_ONION_ID_LEN + 1];
	struct gwmsg_onion onion;
};

struct gwmsg_state {
	uint32_t percent; /* of the bootstrap */
	uint32_t circuit; /* 1: established */
	uint32_t enough_dir_info;
	uint32_t live; /* 1: the network is up */
	/* of the consensus, UTC; "" where there is none */
	char valid_after[GWMSG_TIME_LEN + 1];
	char fresh_until[GWMSG_TIME_LEN + 1];
	char valid_until[GWMSG_TIME_LEN + 1];
};

struct gwmsg_answer {
	uint32_t kind;                        /* that of the question */
	char nonce[GWMSG_NONCE_LEN + 1];      /* NEWNYM */
	char service[GWMSG_ONION_ID_LEN + 1]; /* ADD_ONION */
	uint32_t has_key;                     /* ADD_ONION: it was not given */
	uint8_t key[GWMSG_ONION_KEY_BYTES];
	struct gwmsg_state state; /* STATE */
};

/* control-spec s4.1.25 */
enum gwmsg_action {
	GWMSG_ACTION_UNSET = 0,
	GWMSG_ACTION_UPLOAD,   /* on its way to a directory */
	GWMSG_ACTION_UPLOADED, /* one has taken it */
	GWMSG_ACTION_FAILED,   /* one has refused it */
	GWMSG_ACTIONS,
};

struct gwmsg_event {
	uint32_t action; /* enum gwmsg_action */
	char service[GWMSG_ONION_ID_LEN + 1];
};

struct gwmsg {
	uint32_t type;     /* enum gwmsg_type */
	uint32_t id;       /* of GWMSG_DIAL, GWMSG_ASK and their answers */
	int32_t err;       /* of answers: 0 or a positive errno, else 0 */
	uint32_t reserved; /* 0; the payload starts at a multiple of 8 */
	union {
		struct gwmsg_config config;
		struct gwmsg_stats stats;
		char nonce[GWMSG_NONCE_LEN + 1];
		struct fault fault;
		struct gwmsg_policy policy;
		struct gwmsg_refused refused;
		struct gwmsg_ask ask;
		struct gwmsg_answer answer;
		struct gwmsg_event event;
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
 * gwmsg_is_service() - is this the address of an onion service, version 3
 * @id: GWMSG_ONION_ID_LEN + 1 bytes may be read
 */
bool gwmsg_is_service(const char *id);

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
