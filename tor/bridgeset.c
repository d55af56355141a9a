/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tor/bridgeset.c - bridges and a tor that runs: change, try, ask */
#include "tor/bridgeset.h"

#include <bsd/string.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/dirs.h"
#include "base/strv.h"
#include "tor/config.h"
#include "tor/home.h"
#include "tor/instance.h"
#include "tor/own.h"
#include "tor/talk.h"
#include "tor/upstream.h"

/* the name of a try's directory begins with it */
#define SCRATCH "bridge-"
/* for a try: a bridge far away, on a slow line */
#define TRY_STALL_MS 30000
#define TRY_TOTAL_MS 90000
/* ... once tor has said what is wrong; it goes on trying for ever */
#define TRY_WARNED_MS 6000

static int read_for_edit(const struct tor_home *h, struct tor_bridges *b,
			 const struct tor_bridgeset_edit *edit, struct fault *f)
{
	int rc = tor_bridges_read(h, b, f);
	int changed;

	if (rc < 0 && rc != -EINVAL)
		return rc;
	changed = edit->run(edit->arg, b, f);
	if (changed < 0)
		return changed;
	/* what cannot be read can be given up, and not added to */
	if (rc < 0 && b->n > 0)
		return tor_bridges_read(h, b, f);
	return rc < 0 ? 1 : changed;
}

/* could tor be started with them */
static int check_usable(const struct tor_bridges *b, struct fault *f)
{
	autofree char *lines = NULL;

	return tor_bridges_compose(b, NULL, &lines, f);
}

/* Tors of one identity alone, which have the same bridges. */
struct others {
	bool none; /* a tor that is not the user's has none beside it */
	struct strv ended;
	struct fault *f;
};

static int end_other(void *arg, const char *identity)
{
	struct others *o = arg;
	int rc = tor_own_stop(identity, o->f);

	if (rc == 0)
		strv_add(&o->ended, identity);
	return rc < 0 ? rc : 0;
}

static int end_others(struct others *o)
{
	return o->none ? 0 : tor_own_each(end_other, o, o->f);
}

static int start_others(const struct others *o)
{
	int first = 0;

	for (size_t i = 0; i < o->ended.n; i++) {
		int rc = tor_own_launch(o->ended.v[i], first ? NULL : o->f);

		first = first || rc > 0 ? first : rc;
	}
	return first;
}

/* the order matters: see bridges.h */
static int replace(struct tor_home *h, const struct tor_bridges *b,
		   struct others *o, bool *restarted, struct fault *f)
{
	int rc = end_others(o), ran = rc < 0 ? rc : tor_instance_end(h, f);
	int start = 0;

	if (ran < 0)
		return ran;
	rc = tor_bridges_write(h, b, f);
	/* one that was started meanwhile has the old ones */
	if (rc == 0)
		rc = end_others(o);
	/* with the old ones where the new could not be written */
	if (ran)
		start = tor_instance_launch(h, rc < 0 ? NULL : f);
	*restarted = (ran || o->ended.n > 0) && start == 0;
	if (start == 0)
		start = start_others(o);
	return rc < 0 ? rc : start;
}

int tor_bridgeset_change(const struct tor_config *config,
			 const struct tor_bridgeset_edit *edit,
			 struct tor_bridges *b, bool *restarted,
			 struct fault *f)
{
	struct others others = { .none = config != NULL, .f = f };
	struct tor_config users;
	struct tor_home h;
	int rc = 0;

	*restarted = false;
	if (!config) {
		rc = tor_config_make(&users, f);
		config = &users;
	}
	if (rc == 0)
		rc = tor_home_open(&h, config, true, f);
	if (rc < 0)
		return rc;
	rc = tor_home_lock(&h, 4 * config->answer_timeout_ms, f);
	if (rc == 0)
		rc = read_for_edit(&h, b, edit, f);
	if (rc == 1)
		rc = check_usable(b, f) < 0 ? -ENOENT : 1;
	if (rc == 1) {
		rc = replace(&h, b, &others, restarted, f);
		strv_free(&others.ended);
		rc = rc < 0 ? rc : 1;
	}
	tor_home_close(&h);
	return rc;
}

int tor_bridgeset_read(const struct tor_config *config, struct tor_bridges *b,
		       struct fault *f)
{
	struct tor_config users;
	struct tor_home h;
	int rc = 0;

	b->n = 0;
	if (!config) {
		rc = tor_config_make(&users, f);
		config = &users;
	}
	if (rc == 0)
		rc = tor_home_open(&h, config, false, f);
	if (rc < 0)
		return rc == -ENOENT ? 0 : rc;
	rc = tor_bridges_read(&h, b, f);
	tor_home_close(&h);
	return rc;
}

static int remove_one(const char *path, const struct stat *st, int kind,
		      struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	remove(path);
	return 0;
}

static void remove_scratch(const char *dir)
{
	nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

static int is_scratch(const struct dirent *d)
{
	return strncmp(d->d_name, SCRATCH, strlen(SCRATCH)) == 0;
}

/* Those of tries that were killed, with a bridge's line: who tries has a lock
 * on its directory. */
static void sweep(const char *runtime)
{
	char path[PATH_MAX];
	struct dirent **names = NULL;
	int n = scandir(runtime, &names, is_scratch, NULL);

	for (int i = 0; i < n; i++) {
		autoclose int fd = -1;

		snprintf(path, sizeof(path), "%s/%s", runtime,
			 names[i]->d_name);
		fd = open(path,
			  O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
			remove_scratch(path);
		free(names[i]);
	}
	free(names);
}

/* a directory of the try's own; its tor lives wholly in it; @lock says that */
static int make_scratch(struct tor_config *c, char dir[TOR_SOCKET_DIR_MAX],
			int *lock, struct fault *f)
{
	char runtime[TOR_SOCKET_DIR_MAX - 32];
	autoclose int fd = -1;
	int n;

	if (dirs_runtime(runtime, sizeof(runtime)) < 0) {
		snprintf(runtime, sizeof(runtime), "/tmp");
	} else {
		fd = dirs_open_runtime(f);
		if (fd < 0)
			return fd;
		/* so that none is swept between its making and its lock */
		if (flock(fd, LOCK_EX) < 0)
			return fault_set(f, errno, "lock %s", runtime);
		sweep(runtime);
	}
	snprintf(dir, TOR_SOCKET_DIR_MAX, "%s/" SCRATCH "XXXXXX", runtime);
	if (!mkdtemp(dir))
		return fault_set(f, errno, "make directory %s", dir);
	*lock = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (*lock < 0 || flock(*lock, LOCK_EX | LOCK_NB) < 0)
		return fault_set(f, errno, "lock %s", dir);
	n = snprintf(c->data_dir, sizeof(c->data_dir), "%s/data", dir);
	if (n > 0)
		n = snprintf(c->socket_dir, sizeof(c->socket_dir), "%.63s/run",
			     dir);
	return n < 0 ? fault_set(f, EINVAL, "make directory %s", dir) : 0;
}

static int try_in(const struct tor_config *c, const struct tor_bridges *b,
		  const struct tor_progress *progress, struct fault *f)
{
	struct tor_upstream up;
	struct tor_home h;
	int rc = tor_home_open(&h, c, true, f);

	if (rc < 0)
		return rc;
	rc = tor_bridges_write(&h, b, f);
	tor_home_close(&h);
	if (rc == 0)
		rc = tor_instance_start_in(c, NULL, progress, &up, f);
	tor_instance_stop_in(c, NULL);
	return rc;
}

/* its tor is of no use to others: it ends with us, however we end */
static int try_while_we_live(struct tor_config *c, const struct tor_bridges *b,
			     const struct tor_progress *progress,
			     struct fault *f)
{
	int ends[2], rc;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return fault_set(f, errno, "make a pipe");
	c->lifeline = ends[0];
	rc = try_in(c, b, progress, f);
	close(ends[0]);
	close(ends[1]);
	return rc;
}

int tor_bridgeset_try(const struct tor_bridge *b,
		      const struct tor_progress *progress, struct fault *f)
{
	struct tor_bridges *one = malloc(sizeof(*one));
	autofree void *owner = one;
	char dir[TOR_SOCKET_DIR_MAX];
	autoclose int lock = -1;
	struct tor_config c;
	int rc;

	if (!one)
		return fault_set(f, ENOMEM, "try a bridge");
	rc = tor_config_make(&c, f);
	if (rc < 0)
		return rc;
	one->n = 0;
	tor_bridges_add(one, b);
	c.stall_timeout_ms = TRY_STALL_MS;
	c.bootstrap_timeout_ms = TRY_TOTAL_MS;
	c.warned_timeout_ms = TRY_WARNED_MS;
	rc = make_scratch(&c, dir, &lock, f);
	if (rc < 0)
		return rc;
	rc = try_while_we_live(&c, one, progress, f);
	remove_scratch(dir);
	return rc;
}

static int take_use(void *arg, const struct tor_line *line)
{
	int *uses = arg;

	if (strncmp(line->text, "UseBridges=", 11) == 0)
		*uses = strcmp(line->text + 11, "1") == 0;
	return 0;
}

int tor_bridgeset_in_use(struct tor_talk *t, struct fault *f)
{
	int uses = -EPROTO;
	int rc = tor_talk_ask(t, "GETCONF UseBridges", take_use, &uses, f);

	if (rc == 0 && uses < 0)
		return fault_set(f, EPROTO, "ask tor for UseBridges");
	return rc < 0 ? rc : uses;
}
