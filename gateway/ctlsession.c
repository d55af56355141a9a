/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gateway/ctlsession.c - a conversation on the control port, without a socket
 */
/*
 * DOC: Theory of Operation
 *
 * No line of the client's goes anywhere: ctl_parse() makes a command of it or
 * refuses it, and every answer is composed here, of constants, numbers and
 * what gwmsg_check() has checked. The bytes of a refused line are not repeated.
 *
 * A line is taken only while there is room for the longest answer, and none
 * while the supervisor is asked. So a client that does not read stops being
 * read, and answers keep their order.
 *
 * What ends a conversation, as with tor: QUIT, anything but a login before the
 * login, a line that is too long, and '+', behind which lines come that are
 * data and not commands.
 */
#include "gateway/ctlsession.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/attr.h"
#include "base/radix.h"

#define OK "250 OK\r\n"
#define REFUSED "510 Unrecognized command\r\n"
#define EVENT_MAX 192
#define NO_ANSWER "551 Not available with this tor\r\n"

_Static_assert(CTL_ONIONS_MAX *(GWMSG_ONION_ID_LEN + 2) + 64 <= CTL_ANSWER_MAX,
	       "onions/current fits");

/* control-spec s5.5: what a tor would say there */
static const struct {
	uint32_t percent;
	const char *text;
} phases[] = {
	{ 0, "starting SUMMARY=\"Starting\"" },
	{ 1, "conn_pt SUMMARY=\"Connecting to pluggable transport\"" },
	{ 5, "conn SUMMARY=\"Connecting to a relay\"" },
	{ 14, "handshake SUMMARY=\"Handshaking with a relay\"" },
	{ 30, "loading_status SUMMARY=\"Loading networkstatus consensus\"" },
	{ 40, "loading_keys SUMMARY=\"Loading authority key certs\"" },
	{ 50, "loading_descriptors SUMMARY=\"Loading relay descriptors\"" },
	{ 75, "enough_dirinfo SUMMARY=\"Loaded enough directory info\"" },
	{ 95, "circuit_create SUMMARY=\"Establishing a Tor circuit\"" },
	{ 100, "done SUMMARY=\"Done\"" },
};

void ctlsession_init(struct ctlsession *s, enum gwmsg_level level,
		     const struct ctl_facts *facts)
{
	memset(s, 0, sizeof(*s));
	s->level = level;
	s->facts = facts;
}

static bool has_room(const struct ctlsession *s)
{
	return sizeof(s->out) - s->out_len >= CTL_ANSWER_MAX;
}

/* Within what has_room() keeps free. */
__attribute__((format(printf, 2, 3))) static void say(struct ctlsession *s,
						      const char *format, ...)
{
	size_t room = sizeof(s->out) - s->out_len;
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(s->out + s->out_len, room, format, ap);
	va_end(ap);
	if (n > 0 && (size_t)n < room)
		s->out_len += (size_t)n;
}

uint8_t *ctlsession_room(struct ctlsession *s, size_t *room)
{
	bool wants = !s->eof && !s->closing && !s->waiting && has_room(s);

	*room = wants ? sizeof(s->in) - s->in_len : 0;
	return s->in + s->in_len;
}

static void say_phase(struct ctlsession *s, uint32_t percent)
{
	const char *text = phases[0].text;

	for (size_t i = 0; i < ARRAY_SIZE(phases); i++)
		if (percent >= phases[i].percent)
			text = phases[i].text;
	say(s, "NOTICE BOOTSTRAP PROGRESS=%u TAG=%s", percent, text);
}

static void say_socks(struct ctlsession *s)
{
	const char *space = "";

	for (size_t i = 0; i < ARRAY_SIZE(s->facts->socks); i++) {
		if (s->facts->socks[i] == 0)
			continue;
		say(s, "%s\"127.0.0.1:%u\"", space, s->facts->socks[i]);
		space = " ";
	}
}

static void say_events(struct ctlsession *s)
{
	const char *name;

	for (size_t i = 0; (name = ctl_event_name(s->level, i)); i++)
		say(s, "%s%s", i ? " " : "", name);
}

static void say_value(struct ctlsession *s, enum ctl_key key,
		      const struct gwmsg_state *st)
{
	switch (key) {
	case CTL_KEY_VERSION:
		say(s, CTL_VERSION);
		break;
	case CTL_KEY_CIRCUIT:
		say(s, "%u", st->circuit);
		break;
	case CTL_KEY_ENOUGH_DIR_INFO:
		say(s, "%u", st->enough_dir_info);
		break;
	case CTL_KEY_BOOTSTRAP:
		say_phase(s, st->percent);
		break;
	case CTL_KEY_LIVENESS:
		say(s, "%s", st->live ? "up" : "down");
		break;
	case CTL_KEY_SOCKS:
		say_socks(s);
		break;
	case CTL_KEY_VALID_AFTER:
		say(s, "%s", st->valid_after);
		break;
	case CTL_KEY_FRESH_UNTIL:
		say(s, "%s", st->fresh_until);
		break;
	case CTL_KEY_VALID_UNTIL:
		say(s, "%s", st->valid_until);
		break;
	case CTL_KEY_READ:
		say(s, "%" PRIu64, s->facts->stats->bytes_down);
		break;
	case CTL_KEY_WRITTEN:
		say(s, "%" PRIu64, s->facts->stats->bytes_up);
		break;
	case CTL_KEY_EVENTS:
		say_events(s);
		break;
	case CTL_KEY_ONIONS:
	case CTL_KEY_UNSET:
	default:
		break;
	}
}

/* One a line, as control-spec s3.9 has it where there are several. */
static void say_onions(struct ctlsession *s)
{
	if (s->nonions < 2) {
		say(s, "250-onions/current=%s\r\n",
		    s->nonions ? s->onions[0] : "");
		return;
	}
	say(s, "250+onions/current=\r\n");
	for (size_t i = 0; i < s->nonions; i++)
		say(s, "%s\r\n", s->onions[i]);
	say(s, ".\r\n");
}

static void say_info(struct ctlsession *s, const struct gwmsg_state *st)
{
	for (size_t i = 0; i < s->command.nkeys; i++) {
		enum ctl_key key = s->command.keys[i];

		if (key == CTL_KEY_ONIONS) {
			say_onions(s);
			continue;
		}
		say(s, "250-%s=", ctl_key_name(key));
		say_value(s, key, st);
		say(s, "\r\n");
	}
	say(s, OK);
}

static void end_with(struct ctlsession *s, const char *text)
{
	say(s, "%s", text);
	s->closing = true;
	s->in_len = 0;
}

static bool ask_for(struct ctlsession *s, enum gwmsg_ask_kind kind,
		    struct gwmsg_ask *ask)
{
	memset(ask, 0, sizeof(*ask));
	ask->kind = kind;
	ask->onion = s->command.onion;
	memcpy(ask->service, s->command.service, sizeof(ask->service));
	s->waiting = true;
	return true;
}

static bool get_info(struct ctlsession *s, struct gwmsg_ask *ask)
{
	for (size_t i = 0; i < s->command.nkeys; i++)
		if (ctl_key_is_tors(s->command.keys[i]))
			return ask_for(s, GWMSG_ASK_STATE, ask);
	say_info(s, NULL);
	return false;
}

static size_t find_onion(const struct ctlsession *s, const char *service)
{
	size_t i = 0;

	while (i < s->nonions && strcmp(s->onions[i], service) != 0)
		i++;
	return i;
}

static bool add_onion(struct ctlsession *s, struct gwmsg_ask *ask)
{
	if (s->nonions < CTL_ONIONS_MAX)
		return ask_for(s, GWMSG_ASK_ADD_ONION, ask);
	say(s, "551 Too many onion services\r\n");
	return false;
}

/* Tor would delete anybody's. */
static bool del_onion(struct ctlsession *s, struct gwmsg_ask *ask)
{
	if (find_onion(s, s->command.service) < s->nonions)
		return ask_for(s, GWMSG_ASK_DEL_ONION, ask);
	say(s, "552 Unknown Onion Service id\r\n");
	return false;
}

static void say_protocolinfo(struct ctlsession *s)
{
	say(s, "250-PROTOCOLINFO 1\r\n"
	       "250-AUTH METHODS=NULL\r\n"
	       "250-VERSION Tor=\"" CTL_VERSION "\"\r\n" OK);
}

/* True where the supervisor has to be asked. */
static bool obey(struct ctlsession *s, struct gwmsg_ask *ask)
{
	switch (s->command.verb) {
	case CTL_PROTOCOLINFO:
		say_protocolinfo(s);
		return false;
	case CTL_AUTHENTICATE:
		s->authenticated = true;
		say(s, OK);
		return false;
	case CTL_AUTHCHALLENGE:
		say(s, "513 Cookie authentication is disabled\r\n");
		return false;
	case CTL_QUIT:
		end_with(s, "250 closing connection\r\n");
		return false;
	case CTL_GETINFO:
		return get_info(s, ask);
	case CTL_GETCONF:
		say(s, "250 %s\r\n", s->command.setting);
		return false;
	case CTL_SETEVENTS:
		s->events = s->command.events;
		say(s, OK);
		return false;
	case CTL_SETCONF:
		say(s, OK);
		return false;
	case CTL_NEWNYM:
		return ask_for(s, GWMSG_ASK_NEWNYM, ask);
	case CTL_ADD_ONION:
		return add_onion(s, ask);
	case CTL_DEL_ONION:
		return del_onion(s, ask);
	case CTL_REFUSED:
	default:
		say(s, REFUSED);
		return false;
	}
}

/* One whole line, without its end. */
static bool take_line(struct ctlsession *s, size_t len, struct gwmsg_ask *ask)
{
	bool is_data = len > 0 && s->in[0] == '+';

	ctl_parse(s->level, s->in, len, &s->command);
	if (!s->authenticated && !s->command.before_login) {
		end_with(s, "514 Authentication required.\r\n");
		return false;
	}
	if (is_data) {
		end_with(s, REFUSED);
		return false;
	}
	return obey(s, ask);
}

static void drop_input(struct ctlsession *s, size_t n)
{
	/* in_len is 0 where the conversation ends */
	s->in_len -= n < s->in_len ? n : s->in_len;
	memmove(s->in, s->in + n, s->in_len);
}

bool ctlsession_run(struct ctlsession *s, struct gwmsg_ask *ask)
{
	bool asks = false;

	while (!asks && !s->waiting && !s->closing && has_room(s)) {
		const uint8_t *end = memchr(s->in, '\n', s->in_len);
		size_t size = end ? (size_t)(end - s->in) + 1 : s->in_len, len;

		if (!end && s->in_len < sizeof(s->in))
			break;
		len = end ? size - 1 : size;
		if (end && len > 0 && s->in[len - 1] == '\r')
			len--;
		if (len > CTL_LINE_MAX) {
			end_with(s, s->authenticated
					    ? REFUSED
					    : "514 Authentication required."
					      "\r\n");
			break;
		}
		asks = take_line(s, len, ask);
		drop_input(s, size);
	}
	return asks;
}

/* control-spec s3.27.1; a key that we were given is not told again. */
static void say_added(struct ctlsession *s, const struct gwmsg_answer *a)
{
	bool tell = a->has_key && !s->command.onion.has_key &&
		    !(s->command.onion.flags & GWMSG_ONION_DISCARD_KEY);
	char key[RADIX64_TEXT(GWMSG_ONION_KEY_BYTES)];

	memcpy(s->onions[s->nonions++], a->service, sizeof(s->onions[0]));
	say(s, "250-ServiceID=%s\r\n", a->service);
	if (tell) {
		radix_encode64(a->key, sizeof(a->key), key);
		say(s, "250-PrivateKey=ED25519-V3:%s\r\n", key);
	}
	say(s, OK);
}

static void forget_onion(struct ctlsession *s)
{
	size_t i = find_onion(s, s->command.service);

	if (i == s->nonions)
		return;
	s->nonions--;
	memmove(s->onions[i], s->onions[i + 1],
		(s->nonions - i) * sizeof(s->onions[0]));
}

void ctlsession_answer(struct ctlsession *s, int err,
		       const struct gwmsg_answer *a)
{
	s->waiting = false;
	if (err != 0) {
		say(s, "%s",
		    err == EEXIST ? "550 Onion address collision\r\n"
				  : NO_ANSWER);
		return;
	}
	switch ((enum gwmsg_ask_kind)a->kind) {
	case GWMSG_ASK_STATE:
		say_info(s, &a->state);
		break;
	case GWMSG_ASK_ADD_ONION:
		say_added(s, a);
		break;
	case GWMSG_ASK_DEL_ONION:
		forget_onion(s);
		say(s, OK);
		break;
	case GWMSG_ASK_NEWNYM:
		say(s, OK);
		break;
	case GWMSG_ASK_UNSET:
	case GWMSG_ASK_END:
	case GWMSG_ASKS:
	default:
		break;
	}
}

/* Who does not read misses some: nothing is kept for it. The room of an answer
 * that is waited for stays free. */
static bool may_tell(const struct ctlsession *s, enum ctl_event event)
{
	return s->events & event && !s->closing &&
	       sizeof(s->out) - s->out_len > CTL_ANSWER_MAX + EVENT_MAX;
}

void ctlsession_newnym(struct ctlsession *s)
{
	if (may_tell(s, CTL_EVENT_SIGNAL))
		say(s, "650 SIGNAL NEWNYM\r\n");
}

/*
 * control-spec s4.1.25. Which directories a service's descriptor goes to is
 * everybody's to compute who knows its name, but nobody here needs it: they
 * are one, of a relay that there is not.
 */
void ctlsession_onion(struct ctlsession *s, const struct gwmsg_event *e)
{
	static const char *const actions[] = {
		[GWMSG_ACTION_UPLOAD] = "UPLOAD",
		[GWMSG_ACTION_UPLOADED] = "UPLOADED",
		[GWMSG_ACTION_FAILED] = "FAILED",
	};

	if (!may_tell(s, CTL_EVENT_HS_DESC))
		return;
	say(s,
	    "650 HS_DESC %s %s UNKNOWN "
	    "$0000000000000000000000000000000000000000~isolate%s\r\n",
	    actions[e->action], e->service,
	    e->action == GWMSG_ACTION_FAILED ? " REASON=UPLOAD_REJECTED" : "");
}

/* s4.1.4 */
void ctlsession_bandwidth(struct ctlsession *s, uint64_t read, uint64_t written)
{
	if (may_tell(s, CTL_EVENT_BW))
		say(s, "650 BW %" PRIu64 " %" PRIu64 "\r\n", read, written);
}

void ctlsession_written(struct ctlsession *s, size_t n)
{
	s->out_len -= n;
	memmove(s->out, s->out + n, s->out_len);
}

bool ctlsession_is_over(const struct ctlsession *s)
{
	if (s->waiting || s->out_len > 0)
		return false;
	return s->closing || (s->eof && !memchr(s->in, '\n', s->in_len));
}

bool ctlsession_is_idle(const struct ctlsession *s)
{
	return s->authenticated && !s->closing && s->in_len == 0 &&
	       s->out_len == 0;
}
