/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ctl/screen.c - a whole terminal that is drawn again and again */
#include "ctl/screen.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>
#include <wchar.h>

#include "base/attr.h"
#include "base/fd.h"

/* The other screen, no cursor, no wrapping; and back. */
#define ENTER "\033[?1049h\033[?25l\033[?7l"
#define LEAVE "\033[?7h\033[?25h\033[?1049l"
#define HOME "\033[H"
#define CLEAR_LINE "\033[K"
#define CLEAR_BELOW "\033[J"

static const int heard[] = { SIGINT,  SIGTERM,  SIGHUP, SIGQUIT,
			     SIGTSTP, SIGWINCH, SIGCONT };

bool screen_may(FILE *out)
{
	const char *term = getenv("TERM");
	int fd = fileno(out);

	return fd >= 0 && isatty(fd) && term && *term &&
	       strcmp(term, "dumb") != 0;
}

static void enter(struct screen *s)
{
	struct termios raw = s->saved;

	if (s->keyboard >= 0) {
		raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
		raw.c_cc[VMIN] = 0;
		raw.c_cc[VTIME] = 0;
		tcsetattr(s->keyboard, TCSADRAIN, &raw);
	}
	fputs(ENTER, s->out);
	fflush(s->out);
}

static void leave(struct screen *s)
{
	fputs(LEAVE, s->out);
	fflush(s->out);
	if (s->keyboard >= 0)
		tcsetattr(s->keyboard, TCSADRAIN, &s->saved);
}

static int watch(struct screen *s, int fd)
{
	struct epoll_event ev = { .events = EPOLLIN };

	return epoll_ctl(s->fd, EPOLL_CTL_ADD, fd, &ev) < 0 ? -errno : 0;
}

static void let_go(struct screen *s)
{
	fd_replace(&s->fd, -1);
	fd_replace(&s->signals, -1);
	sigprocmask(SIG_SETMASK, &s->mask, NULL);
}

int screen_open(struct screen *s, FILE *out, struct fault *f)
{
	sigset_t set;
	int rc = 0;

	*s = (struct screen){ .out = out, .signals = -1, .keyboard = -1 };
	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_SIZE(heard); i++)
		sigaddset(&set, heard[i]);
	sigprocmask(SIG_BLOCK, &set, &s->mask);
	s->fd = epoll_create1(EPOLL_CLOEXEC);
	s->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (s->fd < 0 || s->signals < 0)
		rc = -errno;
	if (tcgetattr(STDIN_FILENO, &s->saved) == 0)
		s->keyboard = STDIN_FILENO;
	if (rc == 0)
		rc = watch(s, s->signals);
	if (rc == 0 && s->keyboard >= 0)
		rc = watch(s, s->keyboard);
	if (rc < 0) {
		let_go(s);
		return fault_set(f, rc, "watch the terminal");
	}
	enter(s);
	return 0;
}

/* The shell has the terminal until we are continued. */
static void stop(struct screen *s)
{
	sigset_t set, old;

	leave(s);
	sigemptyset(&set);
	sigaddset(&set, SIGTSTP);
	raise(SIGTSTP);
	/* it arrives here */
	sigprocmask(SIG_UNBLOCK, &set, &old);
	sigprocmask(SIG_SETMASK, &old, NULL);
	enter(s);
}

static enum screen_event hear_signal(struct screen *s)
{
	struct signalfd_siginfo si;

	if (read(s->signals, &si, sizeof(si)) != (ssize_t)sizeof(si))
		return SCREEN_NOTHING;
	if (si.ssi_signo == SIGTSTP)
		stop(s);
	if (si.ssi_signo == SIGTSTP || si.ssi_signo == SIGWINCH ||
	    si.ssi_signo == SIGCONT)
		return SCREEN_REDRAW;
	s->signal = (int)si.ssi_signo;
	return SCREEN_LEAVE;
}

enum screen_event screen_read(struct screen *s)
{
	enum screen_event event = hear_signal(s);
	struct pollfd p = { .fd = s->keyboard, .events = POLLIN };
	char key = '\0';

	if (event != SCREEN_NOTHING || poll(&p, 1, 0) <= 0)
		return event;
	/* the terminal is gone: it would be readable for ever */
	if (p.revents & (POLLHUP | POLLERR | POLLNVAL)) {
		s->signal = SIGHUP;
		return SCREEN_LEAVE;
	}
	if (read(s->keyboard, &key, 1) == 1 && (key == 'q' || key == 'Q'))
		return SCREEN_LEAVE;
	return SCREEN_NOTHING;
}

size_t screen_cut(const char *line, int columns)
{
	size_t end = strcspn(line, "\n"), at = 0;
	mbstate_t state = { 0 };
	int used = 0;

	while (at < end) {
		wchar_t c;
		size_t n = mbrtowc(&c, line + at, end - at, &state);
		int width = 1;

		if (n == (size_t)-1 || n == (size_t)-2 || n == 0) {
			memset(&state, 0, sizeof(state));
			n = 1;
		} else {
			width = wcwidth(c);
		}
		used += width > 0 ? width : 0;
		if (used > columns)
			break;
		at += n;
	}
	return at;
}

void screen_draw(struct screen *s, const char *text)
{
	struct winsize size = { .ws_row = 24, .ws_col = 80 };
	struct winsize real;
	bool first = true;

	if (ioctl(fileno(s->out), TIOCGWINSZ, &real) == 0 && real.ws_row > 0 &&
	    real.ws_col > 0)
		size = real;
	fputs(HOME, s->out);
	for (int row = 0; *text && row < size.ws_row; row++) {
		size_t len = screen_cut(text, size.ws_col);

		fprintf(s->out, "%s%s%.*s%s" CLEAR_LINE, row ? "\r\n" : "",
			first ? "\033[1m" : "", (int)len, text,
			first ? "\033[0m" : "");
		first = false;
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	fputs(CLEAR_BELOW, s->out);
	fflush(s->out);
}

void screen_close(struct screen *s)
{
	leave(s);
	let_go(s);
}

int screen_status(const struct screen *s)
{
	return s->signal == 0 || s->signal == SIGINT ? 0 : 128 + s->signal;
}
