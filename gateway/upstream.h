/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gateway/upstream.h - SOCKS5 towards tor, without a socket */
#ifndef GATEWAY_UPSTREAM_H
#define GATEWAY_UPSTREAM_H

#include <stddef.h>
#include <stdint.h>

#include "base/gwmsg.h"
#include "gateway/socks.h"

/*
 * The user name of proposal 351: "isolate by the password, nothing else".
 * A tor before 0.4.9 takes it for an ordinary name and isolates by name and
 * password, which comes to the same.
 */
#define UPSTREAM_USER "<torS0X>0"
/* The nonce's label and a SHA-256 in hexadecimal digits, without a NUL. */
#define UPSTREAM_PASSWORD_LEN (GWMSG_LABEL_LEN + 64)
/* Method, login and request: 3 + 3 + 9 + 96 + 4 + 256 + 2, rounded up. */
#define UPSTREAM_OUT_MAX 384
/* Method, login and reply: 2 + 2 + 4 + 256 + 2, rounded up. */
#define UPSTREAM_IN_MAX 272

/* What the password is made of; see upstream_password(). */
struct upstream_key {
	const char *nonce;   /* of this launch, GWMSG_NONCE_LEN digits */
	uint32_t isolate;    /* enum gwmsg_isolate bits */
	uint64_t connection; /* serial number, for GWMSG_BY_CONNECTION */
	const struct destination *destination;
	const struct socks_auth *auth;
};

enum upstream_step {
	UPSTREAM_MORE = 0,
	UPSTREAM_REPLY, /* tor's answer is complete */
	UPSTREAM_BAD,   /* this is not tor, or it refuses our login */
};

/**
 * upstream_password() - the isolation key of one connection
 * @key: everything that separates circuits
 * @password: set to UPSTREAM_PASSWORD_LEN hexadecimal digits, no NUL
 *
 * Equal keys give equal passwords, and only they do: every part goes into
 * the digest with its length. Without the nonce's secret nobody can compute
 * one. The label in front says to whoever controls tor whose circuit it is
 * (isolatectl newnym --close), which tor knows by the SocksPort anyway; it is
 * never sent on.
 */
void upstream_password(const struct upstream_key *key,
		       char password[UPSTREAM_PASSWORD_LEN]);

/**
 * upstream_encode() - method, login and request, all in one write
 * @command: SOCKS_CONNECT, SOCKS_RESOLVE or SOCKS_RESOLVE_PTR
 * @d: canonical destination
 * @password: of upstream_password()
 * @out: room for UPSTREAM_OUT_MAX bytes
 *
 * Return: bytes in @out.
 */
size_t upstream_encode(enum socks_command command, const struct destination *d,
		       const char password[UPSTREAM_PASSWORD_LEN],
		       uint8_t *out);

/**
 * upstream_parse() - tor's three answers, from the first byte
 * @in: everything received so far
 * @used: set on REPLY: where the stream's own data begins
 * @r: set on REPLY
 *
 * Never MORE once @len is UPSTREAM_IN_MAX.
 */
enum upstream_step upstream_parse(const uint8_t *in, size_t len, size_t *used,
				  struct socks_reply *r);

#endif
