/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gateway/http.c - the server side of HTTP CONNECT, without a socket */
#include "gateway/http.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/attr.h"

#define METHOD "CONNECT "

/* A piece of the head; not terminated. */
struct text {
	const char *p;
	size_t len;
};

struct status {
	uint8_t code; /* enum socks_code */
	const char *line;
};

/* After what tor answers on its HTTPTunnelPort. */
static const struct status statuses[] = {
	{ SOCKS_OK, "200 Connection established" },
	{ SOCKS_NOT_ALLOWED, "403 Forbidden" },
	{ SOCKS_HOST_UNREACHABLE, "404 Not Found (resolve failed)" },
	{ SOCKS_REFUSED, "502 Bad Gateway (connection refused)" },
	{ SOCKS_TTL_EXPIRED, "504 Gateway Timeout" },
	{ SOCKS_BAD_COMMAND, "405 Method Not Allowed" },
	{ SOCKS_BAD_ADDRESS, "400 Bad Request" },
};

size_t http_reply_encode(const struct socks *s, const struct socks_reply *r,
			 uint8_t *out)
{
	const char *line = "503 Service Unavailable";

	(void)s;
	for (size_t i = 0; i < ARRAY_SIZE(statuses); i++) {
		if (statuses[i].code == r->code)
			line = statuses[i].line;
	}
	return (size_t)snprintf((char *)out, SOCKS_OUT_MAX,
				"HTTP/1.0 %s\r\n\r\n", line);
}

/* Cuts the first line off @rest, without its end; false if there is none. */
static bool next_line(struct text *rest, struct text *line)
{
	const char *end = memchr(rest->p, '\n', rest->len);

	if (!end)
		return false;
	line->p = rest->p;
	line->len = (size_t)(end - rest->p);
	rest->len -= line->len + 1;
	rest->p = end + 1;
	if (line->len > 0 && line->p[line->len - 1] == '\r')
		line->len--;
	return true;
}

static bool parse_port(const char *p, size_t len, uint16_t *port)
{
	uint32_t n = 0;

	if (len == 0 || len > 5)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (p[i] < '0' || p[i] > '9')
			return false;
		n = n * 10 + (uint32_t)(p[i] - '0');
	}
	*port = (uint16_t)n;
	return n > 0 && n <= UINT16_MAX;
}

/* RFC 9110 s9.3.6: host and port, always both; IPv6 in brackets. */
static bool parse_target(struct text t, struct socks *s,
			 enum destination_verdict *v)
{
	const char *colon = memrchr(t.p, ':', t.len);
	size_t host;

	if (!colon)
		return false;
	host = (size_t)(colon - t.p);
	if (t.p[0] != '[' && memchr(t.p, ':', host))
		return false;
	if (!parse_port(colon + 1, t.len - host - 1, &s->destination.port))
		return false;
	*v = destination_from_name(t.p, host, &s->destination);
	return true;
}

/* Into SOCKS_BAD_COMMAND, SOCKS_BAD_ADDRESS or, if it is fine, SOCKS_OK. */
static enum socks_code parse_request(struct text line, struct socks *s,
				     bool *versioned,
				     enum destination_verdict *v)
{
	size_t skip = strlen(METHOD);
	struct text target;
	const char *space;

	if (line.len < skip || memcmp(line.p, METHOD, skip) != 0)
		return SOCKS_BAD_COMMAND;
	target.p = line.p + skip;
	target.len = line.len - skip;
	space = memchr(target.p, ' ', target.len);
	*versioned = space != NULL;
	if (space) {
		size_t len = target.len - (size_t)(space - target.p);

		/* " HTTP/1.0", " HTTP/1.1" */
		if (len != 9 || memcmp(space, " HTTP/1.", 8) != 0)
			return SOCKS_BAD_ADDRESS;
		target.len -= len;
	}
	return parse_target(target, s, v) ? SOCKS_OK : SOCKS_BAD_ADDRESS;
}

/* The value of field @name, if this line is one and the value has room. */
static bool take_field(struct text line, const char *name, uint8_t *value,
		       uint8_t *len)
{
	size_t n = strlen(name);

	if (line.len <= n || strncasecmp(line.p, name, n) != 0 ||
	    line.p[n] != ':')
		return true;
	for (n++; n < line.len && (line.p[n] == ' ' || line.p[n] == '\t');)
		n++;
	if (line.len - n > UINT8_MAX)
		return false;
	*len = (uint8_t)(line.len - n);
	memcpy(value, line.p + n, *len);
	return true;
}

static enum socks_code parse_field(struct text line, struct socks_auth *a)
{
	if (!take_field(line, "Proxy-Authorization", a->pass, &a->pass_len) ||
	    !take_field(line, "X-Tor-Stream-Isolation", a->user, &a->user_len))
		return SOCKS_BAD_ADDRESS;
	if (a->user_len > 0 || a->pass_len > 0)
		a->version = 'H';
	return SOCKS_OK;
}

/* Nothing but text in the head: what else comes is no HTTP. */
static bool is_text(struct text t)
{
	for (size_t i = 0; i < t.len; i++) {
		unsigned char c = (unsigned char)t.p[i];

		if ((c < ' ' && c != '\t' && c != '\r') || c == 0x7f)
			return false;
	}
	return true;
}

static enum socks_step refuse(struct socks *s, enum socks_code code,
			      enum socks_step step, uint8_t *out,
			      size_t *out_len)
{
	struct socks_reply r = { .code = (uint8_t)code };

	s->stage = SOCKS_DONE;
	*out_len = http_reply_encode(s, &r, out);
	return step;
}

/* The head so far; @rest is what follows it when it is complete. */
static enum socks_step parse_head(struct socks *s, struct text *rest,
				  enum socks_code *code,
				  enum destination_verdict *v)
{
	bool versioned = false;
	struct text line;

	if (!next_line(rest, &line))
		return is_text(*rest) ? SOCKS_MORE : SOCKS_REFUSE;
	if (!is_text(line))
		return SOCKS_REFUSE;
	*code = parse_request(line, s, &versioned, v);
	if (*code != SOCKS_OK)
		return SOCKS_REFUSE;
	while (versioned) {
		if (!next_line(rest, &line))
			return SOCKS_MORE;
		if (line.len == 0)
			break;
		*code = is_text(line) ? parse_field(line, &s->auth)
				      : SOCKS_BAD_ADDRESS;
		if (*code != SOCKS_OK)
			return SOCKS_REFUSE;
	}
	return SOCKS_REQUEST;
}

enum socks_step http_feed(struct socks *s, const uint8_t *in, size_t len,
			  size_t *used, uint8_t *out, size_t *out_len)
{
	struct text rest = { .p = (const char *)in, .len = len };
	enum destination_verdict v = DESTINATION_INVALID;
	enum socks_code code = SOCKS_BAD_ADDRESS;
	enum socks_step step;

	*used = 0;
	*out_len = 0;
	if (s->stage == SOCKS_DONE)
		return SOCKS_REFUSE;
	/* each call reads the head from its first byte again */
	memset(&s->auth, 0, sizeof(s->auth));
	s->command = SOCKS_CONNECT;
	step = parse_head(s, &rest, &code, &v);
	if (step == SOCKS_MORE && len >= HTTP_IN_MAX)
		return refuse(s, SOCKS_BAD_ADDRESS, SOCKS_REFUSE, out, out_len);
	if (step == SOCKS_MORE)
		return SOCKS_MORE;
	if (step == SOCKS_REFUSE)
		return refuse(s, code, SOCKS_REFUSE, out, out_len);
	*used = len - rest.len;
	if (v == DESTINATION_INVALID ||
	    (v == DESTINATION_INTERNAL && !s->allow_internal))
		return refuse(s, SOCKS_NOT_ALLOWED, SOCKS_REFUSE_DESTINATION,
			      out, out_len);
	s->stage = SOCKS_DONE;
	return SOCKS_REQUEST;
}
