#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# isolatectl top: what runs, what it moves, and what it has of the memory.
# shellcheck source=tests/sandbox/lib.sh
. "$(dirname "$0")/lib.sh"

top() {
	run "$BIN/isolatectl" top "$@"
}
# of IDENTITY: the field of its only row
of() { # IDENTITY FIELD
	jq -r ".[] | select(.identity == \"$1\") | .$2" <<<"$out" 2>&1
}

top --once
is "$rc $out" "0 0 sandboxes, 0 streams, up 0/s, down 0/s" "nothing runs"
top --json
is "$rc $out" "0 []" "... nor in JSON"

# 40 MB of its own, and one stream that receives all the time
background "$BIN/isolate" -i alpha -- /usr/bin/python3 -c '
import socket, time
ballast = bytearray(40 << 20)
for i in range(0, len(ballast), 4096): ballast[i] = 1
while True:
	try:
		s = socket.create_connection(("echo.test", 7))
		while True:
			s.sendall(b"x" * 5000)
			s.recv(65536)
			time.sleep(0.05)
	except OSError:
		time.sleep(10)'
alpha=$pid
background "$BIN/isolate" -i beta --network none -- sleep 1000
beta=$pid
background "$BIN/isolate" --amnesic -- sleep 1000
secret=$pid
wait_until 30 eval 'top --json; [ "$(of alpha streams)" = 1 ]'
is "$(of alpha application) $(of alpha streams)" "python3 1" "a stream is open"
wait_until 30 eval 'top --json; [ "$(of alpha up_per_s)" -ge 10000 ] &&
	[ "$(of alpha down_per_s)" -gt 1000 ]'
like "$(of alpha up_per_s)" '^[0-9]{5,6}$' "what it sends in a second"
like "$(of alpha down_per_s)" '^[0-9]{4,6}$' "... and receives"
is "$(of alpha pid)" "$alpha" "whose it is"
memory=$(of alpha memory)
[ "$memory" -gt $((40 << 20)) ] && [ "$memory" -lt $((80 << 20)) ]
is $? 0 "its memory, the application's included ($memory)"
like "$(of alpha processes)" '^[4-6]$' "and its processes"
is "$(of beta tor) $(of beta streams)" "null null" "one without a network"
like "$(of beta memory)" '^[1-9][0-9]{5,6}$' "... has memory"
is "$(jq length <<<"$out")" 2 "an amnesic one is not told of"
wait_until 30 eval 'top --once; [[ $out =~ K/s.*K/s ]]'
like "$out" '^2 sandboxes, 1 stream, up [0-9.]+K/s, down [0-9.]+K/s' "a table"
like "$out" $'\n''alpha +python3 +[0-9]+s +1 +[0-9.]+K/s +[0-9.]+K/s +[4-7][0-9]M +'"$alpha" \
	"... with a row for each"
like "$out" $'\n''beta +sleep +[0-9]+s +- +- +- +' "... and what is not known"

# It is not held up by one that does not answer.
kill -STOP "$beta"
top --json
is "$(jq -r '.[].identity' <<<"$out")" alpha "one that is stopped is left out"
kill -CONT "$beta"

# A gateway that is started again counts from 0, and no rate is made of that.
kill -KILL "$(below "$alpha" isolate-gateway)"
wait_until 30 eval 'top --json; [ "$(of alpha streams)" = 0 ]'
like "$(of alpha down_per_s)" '^(0|null)$' "a new gateway is no rate"

x() {
	run "$BIN/expect" -t 20 "$@"
}
x -s 20x70 '=2 sandboxes' '=alpha' '=2 sandboxes' '<q' -- "$BIN/isolatectl" top
is "$rc" 0 "drawn again and again, until q"
like "$out" $'\e\\[\\?1049h.*\e\\[\\?1049l' "on a screen of its own"
x '=alpha' '<\x03' -- "$BIN/isolatectl" top
is "$rc" 0 "Ctrl-C leaves"
# the terminal is as it was: it echoes, and reads whole lines
x '=\$ $' "<stty -a >$T/before; $BIN/isolatectl top; stty -a >$T/after\r" \
	'=alpha' '<q' '=\$ $' '<exit\r' -- bash --norc --noprofile -i
is "$(cat "$T/after")" "$(cat "$T/before")" "the terminal is as it was"
x '=\$ $' "<$BIN/isolatectl top\r" '=alpha' '<\x1a' '=[Ss]topped' \
	'<stty -a | grep -c -- -echo\ \r' '=[\r\n]0\r' '<fg\r' '=alpha' '<q' '=\$ $' \
	'<exit\r' -- bash --norc --noprofile -i
is "$rc" 0 "Ctrl-Z and fg"
x '=alpha' '!5x30' '@1.5' "%kill -TERM \$(pgrep -n isolatectl)" -- \
	"$BIN/isolatectl" top
is "$rc" 143 "a signal ends it"
like "$out" $'\e\\[\\?1049l$' "... and the screen is left"

kill "$alpha" "$beta" "$secret"
wait_until 30 gone "$alpha" "$beta" "$secret"
top --once
like "$out" '^0 sandboxes' "nothing runs any more"

done_testing
