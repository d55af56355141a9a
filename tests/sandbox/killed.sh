#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Whatever is killed: no byte leaves, no process stays, the application is offline.
# shellcheck source=tests/sandbox/lib.sh
. "$(dirname "$0")/lib.sh"

# shellcheck disable=SC2016
loop='while :; do
	curl -s --max-time 2 -x socks5h://10.152.152.10:9050 \
		http://www.test/ip >/dev/null && echo up || echo down
	sleep 0.2
done'
launch() { # sets $pid to the supervisor, $all to everything of the sandbox
	background "$BIN/isolate" -- sh -c "$1"
	# a first circuit can take longer than the loop's tries
	wait_until 60 grep -q up "$T/.bg.out" || return 1
	all=$(descendants "$pid")
}
everything_gone() {
	# shellcheck disable=SC2086 # pids
	wait_until 5 gone $pid $all
}

ok "online at first" launch "$loop"
before=$(packets_sent)
kill -KILL "$pid"
ok "kill -9 of the supervisor: everything of it is gone" everything_gone
is "$(packets_sent)" "$before" "... and no packet left"

ok "online again" launch "$loop"
before=$(packets_sent)
kill -TERM "$pid"
ok "kill of the supervisor: everything of it is gone" everything_gone
is "$(packets_sent)" "$before" "... and no packet left"

ok "online again" launch "$loop"
before=$(packets_sent)
gateway=$(below "$pid" isolate-gateway | head -n 1)
like "$gateway" '^[0-9]+$' "there is a gateway process"
kill -KILL "$gateway"
sleep 0.5
ok "kill -9 of the gateway: the application lives on" test -d "/proc/$pid"
: >"$T/.bg.out"
wait_until 60 grep -q up "$T/.bg.out"
is $? 0 "... and is online again: a new gateway, same listeners"
is "$(packets_sent)" "$before" "... and no packet left by another way"
for _ in $(seq 40); do
	for g in $(below "$pid" isolate-gateway); do
		kill -KILL "$g" 2>/dev/null
	done
	sleep 0.05
done
sleep 2
: >"$T/.bg.out"
sleep 3
unlike "$(cat "$T/.bg.out")" up "killed again and again: it stays offline"
is "$(packets_sent)" "$before" "... and no packet left by another way"
all=$(descendants "$pid")
kill -TERM "$pid"
ok "... and ends when told" everything_gone

# the same where programs are told of no proxy: the new gateway has the old
# one's listeners, and the redirection was never its own
# shellcheck disable=SC2016
name_loop='while :; do
	curl -s --max-time 2 http://www.test/ip >/dev/null && echo up || echo down
	sleep 0.2
done'
background "$BIN/isolate" --network transparent -- sh -c "$name_loop"
wait_until 60 grep -q up "$T/.bg.out"
is $? 0 "transparent: online at first"
before=$(packets_sent)
kill -KILL "$(below "$pid" isolate-gateway | head -n 1)"
sleep 0.5
: >"$T/.bg.out"
wait_until 60 grep -q up "$T/.bg.out"
is $? 0 "... and again after kill -9 of the gateway"
is "$(packets_sent)" "$before" "... and no packet left by another way"
all=$(descendants "$pid")
kill -TERM "$pid"
ok "... and ends when told" everything_gone

# pid 1 of the sandbox: the process whose children are the application
ok "online again" launch "$loop"
before=$(packets_sent)
app=$(for p in $all; do
	[ "$(cat "/proc/$p/comm")" != sh ] || echo "$p"
done | head -n 1)
init=$(awk '/^PPid:/ { print $2 }' "/proc/$app/status")
kill -KILL "$init"
ok "kill -9 of pid 1: everything of the sandbox is gone" everything_gone
wait "$pid" 2>/dev/null
rc=$?
[ "$rc" = 137 ] || [ "$rc" = 125 ]
is $? 0 "... and isolate says so ($rc)"
is "$(packets_sent)" "$before" "... and no packet left"

# an application that leaves children behind
run timeout 20 "$BIN/isolate" -- sh -c \
	'for i in 1 2 3; do setsid sleep 4711 & done; exit 5'
is "$rc" 5 "the status is the application's, not its children's"
wait_until 5 sh -c '! pgrep -f "^sleep 4711" >/dev/null'
is $? 0 "children that it left are gone"
run timeout 20 "$BIN/isolate" -- sh -c 'kill -KILL 1; kill -TERM 1; echo alive'
is "$out" alive "the application cannot end pid 1"

done_testing
