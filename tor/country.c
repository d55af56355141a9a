/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tor/country.c - in which countries relays are, by tor's own table */
#include "tor/country.h"

#include <arpa/inet.h>
#include <bsd/string.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "tor/circmap.h"
#include "tor/client.h"

#define ADDRESS_FIELD 6 /* words before it */

struct relay {
	SLIST_ENTRY(relay) next;
	struct tor_countries *all;
	struct tor_client *asked; /* whose answer is due, or NULL */
	bool known;               /* also: that nobody knows */
	char id[41];
	char country[3];
};

SLIST_HEAD(relays, relay);

struct tor_countries {
	struct relays relays;
	void (*answered)(void *arg, struct tor_client *c);
	void *arg;
};

struct tor_countries *
tor_countries_new(void (*answered)(void *arg, struct tor_client *c), void *arg)
{
	struct tor_countries *all = calloc(1, sizeof(*all));

	if (!all)
		return NULL;
	SLIST_INIT(&all->relays);
	all->answered = answered;
	all->arg = arg;
	return all;
}

bool tor_country_address(const char *line, char address[16])
{
	struct in_addr parsed;

	if (strncmp(line, "r ", 2) != 0)
		return false;
	for (int i = 0; i < ADDRESS_FIELD; i++) {
		line += strcspn(line, " ");
		line += strspn(line, " ");
	}
	if (strcspn(line, " ") >= 16)
		return false;
	strlcpy(address, line, strcspn(line, " ") + 1);
	/* it becomes part of a command */
	return inet_pton(AF_INET, address, &parsed) == 1;
}

/* The lines of one value: on the first line where it is one, else below. */
static void read_value(const struct tor_reply *reply,
		       bool (*take)(const char *line, char *value), char *value)
{
	struct tor_line line;
	size_t at = 0;

	while (tor_reply_next(reply, &at, &line)) {
		const char *text = line.text;
		const char *equals = strchr(text, '=');

		if (line.kind == TOR_LINE_MID && equals)
			text = equals + 1;
		if (take(text, value))
			return;
	}
}

static bool take_country(const char *text, char *country)
{
	if (strlen(text) != 2 || !isalpha((unsigned char)text[0]) ||
	    !isalpha((unsigned char)text[1]))
		return false;
	for (int i = 0; i < 3; i++)
		country[i] = (char)tolower((unsigned char)text[i]);
	return true;
}

static void finish(struct relay *r, int err)
{
	struct tor_client *client = r->asked;

	r->asked = NULL;
	r->known = err == 0;
	if (err == 0)
		r->all->answered(r->all->arg, client);
}

static void on_country(void *arg, int err, const struct tor_reply *reply)
{
	struct relay *r = arg;

	if (err == 0 && reply->code == 250)
		read_value(reply, take_country, r->country);
	finish(r, err);
}

static void on_address(void *arg, int err, const struct tor_reply *reply)
{
	struct relay *r = arg;
	char address[16] = "", command[64];

	if (err == 0 && reply->code == 250)
		read_value(reply, tor_country_address, address);
	snprintf(command, sizeof(command), "GETINFO ip-to-country/%s", address);
	if (err < 0 || !address[0] ||
	    tor_client_ask(r->asked, command, on_country, r) < 0)
		finish(r, err);
}

static struct relay *find(const struct tor_countries *all, const char *id)
{
	struct relay *r;

	for (r = SLIST_FIRST(&all->relays); r; r = SLIST_NEXT(r, next))
		if (strcmp(r->id, id) == 0)
			return r;
	return NULL;
}

static void want(struct tor_countries *all, struct tor_client *client,
		 const char *id)
{
	char command[64];
	struct relay *r = find(all, id);

	if (!r) {
		r = calloc(1, sizeof(*r));
		if (!r)
			return;
		r->all = all;
		strlcpy(r->id, id, sizeof(r->id));
		SLIST_INSERT_HEAD(&all->relays, r, next);
	}
	if (r->asked || r->known)
		return;
	snprintf(command, sizeof(command), "GETINFO ns/id/%s", id);
	if (tor_client_ask(client, command, on_address, r) == 0)
		r->asked = client;
}

void tor_countries_want(struct tor_countries *all, struct tor_client *client,
			const char *path)
{
	char id[41], nickname[TOR_CIRCMAP_WORD_MAX];

	while (tor_circmap_hop(&path, id, nickname))
		want(all, client, id);
}

bool tor_countries_due(const struct tor_countries *all,
		       const struct tor_client *client)
{
	const struct relay *r;

	for (r = SLIST_FIRST(&all->relays); r; r = SLIST_NEXT(r, next))
		if (r->asked == client)
			return true;
	return false;
}

const char *tor_country(const struct tor_countries *all, const char *relay)
{
	const struct relay *r = find(all, relay);

	return r ? r->country : "";
}

void tor_countries_free(struct tor_countries *all)
{
	struct relay *r;

	if (!all)
		return;
	while ((r = SLIST_FIRST(&all->relays))) {
		SLIST_REMOVE_HEAD(&all->relays, next);
		free(r);
	}
	free(all);
}
