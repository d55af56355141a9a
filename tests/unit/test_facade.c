/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_facade.c - what every sandbox shows is well made */
#include "launcher/facade.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* Relative, no "..", no empty part. */
static bool is_plain(const char *path)
{
	return path[0] && path[0] != '/' && !strstr(path, "..") &&
	       !strstr(path, "//") && path[strlen(path) - 1] != '/';
}

static bool has_dir(const char *path, size_t len, size_t before)
{
	for (size_t i = 0; i < before && facade_dirs[i]; i++)
		if (strlen(facade_dirs[i]) == len &&
		    strncmp(facade_dirs[i], path, len) == 0)
			return true;
	return false;
}

/* Fails unless what @path is in is made, and by then. */
static void needs_parent(const char *path, size_t before)
{
	const char *slash = strrchr(path, '/');

	if (slash && !has_dir(path, (size_t)(slash - path), before))
		fail_msg("nothing to put %s in", path);
}

/* @found, or the text that a list has for @path. */
static const char *find_in(const struct facade_file *list, const char *path,
			   const char *found)
{
	for (; list->path; list++)
		if (strcmp(list->path, path) == 0) {
			/* once: they are made with O_EXCL */
			assert_null(found);
			found = list->text;
		}
	return found;
}

/* The same in every mode; a path is in each mode's list, or in none. */
static const char *text_of(const char *path)
{
	const char *text = find_in(facade_files, path, NULL);

	if (!text)
		fail_msg("no %s", path);
	find_in(facade_proxied_files, path, text);
	find_in(facade_transparent_files, path, text);
	return text;
}

static void check_files(const struct facade_file *list)
{
	for (; list->path; list++) {
		assert_true(is_plain(list->path));
		needs_parent(list->path, SIZE_MAX);
		/* nobody can write them */
		assert_int_equal(list->mode & 0133, 0);
	}
}

static void test_facade_is_made_in_order(void **state)
{
	(void)state;
	for (size_t i = 0; facade_dirs[i]; i++) {
		assert_true(is_plain(facade_dirs[i]));
		needs_parent(facade_dirs[i], i);
	}
	for (size_t i = 0; facade_links[i].path; i++) {
		assert_true(is_plain(facade_links[i].path));
		needs_parent(facade_links[i].path, SIZE_MAX);
	}
	check_files(facade_files);
	check_files(facade_proxied_files);
	check_files(facade_transparent_files);
	for (size_t i = 0; facade_files[i].path; i++)
		text_of(facade_files[i].path);
	for (size_t i = 0; facade_host_dirs[i]; i++) {
		assert_true(is_plain(facade_host_dirs[i]));
		assert_true(has_dir(facade_host_dirs[i],
				    strlen(facade_host_dirs[i]), SIZE_MAX));
		/* of /etc these tell least; never all of it */
		assert_int_equal(strncmp(facade_host_dirs[i], "etc/", 4), 0);
	}
}

static void test_facade_has_whonix_values(void **state)
{
	(void)state;
	assert_string_equal(FACADE_USER, "user");
	assert_string_equal(FACADE_HOSTNAME, "host");
	assert_string_equal(FACADE_GATEWAY, "10.152.152.10");
	assert_string_equal(text_of("etc/machine-id"),
			    "b08dfa6083e7567a1921a715000001fb\n");
	assert_non_null(strstr(text_of("etc/passwd"),
			       "\nuser:x:1000:1000::/home/user:"));
	assert_non_null(strstr(text_of("etc/hosts"), "127.0.0.1 localhost\n"));
	assert_string_equal(text_of("etc/hostname"), "host\n");
}

static void test_facade_asks_nobody_but_the_gateway(void **state)
{
	const char *resolv = text_of("etc/resolv.conf");
	const char *nss = text_of("etc/nsswitch.conf");

	(void)state;
	assert_non_null(strstr(resolv, "nameserver " FACADE_GATEWAY "\n"));
	assert_null(strstr(strstr(resolv, "nameserver") + 1, "nameserver"));
	assert_null(strstr(resolv, "search"));
	/* each of these talks to a daemon or the network */
	assert_null(strstr(nss, "systemd"));
	assert_null(strstr(nss, "resolve"));
	assert_null(strstr(nss, "mdns"));
	assert_null(strstr(nss, "sss"));
	assert_null(strstr(nss, "myhostname"));
	assert_null(strstr(nss, "nis"));
}

static void test_facade_of_ssh_follows_the_mode(void **state)
{
	static const char path[] = "etc/ssh/ssh_config";
	const char *proxied = find_in(facade_proxied_files, path, NULL);
	const char *transparent = find_in(facade_transparent_files, path, NULL);

	(void)state;
	assert_non_null(strstr(proxied, "ProxyCommand " FACADE_CONNECT));
	assert_null(strstr(transparent, "ProxyCommand"));
	/* what it must not do holds in both */
	assert_non_null(strstr(proxied, "ForwardAgent no\n"));
	assert_non_null(strstr(transparent, "ForwardAgent no\n"));
	/* irssi saves it into a home that may see other modes */
	assert_non_null(strstr(text_of("etc/irssi.conf"), FACADE_GATEWAY));
}

static void test_facade_addresses_are_addresses(void **state)
{
	struct in_addr gateway, self;

	(void)state;
	assert_int_equal(inet_pton(AF_INET, FACADE_GATEWAY, &gateway), 1);
	assert_int_equal(inet_pton(AF_INET, FACADE_SELF, &self), 1);
	assert_true(gateway.s_addr != self.s_addr);
	assert_string_not_equal(FACADE_GATEWAY_MAC, FACADE_SELF_MAC);
	/* locally administered, unicast: no maker's */
	assert_int_equal(strncmp(FACADE_SELF_MAC, "02:", 3), 0);
	assert_int_equal(strncmp(FACADE_GATEWAY_MAC, "02:", 3), 0);
	assert_int_equal(FACADE_CONNECT[0], '/');
	needs_parent(&FACADE_CONNECT[1], SIZE_MAX);
}

static void test_facade_of_proc_hides(void **state)
{
	static const char *const secret[] = {
		"kcore",   "kallsyms",  "keys",          "key-users",  "mdstat",
		"modules", "config.gz", "sysrq-trigger", "timer_list", "iomem",
		"ioports", "diskstats", "interrupts",    "scsi",       "acpi",
		"bus",     "driver",    "irq",           "tty",
	};

	(void)state;
	for (size_t i = 0; facade_proc_visible[i]; i++)
		for (size_t k = 0; k < sizeof(secret) / sizeof(*secret); k++)
			assert_string_not_equal(facade_proc_visible[i],
						secret[k]);
	for (size_t i = 0; facade_proc_files[i].path; i++) {
		assert_true(is_plain(facade_proc_files[i].path));
		/* a file of ours covers nothing that stays visible */
		for (size_t k = 0; facade_proc_visible[k]; k++)
			assert_string_not_equal(facade_proc_files[i].path,
						facade_proc_visible[k]);
	}
}

static void test_facade_devices_are_harmless(void **state)
{
	static const char *const allowed[] = { "null",   "zero",    "full",
					       "random", "urandom", "tty" };

	(void)state;
	for (size_t i = 0; facade_devices[i]; i++) {
		bool is_allowed = false;

		for (size_t k = 0; k < sizeof(allowed) / sizeof(*allowed); k++)
			is_allowed |=
				strcmp(facade_devices[i], allowed[k]) == 0;
		assert_true(is_allowed);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_facade_is_made_in_order),
		cmocka_unit_test(test_facade_has_whonix_values),
		cmocka_unit_test(test_facade_asks_nobody_but_the_gateway),
		cmocka_unit_test(test_facade_of_ssh_follows_the_mode),
		cmocka_unit_test(test_facade_addresses_are_addresses),
		cmocka_unit_test(test_facade_of_proc_hides),
		cmocka_unit_test(test_facade_devices_are_harmless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
