/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/plan.c - everything a launch will do, decided before it starts */
#include "launcher/plan.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/resource.h>

#include "base/alloc.h"
#include "launcher/env.h"
#include "launcher/facade.h"
#include "launcher/onionplan.h"
#include "launcher/ports.h"
#include "launcher/rules.h"
#include "netns/redirect.h"

_Static_assert((int)PROFILE_CONTROL_MINIMAL - 1 == (int)GWMSG_LEVEL_MINIMAL &&
		       (int)PROFILE_CONTROL_BROWSER - 1 ==
			       (int)GWMSG_LEVEL_BROWSER &&
		       (int)PROFILE_CONTROL_ONION_SERVICE - 1 ==
			       (int)GWMSG_LEVEL_ONION_SERVICE,
	       "behind none the profile's words are the gateway's");

_Static_assert((int)PROFILE_DNS_NAMES == (int)GWMSG_DNS_NAMES &&
		       (int)PROFILE_DNS_RESOLVE == (int)GWMSG_DNS_RESOLVE,
	       "the profile's words are the gateway's");

/* Debian's defaults; those that depend on the machine's size are fixed. */
static const struct plan_limit fixed_limits[] = {
	/* 1, not 0: the kernel then starts no core_pattern handler, which would
	 * get the memory outside of the sandbox (core(5), fs/coredump.c) */
	{ "core", RLIMIT_CORE, 1 },
	{ "fsize", RLIMIT_FSIZE, UINT64_MAX },
	{ "cpu", RLIMIT_CPU, UINT64_MAX },
	{ "data", RLIMIT_DATA, UINT64_MAX },
	{ "rss", RLIMIT_RSS, UINT64_MAX },
	{ "as", RLIMIT_AS, UINT64_MAX },
	{ "locks", RLIMIT_LOCKS, UINT64_MAX },
	{ "rttime", RLIMIT_RTTIME, UINT64_MAX },
	{ "stack", RLIMIT_STACK, 8 << 20 },
	{ "memlock", RLIMIT_MEMLOCK, 8 << 20 },
	{ "msgqueue", RLIMIT_MSGQUEUE, 819200 },
	{ "sigpending", RLIMIT_SIGPENDING, 30000 },
	{ "nice", RLIMIT_NICE, 0 },
	{ "rtprio", RLIMIT_RTPRIO, 0 },
};

const char *plan_application(const char *command)
{
	const char *slash = strrchr(command, '/');

	return slash && slash[1] ? slash + 1 : command;
}

/* "~" and "~/x" below @home; anything else unchanged. The caller's. */
static char *expand_home(const char *path, const char *home)
{
	if (path[0] == '~' && (path[1] == '\0' || path[1] == '/'))
		return xasprintf("%s%s", home, path + 1);
	return xstrdup(path);
}

/* No "." or "..", no "//", no trailing "/": compares and joins as text. */
static bool is_plain_path(const char *path)
{
	const char *p = path;

	if (path[0] != '/' || strlen(path) >= PATH_MAX)
		return false;
	while (*p == '/') {
		size_t n = strcspn(++p, "/");

		if (n == 0 || (n == 1 && p[0] == '.') ||
		    (n == 2 && p[0] == '.' && p[1] == '.'))
			return false;
		p += n;
	}
	return true;
}

/* A shell completes a directory's name with a slash. */
static void strip_slashes(char *path)
{
	size_t n = strlen(path);

	while (n > 1 && path[n - 1] == '/')
		path[--n] = '\0';
}

/* Where a host path is shown when nothing else is said: never by the name
 * of the user's home. */
static char *default_destination(const char *src, const char *home)
{
	size_t n = strlen(home);

	if (n > 1 && strncmp(src, home, n) == 0 &&
	    (src[n] == '/' || src[n] == '\0'))
		return xasprintf("%s%s", FACADE_HOME, src + n);
	return xstrdup(src);
}

/* What a grant may not cover: the sandbox's own workings. */
static bool is_reserved(const char *dst)
{
	static const char *const reserved[] = { "/proc", "/sys", "/dev",
						"/etc",  "/usr", "/bin",
						"/sbin", "/lib", "/lib64" };
	static const char *const exact[] = { "/",    "/home", "/home/user",
					     "/tmp", "/run",  "/var" };

	for (size_t i = 0; i < ARRAY_SIZE(reserved); i++) {
		size_t n = strlen(reserved[i]);

		if (strncmp(dst, reserved[i], n) == 0 &&
		    (dst[n] == '/' || dst[n] == '\0'))
			return true;
	}
	for (size_t i = 0; i < ARRAY_SIZE(exact); i++)
		if (strcmp(dst, exact[i]) == 0)
			return true;
	return false;
}

static int add_grant(struct plan *p, const char *spec, bool writable,
		     const char *origin, const char *home, struct fault *f)
{
	struct plan_grant *g;
	const char *colon = strchr(spec, ':');
	autofree char *src_text =
		colon ? xstrndup(spec, (size_t)(colon - spec)) : xstrdup(spec);

	p->grants =
		xreallocarray(p->grants, p->ngrants + 1, sizeof(*p->grants));
	g = &p->grants[p->ngrants++];
	*g = (struct plan_grant){ .writable = writable };
	g->src = expand_home(src_text, home);
	strip_slashes(g->src);
	g->dst = colon ? expand_home(colon + 1, FACADE_HOME)
		       : default_destination(g->src, home);
	strip_slashes(g->dst);
	if (!is_plain_path(g->src) || !is_plain_path(g->dst)) {
		fault_set(f, 0, "%s: %s: not an absolute path without . and ..",
			  origin, spec);
		return -EINVAL;
	}
	if (is_reserved(g->dst)) {
		fault_set(f, 0, "%s: %s: %s belongs to the sandbox itself",
			  origin, spec, g->dst);
		fault_hint(f, "name another place: %s:/mnt/NAME", g->src);
		return -EINVAL;
	}
	return 0;
}

static int add_grants(struct plan *p, const struct profile *profile,
		      const char *home, struct fault *f)
{
	const struct {
		const struct strv *list;
		enum profile_key_index key;
		bool writable;
	} kinds[] = {
		{ &profile->ro_bind, PROFILE_KEY_ro_bind, false },
		{ &profile->bind, PROFILE_KEY_bind, true },
	};

	for (size_t k = 0; k < ARRAY_SIZE(kinds); k++)
		for (size_t i = 0; i < kinds[k].list->n; i++) {
			int rc = add_grant(
				p, kinds[k].list->v[i], kinds[k].writable,
				profile_origin(profile, kinds[k].key, i), home,
				f);

			if (rc < 0)
				return rc;
		}
	return 0;
}

/* Turns names into bits of *@bits; @find knows the names. */
static int take_names(const struct profile *profile, enum profile_key_index key,
		      const struct strv *names, int (*find)(const char *),
		      uint64_t *bits, struct fault *f)
{
	for (size_t i = 0; i < names->n; i++) {
		int bit = find(names->v[i]);

		if (bit < 0) {
			fault_set(f, 0, "%s: %s: no such name",
				  profile_origin(profile, key, i), names->v[i]);
			fault_hint(f, "isolate --dry-run lists the groups");
			return -EINVAL;
		}
		*bits |= UINT64_C(1) << bit;
	}
	return 0;
}

static int make_filter(struct plan *p, const struct profile *profile,
		       struct fault *f)
{
	uint64_t allow = 0, deny = 0, families = 0;
	int rc;

	seccomp_spec_default(&p->filter);
	rc = take_names(profile, PROFILE_KEY_seccomp_allow,
			&profile->seccomp_allow, seccomp_group_find, &allow, f);
	if (rc == 0)
		rc = take_names(profile, PROFILE_KEY_seccomp_deny,
				&profile->seccomp_deny, seccomp_group_find,
				&deny, f);
	if (rc == 0)
		rc = take_names(profile, PROFILE_KEY_socket_families,
				&profile->socket_families, seccomp_family_find,
				&families, f);
	if (rc < 0)
		return rc;
	if (profile->ptrace)
		allow |= UINT64_C(1) << seccomp_group_find("ptrace");
	if (profile->userns)
		allow |= UINT64_C(1) << seccomp_group_find("userns");
	p->filter.groups = (p->filter.groups | allow) & ~deny;
	p->filter.families = (uint32_t)families;
	p->filter.wx = profile->w_xor_x;
	return 0;
}

static void add_limit(struct plan *p, const char *name, int resource,
		      uint64_t value)
{
	p->limits[p->nlimits++] = (struct plan_limit){ name, resource, value };
}

static void make_limits(struct plan *p, const struct profile *profile)
{
	for (size_t i = 0; i < ARRAY_SIZE(fixed_limits); i++)
		p->limits[p->nlimits++] = fixed_limits[i];
	add_limit(p, "nofile", RLIMIT_NOFILE, profile->max_files);
	add_limit(p, "nproc", RLIMIT_NPROC,
		  profile->max_processes ? profile->max_processes : UINT64_MAX);
}

void plan_set_identity(struct plan *p, const struct identity_choice *choice)
{
	memcpy(p->identity, choice->name, sizeof(p->identity));
	p->binds = choice->binds && !p->amnesic;
}

const char *plan_socks_port(const struct plan *p)
{
	return p->amnesic ? NULL : p->identity;
}

int plan_make(struct plan *p, const struct profile *profile,
	      char *const *command, const struct plan_host *host,
	      struct fault *f)
{
	int rc = 0;

	for (; *command; command++)
		strv_add(&p->argv, *command);
	p->application = xstrdup(plan_application(p->argv.v[0]));
	p->profile = xstrdup(profile->name);
	p->amnesic = profile->amnesic;
	p->network = profile->network != PROFILE_NETWORK_NONE;
	p->transparent = profile->network == PROFILE_NETWORK_TRANSPARENT;
	p->tor = xstrdup(profile->tor);
	p->userns = profile->userns;
	p->ptrace = profile->ptrace;
	p->isolate_by = profile->isolate_by;
	p->dns = (enum gwmsg_dns)profile->dns;
	p->max_connections = profile->max_connections;
	p->tmp_bytes = profile->tmp_size;
	p->home_bytes = profile->home_size;
	/* no trace is left of an amnesic launch, whatever else is said */
	p->log_refused =
		profile->log == PROFILE_LOG_DESTINATIONS && !profile->amnesic;
	if (p->network && profile->control != PROFILE_CONTROL_NONE)
		p->control = (enum gwmsg_level)((int)profile->control - 1);
	if (p->network && p->amnesic && strcmp(p->tor, "own") == 0) {
		rc = fault_set(f, 0,
			       "an amnesic launch has no tor of its own: "
			       "its guards would be a trace");
		fault_hint(f, "use --tor embedded");
	}
	if (rc == 0 && p->network)
		rc = ports_make(p, profile, f);
	if (rc == 0)
		rc = onionplan_make(p, profile, f);
	if (rc == 0)
		rc = rules_make(p, profile, f);
	make_limits(p, profile);
	env_make(&p->env, profile, host);
	p->onion_env = env_onion(&p->env);
	if (rc == 0)
		rc = make_filter(p, profile, f);
	if (rc == 0)
		rc = add_grants(p, profile, host->home, f);
	return rc;
}

void plan_free(struct plan *p)
{
	for (size_t i = 0; i < p->ngrants; i++) {
		free(p->grants[i].src);
		free(p->grants[i].dst);
	}
	free(p->grants);
	free(p->listeners);
	free(p->policies);
	strv_free(&p->deny);
	strv_free(&p->allow);
	strv_free(&p->argv);
	strv_free(&p->env);
	free(p->application);
	free(p->profile);
	free(p->tor);
}

static void print_groups(const struct seccomp_spec *s, FILE *out)
{
	fputs("seccomp groups:", out);
	for (int i = 0; i < SECCOMP_NGROUPS; i++)
		if (s->groups >> i & 1)
			fprintf(out, " %s", seccomp_groups[i].name);
	fputs("\nsocket families:", out);
	for (int i = 0; i < SECCOMP_NFAMILIES; i++)
		if (s->families >> i & 1)
			fprintf(out, " %s", seccomp_family_name(i));
	fprintf(out, "\nw-xor-x: %s\n", s->wx ? "yes" : "no");
}

/* The setting decides it; which tor `auto` finds is seen at the launch. */
static const char *socks_port_text(const struct plan *p)
{
	bool is_auto = strcmp(p->tor, "auto") == 0;

	if (strcmp(p->tor, "own") == 0)
		return "that of the identity's own tor";
	if (!is_auto && strcmp(p->tor, "embedded") != 0)
		return "shared, identities kept apart by credentials";
	if (!plan_socks_port(p))
		return "shared (amnesic), kept apart by credentials";
	return is_auto ? "the identity's own with isolate's own tor; with "
			 "another shared, kept apart by credentials"
		       : "the identity's own";
}

static void print_network(const struct plan *p, FILE *out)
{
	static const char *const levels[] = {
		[GWMSG_LEVEL_UNSET] = "none",
		[GWMSG_LEVEL_MINIMAL] = "minimal",
		[GWMSG_LEVEL_BROWSER] = "browser",
		[GWMSG_LEVEL_ONION_SERVICE] = "onion-service",
	};

	if (!p->network) {
		fputs("network: none\n", out);
		return;
	}
	fprintf(out,
		"network: %s\ntor: %s\nsocks port: %s\n"
		"link: " FACADE_SELF_DEVICE " " FACADE_SELF "/32, %s\n",
		p->transparent ? "transparent" : "socks", p->tor,
		socks_port_text(p),
		p->transparent ? "routes: " FACADE_GATEWAY
				 ", all others via it, 224.0.0.0/3 nowhere"
			       : "only route: " FACADE_GATEWAY);
	if (p->transparent)
		fprintf(out,
			"redirect: port 53 to %d, other TCP to %d; the rest is "
			"refused\n",
			REDIRECT_DNS_PORT, REDIRECT_TCP_PORT);
	ports_print(p, out);
	if (p->transparent)
		fprintf(out, "dns: %s\n",
			p->dns == GWMSG_DNS_RESOLVE ? "resolve" : "names");
	fprintf(out, "control: %s\n", levels[p->control]);
	onionplan_print(p, out);
	fprintf(out, "isolate by: app%s%s%s\nmax connections: %u\n",
		p->isolate_by & GWMSG_BY_DESTINATION ? " destination" : "",
		p->isolate_by & GWMSG_BY_PORT ? " port" : "",
		p->isolate_by & GWMSG_BY_CONNECTION ? " connection" : "",
		p->max_connections);
	rules_print(p, out);
}

static void print_mounts(const struct plan *p, FILE *out)
{
	fputs("mount: / tmpfs, read-only\n"
	      "mount: /usr overlay of the host's, read-only\n",
	      out);
	for (size_t i = 0; facade_host_dirs[i]; i++)
		fprintf(out, "mount: /%s overlay of the host's, read-only\n",
			facade_host_dirs[i]);
	fprintf(out,
		"mount: /proc own, masked\n"
		"mount: /dev/pts own\n"
		"mount: /tmp /var/tmp /dev/shm /run/user/%d tmpfs, "
		"%llu bytes\n",
		FACADE_UID, (unsigned long long)p->tmp_bytes);
	if (p->amnesic)
		fprintf(out, "mount: %s tmpfs, %llu bytes\n", FACADE_HOME,
			(unsigned long long)p->home_bytes);
	else
		fprintf(out,
			"mount: %s overlay of identities/%s/home/%s, "
			"writable\n",
			FACADE_HOME, p->identity, p->profile);
	for (size_t i = 0; i < p->ngrants; i++)
		fprintf(out, "mount: %s %s of %s, %s\n", p->grants[i].dst,
			p->grants[i].writable ? "bind" : "overlay",
			p->grants[i].src,
			p->grants[i].writable ? "writable" : "read-only");
}

void plan_print(const struct plan *p, FILE *out)
{
	fputs("command:", out);
	for (size_t i = 0; i < p->argv.n; i++)
		fprintf(out, " %s", p->argv.v[i]);
	fprintf(out,
		"\napplication: %s\nprofile: %s\nidentity: %s%s\n"
		"amnesic: %s\n",
		p->application, p->profile, p->identity,
		p->binds ? " (binds the application to it)" : "",
		p->amnesic ? "yes" : "no");
	fprintf(out,
		"namespaces: user (2), net (2), mount, pid, ipc, uts, cgroup, "
		"time\nhost name: " FACADE_HOSTNAME "." FACADE_DOMAIN
		"\nuser: " FACADE_USER " %d:%d\n"
		"user namespaces inside: %s\n",
		FACADE_UID, FACADE_GID, p->userns ? "yes" : "no");
	print_network(p, out);
	print_mounts(p, out);
	for (size_t i = 0; i < p->env.n; i++)
		fprintf(out, "env: %s\n", p->env.v[i]);
	for (size_t i = 0; i < p->nlimits; i++) {
		if (p->limits[i].value == UINT64_MAX)
			fprintf(out, "limit: %s none\n", p->limits[i].name);
		else
			fprintf(out, "limit: %s %llu\n", p->limits[i].name,
				(unsigned long long)p->limits[i].value);
	}
	print_groups(&p->filter, out);
	fputs("capabilities: none\nno_new_privs: yes\n", out);
}
