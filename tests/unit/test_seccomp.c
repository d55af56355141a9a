/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_seccomp.c - the compiled filter enforces its policy */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/attr.h"
#include "seccomp/compile.h"
#include "seccomp/install.h"
#include "tests/data/sysprobe.h"

#define ALL_GROUPS ((UINT64_C(1) << SECCOMP_NGROUPS) - 1)
#define ALL_FAMILIES ((1u << SECCOMP_NFAMILIES) - 1)

static int install(void *prog)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	return seccomp_install(prog);
}

static void compile(const struct seccomp_spec *spec,
		    struct seccomp_program *prog)
{
	struct fault f = { 0 };

	if (seccomp_compile(spec, prog, &f) != 0)
		fail_msg("%s", f.what);
	assert_in_range(prog->len, 1, BPF_MAXINSNS);
}

static int result_under(struct seccomp_program *prog, const char *name)
{
	const struct probe *p = probe_find(name);

	if (!p)
		fail_msg("no probe %s", name);
	return probe_run(p, install, prog);
}

static void assert_result(const char *name, int got, int want)
{
	if (got != want)
		fail_msg("%s: %s, not %s", name, probe_result_name(got),
			 probe_result_name(want));
}

static void assert_like_plain(struct seccomp_program *prog, const char *name)
{
	assert_result(name, result_under(prog, name),
		      probe_run(probe_find(name), NULL, NULL));
}

static void test_seccomp_default_refuses(void **state)
{
	struct seccomp_program prog;
	struct seccomp_spec spec;

	(void)state;
	seccomp_spec_default(&spec);
	compile(&spec, &prog);
	for (size_t i = 0; i < nprobes; i++)
		if (probes[i].plain != PROBE_PLAIN_SAME)
			assert_result(probes[i].name,
				      probe_run(&probes[i], install, &prog),
				      probes[i].want);
	seccomp_program_free(&prog);
}

/* Without a filter the answer is another one, so the probes detect. */
static void test_seccomp_probes_detect(void **state)
{
	size_t proved = 0, lacking = 0;

	(void)state;
	for (size_t i = 0; i < nprobes; i++) {
		const struct probe *p = &probes[i];
		int got;

		if (p->plain == PROBE_PLAIN_SAME ||
		    p->plain == PROBE_PLAIN_NEVER ||
		    (p->plain == PROBE_PLAIN_DIFFERS_TO_ROOT && geteuid()))
			continue;
		got = probe_run(p, NULL, NULL);
		if (got != p->want)
			proved++;
		else if (p->plain == PROBE_PLAIN_MAY_LACK || got == -ENOSYS)
			lacking++;
		else
			fail_msg("%s: %s without a filter too", p->name,
				 probe_result_name(got));
	}
	print_message("%zu probes differ without the filter, %zu name what "
		      "this kernel lacks\n",
		      proved, lacking);
	assert_true(proved > 50);
}

static void test_seccomp_default_allows(void **state)
{
	struct seccomp_program prog;
	struct seccomp_spec spec;

	(void)state;
	seccomp_spec_default(&spec);
	compile(&spec, &prog);
	for (size_t i = 0; i < nprobes; i++)
		if (probes[i].plain == PROBE_PLAIN_SAME)
			assert_like_plain(&prog, probes[i].name);
	seccomp_program_free(&prog);
}

/* Nothing that is never allowed opens, whatever a profile turns on. */
static void test_seccomp_all_groups_leave_the_rest_closed(void **state)
{
	static const char *const closed[] = {
		"io_uring_setup",
		"io_uring_enter",
		"io_uring_register",
		"clone3",
		"setns",
		"fsopen",
		"fsmount",
		"open_tree",
		"move_mount",
		"mount_setattr",
		"statmount",
		"listmount",
		"bpf",
		"perf_event_open",
		"userfaultfd",
		"keyctl",
		"add_key",
		"request_key",
		"vmsplice",
		"adjtimex",
		"clock_adjtime",
		"clock_settime",
		"settimeofday",
		"syslog",
		"acct",
		"init_module",
		"finit_module",
		"kexec_load",
		"reboot",
		"swapon",
		"name_to_handle_at",
		"open_by_handle_at",
		"fanotify_init",
		"quotactl",
		"mknod-device",
		"tiocsti",
		"tiocsti-high-bits",
		"tioclinux",
		"tiocsetd",
		"getfsuuid",
		"siocethtool",
		"tunsetiff",
		"socket-vsock",
		"socket-packet",
		"socket-alg",
		"socket-xdp",
		"socket-inet-raw",
		"socket-netlink-audit",
		"socket-netlink-netfilter",
		"setsockopt-ipt-replace",
		"setsockopt-tcp-ulp",
		"personality-read-implies-exec",
		"personality-high-bits",
		"prctl-set-mm",
		"prctl-memory-merge",
		"cachestat",
#ifdef __x86_64__
		"int80-getpid",
		"int80-socketcall",
		"x32-getpid",
		"x32-ptrace",
		"iopl",
		"modify_ldt",
#endif
	};
	struct seccomp_spec spec = { ALL_GROUPS, ALL_FAMILIES, false };
	struct seccomp_program prog;

	(void)state;
	compile(&spec, &prog);
	for (size_t i = 0; i < ARRAY_SIZE(closed); i++)
		assert_result(closed[i], result_under(&prog, closed[i]),
			      probe_find(closed[i])->want);
	seccomp_program_free(&prog);
}

/* Each row: what turning one thing on opens, and that it was closed. */
static const struct {
	const char *group;  /* or NULL */
	const char *family; /* or NULL */
	const char *probe;
} opened[] = {
	{ "ptrace", NULL, "ptrace" },
	{ "ptrace", NULL, "process_vm_readv" },
	{ "ptrace", NULL, "process_vm_writev" },
	{ "ptrace", NULL, "pidfd_getfd" },
	{ "ptrace", NULL, "kcmp" },
	{ "ptrace", NULL, "personality-no-randomize" },
	{ "userns", NULL, "clone-newuser" },
	{ "userns", NULL, "clone-newnet" },
	{ "userns", NULL, "unshare-newuser" },
	{ "userns", NULL, "chroot" },
	{ "nested-mount", NULL, "mount" },
	{ "nested-mount", NULL, "umount2" },
	{ "aio", NULL, "io_setup" },
	{ "numa", NULL, "get_mempolicy" },
	{ "ipc-posix", NULL, "mq_open" },
	{ "gpu", NULL, "drm-version" },
	{ NULL, "netlink", "socket-netlink-route" },
	{ NULL, "netlink", "setsockopt-netlink" },
};

static void test_seccomp_groups_open_what_they_say(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(opened); i++) {
		struct seccomp_program prog;
		struct seccomp_spec spec;

		seccomp_spec_default(&spec);
		if (opened[i].group)
			spec.groups |= UINT64_C(1)
				       << seccomp_group_find(opened[i].group);
		if (opened[i].family)
			spec.families |=
				1u << seccomp_family_find(opened[i].family);
		compile(&spec, &prog);
		assert_like_plain(&prog, opened[i].probe);
		seccomp_program_free(&prog);
	}
}

static void test_seccomp_group_off_is_enosys(void **state)
{
	struct seccomp_program prog;
	struct seccomp_spec spec;

	(void)state;
	seccomp_spec_default(&spec);
	spec.groups &= ~(UINT64_C(1) << SECCOMP_GROUP_NETWORK_CLIENT |
			 UINT64_C(1) << SECCOMP_GROUP_TERMINAL |
			 UINT64_C(1) << SECCOMP_GROUP_SELF_SANDBOX);
	compile(&spec, &prog);
	assert_result("socket", result_under(&prog, "socket-inet"), -ENOSYS);
	assert_result("ioctl", result_under(&prog, "ioctl-tcgets"), -ENOSYS);
	assert_result("ioctl", result_under(&prog, "tiocsti"), -ENOSYS);
	assert_result("seccomp", result_under(&prog, "seccomp"), -ENOSYS);
	assert_like_plain(&prog, "clone-plain");
	seccomp_program_free(&prog);
}

static void test_seccomp_wx_refuses_writable_code(void **state)
{
	static const char *const refused[] = { "mmap-wx", "mprotect-x",
					       "pkey_mprotect-x", "shmat-exec",
					       "memfd" };
	static const char *const allowed[] = { "mmap-x", "mmap-w", "mprotect-w",
					       "shmat", "memfd-noexec" };
	struct seccomp_program prog;
	struct seccomp_spec spec;

	(void)state;
	seccomp_spec_default(&spec);
	spec.wx = true;
	compile(&spec, &prog);
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++)
		assert_result(refused[i], result_under(&prog, refused[i]),
			      -EACCES);
	for (size_t i = 0; i < ARRAY_SIZE(allowed); i++)
		assert_like_plain(&prog, allowed[i]);
	seccomp_program_free(&prog);
}

/* Every family there is, with a type that the kernel refuses first. */
static void families_refused(struct seccomp_program *prog, uint32_t families)
{
	static const int numbers[SECCOMP_NFAMILIES] = {
		[SECCOMP_FAMILY_UNIX] = AF_UNIX,
		[SECCOMP_FAMILY_INET] = AF_INET,
		[SECCOMP_FAMILY_INET6] = AF_INET6,
		[SECCOMP_FAMILY_NETLINK] = AF_NETLINK,
	};

	for (int af = 0; af < 64; af++) {
		struct probe p = {
			.name = "socket",
			.nr = SYS_socket,
			.args = { (unsigned long)af, SOCK_DGRAM, 0 },
		};
		bool may = false;

		for (int i = 0; i < SECCOMP_NFAMILIES; i++)
			may |= (families >> i & 1) && numbers[i] == af;
		assert_result("socket", probe_run(&p, install, prog),
			      may ? probe_run(&p, NULL, NULL) : -EAFNOSUPPORT);
	}
}

static void test_seccomp_families_are_an_allow_list(void **state)
{
	static const uint32_t sets[] = { 0, 1u << SECCOMP_FAMILY_UNIX,
					 1u << SECCOMP_FAMILY_INET,
					 ALL_FAMILIES };
	struct seccomp_program prog;
	struct seccomp_spec spec;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sets); i++) {
		seccomp_spec_default(&spec);
		spec.families = sets[i];
		compile(&spec, &prog);
		families_refused(&prog, sets[i]);
		seccomp_program_free(&prog);
	}
}

static void test_seccomp_unknown_bits_are_refused(void **state)
{
	struct seccomp_spec group = { UINT64_C(1) << SECCOMP_NGROUPS, 0, 0 };
	struct seccomp_spec family = { 0, 1u << SECCOMP_NFAMILIES, 0 };
	struct seccomp_program prog = { NULL, 0 };
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(seccomp_compile(&group, &prog, &f), -EINVAL);
	assert_non_null(strstr(f.what, "groups"));
	assert_int_equal(seccomp_compile(&family, &prog, &f), -EINVAL);
	assert_non_null(strstr(f.what, "families"));
	assert_null(prog.insns);
}

/* prepare()s whose result is the answer: 0 is what the test wants */
static int refused_without_no_new_privs(void *prog)
{
	return seccomp_install(prog) == -EPERM ? 0 : -1;
}

static int refused_when_empty(void *arg)
{
	const struct seccomp_program none = { NULL, 0 };

	(void)arg;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	return seccomp_install(&none) == -EINVAL ? 0 : -1;
}

static int refused_when_malformed(void *arg)
{
	/* falls off its end */
	struct sock_filter insn = BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0);
	const struct seccomp_program bad = { &insn, 1 };

	(void)arg;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	return seccomp_install(&bad) == -EINVAL ? 0 : -1;
}

static void test_seccomp_install_refuses(void **state)
{
	const struct probe *p = probe_find("getpid");
	struct seccomp_program prog;
	struct seccomp_spec spec;

	(void)state;
	seccomp_spec_default(&spec);
	compile(&spec, &prog);
	assert_int_equal(probe_run(p, refused_without_no_new_privs, &prog), 0);
	assert_int_equal(probe_run(p, refused_when_empty, NULL), 0);
	assert_int_equal(probe_run(p, refused_when_malformed, NULL), 0);
	seccomp_program_free(&prog);
}

/* An application's own filter that allows everything lifts nothing. */
static int install_and_allow_all(void *prog)
{
	struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, 0x7fff0000u);
	const struct seccomp_program all = { &allow, 1 };
	int rc = install(prog);

	return rc ? rc : seccomp_install(&all);
}

static void test_seccomp_nested_filter_lifts_nothing(void **state)
{
	static const char *const names[] = { "tiocsti", "clone-newuser",
					     "socket-inet-raw",
					     "io_uring_setup" };
	struct seccomp_program prog;
	struct seccomp_spec spec;

	(void)state;
	seccomp_spec_default(&spec);
	compile(&spec, &prog);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const struct probe *p = probe_find(names[i]);

		assert_result(p->name,
			      probe_run(p, install_and_allow_all, &prog),
			      p->want);
	}
	seccomp_program_free(&prog);
}

static void test_seccomp_program_free_is_fine_twice(void **state)
{
	struct seccomp_program prog;
	struct seccomp_spec spec;

	(void)state;
	seccomp_spec_default(&spec);
	compile(&spec, &prog);
	seccomp_program_free(&prog);
	assert_null(prog.insns);
	seccomp_program_free(&prog);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_seccomp_default_refuses),
		cmocka_unit_test(test_seccomp_probes_detect),
		cmocka_unit_test(test_seccomp_default_allows),
		cmocka_unit_test(test_seccomp_all_groups_leave_the_rest_closed),
		cmocka_unit_test(test_seccomp_groups_open_what_they_say),
		cmocka_unit_test(test_seccomp_group_off_is_enosys),
		cmocka_unit_test(test_seccomp_wx_refuses_writable_code),
		cmocka_unit_test(test_seccomp_families_are_an_allow_list),
		cmocka_unit_test(test_seccomp_unknown_bits_are_refused),
		cmocka_unit_test(test_seccomp_install_refuses),
		cmocka_unit_test(test_seccomp_nested_filter_lifts_nothing),
		cmocka_unit_test(test_seccomp_program_free_is_fine_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
