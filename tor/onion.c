/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tor/onion.c - onion services on a control connection */
#include "tor/onion.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/radix.h"
#include "tor/control.h"
#include "tor/talk.h"

#define PATH_BYTES 108 /* of sun_path */
#define COMMAND_MAX 4096
#define COLLISION 550 /* control-spec s3.27.1 */

_Static_assert(128 + GWMSG_ONION_PORTS_MAX * (PATH_BYTES + 24) +
			       GWMSG_ONION_CLIENTS_MAX *
				       (RADIX32_TEXT(GWMSG_ONION_CLIENT_BYTES) +
					16) +
			       RADIX64_TEXT(GWMSG_ONION_KEY_BYTES) <
		       COMMAND_MAX,
	       "every service can be said");

static bool is_sayable(const char *path)
{
	size_t len = strnlen(path, PATH_BYTES);

	for (size_t i = 0; i < len; i++)
		if (path[i] <= ' ' || path[i] > '~' || path[i] == '"')
			return false;
	return path[0] == '/' && len < PATH_BYTES;
}

static int add_key(const struct gwmsg_onion *o, char *at)
{
	char text[RADIX64_TEXT(GWMSG_ONION_KEY_BYTES)];
	int n;

	if (!o->has_key)
		return sprintf(at, "ADD_ONION NEW:ED25519-V3");
	radix_encode64(o->key, sizeof(o->key), text);
	n = sprintf(at, "ADD_ONION ED25519-V3:%s", text);
	explicit_bzero(text, sizeof(text));
	return n;
}

int tor_onion_command(const struct gwmsg_onion *o, const char *const *paths,
		      char **command)
{
	char client[RADIX32_TEXT(GWMSG_ONION_CLIENT_BYTES)];
	char *text, *at;

	for (uint32_t i = 0; i < o->nports; i++)
		if (!is_sayable(paths[i]))
			return -EINVAL;
	text = at = calloc(1, COMMAND_MAX);
	if (!text)
		return -ENOMEM;
	at += add_key(o, at);
	if (o->nclients > 0)
		at += sprintf(at, " Flags=V3Auth");
	for (uint32_t i = 0; i < o->nports; i++)
		at += sprintf(at, " Port=%u,unix:%s", o->ports[i].onion,
			      paths[i]);
	for (uint32_t i = 0; i < o->nclients; i++) {
		radix_encode32(o->clients[i], sizeof(o->clients[i]), client);
		at += sprintf(at, " ClientAuthV3=%s", client);
	}
	*command = text;
	return 0;
}

/* What follows @prefix, or NULL. */
static const char *after(const char *text, const char *prefix)
{
	size_t n = strlen(prefix);

	return strncmp(text, prefix, n) == 0 ? text + n : NULL;
}

static int take_made(void *arg, const struct tor_line *line)
{
	struct tor_onion *made = arg;
	const char *value = after(line->text, "ServiceID=");

	if (value) {
		if (!gwmsg_is_service(value))
			return -EPROTO;
		memcpy(made->service, value, sizeof(made->service));
		return 0;
	}
	if (!after(line->text, "PrivateKey="))
		return 0;
	value = after(line->text, "PrivateKey=ED25519-V3:");
	made->has_key = value && radix_decode64(value, strlen(value), made->key,
						sizeof(made->key));
	return made->has_key ? 0 : -EPROTO;
}

int tor_onion_add(struct tor_talk *t, const struct gwmsg_onion *o,
		  const char *const *paths, struct tor_onion *made,
		  struct fault *f)
{
	autofree char *command = NULL;
	int rc = tor_onion_command(o, paths, &command);

	if (rc < 0)
		return fault_set(f, rc, "tell tor of a socket");
	*made = (struct tor_onion){ .has_key = false };
	rc = tor_talk_ask(t, command, take_made, made, f);
	explicit_bzero(command, COMMAND_MAX);
	if (rc == -EREMOTEIO && t->code == COLLISION)
		return fault_set(f, EEXIST, "add an onion service");
	if (rc == 0 && (!made->service[0] || made->has_key == !!o->has_key))
		return fault_set(f, EPROTO, "add an onion service");
	return rc;
}

int tor_onion_del(struct tor_talk *t, const char *service, struct fault *f)
{
	char command[16 + GWMSG_ONION_ID_LEN];

	if (!gwmsg_is_service(service))
		return fault_set(f, EINVAL, "end an onion service");
	snprintf(command, sizeof(command), "DEL_ONION %s", service);
	return tor_talk_ask(t, command, NULL, NULL, f);
}

int tor_onion_watch(struct tor_talk *t, struct fault *f)
{
	return tor_talk_ask(t, "SETEVENTS HS_DESC", NULL, NULL, f);
}

/* control-spec s4.1.25: Action, address, and behind other words the reason */
bool tor_onion_event(const char *text, struct gwmsg_event *e)
{
	static const struct {
		const char *word, *with;
		enum gwmsg_action action;
	} actions[] = {
		{ "UPLOAD ", "", GWMSG_ACTION_UPLOAD },
		{ "UPLOADED ", "", GWMSG_ACTION_UPLOADED },
		/* what is fetched fails for other reasons */
		{ "FAILED ", " REASON=UPLOAD_REJECTED", GWMSG_ACTION_FAILED },
	};
	const char *rest = after(text, "HS_DESC ");

	for (size_t i = 0; rest && i < ARRAY_SIZE(actions); i++) {
		const char *id = after(rest, actions[i].word);

		if (!id || !strstr(id, actions[i].with))
			continue;
		*e = (struct gwmsg_event){ .action = actions[i].action };
		if (strcspn(id, " ") != GWMSG_ONION_ID_LEN)
			return false;
		memcpy(e->service, id, GWMSG_ONION_ID_LEN);
		return gwmsg_is_service(e->service);
	}
	return false;
}
