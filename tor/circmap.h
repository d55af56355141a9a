/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tor/circmap.h - circuits and streams of a tor, and who uses them; pure */
/*
 * DOC: Theory of Operation
 *
 * Fed with circuit-status, stream-status and events, in any order: tor's
 * answers overtake its events. A circuit remembers all who ever used it:
 *
 *   - each stream that is attached to it, by its STREAM events;
 *   - the credentials that circuit-status has, once they are final: a circuit
 *     that is built for a stream has those of that stream, which tor takes
 *     away again when it is finished and the stream is gone; events up to
 *     BUILT have them too. So of CIRC events they are never taken.
 *
 * The legs of a conflux set are one circuit (control-spec s4.1.1, CONFLUX_ID):
 * a STREAM event names only one of them.
 */
#ifndef TOR_CIRCMAP_H
#define TOR_CIRCMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "tor/ports.h"

struct tor_reply; /* tor/reply.h */

#define TOR_CIRCMAP_WORD_MAX 40
#define TOR_CIRCMAP_SOCKS_MAX 256
/* More than one is too many already. */
#define TOR_CIRCMAP_USERS_MAX 8
#define TOR_CIRCMAP_LEGS_MAX 8

/* What tor isolates by. */
struct tor_user {
	char username[TOR_CIRCMAP_SOCKS_MAX]; /* any bytes before the NUL */
	char password[TOR_CIRCMAP_SOCKS_MAX];
	/* whose SocksPort on our own tor; "": another, or not known */
	char port[TOR_PORT_NAME_MAX + 1];
};

struct tor_circuit {
	TAILQ_ENTRY(tor_circuit) link;
	uint64_t id;
	char state[TOR_CIRCMAP_WORD_MAX];   /* "" where not known */
	char purpose[TOR_CIRCMAP_WORD_MAX]; /* "" where not known */
	char conflux[TOR_CIRCMAP_WORD_MAX]; /* of its set; "": none */
	char *path;                         /* as tor writes it; "" at first */
	int64_t created_us;                 /* since the epoch; 0: not known */
	uint64_t read, written;             /* bytes, since it is watched */
	bool has_bytes;                     /* tor has told of some */
	struct tor_user *users;             /* all there ever were */
	size_t nusers;
	bool listed;  /* by the circuit-status that is being read */
	bool changed; /* since tor_circmap_tidy() */
	bool gone;    /* until tor_circmap_tidy() */
};

struct tor_stream {
	TAILQ_ENTRY(tor_stream) link;
	uint64_t id;
	uint64_t circuit; /* 0: none yet */
	char status[TOR_CIRCMAP_WORD_MAX];
	char *target; /* hostile; the name where one was seen */
	struct tor_user user;
	bool is_client; /* of a SocksPort, not tor's own */
	uint64_t up, down;
	bool has_bytes;
	bool gone; /* until tor_circmap_tidy() */
};

TAILQ_HEAD(tor_circuit_list, tor_circuit);
TAILQ_HEAD(tor_stream_list, tor_stream);

struct tor_circmap {
	struct tor_circuit_list circuits;
	struct tor_stream_list streams;
	char socket_dir[TOR_SOCKET_DIR_MAX]; /* of our own tor, or "" */
};

/* One circuit, or the legs of a conflux set. */
struct tor_circset {
	const struct tor_circuit *legs[TOR_CIRCMAP_LEGS_MAX];
	size_t nlegs;
};

/**
 * tor_circmap_init() - nothing is known
 * @socket_dir: where the SocksPorts of identities are; "" for another tor
 */
void tor_circmap_init(struct tor_circmap *m, const char *socket_dir);

/**
 * tor_circmap_clear() - forget all, for another life of tor too
 */
void tor_circmap_clear(struct tor_circmap *m);

/**
 * tor_circmap_status() - take the answer to GETINFO circuit-status
 *
 * What is not in it is gone. Return: 0 or -ENOMEM.
 */
int tor_circmap_status(struct tor_circmap *m, const struct tor_reply *r);

/**
 * tor_circmap_streams() - take the answer to GETINFO stream-status
 *
 * Return: 0 or -ENOMEM.
 */
int tor_circmap_streams(struct tor_circmap *m, const struct tor_reply *r);

/**
 * tor_circmap_event() - take one line of an event, its code left out
 * @line: CIRC, CIRC_MINOR, STREAM, CIRC_BW or STREAM_BW; others, and what
 *        is none of these in full, are ignored
 *
 * Return: 0 or -ENOMEM.
 */
int tor_circmap_event(struct tor_circmap *m, const char *line);

/**
 * tor_circmap_tidy() - nothing has changed, what is gone is forgotten
 */
void tor_circmap_tidy(struct tor_circmap *m);

/**
 * tor_circmap_set() - the set that a circuit belongs to
 * @set: set on true: its legs by their numbers
 *
 * Return: false where @c is a leg that has gone of a set that has not.
 */
bool tor_circmap_set(const struct tor_circmap *m, const struct tor_circuit *c,
		     struct tor_circset *set);

/**
 * tor_circmap_serves() - is it used, or was it ever
 *
 * It has a user, or a stream that is open.
 */
bool tor_circmap_serves(const struct tor_circmap *m,
			const struct tor_circset *set);

/** tor_circset_has() - is @circuit one of its legs */
bool tor_circset_has(const struct tor_circset *set, uint64_t circuit);

/**
 * tor_circmap_hop() - one relay of a path after the other
 * @path: moved on
 * @relay: set to the 40 digits of its fingerprint
 * @nickname: set; "" where there is none
 *
 * Return: false at the end of what is a path.
 */
bool tor_circmap_hop(const char **path, char relay[41],
		     char nickname[TOR_CIRCMAP_WORD_MAX]);

#endif
