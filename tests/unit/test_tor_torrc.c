/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_tor_torrc.c - what a drop-in may say, and what comes out */
#include "tor/torrc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tor/dropin.h"
#include "tor/ports.h"

static void test_torrc_refuses_lines(void **state)
{
	static const char *const bad[] = {
		"SocksPort 9050",
		"socksport 0.0.0.0:9050",
		"  SOCKSPORT 9050",
		"\tSocksPort 9050",
		"__SocksPort 9050",
		"__socksport 9050",
		"SocksPor 9050",
		"Socks 9050",
		"+SocksPort 9050",
		"/SocksPort",
		"SocksPort",
		"SocksPort#x",
		"ORPort 9001",
		"ExtORPort auto",
		"DirPort 80",
		"ControlPort 9051",
		"ControlSocket /tmp/x",
		"ControlPortWriteToFile /tmp/x",
		"DNSPort 53",
		"TransPort 9040",
		"NATDPort 1",
		"HTTPTunnelPort 8118",
		"MetricsPort 1",
		"ServerTransportListenAddr obfs4 0.0.0.0:1",
		"ServerTransportPlugin obfs4 exec /usr/bin/obfs4proxy",
		"ClientRejectInternalAddresses 0",
		"ClientDNSRejectInternalAddresses 0",
		"ClientOnly 0",
		"DataDirectory /tmp",
		"User root",
		"RunAsDaemon 0",
		"PidFile /tmp/x",
		"DisableNetwork 1",
		"CookieAuthentication 0",
		"CookieAuthFile /tmp/x",
		"HashedControlPassword 16:00",
		"__HashedControlSessionPassword 16:00",
		"__OwningControllerProcess 1",
		"__DisableSignalHandlers 1",
		"__LeaveStreamsUnattached 1",
		"UnixSocksGroupWritable 1",
		"ClientTransportPlugin obfs4 exec /usr/bin/obfs4proxy",
		"HiddenServiceDir /tmp/x",
		"HiddenServicePort 80",
		"HiddenServiceNonAnonymousMode 1",
		"AccelDir /tmp/x",
		"MapAddress a.test b.test",
		"AutomapHostsOnResolve 1",
		"Log debug file /tmp/x",
		"SafeLogging 0",
		"Sandbox 1",
		"TestingAuthKeyLifetime 1",
		"CacheDirectory /tmp",
		"KeyDirectory /tmp",
		"ServerDNSResolvConfFile /tmp/x",
		"ExitRelay 1",
		"BridgeRelay 1",
		"SocksPolicy accept *",
		/* the beginning of one that is allowed, and more than that */
		"UseBridge 1",
		"UseBridges1 1",
		"_UseBridges 1",
		"%include /tmp/x",
		"  %include /tmp/x",
		"\"SocksPort\" 1",
		"Log notice \\\nSocksPort 9050",
		"Log\\\n",
		"# comment \\",
		"___ 1",
		"Log notice\rSocksPort 9050",
		"Log notice\vSocksPort 9050",
		"\xef\xbb\xbfSocksPort 1",
		"Bridge\xa0x",
		"UseBridges 1\nSocksPort 1",
		"UseBridges 1\n\n# x\nControlPort 1\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct fault f = { .err = 0 };

		if (tor_dropin_check("a.conf", bad[i], strlen(bad[i]), &f) !=
		    -EINVAL)
			fail_msg("passed: %s", bad[i]);
		assert_memory_equal(f.what, "a.conf:", 7);
	}
}

static void test_torrc_names_the_line(void **state)
{
	static const char text[] = "UseBridges 1\n\n  # x\nDNSPort 53\n";
	struct fault f = { .err = 0 };

	(void)state;
	tor_dropin_check("b.conf", text, strlen(text), &f);
	assert_string_equal(f.what, "b.conf:4: DNSPort is not an option for a "
				    "drop-in");
}

static void test_torrc_refuses_nul(void **state)
{
	(void)state;
	assert_int_equal(tor_dropin_check("x", "Log a\0b\n", 8, NULL), -EINVAL);
}

static void test_torrc_takes_what_a_user_needs(void **state)
{
	static const char text[] =
		"# my bridges\n\n"
		"UseBridges 1\n"
		"Bridge obfs4 192.0.2.1:1 FPR cert=x/y+z iat-mode=0\n"
		"\tHTTPSProxy 192.0.2.1:3128\n"
		"Socks5Proxy 192.0.2.1:1080\n"
		"ExcludeNodes {xx}\n"
		"DirAuthority a orport=1 no-v2 v3ident=x 127.0.0.1:2 FPR\n"
		"TestingTorNetwork 1\n"
		"OutboundBindAddress 127.0.0.1\n"
		"geoipfile /home/x\n"
		"ClientOnionAuthDir /home/x\n"
		"ConnectionPadding 1";

	(void)state;
	assert_int_equal(tor_dropin_check("x", text, strlen(text), NULL), 0);
	assert_int_equal(tor_dropin_check("x", "", 0, NULL), 0);
}

/* a path cannot add a line, and of twice-set options ours are the last */
static void test_torrc_composes(void **state)
{
	struct tor_ports ports = { .n = 1, .names = { "work" } };
	autofree char *text = NULL;
	char longest[PATH_MAX + 1];

	(void)state;
	assert_int_equal(tor_torrc_compose("/d\nORPort 1", "/s", &ports,
					   "SafeLogging 0\nConfluxEnabled 1\n",
					   &text),
			 0);
	assert_null(strstr(text, "\nORPort"));
	assert_non_null(strstr(text, "\nSocksPort unix:\"/s/socks\"\n"
				     "SocksPort unix:\"/s/socks.work\"\n"));
	assert_non_null(strstr(text, "\nClientRejectInternalAddresses 1\n"));
	/* of two that tor is told the last one counts */
	assert_true(strstr(text, "ConfluxEnabled 1\n") <
		    strstr(text, "ConfluxEnabled 0\n"));
	assert_true(strstr(text, "SafeLogging 0") <
		    strstr(text, "SafeLogging 1"));
	memset(longest, 'a', sizeof(longest));
	longest[0] = '/';
	longest[PATH_MAX] = '\0';
	free(text);
	text = NULL;
	assert_int_equal(tor_torrc_compose(longest, "/s", &ports, "", &text),
			 -ENAMETOOLONG);
}

static void put(const char *dir, const char *name, const char *text,
		mode_t mode)
{
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(fd_write_full(fd, text, strlen(text)), 0);
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static void test_torrc_reads_dropins(void **state)
{
	static const char *const made[] = { "10.conf", "20.conf", "30.conf",
					    "x.conf~", ".hidden.conf" };
	char dir[] = "/tmp/isolate-torrc-XXXXXX", path[64];
	struct fault f = { .err = 0 };
	char *text = NULL;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/none", dir);
	assert_int_equal(tor_dropin_read_all(path, &text, &f), 0);
	assert_string_equal(text, "");
	free(text);

	put(dir, "20.conf", "UseBridges 1", 0600);
	put(dir, "10.conf", "StrictNodes 1\n", 0644);
	put(dir, "x.conf~", "SocksPort 1\n", 0600);
	put(dir, ".hidden.conf", "SocksPort 1\n", 0600);
	assert_int_equal(tor_dropin_read_all(dir, &text, &f), 0);
	assert_string_equal(text, "StrictNodes 1\n\nUseBridges 1\n");
	free(text);

	put(dir, "30.conf", "SocksPort 1\n", 0600);
	assert_int_equal(tor_dropin_read_all(dir, &text, &f), -EINVAL);
	assert_non_null(strstr(f.what, "30.conf:1: SocksPort"));
	put(dir, "30.conf", "UseBridges 1\n", 0622);
	assert_int_equal(tor_dropin_read_all(dir, &text, &f), -EPERM);
	snprintf(path, sizeof(path), "%s/30.conf", dir);
	unlink(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(tor_dropin_read_all(dir, &text, &f), -EINVAL);
	unlink(path);
	put(dir, "x.conf~", "StrictNodes 1\n", 0600);
	assert_int_equal(symlink("x.conf~", path), 0);
	assert_int_equal(tor_dropin_read_all(dir, &text, &f), -ELOOP);
	unlink(path);
	/* whoever can write to the directory can put a file there */
	assert_int_equal(chmod(dir, 0777), 0);
	assert_int_equal(tor_dropin_read_all(dir, &text, &f), -EPERM);
	assert_int_equal(chmod(dir, 0700), 0);
	assert_int_equal(tor_dropin_read_all(dir, &text, &f), 0);
	free(text);
	put(dir, "30.conf", "", 0600);
	snprintf(path, sizeof(path), "%s.link", dir);
	assert_int_equal(symlink(dir, path), 0);
	assert_int_equal(tor_dropin_read_all(path, &text, &f), -ENOTDIR);
	unlink(path);
	for (size_t i = 0; i < ARRAY_SIZE(made); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, made[i]);
		assert_int_equal(unlink(path), 0);
	}
	assert_int_equal(rmdir(dir), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_torrc_refuses_lines),
		cmocka_unit_test(test_torrc_names_the_line),
		cmocka_unit_test(test_torrc_refuses_nul),
		cmocka_unit_test(test_torrc_takes_what_a_user_needs),
		cmocka_unit_test(test_torrc_composes),
		cmocka_unit_test(test_torrc_reads_dropins),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
