/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/rootcontrol.c - the control port's second place: a socket in /run */
#include <bsd/string.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "launcher/facade.h"
#include "launcher/root.h"
#include "launcher/sync.h"

#define BACKLOG 16

/* By a relative path, which is what a client that asks is told (unix(7)). */
static int listen_at(const char *path, struct fault *f)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	autoclose int fd =
		socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	strlcpy(sun.sun_path, path, sizeof(sun.sun_path));
	if (fd < 0 || bind(fd, (struct sockaddr *)&sun, sizeof(sun)) < 0)
		return fault_set(f, errno, "bind /%s", path);
	/* as Debian's tor has it */
	if (chmod(path, 0660) < 0 || listen(fd, BACKLOG) < 0)
		return fault_set(f, errno, "listen at /%s", path);
	return fd_steal(&fd);
}

int root_listen_control(struct sandbox *sb, struct fault *f)
{
	autoclose int fd = -1;
	int rc;

	if (!sb->plan->control)
		return 0;
	if (fchdir(sb->root) < 0 ||
	    (mkdir(FACADE_CONTROL_DIR, 0755) < 0 && errno != EEXIST))
		return fault_set(f, errno, "make /" FACADE_CONTROL_DIR);
	fd = listen_at(FACADE_CONTROL_PATH, f);
	if (fd < 0)
		return fd;
	/* where the step before has left it */
	if (chdir("/") < 0)
		return fault_set(f, errno, "change to /");
	rc = sync_send(sb->sync, SYNC_CONTROL, 0, &fd, 1);
	return rc < 0 ? fault_set(f, rc, "hand over the control port") : 0;
}
