/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tor/bridge.c - one bridge line: text in, fields out; no system calls */
#include "tor/bridge.h"

#include <arpa/inet.h>
#include <bsd/stdlib.h>
#include <bsd/string.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define WORDS_MAX 24
/* 20 bytes of node id and 32 of key in base64 without padding */
#define OBFS4_CERT_LEN 70

static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			     "abcdefghijklmnopqrstuvwxyz0123456789+/";

static bool is_cert(const char *value)
{
	return strlen(value) == OBFS4_CERT_LEN &&
	       strspn(value, base64) == OBFS4_CERT_LEN;
}

static bool is_iat_mode(const char *value)
{
	return value[0] >= '0' && value[0] <= '2' && !value[1];
}

static bool is_https(const char *value)
{
	return strncmp(value, "https://", 8) == 0 && value[8] &&
	       value[8] != '/';
}

static bool is_fingerprint(const char *value)
{
	return strlen(value) == 40 &&
	       strspn(value, "0123456789abcdefABCDEF") == 40;
}

static bool is_given(const char *value)
{
	return value[0] != '\0';
}

struct key {
	const char *name; /* NULL ends the list */
	bool is_needed;
	bool (*is_good)(const char *value);
};

static const struct key obfs4_keys[] = {
	{ "cert", true, is_cert },
	{ "iat-mode", true, is_iat_mode },
	{ NULL, false, NULL },
};

static const struct key webtunnel_keys[] = {
	{ "url", true, is_https },
	{ "ver", false, is_given },
	{ "servername", false, is_given },
	{ "utls", false, is_given },
	{ NULL, false, NULL },
};

static const struct key snowflake_keys[] = {
	{ "fingerprint", false, is_fingerprint },
	{ "url", false, is_https },
	{ "ice", false, is_given },
	{ "fronts", false, is_given },
	{ "front", false, is_given },
	{ "ampcache", false, is_https },
	{ "sqsqueue", false, is_https },
	{ "sqscreds", false, is_given },
	{ "utls-imitate", false, is_given },
	{ "utls-nosni", false, is_given },
	{ "max", false, is_given },
	{ NULL, false, NULL },
};

static const struct key no_keys[] = {
	{ NULL, false, NULL },
};

static const struct {
	const char *name;
	const struct key *keys;
} transports[TOR_TRANSPORTS] = {
	[TOR_TRANSPORT_NONE] = { "", no_keys },
	[TOR_TRANSPORT_OBFS4] = { "obfs4", obfs4_keys },
	[TOR_TRANSPORT_WEBTUNNEL] = { "webtunnel", webtunnel_keys },
	[TOR_TRANSPORT_SNOWFLAKE] = { "snowflake", snowflake_keys },
};

const char *tor_transport_name(enum tor_transport transport)
{
	return transports[transport].name;
}

static int refuse(struct fault *f, const char *why, const char *word)
{
	return fault_set(f, 0, "bridge line: %s%s%.80s%s", why,
			 word ? ": \"" : "", word ? word : "",
			 word ? "\"" : "");
}

/* of the whole line, before anything is made of it */
static int check_bytes(const char *line, struct fault *f)
{
	size_t len = strlen(line);

	if (len >= TOR_BRIDGE_LINE_MAX)
		return refuse(f, "it is too long", NULL);
	for (size_t i = 0; i < len; i++) {
		if (line[i] == '\n' || line[i] == '\r')
			return refuse(f, "a line break in it", NULL);
		if (line[i] != '\t' && (line[i] < ' ' || line[i] > '~'))
			return refuse(f, "a byte that is not printable ASCII",
				      NULL);
		if (strchr("#\"'\\", line[i]))
			return refuse(f,
				      "none has a '#', a quote or a "
				      "backslash in it",
				      NULL);
	}
	return 0;
}

static int parse_transport(const char *word, struct tor_bridge *b,
			   struct fault *f)
{
	for (int i = TOR_TRANSPORT_NONE + 1; i < TOR_TRANSPORTS; i++)
		if (strcmp(word, transports[i].name) == 0) {
			b->transport = (enum tor_transport)i;
			return 0;
		}
	refuse(f, "no transport of this name is known", word);
	fault_hint(f, "there is obfs4, webtunnel, snowflake, or none for a "
		      "bridge without");
	return -EINVAL;
}

/* nobody can be there: wildcard, multicast, broadcast */
static bool is_a_host(int family, const unsigned char *a)
{
	static const unsigned char any[16];

	if (family == AF_INET6)
		return memcmp(a, any, 16) != 0 && a[0] != 0xff;
	return a[0] != 0 && a[0] < 224;
}

static int parse_address(const char *word, struct tor_bridge *b,
			 struct fault *f)
{
	char host[sizeof(b->address)], *colon;
	unsigned char bytes[16];
	int family = AF_INET;
	const char *error;

	if (strlcpy(host, word, sizeof(host)) >= sizeof(host))
		return refuse(f, "no ADDRESS:PORT", word);
	colon = strrchr(host, ':');
	if (!colon || colon == host)
		return refuse(f, "no ADDRESS:PORT", word);
	*colon++ = '\0';
	if (host[0] == '[' && colon[-2] == ']') {
		colon[-2] = '\0';
		memmove(host, host + 1, strlen(host));
		family = AF_INET6;
	}
	if (inet_pton(family, host, bytes) != 1 || !is_a_host(family, bytes))
		return refuse(f, "no ADDRESS:PORT of a bridge", word);
	/* strtonum(3) takes a sign and spaces as well */
	if (!*colon || colon[strspn(colon, "0123456789")])
		return refuse(f, "no port number", word);
	b->port = (uint16_t)strtonum(colon, 1, UINT16_MAX, &error);
	if (error)
		return refuse(f, "no port number", word);
	/* as the library writes it: one form only */
	inet_ntop(family, bytes, host, sizeof(host));
	snprintf(b->address, sizeof(b->address),
		 family == AF_INET6 ? "[%.45s]:%u" : "%.45s:%u", host, b->port);
	return 0;
}

static int parse_fingerprint(const char *word, struct tor_bridge *b,
			     struct fault *f)
{
	if (!word) {
		refuse(f, "the fingerprint is missing", NULL);
		fault_hint(f, "without its 40 digits anybody could be that "
			      "bridge");
		return -EINVAL;
	}
	if (!is_fingerprint(word))
		return refuse(f, "no fingerprint of 40 hexadecimal digits",
			      word);
	for (int i = 0; i <= 40; i++)
		b->fingerprint[i] = word[i] >= 'a' && word[i] <= 'f'
					    ? (char)(word[i] - 'a' + 'A')
					    : word[i];
	return 0;
}

/* the row of @keys that "NAME=VALUE" is of, or -1 */
static int find_key(const struct key *keys, const char *word)
{
	size_t len = strcspn(word, "=");

	for (int i = 0; keys[i].name; i++)
		if (word[len] && strlen(keys[i].name) == len &&
		    strncmp(keys[i].name, word, len) == 0)
			return i;
	return -1;
}

static int parse_args(char *const *words, struct tor_bridge *b, struct fault *f)
{
	const struct key *keys = transports[b->transport].keys;
	unsigned int seen = 0;

	for (; *words; words++) {
		int i = find_key(keys, *words);

		if (i < 0)
			return refuse(f,
				      "this kind of bridge has no such "
				      "argument",
				      *words);
		if (seen & (1U << i))
			return refuse(f, "an argument given twice", *words);
		if (!keys[i].is_good(strchr(*words, '=') + 1))
			return refuse(f, "an argument with a bad value",
				      *words);
		seen |= 1U << i;
		if ((b->args[0] && strlcat(b->args, " ", sizeof(b->args)) >=
					   sizeof(b->args)) ||
		    strlcat(b->args, *words, sizeof(b->args)) >=
			    sizeof(b->args))
			return refuse(f, "its arguments are too long", NULL);
	}
	for (int i = 0; keys[i].name; i++)
		if (keys[i].is_needed && !(seen & (1U << i)))
			return refuse(f, "an argument is missing",
				      keys[i].name);
	return 0;
}

/* Return: how many, or -1: more than an ordinary line has */
static int split(char *line, char *words[WORDS_MAX + 1])
{
	char *word;
	int n = 0;

	while ((word = strsep(&line, " \t"))) {
		if (!*word)
			continue;
		if (n == WORDS_MAX)
			return -1;
		words[n++] = word;
	}
	words[n] = NULL;
	return n;
}

int tor_bridge_parse(const char *line, struct tor_bridge *b, struct fault *f)
{
	struct tor_bridge got = { .transport = TOR_TRANSPORT_NONE };
	char copy[TOR_BRIDGE_LINE_MAX], *words[WORDS_MAX + 1] = { NULL };
	char **word = words;
	int rc = check_bytes(line, f);

	if (rc < 0)
		return rc;
	strlcpy(copy, line, sizeof(copy));
	if (split(copy, words) < 0)
		return refuse(f, "too many words", NULL);
	if (*word && strcasecmp(*word, "Bridge") == 0)
		word++;
	if (!*word)
		return refuse(f, "there is nothing in it", NULL);
	if (!strchr(*word, ':'))
		rc = parse_transport(*word++, &got, f);
	if (rc < 0)
		return rc;
	if (!*word)
		return refuse(f, "ADDRESS:PORT is missing", NULL);
	rc = parse_address(*word++, &got, f);
	if (rc == 0)
		rc = parse_fingerprint(*word, &got, f);
	if (rc == 0)
		rc = parse_args(word + 1, &got, f);
	if (rc == 0)
		*b = got;
	return rc;
}

void tor_bridge_format(const struct tor_bridge *b,
		       char line[TOR_BRIDGE_LINE_MAX])
{
	const char *name = tor_transport_name(b->transport);

	snprintf(line, TOR_BRIDGE_LINE_MAX, "%s%s%s %s%s%s", name,
		 name[0] ? " " : "", b->address, b->fingerprint,
		 b->args[0] ? " " : "", b->args);
}

bool tor_bridge_is_same(const struct tor_bridge *a, const struct tor_bridge *b)
{
	return a->transport == b->transport &&
	       strcmp(a->address, b->address) == 0 &&
	       strcmp(a->fingerprint, b->fingerprint) == 0;
}
