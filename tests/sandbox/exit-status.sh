#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The exit status and the standard streams are the application's own.
# also-as: root
# shellcheck source=tests/sandbox/lib.sh
. "$(dirname "$0")/lib.sh"

run isolate -- true
is "$rc" 0 "true: 0"
run isolate -- false
is "$rc" 1 "false: 1"
run isolate -- sh -c 'exit 42'
is "$rc" 42 "exit 42: 42"
may_refuse=yes run isolate -- sh -c 'exit 125'
is "$rc" 125 "exit 125 of the application is passed on"
is "$err" "" "... without a message of isolate's"
run isolate -- sh -c 'kill -TERM $$'
is "$rc" 143 "ended by SIGTERM: 128+15"
run isolate -- sh -c 'kill -KILL $$'
is "$rc" 137 "ended by SIGKILL: 128+9"
run isolate -- sh -c 'kill -SEGV $$'
is "$rc" 139 "ended by SIGSEGV: 128+11"
run isolate -- no-such-program-here
is "$rc" 127 "not found: 127"
like "$err" 'no-such-program-here' "... and it is named"
run isolate -- /usr/bin/no-such-program-here
is "$rc" 127 "absolute path not found: 127"
run isolate -- /etc/passwd
is "$rc" 126 "not executable: 126"
like "$err" '/etc/passwd' "... and it is named"
run isolate -- /usr
is "$rc" 126 "a directory: 126"

run isolate -- printf '[%s]' 'a b' '' '--help' "c'd" '*'
is "$out" "[a b][][--help][c'd][*]" "arguments arrive unchanged"
is "$(isolate -- echo -- -p x)" "-- -p x" "options after COMMAND are its own"
is "$(isolate printf %s --dry-run)" "--dry-run" "... without -- too"
is "$(echo input | isolate -- cat)" "input" "standard input is passed"
run isolate -- sh -c 'echo to-stderr >&2'
is "$out|$err" "|to-stderr" "standard error stays apart"
is "$(isolate -- sh -c 'head -c 3000000 /dev/zero' | wc -c)" 3000000 \
	"three megabytes through a pipe"
(isolate -- yes | head -n 1) >"$T/yes" 2>"$T/yes.err"
is "$(cat "$T/yes")" y "a closed pipe ends the application"
run sh -c 'exec "$0" -- sh -c "cat; echo \$?" <&- 2>&1' "$BIN/isolate"
is "$rc" 0 "runs with standard input closed"
run sh -c 'exec "$0" -- sh -c "exit 7" <&- >&- 2>&-' "$BIN/isolate"
is "$rc" 7 "runs with all three closed"

done_testing
