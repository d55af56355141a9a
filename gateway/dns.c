/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gateway/dns.c - one DNS query and its answer, without a socket */
#include "gateway/dns.h"

#include <string.h>

#define HEADER 12
#define LABEL_MAX 63
/* What is advertised to clients; their own queries are never longer. */
#define OUR_UDP_SIZE DNS_IN_MAX

/* Of the second 16 bits of the header. */
#define FLAG_RESPONSE 0x8000
#define FLAG_OPCODE 0x7800
#define FLAG_TRUNCATED 0x0200
#define FLAG_RECURSION_DESIRED 0x0100
#define FLAG_RECURSION_AVAILABLE 0x0080
#define FLAG_CHECKING_DISABLED 0x0010 /* RFC 4035 s3.2.2: repeated */
/* Of an OPT record's TTL. */
#define OPT_DNSSEC_OK 0x8000

_Static_assert(HEADER + DNS_NAME_MAX + 4 + 12 + DNS_NAME_MAX + 11 <=
		       DNS_OUT_MAX,
	       "the longest answer fits");
_Static_assert(HEADER + DNS_NAME_MAX + 4 + 11 <= DNS_UDP_MIN,
	       "a truncated answer fits in any case");

struct reader {
	const uint8_t *in;
	size_t len;
	size_t at;
};

static bool read_u8(struct reader *r, uint8_t *value)
{
	if (r->at == r->len)
		return false;
	*value = r->in[r->at++];
	return true;
}

static bool read_u16(struct reader *r, uint16_t *value)
{
	if (r->len - r->at < 2)
		return false;
	*value = (uint16_t)(r->in[r->at] << 8 | r->in[r->at + 1]);
	r->at += 2;
	return true;
}

/* One label; @size counts the wire's bytes of the name so far. */
static bool read_label(struct reader *r, uint8_t len, size_t *size,
		       struct dns_query *q)
{
	/* more is a compression pointer or nothing that ever was defined; a
	 * question has nothing before it that one could point to */
	if (len > LABEL_MAX || r->len - r->at < len)
		return false;
	*size += 1U + len;
	if (*size + 1 > DNS_NAME_MAX)
		return false;
	if (q->name_len > 0)
		q->name[q->name_len++] = '.';
	for (uint8_t i = 0; i < len; i++) {
		char c = (char)r->in[r->at++];

		if (c == '.' || c == '\0')
			q->plain = false;
		q->name[q->name_len++] = c;
	}
	return true;
}

static bool read_question(struct reader *r, struct dns_query *q)
{
	size_t start = r->at, size = 0;
	uint8_t len;

	q->plain = true;
	do {
		if (!read_u8(r, &len) ||
		    (len > 0 && !read_label(r, len, &size, q)))
			return false;
	} while (len > 0);
	q->name[q->name_len] = '\0';
	if (!read_u16(r, &q->type) || !read_u16(r, &q->class))
		return false;
	q->question_len = (uint16_t)(r->at - start);
	memcpy(q->question, r->in + start, q->question_len);
	return true;
}

/* RFC 6891 s6.1.2: options are looked at for their form only. */
static bool read_options(struct reader *r)
{
	uint16_t left, code, len;

	if (!read_u16(r, &left) || r->len - r->at != left)
		return false;
	while (r->at < r->len) {
		if (!read_u16(r, &code) || !read_u16(r, &len) ||
		    r->len - r->at < len)
			return false;
		r->at += len;
	}
	return true;
}

/* The one record a query may have, at its end. */
static bool read_opt(struct reader *r, struct dns_query *q, uint8_t *version)
{
	uint16_t type, size, flags;
	uint8_t root, extended;

	if (!read_u8(r, &root) || root != 0 || !read_u16(r, &type) ||
	    type != DNS_OPT || !read_u16(r, &size) || !read_u8(r, &extended) ||
	    !read_u8(r, version) || !read_u16(r, &flags) || !read_options(r))
		return false;
	q->edns = true;
	q->udp_size = size;
	q->dnssec_ok = flags & OPT_DNSSEC_OK;
	return true;
}

static enum dns_rcode read_query(struct reader *r, struct dns_query *q)
{
	uint16_t questions, answers, authorities, additional;
	uint8_t version = 0;

	if (q->flags & FLAG_OPCODE)
		return DNS_NOTIMP;
	if (r->len > DNS_IN_MAX || !read_u16(r, &questions) ||
	    !read_u16(r, &answers) || !read_u16(r, &authorities) ||
	    !read_u16(r, &additional) || questions != 1 || answers != 0 ||
	    authorities != 0 || additional > 1)
		return DNS_FORMERR;
	if (!read_question(r, q) || q->type == DNS_OPT)
		return DNS_FORMERR;
	if (additional > 0 && !read_opt(r, q, &version))
		return DNS_FORMERR;
	if (r->at != r->len)
		return DNS_FORMERR;
	return version == 0 ? DNS_NOERROR : DNS_BADVERS;
}

enum dns_verdict dns_parse(const uint8_t *in, size_t len, struct dns_query *q)
{
	struct reader r = { .in = in, .len = len };
	uint16_t flags;

	memset(q, 0, sizeof(*q));
	if (len < HEADER || !read_u16(&r, &q->id) || !read_u16(&r, &flags) ||
	    flags & FLAG_RESPONSE)
		return DNS_DROP;
	q->flags = flags & (FLAG_OPCODE | FLAG_RECURSION_DESIRED |
			    FLAG_CHECKING_DISABLED);
	q->rcode = read_query(&r, q);
	return q->rcode == DNS_NOERROR ? DNS_QUERY : DNS_ERROR;
}

size_t dns_udp_max(const struct dns_query *q)
{
	if (!q->edns || q->udp_size < DNS_UDP_MIN)
		return DNS_UDP_MIN;
	return q->udp_size > OUR_UDP_SIZE ? OUR_UDP_SIZE : q->udp_size;
}

static uint8_t *put_u16(uint8_t *at, uint32_t value)
{
	*at++ = (uint8_t)(value >> 8);
	*at++ = (uint8_t)value;
	return at;
}

static uint8_t *put_u32(uint8_t *at, uint32_t value)
{
	return put_u16(put_u16(at, value >> 16), value);
}

static uint8_t *put_bytes(uint8_t *at, const void *bytes, size_t len)
{
	memcpy(at, bytes, len);
	return at + len;
}

static uint8_t *put_name(uint8_t *at, const char *name)
{
	while (*name) {
		size_t len = strcspn(name, ".");

		*at++ = (uint8_t)len;
		at = put_bytes(at, name, len);
		name += len + (name[len] == '.');
	}
	*at++ = 0;
	return at;
}

/* Its owner is the question's name, which is right behind the header. */
static uint8_t *put_record(uint8_t *at, const struct dns_answer *a)
{
	uint8_t *len, *data;

	at = put_u16(at, 0xc000 | HEADER);
	at = put_u16(at, (uint32_t)a->type);
	at = put_u16(at, DNS_IN);
	at = put_u32(at, a->ttl_s);
	len = at;
	data = at + 2;
	if (a->type == DNS_A)
		at = put_bytes(data, a->addr, sizeof(a->addr));
	else
		at = put_name(data, a->name);
	put_u16(len, (uint32_t)(at - data));
	return at;
}

static uint8_t *put_opt(uint8_t *at, const struct dns_query *q,
			enum dns_rcode rcode)
{
	*at++ = 0;
	at = put_u16(at, DNS_OPT);
	at = put_u16(at, OUR_UDP_SIZE);
	*at++ = (uint8_t)(rcode >> 4);
	*at++ = 0;
	at = put_u16(at, q->dnssec_ok ? OPT_DNSSEC_OK : 0);
	return put_u16(at, 0);
}

static size_t encode(const struct dns_query *q, const struct dns_answer *a,
		     bool truncated, uint8_t *out)
{
	bool question = q->question_len > 0;
	bool record = a->type != DNS_NONE && question && !truncated;
	uint32_t flags = FLAG_RESPONSE | FLAG_RECURSION_AVAILABLE | q->flags |
			 ((uint32_t)a->rcode & 15);
	uint8_t *at = out;

	if (truncated)
		flags |= FLAG_TRUNCATED;
	at = put_u16(at, q->id);
	at = put_u16(at, flags);
	at = put_u16(at, question);
	at = put_u16(at, record);
	at = put_u16(at, 0);
	at = put_u16(at, q->edns);
	at = put_bytes(at, q->question, q->question_len);
	if (record)
		at = put_record(at, a);
	if (q->edns)
		at = put_opt(at, q, a->rcode);
	return (size_t)(at - out);
}

size_t dns_encode(const struct dns_query *q, const struct dns_answer *a,
		  size_t max, uint8_t *out)
{
	size_t len = encode(q, a, false, out);

	return len <= max ? len : encode(q, a, true, out);
}
