#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# On isolate's own tor each identity has a SocksPort of its own, that tor itself
# tells apart, and that comes back after a crash.
# shellcheck source=tests/sandbox/lib.sh
. "$(dirname "$0")/lib.sh"

# shellcheck disable=SC2119 # its options, not ours
own_tornet

# Who listens, as tor says: names of identities, and "socks".
listeners() {
	control 'GETINFO net/listeners/socks' | tr ' ' '\n' |
		sed -n 's|.*/\(socks[^"]*\)".*|\1|p' | sort | tr '\n' ' '
}
# The application is bound to the first of them, and says so.
fetch() { # IDENTITY [OPTION...]
	local who=$1

	shift
	run isolate --tor embedded -i "$who" "$@" -- \
		curl -sS --max-time 30 "http://www.test:$port/"
}

ok "our own tor starts" "$BIN/isolatectl" tor start
is "$(listeners)" "socks " "with the common SocksPort only"

# Two new identities at once: SETCONF replaces the list whole.
for who in one two three; do
	"$BIN/isolate" --tor embedded -i "$who" -- true 2>"$T/err.$who" &
	launches+=($!)
done
for p in "${launches[@]}"; do
	wait "$p"
	is $? 0 "a launch of a new identity, three at once"
done
is "$(listeners)" "socks socks.one socks.three socks.two " \
	"each has its SocksPort"
is "$(stat -c %a "$run_dir"/socks.* | sort -u)" 600 "mode 0600"

watch_streams
fetch one
is "$out" tornet "the identity one reaches the network"
fetch two
is "$out" tornet "so does two"
field() { # IDENTITY FIELD: of the first new stream of its SocksPort
	sed -n "/ NEW .*SOURCE_ADDR=[^ ]*\/socks\\.$1:0 /s/.* $2=\([^ ]*\).*/\1/p" \
		"$T/streams" | head -n 1
}
like "$(field one SESSION_GROUP)" '^-[0-9]+$' "one comes by its own socket"
like "$(field two SESSION_GROUP)" '^-[0-9]+$' "two by its own"
unlike "$(field one SESSION_GROUP)" "^$(field two SESSION_GROUP)\$" \
	"in session groups of their own"

# With a SocksPort that is there, tor is not asked: its control port may hang.
mv "$run_dir/control" "$run_dir/hidden"
fetch one
is "$rc $out" "0 tornet" "a launch does not need the control port"
run "$BIN/isolatectl" tor status
is "$rc" 3 "(which indeed cannot be found)"
mv "$run_dir/hidden" "$run_dir/control"

fetch ghost --amnesic
is "$rc $out" "0 tornet" "an amnesic launch goes by the common one"
unlike "$(listeners) $(cat "$data"/isolate.ports)" ghost "and leaves no name"

run "$BIN/isolatectl" tor status
like "$out" 'socks of identities .*/socks\.one' "status shows them"
run "$BIN/isolatectl" tor status --json
is "$(/usr/bin/python3 -c 'import json, sys
print(*sorted(json.load(sys.stdin)["socks_of_identities"]))' <<<"$out")" \
	"one three two" "so does its JSON"

ok "one is taken away" "$BIN/isolatectl" tor forget three
not_ok "its socket is gone" test -e "$run_dir/socks.three"
is "$(listeners)" "socks socks.one socks.two " "the others stay"
run "$BIN/isolatectl" tor forget three
like "$rc $out" '^0 .*no SocksPort' "a second time there is none"
run "$BIN/isolatectl" tor forget ../one
is "$rc" 2 "what is no name is refused"

# A sandbox that runs on while tor crashes.
background "$BIN/isolate" --tor embedded -i two -- sh -c \
	'while sleep 0.2; do curl -sS --max-time 20 "http://www.test:$1/" 2>&1
	echo; done' sh "$port"
wait_until 30 grep -q ^tornet "$T/.bg.out"
is $? 0 "an application of two is online"
killed=$(tor_pid)
ok "kill -9 of tor" kill -KILL "$killed"
wait_until 20 gone "$killed"
fetch one
is "$rc $out" "0 tornet" "the next launch of one works"
: >"$T/.bg.out"
wait_until 30 grep -q ^tornet "$T/.bg.out"
is $? 0 "and the application of two is online again"
is "$(listeners)" "socks socks.one socks.two " "all are back, three is not"
is "$(stat -c %a "$run_dir"/socks.* | sort -u)" 600 "mode 0600"

rm "$run_dir/socks.one"
fetch one
is "$rc $out" "0 tornet" "a socket that somebody removed is made anew"
kill "$pid"

done_testing
