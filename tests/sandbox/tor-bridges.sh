#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# With bridges set, isolate's own tor connects to them and to nothing else,
# from its first packet on; what does not work is named, and never gone around.
# shellcheck source=tests/sandbox/lib.sh
. "$(dirname "$0")/lib.sh"

ctl() {
	"$BIN/isolatectl" "$@"
}
bridges() {
	ctl tor bridges "$@"
}

fpr=0123456789ABCDEF0123456789ABCDEF01234567
cert=$(printf 'A%.0s' {1..70})
some="obfs4 192.0.2.1:443 $fpr cert=$cert iat-mode=0"
file=$HOME/.local/share/isolate/tor/bridges

# Lines, and where they are kept.
run bridges list
is "$rc $out" "0 no bridges are set" "at first there are none"
for bad in "$some
SocksPort 9050" "$some"$'\r'"SocksPort 9050" "$some # x" "$some \\" \
	"meek 192.0.2.1:443 $fpr" "bridge.example:443 $fpr" "192.0.2.1:443"; do
	run bridges add "$bad"
	is "$rc" 2 "refused: ${bad//[^ -~]/?}"
	like "$err" 'bridge line: ' "with a reason: ${err#*line: }"
done
not_ok "nothing of it was kept" test -e "$file"

run bridges add "Bridge $some"
is "$rc" 0 "a line as distributors give it is taken"
is "$(stat -c %a "$file") $(cat "$file")" "600 $some" "and kept, for the user alone"
run bridges add - <<<''
is "$rc" 2 "no line on stdin is a mistake"
printf '%s\n\n%s\n' "$some" "192.0.2.2:9001 $fpr" >"$T/lines"
bridges add - <"$T/lines" >"$T/.out" 2>&1
is "$?" 0 "several come from stdin"
run bridges list --json
is "$(jq -r '.[].address' <<<"$out" 2>/dev/null ||
	/usr/bin/python3 -c 'import json, sys
for b in json.loads(sys.argv[1]): print(b["address"])' "$out")" \
	$'192.0.2.1:443\n192.0.2.2:9001' "scripts get them as JSON"
run bridges list
like "$out" 'sees connections to these addresses' "a person reads who sees what"
like "$out" 'no transport: that it is Tor' "... for each kind"
run bridges remove 7
is "$rc" 1 "one that is not set cannot be removed"
run bridges remove 192.0.2.2:9001
is "$rc $(cat "$file")" "0 $some" "one is removed by its address"

# What could be planted there.
rm "$file"
echo precious >"$T/victim"
ln -s "$T/victim" "$file"
run bridges add "$some"
is "$rc $(cat "$T/victim")" "1 precious" "a symlink is not followed"
rm "$file"
ln -s "$T/victim" "$file.new"
run bridges add "$some"
is "$rc $(cat "$T/victim")" "1 precious" "nor is one in the way of a write"
rm "$file.new"
printf '%s\nSocksPort 9050\n' "$some" >"$file"
chmod 600 "$file"
run ctl tor start
is "$rc" 1 "a file that somebody wrote into starts no tor"
like "$err" 'bridges:2: ' "its line is named"
chmod 666 "$file"
run bridges list
like "$err" 'only you may write' "one that others can write is refused"
chmod 600 "$file"
run bridges remove all
is "$rc" 0 "it can be given up"
not_ok "and is gone" test -e "$file"

# A file that has lost its lines: a tor without bridges would go around them.
bridges add "$some" >/dev/null
for lost in '' $'\n\n'; do
	printf '%s' "$lost" >"$file"
	for start in "$BIN/isolatectl tor start" "$BIN/isolatectl tor start alice" \
		"$BIN/isolate --network socks -- true" \
		"$BIN/isolate --tor own --network socks --identity alice -- true"; do
		# shellcheck disable=SC2086 # words
		run timeout 20 $start
		like "$rc" '^(1|125)$' "${#lost} bytes of it: refused: ${start##*/}"
		like "$err" 'bridges: no bridge in it.*remove all' "it is said why"
	done
done
printf '%s\n%s\n' "$some" bad >"$file"
run bridges remove 1
is "$rc $(head -n1 "$file")" "1 $some" "of an unreadable one nothing is removed"
bridges remove all >/dev/null
not_ok "it can be given up, too" test -e "$file"

# A full disk: the old list stays.
bridges add "$some" >/dev/null
(
	ulimit -f 0
	trap '' XFSZ
	"$BIN/isolatectl" tor bridges add "192.0.2.2:9001 $fpr"
) >"$T/.out" 2>&1
is "$? $(cat "$file")" "1 $some" "where nothing can be written the old list stays"
not_ok "and no half of a new one" test -e "$file.new"
bridges remove all >/dev/null

# A real bridge.
own_tornet
line=$("$tornet" bridge "$T/net") || fail "a bridge" "$line"
line=${line#Bridge }
bridge=$(cut -d' ' -f2 <<<"$line")
bridge_fpr=$(cut -d' ' -f3 <<<"$line")

# Peers of isolate's tor and of the transport it runs, until `stop` is there.
watch_peers() {
	local last=

	# once more after `stop`
	while [ ! "$last" ]; do
		[ ! -e "$T/stop" ] || last=yes
		ss -Htnp 2>/dev/null | awk -v data="$data" '
			{
				while (match($0, /pid=[0-9]+/)) {
					print substr($0, RSTART + 4, RLENGTH - 4), $4, $5
					$0 = substr($0, RSTART + RLENGTH)
				}
			}'
		sleep 0.02
	done | while read -r p from to; do
		grep -qs "$data" "/proc/$p/environ" || continue
		echo "$(cat "/proc/$p/comm") $from $to"
	done | sort -u >"$T/peers"
}
watched() { # CMD...: runs it, leaves what was seen in $T/peers
	rm -f "$T/stop" "$T/peers"
	watch_peers &
	jobs_started+=("$!")
	local watcher=$!

	run "$@"
	sleep 0.3
	touch "$T/stop"
	wait "$watcher"
}

# One that runs by then, on the system's tor.
background "$BIN/isolate" --tor auto --network socks -- sleep 1000
elsewhere=$pid
wait_until 20 eval '"$BIN/isolatectl" top --json | grep -q "\"tor\": ?\"unix:/run/tor" ||
	"$BIN/isolatectl" top --once | grep -q sleep'
run bridges add "$line"
like "$out" '1 sandbox that runs uses another tor, without bridges' \
	"what runs without the bridge is counted"
watched ctl tor start
is "$rc" 0 "tor bootstraps through an obfs4 bridge"
like "$(cat "$T/peers")" "obfs4proxy [^ ]+ $bridge" \
	"the transport was seen to talk to the bridge"
listens=$(sed -n 's/^tor [^ ]* //p' "$T/peers" | sort -u)
is "$(wc -w <<<"$listens")" 1 "tor talks to one peer only"
like "$(cat "$T/peers")" "obfs4proxy $listens " "and that is the transport"
is "$(grep "^obfs4proxy" "$T/peers" | grep -v "^obfs4proxy $listens " |
	awk '{ print $3 }' | sort -u)" "$bridge" "which talks to the bridge only"
like "$(control 'GETINFO orconn-status')" \
	"orconn-status=.${bridge_fpr}[~=][^ ]* CONNECTED" "tor knows it as the bridge"
is "$(control 'GETINFO orconn-status' | grep -c CONNECTED)" 1 "and no other relay"
is "$(curl -sS --max-time 30 -x "socks5h://localhost$run_dir/socks" \
	"http://www.test:$port/")" tornet "a request goes through it"
run ctl tor status
like "$out" 'bridges +in use' "status says that bridges are in use"
run ctl tor status --json
like "$out" '"uses_bridges": ?true' "... to scripts too"
like "$out" '"sandboxes_without_bridges": ?1' "and how many run without"
run ctl tor status
like "$out" 'without bridges +1 that run' "to persons as well"
kill "$elsewhere"
wait_until 30 gone "$elsewhere"
background "$BIN/isolate" --network socks -- sleep 1000
wait_until 20 eval '"$BIN/isolatectl" top --once | grep -q sleep'
run ctl tor status --json
like "$out" '"sandboxes_without_bridges": ?0' "one with the bridge is not counted"
kill "$pid"
wait_until 30 gone "$pid"
run ctl tor start alice
is "$rc" 0 "a tor that one identity has alone bootstraps"
run ctl tor status alice --json
like "$out" '"uses_bridges": ?true' "... through the same bridge"
pt=$(pgrep -u "$(id -u)" -x obfs4proxy | while read -r p; do
	tr '\0' '\n' <"/proc/$p/environ" | grep -q "=$data" && echo "$p"
done)
is "$(grep -E '^(NoNewPrivs|Seccomp|CapEff|CapBnd):' "/proc/$pt/status" |
	tr -d '\n\t')" "CapEff:0000000000000000CapBnd:0000000000000000NoNewPrivs:1Seccomp:2" \
	"the transport is confined"

# What the next start reads is not for the tor that runs to change.
first=$(tor_pid)
is "$(awk -v data="$data" '$5 == data "/torrc" || $5 == data "/bridges" ||
	$5 == data { print substr($5, length(data) + 1), substr($6, 1, 2) }' \
	"/proc/$first/mountinfo" | sort)" " rw
/bridges ro
/torrc ro" "tor can write its data, not its torrc or the bridges"
for name in torrc bridges; do
	not_ok "$name is not opened to write there" \
		dd if=/dev/null of="/proc/$first/root$data/$name" conv=notrunc
done
ok "(its state is)" dd if=/dev/null of="/proc/$first/root$data/state" conv=notrunc

# What launches choose.
run isolate --network socks -- /bin/true
is "$rc" 0 "an application is launched"
is "$(control 'GETINFO net/listeners/socks' | grep -o 'socks\.[a-z-]*' | wc -l)" 1 \
	"by this tor, although the system has another: that one has no bridge"

# Removal, while it runs; then the detector must see a direct connection.
first=$(tor_pid)
watched bridges remove all
is "$rc" 0 "the bridge is removed while tor runs"
like "$out" 'sees that it is Tor' "and it is said what that means"
run ctl tor status alice --json
like "$out" '"running": ?true' "an identity's own tor is started anew, too"
like "$out" '"uses_bridges": ?false' "... without it"
ctl tor stop alice >/dev/null
wait_until 30 eval 'control "GETINFO status/bootstrap-phase" | grep -q =100'
not_ok "the old tor is gone" kill -0 "$first"
ctl tor stop >/dev/null
watched ctl tor start
is "$rc" 0 "tor bootstraps without it"
unlike "$(cat "$T/peers")" "$bridge" "and not by the bridge"
like "$(grep "^tor" "$T/peers")" "tor [^ ]+ 127.0.0.1:" \
	"(the detector sees its direct connections)"
run ctl tor status
like "$out" 'bridges +none' "status says so"

# Set while it runs: the tor that talks to guards ends before.
second=$(tor_pid)
run bridges add "$line"
is "$rc" 0 "a bridge is set while tor runs"
like "$out" 'started anew' "which starts it anew"
not_ok "the one that talked to guards is gone" kill -0 "$second"
watched ctl tor start
is "$(sed -n 's/^tor [^ ]* //p' "$T/peers" | sort -u | wc -l)" 1 \
	"the new one talks to one peer only"
third=$(tor_pid)
run bridges add "snowflake 192.0.2.3:80 $fpr"
is "$rc" 1 "a bridge whose transport is not installed is refused"
like "$err" 'snowflake-client' "what to install is said"
is "$(tor_pid)" "$third" "and tor runs on"
ctl tor stop >/dev/null

# Trying: works, is dead, is somebody else.
run bridges test
is "$rc" 0 "a bridge that works is seen to"
like "$out" "$bridge: works" "and said to"
timed() { # CMD...: also sets $took, in seconds
	local since=$EPOCHSECONDS

	run "$@"
	took=$((EPOCHSECONDS - since))
}
dead="${line/"$bridge"/127.0.0.1:9}"
timed bridges test "$dead"
is "$rc" 1 "a dead bridge is seen to be"
like "$out" 'does not work: .*SOCKS server failure' "and named"
ok "within 20 s: $took" test "$took" -lt 20
timed bridges test --json "${line/"$bridge_fpr"/$fpr}"
is "$rc" 1 "a bridge with a wrong fingerprint is seen to be"
like "$out" '"works": ?false' "and named"
like "$out" 'Unexpected identity' "with the cause"
ok "within 20 s: $took" test "$took" -lt 20
bridges remove all >/dev/null
is "$(find "$XDG_RUNTIME_DIR/isolate" -name 'bridge-*')" "" "a try leaves nothing"
not_ok "nothing runs that was only tried" pgrep -u "$(id -u)" -f -- \
	'-f [^ ]*/isolate/bridge-'

trying() {
	pgrep -u "$(id -u)" -f -- '-f [^ ]*/isolate/bridge-' >/dev/null
}
# A bridge that takes the connection and never says a word: a try of it lasts
# until this ends, where one of the dead bridge may come between two looks.
background "$BIN/listen" tcp:127.0.0.1:7778
listens=$pid
wait_until 20 grep -q ready "$T/.bg.out"
mute="${line/"$bridge"/127.0.0.1:7778}"
background "$BIN/isolatectl" tor bridges test "$mute"
ok "(a try can be seen)" wait_until 30 trying
kill -9 "$pid"
ok "a try that is killed takes its tor with it" wait_until 10 eval '! trying'
scratch() {
	find "$XDG_RUNTIME_DIR/isolate" -maxdepth 1 -name 'bridge-*'
}
left=$(scratch)
ok "(and leaves a directory)" test -d "$left"
background "$BIN/isolatectl" tor bridges test "$mute"
wait_until 30 trying
now=$(scratch)
unlike "$now" "$left" "the next one removes that"
bridges test "$mute" >/dev/null &
second=$!
both() {
	[ "$(scratch | grep -c .)" = 2 ]
}
ok "but not that of a try that runs" wait_until 30 both
kill "$listens"
wait "$second"
wait_until 20 gone "$pid"
is "$(scratch)" "" "in the end there is none"

# One that is set and dead: no tor, rather than one without it.
bridges add "$dead" >/dev/null
watched timeout 10 "$BIN/isolatectl" tor start
is "$rc" 124 "a start with a dead bridge waits for it"
# a try is short, and may come between two looks
like "$(sed -n 's/^tor [^ ]* //p' "$T/peers" | sort -u | wc -l)" '^[01]$' \
	"tor talks to nobody but its transport"
is "$(control 'GETINFO orconn-status' | grep -c CONNECTED)" 0 \
	"and tor goes around it nowhere"
ctl tor stop >/dev/null

# A change of the bridges while somebody waits for the tor that he started:
# his ends, and he leaves the new one alone.
background "$BIN/isolatectl" tor start
waits=$pid
wait_until 30 eval '[ "$(tor_pid)" ]'
first=$(tor_pid)
run bridges add "192.0.2.2:9001 $fpr"
is "$rc" 0 "bridges are set while a start waits"
wait_until 30 gone "$waits"
is $? 0 "which ends"
second=$(tor_pid)
ok "the tor of the change runs: $second" kill -0 "$second"
unlike "$second" "^$first\$" "and is another one"
ctl tor stop >/dev/null

done_testing
