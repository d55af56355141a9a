/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tor/country.h - in which countries relays are, by tor's own table */
#ifndef TOR_COUNTRY_H
#define TOR_COUNTRY_H

#include <stdbool.h>

struct tor_client; /* tor/client.h */
struct tor_countries;

/**
 * tor_countries_new() - none is known
 * @answered: called when an answer of @client has come, good or bad
 *
 * Return: tor_countries_free() it, after the clients; NULL: no memory.
 */
struct tor_countries *
tor_countries_new(void (*answered)(void *arg, struct tor_client *c), void *arg);

/**
 * tor_countries_want() - ask for the relays of a path, each once
 *
 * What cannot be asked now is asked the next time.
 */
void tor_countries_want(struct tor_countries *all, struct tor_client *client,
			const char *path);

/** tor_countries_due() - are answers of @client due */
bool tor_countries_due(const struct tor_countries *all,
		       const struct tor_client *client);

/**
 * tor_country() - of one relay
 *
 * Return: two lower-case letters; "": not known.
 */
const char *tor_country(const struct tor_countries *all, const char *relay);

void tor_countries_free(struct tor_countries *all);

/**
 * tor_country_address() - the address of a relay, of an answer to ns/id; pure
 * @line: "r NICKNAME IDENTITY DIGEST DATE TIME ADDRESS ORPORT DIRPORT"
 * @address: set on true
 *
 * Return: false where it is not that.
 */
bool tor_country_address(const char *line, char address[16]);

#endif
