/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tor/spawn.h - run tor apart from the caller, until it is up or has failed */
#ifndef TOR_SPAWN_H
#define TOR_SPAWN_H

#include <stddef.h>

#include "base/fault.h"

/* Exit status of what could not be executed. */
#define TOR_SPAWN_NO_EXEC 127

/**
 * tor_spawn_run() - run a program in a session of its own, to its end
 * @argv: of the program; argv[0] is its absolute path
 * @in: its stdin, borrowed; 0: /dev/null
 * @home: HOME of its environment, which holds nothing of the caller's
 * @timeout_ms: it is killed after that
 * @says: set to the last of what it wrote, printable: its own words for why
 *        it failed
 *
 * It has no descriptor but those and a pipe to us, default signals,
 * umask 077, "/" as directory, no_new_privs and no core file. The keeper ends
 * in the foreground when tor's listeners are open, and what stays is detached
 * already.
 *
 * Return: its exit status (0 to 255), -ETIMEDOUT, -ECHILD (killed by a
 * signal) or -errno.
 */
int tor_spawn_run(char *const argv[], int in, const char *home, int timeout_ms,
		  char *says, size_t len, struct fault *f);

/**
 * tor_spawn_become() - in a child: the program itself, apart from the caller
 * @in: its stdin; 0: /dev/null
 * @out: for its stdout and stderr
 *
 * As tor_spawn_run() says; where that fails, TOR_SPAWN_NO_EXEC is the exit
 * status. Does not print or allocate.
 */
_Noreturn void tor_spawn_become(char *const argv[], char *const envp[], int in,
				int out);

/**
 * tor_spawn_last_words() - the line of tor's output that tells the most
 * @output: changed
 *
 * The last [err] line, else the last [warn] line, else the last line,
 * without its time. Pure.
 */
void tor_spawn_last_words(char *output, char *says, size_t len);

#endif
