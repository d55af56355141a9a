/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/roothome.c - the private home in the new root */
#include "launcher/root.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mountapi.h"
#include "base/path.h"
#include "launcher/layer.h"
#include "launcher/sync.h"

/* The identity's directory in our own mount namespace: what the supervisor
 * sent is of the host's, where nothing can be copied from. */
static int reopen_identity(int fd, struct fault *f)
{
	int own = path_reopen(fd);

	return own < 0 ? fault_set(f, own, "open the identity's directory")
		       : own;
}

/* Root's own directories are closed to the user of the sandbox: a detached
 * mount leads past them. It goes when the overlay has its layers. */
static int attach_identity(struct sandbox *sb, int tree, struct fault *f)
{
	int rc = mount_attach(tree, sb->root, "media", f), fd;

	if (rc < 0)
		return rc;
	fd = openat(sb->root, "media", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? fault_set(f, errno, "open the identity's directory")
		      : fd;
}

static int detach_identity(struct sandbox *sb, struct fault *f)
{
	char path[48];

	snprintf(path, sizeof(path), "/proc/self/fd/%d/media", sb->root);
	if (umount2(path, MNT_DETACH) < 0)
		return fault_set(f, errno, "let go of the identity");
	return 0;
}

/* An overlay of home/PROFILE in @identity; @home is what it must be. */
static int mount_own_home(struct sandbox *sb, int identity, int home,
			  struct fault *f)
{
	autoclose int mount = -1;
	struct stat ours, theirs;
	char path[128];

	snprintf(path, sizeof(path), "home/%s", sb->plan->profile);
	if (layer_fd(identity, path, LAYER_HOME, f) < 0)
		return -f->err;
	snprintf(path, sizeof(path), "work/%s", sb->plan->profile);
	if (layer_fd(identity, path, LAYER_HOME + 1, f) < 0)
		return -f->err;
	if (fstat(LAYER_HOME, &ours) < 0 || fstat(home, &theirs) < 0)
		return fault_set(f, errno, "stat the home");
	if (ours.st_dev != theirs.st_dev || ours.st_ino != theirs.st_ino)
		return fault_set(f, ESTALE, "the home was moved meanwhile");
	mount = layer_mount("home", LAYER_EMPTY, LAYER_HOME, f);
	return mount < 0 ? mount
			 : mount_attach(mount, sb->root, "home/user", f);
}

static int mount_home(struct sandbox *sb, int kind, int *fds, size_t nfds,
		      struct fault *f)
{
	int rc;

	if (kind == SYNC_HOME_MEMORY && nfds == 0)
		return mount_bind(sb->memory, "home", sb->root, "home/user", 0,
				  f);
	if (kind == SYNC_HOME_SHARED && nfds == 1)
		return mount_attach(fds[0], sb->root, "home/user", f);
	if ((kind != SYNC_HOME_OWN && kind != SYNC_HOME_DETACHED) || nfds != 2)
		return fault_set(f, EPROTO, "hear which home it is");
	fd_replace(&fds[0], kind == SYNC_HOME_OWN
				    ? reopen_identity(fds[0], f)
				    : attach_identity(sb, fds[0], f));
	rc = fds[0] < 0 ? fds[0] : mount_own_home(sb, fds[0], fds[1], f);
	return rc == 0 && kind == SYNC_HOME_DETACHED ? detach_identity(sb, f)
						     : rc;
}

int root_mount_home(struct sandbox *sb, struct fault *f)
{
	int fds[SYNC_FDS_MAX], kind, rc;
	size_t nfds = 0;

	rc = sync_receive(sb->sync, SYNC_HOME, &kind, fds, &nfds, f);
	if (rc < 0)
		return rc;
	rc = mount_home(sb, kind, fds, nfds, f);
	while (nfds > 0)
		fd_close(fds[--nfds]);
	return rc;
}
