/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tor/auth.c - logging in to a control port: what is said and heard; pure */
#include "tor/auth.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/attr.h"

static const struct {
	const char *name;
	enum tor_auth_method method;
} names[] = {
	{ "NULL", TOR_AUTH_NULL },
	{ "COOKIE", TOR_AUTH_COOKIE },
	{ "SAFECOOKIE", TOR_AUTH_SAFECOOKIE },
};

/* "COOKIE,SAFECOOKIE"; what we do not know is not for us */
static unsigned int read_methods(const char *list)
{
	unsigned int methods = 0;

	while (*list) {
		size_t n = strcspn(list, ",");

		for (size_t i = 0; i < ARRAY_SIZE(names); i++)
			if (strlen(names[i].name) == n &&
			    memcmp(list, names[i].name, n) == 0)
				methods |= names[i].method;
		list += n + (list[n] == ',');
	}
	return methods;
}

int tor_auth_read_info(struct tor_auth_info *info, const struct tor_line *line)
{
	char list[256];
	int rc;

	if (line->kind != TOR_LINE_MID || strncmp(line->text, "AUTH ", 5) != 0)
		return 0;
	if (tor_control_keyword(line->text, "METHODS", list, sizeof(list)) != 1)
		return -EPROTO;
	info->methods = read_methods(list);
	rc = tor_control_keyword(line->text, "COOKIEFILE", info->cookie_file,
				 sizeof(info->cookie_file));
	if (rc == 0)
		info->cookie_file[0] = '\0';
	return rc < 0 ? -EPROTO : 0;
}

enum tor_auth_method tor_auth_choose(const struct tor_auth_info *info)
{
	static const enum tor_auth_method best_first[] = { TOR_AUTH_SAFECOOKIE,
							   TOR_AUTH_NULL,
							   TOR_AUTH_COOKIE };

	for (size_t i = 0; i < ARRAY_SIZE(best_first); i++)
		if (info->methods & best_first[i])
			return best_first[i];
	return TOR_AUTH_UNSET;
}

static void put_command(const char *words, const uint8_t bytes[TOR_COOKIE_LEN],
			char command[TOR_AUTH_COMMAND_MAX])
{
	char hex[2 * TOR_COOKIE_LEN + 1];

	tor_cookie_hex(bytes, hex);
	snprintf(command, TOR_AUTH_COMMAND_MAX, "%s %s", words, hex);
}

void tor_auth_challenge(const uint8_t nonce[TOR_COOKIE_LEN],
			char command[TOR_AUTH_COMMAND_MAX])
{
	put_command("AUTHCHALLENGE SAFECOOKIE", nonce, command);
}

int tor_auth_read_challenge(struct tor_auth_challenge *ch,
			    const struct tor_line *line)
{
	char hash[2 * TOR_COOKIE_LEN + 1], nonce[2 * TOR_COOKIE_LEN + 1];

	if (strncmp(line->text, "AUTHCHALLENGE ", 14) != 0)
		return 0;
	if (tor_control_keyword(line->text, "SERVERHASH", hash, sizeof(hash)) !=
		    1 ||
	    tor_control_keyword(line->text, "SERVERNONCE", nonce,
				sizeof(nonce)) != 1 ||
	    tor_cookie_unhex(hash, ch->hash) < 0 ||
	    tor_cookie_unhex(nonce, ch->nonce) < 0)
		return -EPROTO;
	return 1;
}

int tor_auth_prove(struct tor_cookie *c, const struct tor_auth_challenge *ch,
		   char command[TOR_AUTH_COMMAND_MAX])
{
	uint8_t answer[TOR_COOKIE_LEN];

	memcpy(c->server_nonce, ch->nonce, sizeof(c->server_nonce));
	if (!tor_cookie_proves_server(c, ch->hash))
		return -EKEYREJECTED;
	tor_cookie_answer(c, answer);
	put_command("AUTHENTICATE", answer, command);
	return 0;
}

void tor_auth_tell(const uint8_t cookie[TOR_COOKIE_LEN],
		   char command[TOR_AUTH_COMMAND_MAX])
{
	put_command("AUTHENTICATE", cookie, command);
}
