/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_circmap.c - what tor tells of circuits, and who is on them */
#include "tor/circmap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tor/country.h"
#include "tor/reply.h"

#define DIR "/run/user/1000/isolate/tor"
#define FP "ABCDEF0123456789ABCDEF0123456789ABCDEF01"
#define PATH_1 "$" FP "~guard,$" FP "~exit"
#define SOCKS(name) " SOCKS_USERNAME=\"<torS0X>0\" SOCKS_PASSWORD=\"" name "\""
#define STREAM_END " CLIENT_PROTOCOL=SOCKS5 NYM_EPOCH=0"

static struct tor_circmap map;

static int setup(void **state)
{
	(void)state;
	tor_circmap_init(&map, DIR);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	tor_circmap_clear(&map);
	return 0;
}

static void event(const char *line)
{
	assert_int_equal(tor_circmap_event(&map, line), 0);
}

/* The answer to GETINFO @key with these lines of text. */
static void answer(const char *key, const char *text)
{
	struct tor_reply r = { .lines = NULL };
	char first[64], *copy = strdup(text), *rest = copy, *line;

	snprintf(first, sizeof(first), "%s=", key);
	tor_reply_add(&r, &(struct tor_line){ TOR_LINE_PLUS, 250, first });
	while ((line = strsep(&rest, "\n")))
		tor_reply_add(&r,
			      &(struct tor_line){ TOR_LINE_DATA, 250, line });
	tor_reply_add(&r, &(struct tor_line){ TOR_LINE_FINISH, 250, "." });
	assert_int_equal(tor_reply_add(&r, &(struct tor_line){ TOR_LINE_END,
							       250, "OK" }),
			 1);
	assert_int_equal(strcmp(key, "circuit-status") == 0
				 ? tor_circmap_status(&map, &r)
				 : tor_circmap_streams(&map, &r),
			 0);
	tor_reply_clear(&r);
	free(copy);
}

static const struct tor_circuit *circuit(uint64_t id)
{
	const struct tor_circuit *c;

	for (c = TAILQ_FIRST(&map.circuits); c; c = TAILQ_NEXT(c, link))
		if (c->id == id)
			return c;
	return NULL;
}

/* "first,second" of the passwords of a circuit, as they came */
static const char *users(uint64_t id)
{
	static char text[512];
	const struct tor_circuit *c = circuit(id);

	assert_non_null(c);
	text[0] = '\0';
	for (size_t i = 0; i < c->nusers; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
			 "%s%s", i ? "," : "", c->users[i].password);
	return text;
}

static bool serves(uint64_t id)
{
	struct tor_circset set;

	assert_true(tor_circmap_set(&map, circuit(id), &set));
	return tor_circmap_serves(&map, &set);
}

static void test_circmap_of_an_answer(void **state)
{
	const struct tor_circuit *c;
	const struct tor_stream *s;

	(void)state;
	answer("circuit-status",
	       "5 BUILT " PATH_1 " BUILD_FLAGS=NEED_CAPACITY PURPOSE=GENERAL "
	       "TIME_CREATED=2026-11-20T17:59:48.123456" SOCKS(
		       "aa") "\n"
			     "6 EXTENDED $" FP "~guard PURPOSE=GENERAL" SOCKS(
				     "bb") "\n"
					   "7 LAUNCHED BUILD_FLAGS=NEED_CAPACITY PURPOSE=GENERAL");
	answer("stream-status", "9 SUCCEEDED 5 203.0.113.9:443\n"
				"10 SENTCONNECT 5 www.test:80");
	c = circuit(5);
	assert_string_equal(c->state, "BUILT");
	assert_string_equal(c->purpose, "GENERAL");
	assert_string_equal(c->path, PATH_1);
	assert_true(c->created_us == 1795197588123456);
	assert_false(c->has_bytes);
	assert_string_equal(users(5), "aa");
	/* it may be given to somebody else when it is finished */
	assert_string_equal(users(6), "");
	assert_string_equal(circuit(7)->path, "");
	assert_true(serves(5));
	assert_false(serves(6));
	s = TAILQ_FIRST(&map.streams);
	assert_int_equal(s->circuit, 5);
	assert_string_equal(s->target, "203.0.113.9:443");
	/* the next answer does not have it */
	answer("circuit-status", "6 BUILT " PATH_1 " PURPOSE=GENERAL");
	assert_true(circuit(5)->gone);
	tor_circmap_tidy(&map);
	assert_null(circuit(5));
	assert_string_equal(circuit(6)->state, "BUILT");
}

/* Credentials of circuit-status that are final, and others. */
static void test_circmap_believes_final_credentials(void **state)
{
	static const struct {
		const char *line;
		const char *users;
	} t[] = {
		{ "1 BUILT " PATH_1 " PURPOSE=GENERAL" SOCKS("a"), "a" },
		{ "1 BUILT " PATH_1 " PURPOSE=CONFLUX_LINKED" SOCKS("a"), "a" },
		{ "1 BUILT " PATH_1 " PURPOSE=HS_CLIENT_REND "
		  "HS_STATE=HSCR_JOINED" SOCKS("a"),
		  "a" },
		{ "1 BUILT " PATH_1 " PURPOSE=HS_CLIENT_REND "
		  "HS_STATE=HSCR_ESTABLISHED_IDLE" SOCKS("a"),
		  "" },
		{ "1 BUILT " PATH_1 " PURPOSE=CONFLUX_UNLINKED" SOCKS("a"),
		  "" },
		{ "1 GUARD_WAIT " PATH_1 " PURPOSE=GENERAL" SOCKS("a"), "" },
		{ "1 BUILT " PATH_1 " PURPOSE=GENERAL SOCKS_USERNAME=\"u\"",
		  "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		answer("circuit-status", t[i].line);
		assert_string_equal(users(1), t[i].users);
		assert_int_equal(circuit(1)->nusers,
				 i == 6 || t[i].users[0] ? 1 : 0);
		tor_circmap_clear(&map);
	}
	/* nor those of an event, up to BUILT */
	event("CIRC 1 BUILT " PATH_1 " PURPOSE=GENERAL" SOCKS("a"));
	assert_string_equal(users(1), "");
}

static void test_circmap_remembers_all_users(void **state)
{
	(void)state;
	event("CIRC 5 BUILT " PATH_1 " PURPOSE=GENERAL");
	event("STREAM 1 NEW 0 www.test:80 SOURCE_ADDR=" DIR
	      "/socks.alpha:0 PURPOSE=USER" SOCKS("aa") STREAM_END);
	assert_false(serves(5));
	event("STREAM 1 SENTCONNECT 5 www.test:80" SOCKS("aa") STREAM_END);
	assert_true(serves(5));
	assert_string_equal(users(5), "aa");
	assert_string_equal(circuit(5)->users[0].port, "alpha");
	/* it knows the name, and it stays known */
	event("STREAM 1 REMAP 5 203.0.113.9:80 SOURCE=EXIT" SOCKS("aa"));
	event("STREAM 1 SUCCEEDED 5 203.0.113.9:80" SOCKS("aa"));
	assert_string_equal(TAILQ_FIRST(&map.streams)->target, "www.test:80");
	/* it leaves; who comes then is a second one */
	event("STREAM 1 DETACHED 5 www.test:80 REASON=END" SOCKS("aa"));
	event("STREAM 1 SENTCONNECT 6 www.test:80" SOCKS("aa") STREAM_END);
	event("STREAM 1 CLOSED 6 www.test:80" SOCKS("aa") STREAM_END);
	tor_circmap_tidy(&map);
	assert_null(TAILQ_FIRST(&map.streams));
	event("STREAM 2 NEW 0 x.test:80 SOURCE_ADDR=" DIR
	      "/socks.beta:0 PURPOSE=USER" SOCKS("aa") STREAM_END);
	event("STREAM 2 SENTCONNECT 5 x.test:80" SOCKS("aa") STREAM_END);
	assert_string_equal(users(5), "aa,aa");
	assert_string_equal(circuit(5)->users[1].port, "beta");
	event("STREAM 3 SENTCONNECT 5 x.test:80" SOCKS("bb") STREAM_END);
	assert_string_equal(users(5), "aa,aa,bb");
	/* without a login, but of a SocksPort; and tor's own */
	event("STREAM 4 SENTCONNECT 6 x.test:80" STREAM_END);
	assert_int_equal(circuit(6)->nusers, 2);
	event("STREAM 5 SENTCONNECT 6 d.test:9001 CLIENT_PROTOCOL=UNKNOWN");
	assert_int_equal(circuit(6)->nusers, 2);
	/* however many there are, it does not grow for ever */
	for (int i = 10; i < 40; i++) {
		char line[256];

		snprintf(line, sizeof(line),
			 "STREAM %d SENTCONNECT 6 x.test:80" SOCKS("%d"), i, i);
		event(line);
	}
	assert_int_equal(circuit(6)->nusers, TOR_CIRCMAP_USERS_MAX);
}

static void test_circmap_takes_sets_for_one(void **state)
{
	struct tor_circset set;

	(void)state;
	event("CIRC 5 BUILT " PATH_1 " PURPOSE=CONFLUX_LINKED CONFLUX_ID=F0");
	event("CIRC 6 BUILT " PATH_1 " PURPOSE=CONFLUX_LINKED CONFLUX_ID=F0");
	event("CIRC 7 BUILT " PATH_1 " PURPOSE=CONFLUX_LINKED CONFLUX_ID=F1");
	event("STREAM 1 SUCCEEDED 6 www.test:80" SOCKS("aa") STREAM_END);
	assert_true(tor_circmap_set(&map, circuit(5), &set));
	assert_int_equal(set.nlegs, 2);
	assert_true(tor_circset_has(&set, 5));
	assert_true(tor_circset_has(&set, 6));
	assert_false(tor_circset_has(&set, 7));
	assert_true(tor_circmap_set(&map, circuit(6), &set));
	assert_int_equal(set.nlegs, 2);
	assert_int_equal(set.legs[0]->id, 5);
	assert_true(tor_circmap_set(&map, circuit(7), &set));
	assert_int_equal(set.nlegs, 1);
	/* a leg is used by who is on the other one */
	assert_true(serves(5));
	assert_false(serves(7));
	/* what it knew goes on with what is left */
	event("CIRC_BW ID=6 READ=500 WRITTEN=100 TIME=2026-11-20T17:59:48");
	event("CIRC 6 CLOSED " PATH_1 " PURPOSE=CONFLUX_LINKED CONFLUX_ID=F0");
	assert_false(tor_circmap_set(&map, circuit(6), &set));
	assert_true(tor_circmap_set(&map, circuit(5), &set));
	assert_int_equal(set.nlegs, 1);
	assert_string_equal(users(5), "aa");
	assert_int_equal(circuit(5)->read, 500);
	assert_int_equal(TAILQ_FIRST(&map.streams)->circuit, 5);
	tor_circmap_tidy(&map);
	assert_null(circuit(6));
	event("CIRC 5 CLOSED " PATH_1);
	assert_true(tor_circmap_set(&map, circuit(5), &set));
	assert_true(set.legs[0]->gone);
}

static void test_circmap_counts_bytes(void **state)
{
	(void)state;
	event("CIRC 5 BUILT " PATH_1);
	event("CIRC_BW ID=5 READ=505 WRITTEN=509 TIME=x DELIVERED_READ=1");
	event("CIRC_BW ID=5 READ=5 WRITTEN=1");
	event("CIRC_BW ID=5 READ=x WRITTEN=1");
	event("CIRC_BW ID=99 READ=5 WRITTEN=1");
	assert_true(circuit(5)->has_bytes);
	assert_int_equal(circuit(5)->read, 510);
	assert_int_equal(circuit(5)->written, 510);
	event("STREAM 1 SUCCEEDED 5 www.test:80");
	event("STREAM_BW 1 70 7000 2026-11-20T17:59:48");
	assert_int_equal(TAILQ_FIRST(&map.streams)->up, 70);
	assert_int_equal(TAILQ_FIRST(&map.streams)->down, 7000);
}

/* tor's answers overtake its events */
static void test_circmap_late_words_make_nothing(void **state)
{
	(void)state;
	event("CIRC 5 CLOSED " PATH_1);
	event("STREAM 1 CLOSED 5 www.test:80" SOCKS("aa") STREAM_END);
	event("STREAM 1 FAILED 5 www.test:80" SOCKS("aa") STREAM_END);
	assert_null(TAILQ_FIRST(&map.circuits));
	assert_null(TAILQ_FIRST(&map.streams));
	/* of a circuit that is not known yet, it is made */
	event("STREAM 1 SENTCONNECT 5 www.test:80" SOCKS("aa") STREAM_END);
	assert_string_equal(users(5), "aa");
	assert_string_equal(circuit(5)->state, "");
	/* its purpose changes, its state does not */
	event("CIRC 5 BUILT " PATH_1 " PURPOSE=GENERAL");
	event("CIRC_MINOR 5 PURPOSE_CHANGED " PATH_1 " PURPOSE=C_MEASURE");
	assert_string_equal(circuit(5)->state, "BUILT");
	assert_string_equal(circuit(5)->purpose, "C_MEASURE");
}

static void test_circmap_ignores_what_is_none(void **state)
{
	static const char *const lines[] = {
		"",
		"CIRC",
		"CIRC x BUILT",
		"CIRC -5 BUILT",
		"CIRC 5",
		"CIRC 99999999999999999999 BUILT",
		"CIRCX 5 BUILT",
		"STREAM 5",
		"STREAM 5 NEW",
		"STREAM 5 NEW x y:1",
		"STREAM 5 NEW 0",
		"STREAM 5 NEW 0 ",
		"CIRC_BW 5 READ=1 WRITTEN=1",
		"STREAM_BW 5",
		" CIRC 5 BUILT",
		"650 CIRC 5 BUILT",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		event(lines[i]);
	assert_null(TAILQ_FIRST(&map.circuits));
	assert_null(TAILQ_FIRST(&map.streams));
}

static void test_circmap_ports_of_our_own_tor_only(void **state)
{
	static const char *const sources[] = {
		"127.0.0.1:9050",      DIR "/socks:0",  DIR "/socks.:0",
		"/tmp/socks.alpha:0",  "socks.alpha:0", DIR "/socks.../x:0",
		DIR "x/socks.alpha:0",
	};
	char line[256];

	(void)state;
	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
		snprintf(line, sizeof(line),
			 "STREAM 1 NEW 0 a.test:1 SOURCE_ADDR=%s PURPOSE=USER",
			 sources[i]);
		event(line);
		assert_string_equal(TAILQ_FIRST(&map.streams)->user.port, "");
	}
}

static void test_circmap_hops(void **state)
{
	const char *path = "$" FP "~guard,$" FP "=old,$" FP ",$short~x";
	char relay[41], nickname[TOR_CIRCMAP_WORD_MAX];

	(void)state;
	assert_true(tor_circmap_hop(&path, relay, nickname));
	assert_string_equal(relay, FP);
	assert_string_equal(nickname, "guard");
	assert_true(tor_circmap_hop(&path, relay, nickname));
	assert_string_equal(nickname, "old");
	assert_true(tor_circmap_hop(&path, relay, nickname));
	assert_string_equal(nickname, "");
	assert_false(tor_circmap_hop(&path, relay, nickname));
	path = "";
	assert_false(tor_circmap_hop(&path, relay, nickname));
}

/* what becomes part of a command is an address and nothing else */
static void test_country_address(void **state)
{
	static const struct {
		const char *line, *address;
	} t[] = {
		{ "r exit AbC dEf 2026-11-20 17:00:00 203.0.113.9 9001 0",
		  "203.0.113.9" },
		{ "r exit AbC dEf 2026-11-20 17:00:00 203.0.113.9",
		  "203.0.113.9" },
		{ "r exit AbC dEf 2026-11-20 17:00:00 203.0.113.9.example 1",
		  NULL },
		{ "r exit AbC dEf 2026-11-20 17:00:00 1.2.3.4/x 9001 0", NULL },
		{ "r exit AbC dEf 2026-11-20", NULL },
		{ "s Exit Fast", NULL },
		{ "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		char address[16] = "";

		assert_int_equal(tor_country_address(t[i].line, address),
				 t[i].address != NULL);
		if (t[i].address)
			assert_string_equal(address, t[i].address);
	}
}

#define WITH_MAP(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_MAP(test_circmap_of_an_answer),
		WITH_MAP(test_circmap_believes_final_credentials),
		WITH_MAP(test_circmap_remembers_all_users),
		WITH_MAP(test_circmap_takes_sets_for_one),
		WITH_MAP(test_circmap_counts_bytes),
		WITH_MAP(test_circmap_late_words_make_nothing),
		WITH_MAP(test_circmap_ignores_what_is_none),
		WITH_MAP(test_circmap_ports_of_our_own_tor_only),
		cmocka_unit_test(test_circmap_hops),
		cmocka_unit_test(test_country_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
