#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# isolatectl newnym: one identity's circuits are new, at once, and no other's.
# shellcheck source=tests/sandbox/lib.sh
. "$(dirname "$0")/lib.sh"

newnym() {
	run "$BIN/isolatectl" newnym "$@"
}

# shellcheck disable=SC2119 # its options, not ours
own_tornet
ok "our own tor starts" "$BIN/isolatectl" tor start
watch_streams

# shellcheck disable=SC2016 # for the inner shell
often='while sleep 0.05; do curl -sS --max-time 20 "http://www.test:$1/"; done'
often() { # IDENTITY: an application that makes new streams all the time
	background "$BIN/isolate" --tor embedded -i "$1" -- \
		sh -c "$often" sh "$port"
}

# told IDENTITY STATUS FIELD [FROM [TO]]: of its streams, between two times
told() {
	/usr/bin/python3 - "$T/streams" "$@" <<-'END'
		import re, sys
		path, who, status, field = sys.argv[1:5]
		start, end = (list(map(int, sys.argv[5:])) + [0, 1 << 62][len(sys.argv) - 5:])[:2]
		seen, groups = [], {}
		for line in open(path):
		    m = re.match(r"(\d+) 650 STREAM (\d+) (\S+) (\d+) ", line)
		    if not m: continue
		    at, stream, what, circuit = m.groups()
		    src = re.search(r"SOURCE_ADDR=\S*/socks\.([a-z]+):0", line)
		    if src: groups[stream] = src[1]
		    if groups.get(stream) != who or what != status or not start <= int(at) <= end: continue
		    value = circuit if field == "circuit" else re.search(field + '="([^"]*)"', line)[1]
		    if value not in seen: seen.append(value)
		print(*seen)
	END
}
now() {
	date +%s%3N
}
has_streams() { # IDENTITY FROM
	[ "$(told "$1" SUCCEEDED circuit "$2")" ]
}
# held LABEL: circuits whose password begins so
held() {
	control 'GETINFO circuit-status' |
		sed -n "s/^\([0-9]*\) .*SOCKS_PASSWORD=\"$1.*/\1/p" | sort
}

often alpha
alpha=$pid
often alpha
alpha2=$pid
often beta
beta=$pid
for who in alpha beta; do
	wait_until 30 has_streams "$who" 0
	is $? 0 "$who is online"
done
wait_until 30 eval '[ "$(told alpha NEW SOCKS_PASSWORD | wc -w)" -ge 2 ]'
sleep 1
old=$(told alpha NEW SOCKS_PASSWORD)
others=$(told beta NEW SOCKS_PASSWORD)
is "$(wc -w <<<"$old")" 2 "each launch has one password"
is "$(wc -w <<<"$others")" 1 "(beta is one launch)"

asked=$(now)
newnym alpha
done_at=$(now)
is "$rc" 0 "newnym alpha"
like "$out" '^2 running applications of alpha' "reaches both launches"
like "$((done_at - asked))" '^[0-9]{1,3}$' "in less than a second"
for who in alpha beta; do
	wait_until 30 has_streams "$who" "$((done_at + 1000))"
done
wait_until 30 eval '[ "$(told alpha NEW SOCKS_PASSWORD "$((done_at + 100))" |
	wc -w)" -ge 2 ]'
sleep 1
new=$(told alpha NEW SOCKS_PASSWORD "$((done_at + 100))")
is "$(wc -w <<<"$new")" 2 "each has a new password"
unlike " $new " " (${old/ /|}) " "and none the old one, 100 ms later"
is "$(told beta NEW SOCKS_PASSWORD)" "$others" "that of beta is as before"
before=$(told alpha SUCCEEDED circuit 0 "$asked")
after=$(told alpha SUCCEEDED circuit "$((done_at + 1000))")
like "$before/$after" '^[0-9][0-9 ]*/[0-9][0-9 ]*$' "(circuits are seen)"
is "$(comm -12 <(tr ' ' '\n' <<<"$before" | sort) \
	<(tr ' ' '\n' <<<"$after" | sort))" "" "alpha's circuits are new"
like "$(comm -12 <(told beta SUCCEEDED circuit 0 "$asked" | tr ' ' '\n' | sort) \
	<(told beta SUCCEEDED circuit "$((done_at + 1000))" | tr ' ' '\n' |
		sort))" '[0-9]' "beta goes on with its own"

# The old ones are open still; --close ends them, and only them.
first=${old%% *}
like "$(held "${first:0:24}00000001")" '[0-9]' "alpha's old circuits stay open"
kept=$(held "${others:0:24}")
like "$kept" '[0-9]' "(as do beta's)"
newnym --close alpha
is "$rc" 0 "newnym --close alpha"
like "$out" '[1-9][0-9]* old circuits closed' "closes them"
for p in $old $new; do
	is "$(held "${p:0:32}")" "" "none with ${p:24:8} is left"
done
is "$(held "${others:0:24}" | comm -12 - <(echo "$kept"))" "$kept" \
	"beta's are there"
from=$(now)
wait_until 30 has_streams alpha "$from"
is $? 0 "alpha goes on"
unlike "$(cat "$T/streams")" 'NYM_EPOCH=[1-9]' "tor's own NEWNYM was not used"

# Who cannot be reached is named, and not passed over.
kill -STOP "$alpha2"
newnym alpha
is "$rc" 1 "one that is stopped makes it fail"
like "$err" "did not.answer: isolate with pid $alpha2" "with its pid"
kill -CONT "$alpha2"
newnym nobody
is "$rc" 1 "an identity that there is not"
like "$err" 'no identity nobody' "is named"
newnym 'a b'
is "$rc" 2 "what is no name is refused"
newnym
is "$rc" 2 "nor is it done for all"

sockets=$XDG_RUNTIME_DIR/isolate/sandboxes
is "$(stat -c %a "$sockets" "$sockets"/* | sort -u | tr '\n' ' ')" '700 ' \
	"nobody else can ask"
kill -KILL "$beta"
kill "$alpha" "$alpha2"
wait_until 30 gone "$alpha" "$alpha2" "$beta"
newnym alpha
like "$rc $out" '^0 nothing of alpha is running' "where nothing runs it says so"
is "$(ls -A "$sockets")" "" "and what a killed one left is gone"

done_testing
