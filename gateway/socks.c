/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gateway/socks.c - the server side of SOCKS 4, 4a and 5, without a socket */
#include "gateway/socks.h"

#include <string.h>

#define METHOD_NONE 0x00
#define METHOD_LOGIN 0x02
#define METHOD_NO_ACCEPTABLE 0xff

#define SOCKS4_GRANTED 90
#define SOCKS4_REJECTED 91

/* tor's own answer to somebody who took a SocksPort for an HTTP proxy. */
static const char http_text[] =
	"HTTP/1.0 501 Tor is not an HTTP Proxy\r\n"
	"Content-Type: text/plain; charset=us-ascii\r\n"
	"Connection: close\r\n\r\n"
	"This is a SOCKS proxy, not an HTTP proxy.\r\n"
	"Configure it as a SOCKS5 proxy that resolves names.\r\n";

_Static_assert(sizeof(http_text) <= SOCKS_OUT_MAX, "the text fits");

/* One call of socks_feed(): what is read, what is answered. */
struct feed {
	struct socks *s;
	const uint8_t *in;
	size_t len;
	size_t used;
	uint8_t *out;
	size_t out_len;
};

void socks_init(struct socks *s, bool allow_internal)
{
	memset(s, 0, sizeof(*s));
	s->allow_internal = allow_internal;
}

static void put(struct feed *f, const void *bytes, size_t len)
{
	memcpy(f->out + f->out_len, bytes, len);
	f->out_len += len;
}

static enum socks_step refuse(struct feed *f, uint8_t code,
			      enum socks_step step)
{
	struct socks_reply r = { .code = code };

	f->out_len += socks_reply_encode(f->s, &r, f->out + f->out_len);
	f->s->stage = SOCKS_DONE;
	return step;
}

static enum socks_step judge(struct feed *f, enum destination_verdict v)
{
	if (v == DESTINATION_INVALID ||
	    (v == DESTINATION_INTERNAL && !f->s->allow_internal))
		return refuse(f, SOCKS_NOT_ALLOWED, SOCKS_REFUSE_DESTINATION);
	if (f->s->command == SOCKS_CONNECT && f->s->destination.port == 0)
		return refuse(f, SOCKS_FAILURE, SOCKS_REFUSE);
	f->s->stage = SOCKS_DONE;
	return SOCKS_REQUEST;
}

static uint16_t load_port(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

/* Length of the string at @from without its NUL, or -1 if there is none. */
static int string_length(const struct feed *f, size_t from)
{
	const uint8_t *nul;

	if (from >= f->len)
		return -1;
	nul = memchr(f->in + from, '\0', f->len - from);
	return nul ? (int)(nul - (f->in + from)) : -1;
}

/* SOCKS4 and 4a: 4 CMD PORT ADDR USERID NUL [NAME NUL] */
static enum socks_step feed_v4(struct feed *f)
{
	static const size_t max_string = 255;
	struct socks *s = f->s;
	size_t at = 8;
	int user, name;

	s->version = 4;
	if (f->len < at)
		return SOCKS_MORE;
	user = string_length(f, at);
	if (user < 0 ? f->len - at > max_string : (size_t)user > max_string)
		return refuse(f, SOCKS_FAILURE, SOCKS_REFUSE);
	if (user < 0)
		return SOCKS_MORE;
	s->command = f->in[1];
	s->destination.port = load_port(f->in + 2);
	s->auth.version = user > 0 ? 4 : 0;
	s->auth.user_len = (uint8_t)user;
	memcpy(s->auth.user, f->in + at, (size_t)user);
	at += (size_t)user + 1;
	if (s->command != SOCKS_CONNECT && s->command != SOCKS_RESOLVE)
		return refuse(f, SOCKS_BAD_COMMAND, SOCKS_REFUSE);
	/* 0.0.0.x with x not 0 announces a name (SOCKS4a) */
	if (memcmp(f->in + 4, "\0\0\0", 3) != 0 || f->in[7] == 0) {
		f->used = at;
		return judge(f,
			     destination_from_v4(f->in + 4, &s->destination));
	}
	name = string_length(f, at);
	if (name < 0 ? f->len - at > max_string : (size_t)name > max_string)
		return refuse(f, SOCKS_FAILURE, SOCKS_REFUSE);
	if (name < 0)
		return SOCKS_MORE;
	f->used = at + (size_t)name + 1;
	return judge(f, destination_from_name((const char *)f->in + at,
					      (size_t)name, &s->destination));
}

/* RFC 1928 s3: 5 NMETHODS METHODS. As tor does, a login is preferred. */
static enum socks_step feed_methods(struct feed *f)
{
	uint8_t reply[2] = { 5, METHOD_NO_ACCEPTABLE };
	size_t n;

	f->s->version = 5;
	if (f->len < 2 || f->len < 2U + f->in[1])
		return SOCKS_MORE;
	n = f->in[1];
	if (memchr(f->in + 2, METHOD_LOGIN, n))
		reply[1] = METHOD_LOGIN;
	else if (memchr(f->in + 2, METHOD_NONE, n))
		reply[1] = METHOD_NONE;
	put(f, reply, sizeof(reply));
	f->used = 2 + n;
	if (reply[1] == METHOD_NO_ACCEPTABLE) {
		f->s->stage = SOCKS_DONE;
		return SOCKS_REFUSE;
	}
	f->s->stage = reply[1] == METHOD_LOGIN ? SOCKS_LOGIN : SOCKS_COMMAND;
	return SOCKS_MORE;
}

/* RFC 1929: 1 ULEN UNAME PLEN PASSWD. Anybody may log in. */
static enum socks_step feed_login(struct feed *f)
{
	struct socks_auth *a = &f->s->auth;
	const uint8_t *in = f->in + f->used;
	size_t len = f->len - f->used, ulen, plen;

	if (len < 1)
		return SOCKS_MORE;
	if (in[0] != 1) {
		put(f, "\x01\x01", 2);
		f->s->stage = SOCKS_DONE;
		return SOCKS_REFUSE;
	}
	if (len < 2)
		return SOCKS_MORE;
	ulen = in[1];
	if (len < 3 + ulen)
		return SOCKS_MORE;
	plen = in[2 + ulen];
	if (len < 3 + ulen + plen)
		return SOCKS_MORE;
	a->version = 5;
	a->user_len = (uint8_t)ulen;
	a->pass_len = (uint8_t)plen;
	memcpy(a->user, in + 2, ulen);
	memcpy(a->pass, in + 3 + ulen, plen);
	put(f, "\x01\x00", 2);
	f->used += 3 + ulen + plen;
	f->s->stage = SOCKS_COMMAND;
	return SOCKS_MORE;
}

static size_t address_length(const uint8_t *atyp, size_t len)
{
	switch (atyp[0]) {
	case SOCKS_ATYP_V4:
		return 4;
	case SOCKS_ATYP_V6:
		return 16;
	default:
		/* with its length byte; unknown while that is missing */
		return len < 2 ? 1 : 1 + (size_t)atyp[1];
	}
}

static bool is_served(uint8_t command)
{
	return command == SOCKS_CONNECT || command == SOCKS_RESOLVE ||
	       command == SOCKS_RESOLVE_PTR;
}

/* RFC 1928 s4: 5 CMD RSV ATYP ADDR PORT */
static enum socks_step feed_command(struct feed *f)
{
	struct destination *d = &f->s->destination;
	const uint8_t *in = f->in + f->used;
	size_t len = f->len - f->used, alen;
	enum destination_verdict v;
	uint8_t atyp;

	if (len < 1)
		return SOCKS_MORE;
	if (in[0] != 5)
		return refuse(f, SOCKS_FAILURE, SOCKS_REFUSE);
	if (len < 4)
		return SOCKS_MORE;
	if (!is_served(in[1]))
		return refuse(f, SOCKS_BAD_COMMAND, SOCKS_REFUSE);
	if (in[2] != 0)
		return refuse(f, SOCKS_FAILURE, SOCKS_REFUSE);
	atyp = in[3];
	if ((atyp != SOCKS_ATYP_V4 && atyp != SOCKS_ATYP_V6 &&
	     atyp != SOCKS_ATYP_NAME) ||
	    (atyp == SOCKS_ATYP_NAME && in[1] == SOCKS_RESOLVE_PTR))
		return refuse(f, SOCKS_BAD_ADDRESS, SOCKS_REFUSE);
	alen = address_length(in + 3, len - 3);
	if (len < 4 + alen + 2)
		return SOCKS_MORE;
	f->s->command = in[1];
	d->port = load_port(in + 4 + alen);
	f->used += 4 + alen + 2;
	if (atyp == SOCKS_ATYP_V4)
		v = destination_from_v4(in + 4, d);
	else if (atyp == SOCKS_ATYP_V6)
		v = destination_from_v6(in + 4, d);
	else
		v = destination_from_name((const char *)in + 5, alen - 1, d);
	return judge(f, v);
}

static enum socks_step feed_start(struct feed *f)
{
	/* of HTTP's methods: GET, HEAD, POST, CONNECT, ... */
	static const char initials[] = { 'G', 'H', 'P', 'C', 'O', 'D', 'T' };

	if (f->len < 1)
		return SOCKS_MORE;
	if (f->in[0] == 5)
		return feed_methods(f);
	if (f->in[0] == 4)
		return feed_v4(f);
	if (memchr(initials, f->in[0], sizeof(initials)))
		put(f, http_text, sizeof(http_text) - 1);
	f->s->stage = SOCKS_DONE;
	return SOCKS_REFUSE;
}

enum socks_step socks_feed(struct socks *s, const uint8_t *in, size_t len,
			   size_t *used, uint8_t *out, size_t *out_len)
{
	struct feed f = { .s = s, .in = in, .len = len, .out = out };
	enum socks_step step = SOCKS_MORE;
	enum socks_stage before;

	do {
		before = s->stage;
		switch (s->stage) {
		case SOCKS_START:
			step = feed_start(&f);
			break;
		case SOCKS_LOGIN:
			step = feed_login(&f);
			break;
		case SOCKS_COMMAND:
			step = feed_command(&f);
			break;
		case SOCKS_DONE:
		default:
			/* a caller that goes on after the end is not served */
			step = SOCKS_REFUSE;
			break;
		}
	} while (step == SOCKS_MORE && s->stage != before);
	*used = f.used;
	*out_len = f.out_len;
	return step;
}

/* What a RESOLVE or RESOLVE_PTR may answer. */
static bool is_answer(const struct socks *s, const struct socks_reply *r)
{
	if (s->command == SOCKS_RESOLVE_PTR)
		return r->atyp == SOCKS_ATYP_NAME;
	/* a SOCKS4 reply has four bytes for the address */
	return r->atyp == SOCKS_ATYP_V4 ||
	       (r->atyp == SOCKS_ATYP_V6 && s->version == 5);
}

static size_t encode_v4(const struct socks *s, const struct socks_reply *r,
			uint8_t code, uint8_t *out)
{
	memset(out, 0, 8);
	out[1] = code == SOCKS_OK ? SOCKS4_GRANTED : SOCKS4_REJECTED;
	if (code == SOCKS_OK && s->command == SOCKS_RESOLVE)
		memcpy(out + 4, r->addr, 4);
	return 8;
}

size_t socks_reply_encode(const struct socks *s, const struct socks_reply *r,
			  uint8_t *out)
{
	bool tells = r->code == SOCKS_OK && (s->command == SOCKS_RESOLVE ||
					     s->command == SOCKS_RESOLVE_PTR);
	uint8_t code = r->code;
	size_t at = 4;

	if (tells && !is_answer(s, r)) {
		tells = false;
		code = SOCKS_HOST_UNREACHABLE;
	}
	if (s->version == 4)
		return encode_v4(s, r, code, out);
	memset(out, 0, 10);
	out[0] = 5;
	out[1] = code;
	out[3] = SOCKS_ATYP_V4;
	/* an address and port of zeros: many clients read ten bytes, always */
	if (!tells)
		return 10;
	out[3] = (uint8_t)r->atyp;
	if (r->atyp == SOCKS_ATYP_NAME)
		out[at++] = r->len;
	memcpy(out + at, r->addr, r->len);
	at += r->len;
	out[at++] = 0;
	out[at++] = 0;
	return at;
}
