/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/main.c - isolate: from the command line to the exit status */
#include <bsd/err.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/dirs.h"
#include "base/fd.h"
#include "identity/store.h"
#include "launcher/enter.h"
#include "launcher/launch.h"
#include "launcher/options.h"
#include "launcher/process.h"
#include "launcher/progress.h"
#include "launcher/supervise.h"
#include "tor/instance.h"

/* env(1)'s and bubblewrap's convention */
enum {
	EXIT_ISOLATE = 125,
	EXIT_CANNOT_RUN = 126,
	EXIT_NOT_FOUND = 127
};

/* The one place that speaks of failures: one line, once. */
static _Noreturn void die(const struct fault *f, int status)
{
	char line[600];

	fault_format(f, line, sizeof(line));
	errx(status, "%s", line);
}

/* Everything decided about a launch, and what it was decided from. */
struct intent {
	struct options options;
	struct profile_dirs dirs;
	struct profile *profile;
	struct identity_choice identity;
	struct plan plan;
	int data_dirfd;
	struct store *store;
};

/* Without -p: the profile named like the command, else `default`. */
static const char *profile_name(const struct intent *in)
{
	const char *application;

	if (in->options.profile)
		return in->options.profile;
	if (in->options.ncommand == 0)
		return "default";
	application = plan_application(in->options.command[0]);
	return profile_exists(&in->dirs, application) ? application : "default";
}

static int load_profile(struct intent *in, struct fault *f)
{
	int rc = profile_dirs_init(&in->dirs, f);

	if (rc == 0)
		rc = profile_load(&in->dirs, profile_name(in), &in->profile, f);
	for (size_t i = 0; rc == 0 && i < in->options.sets.n; i++)
		rc = profile_set(in->profile, in->options.sets.v[i],
				 in->options.origins.v[i], f);
	return rc;
}

/* The ledger knows whose the application is. An amnesic launch may read
 * that, but leaves no trace. */
static int open_ledger(struct intent *in, char *bound, struct fault *f)
{
	const char *application = plan_application(in->options.command[0]);
	bool writes = !in->profile->amnesic && !in->options.dry_run;
	char path[PATH_MAX];
	int rc;

	/* to make the directory would be a trace too */
	if (!writes &&
	    (dirs_data(path, sizeof(path)) < 0 || access(path, F_OK) < 0))
		return 0;
	in->data_dirfd = dirs_open_data(f);
	if (in->data_dirfd < 0)
		return in->data_dirfd;
	rc = store_open(in->data_dirfd, writes, &in->store, f);
	if (rc == -ENOENT && !writes)
		return 0;
	if (rc < 0)
		return rc;
	rc = store_get_binding(in->store, application, bound, f);
	if (!writes) {
		store_close(in->store);
		in->store = NULL;
	}
	return rc < 0 ? rc : 0;
}

/*
 * An exclusive application is bound before it runs: of two first launches at
 * once, one must know that it lost. Others are bound once they have run.
 */
static int bind_exclusive(struct intent *in, struct fault *f)
{
	int rc;

	if (!in->store || !in->plan.binds || !in->profile->exclusive)
		return 0;
	rc = store_bind(in->store, in->plan.application, in->plan.identity, f);
	if (rc == -EEXIST) {
		fault_set(f, 0, "%s was bound to another identity just now",
			  in->plan.application);
		fault_hint(f, "run it again: it has that identity then");
	}
	return rc;
}

static int choose_identity(struct intent *in, struct fault *f)
{
	char bound[IDENTITY_NAME_MAX + 1] = "";
	const struct identity_query query = {
		.asked = in->options.identity,
		.profile_identity = in->profile->identity,
		.profile = in->profile->name,
		.bound = bound,
		.application = plan_application(in->options.command[0]),
		.exclusive = in->profile->exclusive,
	};
	struct identity_query q = query;
	int rc = open_ledger(in, bound, f);

	if (rc < 0)
		return rc;
	if (!bound[0])
		q.bound = NULL;
	rc = identity_choose(&q, &in->identity, f);
	if (rc == 0)
		plan_set_identity(&in->plan, &in->identity);
	if (rc == 0 && (in->identity.differs || in->identity.overrides))
		warnx("%s belongs to the identity %s; running it as %s",
		      q.application, bound, in->identity.name);
	return rc;
}

static int make_plan(struct intent *in, struct fault *f)
{
	char home[PATH_MAX];
	const struct plan_host host = {
		.home = home,
		.term = getenv("TERM"),
		.colorterm = getenv("COLORTERM"),
		.environ = environ,
	};

	int rc = dirs_home(home, sizeof(home));

	if (rc < 0) {
		fault_set(f, rc, "find the user's home");
		fault_hint(f, "set HOME");
		return rc;
	}
	return plan_make(&in->plan, in->profile, in->options.command, &host, f);
}

/* --help, --version, --explain: no launch. */
static bool answer_question(struct intent *in, struct fault *f)
{
	const char *key = in->options.explain;

	if (in->options.help) {
		options_print_help(stdout);
	} else if (in->options.version) {
		puts("isolate " ISOLATE_VERSION);
	} else if (key) {
		if (load_profile(in, f) < 0 ||
		    profile_explain(in->profile,
				    strcmp(key, "all") == 0 ? NULL : key,
				    stdout, f) < 0)
			die(f, EXIT_ISOLATE);
	} else {
		return false;
	}
	return true;
}

static void decide(struct intent *in, struct fault *f)
{
	if (in->options.ncommand == 0) {
		fault_set(f, 0, "no command to run");
		fault_hint(f, "see isolate --help");
		die(f, EXIT_ISOLATE);
	}
	if (load_profile(in, f) < 0 || make_plan(in, f) < 0)
		die(f, EXIT_ISOLATE);
}

static void print_plan(struct intent *in, struct fault *f)
{
	if (choose_identity(in, f) < 0)
		die(f, EXIT_ISOLATE);
	plan_print(&in->plan, stdout);
	enter_print(stdout);
}

static int find_tor(struct intent *in, struct tor_upstream *up, struct fault *f)
{
	struct progress progress;
	struct tor_progress report;
	int rc;

	if (!in->plan.network)
		return 0;
	progress_init(&progress, &report);
	rc = tor_upstream_find(in->plan.tor, plan_socks_port(&in->plan),
			       &report, up, f);
	progress_end(&progress);
	if (rc == 0 && in->options.verbose)
		warnx("tor: %s", up->text);
	return rc;
}

/* The ledger binds an application to its identity once it has run. */
static void bind_application(struct intent *in)
{
	struct fault f = { 0 };

	if (!in->store || !in->plan.binds)
		return;
	if (store_bind(in->store, in->plan.application, in->plan.identity, &f) <
	    0)
		warnx("%s is not bound to %s: %s", in->plan.application,
		      in->plan.identity, f.what);
}

static int status_of(const struct launch *l)
{
	if (!l->ended) {
		warnx("pid 1 of the sandbox was killed");
		return 128 + 9;
	}
	if (WIFSIGNALED(l->wait_status))
		return 128 + WTERMSIG(l->wait_status);
	return WEXITSTATUS(l->wait_status);
}

static int failure_status(const struct fault *f)
{
	if (strcmp(f->stage, "exec") != 0)
		return EXIT_ISOLATE;
	return f->err == ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_RUN;
}

static int complete(struct launch *l, struct intent *in, struct fault *f)
{
	l->data_dirfd = in->data_dirfd;
	l->store = in->store;
	return launch_complete(l, f);
}

static int run(struct intent *in, char **argv, struct fault *f)
{
	struct tor_upstream upstream = { 0 };
	static struct launch launch; /* large, and most of it stays unused */
	int status;

	launch_init(&launch, &in->plan);
	launch.verbose = in->options.verbose;
	if (launch_prepare(&launch, &upstream, f) < 0)
		die(f, EXIT_ISOLATE);
	supervise_block_signals();
	/* the kernel's share takes longest: ours is done while it works */
	if (launch_begin(&launch, argv, f) < 0 || choose_identity(in, f) < 0 ||
	    find_tor(in, &upstream, f) < 0 || bind_exclusive(in, f) < 0 ||
	    complete(&launch, in, f) < 0) {
		launch_stop(&launch);
		die(f, failure_status(f));
	}
	bind_application(in);
	supervise(&launch);
	status = status_of(&launch);
	launch_stop(&launch);
	/* the ledger is left open: what was written is in its log (WAL), and
	 * closing would take as long as a launch's biggest step */
	return status;
}

int main(int argc, char **argv)
{
	struct intent in = { .data_dirfd = -1 };
	struct fault f = { 0 };
	int status = 0;

	/* what we make is ours, and ours to use, whatever the user's is */
	umask(077);
	if (fd_fill_std() < 0)
		return EXIT_ISOLATE;
	process_raise_files();
	if (options_parse(argc, argv, &in.options, &f) < 0)
		die(&f, EXIT_ISOLATE);
	if (!answer_question(&in, &f)) {
		decide(&in, &f);
		if (in.options.dry_run)
			print_plan(&in, &f);
		else
			status = run(&in, argv, &f);
	}
	plan_free(&in.plan);
	profile_free(in.profile);
	options_free(&in.options);
	if (fflush(stdout) != 0)
		errc(EXIT_ISOLATE, errno, "write to stdout");
	return status;
}
