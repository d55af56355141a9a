/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/supervise.c - the supervisor while the application runs */
#include "launcher/supervise.h"

#include <bsd/err.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/trim.h"
#include "identity/store.h"
#include "launcher/sync.h"

/* What is passed on to the application as it is. */
static const int forwarded[] = { SIGINT,  SIGTERM, SIGHUP,  SIGQUIT,
				 SIGUSR1, SIGUSR2, SIGTSTP, SIGALRM };
/* What is for us. */
static const int own[] = { SIGCHLD, SIGWINCH, SIGCONT };

static bool is_ignored(int number)
{
	struct sigaction now;

	return sigaction(number, NULL, &now) == 0 && now.sa_handler == SIG_IGN;
}

static void signal_set(sigset_t *set)
{
	sigemptyset(set);
	for (size_t i = 0; i < ARRAY_SIZE(forwarded); i++)
		/* by nohup(1), or by a script for its background jobs; a
		 * blocked signal would come all the same */
		if (!is_ignored(forwarded[i]))
			sigaddset(set, forwarded[i]);
	for (size_t i = 0; i < ARRAY_SIZE(own); i++)
		sigaddset(set, own[i]);
}

void supervise_block_signals(void)
{
	sigset_t set;

	/* those that end a program still do, while there is nobody to pass
	 * them on to: a launch that hangs can be interrupted */
	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_SIZE(own); i++)
		sigaddset(&set, own[i]);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	/* ignored by who started us, no child's end would be seen, nor by
	 * pid 1 of the sandbox, which inherits it */
	signal(SIGCHLD, SIG_DFL);
}

enum {
	POLL_SETUP = 0,
	POLL_SIGNALS,
	POLL_GATEWAY,
	POLL_TTY,
	POLL_MASTER,
	POLL_ONIONS,
	POLL_CTLSOCK,
	POLL_PUMPS = POLL_CTLSOCK + CTLSOCK_POLL_FDS,
	POLL_COUNT = POLL_PUMPS + 3,
};

/* Gives the application the keyboard, or waits for our turn to. */
static void give_terminal(struct launch *l)
{
	sigset_t pending;

	l->terminal.wanted = !terminal_take_keyboard(&l->terminal);
	if (!l->terminal.wanted) {
		sync_send(l->setup_sync, SYNC_FOREGROUND, 0, NULL, 0);
		return;
	}
	/* a background job that wants to read stops, like any other; SIGCONT
	 * is our turn to ask again */
	if (l->terminal.tty >= 0)
		kill(getpid(), SIGTTIN);
	sigpending(&pending);
	/* nobody would ever continue an orphan: it reads the end of the file
	 * instead (signal(7), SIGTTIN is ignored there) */
	if (!sigismember(&pending, SIGCONT)) {
		fd_replace(&l->terminal.master, -1);
		sync_send(l->setup_sync, SYNC_CONTINUE, 0, NULL, 0);
	}
}

/* We were stopped and go on, in the foreground or not. */
static void resume(struct launch *l, bool had)
{
	if (l->terminal.wanted)
		give_terminal(l);
	else if (had && !terminal_take_keyboard(&l->terminal))
		/* to stop when it reads */
		sync_send(l->setup_sync, SYNC_BACKGROUND, 0, NULL, 0);
	terminal_resize(&l->terminal);
}

static void stop_like_a_job(void)
{
	sigset_t tstp, old;

	signal(SIGTSTP, SIG_DFL);
	sigemptyset(&tstp);
	sigaddset(&tstp, SIGTSTP);
	kill(getpid(), SIGTSTP);
	/* it arrives here */
	sigprocmask(SIG_UNBLOCK, &tstp, &old);
	sigprocmask(SIG_SETMASK, &old, NULL);
}

/* The application has stopped, by Ctrl-Z or to ask for the terminal. */
static void application_stopped(struct launch *l, int signal_number)
{
	bool had = l->terminal.keyboard;

	if (l->sb.pty && !had &&
	    (signal_number == SIGTTIN || signal_number == SIGTTOU)) {
		give_terminal(l);
		return;
	}
	/* nobody typed Ctrl-Z: it stopped itself, which is its own business */
	if (!l->sb.pty)
		return;
	terminal_restore(&l->terminal);
	/* our job is stopped; the shell takes over until fg or bg. Not
	 * SIGSTOP: where there is no such shell (an orphaned group) nobody
	 * would continue us, and this signal is ignored (signal(7)) */
	stop_like_a_job();
	resume(l, had);
	sync_send(l->setup_sync, SYNC_CONTINUE, 0, NULL, 0);
}

/* What pid 1 reports; false when it is gone. */
static bool hear_setup(struct launch *l)
{
	struct sync_msg m;

	if (fd_recv_msg(l->setup_sync, &m, sizeof(m), NULL, 0, NULL) !=
	    (ssize_t)sizeof(m))
		return false;
	if (m.type == SYNC_ENDED) {
		l->wait_status = m.value;
		l->ended = true;
		return false;
	}
	if (m.type == SYNC_STOPPED)
		application_stopped(l, m.value);
	return true;
}

static void hear_signal(struct launch *l, int sfd)
{
	struct signalfd_siginfo si;

	if (read(sfd, &si, sizeof(si)) != (ssize_t)sizeof(si))
		return;
	switch (si.ssi_signo) {
	case SIGWINCH:
		terminal_resize(&l->terminal);
		break;
	case SIGCHLD:
		/* pid 1 and the gateway tell by their sockets; the outer
		 * process has done its work */
		if (l->outer_pid > 0 &&
		    waitpid(l->outer_pid, NULL, WNOHANG) == l->outer_pid)
			l->outer_pid = 0;
		break;
	case SIGCONT:
		/* back in the foreground, perhaps */
		resume(l, l->terminal.keyboard);
		break;
	default:
		/* from the terminal (Ctrl-C) it is for the whole group */
		sync_send(l->setup_sync,
			  si.ssi_code == SI_KERNEL ? SYNC_SIGNAL_GROUP
						   : SYNC_SIGNAL,
			  (int)si.ssi_signo, NULL, 0);
	}
}

static void restart_gateway(struct launch *l)
{
	struct fault f = { 0 };
	char line[600];

	if (gwlink_restart(&l->gateway, &f) == 0) {
		if (l->verbose)
			warnx("isolate-gateway ended; it was started again");
		return;
	}
	fault_format(&f, line, sizeof(line));
	warnx("the application is offline: %s", line);
	/* refused at once, rather than waiting for who never comes */
	gwlink_give_up(&l->gateway);
}

static void fill_poll(const struct launch *l, int sfd, struct pollfd *p)
{
	p[POLL_SETUP] = (struct pollfd){ l->setup_sync, POLLIN, 0 };
	p[POLL_SIGNALS] = (struct pollfd){ sfd, POLLIN, 0 };
	p[POLL_GATEWAY] = gwlink_poll_fd(&l->gateway);
	p[POLL_ONIONS] = onions_poll_fd(&l->onions);
	terminal_poll_fds(&l->terminal, p + POLL_TTY);
	ctlsock_poll_fds(&l->ctlsock, p + POLL_CTLSOCK);
	for (int i = 0; i < 3; i++)
		p[POLL_PUMPS + i] = stdio_poll_fd(&l->stdio.pumps[i]);
}

/* The application runs already: nothing of this is waited for. */
static void hear_isolatectl(struct launch *l)
{
	struct fault f = { 0 };

	/* one that leaves no trace has no name in a directory either */
	if (l->plan->amnesic)
		return;
	if (ctlsock_open(&l->ctlsock, &f) < 0 && l->verbose)
		warnx("isolatectl newnym will not find this launch: %s",
		      f.what);
}

void supervise(struct launch *l)
{
	struct pollfd p[POLL_COUNT];
	autoclose int sfd = -1;
	int n, quiet_ms = TRIM_AFTER_MS;
	bool alive = true;
	sigset_t set;

	signal_set(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
	sfd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (sfd < 0)
		err(125, "signalfd");
	if (l->sb.foreground)
		terminal_take_keyboard(&l->terminal);
	hear_isolatectl(l);
	while (alive) {
		fill_poll(l, sfd, p);
		n = poll(p, POLL_COUNT, quiet_ms);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			err(125, "poll");
		if (n == 0) {
			/* nothing to do: a good time to wait for the disk */
			quiet_ms = -1;
			if (l->store)
				store_tidy(l->store);
			trim_memory();
		}
		if (p[POLL_GATEWAY].revents && gwlink_run(&l->gateway) < 0)
			restart_gateway(l);
		if (p[POLL_ONIONS].revents)
			onions_run(&l->onions, l->gateway.control);
		ctlsock_run(&l->ctlsock, p + POLL_CTLSOCK, &l->gateway);
		terminal_run(&l->terminal, p + POLL_TTY);
		for (int i = 0; i < 3; i++)
			if (p[POLL_PUMPS + i].revents)
				stdio_pump_run(&l->stdio.pumps[i]);
		if (p[POLL_SIGNALS].revents)
			hear_signal(l, sfd);
		if (p[POLL_SETUP].revents)
			alive = hear_setup(l);
	}
}
