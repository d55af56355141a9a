/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tor/spawn.c - run tor apart from the caller, until it is up or has failed */
#include "tor/spawn.h"

#include <bsd/string.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tor/control.h"
#include "tor/deadline.h"

static void reset_signals(void)
{
	sigset_t none;

	/* SIG_IGN and a blocked signal would survive exec */
	for (int sig = 1; sig < NSIG; sig++)
		signal(sig, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

void tor_spawn_become(char *const argv[], char *const envp[], int in, int out)
{
	const struct rlimit no_core = { 0, 0 };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	/* its own session: no Ctrl-C, no hang-up, no terminal of the caller */
	setsid();
	reset_signals();
	umask(077);
	if (null < 0 || chdir("/") < 0 || setrlimit(RLIMIT_CORE, &no_core) < 0)
		_exit(TOR_SPAWN_NO_EXEC);
	/* pluggable transports need no set-user-ID program either */
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		_exit(TOR_SPAWN_NO_EXEC);
	if (dup2(in ? in : null, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0)
		_exit(TOR_SPAWN_NO_EXEC);
	if (close_range(3, ~0U, 0) < 0)
		_exit(TOR_SPAWN_NO_EXEC);
	execve(argv[0], argv, envp);
	_exit(TOR_SPAWN_NO_EXEC);
}

/* the last bytes that came down a pipe */
struct tail {
	char text[8192];
	size_t len;
};

/* Return: 1 there may be more, 0 end of file or nothing now */
static int read_tail(int fd, struct tail *tail)
{
	size_t half = sizeof(tail->text) / 2;
	ssize_t n;

	if (tail->len > half) {
		memmove(tail->text, tail->text + tail->len - half, half);
		tail->len = half;
	}
	n = read(fd, tail->text + tail->len,
		 sizeof(tail->text) - 1 - tail->len);
	if (n <= 0)
		return n < 0 && errno == EINTR;
	tail->len += (size_t)n;
	return 1;
}

/*
 * Until the program has ended: what it left running holds the pipe open, so
 * the end of the output cannot be waited for.
 */
static int await_end(int pidfd, int out, int timeout_ms, struct tail *tail)
{
	struct pollfd p[2] = { { .fd = pidfd, .events = POLLIN },
			       { .fd = out, .events = POLLIN } };
	int64_t deadline = tor_deadline_in(timeout_ms);

	for (;;) {
		int n = tor_deadline_poll(p, 2, deadline);

		if (n <= 0)
			return n < 0 ? n : -ETIMEDOUT;
		if (p[1].revents && !read_tail(out, tail))
			p[1].fd = -1;
		if (p[0].revents)
			break;
	}
	while (read_tail(out, tail))
		continue;
	return 0;
}

/* @line without "Nov 20 18:04:04.123 [warn] " */
static const char *bare(const char *line)
{
	const char *s = strchr(line, ']');

	return s && strchr(line, '[') && s[1] == ' ' ? s + 2 : line;
}

void tor_spawn_last_words(char *output, char *says, size_t len)
{
	const char *err = NULL, *warn = NULL, *last = "";
	char *line;

	while ((line = strsep(&output, "\n"))) {
		if (!*line)
			continue;
		/* tor's own summary of the lines above it */
		if (!strstr(line, "Reading config failed") &&
		    strstr(line, "[err]"))
			err = line;
		if (strstr(line, "[warn]"))
			warn = line;
		last = line;
	}
	strlcpy(says, bare(err ? err : warn ? warn : last), len);
	tor_control_printable(says);
}

static int collect(pid_t pid, int pidfd, int out, int timeout_ms, char *says,
		   size_t len, struct fault *f)
{
	struct tail tail = { .len = 0 };
	int status, rc;

	rc = await_end(pidfd, out, timeout_ms, &tail);
	if (rc < 0)
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return fault_set(f, errno, "wait for tor");
	tail.text[tail.len] = '\0';
	tor_spawn_last_words(tail.text, says, len);
	if (rc < 0)
		return fault_set(f, rc, "wait for tor to come up");
	if (!WIFEXITED(status))
		return fault_set(f, ECHILD, "tor was killed by signal %d",
				 WTERMSIG(status));
	return WEXITSTATUS(status);
}

int tor_spawn_run(char *const argv[], int in, const char *home, int timeout_ms,
		  char *says, size_t len, struct fault *f)
{
	char path[] = "PATH=/usr/local/bin:/usr/bin:/bin",
	     locale[] = "LC_ALL=C";
	autofree char *home_is = NULL;
	char *envp[] = { path, locale, NULL, NULL };
	autoclose int out = -1, out_in = -1, pidfd = -1;
	int ends[2];
	pid_t pid;

	if (asprintf(&home_is, "HOME=%s", home) < 0) {
		home_is = NULL;
		return fault_set(f, ENOMEM, "start tor");
	}
	envp[2] = home_is;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return fault_set(f, errno, "make a pipe for tor");
	out = ends[0];
	out_in = ends[1];
	if (fd_set_nonblock(out, 1) < 0)
		return fault_set(f, EINVAL, "make a pipe for tor");
	pid = fork();
	if (pid < 0)
		return fault_set(f, errno, "fork for tor");
	if (pid == 0)
		tor_spawn_become(argv, envp, in, out_in);
	fd_replace(&out_in, -1);
	pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (pidfd < 0) {
		int err = errno;

		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		return fault_set(f, err, "watch tor");
	}
	return collect(pid, pidfd, out, timeout_ms, says, len, f);
}
