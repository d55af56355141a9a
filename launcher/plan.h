/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/plan.h - everything a launch will do, decided before it starts */
#ifndef LAUNCHER_PLAN_H
#define LAUNCHER_PLAN_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/fault.h"
#include "base/gwmsg.h"
#include "base/strv.h"
#include "identity/identity.h"
#include "profiles/profile.h"
#include "seccomp/policy.h"

/* What of this machine and user the plan depends on. */
struct plan_host {
	const char *home;      /* the user's, absolute */
	const char *term;      /* $TERM, or NULL */
	const char *colorterm; /* $COLORTERM, or NULL */
	char *const *environ;  /* for env-keep */
	const char *cwd;       /* current directory, or NULL; only for hints */
};

/* A host path the user granted. */
struct plan_grant {
	char *src; /* absolute, host */
	char *dst; /* absolute, in the sandbox */
	bool writable;
};

/* Which side of the veth a listener is opened on. */
enum plan_side {
	PLAN_SIDE_UNSET = 0,
	PLAN_SIDE_GATEWAY,  /* 10.152.152.10, in G */
	PLAN_SIDE_LOOPBACK, /* 127.0.0.1, in A */
};

struct plan_listener {
	enum plan_side side;
	uint16_t port; /* host order */
	enum gwmsg_listener_kind kind;
	uint32_t isolate; /* enum gwmsg_isolate bits of this port */
	uint32_t flags;   /* enum gwmsg_listener_flag bits of this port */
};

struct plan_limit {
	const char *name;
	int resource;   /* RLIMIT_... */
	uint64_t value; /* UINT64_MAX: no limit; lowered to what is allowed */
};

#define PLAN_LIMITS_MAX 24

/* Made by plan_make() and plan_set_identity(), never changed afterwards. */
struct plan {
	struct strv argv;  /* the command */
	char *application; /* its base name: what the ledger binds */
	char *profile;
	char identity[IDENTITY_NAME_MAX + 1];
	bool binds; /* first launch: bind application to identity */
	bool amnesic;
	bool network;     /* false: no veth, no gateway, loopback only */
	bool transparent; /* with @network: a default route, redirected in G */
	char *tor;        /* upstream setting */
	bool userns;      /* the application may make user namespaces */
	bool ptrace;
	struct seccomp_spec filter;
	struct strv env;
	struct plan_grant *grants;
	size_t ngrants;
	struct plan_listener *listeners;
	size_t nlisteners;
	struct strv deny, allow;       /* destinations, as written */
	struct gwmsg_policy *policies; /* the same for the gateway */
	size_t npolicies;
	bool log_refused;         /* keep a file of refused destinations */
	uint32_t isolate_by;      /* enum gwmsg_isolate bits of the profile */
	enum gwmsg_dns dns;       /* for listeners that answer DNS */
	enum gwmsg_level control; /* of the control port */
	bool inward;              /* onion services may bring connections in */
	struct gwmsg_onion onion; /* the profile's own; no ports: none */
	bool onion_keep;          /* its key belongs to the identity */
	char *onion_env; /* within @env: where its name goes, or NULL */
	/* what its clients are told of; as in struct gwmsg_config */
	uint32_t control_socks[GWMSG_CONTROL_SOCKS_MAX];
	uint32_t max_connections;
	uint64_t tmp_bytes;
	uint64_t home_bytes; /* of an amnesic home */
	struct plan_limit limits[PLAN_LIMITS_MAX];
	size_t nlimits;
};

/**
 * plan_make() - decide a launch; pure
 * @p: zeroed by the caller; plan_free() it, after an error too
 * @profile: what the profile and the options say
 * @command: NULL-terminated, not empty; copied
 *
 * Return: 0 or -EINVAL with who said it in @f.
 */
int plan_make(struct plan *p, const struct profile *profile,
	      char *const *command, const struct plan_host *host,
	      struct fault *f);

/**
 * plan_set_identity() - the last thing to be decided
 * @choice: from identity_choose()
 *
 * Of all that is planned only the home and the ledger depend on it, so it may
 * come while the namespaces are being made.
 */
void plan_set_identity(struct plan *p, const struct identity_choice *choice);

/**
 * plan_socks_port() - whose SocksPort our own tor is to have for it
 *
 * Return: its identity; NULL: the common one. An amnesic launch leaves no
 * trace, and tor's log and the list of SocksPorts would be one.
 */
const char *plan_socks_port(const struct plan *p);

/**
 * plan_application() - what the ledger calls a command: its base name
 *
 * Return: pointer into @command.
 */
const char *plan_application(const char *command);

/**
 * plan_print() - the whole plan, one "key: value" a line (--dry-run)
 */
void plan_print(const struct plan *p, FILE *out);

/**
 * plan_free() - release what plan_make() allocated
 */
void plan_free(struct plan *p);

#endif
