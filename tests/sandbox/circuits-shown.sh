#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# isolatectl circuits: whose they are, and an alarm where two share one.
# shellcheck source=tests/sandbox/lib.sh
. "$(dirname "$0")/lib.sh"

circuits() {
	run "$BIN/isolatectl" circuits "$@"
}
hold() { # NAME OPTION...: a stream to NAME.test that stays open; sets $pid
	local name=$1

	shift
	background "$BIN/isolate" --tor "${tor:-embedded}" "$@" -- \
		curl -sS --max-time 100 "http://$name.test:$port/slow/90"
	launches+=("$pid")
}
# rows FILTER: of what was said last, as JSON or as objects a line
rows() {
	jq -rs "flatten | .[] | $1" <<<"$out" 2>&1
}
# watched FILTER: of all that the watch has written, in $T/watch
watched() {
	# its last line may be half written
	jq -r "$1" "$T/watch" 2>/dev/null
}
has_row() { # IDENTITY
	[ "$(watched "select(.identity == \"$1\" and .streams[0].status ==
		\"SUCCEEDED\") | .identity")" ]
}
has_circuits() { # IDENTITY...
	local who

	circuits --json
	for who in "$@"; do
		[ "$(rows "select(.identity == \"$who\") | .streams[].status")" = \
			SUCCEEDED ] || return 1
	done
}

circuits
is "$rc" 1 "where no tor runs"
like "$err" "own tor does not run" "... it says so"

own_tornet
# all relays are at this address
install -d -m 0700 "$data"
echo '2130706433,2130706433,DE' >"$data/geoip"

echo "GeoIPFile $data/geoip" >>"$HOME/.config/isolate/torrc.d/net.conf"
ok "our own tor starts" "$BIN/isolatectl" tor start
circuits
is "$rc $out$err" "0 no circuit is in use" "nobody is served yet"
control 'SETCONF ConfluxEnabled=1' >/dev/null
circuits
like "$err" 'has Conflux: .* put ConfluxEnabled 0 into its torrc' \
	"one with Conflux is warned of"
control 'SETCONF ConfluxEnabled=0' >/dev/null
"$BIN/isolatectl" circuits --watch --json >"$T/watch" 2>"$T/watch.err" &
watch=$!
jobs_started+=("$watch")

hold one -i alpha
hold two -i alpha -p python
hold three -i beta
wait_until 30 has_row beta
wait_until 30 has_row alpha
wait_until 30 eval 'circuits --json
	[ "$(rows .streams[].status)" = $'"'SUCCEEDED\nSUCCEEDED\nSUCCEEDED'"' ] &&
	[ "$(rows .application)" = $'"'curl\ncurl\ncurl'"' ]'
is "$rc" 0 "three streams are seen"
is "$(rows '.identity + " " + .application' | sort)" \
	"alpha curl"$'\n'"alpha curl"$'\n'"beta curl" "with identity and application"
is "$(rows '.streams[].destination | sub(".*:"; "")' | sort -u)" "$port" \
	"... and where they go"
is "$(rows '.paths[0] | length' | sort -u)" 3 "three relays each"
is "$(rows '.paths[0][2].nickname' | sort -u)" exit0 "the last is the exit"
is "$(rows '.paths[][].country' | sort -u)" de "with countries, by tor's table"
is "$(rows '.shared' | sort -u) $(rows .isolate | sort -u)" "false true" \
	"isolate's, and nobody shares one"
is "$(rows '.circuits[]' | sort | uniq -d)" "" "no circuit is in two rows"
is "$(rows .bytes_up | sort -u)" null "bytes are not known at once"
circuits
is "$rc" 0 "as a table"
like "$out" 'CIRCUIT +IDENTITY +APPLICATION +DESTINATION +PATH' "with heads"
like "$out" '[0-9] +alpha +curl +[^ ]+:'"$port"' +[a-z0-9]+\(de\) [a-z0-9]+\(de\) exit0\(de\)' \
	"... and rows"

is "$(watched '.identity + " " + .streams[].destination' | sort -u)" \
	"alpha one.test:$port"$'\n'"alpha two.test:$port"$'\n'"beta three.test:$port" \
	"the watch knows the names"
sleep 1.5
kill "${launches[2]}"
wait_until 30 gone "${launches[2]}"
wait_until 10 eval '[ "$(watched "select(.identity == \"beta\") | .streams | length" | tail -n 1)" = 0 ]'
is $? 0 "one that ends is heard of"
like "$(watched 'select(.identity == "beta") | .bytes_up' | tail -n 1)" \
	'^[1-9][0-9]+$' "... with the bytes it had"

# What leaves no trace is nobody's.
hold secret --amnesic
wait_until 30 eval 'circuits --json
	[ "$(rows "select(.application == null) | .identity")" ]'
is "$(rows 'select(.application == null) | .identity' | sort -u)" null \
	"an amnesic one is nobody's"

# tor ends; the next one is watched too, and not taken for the old one.
kill -KILL "$(tor_pid)"
wait_until 10 grep -q 'isolatectl: ' "$T/watch.err"
is $? 0 "the end of tor is told"
ok "tor is started again" "$BIN/isolatectl" tor start
hold four -i delta
wait_until 30 has_row delta
is $? 0 "... and watched"
is "$(gone "$watch" && echo over)" "" "the watch goes on"
is "$(wc -l <"$T/watch.err")" 1 "it complained once"
"$BIN/isolatectl" tor stop >/dev/null
# it looks for tors meanwhile, and who uses one that is down
sleep 3
ok "tor is started once more" "$BIN/isolatectl" tor start
is "$(wc -l <"$T/watch.err")" 2 "it complained once more"

# A tor that a launch starts only now is not missed.
tor=own hold eight -i solo
wait_until 60 has_row solo
is $? 0 "an own tor that comes later is watched"
kill "${launches[@]}"
kill "$watch"
wait_until 30 gone "$watch" "${launches[@]}"
ok "(the own tor ends)" "$BIN/isolatectl" tor stop solo

# On a terminal it is drawn, and q leaves.
launches=()
hold five -i alpha
run "$BIN/expect" -s 10x60 -t 20 '=alpha +curl' '<q' -- \
	"$BIN/isolatectl" circuits --watch
is "$rc" 0 "q leaves a terminal"
like "$out" $'\e\\[\\?1049h' "... of its own"
like "$out" $'\e\\[\\?1049l' "... which is left"
is "$(tr '\r' '\n' <<<"$out" | sed 's/\x1b\[H/\n/g; s/\x1b\[[?0-9;]*[A-Za-z]//g' |
	awk 'length > 60' | head -n 1)" "" "no line is longer than it"
kill "${launches[@]}"
wait_until 30 gone "${launches[@]}"

if ! have_test_isolate; then
	skip_one "two identities with one credential" "no test build"
	done_testing
	exit
fi
# Two applications of two identities, with one credential on one SocksPort.
forge() { # NAME IDENTITY
	ISOLATE_TEST_NONCE=1 background "$BIN/test/isolate" \
		--tor "unix:$run_dir/socks" -i "$2" -- \
		curl -sS --max-time 100 "http://$1.test:$port/slow/90"
	launches+=("$pid")
}
launches=()
"$BIN/isolatectl" circuits --watch >"$T/watch" 2>"$T/watch.err" &
watch=$!
jobs_started+=("$watch")
forge six eve
wait_until 30 grep -q 'eve  curl  six.test' "$T/watch"
is $? 0 "the first is served"
circuits
is "$rc" 0 "... and is alone"
forge seven mallory
wait_until 30 gone "$watch"
wait "$watch"
is $? 4 "the second: the watch ends with 4"
like "$(cat "$T/watch.err")" \
	'^isolatectl: ALARM: circuit [0-9+]+ of the tor at .* serves the identities (eve, mallory|mallory, eve)' \
	"an alarm that names both"
circuits
is "$rc" 4 "who looks now sees it too"
like "$err" 'ALARM: .*identities (eve, mallory|mallory, eve)' "... by name"
like "$out" '(eve, mallory|mallory, eve)' "... and in the table"
circuits --json
is "$rc $(rows 'select(.shared) | .shared' | sort -u)" "4 true" "... and in JSON"
kill "${launches[@]}"
wait_until 30 gone "${launches[@]}"

done_testing
