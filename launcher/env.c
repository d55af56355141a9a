/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/env.c - the environment of the application (pure) */
#include "launcher/env.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

#include "base/alloc.h"
#include "launcher/facade.h"
#include "launcher/ports.h"

/* No locale but C.UTF-8 is on every machine, and it must tell nothing. */
static const char *const fixed[] = {
	"HOME=" FACADE_HOME,
	"USER=" FACADE_USER,
	"LOGNAME=" FACADE_USER,
	"SHELL=/bin/bash",
	"PATH=/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games",
	"LANG=C.UTF-8",
	"TZ=UTC",
	"HOSTNAME=" FACADE_HOSTNAME,
	"XDG_RUNTIME_DIR=/run/user/1000",
};

#define SOCKS_URL "socks5h://" FACADE_GATEWAY ":9050"
#define HTTP_URL "http://" FACADE_GATEWAY ":9190"

/* Where the gateway is, for programs that ask. */
struct hint {
	uint16_t port; /* told where this one is open; 0: always */
	const char *text;
};

/*
 * In socks mode alone: elsewhere a program that is told of none does better,
 * and one that follows half of them does worse.
 *
 * curl refuses .onion names without socks5h; wget knows no SOCKS, but asks
 * an HTTP proxy with CONNECT for https. Both spellings are in use.
 */
static const struct hint proxies[] = {
	{ FACADE_SOCKS_PORT, "ALL_PROXY=" SOCKS_URL },
	{ FACADE_SOCKS_PORT, "all_proxy=" SOCKS_URL },
	{ FACADE_HTTP_PORT, "HTTPS_PROXY=" HTTP_URL },
	{ FACADE_HTTP_PORT, "https_proxy=" HTTP_URL },
	{ 0, "NO_PROXY=localhost,127.0.0.1" },
	{ 0, "no_proxy=localhost,127.0.0.1" },
};

static const struct hint tor[] = {
	/* Tor Browser and others that would start a tor of their own */
	{ 0, "TOR_SKIP_LAUNCH=1" },
	{ FACADE_SOCKS_PORT, "TOR_SOCKS_HOST=" FACADE_GATEWAY },
	{ FACADE_SOCKS_PORT, "TOR_SOCKS_PORT=9050" },
};

/* Tor Browser and Ricochet ask these; any password is right, but without one
 * they look for a cookie's file. As a Whonix-Workstation has it: quoted. */
static const struct hint control[] = {
	{ 0, "TOR_CONTROL_HOST=" FACADE_GATEWAY },
	{ 0, "TOR_CONTROL_PORT=9051" },
	{ 0, "TOR_CONTROL_PASSWD=\"password\"" },
};

#define ONION "ISOLATE_ONION="
/* until the name is known */
#define ONION_NAME "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

_Static_assert(sizeof(ONION_NAME) == GWMSG_ONION_ID_LEN + 1, "a name fits in");

/* Replaces NAME=... or appends. */
static void put(struct strv *env, const char *assignment)
{
	size_t name = strcspn(assignment, "=") + 1;

	for (size_t i = 0; i < env->n; i++) {
		if (strncmp(env->v[i], assignment, name) != 0)
			continue;
		free(env->v[i]);
		env->v[i] = xstrdup(assignment);
		return;
	}
	strv_add(env, assignment);
}

static bool looks_like_terminal(const char *s)
{
	size_t n = strlen(s);

	if (n == 0 || n > 32)
		return false;
	for (; *s; s++)
		if (!isalnum((unsigned char)*s) && !strchr("-+._", *s))
			return false;
	return true;
}

static void put_terminal(struct strv *env, const char *name, const char *value)
{
	autofree char *s = NULL;

	if (!value || !looks_like_terminal(value))
		return;
	s = xasprintf("%s=%s", name, value);
	put(env, s);
}

/* "NAME=VALUE" of the host, or NULL. */
static const char *host_value(char *const *environ_, const char *name)
{
	size_t n = strlen(name);

	for (; environ_ && *environ_; environ_++)
		if (strncmp(*environ_, name, n) == 0 && (*environ_)[n] == '=')
			return *environ_;
	return NULL;
}

static void put_hints(struct strv *env, const struct hint *hints, size_t n,
		      const char *socks_ports)
{
	for (size_t i = 0; i < n; i++)
		if (!hints[i].port || ports_is_open(socks_ports, hints[i].port))
			put(env, hints[i].text);
}

void env_make(struct strv *env, const struct profile *profile,
	      const struct plan_host *host)
{
	bool socks = profile->network == PROFILE_NETWORK_SOCKS;
	bool network = profile->network != PROFILE_NETWORK_NONE;

	for (size_t i = 0; i < ARRAY_SIZE(fixed); i++)
		put(env, fixed[i]);
	put_terminal(env, "TERM", host->term);
	put_terminal(env, "COLORTERM", host->colorterm);
	if (socks)
		put_hints(env, proxies, ARRAY_SIZE(proxies),
			  profile->socks_ports);
	if (network)
		put_hints(env, tor, ARRAY_SIZE(tor), profile->socks_ports);
	if (network && profile->control != PROFILE_CONTROL_NONE)
		put_hints(env, control, ARRAY_SIZE(control),
			  profile->socks_ports);
	for (size_t i = 0; i < profile->env_keep.n; i++) {
		const char *kept =
			host_value(host->environ, profile->env_keep.v[i]);

		if (kept)
			put(env, kept);
	}
	for (size_t i = 0; i < profile->env.n; i++)
		put(env, profile->env.v[i]);
	if (network && profile->onion.n > 0)
		put(env, ONION ONION_NAME ".onion");
}

char *env_onion(const struct strv *env)
{
	for (size_t i = 0; i < env->n; i++)
		if (strcmp(env->v[i], ONION ONION_NAME ".onion") == 0)
			return env->v[i] + strlen(ONION);
	return NULL;
}
