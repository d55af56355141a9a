/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_profile_value.c - typed values, paths, near words */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>

#include "base/attr.h"
#include "profiles/mount.h"
#include "profiles/near.h"
#include "profiles/value.h"

/* Room for the C type of any key. */
union field {
	char *s;
	bool b;
	unsigned int n;
	enum profile_network network;
	enum profile_log log;
	enum profile_onion_key onion_key;
	uint64_t size;
	struct strv list;
};

static const char *str(enum profile_type type, const union field *field)
{
	static char buf[512];
	FILE *out = fmemopen(buf, sizeof(buf), "w");
	size_t n = value_is_list(type) ? field->list.n : 1;

	assert_non_null(out);
	buf[0] = '\0';
	for (size_t i = 0; i < n; i++) {
		fputs(i ? "|" : "", out);
		value_print(type, field, i, out);
	}
	fclose(out);
	return buf;
}

static const struct {
	enum profile_type type;
	const char *text, *printed;
} good[] = {
	{ PROFILE_TYPE_TEXT, "IRC: a client", "IRC: a client" },
	{ PROFILE_TYPE_NETWORK, "socks", "socks" },
	{ PROFILE_TYPE_NETWORK, "transparent", "transparent" },
	{ PROFILE_TYPE_NETWORK, "none", "none" },
	{ PROFILE_TYPE_TOR, "auto", "auto" },
	{ PROFILE_TYPE_TOR, "unix:/run/tor/socks", "unix:/run/tor/socks" },
	{ PROFILE_TYPE_TOR, "127.0.0.1:9050", "127.0.0.1:9050" },
	{ PROFILE_TYPE_TOR, "[::1]:9050", "[::1]:9050" },
	{ PROFILE_TYPE_TOR, "localhost:1", "localhost:1" },
	{ PROFILE_TYPE_NAME, "work-2_b", "work-2_b" },
	{ PROFILE_TYPE_BOOL, "yes", "yes" },
	{ PROFILE_TYPE_BOOL, "no", "no" },
	{ PROFILE_TYPE_ISOLATE_BY, "app", "app" },
	{ PROFILE_TYPE_ISOLATE_BY, "port\tdestination port",
	  "destination port" },
	{ PROFILE_TYPE_ISOLATE_BY, "connection app", "connection" },
	{ PROFILE_TYPE_WORDS, " ptrace  self-sandbox\tx",
	  "ptrace|self-sandbox|x" },
	{ PROFILE_TYPE_WORDS, "", "" },
	{ PROFILE_TYPE_FAMILIES, "netlink unix", "netlink|unix" },
	{ PROFILE_TYPE_MOUNTS, "/srv/a b", "/srv/a b" },
	{ PROFILE_TYPE_MOUNTS, "~/Mail:~/Mail", "~/Mail:~/Mail" },
	{ PROFILE_TYPE_ENV, "A_1=x = y:z", "A_1=x = y:z" },
	{ PROFILE_TYPE_ENV, "EMPTY=", "EMPTY=" },
	{ PROFILE_TYPE_ENV_NAMES, "LESS _x", "LESS|_x" },
	{ PROFILE_TYPE_PORTS, "all", "all" },
	{ PROFILE_TYPE_PORTS, "none", "none" },
	{ PROFILE_TYPE_PORTS, "9050 9100-9118", "9050 9100-9118" },
	{ PROFILE_TYPE_ONIONS, "80:8080\t443 1:65535", "80:8080|443|1:65535" },
	{ PROFILE_TYPE_ONION_KEY, "keep", "keep" },
	{ PROFILE_TYPE_ONION_KEY, "discard", "discard" },
	{ PROFILE_TYPE_LOG, "none", "none" },
	{ PROFILE_TYPE_LOG, "destinations", "destinations" },
	{ PROFILE_TYPE_DESTINATIONS, "", "" },
	{ PROFILE_TYPE_DESTINATIONS, "*:25,80  *.Onion\t[2001:db8::]/32",
	  "*:25,80|*.Onion|[2001:db8::]/32" },
	{ PROFILE_TYPE_SIZE, "65536", "64K" },
	{ PROFILE_TYPE_SIZE, "65537", "65537" },
	{ PROFILE_TYPE_SIZE, "1024M", "1G" },
	{ PROFILE_TYPE_SIZE, "1024G", "1024G" },
	{ PROFILE_TYPE_LIMIT, "0", "0" },
	{ PROFILE_TYPE_LIMIT, "1048576", "1048576" },
	{ PROFILE_TYPE_COUNT, "007", "7" },
};

static void test_value_takes_and_prints(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		union field field;

		memset(&field, 0, sizeof(field));
		assert_int_equal(
			value_parse(good[i].type, good[i].text, &field, NULL),
			0);
		assert_string_equal(str(good[i].type, &field), good[i].printed);
		value_free(good[i].type, &field);
	}
}

static const struct {
	enum profile_type type;
	const char *text, *what, *hint;
} bad[] = {
	{ PROFILE_TYPE_TEXT, "", "no value, wanted text", "" },
	{ PROFILE_TYPE_TEXT, " \t", "no value, wanted text", "" },
	{ PROFILE_TYPE_TEXT, "a\033[2Jb", "control character in the value",
	  "" },
	{ PROFILE_TYPE_TEXT, "a\177", "control character in the value", "" },
	{ PROFILE_TYPE_NETWORK, "direct",
	  "\"direct\" is not transparent, socks or none", "" },
	{ PROFILE_TYPE_NETWORK, "sock",
	  "\"sock\" is not transparent, socks or none",
	  "did you mean \"socks\"?" },
	{ PROFILE_TYPE_NETWORK, "Socks",
	  "\"Socks\" is not transparent, socks or none",
	  "did you mean \"socks\"?" },
	{ PROFILE_TYPE_BOOL, "true", "\"true\" is not yes or no", "" },
	{ PROFILE_TYPE_BOOL, "1", "\"1\" is not yes or no", "" },
	{ PROFILE_TYPE_BOOL, "yes no", "\"yes no\" is not yes or no", "" },
	{ PROFILE_TYPE_ISOLATE_BY, "app dest",
	  "\"dest\" is not app, destination, port, connection", "" },
	{ PROFILE_TYPE_FAMILIES, "unix vsock",
	  "\"vsock\" is not unix, inet, inet6, netlink", "" },
	{ PROFILE_TYPE_FAMILIES, "init",
	  "\"init\" is not unix, inet, inet6, netlink",
	  "did you mean \"inet\"?" },
	{ PROFILE_TYPE_WORDS, "ptrace,aio", "\"ptrace,aio\" is not names", "" },
	{ PROFILE_TYPE_WORDS, "@all", "\"@all\" is not names", "" },
	{ PROFILE_TYPE_NAME, "../x", "\"../x\" is not a name",
	  "names are of a-z, 0-9, - and _, at most 32 of them" },
	{ PROFILE_TYPE_NAME, "-x", "\"-x\" is not a name",
	  "names are of a-z, 0-9, - and _, at most 32 of them" },
	{ PROFILE_TYPE_NAME, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	  "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\" is not a name",
	  "names are of a-z, 0-9, - and _, at most 32 of them" },
	{ PROFILE_TYPE_ENV, "NOVALUE", "\"NOVALUE\" is not NAME=VALUE", "" },
	{ PROFILE_TYPE_ENV, "=x", "\"=x\" is not NAME=VALUE", "" },
	{ PROFILE_TYPE_ENV, "1A=x", "\"1A=x\" is not NAME=VALUE", "" },
	{ PROFILE_TYPE_ENV, "A B=x", "\"A B=x\" is not NAME=VALUE", "" },
	{ PROFILE_TYPE_ENV_NAMES, "A B=x", "\"B=x\" is not NAMEs", "" },
	{ PROFILE_TYPE_SIZE, "0", "\"0\" is not between 64K and 1024G", "" },
	{ PROFILE_TYPE_SIZE, "1025G", "\"1025G\" is not between 64K and 1024G",
	  "" },
	{ PROFILE_TYPE_SIZE, "17179869185G",
	  "\"17179869185G\" is not between 64K and 1024G", "" },
	{ PROFILE_TYPE_SIZE, "99999999999999999999",
	  "\"99999999999999999999\" is not between 64K and 1024G", "" },
	{ PROFILE_TYPE_SIZE, "-1", "\"-1\" is not bytes, with K, M or G", "" },
	{ PROFILE_TYPE_SIZE, "M", "\"M\" is not bytes, with K, M or G", "" },
	{ PROFILE_TYPE_SIZE, "1MB", "\"1MB\" is not bytes, with K, M or G",
	  "" },
	{ PROFILE_TYPE_SIZE, "1m", "\"1m\" is not bytes, with K, M or G", "" },
	{ PROFILE_TYPE_SIZE, "1 M", "\"1 M\" is not bytes, with K, M or G",
	  "" },
	{ PROFILE_TYPE_LIMIT, "-1", "\"-1\" is not a number, 0 for no limit",
	  "" },
	{ PROFILE_TYPE_LIMIT, "1048577",
	  "\"1048577\" is not between 0 and 1048576", "" },
	{ PROFILE_TYPE_COUNT, "0", "\"0\" is not between 1 and 1048576", "" },
	{ PROFILE_TYPE_COUNT, "1e3", "\"1e3\" is not a number from 1", "" },
	{ PROFILE_TYPE_COUNT, "99999999999999999999",
	  "\"99999999999999999999\" is not between 1 and 1048576", "" },
	{ PROFILE_TYPE_ONIONS, "80:", "\"80:\" is not PORT or PORT:PORT", "" },
	{ PROFILE_TYPE_ONIONS, ":80", "\":80\" is not PORT or PORT:PORT", "" },
	{ PROFILE_TYPE_ONIONS, "0", "\"0\" is not PORT or PORT:PORT", "" },
	{ PROFILE_TYPE_ONIONS, "80:0", "\"80:0\" is not PORT or PORT:PORT",
	  "" },
	{ PROFILE_TYPE_ONIONS, "65536", "\"65536\" is not PORT or PORT:PORT",
	  "" },
	{ PROFILE_TYPE_ONIONS, "80:8080:1",
	  "\"80:8080:1\" is not PORT or PORT:PORT", "" },
	{ PROFILE_TYPE_ONIONS, "80-90", "\"80-90\" is not PORT or PORT:PORT",
	  "" },
	{ PROFILE_TYPE_ONIONS, "080", "\"080\" is not PORT or PORT:PORT", "" },
	{ PROFILE_TYPE_ONIONS, "80:127.0.0.1",
	  "\"80:127.0.0.1\" is not PORT or PORT:PORT", "" },
	{ PROFILE_TYPE_ONIONS, "80,81", "\"80,81\" is not PORT or PORT:PORT",
	  "" },
	{ PROFILE_TYPE_ONION_KEY, "kept", "\"kept\" is not keep or discard",
	  "" },
	{ PROFILE_TYPE_LOG, "destination",
	  "\"destination\" is not none or destinations",
	  "did you mean \"destinations\"?" },
	{ PROFILE_TYPE_PORTS, "9050,9150",
	  "\"9050,9150\" is not a port or a range of ports", "" },
	{ PROFILE_TYPE_PORTS, "9118-9100",
	  "\"9118-9100\" is not a port or a range of ports", "" },
	{ PROFILE_TYPE_DESTINATIONS, "a.org localhost",
	  "\"localhost\" has no dot: the gateway refuses such names",
	  "all names below it are *.localhost" },
	{ PROFILE_TYPE_DESTINATIONS, "192.0.2.9/24",
	  "\"192.0.2.9/24\" has bits set behind its prefix",
	  "one address has no /24" },
	{ PROFILE_TYPE_MOUNTS, "a:b:c", "more than one ':' in \"a:b:c\"", "" },
};

static void test_value_refuses(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct fault f = { 0 };
		union field field;

		memset(&field, 0, sizeof(field));
		assert_int_equal(
			value_parse(bad[i].type, bad[i].text, &field, &f),
			-EINVAL);
		assert_string_equal(f.what, bad[i].what);
		assert_string_equal(f.hint, bad[i].hint);
		assert_int_equal(f.err, 0);
		value_free(bad[i].type, &field);
	}
}

static void test_value_keeps_a_scalar_on_error(void **state)
{
	unsigned int bits = PROFILE_BY_PORT;
	uint64_t size = 70000;

	(void)state;
	assert_int_equal(value_parse(PROFILE_TYPE_ISOLATE_BY, "connection x",
				     &bits, NULL),
			 -EINVAL);
	assert_int_equal(bits, PROFILE_BY_PORT);
	assert_int_equal(value_parse(PROFILE_TYPE_SIZE, "0", &size, NULL),
			 -EINVAL);
	assert_int_equal(size, 70000);
}

/* No name may ever be looked up, no other socket meant. */
static void test_value_refuses_other_upstreams(void **state)
{
	static const char *const texts[] = {
		"owned",
		"tor.example:9050",
		"127.0.0.1",
		"127.0.0.1:0",
		"127.0.0.1:65536",
		"127.0.0.1:+1",
		"127.0.0.1: 1",
		"127.1:9050",
		"0x7f.0.0.1:9050",
		"2130706433:9050",
		"::1:9050",
		"[::1%lo]:9050",
		"[]:1",
		"[:1",
		"]:1",
		":9050",
		"127.0.0.1:",
		"unix:",
		"unix:/",
		"unix:relative",
		"unix:@abstract",
		"UNIX:/a",
		"127.0.0.1:9050 x",
		"unix",
	};
	char longest[200] = "unix:/";
	char *s = NULL;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		assert_int_equal(
			value_parse(PROFILE_TYPE_TOR, texts[i], &s, NULL),
			-EINVAL);
	/* sun_path holds 108 bytes, its NUL included */
	memset(longest + 6, 'a', 106);
	assert_int_equal(value_parse(PROFILE_TYPE_TOR, longest, &s, NULL), 0);
	longest[112] = 'a';
	assert_int_equal(value_parse(PROFILE_TYPE_TOR, longest, &s, NULL),
			 -EINVAL);
	free(s);
}

static const struct {
	const char *text, *what; /* NULL: fine */
} mounts[] = {
	{ "/srv", NULL },
	{ "/srv:/mnt", NULL },
	{ "~/a", NULL },
	{ "/a/...", NULL },
	{ "/dev/dri", NULL },
	{ "/run/user/1000/pulse", NULL },
	{ "/tmp/x", NULL },
	{ "/process:/system", NULL },
	{ "~/proc", NULL },
	{ "~/.config/mutt", NULL },
	{ "~/conf:~/.config", NULL },
	{ "~/.config/isolate-notes", NULL },
	{ "srv", "source \"srv\" does not begin with / or ~/" },
	{ "./srv", "source \"./srv\" does not begin with / or ~/" },
	{ "~", "source \"~\" does not begin with / or ~/" },
	{ "~/", "source \"~/\" does not begin with / or ~/" },
	{ "~root/x", "source \"~root/x\" does not begin with / or ~/" },
	{ "/a:", "destination \"\" does not begin with / or ~/" },
	{ ":/a", "source \"\" does not begin with / or ~/" },
	{ "/a:b", "destination \"b\" does not begin with / or ~/" },
	{ "/a/../b", "source \"/a/../b\" has an empty, . or .. part" },
	{ "/a/..", "source \"/a/..\" has an empty, . or .. part" },
	{ "~/../x", "source \"~/../x\" has an empty, . or .. part" },
	{ "/./proc", "source \"/./proc\" has an empty, . or .. part" },
	{ "//proc", "source \"//proc\" has an empty, . or .. part" },
	{ "/a/", "source \"/a/\" has an empty, . or .. part" },
	{ "/a:/b/./c", "destination \"/b/./c\" has an empty, . or .. part" },
	{ "/", "source \"/\" is refused: the whole file system is never "
	       "shared" },
	{ "/a:/", "destination \"/\" is refused: the whole file system is "
		  "never shared" },
	{ "/proc", "source \"/proc\" is refused: procfs tells about the "
		   "host" },
	{ "~/.config", "source \"~/.config\" is refused: isolate's profiles "
		       "are in it" },
	{ "~/.config/isolate/profiles:~/p",
	  "source \"~/.config/isolate/profiles\" is refused: isolate's "
	  "profiles are in it" },
	{ "~/.local", "source \"~/.local\" is refused: isolate's identities "
		      "are in it" },
	{ "~/.local/share/isolate/isolate.db",
	  "source \"~/.local/share/isolate/isolate.db\" is refused: "
	  "isolate's identities are in it" },
	{ "~/.config/systemd/user",
	  "source \"~/.config/systemd/user\" is refused: it starts programs "
	  "outside" },
	{ "/proc/self/root", "source \"/proc/self/root\" is refused: procfs "
			     "tells about the host" },
	{ "/a:/proc/sys", "destination \"/proc/sys\" is refused: procfs tells "
			  "about the host" },
	{ "/sys/class", "source \"/sys/class\" is refused: sysfs tells about "
			"the host" },
	{ "/dev", "source \"/dev\" is refused: the devices of the host are in "
		  "it" },
	{ "/run", "source \"/run\" is refused: the sockets of the host are in "
		  "it" },
	{ "/var/run", "source \"/var/run\" is refused: the sockets of the host "
		      "are in it" },
	{ "/run/user", "source \"/run/user\" is refused: the sockets of the "
		       "host are in it" },
	{ "/tmp", "source \"/tmp\" is refused: other programs' files are in "
		  "it" },
	{ "/etc", "source \"/etc\" is refused: it tells who and where you "
		  "are" },
	{ "/home", "source \"/home\" is refused: every user's files are in "
		   "it" },
};

static void test_mount_check_judges(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(mounts); i++) {
		struct fault f = { 0 };
		int rc = mount_check(mounts[i].text, &f);

		assert_int_equal(rc, mounts[i].what ? -EINVAL : 0);
		assert_string_equal(f.what,
				    mounts[i].what ? mounts[i].what : "");
	}
}

static void test_mount_split_gives_both_halves(void **state)
{
	size_t len;

	(void)state;
	assert_string_equal(mount_split("/a/b:/c", &len), "/c");
	assert_int_equal(len, 4);
	assert_string_equal(mount_split("~/a", &len), "~/a");
	assert_int_equal(len, 3);
}

static void test_near_distance_counts_edits(void **state)
{
	(void)state;
	assert_int_equal(near_distance("", ""), 0);
	assert_int_equal(near_distance("", "abc"), 3);
	assert_int_equal(near_distance("bind", "bnid"), 1);
	assert_int_equal(near_distance("kitten", "sitting"), 3);
	assert_int_equal(
		near_distance("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "a"),
		UINT32_MAX);
}

static void test_near_find_proposes_only_near_words(void **state)
{
	static const char *const words[] = { "network", "bind", "ro-bind",
					     "tor" };

	(void)state;
	assert_string_equal(near_find("netwrok", words, 4), "network");
	assert_string_equal(near_find("robind", words, 4), "ro-bind");
	assert_string_equal(near_find("tro", words, 4), "tor");
	assert_null(near_find("firefox", words, 4));
	assert_null(near_find("", words, 4));
	assert_null(near_find("x", NULL, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_value_takes_and_prints),
		cmocka_unit_test(test_value_refuses),
		cmocka_unit_test(test_value_keeps_a_scalar_on_error),
		cmocka_unit_test(test_value_refuses_other_upstreams),
		cmocka_unit_test(test_mount_check_judges),
		cmocka_unit_test(test_mount_split_gives_both_halves),
		cmocka_unit_test(test_near_distance_counts_edits),
		cmocka_unit_test(test_near_find_proposes_only_near_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
