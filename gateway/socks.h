/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gateway/socks.h - the server side of SOCKS 4, 4a and 5, without a socket */
#ifndef GATEWAY_SOCKS_H
#define GATEWAY_SOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/destination.h"

/*
 * The longest message of a client: a SOCKS5 login, 3 + 255 + 255 bytes, or
 * a SOCKS4a request, 8 + 256 + 256. A buffer of this size never has to grow.
 */
#define SOCKS_IN_MAX 520
/* Room for all replies to one call: the HTTP text is the longest. */
#define SOCKS_OUT_MAX 512

enum socks_command {
	SOCKS_CONNECT = 0x01,
	SOCKS_BIND = 0x02,
	SOCKS_UDP_ASSOCIATE = 0x03,
	SOCKS_RESOLVE = 0xf0,     /* tor's socks-extensions */
	SOCKS_RESOLVE_PTR = 0xf1, /* tor's socks-extensions */
};

/* SOCKS5 reply codes (RFC 1928 s6); tor's ExtendedErrors 0xf0-0xf7 too. */
enum socks_code {
	SOCKS_OK = 0,
	SOCKS_FAILURE = 1,
	SOCKS_NOT_ALLOWED = 2,
	SOCKS_NET_UNREACHABLE = 3,
	SOCKS_HOST_UNREACHABLE = 4,
	SOCKS_REFUSED = 5,
	SOCKS_TTL_EXPIRED = 6,
	SOCKS_BAD_COMMAND = 7,
	SOCKS_BAD_ADDRESS = 8,
	SOCKS_EXTENDED_MIN = 0xf0,
	SOCKS_EXTENDED_MAX = 0xf7,
};

enum socks_atyp {
	SOCKS_ATYP_NONE = 0, /* tor's failed RESOLVE */
	SOCKS_ATYP_V4 = 1,
	SOCKS_ATYP_NAME = 3,
	SOCKS_ATYP_V6 = 4,
};

enum socks_step {
	SOCKS_MORE = 0, /* needs more bytes; @out may hold replies to send */
	SOCKS_REQUEST,  /* @request is complete */
	SOCKS_REFUSE,   /* send @out and close; the client broke the protocol */
	/* send @out and close; the destination is internal or no name */
	SOCKS_REFUSE_DESTINATION,
};

enum socks_stage {
	SOCKS_START = 0, /* version not seen yet */
	SOCKS_LOGIN,     /* RFC 1929 */
	SOCKS_COMMAND,   /* RFC 1928 s4 */
	SOCKS_DONE,
};

/* What the application said about itself: only ever hashed. */
struct socks_auth {
	uint8_t version; /* 0: nothing; 4: @user is the user id; 5 */
	uint8_t user_len;
	uint8_t pass_len;
	uint8_t user[255];
	uint8_t pass[255];
};

struct socks {
	enum socks_stage stage;
	bool allow_internal; /* tests only */
	uint8_t version;     /* 4 or 5 once known */
	enum socks_command command;
	struct destination destination;
	struct socks_auth auth;
};

/* One answer of a proxy: the client's of ours, or ours of tor. */
struct socks_reply {
	uint8_t code;         /* enum socks_code or tor's extended ones */
	enum socks_atyp atyp; /* NONE: no address to tell */
	uint8_t len;          /* of @addr: 4, 16 or a name's length */
	uint8_t addr[255];    /* network order, or a name without NUL */
};

/**
 * socks_init() - before the first byte of a client
 * @allow_internal: tests only: internal destinations are let through
 */
void socks_init(struct socks *s, bool allow_internal);

/**
 * socks_feed() - take a client's bytes as far as whole messages go
 * @s: state of this client
 * @in: all bytes not used yet, from the oldest; a longer @in after MORE must
 *      begin with the unused ones of this call. If @len is SOCKS_IN_MAX or
 *      more, the result is never MORE with nothing used
 * @used: set to how many bytes of @in are done with; what follows a request
 *        is the application's own data (optimistic data)
 * @out: room for SOCKS_OUT_MAX bytes
 * @out_len: set to how many bytes of @out must be sent, whatever is returned
 *
 * Pure: no system call, no allocation.
 */
enum socks_step socks_feed(struct socks *s, const uint8_t *in, size_t len,
			   size_t *used, uint8_t *out, size_t *out_len);

/**
 * socks_reply_encode() - the answer to a request, in the client's version
 * @s: after SOCKS_REQUEST
 * @r: what happened; for CONNECT the address is left out (it is tor's and
 *     says nothing); a RESOLVE answer that this version cannot express, or
 *     that does not fit the command, becomes a failure
 * @out: room for SOCKS_OUT_MAX bytes
 *
 * Return: bytes in @out.
 */
size_t socks_reply_encode(const struct socks *s, const struct socks_reply *r,
			  uint8_t *out);

#endif
