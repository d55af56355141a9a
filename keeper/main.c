/* SPDX-License-Identifier: GPL-3.0-or-later */
/* keeper/main.c - isolate-tor: keeps isolate's own tor running */
/*
 * Started by isolate and isolatectl (tor/instance.c), who prepare the
 * directories and hold their lock meanwhile. Comes back when tor listens, or
 * with its words on stderr; what stays is a session of its own.
 */
#include <bsd/err.h>
#include <bsd/string.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "keeper/keep.h"
#include "tor/config.h"
#include "tor/home.h"

#define ANSWER_TIMEOUT_MS 15000

enum {
	ARG_DATA = 1,
	ARG_SOCKETS,
	ARG_DROPINS,
	ARG_BRIDGES,
	ARG_TOR,
	ARG_VERIFY,
};

static void take(char *to, size_t len, const char *arg)
{
	if (arg[0] != '/' || strlcpy(to, arg, len) >= len)
		errx(1, "%.200s: not an absolute path, or too long", arg);
}

/* the foreground: until the first start has succeeded or failed */
static int await_start(int told)
{
	unsigned char status = 1;

	return fd_read_full(told, &status, 1) == 1 ? status : 1;
}

int main(int argc, char **argv)
{
	static struct tor_config c = { .answer_timeout_ms = ANSWER_TIMEOUT_MS };
	int ends[2];
	pid_t pid;

	umask(077);
	if (fd_fill_std() < 0)
		return 1;
	if (argc < ARG_VERIFY || argc > ARG_VERIFY + 1 ||
	    (argc > ARG_VERIFY &&
	     strcmp(argv[ARG_VERIFY], TOR_KEEPER_VERIFY) != 0)) {
		fputs("isolate-tor is started by isolatectl tor start\n",
		      stderr);
		return 1;
	}
	take(c.data_dir, sizeof(c.data_dir), argv[ARG_DATA]);
	take(c.socket_dir, sizeof(c.socket_dir), argv[ARG_SOCKETS]);
	take(c.dropin_dir, sizeof(c.dropin_dir), argv[ARG_DROPINS]);
	take(c.bridges_dir, sizeof(c.bridges_dir), argv[ARG_BRIDGES]);
	take(c.binary, sizeof(c.binary), argv[ARG_TOR]);
	if (pipe2(ends, O_CLOEXEC) < 0)
		err(1, "make a pipe");
	pid = fork();
	if (pid < 0)
		err(1, "fork");
	if (pid > 0) {
		close(ends[1]);
		return await_start(ends[0]);
	}
	close(ends[0]);
	setsid();
	return keep_run(&c, argc > ARG_VERIFY, ends[1]);
}
