#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# In the user's shell isolate is a job like any other.
# shellcheck source=tests/sandbox/lib.sh
. "$(dirname "$0")/lib.sh"

n="$BIN/isolate --network none --"
x() { # STEP...: typed into a shell with job control
	run "$BIN/expect" -t 20 '=job: $' "$@" '<exit 0\r' -- \
		env PS1='job: ' bash --norc --noprofile -i
}

# What is typed is seen by a background job only while the shell does not read
# it: as with ssh, it stops when it sees input, not when somebody waits for it.
x "<$n cat & sleep 3\r" '+[Ss]topped' '<fg\r' '=fg\r' '=cat' '@0.3' \
	'<typed\r' '=typed\s+typed' '<\x04' '=job: $'
is "$rc" 0 "a background job that reads stops, and reads after fg"
x "<$n sh -c 'sleep 1; echo finish''ed' &\r" '=finished' '+Done'
is "$rc" 0 "... and one that does not read ends"
x "<$n sh -c 'echo rea''dy; cat'\r" '=ready' '@0.3' '<\x1a' '=[Ss]topped' \
	'<bg; sleep 3\r' '=&\s' '+[Ss]topped' '<fg\r' '=fg\r' '=cat' '@0.3' '<typed\r' \
	'=typed\s+typed' '<\x04' '=job: $'
is "$rc" 0 "Ctrl-Z, bg, fg"
x "<$n sh -c 'echo rea''dy; sleep 3; echo awa''ke; cat'\r" '=ready' '@0.3' '<\x1a' \
	'=[Ss]topped' '<stty sane; fg\r' '=awake' '@0.3' '<typed\r' '=typed' \
	'<\x03' '=job: $'
is "$rc" 0 "the shell may change the modes meanwhile"
x "<$n sh -c 'echo rea''dy; sleep 100; echo not' | cat\r" '=ready' '@0.3' \
	'<\x03' '=job: $'
is "$rc" 0 "Ctrl-C reaches all of the application in a pipeline"
x "<$n sh -c 'trap : INT; echo rea''dy; sleep 1; sleep 1; echo ali''ve' | (trap \"\" INT; cat)\r" \
	'=ready' '@0.3' '<\x03' '=alive' '=job: $'
is "$rc" 0 "... which may live on"
x "<setsid -w $n sh -c 'echo rea''dy; cat' | cat\r" '=ready' '@0.3' \
	'<typed\r' '=typed\s+typed' '<\x04' '=job: $'
is "$rc" 0 "without a controlling terminal there is no job control"

# signals that who started us ignores
run "$BIN/expect" -t 20 -- bash -c "nohup $n sh -c 'sleep 1; echo lives >~/n' \
	>/dev/null & p=\$!
	until grep -q '^SigIgn:.*[13579bdf]\$' /proc/\$p/status; do sleep 0.05; done
	sleep 0.5; kill -HUP \$p; wait \$p"
is "$rc$(isolate --network none -- cat n)" 0lives "nohup(1) is respected"
run timeout 20 python3 -c '
import os, signal, sys
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
os.execv(sys.argv[1], sys.argv[1:])' "$BIN/isolate" --network none -- \
	sh -c 'exit 7'
is "$rc" 7 "the status is seen even if SIGCHLD was ignored"
cat >"$T/close" <<'END'
import os, pty, signal, sys, time
pid, fd = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], [sys.argv[1], "--network", "none", "--", "sh", "-c",
        "trap '' HUP; echo ready; cat; exit 3"])
while b"ready" not in os.read(fd, 1000):
    pass
os.close(fd)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
END
run timeout 20 python3 "$T/close" "$BIN/isolate"
is "$rc" 3 "a terminal that is closed is closed for the application too"

# a launch that hangs can be ended, and leaves nothing behind
exec 9<"$HOME/.local/share/isolate/identities/default/work/default.users"
flock 9
may_refuse=yes background "$BIN/isolate" --network none -- true
sleep 0.5
below=$(descendants "$pid")
kill -TERM "$pid"
# shellcheck disable=SC2086 # words
ok "SIGTERM ends a launch that waits" wait_until 5 gone "$pid" $below
exec 9<&-

done_testing
