/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_ctlsession.c - what the control port answers */
#include "gateway/ctlsession.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/attr.h"

#define A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define OK "250 OK\r\n"
#define NO "510 Unrecognized command\r\n"
#define LOGIN "514 Authentication required.\r\n"
#define NOT_HERE "551 Not available with this tor\r\n"

static const struct gwmsg_stats stats = { .bytes_up = 7, .bytes_down = 1000 };
static const struct ctl_facts facts = { { 9050, 9150 }, &stats };
static struct ctlsession s;
static struct gwmsg_ask ask;

static bool feed(const void *bytes, size_t len)
{
	size_t room;
	uint8_t *to = ctlsession_room(&s, &room);

	assert_true(len <= room);
	memcpy(to, bytes, len);
	s.in_len += len;
	return ctlsession_run(&s, &ask);
}

static void expect(const char *text)
{
	assert_int_equal(s.out_len, strlen(text));
	assert_memory_equal(s.out, text, s.out_len);
	ctlsession_written(&s, s.out_len);
}

static void says(const char *line, const char *answer)
{
	assert_false(feed(line, strlen(line)));
	expect(answer);
}

static void asks(const char *line, enum gwmsg_ask_kind kind)
{
	struct gwmsg m = { .type = GWMSG_ASK };

	assert_true(feed(line, strlen(line)));
	assert_int_equal(ask.kind, kind);
	expect("");
	m.ask = ask;
	assert_int_equal(gwmsg_check(&m, gwmsg_size(GWMSG_ASK), 0), 0);
}

static void answer(int err, const struct gwmsg_answer *a, const char *text)
{
	size_t room;

	/* one thing after the other */
	ctlsession_room(&s, &room);
	assert_int_equal(room, 0);
	ctlsession_answer(&s, err, a);
	assert_false(ctlsession_run(&s, &ask));
	expect(text);
}

static void begin(enum gwmsg_level level)
{
	ctlsession_init(&s, level, &facts);
	says("AUTHENTICATE\r\n", OK);
}

static void test_ctlsession_login(void **state)
{
	static const char *const first[] = {
		"GETINFO version\r\n", "SIGNAL NEWNYM\n", "\r\n", "x\n",
		"+LOADCONF\r\n",       "AUTHENTICATE x\n"
	};

	(void)state;
	ctlsession_init(&s, GWMSG_LEVEL_MINIMAL, &facts);
	says("PROTOCOLINFO 1\r\n",
	     "250-PROTOCOLINFO 1\r\n"
	     "250-AUTH METHODS=NULL\r\n"
	     "250-VERSION Tor=\"" CTL_VERSION "\"\r\n" OK);
	says("AUTHCHALLENGE SAFECOOKIE 00\r\n",
	     "513 Cookie authentication is disabled\r\n");
	says("AUTHENTICATE \"password\"\r\n", OK);
	says("GETINFO version\r\n", "250-version=" CTL_VERSION "\r\n" OK);
	says("QUIT\r\n", "250 closing connection\r\n");
	assert_true(ctlsession_is_over(&s));
	for (size_t i = 0; i < ARRAY_SIZE(first); i++) {
		ctlsession_init(&s, GWMSG_LEVEL_ONION_SERVICE, &facts);
		says(first[i], LOGIN);
		assert_true(ctlsession_is_over(&s));
	}
}

static void test_ctlsession_own_answers(void **state)
{
	(void)state;
	begin(GWMSG_LEVEL_BROWSER);
	says("GETINFO net/listeners/socks\r\n",
	     "250-net/listeners/socks=\"127.0.0.1:9050\" "
	     "\"127.0.0.1:9150\"\r\n" OK);
	says("GETINFO traffic/read\n", "250-traffic/read=1000\r\n" OK);
	says("GETINFO traffic/written\n", "250-traffic/written=7\r\n" OK);
	says("GETCONF disablenetwork\r\n", "250 DisableNetwork=0\r\n");
	says("GETCONF __OWNINGCONTROLLERPROCESS\r\n",
	     "250 __OwningControllerProcess\r\n");
	/* without a word of what was said */
	says("MAPADDRESS 1.2.3.4=\x1b[31mevil\r\n", NO);
	says("ADD_ONION NEW:BEST Port=80\r\n", NO);
}

static void test_ctlsession_tors_answers(void **state)
{
	static const struct gwmsg_answer a = {
		.kind = GWMSG_ASK_STATE,
		.state = { .percent = 100,
			   .circuit = 1,
			   .live = 1,
			   .valid_after = "2026-01-02 03:00:00" },
	};
	static const struct gwmsg_answer early = {
		.kind = GWMSG_ASK_STATE,
		.state = { .percent = 42 },
	};

	(void)state;
	begin(GWMSG_LEVEL_BROWSER);
	asks("GETINFO status/circuit-established status/bootstrap-phase "
	     "net/listeners/socks\r\n",
	     GWMSG_ASK_STATE);
	answer(0, &a,
	       "250-status/circuit-established=1\r\n"
	       "250-status/bootstrap-phase=NOTICE BOOTSTRAP PROGRESS=100 "
	       "TAG=done SUMMARY=\"Done\"\r\n"
	       "250-net/listeners/socks=\"127.0.0.1:9050\" "
	       "\"127.0.0.1:9150\"\r\n" OK);
	asks("GETINFO consensus/valid-after\n", GWMSG_ASK_STATE);
	answer(0, &a, "250-consensus/valid-after=2026-01-02 03:00:00\r\n" OK);
	asks("GETINFO consensus/valid-until\n", GWMSG_ASK_STATE);
	answer(0, &a, "250-consensus/valid-until=\r\n" OK);
	asks("GETINFO network-liveness\n", GWMSG_ASK_STATE);
	answer(0, &a, "250-network-liveness=up\r\n" OK);
	asks("GETINFO status/enough-dir-info\n", GWMSG_ASK_STATE);
	answer(0, &a, "250-status/enough-dir-info=0\r\n" OK);
	asks("GETINFO status/bootstrap-phase\n", GWMSG_ASK_STATE);
	answer(0, &early,
	       "250-status/bootstrap-phase=NOTICE BOOTSTRAP PROGRESS=42 "
	       "TAG=loading_keys SUMMARY=\"Loading authority key certs\"\r\n" OK);
	asks("GETINFO status/bootstrap-phase\n", GWMSG_ASK_STATE);
	answer(ENOENT, &early, NOT_HERE);
}

static void test_ctlsession_newnym(void **state)
{
	static const struct gwmsg_answer a = { .kind = GWMSG_ASK_NEWNYM };

	(void)state;
	begin(GWMSG_LEVEL_BROWSER);
	/* what follows waits for its turn */
	asks("SIGNAL NEWNYM\r\nGETINFO version\r\n", GWMSG_ASK_NEWNYM);
	answer(0, &a, OK "250-version=" CTL_VERSION "\r\n" OK);
	ctlsession_newnym(&s);
	expect("");
	says("SETEVENTS SIGNAL\r\n", OK);
	ctlsession_newnym(&s);
	expect("650 SIGNAL NEWNYM\r\n");
	/* refused as a whole: the old ones stay */
	says("SETEVENTS ADDRMAP\r\n", NO);
	ctlsession_newnym(&s);
	expect("650 SIGNAL NEWNYM\r\n");
	says("SETEVENTS \r\n", OK);
	ctlsession_newnym(&s);
	expect("");
	asks("SIGNAL NEWNYM\r\n", GWMSG_ASK_NEWNYM);
	answer(EIO, &a, NOT_HERE);
}

static void test_ctlsession_onions(void **state)
{
	struct gwmsg_answer a = { .kind = GWMSG_ASK_ADD_ONION,
				  .has_key = 1,
				  .service = A };
	struct gwmsg_answer b = { .kind = GWMSG_ASK_ADD_ONION,
				  .has_key = 1,
				  .service = B };
	struct gwmsg_answer gone = { .kind = GWMSG_ASK_DEL_ONION };

	(void)state;
	begin(GWMSG_LEVEL_ONION_SERVICE);
	says("GETINFO onions/current\r\n", "250-onions/current=\r\n" OK);
	asks("ADD_ONION NEW:BEST Port=80,8080\r\n", GWMSG_ASK_ADD_ONION);
	answer(0, &a,
	       "250-ServiceID=" A "\r\n"
	       "250-PrivateKey=ED25519-V3:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	       "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==\r\n" OK);
	says("GETINFO onions/current\r\n", "250-onions/current=" A "\r\n" OK);
	/* somebody else's */
	says("DEL_ONION " B "\r\n", "552 Unknown Onion Service id\r\n");
	asks("ADD_ONION NEW:BEST Flags=DiscardPK Port=80\r\n",
	     GWMSG_ASK_ADD_ONION);
	answer(0, &b, "250-ServiceID=" B "\r\n" OK);
	says("GETINFO onions/current\r\n",
	     "250+onions/current=\r\n" A "\r\n" B "\r\n.\r\n" OK);
	asks("DEL_ONION " A "\r\n", GWMSG_ASK_DEL_ONION);
	assert_string_equal(ask.service, A);
	answer(0, &gone, OK);
	says("DEL_ONION " A "\r\n", "552 Unknown Onion Service id\r\n");
	says("GETINFO onions/current\r\n", "250-onions/current=" B "\r\n" OK);
	asks("ADD_ONION NEW:BEST Port=80\r\n", GWMSG_ASK_ADD_ONION);
	answer(EOPNOTSUPP, &a, NOT_HERE);
	asks("ADD_ONION NEW:BEST Port=80\r\n", GWMSG_ASK_ADD_ONION);
	answer(EEXIST, &a, "550 Onion address collision\r\n");
	while (s.nonions < CTL_ONIONS_MAX) {
		asks("ADD_ONION NEW:BEST Flags=DiscardPK Port=80\r\n",
		     GWMSG_ASK_ADD_ONION);
		answer(0, &a, "250-ServiceID=" A "\r\n" OK);
	}
	says("ADD_ONION NEW:BEST Port=80\r\n",
	     "551 Too many onion services\r\n");
	/* the longest answer is whole */
	assert_false(feed("GETINFO onions/current\n", 23));
	assert_true(s.out_len > CTL_ONIONS_MAX * 58 &&
		    s.out_len <= CTL_ANSWER_MAX);
	assert_memory_equal(s.out + s.out_len - strlen(OK), OK, strlen(OK));
}

static void test_ctlsession_events(void **state)
{
	struct gwmsg_event e = { .action = GWMSG_ACTION_UPLOAD, .service = A };
	size_t n;

	(void)state;
	begin(GWMSG_LEVEL_ONION_SERVICE);
	/* who has not asked is told nothing */
	ctlsession_onion(&s, &e);
	ctlsession_bandwidth(&s, 1, 2);
	expect("");
	says("SETEVENTS HS_DESC CIRC\r\n", OK);
	ctlsession_bandwidth(&s, 1, 2);
	ctlsession_onion(&s, &e);
	expect("650 HS_DESC UPLOAD " A " UNKNOWN "
	       "$0000000000000000000000000000000000000000~isolate\r\n");
	e.action = GWMSG_ACTION_UPLOADED;
	ctlsession_onion(&s, &e);
	expect("650 HS_DESC UPLOADED " A " UNKNOWN "
	       "$0000000000000000000000000000000000000000~isolate\r\n");
	e.action = GWMSG_ACTION_FAILED;
	ctlsession_onion(&s, &e);
	expect("650 HS_DESC FAILED " A " UNKNOWN "
	       "$0000000000000000000000000000000000000000~isolate "
	       "REASON=UPLOAD_REJECTED\r\n");
	says("GETINFO events/names\r\n",
	     "250-events/names=SIGNAL CONF_CHANGED STATUS_CLIENT STATUS_GENERAL "
	     "STATUS_SERVER NETWORK_LIVENESS NOTICE WARN ERR BW CIRC STREAM "
	     "NEWCONSENSUS INFO ORCONN HS_DESC HS_DESC_CONTENT\r\n" OK);
	says("SETEVENTS BW\r\n", OK);
	ctlsession_onion(&s, &e);
	ctlsession_bandwidth(&s, UINT64_MAX, UINT64_MAX);
	expect("650 BW 18446744073709551615 18446744073709551615\r\n");
	/* nothing is kept for one who does not read, nor is an answer cut */
	do {
		n = s.out_len;
		ctlsession_bandwidth(&s, 1, 2);
	} while (s.out_len > n);
	assert_true(sizeof(s.out) - s.out_len >= CTL_ANSWER_MAX);
}

static void test_ctlsession_ends_where_lines_are_data(void **state)
{
	char line[CTL_LINE_MAX + 2];

	(void)state;
	begin(GWMSG_LEVEL_ONION_SERVICE);
	/* the signal is data of the first */
	says("+LOADCONF\r\nSIGNAL NEWNYM\r\n.\r\n", NO);
	assert_true(ctlsession_is_over(&s));
	memset(line, 'a', sizeof(line));
	begin(GWMSG_LEVEL_ONION_SERVICE);
	/* a line that never ends, and one that does, too late */
	assert_false(feed(line, sizeof(line)));
	expect(NO);
	assert_true(ctlsession_is_over(&s));
	begin(GWMSG_LEVEL_ONION_SERVICE);
	line[sizeof(line) - 1] = '\n';
	assert_false(feed(line, sizeof(line)));
	expect(NO);
	assert_true(ctlsession_is_over(&s));
	ctlsession_init(&s, GWMSG_LEVEL_MINIMAL, &facts);
	assert_false(feed(line, sizeof(line)));
	expect(LOGIN);
	begin(GWMSG_LEVEL_MINIMAL);
	memcpy(line + CTL_LINE_MAX, "\r\n", 2);
	assert_false(feed(line, sizeof(line)));
	expect(NO);
	assert_false(ctlsession_is_over(&s));
}

static void test_ctlsession_pieces_and_nul(void **state)
{
	static const char line[] = "GETINFO version\r\n";

	(void)state;
	begin(GWMSG_LEVEL_MINIMAL);
	for (size_t i = 0; i < sizeof(line) - 2; i++) {
		assert_true(i == 0 || !ctlsession_is_idle(&s));
		assert_false(feed(line + i, 1));
		expect("");
	}
	says("\n", "250-version=" CTL_VERSION "\r\n" OK);
	assert_true(ctlsession_is_idle(&s));
	assert_false(feed("GETINFO version\0\r\nGETINFO\0x\n", 28));
	expect(NO NO);
	says("GETINFO version\rSIGNAL NEWNYM\r\n", NO);
	/* half a line at the end of the stream is none */
	assert_false(feed("GETINFO version", 15));
	s.eof = true;
	assert_true(ctlsession_is_over(&s));
}

/* Who does not read is not read either. */
static void test_ctlsession_back_pressure(void **state)
{
	size_t room, taken = 0;

	(void)state;
	begin(GWMSG_LEVEL_MINIMAL);
	for (;; taken++) {
		uint8_t *to = ctlsession_room(&s, &room);

		if (room == 0)
			break;
		assert_true(taken < 10000);
		*to = '\n';
		s.in_len++;
		assert_false(ctlsession_run(&s, &ask));
	}
	assert_true(taken > 10 && s.out_len <= CTL_ANSWER_MAX + strlen(NO));
	assert_false(ctlsession_is_idle(&s));
	ctlsession_written(&s, s.out_len);
	ctlsession_room(&s, &room);
	assert_int_equal(room, sizeof(s.in));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ctlsession_login),
		cmocka_unit_test(test_ctlsession_own_answers),
		cmocka_unit_test(test_ctlsession_tors_answers),
		cmocka_unit_test(test_ctlsession_newnym),
		cmocka_unit_test(test_ctlsession_onions),
		cmocka_unit_test(test_ctlsession_events),
		cmocka_unit_test(test_ctlsession_ends_where_lines_are_data),
		cmocka_unit_test(test_ctlsession_pieces_and_nul),
		cmocka_unit_test(test_ctlsession_back_pressure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
