/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/fuzz/fuzz_ctlport.c - any bytes on the control port */
/*
 * The first byte chooses the level, how the bytes are cut and what the
 * supervisor says. Every question must be a message, every answer made of
 * lines of tor's form, and what is said must not depend on the cuts.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/ctlsession.h"

#define SAID_MAX ((size_t)1 << 22)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void require(int what)
{
	if (!what)
		abort();
}

struct said {
	char *bytes;
	size_t len;
};

static void answer(struct ctlsession *s, const struct gwmsg_ask *ask, int err)
{
	struct gwmsg m = { .type = GWMSG_ASK, .ask = *ask };
	struct gwmsg_answer a = {
		.kind = ask->kind,
		.service = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
			   "aaaaaaaaaaaaaaaaaaaaaaaa",
		.has_key = 1,
		.state = { .percent = 50 },
	};

	require(gwmsg_check(&m, gwmsg_size(GWMSG_ASK), 0) == 0);
	require(ask->kind != GWMSG_ASK_END);
	require(s->authenticated);
	require(s->level == GWMSG_LEVEL_ONION_SERVICE ||
		(ask->kind != GWMSG_ASK_ADD_ONION &&
		 ask->kind != GWMSG_ASK_DEL_ONION));
	require(s->level >= GWMSG_LEVEL_BROWSER ||
		ask->kind == GWMSG_ASK_STATE);
	ctlsession_answer(s, err, &a);
}

static void take_out(struct ctlsession *s, struct said *said)
{
	require(s->out_len <= sizeof(s->out));
	require(said->len + s->out_len <= SAID_MAX);
	memcpy(said->bytes + said->len, s->out, s->out_len);
	said->len += s->out_len;
	ctlsession_written(s, s->out_len);
}

static void tell_events(struct ctlsession *s)
{
	const struct gwmsg_event e = {
		.action = GWMSG_ACTION_FAILED,
		.service = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
			   "aaaaaaaaaaaaaaaaaaaaaaaa",
	};
	size_t before = s->out_len;

	ctlsession_onion(s, &e);
	ctlsession_bandwidth(s, UINT64_MAX, 0);
	ctlsession_newnym(s);
	require(s->events != 0 || s->out_len == before);
}

static void talk(uint8_t how, size_t cut, const uint8_t *data, size_t len,
		 struct said *said)
{
	static const struct gwmsg_stats stats;
	static const struct ctl_facts facts = { { 9050, 9150 }, &stats };
	struct ctlsession s;
	struct gwmsg_ask ask;
	size_t room, before;
	uint8_t *to;

	ctlsession_init(&s, 1 + how % 3, &facts);
	s.authenticated = how & 0x80;
	for (;;) {
		to = ctlsession_room(&s, &room);
		if (room == 0 || len == 0)
			break;
		room = room < cut ? room : cut;
		room = room < len ? room : len;
		memcpy(to, data, room);
		s.in_len += room;
		data += room;
		len -= room;
		do {
			before = s.in_len;
			if (ctlsession_run(&s, &ask))
				answer(&s, &ask, how & 0x40 ? ENOENT : 0);
			require(s.in_len <= sizeof(s.in) && !s.waiting);
			take_out(&s, said);
		} while (s.in_len < before);
	}
	/* at the end only: what is said may not depend on the cuts */
	tell_events(&s);
	take_out(&s, said);
	/* it stopped reading for good, or read it all */
	require(len == 0 || s.closing);
}

/* Printable lines that begin as tor's do; onions/current has others. */
static void check_said(const struct said *said)
{
	size_t start = 0;

	for (size_t i = 0; i < said->len; i++) {
		char c = said->bytes[i];

		require((c >= ' ' && c <= '~') || c == '\r' || c == '\n');
		if (c != '\n')
			continue;
		require(i > start && said->bytes[i - 1] == '\r');
		require(memchr("256a.", said->bytes[start], 5) != NULL);
		start = i + 1;
	}
	require(start == said->len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct said whole = { malloc(SAID_MAX), 0 };
	struct said pieces = { malloc(SAID_MAX), 0 };

	require(whole.bytes && pieces.bytes);
	if (len > 16384)
		len = 16384;
	if (len > 0) {
		talk(data[0], SIZE_MAX, data + 1, len - 1, &whole);
		talk(data[0], 1 + (data[0] >> 2 & 15), data + 1, len - 1,
		     &pieces);
		check_said(&whole);
		require(whole.len == pieces.len &&
			memcmp(whole.bytes, pieces.bytes, whole.len) == 0);
	}
	free(whole.bytes);
	free(pieces.bytes);
	return 0;
}
