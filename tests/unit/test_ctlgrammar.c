/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_ctlgrammar.c - lines of the control port: whole, or refused
 */
#include "gateway/ctlgrammar.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/attr.h"
#include "base/radix.h"

#define ID "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define CLIENT "FJOXJ5WQ3C3HJWJ4QOYEJ2ZUZKFM3KSYDIM2TVKWJ2VTBJ2ZKUEQ"
#define KEY                                                                    \
	"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEy" \
	"MzQ1Njc4OTo7PD0+Pw=="
#define ADD "ADD_ONION NEW:ED25519-V3 "

/* An exact copy, so that ASan sees a read behind it. */
static enum ctl_verb parse(enum gwmsg_level level, const char *line, size_t len,
			   struct ctl_command *c)
{
	uint8_t *copy = malloc(len ? len : 1);

	assert_non_null(copy);
	memcpy(copy, line, len);
	ctl_parse(level, copy, len, c);
	free(copy);
	return c->verb;
}

static const struct {
	const char *line;
	enum gwmsg_level least;
	enum ctl_verb verb;
} allowed[] = {
	{ "PROTOCOLINFO", GWMSG_LEVEL_MINIMAL, CTL_PROTOCOLINFO },
	{ "protocolinfo 1", GWMSG_LEVEL_MINIMAL, CTL_PROTOCOLINFO },
	{ "AUTHENTICATE", GWMSG_LEVEL_MINIMAL, CTL_AUTHENTICATE },
	{ "AUTHENTICATE ", GWMSG_LEVEL_MINIMAL, CTL_AUTHENTICATE },
	{ "authenticate \"a \\\"b\\\\\"", GWMSG_LEVEL_MINIMAL,
	  CTL_AUTHENTICATE },
	{ "AUTHENTICATE \"\"", GWMSG_LEVEL_MINIMAL, CTL_AUTHENTICATE },
	{ "AUTHENTICATE 00fF", GWMSG_LEVEL_MINIMAL, CTL_AUTHENTICATE },
	{ "AUTHCHALLENGE SAFECOOKIE 00ff", GWMSG_LEVEL_MINIMAL,
	  CTL_AUTHCHALLENGE },
	{ "QUIT", GWMSG_LEVEL_MINIMAL, CTL_QUIT },
	{ "GETINFO version", GWMSG_LEVEL_MINIMAL, CTL_GETINFO },
	{ "getinfo status/bootstrap-phase", GWMSG_LEVEL_MINIMAL, CTL_GETINFO },
	{ "GETINFO status/circuit-established status/bootstrap-phase "
	  "net/listeners/socks",
	  GWMSG_LEVEL_MINIMAL, CTL_GETINFO },
	{ "GETINFO consensus/valid-after", GWMSG_LEVEL_BROWSER, CTL_GETINFO },
	{ "GETINFO events/names", GWMSG_LEVEL_BROWSER, CTL_GETINFO },
	{ "SETEVENTS NEWCONSENSUS", GWMSG_LEVEL_BROWSER, CTL_SETEVENTS },
	{ "GETINFO onions/current", GWMSG_LEVEL_ONION_SERVICE, CTL_GETINFO },
	{ "GETCONF disablenetwork", GWMSG_LEVEL_MINIMAL, CTL_GETCONF },
	{ "GETCONF __owningcontrollerprocess", GWMSG_LEVEL_MINIMAL,
	  CTL_GETCONF },
	{ "GETCONF hiddenservicesinglehopmode", GWMSG_LEVEL_ONION_SERVICE,
	  CTL_GETCONF },
	{ "SETEVENTS", GWMSG_LEVEL_MINIMAL, CTL_SETEVENTS },
	{ "SETEVENTS ", GWMSG_LEVEL_MINIMAL, CTL_SETEVENTS },
	{ "SETEVENTS SIGNAL CONF_CHANGED", GWMSG_LEVEL_MINIMAL, CTL_SETEVENTS },
	{ "setevents stream circ", GWMSG_LEVEL_BROWSER, CTL_SETEVENTS },
	{ "SETEVENTS BW", GWMSG_LEVEL_BROWSER, CTL_SETEVENTS },
	{ "SETCONF DisableNetwork=0", GWMSG_LEVEL_BROWSER, CTL_SETCONF },
	{ "setconf disablenetwork=\"0\"", GWMSG_LEVEL_BROWSER, CTL_SETCONF },
	{ "SETEVENTS CIRC ORCONN INFO NOTICE WARN ERR HS_DESC HS_DESC_CONTENT",
	  GWMSG_LEVEL_ONION_SERVICE, CTL_SETEVENTS },
	{ "SIGNAL NEWNYM", GWMSG_LEVEL_BROWSER, CTL_NEWNYM },
	{ "signal newnym", GWMSG_LEVEL_BROWSER, CTL_NEWNYM },
	{ ADD "Port=80", GWMSG_LEVEL_ONION_SERVICE, CTL_ADD_ONION },
	{ "ADD_ONION NEW:BEST Flags=DiscardPK Port=80,8080",
	  GWMSG_LEVEL_ONION_SERVICE, CTL_ADD_ONION },
	{ "ADD_ONION ED25519-V3:" KEY " Port=9735,9735 ",
	  GWMSG_LEVEL_ONION_SERVICE, CTL_ADD_ONION },
	{ ADD "Port=80,127.0.0.1:1 Port=81,localhost:2 "
	      "Port=82,10.152.152.11:65535",
	  GWMSG_LEVEL_ONION_SERVICE, CTL_ADD_ONION },
	{ ADD "Flags=V3Auth Port=80,17600 ClientAuthV3=" CLIENT,
	  GWMSG_LEVEL_ONION_SERVICE, CTL_ADD_ONION },
	{ "DEL_ONION " ID, GWMSG_LEVEL_ONION_SERVICE, CTL_DEL_ONION },
};

static void test_ctlgrammar_levels(void **state)
{
	struct ctl_command c;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(allowed); i++)
		for (int l = GWMSG_LEVEL_UNSET; l < GWMSG_LEVELS; l++) {
			enum ctl_verb want = l >= (int)allowed[i].least
						     ? allowed[i].verb
						     : CTL_REFUSED;

			if (parse((enum gwmsg_level)l, allowed[i].line,
				  strlen(allowed[i].line), &c) != want)
				fail_msg("%s at %d", allowed[i].line, l);
		}
}

#define LIT(s)                                                                 \
	{                                                                      \
		s, sizeof(s) - 1                                               \
	}

/* At the highest level; what would be a bypass of a filter of patterns. */
static const struct {
	const char *line;
	size_t len;
} bad[] = {
	LIT(""),
	LIT(" "),
	LIT("  "),
	LIT("\r"),
	LIT(" GETINFO version"),
	LIT("GETINFO  version"),
	LIT("GETINFO version  "),
	LIT("GETINFO\tversion"),
	LIT("GETINFO version\t"),
	LIT("GETINFO version\0"),
	LIT("GETINFO version\0 address"),
	LIT("GETINFO version\r"),
	LIT("GETINFO version\rSIGNAL SHUTDOWN"),
	LIT("SIGNAL NEWNYM\rSETCONF ORPort=1"),
	LIT("GETINFO version\x7f"),
	LIT("GETINFO version\x80"),
	LIT("GETINFO \"version\""),
	LIT("\"GETINFO\" version"),
	LIT("GETINFO version\""),
	LIT("GETINFO"),
	LIT("GETINFO Version"),
	LIT("GETINFO version version"),
	LIT("GETINFO version address"),
	LIT("GETINFO address"),
	LIT("GETINFO version,address"),
	LIT("GETINFO status/bootstrap-phase status/circuit-established "
	    "net/listeners/socks"),
	LIT("GETINFO status/circuit-established status/bootstrap-phase "
	    "net/listeners/socks address"),
	LIT("GETINFO net/listeners/control"),
	LIT("GETINFO config-text"),
	LIT("GETINFO circuit-status"),
	LIT("GETINFO stream-status"),
	LIT("GETINFO entry-guards"),
	LIT("GETINFO onions/detached"),
	LIT("GETINFO process/pid"),
	LIT("GETCONF"),
	LIT("GETCONF DisableNetwork ORPort"),
	LIT("GETCONF SocksPort"),
	LIT("GETCONF DisableNetwork=1"),
	LIT("SETCONF DisableNetwork"),
	LIT("SETCONF DisableNetwork=1"),
	LIT("SETCONF DisableNetwork=00"),
	LIT("SETCONF DisableNetwork=\"0"),
	LIT("SETCONF DisableNetwork=0 ControlPort=1"),
	LIT("SETCONF ControlPort=1 DisableNetwork=0"),
	LIT("RESETCONF DisableNetwork"),
	LIT("LOADCONF"),
	LIT("+LOADCONF"),
	LIT("+GETINFO version"),
	LIT("+SIGNAL NEWNYM"),
	LIT("SAVECONF"),
	LIT("MAPADDRESS 0.0.0.0=torproject.org"),
	LIT("MAPADDRESS 1.2.3.4=127.0.0.1"),
	LIT("ATTACHSTREAM 1 1"),
	LIT("EXTENDCIRCUIT 0"),
	LIT("CLOSECIRCUIT 1"),
	LIT("CLOSESTREAM 1 1"),
	LIT("REDIRECTSTREAM 1 1.2.3.4"),
	LIT("POSTDESCRIPTOR"),
	LIT("RESOLVE 1.2.3.4"),
	LIT("HSFETCH " ID),
	LIT("HSPOST"),
	LIT("ONION_CLIENT_AUTH_ADD " ID " x25519:AAAA"),
	LIT("ONION_CLIENT_AUTH_VIEW"),
	LIT("TAKEOWNERSHIP"),
	LIT("DROPOWNERSHIP"),
	LIT("DROPGUARDS"),
	LIT("DROPTIMEOUTS"),
	LIT("USEFEATURE VERBOSE_NAMES"),
	LIT("SETROUTERPURPOSE x y"),
	LIT("SIGNAL"),
	LIT("SIGNAL SHUTDOWN"),
	LIT("SIGNAL HALT"),
	LIT("SIGNAL RELOAD"),
	LIT("SIGNAL HEARTBEAT"),
	LIT("SIGNAL CLEARDNSCACHE"),
	LIT("SIGNAL NEWNYM SHUTDOWN"),
	LIT("SIGNAL NEWNYM,"),
	LIT("SIGNAL=NEWNYM"),
	LIT("SETEVENTS SIGNAL  STATUS_CLIENT"),
	LIT("SETEVENTS SIGNAL ADDRMAP"),
	LIT("SETEVENTS EXTENDED SIGNAL"),
	LIT("SETEVENTS \"SIGNAL\""),
	LIT("PROTOCOLINFO 2"),
	LIT("PROTOCOLINFO 1 1"),
	LIT("QUIT now"),
	LIT("AUTHENTICATE 0"),
	LIT("AUTHENTICATE 0g"),
	LIT("AUTHENTICATE password"),
	LIT("AUTHENTICATE \""),
	LIT("AUTHENTICATE \"\\\""),
	LIT("AUTHENTICATE \"a\" b"),
	LIT("AUTHENTICATE \"a\"b\""),
	LIT("AUTHENTICATE 00 00"),
	LIT("AUTHCHALLENGE"),
	LIT("AUTHCHALLENGE SAFECOOKIE"),
	LIT("AUTHCHALLENGE SAFECOOKIE x"),
	LIT("AUTHCHALLENGE COOKIE 00"),
	LIT("ADD_ONION"),
	LIT("ADD_ONION NEW:ED25519-V3"),
	LIT("ADD_ONION NEW:RSA1024 Port=80"),
	LIT("ADD_ONION RSA1024:AAAA Port=80"),
	LIT("ADD_ONION ED25519-V3: Port=80"),
	LIT("ADD_ONION ED25519-V3:AAAA Port=80"),
	/* bits left over; a character too many; none of base 64 */
	LIT("ADD_ONION ED25519-V3:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gI"
	    "SIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+Px== Port=80"),
	LIT("ADD_ONION ED25519-V3:" KEY "= Port=80"),
	LIT("ADD_ONION ED25519-V3:-AECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gI"
	    "SIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+Pw== Port=80"),
	LIT(ADD "Port="),
	LIT(ADD "Port=0"),
	LIT(ADD "Port=080"),
	LIT(ADD "Port=65536"),
	LIT(ADD "Port=-1"),
	LIT(ADD "Port=80,"),
	LIT(ADD "Port=80,0"),
	LIT(ADD "Port=80,8080,8081"),
	LIT(ADD "Port=80,127.0.0.1"),
	LIT(ADD "Port=80,127.0.0.1:"),
	LIT(ADD "Port=80,127.0.0.1:0"),
	LIT(ADD "Port=80,127.0.0.1:80:80"),
	LIT(ADD "Port=80,127.0.0.1:99999"),
	/* not this sandbox */
	LIT(ADD "Port=80,127.0.0.2:80"),
	LIT(ADD "Port=80,127.1:80"),
	LIT(ADD "Port=80,0:80"),
	LIT(ADD "Port=80,0.0.0.0:80"),
	LIT(ADD "Port=80,2130706433:80"),
	LIT(ADD "Port=80,[::1]:80"),
	LIT(ADD "Port=80,[::]:80"),
	LIT(ADD "Port=80,10.152.152.10:9051"),
	LIT(ADD "Port=80,10.152.152.110:80"),
	LIT(ADD "Port=80,192.168.1.1:80"),
	LIT(ADD "Port=80,example.com:80"),
	LIT(ADD "Port=80,LOCALHOST:80"),
	LIT(ADD "Port=80,unix:/run/tor/control"),
	LIT(ADD "Port=80,\"unix:/run/tor/control\""),
	LIT(ADD "port=80"),
	LIT(ADD "Port=1 Port=2 Port=3 Port=4 Port=5 Port=6 Port=7 Port=8 "
		"Port=9"),
	LIT(ADD "Port=80 8080"),
	LIT(ADD "Flags= Port=80"),
	LIT(ADD "Flags=Detach Port=80"),
	LIT(ADD "Flags=DiscardPK,Detach Port=80"),
	LIT(ADD "Flags=DiscardPK,DiscardPK Port=80"),
	LIT(ADD "Flags=DiscardPK, Port=80"),
	LIT(ADD "Flags=,DiscardPK Port=80"),
	LIT(ADD "Flags=DiscardPK Flags=DiscardPK Port=80"),
	LIT(ADD "Flags=NonAnonymous Port=80"),
	LIT(ADD "Flags=MaxStreamsCloseCircuit Port=80"),
	LIT(ADD "Flags=DiscardPK"),
	LIT(ADD "MaxStreams=1 Port=80"),
	LIT(ADD "Flags=BasicAuth Port=80 ClientAuth=a"),
	LIT(ADD "Flags=V3Auth Port=80"),
	LIT(ADD "Port=80 ClientAuthV3=" CLIENT),
	LIT(ADD "Flags=V3Auth Port=80 ClientAuthV3=AAAA"),
	LIT(ADD "Flags=V3Auth Port=80 ClientAuthV3=" CLIENT "A"),
	LIT(ADD "Flags=V3Auth Port=80 ClientAuthV3=1" CLIENT),
	LIT("DEL_ONION"),
	LIT("DEL_ONION aaaa"),
	LIT("DEL_ONION " ID "a"),
	LIT("DEL_ONION " ID ".onion"),
	LIT("DEL_ONION " ID " " ID),
	LIT("DEL_ONION AAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
	LIT("DEL_ONION 1aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
	LIT("GETINFOversion"),
	LIT("GET"),
	LIT("."),
	LIT("250 OK"),
	LIT("GET / HTTP/1.1"),
	LIT("\x05\x01\x00"),
	LIT("\xff\xfe"),
	LIT("%s%s%s%n"),
};

static void test_ctlgrammar_refuses(void **state)
{
	static const struct ctl_command zero;
	struct ctl_command c;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		if (parse(GWMSG_LEVEL_ONION_SERVICE, bad[i].line, bad[i].len,
			  &c) != CTL_REFUSED)
			fail_msg("%zu: %s", i, bad[i].line);
		/* and nothing of it is left */
		assert_memory_equal(&c, &zero, sizeof(c));
	}
}

static void test_ctlgrammar_any_byte_breaks_a_line(void **state)
{
	static const char line[] = "SIGNAL NEWNYM";
	char copy[sizeof(line)];
	struct ctl_command c;

	(void)state;
	for (size_t at = 0; at < sizeof(line) - 1; at++)
		for (int byte = 0; byte < 256; byte++) {
			memcpy(copy, line, sizeof(copy));
			if ((byte | 0x20) == (copy[at] | 0x20) && byte != 0)
				continue;
			copy[at] = (char)byte;
			if (parse(GWMSG_LEVEL_ONION_SERVICE, copy,
				  sizeof(line) - 1, &c) != CTL_REFUSED)
				fail_msg("byte %d at %zu", byte, at);
		}
}

static void test_ctlgrammar_long_lines(void **state)
{
	char line[CTL_LINE_MAX + 1];
	struct ctl_command c;

	(void)state;
	memset(line, 'a', sizeof(line));
	memcpy(line, "AUTHENTICATE ", 13);
	assert_int_equal(parse(GWMSG_LEVEL_MINIMAL, line,
			       13 + (CTL_LINE_MAX - 13) / 2 * 2, &c),
			 CTL_AUTHENTICATE);
	assert_int_equal(parse(GWMSG_LEVEL_MINIMAL, line, CTL_LINE_MAX + 1, &c),
			 CTL_REFUSED);
}

static void test_ctlgrammar_onion_is_typed(void **state)
{
	static const char line[] =
		"ADD_ONION ED25519-V3:" KEY
		" Flags=V3Auth,DiscardPK Port=80 Port=81,8081"
		" Port=82,localhost:8082 Port=83,10.152.152.11:8083"
		" ClientAuthV3=" CLIENT " ClientAuthV3=" CLIENT;
	static const struct gwmsg_onion_port ports[] = {
		{ 80, 80, GWMSG_TARGET_LOOPBACK },
		{ 81, 8081, GWMSG_TARGET_LOOPBACK },
		{ 82, 8082, GWMSG_TARGET_LOOPBACK },
		{ 83, 8083, GWMSG_TARGET_SELF },
	};
	struct gwmsg m = { .type = GWMSG_ASK,
			   .ask = { .kind = GWMSG_ASK_ADD_ONION } };
	char text[RADIX64_TEXT(GWMSG_ONION_KEY_BYTES)];
	struct ctl_command c;

	(void)state;
	assert_int_equal(
		parse(GWMSG_LEVEL_ONION_SERVICE, line, sizeof(line) - 1, &c),
		CTL_ADD_ONION);
	assert_int_equal(c.onion.flags, GWMSG_ONION_DISCARD_KEY);
	assert_int_equal(c.onion.nports, ARRAY_SIZE(ports));
	assert_memory_equal(c.onion.ports, ports, sizeof(ports));
	assert_int_equal(c.onion.nclients, 2);
	assert_int_equal(c.onion.clients[0][0], 0x2a);
	assert_int_equal(c.onion.has_key, 1);
	for (size_t i = 0; i < GWMSG_ONION_KEY_BYTES; i++)
		assert_int_equal(c.onion.key[i], i);
	radix_encode64(c.onion.key, sizeof(c.onion.key), text);
	assert_string_equal(text, KEY);
	/* what the grammar makes is a message */
	m.ask.onion = c.onion;
	assert_int_equal(gwmsg_check(&m, gwmsg_size(GWMSG_ASK), 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ctlgrammar_levels),
		cmocka_unit_test(test_ctlgrammar_refuses),
		cmocka_unit_test(test_ctlgrammar_any_byte_breaks_a_line),
		cmocka_unit_test(test_ctlgrammar_long_lines),
		cmocka_unit_test(test_ctlgrammar_onion_is_typed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
