/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gateway/dns.h - one DNS query and its answer, without a socket */
#ifndef GATEWAY_DNS_H
#define GATEWAY_DNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/destination.h"

/* Longest query that is read: what DNS asks of a path without fragments. */
#define DNS_IN_MAX 1232
/* Header, question, one record with a name, OPT: 12 + 259 + 267 + 11. */
#define DNS_OUT_MAX 560
/* Without EDNS an answer by UDP is no longer (RFC 1035 s4.2.1). */
#define DNS_UDP_MIN 512
/* A name on the wire, with its final zero (RFC 1035 s2.3.4). */
#define DNS_NAME_MAX 255

enum dns_type {
	DNS_NONE = 0,
	DNS_A = 1,
	DNS_PTR = 12,
	DNS_OPT = 41,
	/* from here to 255 no data but instructions (RFC 6895 s3.1) */
	DNS_META_FIRST = 128,
	DNS_ANY = 255,
};

enum dns_class {
	DNS_IN = 1,
};

enum dns_rcode {
	DNS_NOERROR = 0,
	DNS_FORMERR = 1,
	DNS_SERVFAIL = 2,
	DNS_NXDOMAIN = 3,
	DNS_NOTIMP = 4,
	DNS_REFUSED = 5,
	DNS_BADVERS = 16, /* RFC 6891 s9 */
};

enum dns_verdict {
	/* not a query: to answer it could make two servers talk for ever */
	DNS_DROP = 0,
	DNS_ERROR, /* @rcode is the answer */
	DNS_QUERY,
};

struct dns_query {
	uint16_t id;
	uint16_t flags;        /* those that the answer repeats */
	enum dns_rcode rcode;  /* NOERROR unless the verdict is ERROR */
	uint16_t type;         /* enum dns_type, or any other */
	uint16_t class;        /* enum dns_class, or any other */
	bool plain;            /* no label has a dot or a NUL in it */
	bool edns;             /* it had an OPT record */
	bool dnssec_ok;        /* RFC 3225: repeated */
	uint16_t udp_size;     /* as the client says */
	uint16_t question_len; /* 0: there is none to repeat */
	uint16_t name_len;
	/* as it came, letter case included: clients use it as a nonce */
	uint8_t question[DNS_NAME_MAX + 4];
	/* labels with dots between, "" is the root; no final dot */
	char name[DESTINATION_NAME_MAX + 1];
};

struct dns_answer {
	enum dns_rcode rcode;
	enum dns_type type; /* DNS_A, DNS_PTR, or NONE: no record */
	uint32_t ttl_s;
	uint8_t addr[4];  /* of DNS_A */
	const char *name; /* of DNS_PTR, in destination.h's canonical form */
};

/**
 * dns_parse() - read one query, RFC 1035 s4 and RFC 6891
 * @in: @len bytes from the application: any bytes
 * @q: set unless the verdict is DROP; what could not be read is zero
 *
 * Refuses what no client sends: another number of questions than one, records
 * beside OPT, compressed names, bytes behind the end. Pure.
 */
enum dns_verdict dns_parse(const uint8_t *in, size_t len, struct dns_query *q);

/**
 * dns_udp_max() - the longest answer that this client takes by UDP
 */
size_t dns_udp_max(const struct dns_query *q);

/**
 * dns_encode() - the answer to a query
 * @q: of dns_parse(), not dropped
 * @max: at least DNS_UDP_MIN; an answer that is longer says that it is
 *       truncated and has no record
 * @out: room for DNS_OUT_MAX bytes
 *
 * Return: bytes in @out.
 */
size_t dns_encode(const struct dns_query *q, const struct dns_answer *a,
		  size_t max, uint8_t *out);

#endif
