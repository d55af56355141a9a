/* SPDX-License-Identifier: GPL-3.0-or-later */
/* profiles/keys.c - the table of profile keys */
#include "profiles/keys.h"

#include <string.h>

#include "profiles/profile.h"

static const struct profile_key keys[PROFILE_NKEYS] = {
#define PROFILE_KEY(field_, name_, type_, dflt_, merge_, help_)                \
	[PROFILE_KEY_##field_] = {                                             \
		.name = (name_),                                               \
		.type = PROFILE_TYPE_##type_,                                  \
		.merge = PROFILE_MERGE_##merge_,                               \
		.default_text = (dflt_),                                       \
		.help = (help_),                                               \
		.offset = offsetof(struct profile, field_),                    \
	},
#include "profiles/keys.def"
#undef PROFILE_KEY
};

static const char *const network_words[] = { "transparent", "socks", "none",
					     NULL };
static const char *const dns_words[] = { "names", "resolve", NULL };
static const char *const control_words[] = { "none", "minimal", "browser",
					     "onion-service", NULL };
static const char *const log_words[] = { "none", "destinations", NULL };
static const char *const onion_key_words[] = { "keep", "discard", NULL };
static const char *const bool_words[] = { "yes", "no", NULL };
static const char *const isolate_words[] = { "app", "destination", "port",
					     "connection", NULL };
static const char *const family_words[] = { "unix", "inet", "inet6", "netlink",
					    NULL };

static const struct {
	const char *text;
	const char *const *words;
} types[] = {
	[PROFILE_TYPE_UNSET] = { "", NULL },
	[PROFILE_TYPE_TEXT] = { "text", NULL },
	[PROFILE_TYPE_NETWORK] = { "transparent, socks or none",
				   network_words },
	[PROFILE_TYPE_DNS] = { "names or resolve", dns_words },
	[PROFILE_TYPE_TOR] = { "auto, embedded, own, unix:/PATH or ADDRESS:PORT",
			       NULL },
	[PROFILE_TYPE_NAME] = { "a name", NULL },
	[PROFILE_TYPE_BOOL] = { "yes or no", bool_words },
	[PROFILE_TYPE_ISOLATE_BY] = { "app, destination, port, connection",
				      isolate_words },
	[PROFILE_TYPE_PORTS] = { "ports and ranges, all, or none", NULL },
	[PROFILE_TYPE_DESTINATIONS] = { "HOST or HOST:PORTS", NULL },
	[PROFILE_TYPE_CONTROL] = { "none, minimal, browser or onion-service",
				   control_words },
	[PROFILE_TYPE_LOG] = { "none or destinations", log_words },
	[PROFILE_TYPE_ONIONS] = { "PORT or PORT:PORT", NULL },
	[PROFILE_TYPE_ONION_KEY] = { "keep or discard", onion_key_words },
	[PROFILE_TYPE_WORDS] = { "names", NULL },
	[PROFILE_TYPE_FAMILIES] = { "unix, inet, inet6, netlink",
				    family_words },
	[PROFILE_TYPE_MOUNTS] = { "SRC or SRC:DST", NULL },
	[PROFILE_TYPE_ENV] = { "NAME=VALUE", NULL },
	[PROFILE_TYPE_ENV_NAMES] = { "NAMEs", NULL },
	[PROFILE_TYPE_SIZE] = { "bytes, with K, M or G", NULL },
	[PROFILE_TYPE_LIMIT] = { "a number, 0 for no limit", NULL },
	[PROFILE_TYPE_COUNT] = { "a number from 1", NULL },
};

const struct profile_key *profile_keys(size_t *n)
{
	if (n)
		*n = PROFILE_NKEYS;
	return keys;
}

const struct profile_key *profile_key_find(const char *name)
{
	for (size_t i = 0; i < PROFILE_NKEYS; i++)
		if (strcmp(keys[i].name, name) == 0)
			return &keys[i];
	return NULL;
}

const char *const *profile_key_values(enum profile_type type)
{
	return types[type].words;
}

const char *profile_type_text(enum profile_type type)
{
	return types[type].text;
}
