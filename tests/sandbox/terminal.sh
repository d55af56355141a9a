#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# On a terminal the application has one of its own: jobs, keys, size.
# shellcheck source=tests/sandbox/lib.sh
. "$(dirname "$0")/lib.sh"

x() {
	run "$BIN/expect" -t 15 "$@"
}
x -- "$BIN/isolate" -- tty
like "$out" '^/dev/pts/0' "a terminal of its own"
x -s 33x101 -- "$BIN/isolate" -- stty size
like "$out" '^33 101' "window size at start"
# shellcheck disable=SC2016
x -s 24x80 '=ready' '!50x132' '=changed 50 132' -- "$BIN/isolate" -- \
	bash -c 'trap "echo changed \$(stty size); exit" WINCH
		echo ready; while :; do sleep 0.1; done'
is "$rc" 0 "window size follows"
# not a shell: one that is about to exec may lose a SIGINT that it catches
x '=ready' '<\x03' -- "$BIN/isolate" -- /usr/bin/python3 -c 'import signal, time
signal.signal(signal.SIGINT, signal.SIG_DFL)
print("ready", flush=True)
time.sleep(20)'
is "$rc" 130 "Ctrl-C interrupts the application"
x '=ready' '<\x1c' -- "$BIN/isolate" -- sh -c 'echo ready; exec sleep 20'
is "$rc" 131 "Ctrl-\\ too"
x '=ready' '<\x04' '=done' -- "$BIN/isolate" -- sh -c 'echo ready; cat; echo done'
is "$rc" 0 "Ctrl-D ends input"
x '=\$ $' '<sh -c "echo g'"''"'o; exec sleep 20"\r' '=go' '<\x1a' '=[Ss]topped' '=\$ $' '<jobs\r' \
	'=sleep 20' '=\$ $' '<kill -KILL %1; sleep 0.5\r' '=\$ $' '<exit\r' -- "$BIN/isolate" -p shell -- \
	bash --norc --noprofile -i
[ "$rc" = 0 ] || [ "$rc" = 143 ]
is $? 0 "job control in the sandbox: Ctrl-Z stops its job"
unlike "$out" 'no job control|cannot set terminal' "... without complaint"
# Ctrl-Z of a single program stops isolate in the outer shell.
x '=\$ $' "<$BIN/isolate -- sh -c 'echo rea\"\"dy; sleep 3; echo wo\"\"ke'\r" \
	'=ready' '@0.3' '<\x1a' '=[Ss]topped' '=\$ $' '<fg\r' '=woke' '=\$ $' \
	'<exit\r' -- bash --norc --noprofile -i
is "$rc" 0 "Ctrl-Z and fg in the user's shell"
x '=ready' '<secret\r' '=got' -- "$BIN/isolate" -- sh -c \
	'stty -echo; echo ready; read -r x; echo got ${#x}; stty echo'
unlike "$out" secret "echo can be switched off"
x '=~' '<:q!\r' -- env TERM=xterm "$BIN/isolate" -- vi -u NONE
if command -v vi >/dev/null; then
	is "$rc" 0 "vi draws and quits"
else
	pass "vi is not installed"
fi
# the user's terminal is as it was
x '=\$ $' '<stty -a >before\r' '=\$ $' \
	"<$BIN/isolate -- stty raw -echo; stty -a >after; cmp before after && echo sa''me\r" \
	'=\$ $' '<exit\r' -- bash --norc --noprofile -i
like "$out" same "the terminal's modes are restored"
# and cannot be reached
x -- "$BIN/isolate" -- sh -c 'ls -l /proc/*/fd 2>/dev/null | grep -c "pts/[1-9]"'
like "$out" '^0' "no other terminal is open in the sandbox"
run isolate -- tty
is "$out" "not a tty" "no terminal where there was none"
is "$(echo x | isolate -- cat)" x "a pipe stays a pipe"
x '=got' -- sh -c "echo got | $BIN/isolate -- cat"
is "$rc" 0 "a pipe stays a pipe on a terminal"
x -- sh -c "$BIN/isolate -- sh -c 'echo out; echo err >&2' 2>'$T/errfile'"
is "$(tr -d '\r' <"$T/errfile")" err "a redirected stderr stays a file"

done_testing
