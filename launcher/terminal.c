/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/terminal.c - between the user's terminal and the sandbox's pty */
#include "launcher/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "launcher/drain.h"

int terminal_open(struct terminal *t, struct fault *f)
{
	struct stat st;
	char path[32];

	*t = (struct terminal){ .tty = -1, .master = -1 };
	/* a keyboard first, then a screen */
	for (int fd = 0; fd < 3 && t->tty < 0; fd++) {
		if (!isatty(fd))
			continue;
		/*
		 * A file description of our own: O_NONBLOCK on the shared one
		 * would be the shell's too. Another user's terminal (su) cannot
		 * be opened anew; that one is then used as it is.
		 */
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		t->tty = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
		if (t->tty < 0)
			t->tty = fcntl(fd, F_DUPFD_CLOEXEC, 3);
		if (t->tty < 0)
			return fault_set(f, errno, "use the terminal");
	}
	t->pipeline = fstat(STDOUT_FILENO, &st) == 0 && S_ISFIFO(st.st_mode);
	return 0;
}

void terminal_attach(struct terminal *t, int master)
{
	struct termios modes;

	t->master = master;
	fd_set_nonblock(master, 1);
	/* erase, kill and the like as the user has them; while we are in the
	 * background they are those of the shell's line editor */
	t->has_modes = terminal_is_foreground(t);
	if (t->has_modes && tcgetattr(t->tty, &modes) == 0)
		tcsetattr(master, TCSANOW, &modes);
	terminal_resize(t);
}

bool terminal_is_foreground(const struct terminal *t)
{
	pid_t group = tcgetpgrp(t->tty);

	/* job control is for the controlling terminal only (tty_ioctl(4)) */
	return group < 0 ? errno == ENOTTY : group == getpgrp();
}

bool terminal_take_keyboard(struct terminal *t)
{
	struct termios raw;
	struct stat st;

	/* typed text is for who has stdin or reads /dev/tty: not without */
	if (t->tty < 0 || !terminal_is_foreground(t)) {
		t->keyboard = false;
		return false;
	}
	if (!t->keyboard && tcgetattr(t->tty, &t->saved) < 0)
		return false;
	t->saved_is_set = true;
	if (!t->has_modes && t->master >= 0)
		tcsetattr(t->master, TCSANOW, &t->saved);
	t->has_modes = true;
	raw = t->saved;
	cfmakeraw(&raw);
	/* others in the pipeline still print lines */
	if (fstat(STDOUT_FILENO, &st) == 0 && S_ISFIFO(st.st_mode))
		raw.c_oflag |= t->saved.c_oflag & (OPOST | ONLCR);
	if (tcsetattr(t->tty, TCSADRAIN, &raw) < 0)
		return false;
	t->keyboard = true;
	return true;
}

void terminal_restore(struct terminal *t)
{
	sigset_t block, old;

	if (!t->keyboard || !t->saved_is_set)
		return;
	t->keyboard = false;
	/* in the background it would stop us half way */
	sigemptyset(&block);
	sigaddset(&block, SIGTTOU);
	sigprocmask(SIG_BLOCK, &block, &old);
	tcsetattr(t->tty, TCSADRAIN, &t->saved);
	sigprocmask(SIG_SETMASK, &old, NULL);
}

void terminal_resize(struct terminal *t)
{
	struct winsize size;

	if (t->master >= 0 && ioctl(t->tty, TIOCGWINSZ, &size) == 0)
		ioctl(t->master, TIOCSWINSZ, &size);
}

void terminal_poll_fds(const struct terminal *t, struct pollfd fds[2])
{
	bool may_read = t->keyboard && t->master >= 0 && t->in.end == 0;
	bool must_write = t->out.end > 0;

	fds[0] = (struct pollfd){ .fd = may_read || must_write ? t->tty : -1 };
	if (may_read)
		fds[0].events |= POLLIN;
	if (must_write)
		fds[0].events |= POLLOUT;
	fds[1] = (struct pollfd){ .fd = t->master };
	if (t->out.end == 0)
		fds[1].events |= POLLIN;
	if (t->in.end > 0)
		fds[1].events |= POLLOUT;
	/* POLLHUP cannot be masked: do not spin on it with a full buffer */
	if (t->out.end > 0 && t->in.end == 0)
		fds[1].fd = -1;
}

/* Fills an empty buffer; false at the end of the file. */
static bool fill(struct terminal_buffer *b, int fd)
{
	ssize_t n = read(fd, b->data, sizeof(b->data));

	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	b->start = 0;
	b->end = (size_t)n;
	return n > 0;
}

static void flush(struct terminal_buffer *b, int fd)
{
	ssize_t n = write(fd, b->data + b->start, b->end - b->start);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	/* a terminal that is gone takes no more: drop it */
	if (n < 0)
		n = (ssize_t)(b->end - b->start);
	b->start += (size_t)n;
	if (b->start == b->end)
		b->start = b->end = 0;
}

void terminal_run(struct terminal *t, const struct pollfd fds[2])
{
	if (t->master >= 0 && fds[1].fd >= 0 &&
	    (fds[1].revents & (POLLIN | POLLHUP)) && t->out.end == 0 &&
	    !fill(&t->out, t->master))
		fd_replace(&t->master, -1);
	if (t->out.end > 0)
		flush(&t->out, t->tty);
	/* the user's terminal is gone: so is the application's */
	if (fds[0].fd >= 0 && (fds[0].revents & POLLHUP)) {
		t->keyboard = false;
		t->in.start = t->in.end = 0;
		fd_replace(&t->master, -1);
	}
	if (t->keyboard && (fds[0].revents & POLLIN) && t->in.end == 0 &&
	    !fill(&t->in, t->tty))
		terminal_restore(t);
	if (t->in.end > 0 && t->master >= 0)
		flush(&t->in, t->master);
}

void terminal_drain(struct terminal *t)
{
	/* EIO ends it: the other side of the pty is closed */
	while (t->tty >= 0 && (t->master >= 0 || t->out.end > 0)) {
		if (t->out.end == 0 && t->master >= 0) {
			struct pollfd in = { .fd = t->master,
					     .events = POLLIN };

			if (poll(&in, 1, 0) <= 0 || !fill(&t->out, t->master))
				fd_replace(&t->master, -1);
			continue;
		}
		if (!drain_wait(t->tty))
			break;
		flush(&t->out, t->tty);
	}
}
