/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ctl/systemd.c - the user's systemd, where there is one */
#include "ctl/systemd.h"

#include <bsd/string.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

/* LSB: "program is not installed", as systemctl(1) says of an unknown unit */
#define STATUS_NOT_INSTALLED 5

/* does the socket that systemctl(1) would use answer */
static bool answers(void)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	autoclose int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int n;

	if (fd < 0 || !runtime)
		return false;
	n = snprintf(sun.sun_path, sizeof(sun.sun_path), "%s/systemd/private",
		     runtime);
	return n > 0 && (size_t)n < sizeof(sun.sun_path) &&
	       connect(fd, (struct sockaddr *)&sun, sizeof(sun)) == 0;
}

/* Return: exit status, or -errno */
static int run(char *const argv[])
{
	posix_spawn_file_actions_t files;
	int status, rc = posix_spawn_file_actions_init(&files);
	pid_t pid;

	if (rc)
		return -rc;
	/* what it has to say we say ourselves */
	rc = posix_spawn_file_actions_addopen(&files, STDERR_FILENO,
					      "/dev/null", O_WRONLY, 0);
	if (rc == 0)
		rc = posix_spawnp(&pid, argv[0], &files, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&files);
	if (rc)
		return -rc;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -ECHILD;
}

int systemd_start(const char *unit, struct fault *f)
{
	char systemctl[] = "systemctl", user[] = "--user", quiet[] = "--quiet";
	char start[] = "start", name[64];
	char *argv[] = { systemctl, user, quiet, start, name, NULL };
	int rc;

	if (strlcpy(name, unit, sizeof(name)) >= sizeof(name))
		return fault_set(f, ENAMETOOLONG, "start %.64s", unit);
	if (!answers())
		return 0;
	rc = run(argv);
	if (rc == 0)
		return 1;
	if (rc == STATUS_NOT_INSTALLED || rc == -ENOENT)
		return 0;
	fault_set(f, rc < 0 ? rc : 0, "systemctl --user start %s failed", unit);
	fault_hint(f, "journalctl --user -u %s says why; --plain does without",
		   unit);
	return rc < 0 ? rc : -EREMOTEIO;
}
