#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# tor = own: an identity has a tor process for itself alone, with guards of its
# own, shared by its launches, and gone with it.
# shellcheck source=tests/sandbox/lib.sh
. "$(dirname "$0")/lib.sh"

own_tornet
ctl() {
	"$BIN/isolatectl" "$@"
}
fetch() { # IDENTITY [OPTION...]
	local who=$1

	shift
	run isolate -i "$who" "$@" -- curl -sS --max-time 30 \
		"http://www.test:$port/"
}
own_pid() { # IDENTITY
	ctl tor status "$1" | sed -n 's/^pid  *//p'
}
ids=$HOME/.local/share/isolate/identities
stop_all() {
	ctl tor stop one >/dev/null
	ctl tor stop two >/dev/null
}
trap 'stop_all; "$tornet" stop "$T/net" >/dev/null 2>&1; tap_exit' EXIT

run ctl tor status one
is "$rc" 1 "at first there is none"
like "$err" 'one has no tor of its own' "and that is said"

refuses 'amnesic.*(--tor embedded)' "an amnesic launch can have none" \
	--tor own --amnesic -- true
fetch one --tor own
is "$rc $out" "0 tornet" "a launch starts one, and reaches the network"
first=$(own_pid one)
ok "it runs on" kill -0 "$first"
is "$(tor_pid)" "" "the tor of all does not run"
is "$(stat -c %a "$ids/one/tor")" 700 "its directory is the user's alone"
fetch one --tor own
is "$out $(own_pid one)" "tornet $first" "the next launch shares it"

fetch two --set tor=own
second=$(own_pid two)
is "$out" tornet "another identity reaches the network too"
unlike "$second" "^$first\$" "by a tor of its own"
like "$(tr '\0' ' ' <"/proc/$second/cmdline")" "identities/two/tor/torrc" \
	"which has its own DataDirectory"
not_ok "the one cannot see the other's data" \
	test -e "/proc/$second/root$ids/one"
ok "(but its own)" test -e "/proc/$second/root$ids/two/tor/state"
is "$(ls -A "/proc/$second/root$HOME/.local/share/isolate/identities")" two \
	"nor anything else of the user's"

run ctl tor status
like "$out" "own tor of +one: running, pid $first, 100 %" "status lists both"
like "$out" "own tor of +two: running, pid $second, 100 %" "..."
run ctl tor status --json
is "$(/usr/bin/python3 -c 'import json, sys
print(*((o["identity"], o["running"]) for o in json.load(sys.stdin)["own"]))' \
	<<<"$out")" "('one', True) ('two', True)" "so does its JSON"

# An application of one runs on while its tor crashes; two is not concerned.
background "$BIN/isolate" --tor own -i one -- sh -c \
	'while sleep 0.2; do curl -sS --max-time 20 "http://www.test:$1/" 2>&1
	echo; done' sh "$port"
wait_until 30 grep -q ^tornet "$T/.bg.out"
is $? 0 "an application of one is online"
run ctl newnym one --close
is "$rc" 0 "newnym --close finds the tor of one"
kill -KILL "$first"
wait_until 20 gone "$first"
wait_until 20 eval '[ "$(own_pid one)" ]'
: >"$T/.bg.out"
wait_until 30 grep -q ^tornet "$T/.bg.out"
is $? 0 "its tor killed, it is online again by itself"
is "$(own_pid two)" "$second" "the tor of two is the same"

run ctl tor stop one
like "$rc $out" '^0 tor of one stopped' "the tor of one is stopped"
is "$(own_pid one)" "" "and does not run"
is "$(own_pid two)" "$second" "that of two does"
run ctl tor stop ../two
is "$rc" 2 "what is no name is refused"
kill "$pid"

run ctl tor forget one
like "$rc $out" '^0 the own tor of one is gone' "forget removes it"
not_ok "with its guards" test -e "$ids/one/tor"
run ctl tor forget two
is "$rc" 0 "also one that runs"
wait_until 5 gone "$second"
is $? 0 "which ends"
is "$(ls -d "$ids"/*/tor* "$XDG_RUNTIME_DIR"/isolate/tor-* 2>/dev/null)" "" \
	"nothing is left of either"
fetch one --tor own
is "$rc $out" "0 tornet" "the next launch has a new one"

# Forgotten and started at once: both wait for the same lock, which goes with
# the directory. Whichever comes first, what runs then can be found and ended.
runs() { # tors of one, whoever knows of them
	pgrep -u "$(id -u)" -f -- "-f $ids/one/tor/torrc" | paste -sd' '
}
ours=0 known=0 ended=0
for ((i = 0; i < 4; i++)); do
	# a removal that takes its time
	mkdir "$ids/one/tor/many"
	(cd "$ids/one/tor/many" && seq 20000 | xargs touch)
	exec 8<"$ids/one/tor"
	flock 8
	flock "$ids/one/tor/isolate.lock" -c "touch '$T/held'; flock '$ids/one/tor' true" &
	holder=$!
	wait_until 20 test -e "$T/held"
	ctl tor forget one >"$T/forget" 2>&1 &
	forgets=$!
	# in each order
	[ $((i % 2)) = 0 ] || sleep 0.3
	ctl tor start one >"$T/started" 2>&1 &
	starts=$!
	sleep 0.3
	flock -u 8
	exec 8<&-
	wait "$forgets" && ours=$((ours + 1))
	wait "$starts"
	wait "$holder"
	rm -f "$T/held"
	[ "$(runs)" != "$(own_pid one)" ] || known=$((known + 1))
	ctl tor stop one >/dev/null 2>&1
	[ "$(runs)" ] || ended=$((ended + 1))
	pgrep -u "$(id -u)" -f -- "-f $ids/one/tor/torrc" | xargs -r kill -KILL
	ctl tor start one >/dev/null
done
is "$ours $known $ended" "4 4 4" \
	"forget beside a start leaves no tor that nobody can stop"
ctl tor forget one >/dev/null
is "$(runs)$(ls -d "$ids"/one/tor* 2>/dev/null)" "" "nor a directory"

done_testing
