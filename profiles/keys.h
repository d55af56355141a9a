/* SPDX-License-Identifier: GPL-3.0-or-later */
/* profiles/keys.h - the table of profile keys, and their C types */
#ifndef PROFILES_KEYS_H
#define PROFILES_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/strv.h"

enum profile_network {
	PROFILE_NETWORK_UNSET = 0,
	PROFILE_NETWORK_TRANSPARENT,
	PROFILE_NETWORK_SOCKS,
	PROFILE_NETWORK_NONE,
};

/* In the order of GWMSG_DNS_... */
enum profile_dns {
	PROFILE_DNS_UNSET = 0,
	PROFILE_DNS_NAMES,
	PROFILE_DNS_RESOLVE,
};

enum profile_control {
	PROFILE_CONTROL_UNSET = 0,
	PROFILE_CONTROL_NONE,
	/* in the order of GWMSG_LEVEL_... */
	PROFILE_CONTROL_MINIMAL,
	PROFILE_CONTROL_BROWSER,
	PROFILE_CONTROL_ONION_SERVICE,
};

enum profile_log {
	PROFILE_LOG_UNSET = 0,
	PROFILE_LOG_NONE,
	PROFILE_LOG_DESTINATIONS, /* those that were refused */
};

enum profile_onion_key {
	PROFILE_ONION_KEY_UNSET = 0,
	PROFILE_ONION_KEY_KEEP,
	PROFILE_ONION_KEY_DISCARD,
};

/* Bits of isolate-by; "app" is no bit, every launch is separate anyway. */
enum profile_isolate_by {
	PROFILE_BY_DESTINATION = 1 << 0,
	PROFILE_BY_PORT = 1 << 1,
	PROFILE_BY_CONNECTION = 1 << 2,
};

enum profile_type {
	PROFILE_TYPE_UNSET = 0,
	PROFILE_TYPE_TEXT,       /* any text */
	PROFILE_TYPE_NETWORK,    /* a name of enum profile_network */
	PROFILE_TYPE_DNS,        /* a name of enum profile_dns */
	PROFILE_TYPE_TOR,        /* auto, embedded, own, unix:/PATH, IP:PORT */
	PROFILE_TYPE_NAME,       /* an identity's name */
	PROFILE_TYPE_BOOL,       /* yes or no */
	PROFILE_TYPE_ISOLATE_BY, /* names of enum profile_isolate_by */
	PROFILE_TYPE_PORTS,      /* ports and ranges, all, or none */
	PROFILE_TYPE_DESTINATIONS, /* patterns, separated by white space */
	PROFILE_TYPE_CONTROL,      /* a name of enum profile_control */
	PROFILE_TYPE_LOG,          /* a name of enum profile_log */
	PROFILE_TYPE_ONIONS,       /* PORT[:PORT], separated by white space */
	PROFILE_TYPE_ONION_KEY,    /* a name of enum profile_onion_key */
	PROFILE_TYPE_WORDS,        /* names, separated by white space */
	PROFILE_TYPE_FAMILIES,     /* names of socket families */
	PROFILE_TYPE_MOUNTS,       /* SRC[:DST], one a line */
	PROFILE_TYPE_ENV,          /* NAME=VALUE, one a line */
	PROFILE_TYPE_ENV_NAMES,    /* NAMEs, separated by white space */
	PROFILE_TYPE_SIZE,         /* bytes, with K, M or G */
	PROFILE_TYPE_LIMIT,        /* 0 (none) and up */
	PROFILE_TYPE_COUNT,        /* 1 and up */
};

/* Strings are never NULL: "" is not set. Lists hold one string an item. */
#define PROFILE_C_TEXT char *
#define PROFILE_C_NETWORK enum profile_network
#define PROFILE_C_DNS enum profile_dns
#define PROFILE_C_TOR char *
#define PROFILE_C_NAME char *
#define PROFILE_C_BOOL bool
#define PROFILE_C_ISOLATE_BY unsigned int
#define PROFILE_C_PORTS char *
#define PROFILE_C_DESTINATIONS struct strv
#define PROFILE_C_CONTROL enum profile_control
#define PROFILE_C_LOG enum profile_log
#define PROFILE_C_ONIONS struct strv
#define PROFILE_C_ONION_KEY enum profile_onion_key
#define PROFILE_C_WORDS struct strv
#define PROFILE_C_FAMILIES struct strv
#define PROFILE_C_MOUNTS struct strv
#define PROFILE_C_ENV struct strv
#define PROFILE_C_ENV_NAMES struct strv
#define PROFILE_C_SIZE uint64_t
#define PROFILE_C_LIMIT unsigned int
#define PROFILE_C_COUNT unsigned int

enum profile_merge {
	PROFILE_MERGE_UNSET = 0,
	PROFILE_MERGE_REPLACE, /* the last value holds */
	PROFILE_MERGE_APPEND,  /* items add up; an empty value starts anew */
};

struct profile_key {
	const char *name;
	enum profile_type type;
	enum profile_merge merge;
	const char *default_text; /* as one would write it, "" for none */
	const char *help;         /* one line, no full stop */
	size_t offset;            /* of the field in struct profile */
};

/* Index of each key in the table: PROFILE_KEY_<field>. */
enum profile_key_index {
#define PROFILE_KEY(field, name, type, dflt, merge, help) PROFILE_KEY_##field,
#include "profiles/keys.def"
#undef PROFILE_KEY
	PROFILE_NKEYS,
};

/**
 * profile_keys() - the table of all keys, in the order of keys.def
 * @n: if not NULL, set to their number (PROFILE_NKEYS)
 */
const struct profile_key *profile_keys(size_t *n);

/**
 * profile_key_find() - look a key up by its name
 *
 * Return: its row, or NULL.
 */
const struct profile_key *profile_key_find(const char *name);

/**
 * profile_key_values() - the words a key's value is made of
 * @type: e.g. PROFILE_TYPE_NETWORK
 *
 * Return: NULL-terminated, for completions and hints; NULL where the value is
 * free.
 */
const char *const *profile_key_values(enum profile_type type);

/**
 * profile_type_text() - how a value of this type is written
 *
 * Return: e.g. "yes or no"; for --help and messages.
 */
const char *profile_type_text(enum profile_type type);

#endif
