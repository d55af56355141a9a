/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/fuzz/fuzz_control.c - hostile bytes from a control port */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tor/auth.h"
#include "tor/bootstrap.h"
#include "tor/circmap.h"
#include "tor/control.h"
#include "tor/reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* what is quoted is read back as it was */
static void check_quoting(const char *text)
{
	size_t len = strlen(text);
	char *quoted = malloc(4 * len + 8), *back = malloc(len + 1);
	const char *rest = quoted;

	if (!quoted || !back ||
	    tor_control_quote(text, quoted, 4 * len + 8) < 0 ||
	    tor_control_quoted_next(&rest, back, len + 1) != 1 ||
	    strcmp(back, text) != 0)
		abort();
	free(quoted);
	free(back);
}

static void use(const struct tor_line *line, struct tor_bootstrap *b)
{
	const char *rest = line->text;
	char value[64];

	if (tor_control_keyword(line->text, "SUMMARY", value, sizeof(value)) ==
		    1 &&
	    strlen(value) >= sizeof(value))
		abort();
	while (tor_control_quoted_next(&rest, value, sizeof(value)) == 1)
		tor_control_printable(value);
	check_quoting(line->text);
	tor_bootstrap_update(b, line->text);
	if (b->percent < 0 || b->percent > 100)
		abort();
}

/* As an answer and as events; a set has itself in it. */
static void map_circuits(struct tor_circmap *m, const struct tor_reply *r)
{
	const struct tor_circuit *c;
	struct tor_line line;
	size_t at = 0;

	tor_circmap_status(m, r);
	tor_circmap_streams(m, r);
	while (tor_reply_next(r, &at, &line))
		tor_circmap_event(m, line.text);
	for (c = TAILQ_FIRST(&m->circuits); c; c = TAILQ_NEXT(c, link)) {
		char relay[41], nickname[TOR_CIRCMAP_WORD_MAX];
		const char *path = c->path;
		struct tor_circset set;

		if (tor_circmap_set(m, c, &set) &&
		    !tor_circset_has(&set, c->id))
			abort();
		while (tor_circmap_hop(&path, relay, nickname))
			if (strlen(relay) != 40)
				abort();
		if (c->nusers > TOR_CIRCMAP_USERS_MAX)
			abort();
	}
	tor_circmap_tidy(m);
}

static void read_reply(const struct tor_reply *r)
{
	struct tor_auth_challenge ch;
	struct tor_auth_info info = { .methods = 0 };
	struct tor_line line;
	size_t at = 0, size = 0;

	while (tor_reply_next(r, &at, &line)) {
		size += strlen(line.text) + 2;
		if (tor_auth_read_info(&info, &line) == 0)
			tor_auth_choose(&info);
		tor_auth_read_challenge(&ch, &line);
	}
	if (size != r->len)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct tor_bootstrap b = { .percent = 0 };
	struct tor_reply reply = { .lines = NULL };
	struct tor_circmap map;
	struct tor_control *c = calloc(1, sizeof(*c));
	size_t step = len > 0 ? data[0] + 1U : 1;
	int rc = 0;

	if (!c)
		abort();
	tor_circmap_init(&map, "/tor");
	for (size_t at = 0; at < len && rc == 0;) {
		struct tor_line line;
		size_t room, n = len - at < step ? len - at : step;
		char *to = tor_control_room(c, &room);

		if (room == 0)
			abort();
		n = n < room ? n : room;
		memcpy(to, data + at, n);
		tor_control_filled(c, n);
		at += n;
		while ((rc = tor_control_next(c, &line)) == 1) {
			use(&line, &b);
			if (tor_reply_add(&reply, &line) != 1)
				continue;
			read_reply(&reply);
			map_circuits(&map, &reply);
			tor_reply_clear(&reply);
		}
	}
	tor_circmap_clear(&map);
	tor_reply_clear(&reply);
	free(c);
	return 0;
}
