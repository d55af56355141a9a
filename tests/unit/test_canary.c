/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_canary.c - each check sees a world that is not as promised */
#include <net/if.h>
#include <net/route.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include <cmocka.h>

/* for its checks, one by one */
#include "launcher/canary.c"
#include "launcher/canary_net.c"

#include "base/caps.h"
#include "launcher/wire.h"
#include "netns/link.h"
#include "tests/unit/ns.h"

static const struct plan networked = { .network = true };
static const struct plan open_to_all = { .network = true, .transparent = true };
static const struct plan alone = { .network = false };

static struct sandbox with_net = { .plan = &networked, .exec_pipe = -1 };
static struct sandbox with_all = { .plan = &open_to_all, .exec_pipe = -1 };
static struct sandbox without_net = { .plan = &alone, .exec_pipe = -1 };

typedef int check_fn(struct sandbox *sb, struct fault *f);

/* Does @check fail, and say so? */
static bool fires(check_fn *check, struct sandbox *sb, const char *why)
{
	struct fault f = { 0 };

	return check(sb, &f) < 0 && strstr(f.what, why);
}

static bool passes(check_fn *check, struct sandbox *sb)
{
	struct fault f = { 0 };

	return check(sb, &f) == 0;
}

static const char *wire_up_as(const struct plan *plan, bool rules)
{
	struct fault f = { 0 };
	struct wire w;

	wire_init(&w, plan);
	if (wire_make_gateway_netns(&w, &f) < 0 ||
	    wire_make_app_netns(&w, &f) < 0 || netns_harden(true, &f) < 0 ||
	    wire_start_loopback(&w, &f) < 0 ||
	    (rules && wire_load_redirect(&w, &f) < 0) ||
	    wire_connect(&w, &f) < 0)
		return "the world could not be made";
	return NULL;
}

static const char *wire_up(void)
{
	return wire_up_as(&networked, true);
}

static const char *see_network(void *arg)
{
	const char *wrong = wire_up();

	(void)arg;
	if (wrong)
		return wrong;
	NS_CHECK(passes(check_interfaces, &with_net));
	NS_CHECK(passes(check_routes, &with_net));
	NS_CHECK(passes(check_no_ipv6, &with_net));
	NS_CHECK(passes(check_unreachable, &with_net));
	/* one that was not promised */
	NS_CHECK(fires(check_interfaces, &without_net, "interfaces"));
	NS_CHECK(fires(check_routes, &without_net, "routes"));
	return NULL;
}

static const char *see_transparent(void *arg)
{
	const char *wrong = wire_up_as(&open_to_all, true);

	(void)arg;
	if (wrong)
		return wrong;
	NS_CHECK(passes(check_interfaces, &with_all));
	NS_CHECK(passes(check_routes, &with_all));
	NS_CHECK(passes(check_no_ipv6, &with_all));
	NS_CHECK(passes(check_unreachable, &with_all));
	/* a default route that was not promised */
	NS_CHECK(fires(check_routes, &with_net, "leads elsewhere"));
	NS_CHECK(fires(check_unreachable, &with_net, "route to the internet"));
	return NULL;
}

static const char *see_no_default_route(void *arg)
{
	const char *wrong = wire_up();

	(void)arg;
	if (wrong)
		return wrong;
	NS_CHECK(fires(check_routes, &with_all, "missing"));
	NS_CHECK(fires(check_unreachable, &with_all, "there is no route"));
	return NULL;
}

static const char *see_no_rules(void *arg)
{
	const char *wrong = wire_up_as(&open_to_all, false);

	(void)arg;
	if (wrong)
		return wrong;
	NS_CHECK(passes(check_routes, &with_all));
	NS_CHECK(fires(check_unreachable, &with_all, "refuses nothing"));
	return NULL;
}

/* One that is better than the promised one, for half of the internet. */
static const char *see_second_way(void *arg)
{
	struct rtentry r = { .rt_flags = RTF_UP };
	struct sockaddr_in to = { .sin_family = AF_INET }, mask = to;
	char device[] = FACADE_SELF_DEVICE;
	const char *wrong = wire_up_as(&open_to_all, true);
	int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	(void)arg;
	if (wrong)
		return wrong;
	inet_pton(AF_INET, "128.0.0.0", &to.sin_addr);
	inet_pton(AF_INET, "128.0.0.0", &mask.sin_addr);
	memcpy(&r.rt_dst, &to, sizeof(to));
	memcpy(&r.rt_genmask, &mask, sizeof(mask));
	r.rt_dev = device;
	NS_CHECK(ioctl(s, SIOCADDRT, &r) == 0);
	NS_CHECK(fires(check_routes, &with_all, "leads elsewhere"));
	NS_CHECK(fires(check_unreachable, &with_all, "another way"));
	return NULL;
}

static const char *see_no_network(void *arg)
{
	struct fault f = { 0 };
	struct wire w;

	(void)arg;
	wire_init(&w, &alone);
	NS_CHECK(wire_make_app_netns(&w, &f) == 0);
	NS_CHECK(netns_harden(true, &f) == 0);
	NS_CHECK(wire_start_loopback(&w, &f) == 0);
	NS_CHECK(passes(check_interfaces, &without_net));
	NS_CHECK(passes(check_routes, &without_net));
	NS_CHECK(passes(check_no_ipv6, &without_net));
	NS_CHECK(passes(check_unreachable, &without_net));
	NS_CHECK(fires(check_interfaces, &with_net, "missing"));
	NS_CHECK(fires(check_routes, &with_net, "missing"));
	return NULL;
}

static const char *see_ipv6(void *arg)
{
	const char *wrong = wire_up();

	(void)arg;
	if (wrong)
		return wrong;
	if (access("/proc/sys/net/ipv6", F_OK) < 0)
		return NULL;
	/* the default in a new netns, and the classic hole */
	NS_CHECK(fd_write_file(AT_FDCWD,
			       "/proc/sys/net/ipv6/conf/lo/disable_ipv6", 0,
			       "0") == 0);
	NS_CHECK(fires(check_no_ipv6, &with_net, "IPv6"));
	return NULL;
}

static const char *see_routes(void *arg)
{
	struct rtentry r = { .rt_flags = RTF_UP | RTF_GATEWAY };
	struct sockaddr_in any = { .sin_family = AF_INET }, gw = any;
	int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	const char *wrong = wire_up();

	(void)arg;
	if (wrong)
		return wrong;
	fd_replace(&s, socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
	inet_pton(AF_INET, FACADE_GATEWAY, &gw.sin_addr);
	memcpy(&r.rt_dst, &any, sizeof(any));
	memcpy(&r.rt_genmask, &any, sizeof(any));
	memcpy(&r.rt_gateway, &gw, sizeof(gw));
	NS_CHECK(ioctl(s, SIOCADDRT, &r) == 0);
	NS_CHECK(fires(check_routes, &with_net, "leads elsewhere"));
	NS_CHECK(fires(check_unreachable, &with_net, "route to the internet"));
	return NULL;
}

static const char *see_interfaces(void *arg)
{
	struct ifreq r = { .ifr_name = FACADE_SELF_DEVICE };
	const char *wrong = wire_up();
	int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	(void)arg;
	if (wrong)
		return wrong;
	NS_CHECK(ioctl(s, SIOCSIFFLAGS, &r) == 0);
	strcpy(r.ifr_newname, "wlan0");
	NS_CHECK(ioctl(s, SIOCSIFNAME, &r) == 0);
	NS_CHECK(fires(check_interfaces, &with_net, "wlan0"));
	return NULL;
}

static const char *see_privileges(void *arg)
{
	struct fault f = { 0 };

	(void)arg;
	NS_CHECK(fires(check_privileges, &with_net, "CapPrm"));
	NS_CHECK(prctl(PR_CAPBSET_READ, 0, 0, 0, 0) == 1);
	NS_CHECK(caps_drop_all(&f) == 0);
	NS_CHECK(prctl(PR_CAPBSET_READ, 0, 0, 0, 0) == 0);
	NS_CHECK(fires(check_privileges, &with_net, "NoNewPrivs"));
	NS_CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	NS_CHECK(passes(check_privileges, &with_net));
	return NULL;
}

static const char *see_bounding_set(void *arg)
{
	(void)arg;
	/* what an exec gives all others up for, but not this one */
	NS_CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	NS_CHECK(setresuid(0, 0, 0) == 0);
	NS_CHECK(fires(check_privileges, &with_net, "Cap"));
	return NULL;
}

static const char *see_ids(void *arg)
{
	(void)arg;
	/* the first user of a Debian has the facade's ids */
	NS_CHECK(fires(check_ids, &with_net,
		       getuid() == FACADE_UID && getgid() == FACADE_GID
			       ? "pid namespace"
			       : "ids"));
	return NULL;
}

static const char *see_names(void *arg)
{
	(void)arg;
	NS_CHECK(sethostname("alice-laptop", 12) == 0);
	NS_CHECK(fires(check_names, &with_net, "alice-laptop"));
	NS_CHECK(sethostname(FACADE_HOSTNAME, strlen(FACADE_HOSTNAME)) == 0);
	NS_CHECK(setdomainname("example.org", 11) == 0);
	NS_CHECK(fires(check_names, &with_net, "host name"));
	NS_CHECK(setdomainname(FACADE_DOMAIN, strlen(FACADE_DOMAIN)) == 0);
	NS_CHECK(fires(check_names, &with_net, "user namespaces"));
	return NULL;
}

static const char *see_userns_limit(void *arg)
{
	(void)arg;
	NS_CHECK(sethostname(FACADE_HOSTNAME, strlen(FACADE_HOSTNAME)) == 0);
	NS_CHECK(setdomainname(FACADE_DOMAIN, strlen(FACADE_DOMAIN)) == 0);
	NS_CHECK(fd_write_file(AT_FDCWD, "/proc/sys/user/max_user_namespaces",
			       0, "0") == 0);
	NS_CHECK(passes(check_names, &with_net));
	return NULL;
}

/* With 0-2 as given and nothing else open. */
static const char *descriptors(int in, int out)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (in >= 0)
		dup2(in, 0);
	else
		dup2(null, 0);
	dup2(out >= 0 ? out : null, 1);
	dup2(null, 2);
	close_range(3, ~0U, 0);
	return NULL;
}

static const char *see_descriptors(void *arg)
{
	struct fault f = { 0 };
	int p[2], s[2];

	(void)arg;
	descriptors(-1, -1);
	NS_CHECK(passes(check_descriptors, &with_net));
	NS_CHECK(pipe2(p, O_CLOEXEC) == 0);
	NS_CHECK(fires(check_descriptors, &with_net, "descriptor 3 is open"));
	descriptors(p[0], p[1]);
	NS_CHECK(passes(check_descriptors, &with_net));
	/* the exec pipe is the one that may stay */
	with_net.exec_pipe = fcntl(0, F_DUPFD_CLOEXEC, 3);
	NS_CHECK(passes(check_descriptors, &with_net));
	NS_CHECK(fcntl(0, F_DUPFD_CLOEXEC, 3) > 3);
	NS_CHECK(fires(check_descriptors, &with_net, "is open"));
	with_net.exec_pipe = -1;

	descriptors(memfd_create("x", MFD_CLOEXEC), -1);
	NS_CHECK(fires(check_descriptors, &with_net, "descriptor 0"));
	NS_CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, s) == 0);
	descriptors(-1, s[0]);
	NS_CHECK(fires(check_descriptors, &with_net, "descriptor 1"));
	descriptors(open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC), -1);
	NS_CHECK(fires(check_descriptors, &with_net, "descriptor 0"));
	descriptors(open("/dev/zero", O_RDONLY | O_CLOEXEC), -1);
	NS_CHECK(fires(check_descriptors, &with_net, "descriptor 0"));
	(void)f;
	return NULL;
}

static const char *see_host_mounts(void *arg)
{
	(void)arg;
	NS_CHECK(fires(canary_check_mounts, &with_net, "mounts"));
	return NULL;
}

static const char *see_no_filter(void *arg)
{
	(void)arg;
	NS_CHECK(fires(canary_check_filter, &with_net, "seccomp"));
	return NULL;
}

static void test_canary_mount_points(void **state)
{
	static char dst[] = "/mnt/doc";
	struct plan_grant grant = { .dst = dst, .writable = false };
	const struct plan plan = { .grants = &grant, .ngrants = 1 };

	(void)state;
	assert_true(is_expected_mount(&plan, "/"));
	assert_true(is_expected_mount(&plan, "/proc/sys"));
	assert_true(is_expected_mount(&plan, "/etc/alternatives"));
	assert_true(is_expected_mount(&plan, "/mnt/doc/below"));
	assert_false(is_expected_mount(&plan, "/mnt/docs"));
	assert_false(is_expected_mount(&plan, "/mnt"));
	assert_false(is_expected_mount(&plan, "/sys"));
	assert_false(is_expected_mount(&plan, "/etc"));
	assert_false(is_expected_mount(&plan, "/home"));
	assert_false(is_expected_mount(&plan, "/home/user/x"));
	assert_false(is_expected_mount(&plan, "/run/user/1000/bus"));
	/* only what is meant to be written */
	assert_true(may_write(&plan, "/home/user"));
	assert_false(may_write(&plan, "/usr"));
	assert_false(may_write(&plan, "/"));
	assert_false(may_write(&plan, "/mnt/doc"));
	grant.writable = true;
	assert_true(may_write(&plan, "/mnt/doc"));
	assert_true(may_write(&plan, "/mnt/doc/below"));
	assert_false(may_write(&plan, "/mnt/docs"));
	/* what comes along below a grant */
	assert_false(may_be("/mnt/doc/chroot/proc", "proc"));
	assert_false(may_be("/mnt/doc/sys", "sysfs"));
	assert_false(may_be("/mnt/doc/dev", "devtmpfs"));
	assert_false(may_be("/process", "proc"));
	assert_true(may_be("/mnt/doc", "ext4"));
	assert_true(may_be("/proc/sys", "overlay"));
	assert_true(may_be("/dev/pts", "devpts"));
}

static void test_canary_mounts_tied_to_the_host(void **state)
{
	static const struct {
		const char *line;
		bool tied;
	} rows[] = {
		{ "36 35 0:3 / /x rw,nosuid master:1 - ext4 /dev/x rw", true },
		{ "36 35 0:3 / /x rw,nosuid shared:2 - ext4 /dev/x rw", true },
		{ "36 35 0:3 / /x rw,nosuid - ext4 /dev/x rw", false },
		/* only before the dash */
		{ "36 35 0:3 / /x rw,nosuid - overlay x rw, master:1", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_int_equal(
			is_tied(rows[i].line, strstr(rows[i].line, " - ")),
			rows[i].tied);
}

static void test_canary_routes_read_exactly(void **state)
{
	static const char *const others[] = {
		"",
		"eth0",
		"eth0\t0A98980A",
		"eth1\t0A98980A\t00000000\t0005\t0\t0\t0\tFFFFFFFF\t0\t0\t0",
		"eth0\t0A98980B\t00000000\t0005\t0\t0\t0\tFFFFFFFF\t0\t0\t0",
		"eth0\t0A98980A\t0A98980B\t0007\t0\t0\t0\tFFFFFFFF\t0\t0\t0",
		"eth0\t0A98980A\t00000000\t0005\t0\t0\t0\t00FFFFFF\t0\t0\t0",
		"eth0\t00000000\t00000000\t0005\t0\t0\t0\t00000000\t0\t0\t0",
		"eth1\t00000000\t0A98980A\t0003\t0\t0\t0\t00000000\t0\t0\t0",
		"*\t00000000\t00000000\t0201\t0\t0\t0\t00000000\t0\t0\t0",
		"*\t0A98980A\t00000000\t0005\t0\t0\t0\tFFFFFFFF\t0\t0\t0",
	};
	char line[128];

	(void)state;
	/* the address is in the machine's byte order there */
	snprintf(line, sizeof(line),
		 "eth0\t%08X\t00000000\t0005\t0\t0\t0\tFFFFFFFF\t0\t0\t0",
		 inet_addr(FACADE_GATEWAY));
	assert_int_equal(find_route(line), 0);
	snprintf(line, sizeof(line),
		 "eth0\t00000000\t%08X\t0003\t0\t0\t0\t00000000\t0\t0\t0",
		 inet_addr(FACADE_GATEWAY));
	assert_int_equal(find_route(line), 1);
	snprintf(line, sizeof(line),
		 "*\t%08X\t00000000\t0201\t0\t0\t0\t%08X\t0\t0\t0",
		 inet_addr("224.0.0.0"), inet_addr("224.0.0.0"));
	assert_int_equal(find_route(line), 2);
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		snprintf(line, sizeof(line), "%s", others[i]);
		assert_int_equal(find_route(line), -1);
	}
}

#define NS_TEST(name, flags, fn)                                               \
	static void name(void **state)                                         \
	{                                                                      \
		(void)state;                                                   \
		ns_run_in(flags, fn, NULL);                                    \
	}

NS_TEST(test_canary_network_as_promised, 0, see_network)
NS_TEST(test_canary_transparent_as_promised, 0, see_transparent)
NS_TEST(test_canary_sees_no_default_route, 0, see_no_default_route)
NS_TEST(test_canary_sees_no_rules, 0, see_no_rules)
NS_TEST(test_canary_sees_a_second_way, 0, see_second_way)
NS_TEST(test_canary_no_network_as_promised, 0, see_no_network)
NS_TEST(test_canary_sees_ipv6, 0, see_ipv6)
NS_TEST(test_canary_sees_a_route, 0, see_routes)
NS_TEST(test_canary_sees_an_interface, 0, see_interfaces)
NS_TEST(test_canary_sees_privileges, 0, see_privileges)
NS_TEST(test_canary_sees_the_bounding_set, 0, see_bounding_set)
NS_TEST(test_canary_sees_names, CLONE_NEWUTS, see_names)
NS_TEST(test_canary_sees_the_userns_limit, CLONE_NEWUTS, see_userns_limit)

static void test_canary_sees_the_host(void **state)
{
	(void)state;
	ns_run(see_ids, NULL);
	ns_run(see_host_mounts, NULL);
	ns_run(see_no_filter, NULL);
}

static void test_canary_sees_descriptors(void **state)
{
	(void)state;
	ns_run(see_descriptors, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_canary_network_as_promised),
		cmocka_unit_test(test_canary_transparent_as_promised),
		cmocka_unit_test(test_canary_sees_no_default_route),
		cmocka_unit_test(test_canary_sees_no_rules),
		cmocka_unit_test(test_canary_sees_a_second_way),
		cmocka_unit_test(test_canary_no_network_as_promised),
		cmocka_unit_test(test_canary_sees_ipv6),
		cmocka_unit_test(test_canary_sees_a_route),
		cmocka_unit_test(test_canary_sees_an_interface),
		cmocka_unit_test(test_canary_sees_privileges),
		cmocka_unit_test(test_canary_sees_the_bounding_set),
		cmocka_unit_test(test_canary_sees_names),
		cmocka_unit_test(test_canary_sees_the_userns_limit),
		cmocka_unit_test(test_canary_sees_the_host),
		cmocka_unit_test(test_canary_sees_descriptors),
		cmocka_unit_test(test_canary_mount_points),
		cmocka_unit_test(test_canary_mounts_tied_to_the_host),
		cmocka_unit_test(test_canary_routes_read_exactly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
