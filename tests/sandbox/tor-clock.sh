#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A wrong clock is named as the cause, with what to do, by what starts tor and
# by what asks how it is: within 15 s, where a bootstrap would hang too. A right
# one is not.
# shellcheck source=tests/sandbox/lib.sh
. "$(dirname "$0")/lib.sh"

# The clock here is the machine's, which no test sets. Tor's is another one.
fake=$(find /usr/lib -name libfaketime.so.1 2>/dev/null | head -n 1)
[ "$fake" ] || skip "there is no libfaketime"

ctl() {
	"$BIN/isolatectl" "$@"
}
timed() { # CMD...: also sets $took, in seconds
	local since=$EPOCHSECONDS

	run "$@"
	took=$((EPOCHSECONDS - since))
}

# network NAME FAKETIME: begins to start one; each takes 12 s and more. Its
# consensuses are valid for 10 minutes.
started=()
network() {
	env LD_PRELOAD="$fake" FAKETIME="$2" "$tornet" start "$T/$1" --auths 1 \
		--middles 1 --exits 1 --no-onion --server "$REALM_USER_ADDR" \
		--exit-bind "$REALM_USER_ADDR" --interval 200 \
		>"$T/$1.log" 2>&1 &
	started+=("$!")
}
networks_are_up() {
	local one

	for one in "${started[@]}"; do
		wait "$one" || {
			tail -n 3 "$T"/net*.log >&2
			return 1
		}
	done
}

# use NAME: isolate's own tor, fresh, is to be on that network
use() {
	"$BIN/isolatectl" tor stop >/dev/null 2>&1
	rm -rf "$data"
	sed -i '/^DirAuthority/d' "$HOME/.config/isolate/torrc.d/net.conf"
	grep -h '^DirAuthority' "$T/$1/client/torrc" \
		>>"$HOME/.config/isolate/torrc.d/net.conf"
}

tornet=${0%/sandbox/*}/tornet/tornet
network net1 +1h
network net2 -1h
network net25 +25h
network net26 -25h
own_tornet
# shellcheck disable=SC2154 # in the trap
trap '"$BIN/isolatectl" tor stop >/dev/null 2>&1
	for n in net net1 net2 net25 net26; do
		"$tornet" stop "$T/$n" >/dev/null 2>&1
	done; tap_exit' EXIT

run ctl tor start
is "$rc" 0 "with a right clock tor starts"
unlike "$err" 'clock of' "and nothing is said of it"
run ctl tor status
unlike "$out" 'clock of' "nor by status"
run ctl tor status --json
like "$out" '"clock_skew_s": ?0' "nor to scripts"
"$tornet" stop "$T/net" >/dev/null

ok "networks of another time" networks_are_up
use net1
timed ctl tor start
is "$rc" 0 "an hour behind: tor works"
like "$err" 'clock of this computer is (59|60) minutes behind' "a start names it"
like "$err" 'timedatectl.*chronyc' "and what to do"
ok "within 15 s: $took" test "$took" -lt 15
run ctl tor start
like "$err" 'clock of this computer is (59|60) minutes behind' \
	"so does one that finds tor ready"
run ctl tor status
like "$out" 'clock +the clock of this computer is (59|60) minutes behind' \
	"status names it as well"
run ctl tor status --json
like "$out" '"clock_skew_s": ?-3[56]' "to scripts in seconds"
ctl tor stop >/dev/null
run isolate --tor embedded --network socks -- /bin/true
is "$rc" 0 "a launch works"
like "$err" 'warning: the clock of this computer is (59|60) minutes behind' \
	"and names it too"

use net2
timed ctl tor start
is "$rc" 0 "an hour ahead: tor works"
like "$err" 'clock of this computer is (60|61) minutes ahead' "a start names it"
ok "within 15 s: $took" test "$took" -lt 15
run ctl tor status
like "$out" 'clock +the clock of this computer is (60|61) minutes ahead' \
	"status names it as well"

use net25
timed ctl tor start
is "$rc" 1 "25 hours behind: no start"
like "$err" 'clock of this computer is 25 hours behind' "the cause is named"
ok "within 15 s: $took" test "$took" -lt 15
may_refuse=yes timed isolate --tor embedded --network socks -- /bin/true
is "$rc" 125 "nor a launch"
like "$err" 'clock of this computer is 25 hours behind' "which names it"
ok "within 15 s: $took" test "$took" -lt 15

use net26
timed ctl tor start
is "$rc" 1 "25 hours ahead: no start"
like "$err" 'clock of this computer is 25 hours ahead' "the cause is named"
like "$err" 'timedatectl.*chronyc' "and what to do"
ok "within 15 s: $took" test "$took" -lt 15

done_testing
