/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gateway/ctlgrammar.c - one line of tor's control protocol, typed (pure) */
#include "gateway/ctlgrammar.h"

#include <string.h>

#include "gateway/ctlonion.h"
#include "gateway/ctltext.h"

#define MINIMAL GWMSG_LEVEL_MINIMAL
#define BROWSER GWMSG_LEVEL_BROWSER
#define ONION GWMSG_LEVEL_ONION_SERVICE

/* A word that an argument may be, and from which level on. */
struct word {
	const char *name;
	enum gwmsg_level least;
	uint32_t value;
	bool tors; /* keys: see ctl_key_is_tors() */
};

/* control-spec s3.9; tor compares the case of these */
static const struct word keys[] = {
	{ "version", MINIMAL, CTL_KEY_VERSION, false },
	{ "status/circuit-established", MINIMAL, CTL_KEY_CIRCUIT, true },
	{ "status/enough-dir-info", MINIMAL, CTL_KEY_ENOUGH_DIR_INFO, true },
	{ "status/bootstrap-phase", MINIMAL, CTL_KEY_BOOTSTRAP, true },
	{ "network-liveness", MINIMAL, CTL_KEY_LIVENESS, true },
	{ "net/listeners/socks", MINIMAL, CTL_KEY_SOCKS, false },
	/* for sdwdate and the like */
	{ "consensus/valid-after", BROWSER, CTL_KEY_VALID_AFTER, true },
	{ "consensus/fresh-until", BROWSER, CTL_KEY_FRESH_UNTIL, true },
	{ "consensus/valid-until", BROWSER, CTL_KEY_VALID_UNTIL, true },
	/* of this sandbox: the gateway counts itself */
	{ "traffic/read", BROWSER, CTL_KEY_READ, false },
	{ "traffic/written", BROWSER, CTL_KEY_WRITTEN, false },
	/* nyx writes no log without it */
	{ "events/names", BROWSER, CTL_KEY_EVENTS, false },
	{ "onions/current", ONION, CTL_KEY_ONIONS, false },
};

/* The only question with several keys, in this order: Ricochet's. */
static const enum ctl_key together[CTL_KEYS_MAX] = {
	CTL_KEY_CIRCUIT,
	CTL_KEY_BOOTSTRAP,
	CTL_KEY_SOCKS,
};

/* What GETCONF answers: fixed, for nothing can be set here. */
struct setting {
	const char *name;
	enum gwmsg_level least;
	const char *line;
};

static const struct setting settings[] = {
	/* stem asks it whenever it has logged in */
	{ "__OwningControllerProcess", MINIMAL, "__OwningControllerProcess" },
	{ "DisableNetwork", MINIMAL, "DisableNetwork=0" },
	{ "HiddenServiceSingleHopMode", ONION, "HiddenServiceSingleHopMode=0" },
	{ "HiddenServiceNonAnonymousMode", ONION,
	  "HiddenServiceNonAnonymousMode=0" },
};

/*
 * Those that are sent tell of this sandbox only: what the gateway itself knows
 * or does, and its own onion services. The others clients want to have
 * accepted, as a Whonix-Gateway does, and get along without ever seeing one:
 * tor's tell of everybody's circuits, the guard first of all.
 */
static const struct word events[] = {
	{ "SIGNAL", MINIMAL, CTL_EVENT_SIGNAL, false },
	{ "CONF_CHANGED", MINIMAL, 0, false },
	{ "STATUS_CLIENT", MINIMAL, 0, false },
	{ "STATUS_GENERAL", MINIMAL, 0, false },
	{ "STATUS_SERVER", MINIMAL, 0, false },
	{ "NETWORK_LIVENESS", MINIMAL, 0, false },
	{ "NOTICE", BROWSER, 0, false },
	{ "WARN", BROWSER, 0, false },
	{ "ERR", BROWSER, 0, false },
	{ "BW", BROWSER, CTL_EVENT_BW, false },
	{ "CIRC", BROWSER, 0, false },
	{ "STREAM", BROWSER, 0, false },
	/* nyx, which does not start without it */
	{ "NEWCONSENSUS", BROWSER, 0, false },
	{ "INFO", ONION, 0, false },
	{ "ORCONN", ONION, 0, false },
	{ "HS_DESC", ONION, CTL_EVENT_HS_DESC, false },
	{ "HS_DESC_CONTENT", ONION, 0, false },
};

static const struct word signals[] = {
	{ "NEWNYM", BROWSER, CTL_NEWNYM, false },
};

static const struct word *find(const struct word *words, size_t n,
			       enum gwmsg_level level, struct ctl_text w,
			       bool (*is)(struct ctl_text, const char *))
{
	for (size_t i = 0; i < n; i++)
		if (level >= words[i].least && is(w, words[i].name))
			return &words[i];
	return NULL;
}

static bool parse_nothing(enum gwmsg_level level, struct ctl_text args,
			  struct ctl_command *c)
{
	(void)level;
	(void)c;
	return args.len == 0;
}

/* control-spec s3.21; only version 1 was ever asked for */
static bool parse_protocolinfo(enum gwmsg_level level, struct ctl_text args,
			       struct ctl_command *c)
{
	(void)level;
	(void)c;
	return args.len == 0 || ctl_text_is(args, "1");
}

/* s2.1: a QuotedString, and nothing behind it */
static bool is_quoted(struct ctl_text t)
{
	size_t i = 1;

	if (t.len < 2 || t.p[0] != '"')
		return false;
	while (i < t.len && t.p[i] != '"')
		i += t.p[i] == '\\' ? 2 : 1;
	return i == t.len - 1;
}

/* Whatever the password is, it is right: there is none. */
static bool parse_authenticate(enum gwmsg_level level, struct ctl_text args,
			       struct ctl_command *c)
{
	(void)level;
	(void)c;
	return args.len == 0 || is_quoted(args) ||
	       (args.len % 2 == 0 && ctl_text_is_hex(args));
}

/* s3.24; answered with a refusal of its own, for no cookie is offered */
static bool parse_authchallenge(enum gwmsg_level level, struct ctl_text args,
				struct ctl_command *c)
{
	struct ctl_text kind;

	(void)level;
	(void)c;
	return ctl_text_word(&args, &kind) &&
	       ctl_text_is_any_case(kind, "SAFECOOKIE") && args.len > 0 &&
	       (is_quoted(args) ||
		(args.len % 2 == 0 && ctl_text_is_hex(args)));
}

static bool parse_getinfo(enum gwmsg_level level, struct ctl_text args,
			  struct ctl_command *c)
{
	while (args.len > 0) {
		const struct word *key;
		struct ctl_text w;

		if (c->nkeys == CTL_KEYS_MAX || !ctl_text_word(&args, &w))
			return false;
		key = find(keys, ARRAY_SIZE(keys), level, w, ctl_text_is);
		if (!key)
			return false;
		c->keys[c->nkeys++] = (enum ctl_key)key->value;
	}
	return c->nkeys == 1 ||
	       (c->nkeys == ARRAY_SIZE(together) &&
		memcmp(c->keys, together, sizeof(together)) == 0);
}

static bool parse_getconf(enum gwmsg_level level, struct ctl_text args,
			  struct ctl_command *c)
{
	for (size_t i = 0; i < ARRAY_SIZE(settings); i++)
		if (level >= settings[i].least &&
		    ctl_text_is_any_case(args, settings[i].name))
			c->setting = settings[i].line;
	return c->setting != NULL;
}

/* What clients do that expect to have started tor themselves. */
static bool parse_setconf(enum gwmsg_level level, struct ctl_text args,
			  struct ctl_command *c)
{
	(void)level;
	(void)c;
	return ctl_text_is_any_case(args, "DisableNetwork=0") ||
	       ctl_text_is_any_case(args, "DisableNetwork=\"0\"");
}

/* All or none, as tor does; none: no events from now on. */
static bool parse_setevents(enum gwmsg_level level, struct ctl_text args,
			    struct ctl_command *c)
{
	while (args.len > 0) {
		const struct word *event;
		struct ctl_text w;

		if (!ctl_text_word(&args, &w))
			return false;
		event = find(events, ARRAY_SIZE(events), level, w,
			     ctl_text_is_any_case);
		if (!event)
			return false;
		c->events |= event->value;
	}
	return true;
}

static bool parse_signal(enum gwmsg_level level, struct ctl_text args,
			 struct ctl_command *c)
{
	const struct word *s = find(signals, ARRAY_SIZE(signals), level, args,
				    ctl_text_is_any_case);

	if (s)
		c->verb = (enum ctl_verb)s->value;
	return s != NULL;
}

static bool parse_add_onion(enum gwmsg_level level, struct ctl_text args,
			    struct ctl_command *c)
{
	(void)level;
	return ctl_onion_parse(args, &c->onion);
}

static bool parse_del_onion(enum gwmsg_level level, struct ctl_text args,
			    struct ctl_command *c)
{
	(void)level;
	if (args.len != GWMSG_ONION_ID_LEN)
		return false;
	memcpy(c->service, args.p, args.len);
	return gwmsg_is_service(c->service);
}

struct command {
	const char *keyword;
	enum ctl_verb verb;
	enum gwmsg_level least;
	bool before_login;
	/* all that follows the keyword and its space */
	bool (*parse)(enum gwmsg_level level, struct ctl_text args,
		      struct ctl_command *c);
};

static const struct command commands[] = {
	{ "PROTOCOLINFO", CTL_PROTOCOLINFO, MINIMAL, true, parse_protocolinfo },
	{ "AUTHENTICATE", CTL_AUTHENTICATE, MINIMAL, true, parse_authenticate },
	{ "AUTHCHALLENGE", CTL_AUTHCHALLENGE, MINIMAL, true,
	  parse_authchallenge },
	{ "QUIT", CTL_QUIT, MINIMAL, true, parse_nothing },
	{ "GETINFO", CTL_GETINFO, MINIMAL, false, parse_getinfo },
	{ "GETCONF", CTL_GETCONF, MINIMAL, false, parse_getconf },
	{ "SETCONF", CTL_SETCONF, BROWSER, false, parse_setconf },
	{ "SETEVENTS", CTL_SETEVENTS, MINIMAL, false, parse_setevents },
	{ "SIGNAL", CTL_NEWNYM, BROWSER, false, parse_signal },
	{ "ADD_ONION", CTL_ADD_ONION, ONION, false, parse_add_onion },
	{ "DEL_ONION", CTL_DEL_ONION, ONION, false, parse_del_onion },
};

static const struct command *find_command(enum gwmsg_level level,
					  struct ctl_text keyword)
{
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (level >= commands[i].least &&
		    ctl_text_is_any_case(keyword, commands[i].keyword))
			return &commands[i];
	return NULL;
}

void ctl_parse(enum gwmsg_level level, const uint8_t *line, size_t len,
	       struct ctl_command *c)
{
	struct ctl_text rest = { .p = (const char *)line, .len = len };
	const struct command *command;
	struct ctl_text keyword;

	memset(c, 0, sizeof(*c));
	if (len > CTL_LINE_MAX || !ctl_text_is_printable(rest))
		return;
	/* stem and lnd end lines with one */
	if (rest.len > 0 && rest.p[rest.len - 1] == ' ')
		rest.len--;
	if (!ctl_text_word(&rest, &keyword))
		return;
	command = find_command(level, keyword);
	if (!command)
		return;
	c->verb = command->verb;
	c->before_login = command->before_login;
	if (!command->parse(level, rest, c))
		memset(c, 0, sizeof(*c));
}

static const struct word *find_key(enum ctl_key key)
{
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (keys[i].value == (uint32_t)key)
			return &keys[i];
	return NULL;
}

const char *ctl_key_name(enum ctl_key key)
{
	const struct word *w = find_key(key);

	return w ? w->name : "";
}

bool ctl_key_is_tors(enum ctl_key key)
{
	const struct word *w = find_key(key);

	return w && w->tors;
}

const char *ctl_event_name(enum gwmsg_level level, size_t i)
{
	for (size_t k = 0; k < ARRAY_SIZE(events); k++)
		if (level >= events[k].least && i-- == 0)
			return events[k].name;
	return NULL;
}
