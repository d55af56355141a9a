#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# isolate's own tor is killed under load, and then who keeps it: applications
# live on and are online again by themselves, nothing is orphaned, and at no
# moment does this tor listen on TCP.
# shellcheck source=tests/sandbox/lib.sh
. "$(dirname "$0")/lib.sh"

own_tornet
log=$data/isolate.log

# All that runs on this DataDirectory: the keeper, its cell's pid 1, tor.
ours() {
	local p

	for p in /proc/[0-9]*; do
		grep -qzFx -e "$data" -e "$data/torrc" "$p/cmdline" \
			2>/dev/null || continue
		gone "${p#/proc/}" || echo "${p#/proc/}"
	done
}
none_left() {
	[ ! "$(ours)" ]
}
keeper() {
	local p

	for p in $(ours); do
		[ "$(cat "/proc/$p/comm")" != isolate-tor ] ||
			[ "$(awk '{ print $4 }' "/proc/$p/stat")" != 1 ] ||
			echo "$p"
	done
}
start_app() { # IDENTITY: fetches again and again; its words in $T/app.ID
	"$BIN/isolate" --tor embedded -i "$1" -- sh -c 'while :; do
		curl -sS --max-time 20 "http://www.test:$1/" 2>&1; echo
		sleep 0.1; done' sh "$port" >>"$T/app.$1" 2>&1 </dev/null &
	apps+=($!)
	jobs_started+=($!)
}
apps=()
all_say() { # REGEX: each application has said it since the last forget
	local a

	for a in one two three; do
		grep -qE "$1" "$T/app.$a" || return 1
	done
}
forget() {
	local a

	for a in one two three; do
		: >"$T/app.$a"
	done
}
live() {
	local a n=0

	for a in "${apps[@]}"; do
		gone "$a" || n=$((n + 1))
	done
	echo "$n"
}
new_tor() { # OLD: another runs
	local now

	now=$(tor_pid)
	[ "$now" ] && [ "$now" != "$1" ]
}

ok "our own tor starts" "$BIN/isolatectl" tor start
WORD=$data/torrc "$BIN/tcp-listeners" "$T/tcp" "$T/looks" &
watcher=$!
jobs_started+=("$watcher")
for a in one two three; do
	start_app "$a"
done
wait_until 30 all_say '^tornet'
is $? 0 "three applications of three identities are online"
is "$(ours | wc -l)" 3 "(tor, its cell and its keeper)"

first=$(tor_pid)
# tor stays down until each of them has asked
k=$(keeper)
kill -STOP "$k"
forget
ok "kill -9 of tor under load" kill -KILL "$first"
wait_until 20 all_say 'curl: \((7|5[56]|97)\)'
is $? 0 "each application sees refused connections"
kill -CONT "$k"
forget
wait_until 30 all_say '^tornet'
is $? 0 "and is online again, nobody having started anything"
is "$(live)" 3 "all of them live on"
ok "tor is another" new_tor "$first"
like "$(cat "$log")" 'tor was killed by signal 9' "its keeper says what was"
like "$(cat "$log")" 'started again in 100 ms' "... and what it did"
is "$(stat -c %a "$run_dir"/socks.* | sort | uniq -c | tr -s ' ')" " 3 600" \
	"every identity's SocksPort is back, mode 0600"

# The keeper: tor has nobody to end it any more, and must not outlive it.
k=$(keeper)
is "$(wc -w <<<"$k")" 1 "it has one keeper"
ok "kill -9 of the keeper under load" kill -KILL "$k"
wait_until 5 none_left
is $? 0 "nothing is orphaned"
forget
wait_until 20 all_say 'curl: \((7|5[56]|97)\)'
is $? 0 "applications see refused connections"
run isolate --tor embedded -i four -- \
	curl -sS --max-time 30 "http://www.test:$port/"
is "$rc $out" "0 tornet" "the next launch starts it anew"
forget
wait_until 30 all_say '^tornet'
is $? 0 "and all others are online again"
is "$(live)" 3 "all of them live on"

# kill -9 of the cell's pid 1, which takes tor with it.
first=$(tor_pid)
cell=$(awk '{ print $4 }' "/proc/$first/stat")
ok "kill -9 of its pid 1" kill -KILL "$cell"
wait_until 30 new_tor "$first"
is $? 0 "is as good as of tor"

# Again and again: the keeper takes its time, and can be stopped meanwhile.
for i in 1 2; do
	first=$(tor_pid)
	kill -KILL "$first"
	wait_until 30 new_tor "$first"
	is $? 0 "crash $i: it is back"
done
like "$(cat "$log")" 'in 100 ms.*in 200 ms.*in 400 ms' \
	"each time it waits twice as long"
kill -KILL "$(tor_pid)"
wait_until 20 grep -q 'in 800 ms' "$log"
run "$BIN/isolatectl" tor stop
is "$rc" 0 "a stop while tor is down for a moment"
is "$(ours)" "" "ends the keeper"
sleep 1.2
is "$(ours)" "" "and nothing comes back"

# What ends of its own accord stays ended.
forget
ok "tor is started again" "$BIN/isolatectl" tor start
wait_until 30 all_say '^tornet'
is $? 0 "applications are online again"
ok "SIGTERM to tor" kill -TERM "$(tor_pid)"
wait_until 5 none_left
is $? 0 "it ends, and its keeper with it"
sleep 0.5
is "$(ours)" "" "nobody starts it again"
ok "(tor is started)" "$BIN/isolatectl" tor start
mapfile -t all < <(ours)
ok "SIGTERM to all at once, as systemd sends it" kill -TERM "${all[@]}"
wait_until 5 none_left
is $? 0 "ends them"
sleep 0.5
is "$(ours)" "" "nobody starts one again"

is "$(cat "$T/tcp" 2>/dev/null)" "" "at no moment did it listen on TCP"
like "$(cat "$T/looks")" '^[0-9]{2,}$' "(it was looked at often enough)"
ok "(anti-test) tor is started" "$BIN/isolatectl" tor start
control "SETCONF SocksPort=unix:$run_dir/socks SocksPort=127.0.0.1:auto" \
	>/dev/null
wait_until 30 test -s "$T/tcp"
is $? 0 "(anti-test) a TCP SocksPort is seen"
kill "$watcher" "${apps[@]}"
"$BIN/isolatectl" tor stop >/dev/null

done_testing
